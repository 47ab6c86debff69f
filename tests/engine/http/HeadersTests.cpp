#include "engine/http/Http.h"
#include "tests/support/Catch.h"

using namespace drydock;
using namespace drydock::http;

TEST_CASE("Headers: names compare without case, order is kept", "[engine][http]")
{
    Headers headers { { "Host", "docker" }, { "X-Two", "a" }, { "x-two", "b" } };
    CHECK(headers.get("HOST") == "docker");
    CHECK(headers.get("X-TWO") == "a");
    CHECK(headers.count("X-Two") == 2);
    headers.set("X-Two", "c");
    CHECK(headers.to_text() == "Host: docker\nX-Two: c");
    CHECK_FALSE(headers.get("X"));
}

TEST_CASE("Headers: credentials do not show", "[engine][http]")
{
    auto const name
        = GENERATE(as<std::string> {}, "Authorization", "authorization", "X-Registry-Auth", "X-Registry-Config");
    Headers const headers { { name, "c2VjcmV0" } };
    CHECK(headers.to_text() == name + ": (hidden)");
}

TEST_CASE("Target: path and query are decoded", "[engine][http]")
{
    auto const target
        = REQUIRE_OK(Target::parse("/images/a%2Fb/json?filters=%7B%22a%22%3A1%7D&x=1+2&flag&empty=&&x=3"));
    CHECK(target.path == "/images/a/b/json");
    CHECK(target.get("filters") == "{\"a\":1}");
    CHECK(target.get("x") == "1 2");
    CHECK(target.get("flag") == "");
    CHECK(target.query.size() == 5);
    CHECK_FALSE(target.get("absent"));
}

TEST_CASE("Target: a proxy's absolute form loses its authority", "[engine][http]")
{
    CHECK(REQUIRE_OK(Target::parse("http://docker/v1.50/info?a=b")).path == "/v1.50/info");
    CHECK(REQUIRE_OK(Target::parse("http://docker")).path == "/");
    CHECK(REQUIRE_OK(Target::parse("*")).path == "*");
}

TEST_CASE("Target: refuses what is no target", "[engine][http]")
{
    auto const raw = GENERATE(as<std::string> {}, "", "x", "a:80", "/a%", "/a%4", "/a%4g", "/%00", "/?a=%", "/a#b");
    CAPTURE(raw);
    auto const target = Target::parse(raw);
    REQUIRE_FALSE(target);
    CHECK(target.error().kind() == ErrorKind::InvalidInput);
}

TEST_CASE("Target: flags are true but for docker's five words", "[engine][http]")
{
    auto const target = REQUIRE_OK(Target::parse("/?a=1&b=true&c=yes&d=&e=0&f=no&g=False&h=none&i"));
    for (auto const* name : { "a", "b", "c" })
        CHECK(target.flag(name));
    for (auto const* name : { "d", "e", "f", "g", "h", "i", "absent" })
        CHECK_FALSE(target.flag(name));
    CHECK(target.flag("absent", true));
}

TEST_CASE("percent_encode: keeps the unreserved characters and is undone by percent_decode", "[engine][http]")
{
    CHECK(percent_encode("aZ0-._~") == "aZ0-._~");
    CHECK(percent_encode("a b/:+\xc3\xa4") == "a%20b%2F%3A%2B%C3%A4");
    CHECK(REQUIRE_OK(percent_decode("a%20b%2f%3A%2B%C3%A4")) == "a b/:+\xc3\xa4");
}

TEST_CASE("error_of: takes docker's message and the status's meaning", "[engine][http]")
{
    auto const missing = error_of(404, "{\"message\":\"No such container: x\"}");
    CHECK(missing.kind() == ErrorKind::NotFound);
    CHECK(missing.message() == "No such container: x");
    CHECK(error_of(409, "{}").kind() == ErrorKind::Conflict);
    CHECK(error_of(500, "not json").message() == "500 Internal Server Error");
    CHECK(error_of(418, "").kind() == ErrorKind::InvalidInput);
}
