#include "visual/platform/Driver.h"

#include "visual/canvas/Rasterizer.h"

#include <cmath>

namespace drydock::platform {

namespace {

// Some names that exist, for whoever mistyped one.
std::string known_names(canvas::Interaction const& interaction)
{
    std::string text;
    for (auto const& [name, rect] : interaction.marks()) {
        if (text.size() > 600)
            return text + ", …";
        text += (text.empty() ? "" : ", ") + name;
    }
    return text;
}

}

Driver::Driver(Draw draw, canvas::Size size, float scale)
    : m_draw(std::move(draw))
    , m_size(size)
    , m_scale(scale)
{
    run(2); // Windows that fit their content know their size only in the second frame.
}

void Driver::run(int frames)
{
    for (int i = 0; i < frames; ++i) {
        m_now += frame_time;
        m_last = &m_frame.run(static_cast<int>(std::lround(m_size.width * m_scale)),
            static_cast<int>(std::lround(m_size.height * m_scale)), m_scale, m_now, static_cast<float>(frame_time),
            m_draw);
    }
}

Result<void> Driver::wait_until(std::function<bool()> const& holds, int frames)
{
    for (int i = 0; i < frames; ++i) {
        if (holds())
            return {};
        run();
    }
    if (holds())
        return {};
    return fail(ErrorKind::Unavailable, "still not so after " + std::to_string(frames) + " frames");
}

Result<canvas::Point> Driver::middle_of(std::string_view name) const
{
    if (auto const rect = const_cast<Frame&>(m_frame).interaction().find(name))
        return rect->center();
    return fail(ErrorKind::NotFound,
        "nothing on the screen is named " + std::string(name) + "; there are "
            + known_names(const_cast<Frame&>(m_frame).interaction()));
}

void Driver::move_to(canvas::Point point)
{
    m_frame.activate();
    m_frame.interaction().show_ring(false);
    m_pointer = point;
    set_mouse_position(ImGui::GetIO(), { point.x * m_scale, point.y * m_scale });
    run();
}

void Driver::set_button(MouseButton button, bool down)
{
    m_frame.activate();
    set_mouse_button(ImGui::GetIO(), button, down);
    run();
}

// A few stops on the way, for a drag is noticed by its motion.
void Driver::glide(canvas::Point to)
{
    auto const from = m_pointer;
    for (int i = 1; i <= 4; ++i)
        move_to(lerp(from, to, static_cast<float>(i) / 4));
}

Result<void> Driver::hover(std::string_view name)
{
    move_to(TRY(middle_of(name)));
    run(); // What lies on top takes the hover over one frame later.
    return {};
}

Result<void> Driver::click(std::string_view name, MouseButton button)
{
    TRY(hover(name));
    set_button(button, true);
    set_button(button, false);
    run();
    return {};
}

Result<void> Driver::double_click(std::string_view name)
{
    TRY(click(name));
    return click(name);
}

Result<void> Driver::wheel(std::string_view name, float vertical, float horizontal)
{
    TRY(hover(name));
    add_wheel(ImGui::GetIO(), horizontal, vertical);
    run(2);
    return {};
}

Result<void> Driver::drag(std::string_view from, std::string_view to)
{
    auto const end = TRY(middle_of(to)), begin = TRY(middle_of(from));
    return drag(from, end - begin);
}

Result<void> Driver::drag(std::string_view from, canvas::Point by)
{
    TRY(hover(from));
    set_button(MouseButton::Left, true);
    glide(m_pointer + by);
    set_button(MouseButton::Left, false);
    run();
    return {};
}

void Driver::press(canvas::Chord chord)
{
    m_frame.activate();
    auto& io = ImGui::GetIO();
    if (chord.key == canvas::Key::None) {
        type(std::string(1, chord.character));
        return;
    }
    canvas::set_modifiers(io, chord.control, chord.shift, chord.alt);
    canvas::set_key(io, chord.key, true);
    run();
    canvas::set_key(io, chord.key, false);
    canvas::set_modifiers(io, false, false, false);
    run();
}

void Driver::type(std::string_view utf8)
{
    m_frame.activate();
    ImGui::GetIO().AddInputCharactersUTF8(std::string(utf8).c_str());
    run(2);
}

canvas::Surface Driver::picture()
{
    run();
    canvas::Surface surface(static_cast<int>(std::lround(m_size.width * m_scale)),
        static_cast<int>(std::lround(m_size.height * m_scale)), m_frame.theme().stage);
    canvas::rasterize(*m_last, canvas::Coverage::of(m_frame.fonts(m_scale).atlas()), surface);
    return surface;
}

}
