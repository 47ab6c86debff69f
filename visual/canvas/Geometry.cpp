#include "visual/canvas/Geometry.h"

namespace drydock::canvas {

Rect united(Rect const& a, Rect const& b)
{
    return Rect::spanning({ std::min(a.x, b.x), std::min(a.y, b.y) },
        { std::max(a.right(), b.right()), std::max(a.bottom(), b.bottom()) });
}

Rect intersected(Rect const& a, Rect const& b)
{
    auto const left = std::max(a.x, b.x), top = std::max(a.y, b.y);
    return { left, top, std::max(0.0f, std::min(a.right(), b.right()) - left),
        std::max(0.0f, std::min(a.bottom(), b.bottom()) - top) };
}

std::vector<Rect> columns(Rect const& area, int count, float gap)
{
    std::vector<Rect> result;
    auto const n = static_cast<float>(count);
    auto const width = (area.width - gap * (n - 1)) / n;
    for (int i = 0; i < count; ++i)
        result.push_back({ area.x + static_cast<float>(i) * (width + gap), area.y, width, area.height });
    return result;
}

std::vector<Rect> rows(Rect const& area, int count, float gap)
{
    std::vector<Rect> result;
    auto const n = static_cast<float>(count);
    auto const height = (area.height - gap * (n - 1)) / n;
    for (int i = 0; i < count; ++i)
        result.push_back({ area.x, area.y + static_cast<float>(i) * (height + gap), area.width, height });
    return result;
}

Rect fitted(Rect const& outer, Size shape)
{
    if (shape.width <= 0 || shape.height <= 0)
        return outer;
    auto const scale = std::min(outer.width / shape.width, outer.height / shape.height);
    return Rect::centered(outer.center(), { shape.width * scale, shape.height * scale });
}

}
