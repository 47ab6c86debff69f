#include "visual/stage/Scene.h"

#include <imgui.h>

#include <algorithm>
#include <cmath>

namespace drydock::stage {

namespace {

class Brush {
public:
    Brush(canvas::Canvas const& canvas, Primitive const& primitive)
        : m_canvas(canvas.dimmed(primitive.opacity))
        , m_rect(primitive.rect)
    {
    }

    void operator()(CardShape const& s) const { canvas::card(m_canvas, m_rect, s.look); }
    void operator()(FillShape const& s) const { canvas::fill(m_canvas, m_rect, s.radius, color(s.ink)); }
    void operator()(OutlineShape const& s) const
    {
        canvas::outline(m_canvas, m_rect, s.radius, color(s.ink), s.width, s.stroke);
    }
    void operator()(HatchShape const& s) const { canvas::hatch(m_canvas, m_rect, color(s.ink)); }
    void operator()(TextShape const& s) const
    {
        if (s.lines == 1)
            canvas::text_in(m_canvas, m_rect, s.text, s.style, color(s.ink), s.align, s.cut);
        else
            canvas::paragraph(m_canvas, m_rect, s.text, s.style, color(s.ink), s.align, s.lines);
    }
    void operator()(ChipShape const& s) const { canvas::chip_in(m_canvas, m_rect, s.text, s.category, s.look); }
    void operator()(IconShape const& s) const { canvas::icon(m_canvas, m_rect.center(), s.icon, color(s.ink), s.size); }
    void operator()(StateShape const& s) const { canvas::state_mark(m_canvas, m_rect.center(), s.mark); }
    void operator()(MeterShape const& s) const { canvas::meter(m_canvas, m_rect, s.part, s.category); }
    void operator()(WireShape const& s) const
    {
        canvas::wire(m_canvas, canvas::Wire::straight(s.from, s.to), s.category, s.part, s.stroke);
    }
    void operator()(PulseShape const& s) const
    {
        canvas::pulse(m_canvas, m_rect, s.radius, m_canvas.theme().accent, s.k);
    }
    void operator()(BubbleShape const& s) const
    {
        auto const& theme = m_canvas.theme();
        canvas::shadow(m_canvas, m_rect, theme::radius::card, theme::Elevation::Spotlight);
        draw_tail(s.at, 8.5f, theme.accent);
        canvas::fill(m_canvas, m_rect, theme::radius::card, theme.raised);
        canvas::outline(m_canvas, m_rect, theme::radius::card, theme.accent, 1.5f);
        draw_tail(s.at, 7, theme.raised);
    }

private:
    // A triangle from the nearest edge of the bubble to the point it speaks of.
    void draw_tail(Point at, float half, theme::Color ink) const
    {
        bool const beside = at.x < m_rect.left() || at.x > m_rect.right();
        auto const edge_x = std::clamp(at.x, m_rect.left() + 20, m_rect.right() - 20);
        auto const edge_y = std::clamp(at.y, m_rect.top() + 16, m_rect.bottom() - 16);
        Point a, b;
        if (beside) {
            auto const x = at.x < m_rect.left() ? m_rect.left() + 2 : m_rect.right() - 2;
            a = { x, edge_y - half };
            b = { x, edge_y + half };
        } else {
            auto const y = at.y < m_rect.top() ? m_rect.top() + 2 : m_rect.bottom() - 2;
            a = { edge_x - half, y };
            b = { edge_x + half, y };
        }
        m_canvas.list().AddTriangleFilled(
            m_canvas.device(a), m_canvas.device(b), m_canvas.device(at), m_canvas.ink(ink));
    }

    theme::Color color(Ink const& ink) const
    {
        auto const& theme = m_canvas.theme();
        auto const& category = theme[ink.category];
        switch (ink.tone) {
        case Tone::Text: return theme.text.faded(ink.opacity);
        case Tone::Dim: return theme.dim_text.faded(ink.opacity);
        case Tone::Accent: return theme.accent.faded(ink.opacity);
        case Tone::Line: return theme.line.faded(ink.opacity);
        case Tone::Surface: return theme.surface.faded(ink.opacity);
        case Tone::Focus: return theme.focus.faded(ink.opacity);
        case Tone::Stroke: return category.stroke.faded(ink.opacity);
        case Tone::Fill: return category.fill.faded(ink.opacity);
        case Tone::OnFill: return category.on_fill.faded(ink.opacity);
        }
        return theme.text;
    }

    canvas::Canvas m_canvas;
    Rect m_rect;
};

}

void draw(Scene const& scene, canvas::Canvas const& canvas)
{
    for (auto const& primitive : scene.primitives)
        std::visit(Brush(canvas, primitive), primitive.shape);
}

}
