#pragma once

// A connected socket as a ByteStream.

#include "engine/os/Fd.h"
#include "sim/network/Network.h"

#include <atomic>
#include <mutex>

namespace drydock::os {

class SocketStream final : public network::ByteStream {
public:
    SocketStream(Fd socket, network::Peer peer);

    Result<std::size_t> read_some(std::span<char> buffer) override;
    void set_read_timeout(std::optional<Duration> timeout) override { m_timeout = timeout; }
    Result<void> write_all(std::string_view bytes) override;
    void shutdown_write() override;
    void close() override;
    bool await_departure(network::Departure) override;
    void stop_watching() override;
    network::Peer peer() const override { return m_peer; }

private:
    Result<void> wait_for_bytes() const;
    Fd const& stop_signal();

    Fd m_socket; // open as long as the object lives, so that close() never frees a number another thread still uses
    network::Peer m_peer;
    std::optional<Duration> m_timeout;
    std::atomic<bool> m_closed { false };
    std::once_flag m_watched;
    Fd m_stop; // an eventfd, from the first watch on
};

// Who is connected at the other end of a unix socket (SO_PEERCRED, unix(7)).
network::Peer unix_peer(int socket);

}
