#include "visual/stage/Caption.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace drydock::stage {

namespace {

constexpr float widest = 300, distance = 14;

float area(Rect const& rect)
{
    return rect.is_empty() ? 0 : rect.width * rect.height;
}

// Narrow enough that the lines are about equally long.
canvas::Size size_of(std::string const& text, Ruler const& ruler)
{
    auto const whole = ruler.width(theme::Style::Body, text);
    auto const lines = std::ceil(whole / widest);
    auto const width = std::min(widest, whole / lines + 40);
    auto const height = ruler.paragraph_height(theme::Style::Body, text, width);
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

Rect kept_inside(Rect rect, Rect const& room)
{
    rect.x = std::clamp(rect.x, room.x + 8, std::max(room.x + 8, room.right() - rect.width - 8));
    rect.y = std::clamp(rect.y, room.y + 8, std::max(room.y + 8, room.bottom() - rect.height - 8));
    return rect;
}

Point nearest_point(Rect const& rect, Point to)
{
    return { std::clamp(to.x, rect.left() + 6, std::max(rect.left() + 6, rect.right() - 6)),
        std::clamp(to.y, rect.top(), rect.bottom()) };
}

}

Caption place_caption(std::string const& text, Rect const& object, Rect const& room, std::vector<Rect> const& lit,
    std::vector<Rect> const& others, Ruler const& ruler)
{
    auto const size = size_of(text, ruler);
    Rect best;
    float least = std::numeric_limits<float>::max();
    float order = 0;
    for (auto const& wish : candidates(object, size)) {
        auto const place = kept_inside(wish, room);
        float cost = order++ * 20;
        for (auto const& rect : lit)
            cost += area(canvas::intersected(place, rect)) * 8;
        for (auto const& rect : others)
            cost += area(canvas::intersected(place, rect)) * 2;
        cost += area(canvas::intersected(place, object)) * 20;
        cost += (std::abs(place.x - wish.x) + std::abs(place.y - wish.y)) * 10;
        if (cost < least) {
            least = cost;
            best = place;
        }
    }
    return { best, nearest_point(object, best.center()) };
}

}
