#include "sim/overlay/Comparison.h"
#include "tests/sim/overlay/Listings.h"
#include "tests/support/Catch.h"

using namespace drydock;
using namespace drydock::overlay;
using tests::layer;
using tests::stack_of;

namespace {

auto const nothing_was_written = [](std::string const&) { return false; };

}

TEST_CASE("Comparison: what came, what went, what changed, with bytes", "[sim][overlay]")
{
    auto const base = layer({ { "/bin/sh", "file", 100 }, { "/etc/motd", "file", 5 }, { "/old/a", "file", 3 } });
    auto const change = layer(
        { { "/etc/motd", "file", 9 }, { "/new/x", "file", 1 }, { "/new/y", "file", 2 }, { "/old", "whiteout" } });
    auto const before = merge(stack_of(base)), after = merge(stack_of(change, base));
    auto const found = compare({ &before, { "base" } }, { &after, { "change", "base" } }, nothing_was_written);
    REQUIRE(found.size() == 3);
    CHECK(found[0] == Difference { Sign::Changed, "/etc/motd", Kind::File, 5, 9 });
    CHECK(found[1] == Difference { Sign::Added, "/new", Kind::Directory, 0, 3 });
    CHECK(found[2] == Difference { Sign::Removed, "/old", Kind::Directory, 3, 0 });
    CHECK(compare({ &after, { "change", "base" } }, { &after, { "change", "base" } }, nothing_was_written).empty());
}

TEST_CASE("Comparison: the same path from two layers was written twice, of the same size or not", "[sim][overlay]")
{
    auto const a = merge(stack_of(layer({ { "/app", "file", 8 } })));
    CHECK(compare({ &a, { "one" } }, { &a, { "two" } }, nothing_was_written).size() == 1);
    CHECK(compare({ &a, { "one" } }, { &a, { "one" } }, nothing_was_written).empty());
    auto const was_written = [](std::string const& path) { return path == "/app"; };
    CHECK(compare({ &a, { "sheet" } }, { &a, { "sheet" } }, was_written).size() == 1);
}

TEST_CASE("Comparison: a directory that turned into a file is a change", "[sim][overlay]")
{
    auto const a = merge(stack_of(layer({ { "/d/x", "file", 8 } }))), b = merge(stack_of(layer({ { "/d" } })));
    auto const found = compare({ &a, { "one" } }, { &b, { "two" } }, nothing_was_written);
    REQUIRE(found.size() == 2);
    CHECK(found[0].path == "/d");
    CHECK(found[0].sign == Sign::Changed);
    CHECK(found[1].sign == Sign::Removed);
}
