#pragma once

// The World at any moment. Seeking is exact by construction: a checkpoint at or before the moment, then a fold of the
// records in between; so stepping equals running equals seeking. A trace shorter than one interval needs none.

#include "sim/world/World.h"

#include <memory>
#include <vector>

namespace drydock::timeline {

class Timeline {
public:
    explicit Timeline(trace::EventLog const& log)
        : m_log(log)
    {
    }
    // The World after the first `count` records (count <= log.size()). The reference holds until the next call.
    world::World const& world_at(std::uint64_t count);
    std::uint64_t size() const { return m_log.size(); }
    trace::EventLog const& log() const { return m_log; }

    // At a few hundred nanoseconds a record this bounds a seek well below a frame, at 1/1024 of the trace in Worlds.
    static constexpr std::uint64_t checkpoint_interval = 1024;

private:
    void restore(std::uint64_t checkpoint); // 0: the empty World
    void remember_checkpoint();

    trace::EventLog const& m_log;
    std::vector<std::unique_ptr<world::World const>> m_checkpoints; // [i] is the World after (i + 1) * interval records
    world::World m_current;
};

}
