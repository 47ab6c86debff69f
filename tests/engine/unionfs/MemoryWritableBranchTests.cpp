#include "engine/unionfs/MemoryWritableBranch.h"
#include "sim/time/LiveScheduler.h"
#include "tests/support/Catch.h"

using namespace drydock;
using namespace drydock::unionfs;

TEST_CASE("MemoryWritableBranch: an open file works on without a name and gives its space back at the end",
    "[engine][unionfs]")
{
    LiveScheduler const clock;
    MemoryWritableBranch branch(clock, 1000);
    REQUIRE_OK(branch.make("file", {}));
    auto file = REQUIRE_OK(branch.open_for_writing("file"));
    REQUIRE_OK(file->write_at(0, "content"));
    REQUIRE_OK(branch.remove("file"));
    CHECK(file->size() == 7);
    CHECK(REQUIRE_OK(file->attributes()).links == 0);
    CHECK(branch.space().free == 993);
    file.reset();
    CHECK(branch.space().free == 1000);
}

TEST_CASE("MemoryWritableBranch: a copy and its original go their own ways", "[engine][unionfs]")
{
    LiveScheduler const clock;
    MemoryWritableBranch branch(clock);
    REQUIRE_OK(branch.make("a", {}));
    REQUIRE_OK(branch.link("a", "b"));
    auto const copy = branch.copy();
    auto const original = REQUIRE_OK(branch.open_for_writing("a"));
    REQUIRE_OK(original->write_at(0, "later"));
    CHECK(REQUIRE_OK(copy->look_up("b")).attributes.size == 0);
    auto const other = REQUIRE_OK(copy->open_for_writing("a"));
    REQUIRE_OK(other->write_at(0, "x"));
    CHECK(REQUIRE_OK(copy->look_up("b")).attributes.size == 1);
}
