#pragma once

// The network of the live world: unix(7) and tcp(7) sockets. Calls block their thread, and close() from another one
// wakes them: shutdown(2) ends a read, an eventfd(2) ends an accept.

#include "sim/network/Network.h"

#include <map>

namespace drydock::os {

class LiveNetwork final : public network::Network {
public:
    // Gives up after this long where nobody answers (HARDENING T15); the kernel alone would try for two minutes.
    static constexpr Duration connect_patience = std::chrono::seconds(10);

    LiveNetwork() = default;
    // `hosts`: names and their addresses, asked before the machine's own resolver, as hosts(5) is.
    explicit LiveNetwork(std::map<std::string, std::string> hosts)
        : m_hosts(std::move(hosts))
    {
    }

    Result<std::unique_ptr<network::ByteStream>> connect(HostId const& from, network::Endpoint const& to) override;
    // A unix socket is made with mode 0600. A socket file that nobody listens on any more is replaced; Conflict where
    // somebody answers, or where the path is something else.
    Result<std::unique_ptr<network::Listener>> listen(HostId const& on, network::Endpoint const& at) override;

private:
    std::map<std::string, std::string> m_hosts;
};

}
