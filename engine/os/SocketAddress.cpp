#include "engine/os/SocketAddress.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netdb.h>
#include <netinet/in.h>
#include <sys/un.h>

#include <cstring>
#include <memory>

namespace drydock::os {

std::string SocketAddress::to_string() const
{
    char text[INET6_ADDRSTRLEN] {};
    if (family() == AF_INET) {
        auto const& v4 = reinterpret_cast<sockaddr_in const&>(storage);
        return fmt::format("{}:{}", ::inet_ntop(AF_INET, &v4.sin_addr, text, sizeof text), port());
    }
    if (family() == AF_INET6) {
        auto const& v6 = reinterpret_cast<sockaddr_in6 const&>(storage);
        return fmt::format("[{}]:{}", ::inet_ntop(AF_INET6, &v6.sin6_addr, text, sizeof text), port());
    }
    return {};
}

std::uint16_t SocketAddress::port() const
{
    if (family() == AF_INET)
        return ntohs(reinterpret_cast<sockaddr_in const&>(storage).sin_port);
    if (family() == AF_INET6)
        return ntohs(reinterpret_cast<sockaddr_in6 const&>(storage).sin6_port);
    return 0;
}

Result<SocketAddress> unix_address(std::string const& path)
{
    SocketAddress address;
    auto& un = reinterpret_cast<sockaddr_un&>(address.storage);
    if (path.size() >= sizeof un.sun_path) {
        return fail(ErrorKind::InvalidInput,
            fmt::format("the path of a unix socket has at most {} bytes (unix(7)), {} has {}", sizeof un.sun_path - 1,
                path, path.size()));
    }
    un.sun_family = AF_UNIX;
    std::memcpy(un.sun_path, path.c_str(), path.size() + 1);
    address.length = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + path.size() + 1);
    return address;
}

Result<SocketAddress> numeric_address(std::string const& host, std::uint16_t port)
{
    SocketAddress address;
    auto& v4 = reinterpret_cast<sockaddr_in&>(address.storage);
    auto& v6 = reinterpret_cast<sockaddr_in6&>(address.storage);
    if (::inet_pton(AF_INET, host.c_str(), &v4.sin_addr) == 1) {
        v4.sin_family = AF_INET;
        v4.sin_port = htons(port);
        address.length = sizeof v4;
    } else if (::inet_pton(AF_INET6, host.c_str(), &v6.sin6_addr) == 1) {
        v6.sin6_family = AF_INET6;
        v6.sin6_port = htons(port);
        address.length = sizeof v6;
    } else {
        return fail(ErrorKind::InvalidInput, "invalid IP address: " + host);
    }
    return address;
}

Result<std::vector<SocketAddress>> tcp_addresses(std::string const& host, std::uint16_t port)
{
    addrinfo hints {};
    hints.ai_socktype = SOCK_STREAM;
    hints.ai_flags = AI_NUMERICSERV;
    addrinfo* found = nullptr;
    int const code = ::getaddrinfo(host.c_str(), std::to_string(port).c_str(), &hints, &found);
    if (code != 0)
        return fail(ErrorKind::NotFound, fmt::format("getaddrinfo(3): {}: {}", host, ::gai_strerror(code)));
    std::unique_ptr<addrinfo, void (*)(addrinfo*)> const owner(found, ::freeaddrinfo);

    std::vector<SocketAddress> addresses;
    for (auto const* info = found; info != nullptr; info = info->ai_next) {
        SocketAddress address;
        std::memcpy(&address.storage, info->ai_addr, info->ai_addrlen);
        address.length = info->ai_addrlen;
        addresses.push_back(address);
    }
    return addresses;
}

}
