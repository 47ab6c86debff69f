#include "engine/init/Broker.h"

#include <sched.h>
#include <sys/socket.h>

#include <cerrno>

namespace drydock::init {

namespace {

void send_socket(int to, std::int32_t error, int fd)
{
    iovec part { &error, sizeof error };
    alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(int))> control {};
    msghdr message {};
    message.msg_iov = &part;
    message.msg_iovlen = 1;
    if (fd >= 0) {
        message.msg_control = control.data();
        message.msg_controllen = control.size();
        auto* header = CMSG_FIRSTHDR(&message);
        header->cmsg_level = SOL_SOCKET;
        header->cmsg_type = SCM_RIGHTS;
        header->cmsg_len = CMSG_LEN(sizeof(int));
        std::memcpy(CMSG_DATA(header), &fd, sizeof fd);
    }
    ::sendmsg(to, &message, MSG_NOSIGNAL); // the engine may have gone
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
