#pragma once

// One frame of Dear ImGui, whoever shows it afterwards: the context with its fonts and style, a root window as large
// as the screen to draw and to place widgets in, and the canvas upon it.

#include "visual/canvas/Canvas.h"

#include <functional>
#include <map>
#include <memory>

struct ImGuiContext;

namespace drydock::platform {

// Draws everything there is to see, and asks the widgets what the hands did.
using Draw = std::function<void(canvas::Canvas&)>;

inline constexpr double frame_time = 1.0 / 60; // seconds, where no screen sets the pace

class Frame {
public:
    Frame();
    ~Frame();
    Frame(Frame const&) = delete;
    Frame& operator=(Frame const&) = delete;

    void set_theme(theme::Theme const& theme) { m_theme = &theme; }
    theme::Theme const& theme() const { return *m_theme; }
    canvas::Interaction& interaction() { return m_interaction; }

    // Makes the context current. Input goes into ImGui::GetIO() between this and run().
    void activate();
    // Fonts for that scale; baked on first use and kept.
    theme::Fonts& fonts(float scale);

    // A frame of that many device pixels. The draw data stay valid until the next one.
    ImDrawData const& run(int width, int height, float scale, double wall_seconds, float elapsed, Draw const&);

private:
    void move_focus();

    ImGuiContext* m_context;
    theme::Theme const* m_theme;
    canvas::Interaction m_interaction;
    std::map<float, std::unique_ptr<theme::Fonts>> m_fonts;
};

}
