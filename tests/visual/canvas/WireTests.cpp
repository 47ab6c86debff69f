#include "tests/support/Catch.h"
#include "visual/canvas/Wire.h"

#include <cmath>

using namespace drydock::canvas;

namespace {
float distance(Point a, Point b)
{
    return std::hypot(a.x - b.x, a.y - b.y);
}
}

TEST_CASE("Wire: it leaves and arrives at facing sides", "[visual][canvas]")
{
    Rect const a { 0, 0, 100, 50 };
    auto const right = Wire::between(a, { 200, 100, 100, 50 });
    CHECK(right.from() == Point { 100, 25 });
    CHECK(right.to() == Point { 200, 125 });
    auto const left = Wire::between({ 200, 100, 100, 50 }, a);
    CHECK(left.from() == Point { 200, 125 });
    CHECK(left.to() == Point { 100, 25 });
    auto const down = Wire::between(a, { 20, 200, 100, 50 });
    CHECK(down.from() == Point { 50, 50 });
    CHECK(down.to() == Point { 70, 200 });
}

TEST_CASE("Wire: equal progress is equal distance, however it bends", "[visual][canvas]")
{
    auto const wire = Wire::between({ 0, 0, 10, 10 }, { 300, 400, 10, 10 });
    auto const tenth = wire.length() / 10;
    for (int i = 0; i < 10; ++i) {
        auto const step = distance(wire.at(static_cast<float>(i) / 10), wire.at(static_cast<float>(i + 1) / 10));
        CHECK(step == Approx(tenth).epsilon(0.03));
    }
}

TEST_CASE("Wire: its ends are its ends, and its bounds hold all of it", "[visual][canvas]")
{
    auto const wire = Wire::between({ 0, 0, 10, 10 }, { 300, 400, 10, 10 });
    CHECK(wire.at(0) == wire.from());
    CHECK(distance(wire.at(1), wire.to()) < 0.01f);
    CHECK(wire.at(-1) == wire.from());
    for (int i = 0; i <= 20; ++i)
        CHECK(wire.bounds().outset(0.01f).contains(wire.at(static_cast<float>(i) / 20)));
}

TEST_CASE("Wire: a straight one is as long as the way, and one without a way stays put", "[visual][canvas]")
{
    CHECK(Wire::straight({ 0, 0 }, { 30, 40 }).length() == Approx(50));
    auto const none = Wire::straight({ 7, 7 }, { 7, 7 });
    CHECK(distance(none.at(0.5f), { 7, 7 }) < 0.001f);
}
