#include "sim/timeline/Pacing.h"
#include "tests/support/Catch.h"

using namespace drydock::timeline;

namespace {

Pacing three_steps()
{
    Pacing pacing;
    pacing.append(4, 1.0);
    pacing.append(5, 0.5);
    pacing.append(12, 2.0);
    return pacing;
}

}

TEST_CASE("Pacing: every record has its moment, and that moment shows exactly it", "[sim][timeline]")
{
    auto const pacing = three_steps();
    for (std::uint64_t count = 0; count <= 12; ++count) {
        CAPTURE(count);
        CHECK(pacing.records_at(pacing.story_at(count)) == count);
    }
}

TEST_CASE("Pacing: more story never shows fewer records", "[sim][timeline]")
{
    auto const pacing = three_steps();
    std::uint64_t last = 0;
    for (double t = -1; t < 5; t += 0.01) {
        auto const now = pacing.records_at(t);
        REQUIRE(now >= last);
        last = now;
    }
    CHECK(last == 12);
}

TEST_CASE("Pacing: a longer log keeps the steps it had", "[sim][timeline]")
{
    auto pacing = three_steps();
    auto const before = pacing.steps().back().begin;
    pacing.append(40, 3.0);
    CHECK(pacing.steps().size() == 4);
    CHECK(pacing.steps()[2].begin == before);
    CHECK(pacing.step_at(pacing.length() + 9) == 3);
}

TEST_CASE("Cursor: playing stops at the end, following goes there and stays", "[sim][timeline]")
{
    Cursor cursor { .story = 0, .speed = 2, .playing = true, .following = false };
    cursor.advance(1, 10);
    CHECK(cursor.story == 2);
    cursor.advance(100, 10);
    CHECK(cursor.story == 10);
    CHECK_FALSE(cursor.playing);
    cursor.following = true;
    cursor.advance(0.5, 100);
    CHECK(cursor.story > 20); // far behind, it hurries
    cursor.advance(100, 100);
    CHECK(cursor.story == 100);
    CHECK(cursor.following);
    cursor.seek(3, 12);
    CHECK_FALSE(cursor.following);
}
