#include "engine/network/NameServer.h"

#include "engine/network/Sockets.h"

#include <netinet/in.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <sstream>

namespace drydock::networking {

namespace {

constexpr std::uint16_t dns_port = 53;
constexpr std::size_t datagram_bytes = 4096;
constexpr int upstream_patience = 2000; // milliseconds

}

Result<std::unique_ptr<NameServer>> NameServer::start(
    Scheduler& scheduler, os::Fd socket, std::vector<Address> upstream, LookUp look_up)
{
    auto const here = socket_address(resolver_address, dns_port);
    if (::bind(socket.get(), reinterpret_cast<sockaddr const*>(&here), sizeof here) != 0)
        return fail(Error::from_errno("bind(2)", errno).with_context("listening at 127.0.0.11:53 of a container"));
    os::Fd stop(::eventfd(0, EFD_CLOEXEC));
    if (!stop)
        return fail(Error::from_errno("eventfd(2)", errno));
    std::unique_ptr<NameServer> server(
        new NameServer(std::move(socket), std::move(stop), std::move(upstream), std::move(look_up)));
    server->m_task = scheduler.spawn("name server", [raw = server.get()] { raw->serve(); });
    return server;
}

NameServer::NameServer(os::Fd socket, os::Fd stop, std::vector<Address> upstream, LookUp look_up)
    : m_socket(std::move(socket))
    , m_stop(std::move(stop))
    , m_upstream(std::move(upstream))
    , m_look_up(std::move(look_up))
{
}

NameServer::~NameServer()
{
    ::eventfd_write(m_stop.get(), 1);
    if (m_task)
        m_task->join();
}

void NameServer::serve()
{
    std::array<char, datagram_bytes> buffer {};
    while (true) {
        std::array<pollfd, 2> watched { { { m_socket.get(), POLLIN, 0 }, { m_stop.get(), POLLIN, 0 } } };
        if (::poll(watched.data(), watched.size(), -1) < 0)
            continue;
        if (watched[1].revents != 0)
            return;
        sockaddr_in from {};
        socklen_t length = sizeof from;
        auto const size = ::recvfrom(
            m_socket.get(), buffer.data(), buffer.size(), MSG_DONTWAIT, reinterpret_cast<sockaddr*>(&from), &length);
        if (size <= 0)
            continue;
        auto const answer = answer_to({ buffer.data(), static_cast<std::size_t>(size) });
        if (!answer.empty()) // who asked may be gone
            ::sendto(m_socket.get(), answer.data(), answer.size(), MSG_DONTWAIT,
                reinterpret_cast<sockaddr const*>(&from), length);
    }
}

std::string NameServer::answer_to(std::string_view datagram) const
{
    auto const question = parse_question(datagram);
    if (!question)
        return {};
    auto const address = m_look_up(question->name);
    if (address && question->type == DnsQuestion::a)
        return answer_with(*question, address);
    if (address)
        return answer_with(*question, std::nullopt);
    return pass_on(*question, datagram);
}

std::string NameServer::pass_on(DnsQuestion const& question, std::string_view datagram) const
{
    for (auto const server : m_upstream) {
        os::Fd const socket(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
        auto const to = socket_address(server, dns_port);
        if (!socket || ::connect(socket.get(), reinterpret_cast<sockaddr const*>(&to), sizeof to) != 0
            || ::send(socket.get(), datagram.data(), datagram.size(), 0) < 0)
            continue;
        std::array<pollfd, 2> watched { { { socket.get(), POLLIN, 0 }, { m_stop.get(), POLLIN, 0 } } };
        ::poll(watched.data(), watched.size(), upstream_patience);
        if (watched[1].revents != 0)
            break;
        std::string answer(datagram_bytes, '\0');
        auto const size = ::recv(socket.get(), answer.data(), answer.size(), MSG_DONTWAIT);
        if (size <= 0)
            continue;
        answer.resize(static_cast<std::size_t>(size));
        return answer;
    }
    return answer_failure(question, m_upstream.empty() ? DnsFailure::NoSuchName : DnsFailure::ServerFailure);
}

std::vector<Address> nameservers_in(std::string_view resolv_conf)
{
    std::vector<Address> servers;
    std::istringstream lines { std::string(resolv_conf) };
    for (std::string line; std::getline(lines, line);) {
        std::istringstream words(line);
        std::string key;
        std::string value;
        words >> key >> value;
        auto const address = parse_address(value);
        if (key == "nameserver" && address)
            servers.push_back(*address);
    }
    return servers;
}

}
