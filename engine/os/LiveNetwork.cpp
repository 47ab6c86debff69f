#include "engine/os/LiveNetwork.h"

#include "engine/os/Fd.h"
#include "engine/os/SocketAddress.h"
#include "engine/os/SocketStream.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/stat.h>

#include <atomic>
#include <cerrno>

namespace drydock::os {

using network::ByteStream;
using network::Endpoint;
using network::Listener;

namespace {

Result<Fd> make_socket(int family, int flags = 0)
{
    Fd socket(::socket(family, SOCK_STREAM | SOCK_CLOEXEC | flags, 0));
    if (!socket)
        return fail(Error::from_errno("socket(2)", errno));
    return socket;
}

// Small messages go at once: an HTTP request must not wait for the acknowledgement of the one before (Nagle, tcp(7)).
void send_at_once(int socket)
{
    int const on = 1;
    ::setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

std::unique_ptr<ByteStream> make_stream(Fd socket, SocketAddress const& other_end)
{
    network::Peer peer;
    if (other_end.family() == AF_UNIX) {
        peer = unix_peer(socket.get());
    } else {
        send_at_once(socket.get());
        peer.address = other_end.to_string();
    }
    return std::make_unique<SocketStream>(std::move(socket), std::move(peer));
}

// ---- Connecting ----

// The way to bound a connect(2): start it without blocking, wait, ask how it went (EINPROGRESS in the man page).
Result<void> finish_connect(int socket)
{
    pollfd waiting { .fd = socket, .events = POLLOUT, .revents = 0 };
    auto const patience = std::chrono::duration_cast<std::chrono::milliseconds>(LiveNetwork::connect_patience);
    int ready = 0;
    do
        ready = ::poll(&waiting, 1, static_cast<int>(patience.count()));
    while (ready < 0 && errno == EINTR);
    if (ready == 0)
        return fail(Error::from_errno("connect(2)", ETIMEDOUT));
    int error = 0;
    socklen_t length = sizeof error;
    if (::getsockopt(socket, SOL_SOCKET, SO_ERROR, &error, &length) != 0)
        error = errno;
    if (error != 0)
        return fail(Error::from_errno("connect(2)", error));
    return {};
}

Result<Fd> connect_to(SocketAddress const& address)
{
    Fd socket = TRY(make_socket(address.family(), SOCK_NONBLOCK));
    if (::connect(socket.get(), address.get(), address.length) != 0) {
        if (errno != EINPROGRESS)
            return fail(Error::from_errno("connect(2)", errno));
        TRY(finish_connect(socket.get()));
    }
    // The stream blocks: clear SOCK_NONBLOCK again.
    if (::fcntl(socket.get(), F_SETFL, 0) != 0)
        return fail(Error::from_errno("fcntl(2)", errno));
    return socket;
}

Result<std::unique_ptr<ByteStream>> connect_unix(std::string const& path)
{
    auto const address = TRY(unix_address(path));
    return make_stream(TRY(connect_to(address)), address);
}

Result<std::unique_ptr<ByteStream>> connect_tcp(std::string const& host, std::uint16_t port)
{
    auto const addresses = TRY(tcp_addresses(host, port));
    auto failure = Error(ErrorKind::Unavailable, "no address");
    for (auto const& address : addresses) {
        auto socket = connect_to(address);
        if (socket)
            return make_stream(std::move(*socket), address);
        failure = std::move(socket).error();
    }
    return fail(std::move(failure));
}

// ---- Listening ----

class SocketListener final : public Listener {
public:
    SocketListener(Fd socket, Fd stop, Endpoint endpoint)
        : m_socket(std::move(socket))
        , m_stop(std::move(stop))
        , m_endpoint(std::move(endpoint))
    {
        struct stat status { };
        if (m_endpoint.kind == Endpoint::Kind::Unix && ::lstat(m_endpoint.path.c_str(), &status) == 0)
            m_inode = status.st_ino;
    }
    ~SocketListener() override { remove_file(); }

    Result<std::unique_ptr<ByteStream>> accept() override;
    void close() override;
    Endpoint endpoint() const override { return m_endpoint; }

private:
    void remove_file() const;

    Fd m_socket;
    Fd m_stop; // an eventfd that becomes readable with close()
    Endpoint m_endpoint;
    ino_t m_inode { 0 };
    std::atomic<bool> m_closed { false };
};

Result<std::unique_ptr<ByteStream>> SocketListener::accept()
{
    for (;;) {
        pollfd waiting[] { { .fd = m_socket.get(), .events = POLLIN, .revents = 0 },
            { .fd = m_stop.get(), .events = POLLIN, .revents = 0 } };
        if (::poll(waiting, 2, -1) < 0 && errno != EINTR)
            return fail(Error::from_errno("poll(2)", errno));
        if (m_closed)
            return fail(ErrorKind::Cancelled, "the listener was closed");
        SocketAddress other_end;
        other_end.length = sizeof other_end.storage;
        Fd socket(::accept4(
            m_socket.get(), reinterpret_cast<sockaddr*>(&other_end.storage), &other_end.length, SOCK_CLOEXEC));
        if (socket)
            return make_stream(std::move(socket), other_end);
        // The listening socket does not block: whoever connected may be gone again.
        if (errno != EAGAIN && errno != ECONNABORTED && errno != EINTR)
            return fail(Error::from_errno("accept4(2)", errno));
    }
}

void SocketListener::close()
{
    m_closed = true;
    ::eventfd_write(m_stop.get(), 1);
}

// Only our own file: another program may have replaced it since.
void SocketListener::remove_file() const
{
    struct stat status { };
    if (m_endpoint.kind == Endpoint::Kind::Unix && ::lstat(m_endpoint.path.c_str(), &status) == 0
        && status.st_ino == m_inode)
        ::unlink(m_endpoint.path.c_str());
}

// A crashed program leaves its socket file behind, and bind(2) refuses a path that exists. Only a connect(2) tells
// whether somebody still listens.
Result<void> remove_stale_file(std::string const& path, SocketAddress const& address)
{
    struct stat status { };
    if (::lstat(path.c_str(), &status) != 0)
        return {};
    if (!S_ISSOCK(status.st_mode))
        return fail(ErrorKind::Conflict, path + " exists and is no socket");
    auto const answer = connect_to(address);
    if (answer)
        return fail(ErrorKind::Conflict, "another program listens on " + path);
    if (answer.error().errno_code() != ECONNREFUSED)
        return fail(Error(answer.error()));
    if (::unlink(path.c_str()) != 0 && errno != ENOENT)
        return fail(Error::from_errno("unlink(2)", errno));
    return {};
}

Result<void> bind_and_listen(int socket, SocketAddress const& address)
{
    if (::bind(socket, address.get(), address.length) != 0)
        return fail(Error::from_errno("bind(2)", errno));
    if (::listen(socket, SOMAXCONN) != 0)
        return fail(Error::from_errno("listen(2)", errno));
    return {};
}

Result<Fd> listen_unix(Endpoint& at)
{
    auto const address = TRY(unix_address(at.path));
    TRY(remove_stale_file(at.path, address));
    Fd socket = TRY(make_socket(AF_UNIX, SOCK_NONBLOCK));
    // Linux gives the file the mode of the socket it is bound from, so that there is no moment at which others may
    // connect, whatever the umask.
    if (::fchmod(socket.get(), S_IRUSR | S_IWUSR) != 0)
        return fail(Error::from_errno("fchmod(2)", errno));
    TRY(bind_and_listen(socket.get(), address));
    return socket;
}

Result<Fd> listen_tcp(Endpoint& at)
{
    auto const address = TRY(tcp_addresses(at.host, at.port)).front();
    Fd socket = TRY(make_socket(address.family(), SOCK_NONBLOCK));
    // Connections of a predecessor in TIME_WAIT must not keep us from its port (ip(7), SO_REUSEADDR in socket(7)).
    int const on = 1;
    ::setsockopt(socket.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    // "[::]" is IPv6 alone, so that "0.0.0.0" can have the same port beside it (ipv6(7)).
    if (address.family() == AF_INET6)
        ::setsockopt(socket.get(), IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on);
    TRY(bind_and_listen(socket.get(), address));
    SocketAddress bound;
    bound.length = sizeof bound.storage;
    if (::getsockname(socket.get(), reinterpret_cast<sockaddr*>(&bound.storage), &bound.length) != 0)
        return fail(Error::from_errno("getsockname(2)", errno));
    at.port = bound.port();
    return socket;
}

}

Result<std::unique_ptr<ByteStream>> LiveNetwork::connect(HostId const&, Endpoint const& to)
{
    auto const known = m_hosts.find(to.host);
    return TRY_WITH("connecting to " + to.to_string(),
        to.kind == Endpoint::Kind::Unix ? connect_unix(to.path)
                                        : connect_tcp(known == m_hosts.end() ? to.host : known->second, to.port));
}

Result<std::unique_ptr<Listener>> LiveNetwork::listen(HostId const&, Endpoint const& at)
{
    auto endpoint = at;
    auto socket = TRY_WITH("listening on " + at.to_string(),
        at.kind == Endpoint::Kind::Unix ? listen_unix(endpoint) : listen_tcp(endpoint));
    Fd stop(::eventfd(0, EFD_CLOEXEC));
    if (!stop)
        return fail(Error::from_errno("eventfd(2)", errno));
    return std::make_unique<SocketListener>(std::move(socket), std::move(stop), std::move(endpoint));
}

}
