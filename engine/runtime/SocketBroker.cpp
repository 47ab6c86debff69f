#include "engine/runtime/SocketBroker.h"

#include "engine/init/Protocol.h"

#include <sys/socket.h>

#include <array>
#include <cerrno>

namespace drydock::runtime {

Result<int> SocketBroker::make_socket(int domain, int type, int protocol)
{
    std::lock_guard const lock(m_mutex);
    init::SocketRequest const request { domain, type, protocol };
    if (::send(m_socket.get(), &request, sizeof request, MSG_NOSIGNAL) < 0)
        return fail(ErrorKind::Unavailable, "the container has ended");
    std::int32_t error = 0;
    iovec part { &error, sizeof error };
    alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(int))> control {};
    msghdr message {};
    message.msg_iov = &part;
    message.msg_iovlen = 1;
    message.msg_control = control.data();
    message.msg_controllen = control.size();
    ssize_t size = 0;
    do {
        size = ::recvmsg(m_socket.get(), &message, MSG_CMSG_CLOEXEC);
    } while (size == -1 && errno == EINTR);
    if (size != static_cast<ssize_t>(sizeof error))
        return fail(ErrorKind::Unavailable, "the container has ended");
    auto const* const header = CMSG_FIRSTHDR(&message);
    if (error != 0 || header == nullptr)
        return fail(Error::from_errno("socket(2)", error).with_context("in the network namespace of a container"));
    int fd = -1;
    std::memcpy(&fd, CMSG_DATA(header), sizeof fd);
    return fd;
}

}
