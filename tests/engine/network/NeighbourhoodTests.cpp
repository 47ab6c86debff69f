#include "engine/network/Neighbourhood.h"
#include "engine/os/LiveNetwork.h"
#include "sim/time/LiveScheduler.h"
#include "tests/support/Catch.h"

#include <unistd.h>

#include <iostream>

using namespace drydock;
using networking::Neighbourhood;

namespace {

// Null, with a printed reason, where nobody may make network namespaces.
std::unique_ptr<Neighbourhood> two_machines()
{
    auto made = Neighbourhood::make({ "laptop", "server" });
    if (!made && ::geteuid() != 0) {
        std::cerr << "skipped: " << made.error().message() << "\n";
        return nullptr;
    }
    return REQUIRE_OK(std::move(made));
}

}

TEST_CASE("Neighbourhood: machines reach each other, until the router prohibits it", "[engine][network]")
{
    auto const places = two_machines();
    if (places == nullptr)
        return;
    LiveScheduler laptop([&] { places->enter("laptop"); });
    LiveScheduler server([&] { places->enter("server"); });
    os::LiveNetwork network({ { "server", networking::to_text(places->address_of("server")) } });
    std::unique_ptr<network::Listener> listener;
    network::Endpoint const everywhere { network::Endpoint::Kind::Tcp, {}, "0.0.0.0", 5000 };
    network::Endpoint const there { network::Endpoint::Kind::Tcp, {}, "server", 5000 };
    server.spawn("listen", [&] { listener = REQUIRE_OK(network.listen({}, everywhere)); })->join();
    auto const knock = [&] {
        Result<std::unique_ptr<network::ByteStream>> stream = fail(ErrorKind::Internal, "nobody knocked");
        laptop.spawn("knock", [&] { stream = network.connect({}, there); })->join();
        return stream;
    };
    CHECK(knock());
    CHECK(REQUIRE_OK(listener->accept())
              ->peer()
              .address.starts_with(networking::to_text(places->address_of("laptop")) + ":"));
    REQUIRE_OK(places->prohibit("laptop", "server"));
    CHECK(knock().error().errno_code() == EHOSTUNREACH);
}

TEST_CASE("Neighbourhood: a machine has nothing of this one's network", "[engine][network]")
{
    auto const places = two_machines();
    if (places == nullptr)
        return;
    LiveScheduler laptop([&] { places->enter("laptop"); });
    std::vector<networking::Subnet> seen;
    laptop.spawn("look", [&] { seen = networking::subnets_in_use(); })->join();
    REQUIRE(seen.size() == 2); // loopback and the cable
    CHECK(std::any_of(
        seen.begin(), seen.end(), [&](auto const& subnet) { return subnet.contains(places->address_of("laptop")); }));
}
