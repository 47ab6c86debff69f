#pragma once

// Connecting with a socket that was made elsewhere: in the network namespace of a container.

#include "engine/network/Subnet.h"
#include "sim/network/Network.h"

#include <netinet/in.h>

#include <functional>

namespace drydock::networking {

inline constexpr Address loopback = 127U << 24U | 1U;

// As the kernel takes it.
sockaddr_in socket_address(Address, std::uint16_t port);

// `make_socket` yields a stream socket, which becomes the connection's. Unavailable where nobody listens.
Result<std::unique_ptr<network::ByteStream>> connect_in(
    std::function<Result<int>()> const& make_socket, Address, std::uint16_t port);

}
