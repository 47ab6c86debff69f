#include "tests/support/Catch.h"
#include "visual/canvas/Easing.h"

#include <functional>

using namespace drydock::canvas;
using namespace std::chrono_literals;

TEST_CASE("Easing: every curve starts at 0, ends at 1, and never turns back", "[visual][canvas]")
{
    auto const curve
        = GENERATE(as<std::function<float(float)>> {}, linear, smooth, travel, standard, decelerate, accelerate);
    CHECK(curve(0) == 0);
    CHECK(curve(1) == 1);
    CHECK(curve(-5) == 0);
    CHECK(curve(5) == 1);
    for (int i = 1; i <= 200; ++i)
        CHECK(curve(static_cast<float>(i) / 200) >= curve(static_cast<float>(i - 1) / 200) - 1e-6f);
}

TEST_CASE("Easing: cubic-bezier agrees with what browsers compute", "[visual][canvas]")
{
    // CSS "ease" at a quarter, a half and three quarters.
    CubicBezier const ease { .25f, .1f, .25f, 1 };
    CHECK(ease(0.25f) == Approx(0.4085).margin(0.001));
    CHECK(ease(0.5f) == Approx(0.8024).margin(0.001));
    CHECK(ease(0.75f) == Approx(0.9605).margin(0.001));
}

TEST_CASE("Easing: decelerate is ahead, accelerate behind, smooth is symmetric", "[visual][canvas]")
{
    CHECK(decelerate(0.3f) > 0.6f);
    CHECK(accelerate(0.7f) < 0.4f);
    for (float const t : { 0.1f, 0.25f, 0.4f })
        CHECK(smooth(t) + smooth(1 - t) == Approx(1));
    CHECK(smooth(0.5f) == Approx(0.5));
}

TEST_CASE("Easing: a transfer keeps its speed between its eased ends", "[visual][canvas]")
{
    auto const speed = [](float t) { return (travel(t + 0.01f) - travel(t)) / 0.01f; };
    CHECK(speed(0.3f) == Approx(speed(0.6f)).epsilon(0.001));
    CHECK(speed(0.01f) < speed(0.3f));
    CHECK(travel(0.125f) == Approx(travel(0.12501f)).margin(0.0001));
}

TEST_CASE("Easing: progress is a share of the duration, and no duration is over at once", "[visual][canvas]")
{
    CHECK(progress(1s, 1s, 2s) == 0);
    CHECK(progress(2s, 1s, 2s) == 0.5f);
    CHECK(progress(9s, 1s, 2s) == 1);
    CHECK(progress(1s, 1s, 0s) == 1);
    CHECK(progress(999ms, 1s, 0s) == 0);
}

TEST_CASE("Easing: staggering never takes longer than its total", "[visual][canvas]")
{
    CHECK(stagger(0, 5).count() == 0);
    CHECK(stagger(2, 5).count() == Approx(0.08));
    CHECK(stagger(99, 100).count() == Approx(0.32));
    CHECK(stagger(0, 1).count() == 0);
}
