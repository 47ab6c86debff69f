#include "visual/platform/Frame.h"

#include "visual/canvas/Keys.h"
#include "visual/platform/Style.h"

#include <imgui.h>

namespace drydock::platform {

namespace {

// A frame begins with a font atlas in place, so the context is made with an empty one that is never drawn with.
ImFontAtlas& placeholder()
{
    static ImFontAtlas atlas;
    return atlas;
}

constexpr ImGuiWindowFlags root_flags = ImGuiWindowFlags_NoDecoration | ImGuiWindowFlags_NoMove
    | ImGuiWindowFlags_NoSavedSettings | ImGuiWindowFlags_NoBringToFrontOnFocus | ImGuiWindowFlags_NoBackground
    | ImGuiWindowFlags_NoScrollWithMouse | ImGuiWindowFlags_NoNav;

void begin_root_window(int width, int height)
{
    ImGui::SetNextWindowPos({ 0, 0 });
    ImGui::SetNextWindowSize({ static_cast<float>(width), static_cast<float>(height) });
    ImGui::PushStyleVar(ImGuiStyleVar_WindowPadding, { 0, 0 });
    ImGui::PushStyleVar(ImGuiStyleVar_WindowRounding, 0);
    ImGui::PushStyleVar(ImGuiStyleVar_WindowBorderSize, 0);
    ImGui::Begin("drydock", nullptr, root_flags);
    ImGui::PopStyleVar(3);
}

}

Frame::Frame()
    : m_context(ImGui::CreateContext(&placeholder()))
    , m_theme(&theme::theme(theme::ThemeName::Dark))
{
    activate();
    auto& io = ImGui::GetIO();
    io.IniFilename = nullptr;
    io.LogFilename = nullptr;
    io.BackendFlags |= ImGuiBackendFlags_RendererHasVtxOffset;
    canvas::map_keys(io);
    io.ConfigInputTextCursorBlink = false; // A picture does not depend on the moment it was taken.
}

Frame::~Frame()
{
    activate();
    ImGui::DestroyContext(m_context);
}

void Frame::activate()
{
    ImGui::SetCurrentContext(m_context);
}

// Tab walks through what can be touched; the ring that shows where it is gives way to the mouse.
void Frame::move_focus()
{
    auto const tab = canvas::Chord::of(canvas::Key::Tab);
    if (!m_interaction.is_tab_kept() && canvas::pressed(tab))
        m_interaction.focus_next();
    if (!m_interaction.is_tab_kept() && canvas::pressed(tab.with_shift()))
        m_interaction.focus_previous();
    auto const& io = ImGui::GetIO();
    if (io.MouseClicked[0] || io.MouseDelta.x != 0 || io.MouseDelta.y != 0)
        m_interaction.show_ring(false);
}

theme::Fonts& Frame::fonts(float scale)
{
    auto& fonts = m_fonts[scale];
    if (!fonts)
        fonts = std::make_unique<theme::Fonts>(scale);
    return *fonts;
}

ImDrawData const& Frame::run(int width, int height, float scale, double wall_seconds, float elapsed, Draw const& draw)
{
    activate();
    auto& baked = fonts(scale);
    auto& io = ImGui::GetIO();
    io.Fonts = &baked.atlas();
    io.FontDefault = nullptr;
    io.DisplaySize = { static_cast<float>(width), static_cast<float>(height) };
    io.DeltaTime = elapsed;
    apply(*m_theme, scale, ImGui::GetStyle());
    m_interaction.begin_frame(wall_seconds);

    ImGui::NewFrame();
    move_focus();
    begin_root_window(width, height);
    canvas::Canvas canvas(*ImGui::GetWindowDrawList(), *m_theme, baked, m_interaction,
        { static_cast<float>(width) / scale, static_cast<float>(height) / scale });
    draw(canvas);
    ImGui::End();
    ImGui::Render();
    return *ImGui::GetDrawData();
}

}
