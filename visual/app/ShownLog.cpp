#include "visual/app/ShownLog.h"

namespace drydock::app {

void ShownLog::show(std::shared_ptr<trace::EventLog const> log)
{
    m_engine.log = std::move(log);
}

void ShownLog::show_branch(std::size_t branch)
{
    auto const& history = m_engine.history;
    if (branch < history.branches.size())
        m_branch = branch == history.engine ? std::nullopt : std::optional(branch);
}

bool ShownLog::look(Conductor const* conductor)
{
    auto const revision = m_engine.revision;
    auto const run = m_engine.run;
    if (conductor != nullptr)
        conductor->look(m_engine);
    if (m_engine.run != run)
        m_branch.reset();
    if (!m_timeline || m_engine.run != run || &m_timeline->log() != &log()) {
        m_timeline.emplace(log());
        ++m_number;
    }
    return log().size() != m_drawn_records || m_engine.revision != revision;
}

void ShownLog::drawn()
{
    m_drawn_records = log().size();
    m_drawn_number = m_number;
}

trace::EventLog const& ShownLog::log() const
{
    return m_branch ? *m_engine.history.branches[*m_branch].log : *m_engine.log;
}

std::uint64_t ShownLog::begin_at() const
{
    return m_branch ? m_engine.history.branches[*m_branch].forked_at : m_engine.resumed_at;
}

}
