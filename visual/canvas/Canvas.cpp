#include "visual/canvas/Canvas.h"

#include <cfloat>
#include <cmath>

namespace drydock::canvas {

float Measure::width(theme::Style style, std::string_view text) const
{
    auto const& font = m_fonts->font(style);
    auto const size = font.CalcTextSizeA(font.FontSize, FLT_MAX, 0, text.data(), text.data() + text.size());
    return size.x / m_fonts->scale();
}

float Measure::line_height(theme::Style style)
{
    auto const& type = theme::type_style(style);
    return std::round(type.em * type.leading);
}

Canvas::Canvas(
    ImDrawList& list, theme::Theme const& theme, theme::Fonts const& fonts, Interaction& interaction, Size size)
    : m_list(&list)
    , m_theme(&theme)
    , m_fonts(&fonts)
    , m_interaction(&interaction)
    , m_size(size)
    , m_scale(fonts.scale())
{
}

Canvas Canvas::moved(Point by) const
{
    auto result = *this;
    result.m_origin = { m_origin.x + by.x * m_scale, m_origin.y + by.y * m_scale };
    return result;
}

Canvas Canvas::zoomed(float factor, Point around) const
{
    auto result = *this;
    auto const fixed = device(around);
    result.m_scale = m_scale * factor;
    result.m_origin = { fixed.x - around.x * result.m_scale, fixed.y - around.y * result.m_scale };
    return result;
}

Canvas Canvas::dimmed(float opacity) const
{
    auto result = *this;
    result.m_opacity = m_opacity * opacity;
    return result;
}

Canvas Canvas::on(ImDrawList& list) const
{
    auto result = *this;
    result.m_list = &list;
    return result;
}

float Canvas::device_width(float length) const
{
    return std::max(1.0f, std::round(length * m_scale));
}

ImVec2 Canvas::device(Point p) const
{
    return { m_origin.x + p.x * m_scale, m_origin.y + p.y * m_scale };
}

ImVec2 Canvas::snapped(Point p) const
{
    auto const exact = device(p);
    return { std::round(exact.x), std::round(exact.y) };
}

Point Canvas::logical(ImVec2 p) const
{
    return { (p.x - m_origin.x) / m_scale, (p.y - m_origin.y) / m_scale };
}

Rect Canvas::in_window(Rect const& rect) const
{
    auto const begin = device(rect.origin()), end = device({ rect.right(), rect.bottom() });
    auto const window = m_fonts->scale();
    return Rect::spanning({ begin.x / window, begin.y / window }, { end.x / window, end.y / window });
}

ImU32 Canvas::ink(theme::Color color) const
{
    return color.faded(m_opacity).packed();
}

bool Canvas::is_visible(Rect const& rect) const
{
    auto const begin = device(rect.origin()), end = device({ rect.right(), rect.bottom() });
    auto const low = m_list->GetClipRectMin(), high = m_list->GetClipRectMax();
    return begin.x < high.x && end.x > low.x && begin.y < high.y && end.y > low.y;
}

Clip::Clip(Canvas const& canvas, Rect const& rect)
    : m_list(canvas.list())
{
    m_list.PushClipRect(canvas.snapped(rect.origin()), canvas.snapped({ rect.right(), rect.bottom() }), true);
}

Clip::~Clip()
{
    m_list.PopClipRect();
}

}
