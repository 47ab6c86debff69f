#pragma once

// The network of a client whose work may be given up: with the stop, every connection ends at once, whatever waits to
// read or write there, and no new one begins.

#include "sim/network/Network.h"

#include <stop_token>

namespace drydock::registry {

class StoppableNetwork final : public network::Network {
public:
    StoppableNetwork(network::Network& below, std::stop_token stop)
        : m_below(below)
        , m_stop(std::move(stop))
    {
    }
    // Cancelled once it was stopped.
    Result<std::unique_ptr<network::ByteStream>> connect(HostId const& from, network::Endpoint const& to) override;
    Result<std::unique_ptr<network::Listener>> listen(HostId const& on, network::Endpoint const& at) override
    {
        return m_below.listen(on, at);
    }

private:
    network::Network& m_below;
    std::stop_token m_stop;
};

}
