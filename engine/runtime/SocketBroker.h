#pragma once

// The engine's side of drydock-init's Broker: sockets of a container's network namespace, on request.

#include "engine/os/Fd.h"
#include "engine/runtime/Runtime.h"

#include <mutex>

namespace drydock::runtime {

class SocketBroker final : public NetworkNamespace {
public:
    explicit SocketBroker(os::Fd socket)
        : m_socket(std::move(socket))
    {
    }
    void set_process(std::int64_t pid) { m_process = pid; }
    std::int64_t process() const override { return m_process; }
    Result<int> make_socket(int domain, int type, int protocol) override;

private:
    os::Fd m_socket;
    std::int64_t m_process { 0 };
    std::mutex m_mutex; // one request at a time
};

}
