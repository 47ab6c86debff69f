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

}
