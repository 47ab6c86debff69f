#pragma once

// What was published, for tests: a log with a clock that stands still, and the names or the events of one type.

#include "sim/trace/EventLog.h"

#include <string>
#include <vector>

namespace drydock::tests {

template <class E> std::vector<E> events_of(trace::EventLog const& log)
{
    std::vector<E> events;
    for (std::uint64_t i = 0; i < log.size(); ++i) {
        if (auto const* event = log[i].event.get_if<E>())
            events.push_back(*event);
    }
    return events;
}

class StillClock final : public Clock {
public:
    Timestamp now() const override { return { 0 }; }
};

class RecordedEvents {
public:
    trace::Publisher publisher() { return { m_log, m_clock, { HostId { "laptop" }, ActorId { "daemon" }, {} } }; }

    // Without spans, in order.
    std::vector<std::string> names() const
    {
        std::vector<std::string> names;
        for (std::uint64_t i = 0; i < m_log.size(); ++i) {
            auto const name = trace::name_of(m_log[i].event);
            if (!name.starts_with("Span"))
                names.emplace_back(name);
        }
        return names;
    }
    template <class E> std::vector<E> of() const { return events_of<E>(m_log); }
    trace::EventLog const& log() const { return m_log; }

private:
    StillClock m_clock;
    trace::EventLog m_log;
};

}
