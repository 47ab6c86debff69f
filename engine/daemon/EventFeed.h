#pragma once

// Docker's own events (`docker events`, GET /events): what happened to which object, for those who listen from
// outside. The last 256 are kept. A listener that does not read loses events and never holds the engine back
// (HARDENING T37).

#include "engine/daemon/Feed.h"

#include <deque>
#include <map>
#include <string>

namespace drydock::daemon {

struct DockerEvent {
    std::string type;   // "container", "image"
    std::string action; // "start"
    std::string actor;  // id of the object
    std::map<std::string, std::string> attributes;
    Timestamp time;
};

class EventFeed {
public:
    explicit EventFeed(Scheduler&);

    void publish(
        std::string type, std::string action, std::string actor, std::map<std::string, std::string> attributes);

    struct Listening {
        std::vector<DockerEvent> past; // those kept
        std::shared_ptr<Feed<DockerEvent>::Subscription> coming;
    };
    Listening listen();
    void finish() { m_feed.finish(); }

private:
    Clock const& m_clock;
    std::mutex m_mutex; // guards the ring, and that an event is either past or coming
    std::deque<DockerEvent> m_past;
    Feed<DockerEvent> m_feed;
};

}
