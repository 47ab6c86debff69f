#pragma once

// The World at any moment. Seeking is exact by construction: a checkpoint at or before the moment, then a fold of the
// records in between; so stepping equals running equals seeking.

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

private:
    trace::EventLog const& m_log;
    std::vector<std::unique_ptr<world::World const>> m_checkpoints; // [i] is the World after i * interval records
    world::World m_current;
};

}
