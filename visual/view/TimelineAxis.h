#pragma once

// What the timeline's horizontal axis means: seconds of the story, in which every beat has its room, or seconds of the
// clock, in which a kernel's microseconds lie as close as they were. Both are monotone in the number of records, so
// records are the common ground. And which stretch of it is in sight.

#include "sim/timeline/Pacing.h"

#include <cstdint>
#include <vector>

namespace drydock::view {

enum class TimeScale : std::uint8_t { Story, Clock };

class TimelineAxis {
public:
    // `times`: nanoseconds of each record since the first.
    TimelineAxis(TimeScale, timeline::Pacing const&, std::vector<std::int64_t> const& times);

    double length() const; // seconds
    // Where the first `records` records have happened.
    double at(std::uint64_t records) const;
    std::uint64_t records_at(double) const;

private:
    TimeScale m_scale;
    timeline::Pacing const* m_pacing;
    std::vector<std::int64_t> const* m_times;
};

struct Stretch {
    double begin { 0 };
    double end { 0 };
    double length() const { return end - begin; }
    bool operator==(Stretch const&) const = default;
};

// `factor` below 1 shows less; what lies at `around` stays where it is. Never more than all, never less than `least`.
Stretch zoomed(Stretch const&, double factor, double around, double all, double least);
Stretch panned(Stretch const&, double by, double all);
// The distance of the ruler's ticks: 1, 2 or 5 times a power of ten, so that at most `most` are in sight.
double tick_distance(double shown, int most);

}
