#pragma once

// $(( … )): the shell's integer arithmetic (POSIX, Shell Command Language, 2.6.4) with C's operators.

#include "sim/core/Result.h"

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace drydock::kernel::shell {

// "arithmetic syntax error", "divide by zero": ash's words.
Result<std::int64_t> evaluate_arithmetic(std::string_view expression,
    std::function<std::string(std::string const&)> const& value_of,
    std::function<void(std::string const&, std::int64_t)> const& assign);

}
