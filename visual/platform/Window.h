#pragma once

// The window: SFML's, with Dear ImGui inside. It draws on demand: a frame is due when an event came, when something
// says it is moving, or when its owner has news; else it sleeps and costs nothing.

#include "sim/core/Result.h"
#include "visual/canvas/Surface.h"
#include "visual/platform/Presenter.h"

#include <chrono>
#include <memory>
#include <optional>
#include <string>

namespace drydock::platform {

struct WindowSettings {
    std::string title { "Drydock" };
    int width { 1280 }; // logical pixels
    int height { 720 };
    std::optional<canvas::Size> pixels {}; // device pixels instead, as size() said the last time
    std::optional<float> scale {};         // device pixels per logical pixel; else it follows the window's height
    Renderer renderer { Renderer::Automatic };
};

class Window {
public:
    // Fails where there is no display, saying what to do without one.
    static Result<std::unique_ptr<Window>> open(WindowSettings const&);
    ~Window();

    bool is_open() const;
    void close();

    // Collects events. True where a frame is due: one came, `animating`, or the last frame asked for another. Otherwise
    // sleeps at most `nap` first, so that the caller can look at its own news.
    bool wait_or_poll(bool animating, std::chrono::milliseconds nap = std::chrono::milliseconds(8));
    void frame(Draw const&);

    void set_theme(theme::Theme const&);
    canvas::Interaction& interaction();

    // The scale in use is the window's times the user's factor (0.75 to 2.5), in steps that keep glyphs crisp.
    float scale() const;
    float zoom() const;
    void set_zoom(float factor);
    canvas::Size size() const; // device pixels
    void set_title(std::string const&);
    void copy(std::string const&); // to the clipboard
    bool is_fullscreen() const;
    void toggle_fullscreen();

    // Which way pixels reach the screen, for `drydock doctor` and the about box.
    std::string const& renderer() const;
    // What the next frame of `draw` looks like, without the screen.
    canvas::Surface picture(Draw const&);

private:
    struct State;
    explicit Window(std::unique_ptr<State>);
    std::unique_ptr<State> m_state;
};

}
