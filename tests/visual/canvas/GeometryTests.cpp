#include "tests/support/Catch.h"
#include "visual/canvas/Geometry.h"

using namespace drydock::canvas;

TEST_CASE("Geometry: parts and what remains add up to the whole", "[visual][canvas]")
{
    constexpr Rect whole { 10, 20, 100, 50 };
    CHECK(united(whole.top_part(12), whole.without_top(12)) == whole);
    CHECK(united(whole.left_part(30), whole.without_left(30)) == whole);
    CHECK(united(whole.bottom_part(12), whole.without_bottom(12)) == whole);
    CHECK(united(whole.right_part(12), whole.without_right(12)) == whole);
    CHECK(whole.top_part(80) == whole); // never more than there is
    CHECK(whole.without_top(80).height == 0);
}

TEST_CASE("Geometry: columns and rows are equal, keep their gap, and fill the area", "[visual][canvas]")
{
    auto const parts = columns({ 0, 0, 320, 10 }, 3, 10);
    REQUIRE(parts.size() == 3);
    CHECK(parts[0] == Rect { 0, 0, 100, 10 });
    CHECK(parts[2].right() == 320);
    auto const lines = rows({ 5, 0, 10, 100 }, 2, 20);
    CHECK(lines[1] == Rect { 5, 60, 10, 40 });
}

TEST_CASE("Geometry: insets stop at nothing", "[visual][canvas]")
{
    CHECK(Rect { 0, 0, 10, 10 }.inset(3) == Rect { 3, 3, 4, 4 });
    CHECK(Rect { 0, 0, 10, 10 }.inset(8).is_empty());
}

TEST_CASE("Geometry: rectangles that only touch do not overlap", "[visual][canvas]")
{
    constexpr Rect a { 0, 0, 10, 10 };
    CHECK_FALSE(a.overlaps({ 10, 0, 5, 5 }));
    CHECK(a.overlaps({ 9, 9, 5, 5 }));
    CHECK(a.contains(Point { 0, 0 }));
    CHECK_FALSE(a.contains(Point { 10, 0 }));
    CHECK(intersected(a, { 20, 20, 5, 5 }).is_empty());
    CHECK(intersected(a, { 4, 6, 20, 20 }) == Rect { 4, 6, 6, 4 });
}

TEST_CASE("Geometry: a picture fits into a box without losing its shape", "[visual][canvas]")
{
    CHECK(fitted({ 0, 0, 200, 100 }, { 10, 10 }) == Rect { 50, 0, 100, 100 });
    CHECK(lerp(Rect { 0, 0, 10, 10 }, Rect { 10, 20, 30, 50 }, 0.5f) == Rect { 5, 10, 20, 30 });
}
