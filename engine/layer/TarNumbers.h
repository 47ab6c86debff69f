#pragma once

// The number formats of tar, and the records of a pax header. Nothing here trusts a length or a digit.

#include "sim/core/Result.h"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace drydock::layer {

// A header's number: octal text ("0000644\0"), or base-256 where the first bit is set (GNU, for what does not fit).
// An empty field is 0; nothing where it is neither.
std::optional<std::int64_t> parse_number(std::string_view field);

// "-12"; nothing where there is anything but digits, or too many.
std::optional<std::int64_t> parse_decimal(std::string_view text);

// Seconds with a fraction, "1767225600.25", in nanoseconds.
std::optional<std::int64_t> parse_pax_time(std::string_view text);

// Seconds to nanoseconds; what lies before 1970 or beyond the range becomes 1970, as docker does.
std::int64_t clamp_seconds(std::int64_t seconds);

// "LENGTH KEY=VALUE\n" one after another. An empty value takes the key back. InvalidInput.
Result<std::map<std::string, std::string>> parse_pax_records(std::string_view text);

}
