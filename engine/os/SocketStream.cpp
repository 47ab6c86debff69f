#include "engine/os/SocketStream.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <fstream>

namespace drydock::os {

namespace {

tl::unexpected<Error> closed_by_us()
{
    return fail(ErrorKind::Cancelled, "the connection was closed");
}

}

SocketStream::SocketStream(Fd socket, network::Peer peer)
    : m_socket(std::move(socket))
    , m_peer(std::move(peer))
{
}

Result<std::size_t> SocketStream::read_some(std::span<char> buffer)
{
    for (;;) {
        if (m_timeout)
            TRY(wait_for_bytes());
        auto const count = ::recv(m_socket.get(), buffer.data(), buffer.size(), 0);
        if (m_closed)
            return closed_by_us();
        if (count >= 0)
            return static_cast<std::size_t>(count);
        if (errno != EINTR)
            return fail(Error::from_errno("recv(2)", errno));
    }
}

Result<void> SocketStream::wait_for_bytes() const
{
    // Rounded up: poll(2) counts in milliseconds, and waiting too short would spin.
    auto const milliseconds = std::chrono::ceil<std::chrono::milliseconds>(*m_timeout).count();
    pollfd waiting { .fd = m_socket.get(), .events = POLLIN, .revents = 0 };
    int const ready = ::poll(&waiting, 1, static_cast<int>(milliseconds));
    if (ready == 0)
        return fail(ErrorKind::Unavailable, "timed out: nothing arrived for " + human_duration(*m_timeout));
    if (ready < 0 && errno != EINTR)
        return fail(Error::from_errno("poll(2)", errno));
    return {};
}

Result<void> SocketStream::write_all(std::string_view bytes)
{
    while (!bytes.empty()) {
        // MSG_NOSIGNAL: a peer that went away is an EPIPE here, not a SIGPIPE for the whole program.
        auto const count = ::send(m_socket.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (m_closed)
            return closed_by_us();
        if (count >= 0)
            bytes.remove_prefix(static_cast<std::size_t>(count));
        else if (errno != EINTR)
            return fail(Error::from_errno("send(2)", errno));
    }
    return {};
}

void SocketStream::shutdown_write()
{
    ::shutdown(m_socket.get(), SHUT_WR);
}

void SocketStream::close()
{
    m_closed = true;
    ::shutdown(m_socket.get(), SHUT_RDWR);
}

Fd const& SocketStream::stop_signal()
{
    std::call_once(m_watched, [this] { m_stop = Fd(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)); });
    return m_stop;
}

// poll(2) always tells POLLHUP (both directions have ended) and POLLERR (a reset); POLLRDHUP, that the peer's has, only
// to those who ask.
bool SocketStream::await_departure(network::Departure how)
{
    short const asked = how == network::Departure::SendsNoMore ? POLLRDHUP : 0;
    pollfd watched[] { { .fd = m_socket.get(), .events = asked, .revents = 0 },
        { .fd = stop_signal().get(), .events = POLLIN, .revents = 0 } };
    while (::poll(watched, 2, -1) < 0) {
        if (errno != EINTR)
            return false;
    }
    std::uint64_t stops = 0;
    if (watched[1].revents != 0 && ::read(watched[1].fd, &stops, sizeof stops) > 0)
        return false;
    return watched[0].revents != 0 && !m_closed;
}

void SocketStream::stop_watching()
{
    std::uint64_t const once = 1;
    [[maybe_unused]] auto const written = ::write(stop_signal().get(), &once, sizeof once);
}

network::Peer unix_peer(int socket)
{
    ucred credentials {};
    socklen_t length = sizeof credentials;
    if (::getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &credentials, &length) != 0)
        return {};
    network::Peer peer { .pid = credentials.pid, .uid = credentials.uid, .program = {}, .address = {} };
    std::ifstream comm("/proc/" + std::to_string(credentials.pid) + "/comm");
    std::getline(comm, peer.program);
    return peer;
}

}
