#pragma once

// Running another program to its end: for what a well-kept tool does better than we would.

#include "sim/core/Result.h"

#include <string>
#include <vector>

namespace drydock::os {

// `words`: the program, looked for in PATH, and its arguments; no shell reads them. Its output is dropped. Unavailable
// where it cannot be run or does not succeed, with what it said on standard error.
Result<void> run_program(std::vector<std::string> const& words);

}
