#include "engine/network/Subnet.h"
#include "tests/support/Catch.h"

using namespace drydock;
using namespace drydock::networking;

TEST_CASE("Subnet: only a whole prefix is one", "[engine][network]")
{
    auto const subnet = REQUIRE_OK(Subnet::parse("10.55.0.0/24"));
    CHECK(subnet.to_string() == "10.55.0.0/24");
    CHECK(subnet.contains(*parse_address("10.55.0.200")));
    CHECK_FALSE(subnet.contains(*parse_address("10.55.1.1")));
    CHECK(to_text(subnet.last()) == "10.55.0.255");
    auto const text = GENERATE(as<std::string> {}, "", "10.0.0.0", "10.0.0.0/", "10.0.0.0/31", "10.0.0.0/7",
        "10.0.0.1/24", "a/24", "10.0.0/24", "10.0.0.0/24x", "256.0.0.0/8", "-1.0.0.0/8");
    CAPTURE(text);
    auto const refused = Subnet::parse(text);
    REQUIRE_FALSE(refused);
    CHECK(refused.error().kind() == ErrorKind::InvalidInput);
}

TEST_CASE("Subnet: a new network takes the first pool that nobody overlaps", "[engine][network]")
{
    CHECK(REQUIRE_OK(free_subnet({})).to_string() == "172.17.0.0/16");
    auto const small = REQUIRE_OK(Subnet::parse("172.17.5.0/24"));
    CHECK(REQUIRE_OK(free_subnet({ small })).to_string() == "172.18.0.0/16");
    std::vector<Subnet> taken;
    while (auto const next = free_subnet(taken))
        taken.push_back(*next);
    CHECK(taken.size() == 15 + 16);
}

TEST_CASE("AddressPool: the lowest free address, never the gateway, never one twice", "[engine][network]")
{
    auto const subnet = REQUIRE_OK(Subnet::parse("10.0.0.0/29"));
    AddressPool pool(subnet, subnet.base + 1);
    CHECK(to_text(REQUIRE_OK(pool.take())) == "10.0.0.2");
    CHECK(to_text(REQUIRE_OK(pool.take(parse_address("10.0.0.4")))) == "10.0.0.4");
    CHECK(to_text(REQUIRE_OK(pool.take())) == "10.0.0.3");
    CHECK(pool.take(parse_address("10.0.0.4")).error().message() == "Address already in use");
    CHECK_FALSE(pool.take(parse_address("10.0.0.7"))); // broadcast
    CHECK_FALSE(pool.take(parse_address("10.0.1.1")));
    REQUIRE_OK(pool.take());
    REQUIRE_OK(pool.take());
    CHECK_FALSE(pool.take());
    pool.give_back(subnet.base + 3);
    CHECK(to_text(REQUIRE_OK(pool.take())) == "10.0.0.3");
}
