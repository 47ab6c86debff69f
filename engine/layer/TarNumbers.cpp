#include "engine/layer/TarNumbers.h"

#include <charconv>
#include <limits>

namespace drydock::layer {

namespace {

// Two's complement, most significant byte first, without the marking bit.
std::optional<std::int64_t> parse_base256(std::string_view field)
{
    auto const first = static_cast<unsigned char>(field.front());
    auto const negative = (first & 0x40U) != 0;
    std::uint64_t value = negative ? ~std::uint64_t { 0 } : 0;
    for (std::size_t i = 0; i < field.size(); ++i) {
        auto byte = static_cast<unsigned char>(field[i]);
        if (i == 0)
            byte = static_cast<unsigned char>(negative ? byte | 0x80U : byte & 0x7fU);
        auto const lost = value >> 56U;
        if (lost != (negative ? 0xffU : 0U))
            return std::nullopt;
        value = value << 8U | byte;
    }
    auto const number = static_cast<std::int64_t>(value);
    if ((number < 0) != negative)
        return std::nullopt;
    return number;
}

}

std::optional<std::int64_t> parse_number(std::string_view field)
{
    if (!field.empty() && (static_cast<unsigned char>(field.front()) & 0x80U) != 0)
        return parse_base256(field);
    auto const start = field.find_first_not_of(std::string_view(" \0", 2));
    if (start == std::string_view::npos)
        return 0;
    auto digits = field.substr(start);
    digits = digits.substr(0, digits.find_first_of(std::string_view(" \0", 2)));
    std::int64_t value = 0;
    auto const* const end = digits.data() + digits.size();
    auto const parsed = std::from_chars(digits.data(), end, value, 8);
    if (parsed.ec != std::errc() || parsed.ptr != end || digits.front() == '-')
        return std::nullopt;
    return value;
}

std::optional<std::int64_t> parse_decimal(std::string_view text)
{
    std::int64_t value = 0;
    auto const* const end = text.data() + text.size();
    auto const parsed = std::from_chars(text.data(), end, value, 10);
    if (text.empty() || parsed.ec != std::errc() || parsed.ptr != end)
        return std::nullopt;
    return value;
}

std::int64_t clamp_seconds(std::int64_t seconds)
{
    constexpr auto limit = std::numeric_limits<std::int64_t>::max() / nanoseconds_per_second - 1;
    return seconds < 0 || seconds > limit ? 0 : seconds * nanoseconds_per_second;
}

std::optional<std::int64_t> parse_pax_time(std::string_view text)
{
    auto const point = text.find('.');
    auto const seconds = parse_decimal(text.substr(0, point));
    if (!seconds)
        return std::nullopt;
    std::int64_t fraction = 0;
    if (point != std::string_view::npos) {
        auto digits = std::string(text.substr(point + 1, 9));
        if (digits.find_first_not_of("0123456789") != std::string::npos)
            return std::nullopt;
        digits.resize(9, '0');
        fraction = parse_decimal(digits).value_or(0);
    }
    auto const whole = clamp_seconds(*seconds);
    return whole == 0 && *seconds != 0 ? 0 : whole + fraction;
}

Result<std::map<std::string, std::string>> parse_pax_records(std::string_view text)
{
    auto const malformed = [] { return fail(ErrorKind::InvalidInput, "layer tar: malformed pax header"); };
    std::map<std::string, std::string> records;
    while (!text.empty()) {
        auto const space = text.find(' ');
        if (space == std::string_view::npos)
            return malformed();
        auto const length = parse_decimal(text.substr(0, space));
        // The length counts its own digits, the space and the newline.
        if (!length || *length <= static_cast<std::int64_t>(space) + 2
            || static_cast<std::uint64_t>(*length) > text.size())
            return malformed();
        auto record = text.substr(0, static_cast<std::size_t>(*length));
        text.remove_prefix(record.size());
        if (record.back() != '\n')
            return malformed();
        record = record.substr(space + 1, record.size() - space - 2);
        auto const equals = record.find('=');
        if (equals == std::string_view::npos || equals == 0)
            return malformed();
        std::string key(record.substr(0, equals));
        if (auto const value = record.substr(equals + 1); value.empty())
            records.erase(key);
        else
            records[std::move(key)] = value;
    }
    return records;
}

}
