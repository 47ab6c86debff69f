#include "visual/canvas/Easing.h"

#include "visual/theme/Tokens.h"

#include <algorithm>

namespace drydock::canvas {

namespace {
// One coordinate of the curve at parameter s.
float bezier(float a, float b, float s)
{
    auto const r = 1 - s;
    return 3 * r * r * s * a + 3 * r * s * s * b + s * s * s;
}
}

float CubicBezier::operator()(float progress) const
{
    if (progress <= 0)
        return 0;
    if (progress >= 1)
        return 1;
    // x(s) rises monotonically as long as x1 and x2 lie in 0 to 1, so halving finds the parameter.
    float low = 0, high = 1;
    for (int i = 0; i < 24; ++i) {
        auto const middle = (low + high) / 2;
        (bezier(x1, x2, middle) < progress ? low : high) = middle;
    }
    return bezier(y1, y2, (low + high) / 2);
}

float linear(float progress)
{
    return std::clamp(progress, 0.0f, 1.0f);
}

float smooth(float progress)
{
    auto const t = std::clamp(progress, 0.0f, 1.0f), s = 1 - t;
    return t * t * t * (10 * s * s + 5 * s * t + t * t);
}

float travel(float progress)
{
    auto const t = std::clamp(progress, 0.0f, 1.0f);
    constexpr float ease = 0.125f, speed = 1 / (1 - ease);
    if (t < ease)
        return speed * t * t / (2 * ease);
    if (t > 1 - ease)
        return 1 - speed * (1 - t) * (1 - t) / (2 * ease);
    return speed * (t - ease / 2);
}

float progress(
    std::chrono::duration<double> now, std::chrono::duration<double> begin, std::chrono::duration<double> duration)
{
    if (duration.count() <= 0)
        return now >= begin ? 1.0f : 0.0f;
    return static_cast<float>(std::clamp((now - begin) / duration, 0.0, 1.0));
}

std::chrono::duration<double> stagger(int rank, int count)
{
    std::chrono::duration<double> const each = theme::motion::stagger, total = theme::motion::stagger_total;
    return rank * std::min(each, total / std::max(1, count - 1));
}

}
