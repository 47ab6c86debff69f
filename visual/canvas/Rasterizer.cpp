#include "visual/canvas/Rasterizer.h"

#include <imgui.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <span>

namespace drydock::canvas {

namespace {

// Positions have 4 fractional bits, as GPUs have 8 and D3D10's rules ask for at least that in spirit; a pixel is hit
// where its centre lies inside. Colours and texture coordinates step along a row with 16 fractional bits.
constexpr int subpixels = 16, half_pixel = subpixels / 2;
using Wide = std::int64_t;

constexpr std::uint32_t opaque = 0xff000000u;

struct Pixels { // half-open
    int left, top, right, bottom;
    bool is_empty() const { return left >= right || top >= bottom; }
};

Pixels common(Pixels const& a, Pixels const& b)
{
    return { std::max(a.left, b.left), std::max(a.top, b.top), std::min(a.right, b.right),
        std::min(a.bottom, b.bottom) };
}

// The first pixel whose centre is not left of (above) a fixed-point edge.
int first_pixel(Wide fixed)
{
    auto const shifted = fixed - half_pixel + subpixels - 1;
    return static_cast<int>(shifted >= 0 ? shifted / subpixels : -((-shifted + subpixels - 1) / subpixels));
}

Wide floor_divide(Wide a, Wide b) // b > 0
{
    return a >= 0 ? a / b : -((-a + b - 1) / b);
}

// v/255, rounded, exact for every product of two bytes; two such lanes of 16 bits at once.
std::uint32_t div255_pair(std::uint32_t lanes)
{
    lanes += 0x00800080u;
    return (lanes + (lanes >> 8 & 0x00ff00ffu)) >> 8 & 0x00ff00ffu;
}

std::uint32_t div255(std::uint32_t value)
{
    return (value + 128 + ((value + 128) >> 8)) >> 8;
}

std::uint32_t blend(std::uint32_t below, std::uint32_t color, std::uint32_t alpha)
{
    auto const rest = 255 - alpha;
    auto const red_blue = (color & 0x00ff00ffu) * alpha + (below & 0x00ff00ffu) * rest;
    auto const green = (color >> 8 & 0xffu) * alpha + (below >> 8 & 0xffu) * rest;
    return opaque | div255_pair(red_blue) | div255(green) << 8;
}

void blend_span(std::uint32_t* pixel, int count, std::uint32_t color)
{
    auto const alpha = color >> 24;
    if (alpha == 255) {
        std::fill_n(pixel, count, color);
        return;
    }
    for (int i = 0; i < count; ++i)
        pixel[i] = blend(pixel[i], color, alpha);
}

struct Vertex {
    Wide x, y; // fixed point
    float u, v;
    std::uint32_t color;
};

// A value that changes linearly over the picture, with 16 fractional bits, known at any pixel without walking there.
struct Plane {
    Wide origin { 0 }, step_x { 0 }, step_y { 0 };
    Wide at(int x, int y) const { return origin + step_x * x + step_y * y; }
};

// One of the four bytes of a colour, from its fixed-point value.
std::uint32_t channel(Wide value)
{
    return static_cast<std::uint32_t>(std::clamp<Wide>(value >> 16, 0, 255));
}

class Painter {
public:
    Painter(Coverage const& coverage, Surface& surface, Pixels band)
        : m_coverage(coverage)
        , m_pixels(surface.row(0).data())
        , m_width(static_cast<std::size_t>(surface.width()))
        , m_band(band)
    {
    }

    void draw(ImDrawData const& data)
    {
        for (int i = 0; i < data.CmdListsCount; ++i)
            draw(data, *data.CmdLists[i]);
    }

private:
    void draw(ImDrawData const&, ImDrawList const&);
    void draw_triangles(std::span<ImDrawIdx const>, ImDrawVert const* vertices, ImVec2 display_position);
    Vertex vertex(ImDrawVert const&, ImVec2 display_position) const;
    bool is_white(Vertex const& v) const { return v.u == m_coverage.white_u && v.v == m_coverage.white_v; }

    bool draw_quad(std::span<ImDrawIdx const, 6>, ImDrawVert const* vertices, ImVec2 display_position);
    void fill(Pixels const&, std::uint32_t color);
    void fill_gradient(Vertex const& first, Vertex const& last, Pixels const&);
    void blit(Vertex const& first, Vertex const& last, Pixels const&);

    void triangle(Vertex, Vertex, Vertex);
    template <class Span> void scan(Vertex const&, Vertex const&, Vertex const&, Span&&);

    std::uint32_t sample(Wide u, Wide v) const;
    std::uint32_t* row(int y) const { return m_pixels + static_cast<std::size_t>(y) * m_width; }

    Coverage const& m_coverage;
    std::uint32_t* m_pixels;
    std::size_t m_width;
    Pixels m_band;
    Pixels m_clip {};
};

void Painter::draw(ImDrawData const& data, ImDrawList const& list)
{
    for (auto const& command : list.CmdBuffer) {
        auto const& clip = command.ClipRect;
        auto const origin = data.DisplayPos;
        m_clip = common(m_band,
            { static_cast<int>(clip.x - origin.x), static_cast<int>(clip.y - origin.y),
                static_cast<int>(clip.z - origin.x), static_cast<int>(clip.w - origin.y) });
        if (m_clip.is_empty() || command.UserCallback)
            continue;
        draw_triangles({ list.IdxBuffer.Data + command.IdxOffset, command.ElemCount },
            list.VtxBuffer.Data + command.VtxOffset, origin);
    }
}

void Painter::draw_triangles(std::span<ImDrawIdx const> indices, ImDrawVert const* vertices, ImVec2 origin)
{
    std::size_t i = 0;
    while (i + 3 <= indices.size()) {
        if (i + 6 <= indices.size() && draw_quad(indices.subspan(i).first<6>(), vertices, origin)) {
            i += 6;
            continue;
        }
        triangle(vertex(vertices[indices[i]], origin), vertex(vertices[indices[i + 1]], origin),
            vertex(vertices[indices[i + 2]], origin));
        i += 3;
    }
}

Vertex Painter::vertex(ImDrawVert const& v, ImVec2 origin) const
{
    auto const fixed = [](float value) { return static_cast<Wide>(std::lrint(value * subpixels)); };
    return { fixed(v.pos.x - origin.x), fixed(v.pos.y - origin.y), v.uv.x, v.uv.y, v.col };
}

// Two triangles that share a diagonal and make an upright rectangle of one colour: a filled rectangle or a glyph.
bool Painter::draw_quad(std::span<ImDrawIdx const, 6> index, ImDrawVert const* vertices, ImVec2 origin)
{
    if (index[3] != index[0] || index[4] != index[2])
        return false;
    auto const &a = vertices[index[0]], &b = vertices[index[1]], &c = vertices[index[2]], &d = vertices[index[5]];
    auto const upright = a.pos.y == b.pos.y && b.pos.x == c.pos.x && c.pos.y == d.pos.y && d.pos.x == a.pos.x
        && a.pos.x <= c.pos.x && a.pos.y <= c.pos.y;
    auto const one_color = a.col == b.col && a.col == c.col && a.col == d.col;
    auto const gradient = a.col == b.col && c.col == d.col; // from top to bottom
    if (!upright || !gradient)
        return false;
    auto const first = vertex(a, origin), last = vertex(c, origin);
    auto const white = is_white(first) && is_white(last);
    auto const straight = a.uv.y == b.uv.y && b.uv.x == c.uv.x && c.uv.y == d.uv.y && d.uv.x == a.uv.x;
    if (!(white ? gradient : straight && one_color))
        return false;
    auto const area
        = common(m_clip, { first_pixel(first.x), first_pixel(first.y), first_pixel(last.x), first_pixel(last.y) });
    if (area.is_empty())
        return true;
    if (white && one_color)
        fill(area, first.color);
    else if (white)
        fill_gradient(first, last, area);
    else
        blit(first, last, area);
    return true;
}

void Painter::fill(Pixels const& area, std::uint32_t color)
{
    for (int y = area.top; y < area.bottom; ++y)
        blend_span(row(y) + area.left, area.right - area.left, color);
}

// Coverage at a texel position with 16 fractional bits, bilinear, as GL_LINEAR with GL_CLAMP_TO_EDGE.
std::uint32_t Painter::sample(Wide u, Wide v) const
{
    auto const column = static_cast<int>(u >> 16), line = static_cast<int>(v >> 16);
    auto const right = static_cast<std::uint32_t>(u >> 8 & 0xff), low = static_cast<std::uint32_t>(v >> 8 & 0xff);
    auto const texel = [&](int x, int y) -> std::uint32_t {
        x = std::clamp(x, 0, m_coverage.width - 1);
        y = std::clamp(y, 0, m_coverage.height - 1);
        return m_coverage.texels[y * m_coverage.width + x];
    };
    auto const above = texel(column, line) * (256 - right) + texel(column + 1, line) * right;
    auto const below = texel(column, line + 1) * (256 - right) + texel(column + 1, line + 1) * right;
    return (above * (256 - low) + below * low + 0x8000u) >> 16;
}

namespace {
// The texel coordinate at the centre of a pixel: `from` at the fixed-point position `begin`, `to` at `end`. Steps are
// measured from the rectangle's own edge, never from where clipping starts, or bands would change pixels.
Plane along(Wide begin, Wide end, float from, float to, int texels)
{
    auto const scale = static_cast<double>(texels) * 65536.0;
    auto const step
        = (static_cast<double>(to) - static_cast<double>(from)) * scale * subpixels / static_cast<double>(end - begin);
    auto const at_zero = static_cast<double>(from) * scale
        + step * (static_cast<double>(half_pixel - begin) / subpixels) - 32768.0; // texel centres are at halves
    return { std::llrint(at_zero), std::llrint(step), 0 };
}
}

void Painter::fill_gradient(Vertex const& first, Vertex const& last, Pixels const& area)
{
    auto const along_height = [&](int shift) {
        auto const level = [shift](Vertex const& v) { return static_cast<Wide>(v.color >> shift & 0xff) << 16; };
        auto const step = (level(last) - level(first)) * subpixels / (last.y - first.y);
        return Plane { level(first) + step * (half_pixel - first.y) / subpixels + 0x8000, 0, step };
    };
    auto const red = along_height(0), green = along_height(8), blue = along_height(16), alpha = along_height(24);
    for (int y = area.top; y < area.bottom; ++y) {
        auto const color = channel(red.at(0, y)) | channel(green.at(0, y)) << 8 | channel(blue.at(0, y)) << 16
            | channel(alpha.at(0, y)) << 24;
        blend_span(row(y) + area.left, area.right - area.left, color);
    }
}

void Painter::blit(Vertex const& first, Vertex const& last, Pixels const& area)
{
    auto const u = along(first.x, last.x, first.u, last.u, m_coverage.width);
    auto const v = along(first.y, last.y, first.v, last.v, m_coverage.height);
    auto const color_alpha = first.color >> 24;
    // A glyph of its own size on whole pixels hits the texels' centres (give or take the float's last bits).
    constexpr Wide tolerance = 0x80;
    auto const aligned = [](Plane const& plane) {
        return std::abs(plane.step_x - 0x10000) <= 2 && ((plane.origin + tolerance) & 0xffff) <= 2 * tolerance;
    };
    auto const exact = aligned(u) && aligned(v);
    for (int y = area.top; y < area.bottom; ++y) {
        auto* const pixels = row(y);
        auto const line = v.at(y, 0);
        if (exact) {
            auto const* const texel = m_coverage.texels + ((line + tolerance) >> 16) * m_coverage.width
                + ((u.at(area.left, 0) + tolerance) >> 16);
            for (int x = area.left; x < area.right; ++x) {
                if (auto const coverage = texel[x - area.left])
                    pixels[x] = blend(pixels[x], first.color, div255(coverage * color_alpha));
            }
            continue;
        }
        auto column = u.at(area.left, 0);
        if (u.step_x == 0) { // the drawn-out side of a shadow
            auto const alpha = div255(sample(column, line) * color_alpha);
            blend_span(pixels + area.left, area.right - area.left, (first.color & 0xffffffu) | alpha << 24);
            continue;
        }
        for (int x = area.left; x < area.right; ++x, column += u.step_x) {
            if (auto const coverage = sample(column, line))
                pixels[x] = blend(pixels[x], first.color, div255(coverage * color_alpha));
        }
    }
}

namespace {

// One side of a triangle: which pixel centres of a row lie inside of it. A centre exactly on the line belongs to the
// triangle whose top or left side it is (the "top-left rule"), so neighbours neither overlap nor leave a gap.
struct Side {
    Wide a, b, c; // inside where a*x + b*y + c >= 0

    Side(Vertex const& from, Vertex const& to)
        : a(from.y - to.y)
        , b(to.x - from.x)
        , c(-(a * from.x + b * from.y))
    {
        auto const top_or_left = a > 0 || (a == 0 && b > 0);
        if (!top_or_left)
            c -= 1;
    }

    void narrow(int y, int& left, int& right) const // half-open
    {
        auto const at_zero = a * half_pixel + b * (Wide { y } * subpixels + half_pixel) + c; // for pixel x = 0
        auto const step = a * subpixels;
        if (step > 0)
            left = static_cast<int>(std::max<Wide>(left, -floor_divide(at_zero, step)));
        else if (step < 0)
            right = static_cast<int>(std::min<Wide>(right, floor_divide(at_zero, -step) + 1));
        else if (at_zero < 0)
            right = left;
    }
};

// Twice the area; positive where a, b, c turn clockwise on a screen whose y points down.
Wide doubled_area(Vertex const& a, Vertex const& b, Vertex const& c)
{
    return (b.x - a.x) * (c.y - a.y) - (b.y - a.y) * (c.x - a.x);
}

Plane plane(Vertex const& a, Vertex const& b, Vertex const& c, double at_a, double at_b, double at_c, double bias)
{
    auto const area = static_cast<double>(doubled_area(a, b, c));
    auto const bx = static_cast<double>(b.x - a.x), by = static_cast<double>(b.y - a.y);
    auto const cx = static_cast<double>(c.x - a.x), cy = static_cast<double>(c.y - a.y);
    auto const db = at_b - at_a, dc = at_c - at_a;
    auto const per_x = (db * cy - dc * by) / area, per_y = (dc * bx - db * cx) / area; // per sub-pixel
    auto const at_zero
        = at_a + per_x * static_cast<double>(half_pixel - a.x) + per_y * static_cast<double>(half_pixel - a.y) + bias;
    return { std::llrint(at_zero * 65536.0), std::llrint(per_x * subpixels * 65536.0),
        std::llrint(per_y * subpixels * 65536.0) };
}

}

template <class Span> void Painter::scan(Vertex const& a, Vertex const& b, Vertex const& c, Span&& span)
{
    std::array const sides { Side(a, b), Side(b, c), Side(c, a) };
    auto const [low_x, high_x] = std::minmax({ a.x, b.x, c.x });
    auto const [low_y, high_y] = std::minmax({ a.y, b.y, c.y });
    auto const bounds
        = common(m_clip, { first_pixel(low_x), first_pixel(low_y), first_pixel(high_x + 1), first_pixel(high_y + 1) });
    for (int y = bounds.top; y < bounds.bottom; ++y) {
        int left = bounds.left, right = bounds.right;
        for (auto const& side : sides)
            side.narrow(y, left, right);
        if (left < right)
            span(row(y), y, left, right);
    }
}

void Painter::triangle(Vertex a, Vertex b, Vertex c)
{
    auto const area = doubled_area(a, b, c);
    if (area == 0)
        return;
    if (area < 0)
        std::swap(b, c);

    auto const white = is_white(a) && is_white(b) && is_white(c);
    auto const one_color = a.color == b.color && a.color == c.color;
    if (white && one_color) {
        if (a.color >> 24 == 0)
            return;
        scan(a, b, c,
            [&](std::uint32_t* row, int, int left, int right) { blend_span(row + left, right - left, a.color); });
        return;
    }

    auto const of_channel = [&](int shift) {
        auto const byte = [shift](Vertex const& v) { return static_cast<double>(v.color >> shift & 0xff); };
        return plane(a, b, c, byte(a), byte(b), byte(c), 0.5);
    };
    auto const alpha = of_channel(24);
    auto const same_hue = ((a.color ^ b.color) & 0xffffffu) == 0 && ((a.color ^ c.color) & 0xffffffu) == 0;
    if (white && same_hue) { // The rim that softens an edge: only the alpha changes.
        scan(a, b, c, [&](std::uint32_t* row, int y, int left, int right) {
            auto value = alpha.at(left, y);
            for (int x = left; x < right; ++x, value += alpha.step_x)
                row[x] = blend(row[x], a.color, channel(value));
        });
        return;
    }

    auto const red = of_channel(0), green = of_channel(8), blue = of_channel(16);
    auto const width = static_cast<double>(m_coverage.width), height = static_cast<double>(m_coverage.height);
    auto const texture_u = plane(a, b, c, a.u * width, b.u * width, c.u * width, -0.5);
    auto const texture_v = plane(a, b, c, a.v * height, b.v * height, c.v * height, -0.5);
    scan(a, b, c, [&](std::uint32_t* row, int y, int left, int right) {
        for (int x = left; x < right; ++x) {
            auto opacity = channel(alpha.at(x, y));
            if (!white)
                opacity = div255(opacity * sample(texture_u.at(x, y), texture_v.at(x, y)));
            auto const color = channel(red.at(x, y)) | channel(green.at(x, y)) << 8 | channel(blue.at(x, y)) << 16;
            row[x] = blend(row[x], color, opacity);
        }
    });
}

}

Coverage Coverage::of(ImFontAtlas& atlas)
{
    unsigned char* texels = nullptr;
    int width = 0, height = 0;
    atlas.GetTexDataAsAlpha8(&texels, &width, &height);
    return { texels, width, height, atlas.TexUvWhitePixel.x, atlas.TexUvWhitePixel.y };
}

void rasterize(ImDrawData const& data, Coverage const& coverage, Surface& surface)
{
    rasterize_band(data, coverage, surface, 0, surface.height());
}

void rasterize_band(ImDrawData const& data, Coverage const& coverage, Surface& surface, int first_row, int end_row)
{
    Pixels const band { 0, std::max(0, first_row), surface.width(), std::min(end_row, surface.height()) };
    if (!band.is_empty())
        Painter(coverage, surface, band).draw(data);
}

}
