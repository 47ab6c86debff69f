#include "sim/overlay/Merged.h"
#include "tests/sim/overlay/Listings.h"
#include "tests/support/Catch.h"

using namespace drydock;
using namespace drydock::overlay;
using tests::layer;
using tests::stack_of;

namespace {

std::string paths_of(Merged const& merged)
{
    std::string text;
    for (auto const& row : merged.rows)
        text += (row.answer() != nullptr ? "" : "-") + row.path + " ";
    return text;
}

}

TEST_CASE("Merged: directories merge, and what is deleted stays to be seen", "[sim][overlay]")
{
    auto const top = layer({ { "/d/a", "whiteout" }, { "/d/b", "file", 1 } });
    auto const bottom = layer({ { "/d", "directory" }, { "/d/a", "file", 10 }, { "/d/b", "file", 20 }, { "/e" } });
    auto const merged = merge(stack_of(top, bottom));
    CHECK(paths_of(merged) == "/d -/d/a /d/b /e ");
    auto const* b = merged.find("/d/b");
    REQUIRE(b != nullptr);
    CHECK(b->answer()->branch == 0);
    CHECK(b->in_branch(1)->part == Part::Hidden);
    CHECK(b->in_branch(1)->hidden_by == 0);
    CHECK(merged.find("/d/a")->in_branch(0)->part == Part::Whiteout);
    CHECK(merged.find("/d")->end == 3);
    CHECK(merged.find("/d")->in_branch(1)->part == Part::Merges);
    CHECK(merged.find("/d/c") == nullptr);
}

TEST_CASE("Merged: names are in order although signs sort before the slash", "[sim][overlay]")
{
    auto const merged = merge(stack_of(layer({ { "/a-b" }, { "/a/x" }, { "/a.c" } })));
    CHECK(paths_of(merged) == "/a /a/x /a-b /a.c ");
    CHECK(merged.find("/a.c") == &merged.rows[3]);
}

TEST_CASE("Merged: below a whiteout, an opaque directory or a file nothing shows through", "[sim][overlay]")
{
    auto const bottom = layer({ { "/d/x", "file", 5 } });
    for (auto const* const type : { "whiteout", "opaque", "file" }) {
        CAPTURE(type);
        auto const top = layer({ { "/d", type } });
        auto const merged = merge(stack_of(top, bottom));
        auto const* const x = merged.find("/d/x");
        REQUIRE(x != nullptr);
        CHECK(x->answer() == nullptr);
        CHECK(x->in_branch(1)->hidden_by == 0);
    }
}

TEST_CASE("Weights: every byte of a branch is visible, deleted or overwritten, and the worst paths come first",
    "[sim][overlay]")
{
    auto const top = layer({ { "/cache", "whiteout" }, { "/etc/motd", "file", 7 } });
    auto const bottom = layer({ { "/bin/sh", "file", 100 }, { "/cache/a", "file", 30 }, { "/cache/sub/b", "file", 40 },
        { "/etc/motd", "file", 5 } });
    auto const weight = weights(merge(stack_of(top, bottom)), 2);
    CHECK(weight[0].visible == 7);
    CHECK(weight[0].total() == 7);
    CHECK(weight[1].visible == 100);
    CHECK(weight[1].deleted == 70);
    CHECK(weight[1].overwritten == 5);
    REQUIRE(weight[1].hidden.size() == 2);
    CHECK(weight[1].hidden[0] == HiddenPath { "/cache", 70, 0, true });
    CHECK(weight[1].hidden[1] == HiddenPath { "/etc/motd", 5, 0, false });
}
