#pragma once

// A published port: a listener on the host that carries each connection to a port of a container, docker's "userland
// proxy". It needs no right over the host's network, since the other half of each pair is made in the container's
// network namespace.

#include "sim/network/Network.h"
#include "sim/time/Scheduler.h"

#include <functional>
#include <memory>
#include <mutex>
#include <vector>

namespace drydock::networking {

class PortRelay {
public:
    // Connects to the container's port; called for each connection that arrives.
    using Connect = std::function<Result<std::unique_ptr<network::ByteStream>>()>;

    PortRelay(Scheduler&, std::unique_ptr<network::Listener>, Connect);
    ~PortRelay(); // ends the listener and every connection
    std::uint16_t port() const { return m_port; }

private:
    struct Carried {
        std::shared_ptr<network::ByteStream> outside;
        std::shared_ptr<network::ByteStream> inside;
        std::unique_ptr<Task> inward;
        std::unique_ptr<Task> outward;
    };
    void accept();
    void carry(std::unique_ptr<network::ByteStream> outside);

    Scheduler& m_scheduler;
    std::unique_ptr<network::Listener> m_listener;
    std::uint16_t m_port;
    Connect m_connect;
    std::mutex m_mutex; // guards the list
    std::vector<std::unique_ptr<Carried>> m_carried;
    std::unique_ptr<Task> m_task; // last: it uses all of the above
};

}
