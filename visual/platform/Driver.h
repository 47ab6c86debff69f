#pragma once

// Hands without a window: presses, drags and types by the names that widgets give their areas, sixty frames a second
// of a time that is only counted. For tests of the user interface; a thousand frames take some milliseconds.

#include "visual/canvas/Surface.h"
#include "visual/platform/Frame.h"
#include "visual/platform/Input.h"

#include <functional>
#include <string_view>

namespace drydock::platform {

class Driver {
public:
    // Draws the first frames at once, so that every name is known.
    explicit Driver(Draw, canvas::Size = { 1280, 720 }, float scale = 1);

    Frame& frame() { return m_frame; }
    canvas::Interaction& interaction() { return m_frame.interaction(); }

    void run(int frames = 1);
    // Runs frames until it holds, or says after that many that it never did.
    [[nodiscard]] Result<void> wait_until(std::function<bool()> const&, int frames = 600);

    // Each moves the pointer to the middle of what has that name, as a hand would, and fails where nothing has it.
    [[nodiscard]] Result<void> hover(std::string_view name);
    [[nodiscard]] Result<void> click(std::string_view name, MouseButton = MouseButton::Left);
    [[nodiscard]] Result<void> double_click(std::string_view name);
    [[nodiscard]] Result<void> wheel(std::string_view name, float vertical, float horizontal = 0);
    [[nodiscard]] Result<void> drag(std::string_view from, std::string_view to);
    [[nodiscard]] Result<void> drag(std::string_view from, canvas::Point by);

    void move_to(canvas::Point);
    void press(canvas::Chord);
    void type(std::string_view utf8);

    canvas::Surface picture();

private:
    Result<canvas::Point> middle_of(std::string_view name) const;
    void set_button(MouseButton, bool down);
    void glide(canvas::Point to);

    Draw m_draw;
    canvas::Size m_size;
    float m_scale;
    Frame m_frame;
    double m_now { 0 };
    canvas::Point m_pointer { -1, -1 };
    ImDrawData const* m_last { nullptr };
};

}
