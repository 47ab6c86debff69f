#pragma once

// Container names: the rule for those that people give, and a generator for those that nobody gave
// ("quiet_hopper").

#include "sim/core/Random.h"
#include "sim/core/Result.h"

#include <functional>
#include <string>

namespace drydock::daemon {

// InvalidInput unless the name is [a-zA-Z0-9][a-zA-Z0-9_.-]+ and at most 255 long.
Result<void> check_name(std::string const& name);

std::string generate_name(Random&, std::function<bool(std::string const&)> const& is_taken);

}
