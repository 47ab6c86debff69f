#include "sim/network/Address.h"

#include <fmt/format.h>

#include <charconv>

namespace drydock::network {

std::string to_text(Address address)
{
    return fmt::format("{}.{}.{}.{}", address >> 24U, address >> 16U & 255U, address >> 8U & 255U, address & 255U);
}

std::optional<Address> parse_address(std::string_view text)
{
    Address address = 0;
    for (int part = 0; part < 4; ++part) {
        unsigned value = 0;
        auto const [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
        if (error != std::errc() || value > 255 || end - text.data() > 3)
            return std::nullopt;
        address = address << 8U | value;
        text.remove_prefix(static_cast<std::size_t>(end - text.data()));
        if (part < 3) {
            if (!text.starts_with('.'))
                return std::nullopt;
            text.remove_prefix(1);
        }
    }
    return text.empty() ? std::optional(address) : std::nullopt;
}

}
