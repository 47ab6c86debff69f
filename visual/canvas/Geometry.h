#pragma once

// Points, sizes and rectangles in logical pixels (a 1280x720 screen at scale 1), y downwards. Layout is arithmetic on
// these; only the Canvas knows about device pixels.

#include <algorithm>
#include <vector>

namespace drydock::canvas {

struct Point {
    float x { 0 };
    float y { 0 };
    bool operator==(Point const&) const = default;
};

constexpr Point operator+(Point a, Point b)
{
    return { a.x + b.x, a.y + b.y };
}
constexpr Point operator-(Point a, Point b)
{
    return { a.x - b.x, a.y - b.y };
}
constexpr Point operator*(Point a, float k)
{
    return { a.x * k, a.y * k };
}

struct Size {
    float width { 0 };
    float height { 0 };
    bool operator==(Size const&) const = default;
};

struct Rect {
    float x { 0 };
    float y { 0 };
    float width { 0 };
    float height { 0 };
    bool operator==(Rect const&) const = default;

    constexpr float left() const { return x; }
    constexpr float top() const { return y; }
    constexpr float right() const { return x + width; }
    constexpr float bottom() const { return y + height; }
    constexpr Point origin() const { return { x, y }; }
    constexpr Size size() const { return { width, height }; }
    constexpr Point center() const { return { x + width / 2, y + height / 2 }; }
    constexpr bool is_empty() const { return width <= 0 || height <= 0; }

    constexpr bool contains(Point p) const { return p.x >= x && p.x < right() && p.y >= y && p.y < bottom(); }
    constexpr bool contains(Rect const& r) const
    {
        return r.x >= x && r.y >= y && r.right() <= right() && r.bottom() <= bottom();
    }
    constexpr bool overlaps(Rect const& r) const
    {
        return x < r.right() && r.x < right() && y < r.bottom() && r.y < bottom();
    }

    constexpr Rect moved(float dx, float dy) const { return { x + dx, y + dy, width, height }; }
    constexpr Rect inset(float all) const { return inset(all, all); }
    constexpr Rect inset(float horizontal, float vertical) const
    {
        return { x + horizontal, y + vertical, std::max(0.0f, width - 2 * horizontal),
            std::max(0.0f, height - 2 * vertical) };
    }
    constexpr Rect outset(float all) const { return { x - all, y - all, width + 2 * all, height + 2 * all }; }

    // A part of this rectangle along one side; `rest` is what remains beyond the gap.
    constexpr Rect top_part(float h) const { return { x, y, width, std::min(h, height) }; }
    constexpr Rect bottom_part(float h) const
    {
        return { x, bottom() - std::min(h, height), width, std::min(h, height) };
    }
    constexpr Rect left_part(float w) const { return { x, y, std::min(w, width), height }; }
    constexpr Rect right_part(float w) const { return { right() - std::min(w, width), y, std::min(w, width), height }; }
    constexpr Rect without_top(float h) const
    {
        return { x, y + std::min(h, height), width, std::max(0.0f, height - h) };
    }
    constexpr Rect without_bottom(float h) const { return { x, y, width, std::max(0.0f, height - h) }; }
    constexpr Rect without_left(float w) const
    {
        return { x + std::min(w, width), y, std::max(0.0f, width - w), height };
    }
    constexpr Rect without_right(float w) const { return { x, y, std::max(0.0f, width - w), height }; }

    static constexpr Rect centered(Point center, Size size)
    {
        return { center.x - size.width / 2, center.y - size.height / 2, size.width, size.height };
    }
    static constexpr Rect spanning(Point a, Point b)
    {
        return { std::min(a.x, b.x), std::min(a.y, b.y), a.x < b.x ? b.x - a.x : a.x - b.x,
            a.y < b.y ? b.y - a.y : a.y - b.y };
    }
};

constexpr float lerp(float a, float b, float k)
{
    return a + (b - a) * k;
}
constexpr Point lerp(Point a, Point b, float k)
{
    return { lerp(a.x, b.x, k), lerp(a.y, b.y, k) };
}
constexpr Rect lerp(Rect const& a, Rect const& b, float k)
{
    return { lerp(a.x, b.x, k), lerp(a.y, b.y, k), lerp(a.width, b.width, k), lerp(a.height, b.height, k) };
}

Rect united(Rect const&, Rect const&);
Rect intersected(Rect const&, Rect const&);

// `count` equal columns or rows with `gap` between them.
std::vector<Rect> columns(Rect const&, int count, float gap);
std::vector<Rect> rows(Rect const&, int count, float gap);

// The largest rectangle of that shape inside, centred: for a picture that keeps its proportions.
Rect fitted(Rect const& outer, Size shape);

}
