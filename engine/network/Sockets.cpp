#include "engine/network/Sockets.h"

#include "engine/os/SocketStream.h"

#include <netinet/in.h>
#include <sys/socket.h>

#include <cerrno>

namespace drydock::networking {

sockaddr_in socket_address(Address address, std::uint16_t port)
{
    sockaddr_in to {};
    to.sin_family = AF_INET;
    to.sin_port = htons(port);
    to.sin_addr.s_addr = htonl(address);
    return to;
}

Result<std::unique_ptr<network::ByteStream>> connect_in(
    std::function<Result<int>()> const& make_socket, Address address, std::uint16_t port)
{
    os::Fd socket(TRY(make_socket()));
    auto const to = socket_address(address, port);
    if (::connect(socket.get(), reinterpret_cast<sockaddr const*>(&to), sizeof to) != 0)
        return fail(Error::from_errno("connect(2)", errno).as(ErrorKind::Unavailable));
    return std::make_unique<os::SocketStream>(std::move(socket), network::Peer {});
}

}
