#pragma once

// A connection between two things: a cubic Bézier curve that leaves and arrives at right angles to their sides, and a
// token that travels along it. Positions go by the length of the way, so equal progress is equal distance.

#include "visual/canvas/Geometry.h"

#include <array>

namespace drydock::canvas {

class Wire {
public:
    Wire(Point from, Point control_from, Point control_to, Point to);
    // From the side of one box to the facing side of the other; side by side if there is room for it, else stacked.
    static Wire between(Rect const& from, Rect const& to);
    static Wire straight(Point from, Point to);

    Point from() const { return m_points[0]; }
    Point to() const { return m_points[3]; }
    std::array<Point, 4> const& points() const { return m_points; }
    float length() const { return m_lengths.back(); }
    // After that part (0 to 1) of the length.
    Point at(float part) const { return curve(parameter(part)); }
    // The curve's own parameter there; Bézier curves run slowly where they bend.
    float parameter(float part) const;
    Rect bounds() const; // of the control polygon, which holds the curve

private:
    Point curve(float parameter) const;

    static constexpr int segments = 48;
    std::array<Point, 4> m_points;
    std::array<float, segments + 1> m_lengths {};
};

}
