#pragma once

// Packets of a Unix socket, and the descriptors that travel with them (SCM_RIGHTS of unix(7)). In the manner of system
// calls, -1 and errno, because drydock-init reports what the kernel answered.

#include "engine/os/Fd.h"

#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <string_view>
#include <utility>
#include <vector>

namespace drydock::os {

constexpr std::size_t max_fds_in_a_packet = 32; // the kernel allows 253

struct Packet {
    ssize_t size { -1 };
    bool cut { false }; // there was more than fits: bytes or descriptors
    std::vector<Fd> fds;
};

// The descriptors stay open here.
inline ssize_t send_packet(int socket, std::string_view bytes, std::vector<int> const& fds = {})
{
    if (fds.size() > max_fds_in_a_packet) {
        errno = EINVAL;
        return -1;
    }
    iovec part { const_cast<char*>(bytes.data()), bytes.size() }; // sendmsg(2) only reads
    alignas(cmsghdr) std::array<char, CMSG_SPACE(max_fds_in_a_packet * sizeof(int))> control {};
    msghdr message {};
    message.msg_iov = &part;
    message.msg_iovlen = 1;
    if (!fds.empty()) {
        auto const size = fds.size() * sizeof(int);
        message.msg_control = control.data();
        message.msg_controllen = CMSG_SPACE(size);
        auto* header = CMSG_FIRSTHDR(&message);
        header->cmsg_level = SOL_SOCKET;
        header->cmsg_type = SCM_RIGHTS;
        header->cmsg_len = CMSG_LEN(size);
        std::memcpy(CMSG_DATA(header), fds.data(), size);
    }
    ssize_t count = 0;
    do {
        count = ::sendmsg(socket, &message, MSG_NOSIGNAL);
    } while (count == -1 && errno == EINTR);
    return count;
}

// Blocks. A size of 0: the other side has closed.
inline Packet receive_packet(int socket, void* bytes, std::size_t limit)
{
    iovec part { bytes, limit };
    alignas(cmsghdr) std::array<char, CMSG_SPACE(max_fds_in_a_packet * sizeof(int))> control {};
    msghdr message {};
    message.msg_iov = &part;
    message.msg_iovlen = 1;
    message.msg_control = control.data();
    message.msg_controllen = control.size();
    Packet packet;
    do {
        packet.size = ::recvmsg(socket, &message, MSG_CMSG_CLOEXEC);
    } while (packet.size == -1 && errno == EINTR);
    if (packet.size == -1)
        return packet;
    packet.cut = (message.msg_flags & (MSG_TRUNC | MSG_CTRUNC)) != 0;
    for (auto* header = CMSG_FIRSTHDR(&message); header != nullptr; header = CMSG_NXTHDR(&message, header)) {
        if (header->cmsg_level != SOL_SOCKET || header->cmsg_type != SCM_RIGHTS)
            continue;
        auto const count = (header->cmsg_len - CMSG_LEN(0)) / sizeof(int);
        for (std::size_t i = 0; i < count; ++i) {
            int number = -1;
            std::memcpy(&number, CMSG_DATA(header) + i * sizeof number, sizeof number);
            packet.fds.emplace_back(number);
        }
    }
    return packet;
}

}
