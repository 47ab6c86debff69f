#include "engine/init/Broker.h"

#include "engine/os/Packet.h"

#include <sched.h>
#include <sys/socket.h>

#include <cerrno>

namespace drydock::init {

namespace {

void send_socket(int to, std::int32_t error, int fd)
{
    std::string_view const answer(reinterpret_cast<char const*>(&error), sizeof error);
    std::vector<int> fds;
    if (fd >= 0)
        fds.push_back(fd);
    os::send_packet(to, answer, fds); // the engine may have gone
}

}

void Broker::answer()
{
    SocketRequest request;
    auto const size = ::recv(m_socket.get(), &request, sizeof request, 0);
    if (size != static_cast<ssize_t>(sizeof request))
        return m_socket.reset();
    if (!m_inside && ::setns(m_process, CLONE_NEWNET) != 0)
        return send_socket(m_socket.get(), errno, -1);
    m_inside = true;
    os::Fd const made(::socket(request.domain, request.type | SOCK_CLOEXEC, request.protocol));
    send_socket(m_socket.get(), made ? 0 : errno, made.get());
}

}
