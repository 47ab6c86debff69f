#include "visual/canvas/Draw.h"

#include <imgui_internal.h>

#include <cmath>
#include <utility>

namespace drydock::canvas {

namespace {

struct Corners {
    ImVec2 low, high;
};

Corners corners(Canvas const& canvas, Rect const& rect)
{
    return { canvas.snapped(rect.origin()), canvas.snapped({ rect.right(), rect.bottom() }) };
}

// The patterns, in line widths: drawn, left out.
struct Pattern {
    float on, off;
};

Pattern pattern_of(Stroke stroke, float width)
{
    return stroke == Stroke::Dotted ? Pattern { width, width * 2.2f }
                                    : Pattern { std::max(4.0f * width, 5.0f), std::max(3.0f * width, 4.0f) };
}

float distance(ImVec2 a, ImVec2 b)
{
    return std::hypot(b.x - a.x, b.y - a.y);
}

// Draws dashes along a polyline so that a whole number of them fits. All in device pixels.
void dash(ImDrawList& list, std::span<ImVec2 const> points, ImU32 ink, float width, Pattern pattern)
{
    float length = 0;
    for (std::size_t i = 1; i < points.size(); ++i)
        length += distance(points[i - 1], points[i]);
    auto const periods = std::max(1.0f, std::round(length / (pattern.on + pattern.off)));
    auto const period = length / periods, on = period * pattern.on / (pattern.on + pattern.off);
    float walked = 0; // up to points[i - 1]
    bool drawing = false;
    for (std::size_t i = 1; i < points.size(); ++i) {
        auto const a = points[i - 1], b = points[i];
        auto const step = distance(a, b);
        if (step <= 0)
            continue;
        auto const at = [&](float way) { return ImLerp(a, b, std::clamp((way - walked) / step, 0.0f, 1.0f)); };
        for (auto k = std::floor(walked / period); k * period < walked + step; ++k) {
            auto const begin = k * period, end = begin + on;
            if (end <= walked)
                continue;
            if (!drawing)
                list.PathLineTo(at(std::max(begin, walked)));
            drawing = end > walked + step; // goes on around the corner
            list.PathLineTo(at(end));
            if (!drawing)
                list.PathStroke(ink, 0, width);
        }
        walked += step;
    }
    if (drawing)
        list.PathStroke(ink, 0, width);
}

void stroke_polyline(
    ImDrawList& list, std::span<ImVec2 const> points, ImU32 ink, float width, Stroke stroke, bool closed)
{
    if (stroke == Stroke::Solid || stroke == Stroke::Double) {
        list.AddPolyline(points.data(), static_cast<int>(points.size()), ink, closed ? ImDrawFlags_Closed : 0, width);
        return;
    }
    std::vector<ImVec2> path(points.begin(), points.end());
    if (closed)
        path.push_back(path.front());
    dash(list, path, ink, width, pattern_of(stroke, width));
}

std::vector<ImVec2> bezier(Canvas const& canvas, Wire const& wire, float begin, float end)
{
    constexpr int steps = 48;
    auto const& p = wire.points();
    std::vector<ImVec2> points;
    for (int i = 0; i <= steps; ++i) {
        auto const part = lerp(begin, end, static_cast<float>(i) / steps);
        points.push_back(ImBezierCubicCalc(
            canvas.device(p[0]), canvas.device(p[1]), canvas.device(p[2]), canvas.device(p[3]), wire.parameter(part)));
    }
    return points;
}

}

void line(Canvas const& canvas, Point from, Point to, theme::Color color, float width, Stroke stroke)
{
    auto const pixels = canvas.device_width(width);
    auto a = canvas.device(from), b = canvas.device(to);
    // Upright lines go through pixel centres when their width is odd, or they blur over two columns.
    auto const half = std::fmod(pixels, 2.0f) / 2;
    if (a.x == b.x)
        a.x = b.x = std::floor(a.x) + half;
    if (a.y == b.y)
        a.y = b.y = std::floor(a.y) + half;
    std::array const points { a, b };
    stroke_polyline(canvas.list(), points, canvas.ink(color), pixels, stroke, false);
}

void outline(Canvas const& canvas, Rect const& rect, float radius, theme::Color color, float width, Stroke stroke)
{
    auto const [low, high] = corners(canvas, rect);
    auto const pixels = canvas.device_width(width);
    auto& list = canvas.list();
    if (stroke == Stroke::Solid) {
        auto const inset = pixels / 2 - 0.5f; // The line stays inside of the rectangle.
        list.AddRect({ low.x + inset, low.y + inset }, { high.x - inset, high.y - inset }, canvas.ink(color),
            canvas.device(radius), 0, pixels);
        return;
    }
    if (stroke == Stroke::Double) {
        outline(canvas, rect, radius, color, width);
        outline(canvas, rect.inset(width + 2), std::max(0.0f, radius - width - 2), color, width);
        return;
    }
    auto const half = pixels / 2;
    list.PathRect({ low.x + half, low.y + half }, { high.x - half, high.y - half }, canvas.device(radius) - half);
    std::vector<ImVec2> const path(list._Path.begin(), list._Path.end());
    list.PathClear();
    stroke_polyline(list, path, canvas.ink(color), pixels, stroke, true);
}

void fill(Canvas const& canvas, Rect const& rect, float radius, theme::Color color)
{
    auto const [low, high] = corners(canvas, rect);
    if (low.x >= high.x || low.y >= high.y)
        return;
    canvas.list().AddRectFilled(low, high, canvas.ink(color), canvas.device(radius));
}

void disc(Canvas const& canvas, Point center, float radius, theme::Color color)
{
    canvas.list().AddCircleFilled(canvas.device(center), canvas.device(radius), canvas.ink(color));
}

void ring(Canvas const& canvas, Point center, float radius, theme::Color color, float width)
{
    canvas.list().AddCircle(canvas.device(center), canvas.device(radius), canvas.ink(color), 0, canvas.device(width));
}

void hatch(Canvas const& canvas, Rect const& rect, theme::Color color, float spacing)
{
    Clip const clip(canvas, rect);
    auto const width = canvas.device_width(1);
    for (auto x = rect.x - rect.height + spacing; x < rect.right(); x += spacing)
        canvas.list().AddLine(canvas.device({ x, rect.bottom() }), canvas.device({ x + rect.height, rect.top() }),
            canvas.ink(color), width);
}

void icon(Canvas const& canvas, Point center, theme::Icon icon, theme::Color color, float size)
{
    auto const pixels = std::round(canvas.device(size));
    // Icons are merged into each style at 1.1 em: take the bake that need not be enlarged.
    auto* font = &canvas.fonts().font(theme::Style::Narration);
    auto em = theme::type_style(theme::Style::Narration).em;
    for (auto const style : { theme::Style::Title, theme::Style::Heading, theme::Style::Body }) {
        if (theme::type_style(style).em * 1.1f * canvas.fonts().scale() >= pixels) {
            font = &canvas.fonts().font(style);
            em = theme::type_style(style).em;
        }
    }
    auto const* const glyph = font->FindGlyph(static_cast<ImWchar>(icon));
    auto const baked = std::round(em * 1.1f * canvas.fonts().scale());
    auto const k = pixels / baked;
    auto const middle = canvas.device(center);
    ImVec2 const position { std::round(middle.x - (glyph->X0 + glyph->X1) / 2 * k),
        std::round(middle.y - (glyph->Y0 + glyph->Y1) / 2 * k) };
    font->RenderChar(&canvas.list(), font->FontSize * k, position, canvas.ink(color), static_cast<ImWchar>(icon));
}

void stage_ground(Canvas const& canvas, Rect const& rect)
{
    auto const& theme = canvas.theme();
    fill(canvas, rect, 0, theme.stage);
    auto const dot = canvas.ink(theme.text.faded(theme.dark ? 0.05f : 0.07f));
    auto const size = canvas.device_width(1.25f);
    constexpr float step = theme::space::wide;
    for (auto y = std::ceil(rect.y / step) * step; y < rect.bottom(); y += step) {
        for (auto x = std::ceil(rect.x / step) * step; x < rect.right(); x += step) {
            auto const p = canvas.snapped({ x, y });
            canvas.list().AddRectFilled(p, { p.x + size, p.y + size }, dot);
        }
    }
}

void panel(Canvas const& canvas, Rect const& rect, Side side)
{
    auto const& theme = canvas.theme();
    fill(canvas, rect, 0, theme.surface);
    auto const width = theme.border_width;
    switch (side) {
    case Side::None: return;
    case Side::Left: return fill(canvas, rect.left_part(width), 0, theme.line);
    case Side::Right: return fill(canvas, rect.right_part(width), 0, theme.line);
    case Side::Top: return fill(canvas, rect.top_part(width), 0, theme.line);
    case Side::Bottom: return fill(canvas, rect.bottom_part(width), 0, theme.line);
    }
}

namespace {

// A stretch of the shadow along one axis: device pixels and the texture's part that belongs there.
struct Slice {
    float begin, end, uv_begin, uv_end;
};

// The same slice without what lies beyond `limit`, where the card covers it anyway.
Slice cut_after(Slice const& slice, float limit)
{
    auto const end = std::clamp(limit, slice.begin, slice.end);
    auto const part = slice.end > slice.begin ? (end - slice.begin) / (slice.end - slice.begin) : 0;
    return { slice.begin, end, slice.uv_begin, lerp(slice.uv_begin, slice.uv_end, part) };
}

Slice cut_before(Slice const& slice, float limit)
{
    auto const [begin, end, uv_begin, uv_end]
        = cut_after({ -slice.end, -slice.begin, slice.uv_end, slice.uv_begin }, -limit);
    return { -end, -begin, uv_end, uv_begin };
}

std::array<Slice, 3> slices(float begin, float end, float corner, float uv_begin, float uv_end)
{
    auto const middle = (uv_begin + uv_end) / 2;
    return { { { begin, begin + corner, uv_begin, middle }, { begin + corner, end - corner, middle, middle },
        { end - corner, end, middle, uv_end } } };
}

}

// The soft square of the atlas, stretched: corners keep their shape, sides are drawn out ("9-slice"). The middle lies
// under the card and is left out, as is what the card covers of the sides.
void shadow(Canvas const& canvas, Rect const& rect, float radius, theme::Elevation elevation)
{
    auto const look = canvas.theme().shadow(elevation);
    if (look.alpha <= 0)
        return;
    auto const [card_low, card_high] = corners(canvas, rect);
    auto const [low, high] = corners(canvas, rect.outset(look.spread / 2).moved(0, look.offset_y));
    auto const corner = std::min({ std::round(canvas.device(look.spread + radius)), std::floor((high.x - low.x) / 2),
        std::floor((high.y - low.y) / 2) });
    auto const [uv_low, uv_high] = canvas.fonts().shadow();
    auto const xs = slices(low.x, high.x, corner, uv_low.x, uv_high.x);
    auto const ys = slices(low.y, high.y, corner, uv_low.y, uv_high.y);
    auto const draw = [&, ink = canvas.ink(theme::Color {}.faded(look.alpha))](Slice const& x, Slice const& y) {
        if (x.begin < x.end && y.begin < y.end)
            canvas.list().AddImage(canvas.fonts().atlas().TexID, { x.begin, y.begin }, { x.end, y.end },
                { x.uv_begin, y.uv_begin }, { x.uv_end, y.uv_end }, ink);
    };
    for (auto const* const x : { &xs[0], &xs[2] }) {
        draw(*x, ys[0]);
        draw(*x, ys[2]);
    }
    draw(xs[1], cut_after(ys[0], card_low.y + 1));
    draw(xs[1], cut_before(ys[2], card_high.y - 1));
    draw(cut_after(xs[0], card_low.x + 1), ys[1]);
    draw(cut_before(xs[2], card_high.x - 1), ys[1]);
}

namespace {

// The colour changes between the rounded ends, which are of one colour each: an upright gradient is a cheap one.
void fill_gradient(Canvas const& canvas, Rect const& rect, float radius, theme::Color top, theme::Color bottom)
{
    auto& list = canvas.list();
    auto const [low, high] = corners(canvas, rect);
    auto const rounding = canvas.device(radius);
    auto const end = std::min(std::ceil(rounding), std::floor((high.y - low.y) / 2));
    auto const above = canvas.ink(top), below = canvas.ink(bottom);
    list.AddRectFilled(low, { high.x, low.y + end }, above, rounding, ImDrawFlags_RoundCornersTop);
    list.AddRectFilledMultiColor({ low.x, low.y + end }, { high.x, high.y - end }, above, above, below, below);
    list.AddRectFilled({ low.x, high.y - end }, high, below, rounding, ImDrawFlags_RoundCornersBottom);
}

// The left rim of the card's own shape, so that the stripe follows its corners.
void fill_stripe(Canvas const& canvas, Rect const& rect, float radius, theme::Color color)
{
    Clip const clip(canvas, rect.left_part(6));
    fill(canvas, rect, radius, color);
}

}

void card(Canvas const& canvas, Rect const& rect, CardLook const& look)
{
    if (!canvas.is_visible(rect.outset(theme::space::vast)))
        return;
    auto const& theme = canvas.theme();
    auto const radius = look.elevation == theme::Elevation::Container ? theme::radius::container : theme::radius::card;
    shadow(canvas, rect, radius, look.elevation);

    auto ground = theme.dark ? theme.raised : theme.surface;
    // A broken line has less of itself to be seen by.
    auto border = look.border == Stroke::Solid ? theme.line : theme::mix(theme.line, theme.dim_text, 0.6f);
    if (look.tint) {
        auto const& category = theme[*look.tint];
        ground = theme::over(category.fill.faded(theme.tint), ground);
        border = theme::over(category.stroke.faded(theme.tint_border), ground);
    }
    auto const foot = theme.dark ? theme::mix(ground, theme.surface, theme.gradient * 12)
                                 : theme::mix(ground, theme.raised, theme.gradient * 12);
    fill_gradient(canvas, rect, radius, ground, foot);
    if (look.inactive)
        hatch(canvas, rect.inset(3), theme.line.faded(0.9f));
    outline(canvas, rect, radius, border, theme.border_width, look.border);
    if (look.stripe)
        fill_stripe(canvas, rect, radius, theme[*look.stripe].fill);
    if (look.selected)
        outline(canvas, rect.outset(3), radius + 3, theme[theme::Category::Selection].stroke, 2);
}

Size chip_size(Measure const& measure, std::string_view label, ChipLook const& look)
{
    auto const with_icon = look.icon ? theme::icon_size::small + theme::space::tight : 0.0f;
    return { std::ceil(measure.width(look.style, label)) + with_icon + 2 * theme::space::snug, chip_height };
}

Rect chip(Canvas const& canvas, Point top_left, std::string_view label, theme::Category category, ChipLook const& look)
{
    auto const size = chip_size(canvas.measure(), label, look);
    Rect const rect { top_left.x, top_left.y, size.width, size.height };
    chip_in(canvas, rect, label, category, look);
    return rect;
}

void chip_in(
    Canvas const& canvas, Rect const& rect, std::string_view label, theme::Category category, ChipLook const& look)
{
    auto const& theme = canvas.theme();
    auto const& colors = theme[category];
    fill(canvas, rect, theme::radius::control,
        colors.fill.faded(category == theme::Category::Selection ? 0.0f : theme.tint));
    outline(
        canvas, rect, theme::radius::control, colors.stroke.faded(theme.tint_border), theme.border_width, look.border);
    auto inner = rect.inset(theme::space::snug, 0);
    if (look.icon) {
        icon(canvas, { inner.x + theme::icon_size::small / 2, inner.center().y }, *look.icon, colors.stroke,
            theme::icon_size::small);
        inner = inner.without_left(theme::icon_size::small + theme::space::tight);
    }
    text_in(canvas, inner, label, look.style, theme.text);
}

namespace {
constexpr float tag_height = 22;
}

Size tag_size(Measure const& measure, std::string_view word)
{
    return { std::ceil(measure.width(theme::Style::Caption, word)) + 2 * theme::space::tight, tag_height };
}

Rect tag(Canvas const& canvas, Point top_left, std::string_view word, Stroke stroke)
{
    auto const size = tag_size(canvas.measure(), word);
    Rect const rect { top_left.x, top_left.y, size.width, size.height };
    auto const& theme = canvas.theme();
    fill(canvas, rect, tag_height / 2, theme.raised);
    outline(canvas, rect, tag_height / 2, theme.dim_text.faded(0.7f), theme.border_width, stroke);
    text_in(canvas, rect, word, theme::Style::Caption, theme.dim_text, Align::Center);
    return rect;
}

float key_cap_width(Measure const& measure, std::string_view key)
{
    return std::max(24.0f, std::ceil(measure.width(theme::Style::Caption, key)) + 2 * theme::space::tight);
}

float key_cap(Canvas const& canvas, Point top_left, std::string_view key)
{
    auto const width = key_cap_width(canvas.measure(), key);
    Rect const rect { top_left.x, top_left.y, width, 24 };
    auto const& theme = canvas.theme();
    // The keyboard's third dimension: a foot that the cap stands on.
    fill(canvas, rect.moved(0, 2), theme::radius::bar, theme.line);
    fill(canvas, rect, theme::radius::bar, theme.raised);
    outline(canvas, rect, theme::radius::bar, theme.line, theme.border_width);
    text_in(canvas, rect, key, theme::Style::Caption, theme.text, Align::Center);
    return width;
}

void meter(Canvas const& canvas, Rect const& rect, float part, theme::Category category, std::optional<float> limit)
{
    auto const& theme = canvas.theme();
    auto const radius = rect.height / 2;
    fill(canvas, rect, radius,
        theme.dark ? theme::over(theme.text.faded(0.08f), theme.surface)
                   : theme::over(theme.text.faded(0.1f), theme.surface));
    auto const used = rect.left_part(std::max(rect.height, rect.width * std::clamp(part, 0.0f, 1.0f)));
    if (part > 0)
        fill(canvas, used, radius, theme[category].fill);
    if (theme.border_width > 1)
        outline(canvas, rect, radius, theme.line, 1);
    if (limit)
        fill(canvas, { rect.x + rect.width * *limit - 1, rect.y - 3, 2, rect.height + 6 }, 1, theme.text);
}

void sparkline(Canvas const& canvas, Rect const& rect, std::span<float const> values, theme::Category category)
{
    if (values.size() < 2)
        return;
    auto const& colors = canvas.theme()[category];
    std::vector<ImVec2> points;
    for (std::size_t i = 0; i < values.size(); ++i) {
        auto const x = rect.x + rect.width * static_cast<float>(i) / static_cast<float>(values.size() - 1);
        points.push_back(canvas.device({ x, rect.bottom() - rect.height * std::clamp(values[i], 0.0f, 1.0f) }));
    }
    auto const foot = canvas.device({ rect.x, rect.bottom() }).y;
    auto const ground = canvas.ink(colors.fill.faded(canvas.theme().tint));
    for (std::size_t i = 1; i < points.size(); ++i) {
        std::array const quad { points[i - 1], points[i], ImVec2(points[i].x, foot), ImVec2(points[i - 1].x, foot) };
        // Neighbouring quads share a side; their softened rims would show there as stripes.
        auto const flags = std::exchange(canvas.list().Flags, canvas.list().Flags & ~ImDrawListFlags_AntiAliasedFill);
        canvas.list().AddConvexPolyFilled(quad.data(), 4, ground);
        canvas.list().Flags = flags;
    }
    stroke_polyline(canvas.list(), points, canvas.ink(colors.stroke), canvas.device_width(1.5f), Stroke::Solid, false);
}

void wire(Canvas const& canvas, Wire const& way, theme::Category category, float part, Stroke stroke)
{
    if (!canvas.is_visible(way.bounds().outset(8)))
        return;
    auto const& theme = canvas.theme();
    auto const width = canvas.device(2.5f);
    auto const draw = [&](float begin, float end, theme::Color color) {
        auto const points = bezier(canvas, way, begin, end);
        if (stroke == Stroke::Double) { // a pipe: its two walls
            stroke_polyline(canvas.list(), points, canvas.ink(color), width * 2, Stroke::Solid, false);
            stroke_polyline(canvas.list(), points, canvas.ink(theme.stage), width, Stroke::Solid, false);
        } else {
            stroke_polyline(canvas.list(), points, canvas.ink(color), width, stroke, false);
        }
    };
    auto const done = std::clamp(part, 0.0f, 1.0f);
    if (done < 1)
        draw(done, 1, theme.line);
    if (done > 0)
        draw(0, done, theme[category].stroke);
}

void token(Canvas const& canvas, Point at, theme::Category category, std::optional<theme::Icon> sign)
{
    auto const& colors = canvas.theme()[category];
    auto const core = sign ? 11.0f : 6.0f;
    disc(canvas, at, core + 5, colors.fill.faded(0.22f));
    ring(canvas, at, core + 5, colors.stroke.faded(0.55f));
    disc(canvas, at, core, colors.fill);
    if (sign)
        icon(canvas, at, *sign, colors.on_fill, theme::icon_size::small - 2);
}

void pulse(Canvas const& canvas, Rect const& rect, float radius, theme::Color color, float k)
{
    if (k <= 0 || k >= 1)
        return;
    auto const away = lerp(2, 14, k);
    outline(canvas, rect.outset(away), radius + away, color.faded(1 - k), 1.5f);
}

void spotlight(Canvas const& canvas, Rect const& lit, float radius, float k)
{
    auto const& theme = canvas.theme();
    auto const all = canvas.bounds();
    auto const veil = theme.stage.faded((1 - theme::veiled) * std::clamp(k, 0.0f, 1.0f));
    fill(canvas, { 0, 0, all.width, lit.top() }, 0, veil);
    fill(canvas, { 0, lit.bottom(), all.width, all.height - lit.bottom() }, 0, veil);
    fill(canvas, { 0, lit.top(), lit.left(), lit.height }, 0, veil);
    fill(canvas, { lit.right(), lit.top(), all.width - lit.right(), lit.height }, 0, veil);
    outline(canvas, lit, radius, theme[theme::Category::Selection].stroke.faded(k), 2);
}

void state_mark(Canvas const& canvas, Point center, StateMark mark, float radius)
{
    auto const& theme = canvas.theme();
    auto const square = Rect::centered(center, { radius * 2, radius * 2 });
    switch (mark) {
    case StateMark::Created: return ring(canvas, center, radius - 1, theme.dim_text, 2);
    case StateMark::Running: return disc(canvas, center, radius, theme[theme::Category::Network].fill);
    case StateMark::Paused:
        for (auto const& bar : columns(square.inset(radius * 0.15f), 2, radius * 0.5f))
            fill(canvas, bar, 1.5f, theme[theme::Category::Storage].stroke);
        return;
    case StateMark::Stopped: return fill(canvas, square.inset(radius * 0.15f), 2, theme.dim_text);
    case StateMark::Dead: {
        auto const arm = radius * 0.75f;
        auto const color = theme[theme::Category::Alert].stroke;
        line(canvas, center - Point { arm, arm }, center + Point { arm, arm }, color, 3);
        line(canvas, center + Point { -arm, arm }, center + Point { arm, -arm }, color, 3);
        return;
    }
    }
}

}
