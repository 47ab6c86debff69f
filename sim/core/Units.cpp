#include "sim/core/Units.h"

#include <fmt/format.h>

#include <array>
#include <ctime>

namespace drydock {

std::string human_size(std::uint64_t bytes)
{
    if (bytes < 1000)
        return fmt::format("{} B", bytes);
    static constexpr std::array<char const*, 6> units { "kB", "MB", "GB", "TB", "PB", "EB" };
    auto value = static_cast<double>(bytes) / 1000;
    std::size_t unit = 0;
    while (value >= 999.5 && unit + 1 < units.size()) {
        value /= 1000;
        ++unit;
    }
    return fmt::format("{:.{}f} {}", value, value < 9.95 ? 1 : 0, units.at(unit));
}

std::string human_duration(Duration duration)
{
    auto const ns = static_cast<double>(duration.count());
    if (ns < 1e3)
        return fmt::format("{:.0f} ns", ns);
    if (ns < 1e6)
        return fmt::format("{:.1f} µs", ns / 1e3);
    if (ns < 1e9)
        return fmt::format("{:.1f} ms", ns / 1e6);
    return fmt::format("{:.1f} s", ns / 1e9);
}

std::string rfc3339(Timestamp timestamp)
{
    auto seconds = timestamp.nanoseconds / 1'000'000'000;
    auto fraction = timestamp.nanoseconds % 1'000'000'000;
    if (fraction < 0) {
        fraction += 1'000'000'000;
        --seconds;
    }
    std::tm parts {};
    auto const time = static_cast<std::time_t>(seconds);
    gmtime_r(&time, &parts);
    auto text = fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}", parts.tm_year + 1900, parts.tm_mon + 1,
        parts.tm_mday, parts.tm_hour, parts.tm_min, parts.tm_sec);
    if (fraction != 0) {
        text += fmt::format(".{:09}", fraction);
        text.erase(text.find_last_not_of('0') + 1);
    }
    return text + "Z";
}

namespace {

// Reads `digits` decimal digits and what follows them; nothing where they are not there.
std::optional<std::int64_t> take_number(std::string_view& text, std::size_t digits, char follows)
{
    if (text.size() < digits + (follows != 0 ? 1 : 0) || (follows != 0 && text[digits] != follows))
        return std::nullopt;
    std::int64_t value = 0;
    for (char const c : text.substr(0, digits)) {
        if (c < '0' || c > '9')
            return std::nullopt;
        value = value * 10 + (c - '0');
    }
    text.remove_prefix(digits + (follows != 0 ? 1 : 0));
    return value;
}

// ".7031724" in nanoseconds; 0 where there is no fraction.
std::int64_t take_fraction(std::string_view& text)
{
    if (!text.starts_with('.'))
        return 0;
    text.remove_prefix(1);
    std::int64_t value = 0;
    for (std::int64_t unit = 100'000'000; !text.empty() && text[0] >= '0' && text[0] <= '9'; unit /= 10) {
        value += (text[0] - '0') * unit;
        text.remove_prefix(1);
    }
    return value;
}

// "Z" or "+01:00", in seconds east of UTC.
std::optional<std::int64_t> take_offset(std::string_view text)
{
    if (text == "Z")
        return 0;
    if (text.size() != 6 || (text[0] != '+' && text[0] != '-'))
        return std::nullopt;
    std::int64_t const sign = text[0] == '+' ? 1 : -1;
    text.remove_prefix(1);
    auto const hours = take_number(text, 2, ':');
    auto const minutes = take_number(text, 2, 0);
    if (!hours || !minutes)
        return std::nullopt;
    return sign * (*hours * 3600 + *minutes * 60);
}

}

std::optional<Timestamp> parse_rfc3339(std::string_view text)
{
    auto const year = take_number(text, 4, '-');
    auto const month = take_number(text, 2, '-');
    auto const day = take_number(text, 2, 'T');
    auto const hour = take_number(text, 2, ':');
    auto const minute = take_number(text, 2, ':');
    auto const second = take_number(text, 2, 0);
    if (!year || !month || !day || !hour || !minute || !second)
        return std::nullopt;
    auto const fraction = take_fraction(text);
    auto const offset = take_offset(text);
    std::chrono::year_month_day const date { std::chrono::year(static_cast<int>(*year)),
        std::chrono::month(static_cast<unsigned>(*month)), std::chrono::day(static_cast<unsigned>(*day)) };
    // Beyond these years nanoseconds do not fit into 64 bits.
    if (!offset || !date.ok() || *year < 1678 || *year > 2261)
        return std::nullopt;
    auto const days = std::chrono::sys_days(date).time_since_epoch().count();
    auto const seconds = days * std::int64_t { 86400 } + *hour * 3600 + *minute * 60 + *second - *offset;
    return Timestamp { seconds * 1'000'000'000 + fraction };
}

std::string rough_duration(Duration duration)
{
    auto const seconds = std::chrono::duration_cast<std::chrono::seconds>(duration).count();
    auto const minutes = seconds / 60;
    auto const hours = (seconds + 1800) / 3600;
    if (seconds < 1)
        return "Less than a second";
    if (seconds < 60)
        return seconds == 1 ? "1 second" : fmt::format("{} seconds", seconds);
    if (minutes < 60)
        return minutes == 1 ? "About a minute" : fmt::format("{} minutes", minutes);
    if (hours < 48)
        return hours == 1 ? "About an hour" : fmt::format("{} hours", hours);
    if (hours < 24 * 7 * 2)
        return fmt::format("{} days", hours / 24);
    if (hours < 24 * 30 * 2)
        return fmt::format("{} weeks", hours / 24 / 7);
    if (hours < 24 * 365 * 2)
        return fmt::format("{} months", hours / 24 / 30);
    return fmt::format("{} years", hours / 24 / 365);
}

}
