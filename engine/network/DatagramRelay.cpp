#include "engine/network/DatagramRelay.h"

#include "engine/network/Sockets.h"

#include <netinet/in.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

namespace drydock::networking {

namespace {

constexpr std::size_t largest_datagram = 65536;
constexpr std::size_t most_senders = 256;
constexpr int patience = 90'000; // milliseconds, docker's: how long a sender is remembered when all is silent

}

// Somebody outside, and the socket that speaks for them inside.
struct DatagramRelay::Sender {
    os::SocketAddress address;
    os::Fd inside;

    bool is(os::SocketAddress const& other) const
    {
        return address.length == other.length && std::memcmp(&address.storage, &other.storage, address.length) == 0;
    }
};

Result<std::unique_ptr<DatagramRelay>> DatagramRelay::start(
    Scheduler& scheduler, os::SocketAddress host, Address inside, std::uint16_t port, MakeSocket make_socket)
{
    os::Fd socket(::socket(host.family(), SOCK_DGRAM | SOCK_CLOEXEC, 0));
    os::Fd stop(::eventfd(0, EFD_CLOEXEC));
    if (!socket || !stop)
        return fail(Error::from_errno("socket(2)", errno));
    int const on = 1; // "::" is IPv6 alone, so that "0.0.0.0" can have the same port
    if (host.family() == AF_INET6)
        ::setsockopt(socket.get(), IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on);
    if (::bind(socket.get(), host.get(), host.length) != 0)
        return fail(Error::from_errno("bind(2)", errno).as(ErrorKind::Conflict));
    ::getsockname(socket.get(), reinterpret_cast<sockaddr*>(&host.storage), &host.length);
    std::unique_ptr<DatagramRelay> relay(
        new DatagramRelay(std::move(socket), std::move(stop), inside, port, std::move(make_socket)));
    relay->m_port = host.port();
    relay->m_task = scheduler.spawn("datagram relay", [raw = relay.get()] { raw->serve(); });
    return relay;
}

DatagramRelay::DatagramRelay(
    os::Fd socket, os::Fd stop, Address inside, std::uint16_t inner_port, MakeSocket make_socket)
    : m_socket(std::move(socket))
    , m_stop(std::move(stop))
    , m_inside(inside)
    , m_inner_port(inner_port)
    , m_make_socket(std::move(make_socket))
{
}

DatagramRelay::~DatagramRelay()
{
    ::eventfd_write(m_stop.get(), 1);
    m_task->join();
}

void DatagramRelay::serve()
{
    std::vector<Sender> senders; // who came last is last
    while (true) {
        std::vector<pollfd> watched { { m_stop.get(), POLLIN, 0 }, { m_socket.get(), POLLIN, 0 } };
        for (auto const& sender : senders)
            watched.push_back({ sender.inside.get(), POLLIN, 0 });
        auto const ready = ::poll(watched.data(), watched.size(), patience);
        if (watched[0].revents != 0)
            return;
        if (ready == 0)
            senders.clear();
        for (std::size_t i = 0; i < senders.size() && ready > 0; ++i) {
            if (watched[i + 2].revents != 0)
                carry_out(senders[i]);
        }
        if (ready > 0 && watched[1].revents != 0)
            carry_in(senders);
    }
}

void DatagramRelay::carry_in(std::vector<Sender>& senders)
{
    std::array<char, largest_datagram> buffer;
    os::SocketAddress from;
    from.length = sizeof from.storage;
    auto const size = ::recvfrom(m_socket.get(), buffer.data(), buffer.size(), MSG_DONTWAIT,
        reinterpret_cast<sockaddr*>(&from.storage), &from.length);
    if (size < 0)
        return;
    auto const known = std::find_if(senders.begin(), senders.end(), [&](auto const& each) { return each.is(from); });
    if (known != senders.end()) {
        std::rotate(known, known + 1, senders.end());
    } else {
        auto inside = connect_inside();
        if (!inside)
            return; // a datagram may get lost
        if (senders.size() == most_senders)
            senders.erase(senders.begin());
        senders.push_back({ from, std::move(*inside) });
    }
    ::send(senders.back().inside.get(), buffer.data(), static_cast<std::size_t>(size), MSG_DONTWAIT | MSG_NOSIGNAL);
}

void DatagramRelay::carry_out(Sender& sender)
{
    std::array<char, largest_datagram> buffer;
    auto const size = ::recv(sender.inside.get(), buffer.data(), buffer.size(), MSG_DONTWAIT);
    if (size < 0)
        return; // "connection refused" of an earlier datagram, which is read away by this
    ::sendto(m_socket.get(), buffer.data(), static_cast<std::size_t>(size), MSG_DONTWAIT, sender.address.get(),
        sender.address.length);
}

Result<os::Fd> DatagramRelay::connect_inside() const
{
    os::Fd socket(TRY(m_make_socket()));
    auto const to = socket_address(m_inside, m_inner_port);
    if (::connect(socket.get(), reinterpret_cast<sockaddr const*>(&to), sizeof to) != 0)
        return fail(Error::from_errno("connect(2)", errno));
    return socket;
}

}
