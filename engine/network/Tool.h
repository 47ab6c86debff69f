#pragma once

// A program of the machine's that is asked something and answers in text: nft, iptables.

#include "sim/core/Result.h"

#include <string>
#include <vector>

namespace drydock::networking {

// What it says, on either stream. NotSupported where it is not installed, or refuses: with its first line.
Result<std::string> say_to(std::vector<std::string> const& words);

}
