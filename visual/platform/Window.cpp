#include "visual/platform/Window.h"

#include "visual/canvas/Keys.h"
#include "visual/canvas/Rasterizer.h"
#include "visual/platform/EventBridge.h"

#include <SFML/System/Err.hpp>
#include <SFML/System/Sleep.hpp>
#include <SFML/Window.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>
#include <iterator>
#include <sstream>

namespace drydock::platform {

namespace {

using Clock = std::chrono::steady_clock;

// SFML prints what is only of interest when opening fails; nothing else goes to standard error.
class QuietSfml {
public:
    QuietSfml()
        : m_before(sf::err().rdbuf(m_said.rdbuf()))
    {
    }
    ~QuietSfml() { sf::err().rdbuf(m_before); }
    std::string said() const { return m_said.str(); }

private:
    std::ostringstream m_said;
    std::streambuf* m_before;
};

// The X server frees a cursor that a window may still show, and complains; so they are made before the window and
// live longer.
class Cursors {
public:
    Cursors()
    {
        constexpr std::array types { sf::Cursor::Arrow, sf::Cursor::Text, sf::Cursor::SizeAll, sf::Cursor::SizeVertical,
            sf::Cursor::SizeHorizontal, sf::Cursor::SizeAll, sf::Cursor::SizeAll, sf::Cursor::Hand,
            sf::Cursor::NotAllowed };
        static_assert(types.size() == ImGuiMouseCursor_COUNT);
        for (std::size_t i = 0; i < types.size(); ++i)
            m_loaded[i] = m_cursors[i].loadFromSystem(types[i]);
    }

    void show(sf::Window& window, ImGuiMouseCursor wanted)
    {
        if (wanted == m_shown)
            return;
        m_shown = wanted;
        window.setMouseCursorVisible(wanted != ImGuiMouseCursor_None);
        auto const index = static_cast<std::size_t>(std::max(0, wanted));
        auto const usable = m_loaded[index] ? index : 0;
        if (m_loaded[usable])
            window.setMouseCursor(m_cursors[usable]);
    }

private:
    std::array<sf::Cursor, ImGuiMouseCursor_COUNT> m_cursors;
    std::array<bool, ImGuiMouseCursor_COUNT> m_loaded {};
    ImGuiMouseCursor m_shown { ImGuiMouseCursor_Arrow };
};

std::string as_utf8(sf::String const& text)
{
    auto const bytes = text.toUtf8();
    return { bytes.begin(), bytes.end() };
}

void set_clipboard(void*, char const* text)
{
    std::string const utf8(text);
    sf::Clipboard::setString(sf::String::fromUtf8(utf8.begin(), utf8.end()));
}

char const* get_clipboard(void*)
{
    static std::string text; // Dear ImGui reads it at once.
    text = as_utf8(sf::Clipboard::getString());
    return text.c_str();
}

sf::ContextSettings core_context()
{
    sf::ContextSettings settings;
    settings.majorVersion = 3;
    settings.minorVersion = 3;
    settings.attributeFlags = sf::ContextSettings::Core;
    return settings;
}

float in_quarters(float scale)
{
    return std::max(0.5f, std::round(scale * 4) / 4);
}

// SFML knows no scale of the screen, only pixels; so a window gets as many of them as leave the desktop visible.
sf::VideoMode windowed_mode(WindowSettings const& settings)
{
    auto const desktop = sf::VideoMode::getDesktopMode();
    if (settings.pixels)
        return { std::clamp(static_cast<unsigned>(settings.pixels->width), 640u, std::max(640u, desktop.width)),
            std::clamp(static_cast<unsigned>(settings.pixels->height), 480u, std::max(480u, desktop.height)) };
    auto const largest
        = std::floor(0.85f * static_cast<float>(desktop.height) / static_cast<float>(settings.height) * 4) / 4;
    auto const scale = settings.scale.value_or(std::max(1.0f, largest));
    auto const pixels
        = [scale](int logical) { return static_cast<unsigned>(std::lround(static_cast<float>(logical) * scale)); };
    return { std::min(pixels(settings.width), desktop.width), std::min(pixels(settings.height), desktop.height) };
}

// Where no window manager finds a place for it, SFML's own is off the screen.
void center(sf::Window& window)
{
    auto const desktop = sf::VideoMode::getDesktopMode();
    auto const size = window.getSize();
    window.setPosition({ (static_cast<int>(desktop.width) - static_cast<int>(size.x)) / 2,
        (static_cast<int>(desktop.height) - static_cast<int>(size.y)) / 2 });
}

}

struct Window::State {
    QuietSfml quiet;
    Cursors cursors;
    sf::Window window;
    Frame frame;
    std::unique_ptr<Presenter> presenter; // lets go of the context before the window does
    EventBridge bridge;
    WindowSettings settings;
    float zoom { 1 };
    bool fullscreen { false };
    bool closed { false }; // by its user; the context lives on until everything in it is gone
    int frames_due { 3 };  // the first ones settle sizes
    Clock::time_point started { Clock::now() };
    Clock::time_point last_frame { Clock::now() };

    bool create(sf::VideoMode, sf::Uint32 style);
    void handle(sf::Event const&);
    float scale() const
    {
        auto const of_screen = settings.scale.value_or(theme::scale_for_height(static_cast<float>(height())));
        return in_quarters(of_screen * zoom);
    }
    int width() const { return static_cast<int>(window.getSize().x); }
    int height() const { return static_cast<int>(window.getSize().y); }
    double seconds() const { return std::chrono::duration<double>(Clock::now() - started).count(); }
    float take_elapsed();
};

// Asks for what the GPU's renderer needs, then for anything at all: the rasterizer needs but a texture.
bool Window::State::create(sf::VideoMode mode, sf::Uint32 style)
{
    presenter.reset();
    for (auto const& context : { core_context(), sf::ContextSettings() }) {
        window.create(mode, settings.title, style, context);
        if (!window.isOpen() || !window.setActive(true))
            continue;
        if (style != sf::Style::Fullscreen)
            center(window);
        window.setVerticalSyncEnabled(true);
        window.setKeyRepeatEnabled(false); // Dear ImGui repeats by itself.
        presenter = Presenter::choose(frame, settings.renderer);
        if (presenter)
            return true;
    }
    return false;
}

void Window::State::handle(sf::Event const& event)
{
    if (event.type == sf::Event::Closed)
        closed = true;
    bridge.push(event);
    frames_due = std::max(frames_due, 1);
}

float Window::State::take_elapsed()
{
    auto const now = Clock::now();
    auto const elapsed = std::chrono::duration<float>(now - std::exchange(last_frame, now)).count();
    return std::clamp(elapsed, 0.0001f, 0.25f);
}

Result<std::unique_ptr<Window>> Window::open(WindowSettings const& settings)
{
    // SFML 2.5 aborts the whole process where it finds no X server.
    auto const* const display = std::getenv("DISPLAY");
    if (!display || !*display)
        return fail(ErrorKind::NotSupported,
            "no display to open a window on (DISPLAY is not set); `drydock play --text` and `drydock export` need "
            "none");
    auto state = std::make_unique<State>();
    state->settings = settings;
    auto const mode = windowed_mode(settings);
    if (!state->create(mode, sf::Style::Default))
        return fail(ErrorKind::NotSupported,
            "OpenGL gives no picture on display " + std::string(display) + ": " + state->quiet.said());
    state->frame.activate();
    auto& io = ImGui::GetIO();
    io.SetClipboardTextFn = set_clipboard;
    io.GetClipboardTextFn = get_clipboard;
    return std::unique_ptr<Window>(new Window(std::move(state)));
}

Window::Window(std::unique_ptr<State> state)
    : m_state(std::move(state))
{
}

Window::~Window() = default;

bool Window::is_open() const
{
    return !m_state->closed;
}

void Window::close()
{
    m_state->closed = true;
}

bool Window::wait_or_poll(bool animating, std::chrono::milliseconds nap)
{
    auto& state = *m_state;
    auto const poll = [&state] {
        sf::Event event;
        while (state.window.pollEvent(event))
            state.handle(event);
    };
    poll();
    auto const due = [&] {
        return animating || state.frames_due > 0 || state.bridge.has_waiting() || state.frame.interaction().animating();
    };
    if (!due() && is_open()) {
        sf::sleep(sf::milliseconds(static_cast<sf::Int32>(nap.count())));
        poll();
    }
    return is_open() && due();
}

void Window::frame(Draw const& draw)
{
    auto& state = *m_state;
    auto const width = state.width(), height = state.height();
    if (!is_open() || width <= 0 || height <= 0)
        return;
    // What an event brings about is to be seen, and what then lies on top takes the hover over in a second frame.
    // Events that came together are taken one frame after the other: the last one counts.
    state.frames_due = state.bridge.has_waiting() ? 2 : std::max(0, state.frames_due - 1);
    state.window.setActive(true);
    auto const scale = state.scale();
    state.presenter->prepare(scale);
    state.bridge.feed(
        ImGui::GetIO(), state.frame.interaction().awaits_field() ? EventBridge::Keys::Wait : EventBridge::Keys::Go);
    auto const& data = state.frame.run(width, height, scale, state.seconds(), state.take_elapsed(), draw);
    state.cursors.show(state.window, ImGui::GetMouseCursor());
    state.presenter->present(data, width, height, scale);
    state.window.display();
    if (canvas::is_any_key_held() || ImGui::IsAnyMouseDown())
        state.frames_due = std::max(state.frames_due, 1); // keys repeat, scroll bars creep
}

void Window::set_theme(theme::Theme const& theme)
{
    m_state->frame.set_theme(theme);
    m_state->frames_due = 2;
}

canvas::Interaction& Window::interaction()
{
    return m_state->frame.interaction();
}

float Window::scale() const
{
    return m_state->scale();
}

float Window::zoom() const
{
    return m_state->zoom;
}

void Window::set_zoom(float factor)
{
    m_state->zoom = std::clamp(factor, 0.75f, 2.5f);
    m_state->frames_due = 2;
}

canvas::Size Window::size() const
{
    return { static_cast<float>(m_state->width()), static_cast<float>(m_state->height()) };
}

void Window::copy(std::string const& text)
{
    set_clipboard(nullptr, text.c_str());
}

void Window::set_title(std::string const& title)
{
    m_state->settings.title = title;
    m_state->window.setTitle(sf::String::fromUtf8(title.begin(), title.end()));
}

bool Window::is_fullscreen() const
{
    return m_state->fullscreen;
}

void Window::toggle_fullscreen()
{
    auto& state = *m_state;
    state.fullscreen = !state.fullscreen;
    auto const mode = state.fullscreen ? sf::VideoMode::getDesktopMode() : windowed_mode(state.settings);
    if (!state.create(mode, state.fullscreen ? sf::Style::Fullscreen : sf::Style::Default))
        state.closed = true;
    state.frames_due = 3;
}

std::string const& Window::renderer() const
{
    return m_state->presenter->name();
}

canvas::Surface Window::picture(Draw const& draw)
{
    auto& state = *m_state;
    state.presenter->prepare(state.scale());
    auto const& data
        = state.frame.run(state.width(), state.height(), state.scale(), state.seconds(), state.take_elapsed(), draw);
    canvas::Surface surface(state.width(), state.height(), state.frame.theme().stage);
    canvas::rasterize(data, canvas::Coverage::of(state.frame.fonts(state.scale()).atlas()), surface);
    return surface;
}

}
