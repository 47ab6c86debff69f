#include "engine/network/DatagramRelay.h"
#include "engine/network/Sockets.h"
#include "sim/time/LiveScheduler.h"
#include "tests/support/Catch.h"

#include <sys/socket.h>

#include <array>

using namespace drydock;
using networking::DatagramRelay;
using networking::loopback;

namespace {

// A datagram socket of this machine, on its loopback interface.
struct Socket {
    Socket()
        : fd(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0))
    {
        auto here = networking::socket_address(loopback, 0);
        socklen_t length = sizeof here;
        REQUIRE(::bind(fd.get(), reinterpret_cast<sockaddr*>(&here), sizeof here) == 0);
        REQUIRE(::getsockname(fd.get(), reinterpret_cast<sockaddr*>(&here), &length) == 0);
        port = ntohs(here.sin_port);
    }
    void send(std::string_view text, std::uint16_t to)
    {
        auto const address = networking::socket_address(loopback, to);
        REQUIRE(
            ::sendto(fd.get(), text.data(), text.size(), 0, reinterpret_cast<sockaddr const*>(&address), sizeof address)
            == static_cast<ssize_t>(text.size()));
    }
    // Blocks; yields the text, and who sent it.
    std::pair<std::string, std::uint16_t> receive()
    {
        std::array<char, 2048> buffer {};
        sockaddr_in from {};
        socklen_t length = sizeof from;
        auto const size
            = ::recvfrom(fd.get(), buffer.data(), buffer.size(), 0, reinterpret_cast<sockaddr*>(&from), &length);
        REQUIRE(size >= 0);
        return { std::string(buffer.data(), static_cast<std::size_t>(size)), ntohs(from.sin_port) };
    }

    os::Fd fd;
    std::uint16_t port { 0 };
};

Result<std::unique_ptr<DatagramRelay>> relay_to(Scheduler& scheduler, std::uint16_t host, std::uint16_t port)
{
    return DatagramRelay::start(scheduler, REQUIRE_OK(os::numeric_address("127.0.0.1", host)), loopback, port,
        []() -> Result<int> { return ::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0); });
}

}

TEST_CASE("DatagramRelay: whoever asks gets their own answer", "[engine][network]")
{
    LiveScheduler scheduler;
    Socket inside;
    auto const relay = REQUIRE_OK(relay_to(scheduler, 0, inside.port));
    Socket alice;
    Socket bob;
    alice.send("from alice", relay->port());
    auto const [first, alice_inside] = inside.receive();
    bob.send("from bob", relay->port());
    auto const [second, bob_inside] = inside.receive();
    CHECK(first == "from alice");
    CHECK(second == "from bob");
    CHECK(alice_inside != bob_inside);
    inside.send("to bob", bob_inside);
    inside.send("to alice", alice_inside);
    CHECK(alice.receive() == std::pair<std::string, std::uint16_t>("to alice", relay->port()));
    CHECK(bob.receive() == std::pair<std::string, std::uint16_t>("to bob", relay->port()));
    // The same one again comes by the same way, and an empty datagram is one.
    alice.send("", relay->port());
    CHECK(inside.receive() == std::pair<std::string, std::uint16_t>("", alice_inside));
}

TEST_CASE(
    "DatagramRelay: a port that is taken is a conflict, and one where nobody listens does no harm", "[engine][network]")
{
    LiveScheduler scheduler;
    Socket inside;
    auto const taken = relay_to(scheduler, inside.port, 1);
    REQUIRE_FALSE(taken);
    CHECK(taken.error().kind() == ErrorKind::Conflict);
    auto const nowhere = std::make_unique<Socket>()->port; // closed again
    auto const relay = REQUIRE_OK(relay_to(scheduler, 0, nowhere));
    Socket alice;
    for (int i = 0; i < 3; ++i)
        alice.send("anybody?", relay->port());
    Socket late; // it still serves
    auto const other = REQUIRE_OK(relay_to(scheduler, 0, late.port));
    alice.send("here", other->port());
    CHECK(late.receive().first == "here");
}
