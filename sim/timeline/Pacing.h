#pragma once

// Which prefix of the log is shown at which moment of the story. A kernel makes a container in a millisecond; a class
// needs a minute. Pacing is the monotone map between the two: the story is a row of steps, each with its share of
// the records and its seconds. Facts stay untouched; only when they are shown is decided here.

#include <cstdint>
#include <vector>

namespace drydock::timeline {

struct Step {
    double begin { 0 }; // seconds of story time
    double end { 0 };
    std::uint64_t first_record { 0 };
    std::uint64_t end_record { 0 }; // one past its last
};

class Pacing {
public:
    // Adds the step that follows; it begins where the last one ended.
    Step const& append(std::uint64_t end_record, double seconds);
    // The last step alone may still grow.
    void change_last(std::uint64_t end_record, double seconds);

    std::vector<Step> const& steps() const { return m_steps; }
    double length() const { return m_steps.empty() ? 0 : m_steps.back().end; }

    // The step that is on at `story` (the last one where the story is over); steps() must not be empty.
    std::size_t step_at(double story) const;
    // How many records have happened by then; within a step they are spread evenly.
    std::uint64_t records_at(double story) const;
    // The first moment at which `count` records have happened.
    double story_at(std::uint64_t count) const;

private:
    std::vector<Step> m_steps;
};

// Where in the story one is, and how one moves: play, pause, speed, or glued to the end of a live trace.
struct Cursor {
    double story { 0 };
    double speed { 1 };
    bool playing { false };
    bool following { false };

    // `seconds` of wall time have passed.
    void advance(double seconds, double length);
    void seek(double to, double length); // stops following
    // Speeds are powers of two from 1/4 to 16.
    void faster();
    void slower();
};

}
