#include "sim/network/Network.h"
#include "tests/support/Catch.h"

using drydock::ErrorKind;
using drydock::network::Endpoint;

TEST_CASE("Endpoint: text and value are the same thing", "[sim][network]")
{
    auto const text = GENERATE(as<std::string> {}, "unix:///run/drydock.sock", "tcp://127.0.0.1:5000",
        "tcp://hub.docker.sim:443", "tcp://[::1]:0");
    CAPTURE(text);
    CHECK(REQUIRE_OK(Endpoint::parse(text)).to_string() == text);
}

TEST_CASE("Endpoint: takes the parts apart", "[sim][network]")
{
    auto const endpoint = REQUIRE_OK(Endpoint::parse("tcp://[fe80::1]:2375"));
    CHECK(endpoint.kind == Endpoint::Kind::Tcp);
    CHECK(endpoint.host == "fe80::1");
    CHECK(endpoint.port == 2375);
    CHECK(REQUIRE_OK(Endpoint::parse("unix:///a b")).path == "/a b");
}

TEST_CASE("Endpoint: anything else is refused, naming the two forms", "[sim][network]")
{
    auto const text = GENERATE(as<std::string> {}, "", "unix://", "unix://relative", "tcp://host",
        "tcp://host:", "tcp://:80", "tcp://host:65536", "tcp://host:80x", "tcp://host:-1", "tcp://a:b:80",
        "tcp://[::1:80", "http://host:80", "/run/x", "tcp://a/b:80");
    CAPTURE(text);
    auto const endpoint = Endpoint::parse(text);
    REQUIRE_FALSE(endpoint);
    CHECK(endpoint.error().kind() == ErrorKind::InvalidInput);
    CHECK_THAT(endpoint.error().message(), Catch::Contains("unix:///PATH or tcp://HOST:PORT"));
}
