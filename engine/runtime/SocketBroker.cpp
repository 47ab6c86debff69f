#include "engine/runtime/SocketBroker.h"

#include "engine/init/Protocol.h"
#include "engine/os/Packet.h"

#include <sys/socket.h>

namespace drydock::runtime {

Result<int> SocketBroker::make_socket(int domain, int type, int protocol)
{
    std::lock_guard const lock(m_mutex);
    init::SocketRequest const request { domain, type, protocol };
    if (::send(m_socket.get(), &request, sizeof request, MSG_NOSIGNAL) < 0)
        return fail(ErrorKind::Unavailable, "the container has ended");
    std::int32_t error = 0;
    auto packet = os::receive_packet(m_socket.get(), &error, sizeof error);
    if (packet.size != static_cast<ssize_t>(sizeof error))
        return fail(ErrorKind::Unavailable, "the container has ended");
    if (error != 0 || packet.fds.empty())
        return fail(Error::from_errno("socket(2)", error).with_context("in the network namespace of a container"));
    return packet.fds.front().release();
}

}
