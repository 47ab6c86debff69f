#pragma once

// A published UDP port: a socket on the host whose datagrams are carried to a port of a container. Whoever sends gets a
// socket of its own in the container's network namespace, so that the answers find their way back; a sender from whom
// and for whom nothing has come for a while is forgotten, and there are never more than a few hundred of them.

#include "engine/network/Subnet.h"
#include "engine/os/Fd.h"
#include "engine/os/SocketAddress.h"
#include "sim/time/Scheduler.h"

#include <functional>
#include <memory>
#include <vector>

namespace drydock::networking {

class DatagramRelay {
public:
    using MakeSocket = std::function<Result<int>()>; // a datagram socket inside
    // EADDRINUSE where the port is taken; port 0 is any that is free.
    static Result<std::unique_ptr<DatagramRelay>> start(
        Scheduler&, os::SocketAddress host, Address inside, std::uint16_t port, MakeSocket);
    ~DatagramRelay();
    std::uint16_t port() const { return m_port; }

private:
    struct Sender;
    DatagramRelay(os::Fd socket, os::Fd stop, Address inside, std::uint16_t inner_port, MakeSocket);
    void serve();
    void carry_in(std::vector<Sender>&);
    void carry_out(Sender&);
    Result<os::Fd> connect_inside() const;

    os::Fd m_socket;
    os::Fd m_stop;
    Address m_inside;
    std::uint16_t m_inner_port;
    MakeSocket m_make_socket;
    std::uint16_t m_port { 0 };
    std::unique_ptr<Task> m_task;
};

}
