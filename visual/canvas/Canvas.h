#pragma once

// A Canvas is where drawing happens: it turns logical pixels into device pixels, roles into colours and styles into
// fonts, and hands triangles to a Dear ImGui draw list. It is a small value: move it, zoom it, dim it by making another
// one. Everything drawn is snapped to whole device pixels, so text and edges stay crisp at any scale.

#include "visual/canvas/Geometry.h"
#include "visual/canvas/Interaction.h"
#include "visual/theme/Fonts.h"
#include "visual/theme/Theme.h"

#include <imgui.h>

#include <string_view>

namespace drydock::canvas {

// How much room text takes, in logical pixels; all that layout needs of a Canvas.
class Measure {
public:
    explicit Measure(theme::Fonts const& fonts)
        : m_fonts(&fonts)
    {
    }

    float width(theme::Style, std::string_view) const;
    static float line_height(theme::Style);
    theme::Fonts const& fonts() const { return *m_fonts; }

private:
    theme::Fonts const* m_fonts;
};

class Canvas {
public:
    Canvas(ImDrawList&, theme::Theme const&, theme::Fonts const&, Interaction&, Size);

    // The size of the whole, in logical pixels.
    Size size() const { return m_size; }
    Rect bounds() const { return { 0, 0, m_size.width, m_size.height }; }

    theme::Theme const& theme() const { return *m_theme; }
    Interaction& interaction() const { return *m_interaction; }
    ImDrawList& list() const { return *m_list; }
    Measure measure() const { return Measure(*m_fonts); }
    theme::Fonts const& fonts() const { return *m_fonts; }

    Canvas moved(Point by) const;
    Canvas zoomed(float factor, Point around) const;
    Canvas dimmed(float opacity) const;
    Canvas on(ImDrawList&) const;

    // Device pixels per logical pixel here.
    float scale() const { return m_scale; }
    float device(float length) const { return length * m_scale; }
    // At least one, always whole: for lines.
    float device_width(float length) const;
    ImVec2 device(Point) const;
    ImVec2 snapped(Point) const;
    Point logical(ImVec2) const;
    // In logical pixels of the window, whatever this canvas was moved and zoomed by.
    Rect in_window(Rect const&) const;
    ImU32 ink(theme::Color) const;

    bool is_visible(Rect const&) const;
    void mark(std::string_view name, Rect const& rect) const { m_interaction->mark(name, in_window(rect)); }

private:
    ImDrawList* m_list;
    theme::Theme const* m_theme;
    theme::Fonts const* m_fonts;
    Interaction* m_interaction;
    Size m_size;
    ImVec2 m_origin { 0, 0 }; // device pixels
    float m_scale;
    float m_opacity { 1 };
};

// Nothing outside of `rect` is drawn as long as this lives.
class Clip {
public:
    Clip(Canvas const&, Rect const&);
    ~Clip();
    Clip(Clip const&) = delete;
    Clip& operator=(Clip const&) = delete;

private:
    ImDrawList& m_list;
};

}
