#include "engine/init/Identity.h"
#include "tests/support/Catch.h"

using namespace drydock;
using init::resolve_identity;

namespace {

constexpr std::string_view passwd = "root:x:0:0:root:/root:/bin/sh\n"
                                    "# a comment\n"
                                    "broken line\n"
                                    "alice:x:1000:1001::/home/alice:/bin/sh\n"
                                    "1000:x:7:8::/seven:/bin/sh\n"
                                    "big:x:4294967295:1::/:/bin/sh\n";
constexpr std::string_view group = "root:x:0:\nwheel:x:10:root,alice\nalice:x:1001:\nstaff:x:50:alice\n";

}

TEST_CASE("Identity: a name brings its ids, its groups and its home", "[init]")
{
    auto const alice = REQUIRE_OK(resolve_identity("alice", passwd, group));
    CHECK(alice.uid == 1000);
    CHECK(alice.gid == 1001);
    CHECK(alice.groups == std::vector<std::uint32_t> { 1001, 10, 50 });
    CHECK(alice.home == "/home/alice");
}

TEST_CASE("Identity: no user is root", "[init]")
{
    auto const root = REQUIRE_OK(resolve_identity("", passwd, group));
    CHECK(root.uid == 0);
    CHECK(root.home == "/root");
}

TEST_CASE("Identity: a number needs no entry, and a name of digits goes before it", "[init]")
{
    auto const unknown = REQUIRE_OK(resolve_identity("4711", passwd, group));
    CHECK(unknown.uid == 4711);
    CHECK(unknown.gid == 0);
    CHECK(unknown.home == "/");
    CHECK(REQUIRE_OK(resolve_identity("1000", passwd, group)).uid == 7);
}

TEST_CASE("Identity: a group that is named is the only one", "[init]")
{
    auto const by_name = REQUIRE_OK(resolve_identity("alice:staff", passwd, group));
    CHECK(by_name.gid == 50);
    CHECK(by_name.groups == std::vector<std::uint32_t> { 50 });
    CHECK(REQUIRE_OK(resolve_identity("0:4711", passwd, group)).gid == 4711);
}

TEST_CASE("Identity: what is neither known nor a number is refused", "[init]")
{
    auto const user
        = GENERATE(as<std::string> {}, "bob", "alice:nobodies", "-1", "4294967295", "99999999999", "big", "1 ");
    CAPTURE(user);
    auto const identity = resolve_identity(user, passwd, group);
    REQUIRE_FALSE(identity);
    CHECK(identity.error().kind() == ErrorKind::InvalidInput);
}

TEST_CASE("Identity: an image without the files knows numbers only", "[init]")
{
    CHECK(REQUIRE_OK(resolve_identity("5:6", "", "")).gid == 6);
    CHECK_FALSE(resolve_identity("root", "", ""));
}

TEST_CASE("Identity: more groups come after those of the image, none twice", "[init]")
{
    auto const alice = REQUIRE_OK(resolve_identity("alice:staff", passwd, group, { "wheel", "4711", "50" }));
    CHECK(alice.gid == 50);
    CHECK(alice.groups == std::vector<std::uint32_t> { 10, 4711, 50 });
    CHECK_FALSE(resolve_identity("alice", passwd, group, { "nobodies" }));
}

TEST_CASE("Identity: a number that is no id is refused as docker does", "[init]")
{
    auto const text = GENERATE(as<std::string> {}, "99999999999", "-1", "2147483648", "0:-1", "0:99999999999");
    CAPTURE(text);
    auto const refused = resolve_identity(text, passwd, group);
    REQUIRE_FALSE(refused);
    CHECK(refused.error().message() == "uids and gids must be in range 0-2147483647");
}
