#pragma once

// IPv4 addresses as numbers in the machine's order, 10.0.0.1 being 0x0a000001, and as people write them.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace drydock::network {

using Address = std::uint32_t;

std::string to_text(Address);
// Four decimal numbers of at most three digits, and nothing else.
std::optional<Address> parse_address(std::string_view text);

}
