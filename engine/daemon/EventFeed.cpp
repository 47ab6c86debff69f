#include "engine/daemon/EventFeed.h"

namespace drydock::daemon {

namespace {
constexpr std::size_t kept = 256; // dockerd's own number
constexpr std::size_t waiting_for_a_listener = 4096;
}

EventFeed::EventFeed(Scheduler& scheduler)
    : m_clock(scheduler)
    , m_feed(scheduler, waiting_for_a_listener, Overflow::DropOldest)
{
}

void EventFeed::publish(
    std::string type, std::string action, std::string actor, std::map<std::string, std::string> attributes)
{
    DockerEvent event { .type = std::move(type),
        .action = std::move(action),
        .actor = std::move(actor),
        .attributes = std::move(attributes),
        .time = m_clock.now() };
    // Nobody waits here: a full subscription drops.
    std::lock_guard const lock(m_mutex);
    if (m_past.size() == kept)
        m_past.pop_front();
    m_past.push_back(event);
    m_feed.publish(event);
}

EventFeed::Listening EventFeed::listen()
{
    std::lock_guard const lock(m_mutex);
    return { .past = { m_past.begin(), m_past.end() }, .coming = m_feed.subscribe() };
}

}
