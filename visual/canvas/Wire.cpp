#include "visual/canvas/Wire.h"

#include <cmath>

namespace drydock::canvas {

Wire::Wire(Point from, Point control_from, Point control_to, Point to)
    : m_points { from, control_from, control_to, to }
{
    auto last = from;
    for (std::size_t i = 1; i <= segments; ++i) {
        auto const next = curve(static_cast<float>(i) / segments);
        m_lengths[i] = m_lengths[i - 1]
            + std::sqrt((next.x - last.x) * (next.x - last.x) + (next.y - last.y) * (next.y - last.y));
        last = next;
    }
}

Wire Wire::straight(Point from, Point to)
{
    return { from, lerp(from, to, 1.0f / 3), lerp(from, to, 2.0f / 3), to };
}

Wire Wire::between(Rect const& a, Rect const& b)
{
    auto const gap_x = std::max(b.left() - a.right(), a.left() - b.right());
    auto const gap_y = std::max(b.top() - a.bottom(), a.top() - b.bottom());
    if (gap_x >= gap_y) {
        auto const rightwards = a.center().x <= b.center().x;
        Point const from { rightwards ? a.right() : a.left(), a.center().y };
        Point const to { rightwards ? b.left() : b.right(), b.center().y };
        auto const bend = (to.x - from.x) / 2;
        return { from, { from.x + bend, from.y }, { to.x - bend, to.y }, to };
    }
    auto const downwards = a.center().y <= b.center().y;
    Point const from { a.center().x, downwards ? a.bottom() : a.top() };
    Point const to { b.center().x, downwards ? b.top() : b.bottom() };
    auto const bend = (to.y - from.y) / 2;
    return { from, { from.x, from.y + bend }, { to.x, to.y - bend }, to };
}

float Wire::parameter(float part) const
{
    auto const target = std::clamp(part, 0.0f, 1.0f) * length();
    auto const above = std::lower_bound(m_lengths.begin(), m_lengths.end(), target);
    if (above == m_lengths.begin())
        return 0;
    auto const index = static_cast<float>(above - m_lengths.begin());
    auto const low = *(above - 1), high = *above;
    return (index - 1 + (high > low ? (target - low) / (high - low) : 0)) / segments;
}

Rect Wire::bounds() const
{
    auto result = Rect::spanning(m_points[0], m_points[3]);
    for (auto const p : { m_points[1], m_points[2] })
        result = Rect::spanning({ std::min(result.x, p.x), std::min(result.y, p.y) },
            { std::max(result.right(), p.x), std::max(result.bottom(), p.y) });
    return result;
}

Point Wire::curve(float t) const
{
    auto const s = 1 - t;
    return m_points[0] * (s * s * s) + m_points[1] * (3 * s * s * t) + m_points[2] * (3 * s * t * t)
        + m_points[3] * (t * t * t);
}

}
