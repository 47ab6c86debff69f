#include "sim/timeline/Timeline.h"

#include "sim/core/Verify.h"

#include <algorithm>

namespace drydock::timeline {

world::World const& Timeline::world_at(std::uint64_t count)
{
    VERIFY(count <= m_log.size());
    auto const reachable = std::min<std::uint64_t>(count / checkpoint_interval, m_checkpoints.size());
    bool const checkpoint_is_nearer = reachable * checkpoint_interval > m_current.applied;
    if (count < m_current.applied || checkpoint_is_nearer)
        restore(reachable);
    while (m_current.applied < count) {
        world::apply(m_current, m_log[m_current.applied]);
        if (m_current.applied % checkpoint_interval == 0)
            remember_checkpoint();
    }
    return m_current;
}

void Timeline::restore(std::uint64_t checkpoint)
{
    m_current = checkpoint == 0 ? world::World {} : *m_checkpoints[checkpoint - 1];
}

void Timeline::remember_checkpoint()
{
    // Folding goes forward only, so checkpoints are met in order and each is new exactly once.
    if (m_current.applied / checkpoint_interval == m_checkpoints.size() + 1)
        m_checkpoints.push_back(std::make_unique<world::World const>(m_current));
}

}
