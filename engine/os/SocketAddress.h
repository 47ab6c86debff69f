#pragma once

// An Endpoint the way the kernel takes it: sockaddr_un or sockaddr_in(6).

#include "sim/network/Network.h"

#include <sys/socket.h>

#include <vector>

namespace drydock::os {

struct SocketAddress {
    sockaddr_storage storage {};
    socklen_t length { 0 };

    sockaddr const* get() const { return reinterpret_cast<sockaddr const*>(&storage); }
    int family() const { return storage.ss_family; }
    std::string to_string() const; // "127.0.0.1:5000", "[::1]:5000"; empty for a unix socket
    std::uint16_t port() const;    // 0 for a unix socket
};

// InvalidInput for a path that sun_path cannot hold.
Result<SocketAddress> unix_address(std::string const& path);
// "127.0.0.1" or "::1", which are not looked up; InvalidInput "invalid IP address: x" for anything else.
Result<SocketAddress> numeric_address(std::string const& host, std::uint16_t port);
// Every address of the name, in getaddrinfo(3)'s order; never empty.
Result<std::vector<SocketAddress>> tcp_addresses(std::string const& host, std::uint16_t port);

}
