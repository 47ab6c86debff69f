#include "sim/core/DetachKeys.h"
#include "tests/support/Catch.h"

using namespace drydock;

TEST_CASE(
    "DetachKeys: Ctrl-P Ctrl-Q leaves, however the keys arrive, and nothing of it reaches the container", "[sim][core]")
{
    DetachKeys keys;
    CHECK(keys.pass("ls\r") == "ls\r");
    CHECK(keys.pass("\x10").empty());
    CHECK_FALSE(keys.were_typed());
    CHECK(keys.pass("\x11 more").empty());
    CHECK(keys.were_typed());
}

TEST_CASE("DetachKeys: a beginning that leads nowhere is typed after all", "[sim][core]")
{
    DetachKeys keys;
    CHECK(keys.pass("\x10"
                    "a")
        == "\x10"
           "a");
    CHECK(keys.pass("\x10\x10").size() == 1);
    CHECK(keys.pass("\x11").empty());
    CHECK(keys.were_typed());
}

TEST_CASE("DetachKeys: others can be chosen, as docker writes them", "[sim][core]")
{
    auto keys = REQUIRE_OK(DetachKeys::parse("ctrl-@,q"));
    CHECK(keys.pass(std::string_view("x\0q", 3)) == "x");
    CHECK(keys.were_typed());
    CHECK(REQUIRE_OK(DetachKeys::parse("")).pass("\x10\x11").empty());
    for (auto const* bad : { "nosuch", "ctrl-P", "ctrl-", "ctrl-1" }) {
        CAPTURE(bad);
        auto const refused = DetachKeys::parse(bad);
        REQUIRE_FALSE(refused);
        CHECK(refused.error().message() == "Unknown character: '" + std::string(bad) + "'");
    }
}
