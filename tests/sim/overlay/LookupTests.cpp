#include "sim/overlay/Lookup.h"
#include "tests/sim/overlay/Listings.h"
#include "tests/support/Catch.h"

using namespace drydock;
using namespace drydock::overlay;
using tests::layer;
using tests::stack_of;

using Visited = std::vector<std::size_t>;

TEST_CASE("Lookup: the topmost branch that has the path answers, and who is below is not asked", "[sim][overlay]")
{
    auto const top = layer({}), middle = layer({ { "/f", "file", 2 } }), bottom = layer({ { "/f", "file", 3 } });
    auto const ray = look_up(stack_of(top, middle, bottom), "/f");
    CHECK(ray.visited == Visited { 0, 1 });
    CHECK(ray.answered == 1);
    CHECK(ray.object.size == 2);
    CHECK_FALSE(ray.whited_out);
}

TEST_CASE("Lookup: a whiteout ends the search", "[sim][overlay]")
{
    auto const top = layer({ { "/d/gone", "whiteout" } }), bottom = layer({ { "/d/gone" }, { "/d/here" } });
    auto const ray = look_up(stack_of(top, bottom), "/d/gone");
    CHECK(ray.visited == Visited { 0 });
    CHECK_FALSE(ray.answered);
    CHECK(ray.whited_out == 0);
    CHECK(look_up(stack_of(top, bottom), "/d/here").answered == 1);
}

TEST_CASE("Lookup: only branches that have the directory are asked for what lies in it", "[sim][overlay]")
{
    auto const top = layer({ { "/other/x" } }), middle = layer({ { "/d/y" } }), bottom = layer({ { "/d/x" } });
    CHECK(look_up(stack_of(top, middle, bottom), "/d/x").visited == Visited { 1, 2 });
}

TEST_CASE("Lookup: an opaque directory and a file in its place hide what lies below", "[sim][overlay]")
{
    auto const bottom = layer({ { "/d/x" } });
    auto const opaque = layer({ { "/d", "opaque" } }), file = layer({ { "/d", "file", 1 } });
    auto const through_opaque = look_up(stack_of(opaque, bottom), "/d/x");
    CHECK(through_opaque.visited == Visited { 0 });
    CHECK_FALSE(through_opaque.answered);
    CHECK_FALSE(look_up(stack_of(file, bottom), "/d/x").answered);
    // A file between two directories hides the lower one.
    auto const top = layer({ { "/d", "directory" } });
    CHECK_FALSE(look_up(stack_of(top, file, bottom), "/d/x").answered);
}

TEST_CASE("Lookup: where a directory is deleted, the search for what was in it ends there", "[sim][overlay]")
{
    auto const top = layer({ { "/d", "whiteout" } }), bottom = layer({ { "/d/x" } });
    auto const ray = look_up(stack_of(top, bottom), "/d/x");
    CHECK(ray.path == "/d");
    CHECK(ray.whited_out == 0);
    CHECK(look_up(stack_of(top, bottom), "/").answered == 0);
}
