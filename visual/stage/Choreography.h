#pragma once

// Turns a trace into beats: stretches of story time that each show one thing, at the depth the learner picked. A
// kernel's microseconds become teaching seconds here; the facts stay untouched. Pure: the same log and depth give the
// same beats, and what comes later only adds at the end or enlarges the last beat.

#include "sim/timeline/Pacing.h"
#include "sim/trace/EventLog.h"
#include "sim/world/World.h"
#include "visual/stage/Cue.h"

#include <cstdint>
#include <string>
#include <vector>

namespace drydock::stage {

struct Beat {
    double begin { 0 };  // seconds of story time
    double motion { 0 }; // how long things move; the rest is a still to be read
    double end { 0 };
    std::uint64_t lead { 0 }; // the record that this beat is about
    std::uint64_t first_record { 0 };
    std::uint64_t end_record { 0 }; // one past the last
    std::vector<std::string> focus; // ids; the caption stands at the first one that is there
    std::string caption;
    std::optional<Mover> mover;
    trace::Provenance provenance { trace::Provenance::Live };
    bool holds { false }; // playing stops at its still: a part is over, a question is asked, or what is to come is told
    bool operator==(Beat const&) const = default;
};

class Choreography {
public:
    explicit Choreography(trace::Depth depth)
        : m_depth(depth)
    {
    }

    // Takes in the records that came since the last call.
    void extend(trace::EventLog const&);

    trace::Depth depth() const { return m_depth; }
    std::vector<Beat> const& beats() const { return m_beats; }
    timeline::Pacing const& pacing() const { return m_pacing; }
    double length() const { return m_pacing.length(); }
    // The beat that is on; beats() must not be empty.
    Beat const& beat_at(double story) const { return m_beats[m_pacing.step_at(story)]; }

private:
    void take(trace::EventLog const&, std::uint64_t sequence);
    void begin_beat(trace::Record const&, Cue);
    void join_group(trace::EventLog const&, trace::Record const&, Cue);
    void pace_last();
    double reading_time(std::string const& caption) const;

    trace::Depth m_depth;
    std::vector<Beat> m_beats;
    timeline::Pacing m_pacing;
    world::World m_world; // after the records taken in
    std::string m_group;  // of the last beat
    std::vector<std::uint64_t> m_group_records;
};

}
