#pragma once

// Signals by name or number, as `docker kill --signal` and `runc kill` take them: "KILL", "SIGKILL", "9" (signal(7)).

#include "sim/core/Result.h"

#include <string>
#include <string_view>

namespace drydock::runtime {

// InvalidInput "invalid signal: BAD".
Result<int> parse_signal(std::string_view text);

}
