#pragma once

// Time and size, with their units in the type, and the way people read them.

#include <chrono>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace drydock {

inline constexpr std::int64_t nanoseconds_per_second = 1'000'000'000;

using Duration = std::chrono::nanoseconds;

// Nanoseconds since the Unix epoch, UTC; in the simulated world the epoch is the scenario's own.
struct Timestamp {
    std::int64_t nanoseconds { 0 };
    auto operator<=>(Timestamp const&) const = default;
    Timestamp operator+(Duration d) const { return { nanoseconds + d.count() }; }
    Duration operator-(Timestamp other) const { return Duration(nanoseconds - other.nanoseconds); }
};

// "812 B", "1.2 kB", "881 MB": powers of 1000, as docker prints sizes.
std::string human_size(std::uint64_t bytes);
// "640 ns", "12.3 µs", "4.1 ms", "2.5 s"
std::string human_duration(Duration);
// RFC 3339 with nanoseconds, trailing zeros trimmed: "2026-11-23T21:50:46.7031724Z" (docker's API form).
std::string rfc3339(Timestamp);
// With an offset ("…+01:00") too; nothing where the text is no RFC 3339 time.
std::optional<Timestamp> parse_rfc3339(std::string_view text);
// "Less than a second", "About a minute", "3 hours": the age of something, as docker tells it (go-units).
std::string rough_duration(Duration);

}
