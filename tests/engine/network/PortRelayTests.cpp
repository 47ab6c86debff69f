#include "engine/network/PortRelay.h"
#include "sim/network/SimulatedNetwork.h"
#include "sim/time/VirtualScheduler.h"
#include "tests/support/Catch.h"

using namespace drydock;

TEST_CASE("PortRelay: bytes go both ways, and the end of one side reaches the other", "[engine][network]")
{
    VirtualScheduler scheduler { 1, { 0 } };
    network::SimulatedNetwork network { scheduler };
    network.add_host({ "host" });
    network.add_host({ "inside" });
    network::Endpoint const server { network::Endpoint::Kind::Tcp, {}, "inside", 80 };
    auto const listener = REQUIRE_OK(network.listen({ "inside" }, server));
    auto const echo = scheduler.spawn("echo", [&] {
        auto const stream = REQUIRE_OK(listener->accept());
        std::array<char, 64> buffer {};
        while (auto const size = REQUIRE_OK(stream->read_some(buffer)))
            REQUIRE_OK(stream->write_all("got " + std::string(buffer.data(), size)));
        stream->shutdown_write();
    });
    {
        auto outside = REQUIRE_OK(network.listen({ "host" }, { network::Endpoint::Kind::Tcp, {}, "host", 8080 }));
        networking::PortRelay const relay(
            scheduler, std::move(outside), [&] { return network.connect({ "host" }, server); });
        CHECK(relay.port() == 8080);
        auto const caller = REQUIRE_OK(network.connect({ "host" }, { network::Endpoint::Kind::Tcp, {}, "host", 8080 }));
        REQUIRE_OK(caller->write_all("hello"));
        caller->shutdown_write();
        std::string answer;
        std::array<char, 64> buffer {};
        while (auto const size = REQUIRE_OK(caller->read_some(buffer)))
            answer.append(buffer.data(), size);
        CHECK(answer == "got hello");
    }
    echo->join();
}

TEST_CASE("PortRelay: where nobody listens inside, the caller sees the connection end", "[engine][network]")
{
    VirtualScheduler scheduler { 1, { 0 } };
    network::SimulatedNetwork network { scheduler };
    network.add_host({ "host" });
    auto outside = REQUIRE_OK(network.listen({ "host" }, { network::Endpoint::Kind::Tcp, {}, "host", 8080 }));
    networking::PortRelay const relay(scheduler, std::move(outside),
        []() -> Result<std::unique_ptr<network::ByteStream>> { return fail(ErrorKind::Unavailable, "nobody"); });
    auto const caller = REQUIRE_OK(network.connect({ "host" }, { network::Endpoint::Kind::Tcp, {}, "host", 8080 }));
    std::array<char, 64> buffer {};
    auto const size = caller->read_some(buffer);
    CHECK((!size || *size == 0));
}
