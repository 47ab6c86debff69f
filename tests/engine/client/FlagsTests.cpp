#include "engine/client/Flags.h"
#include "tests/support/Catch.h"

using namespace drydock;
using namespace drydock::client;

namespace {

std::vector<Flag> const flags {
    { "detach", 'd', FlagKind::Switch, "" },
    { "env", 'e', FlagKind::List, "" },
    { "last", 'n', FlagKind::Number, "" },
    { "memory", 'm', FlagKind::Size, "" },
    { "name", 0, FlagKind::Text, "" },
};

Result<Arguments> read(std::vector<std::string> const& words, FlagOrder order = FlagOrder::Anywhere)
{
    return read_flags(flags, words, order);
}

}

TEST_CASE("Flags: every form of docker's flags", "[engine][client]")
{
    auto const arguments = REQUIRE_OK(read({ "-de", "A=1", "--env=B=2", "-n5", "--name", "web", "-m=64m", "x" }));
    CHECK(arguments.is_set("detach"));
    CHECK(arguments.list("env") == std::vector<std::string> { "A=1", "B=2" });
    CHECK(arguments.number("last", 0) == 5);
    CHECK(arguments.text("name") == "web");
    CHECK(arguments.positional() == std::vector<std::string> { "x" });
    CHECK_FALSE(REQUIRE_OK(read({ "--detach=false" })).is_set("detach"));
}

TEST_CASE("Flags: behind the image everything belongs to the container", "[engine][client]")
{
    auto const arguments = REQUIRE_OK(read({ "-d", "busybox", "ls", "-l" }, FlagOrder::BeforeWords));
    CHECK(arguments.positional() == std::vector<std::string> { "busybox", "ls", "-l" });
    CHECK(REQUIRE_OK(read({ "web", "-d" })).is_set("detach"));
    CHECK(REQUIRE_OK(read({ "--", "-d" })).positional() == std::vector<std::string> { "-d" });
}

TEST_CASE("Flags: failures are told in docker's words", "[engine][client]")
{
    CHECK(read({ "--foo" }).error().message() == "unknown flag: --foo");
    CHECK(read({ "-z" }).error().message() == "unknown shorthand flag: 'z' in -z");
    CHECK(read({ "--env" }).error().message() == "flag needs an argument: --env");
    CHECK(read({ "-e" }).error().message() == "flag needs an argument: 'e' in -e");
    CHECK(read({ "-n", "x" }).error().message()
        == "invalid argument \"x\" for \"-n, --last\" flag: strconv.ParseInt: parsing \"x\": invalid syntax");
}

TEST_CASE("Flags: sizes have units of 1024", "[engine][client]")
{
    CHECK(parse_size("64m") == 64 << 20);
    CHECK(parse_size("1.5K") == 1536);
    CHECK(parse_size("7") == 7);
    auto const text = GENERATE(as<std::string> {}, "", "abc", "-1", "1x", "9999999999999t");
    CAPTURE(text);
    CHECK_FALSE(parse_size(text));
}
