#include "visual/stage/Caption.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

namespace drydock::stage {

namespace {

constexpr float distance = 14, grid = 20, edge = 8;
// Wide and flat, or narrow and high: what fits the free ground.
constexpr std::array caption_widths { 300.0f, 220.0f, 420.0f };

float area(Rect const& rect)
{
    return rect.is_empty() ? 0 : rect.width * rect.height;
}

// As narrow as it gets without another line, so that the lines are about equally long and none holds a single word.
canvas::Size size_of(std::string const& text, float widest, Ruler const& ruler)
{
    constexpr float step = 8, least = 90;
    auto const height = ruler.paragraph_height(theme::Style::Body, text, widest);
    auto width = std::min(widest, ruler.width(theme::Style::Body, text) + 2);
    while (width - step > least && ruler.paragraph_height(theme::Style::Body, text, width - step) <= height)
        width -= step;
    return { width + 2 * caption_padding_x, height + 2 * caption_padding_y };
}

// On each side of the object, at its middle and at both its ends; in order of preference.
std::vector<Rect> candidates(Rect const& object, canvas::Size size)
{
    auto const [w, h] = size;
    std::vector<Rect> places;
    for (float const shift : { 0.5f, 0.0f, 1.0f }) {
        auto const x = object.x + (object.width - w) * shift;
        auto const y = object.y + (object.height - h) * shift;
        places.push_back({ x, object.bottom() + distance, w, h });
        places.push_back({ x, object.top() - distance - h, w, h });
        places.push_back({ object.right() + distance, y, w, h });
        places.push_back({ object.left() - distance - w, y, w, h });
    }
    return places;
}

// Anywhere else, in case that all sides are taken.
std::vector<Rect> grid_of(Rect const& room, canvas::Size size)
{
    std::vector<Rect> places;
    for (float y = room.y + edge; y + size.height <= room.bottom() - edge; y += grid) {
        for (float x = room.x + edge; x + size.width <= room.right() - edge; x += grid)
            places.push_back({ x, y, size.width, size.height });
    }
    return places;
}

Rect kept_inside(Rect rect, Rect const& room)
{
    rect.x = std::clamp(rect.x, room.x + edge, std::max(room.x + edge, room.right() - rect.width - edge));
    rect.y = std::clamp(rect.y, room.y + edge, std::max(room.y + edge, room.bottom() - rect.height - edge));
    return rect;
}

float gap_between(Rect const& a, Rect const& b)
{
    auto const x = std::max({ 0.0f, a.left() - b.right(), b.left() - a.right() });
    auto const y = std::max({ 0.0f, a.top() - b.bottom(), b.top() - a.bottom() });
    return std::hypot(x, y);
}

Point nearest_point(Rect const& rect, Point to)
{
    return { std::clamp(to.x, rect.left() + 6, std::max(rect.left() + 6, rect.right() - 6)),
        std::clamp(to.y, rect.top(), rect.bottom()) };
}

// Covering what is lit is out of the question while there is any other place. Free ground is better than what is not
// lit, as long as it is near: a tail across the stage points at nothing.
float price(Rect const& place, Rect const& object, Ground const& ground)
{
    constexpr float forbidden = 1e6f, per_object = 0.3f, per_word = 8, near = 50, per_near = 10, per_far = 150;
    auto const gap = std::max(0.0f, gap_between(place, object) - distance);
    float cost = std::min(gap, near) * per_near + std::max(0.0f, gap - near) * per_far;
    auto const covered_lit = [&](Rect const& rect) {
        auto const covered = area(canvas::intersected(place, rect));
        cost += covered > 1 ? forbidden + covered * 8 : 0;
    };
    std::for_each(ground.lit.begin(), ground.lit.end(), covered_lit);
    covered_lit(object);
    for (auto const& rect : ground.others)
        cost += area(canvas::intersected(place, rect)) * per_object;
    for (auto const& rect : ground.words)
        cost += area(canvas::intersected(place, rect)) * per_word;
    return cost;
}

}

Caption place_caption(
    std::string const& text, Rect const& object, Rect const& room, Ground const& ground, Ruler const& ruler)
{
    Rect best;
    float least = std::numeric_limits<float>::max();
    auto const consider = [&](std::vector<Rect> const& places, float order, float per_place) {
        for (auto const& wish : places) {
            auto const place = kept_inside(wish, room);
            if (order < least) { // else it is not worth measuring
                auto const cost = order + price(place, object, ground);
                best = cost < least ? place : best;
                least = std::min(cost, least);
            }
            order += per_place;
        }
    };
    float order = 0;
    for (auto const widest : caption_widths) {
        constexpr float per_side = 20, sides = 12 * per_side, per_shape = 400;
        auto const size = size_of(text, widest, ruler);
        consider(candidates(object, size), order, per_side);
        if (order + sides < least)
            consider(grid_of(room, size), order + sides, 0);
        order += per_shape; // the usual shape, unless another one is clearly better off
    }
    return { best, nearest_point(object, best.center()) };
}

}
