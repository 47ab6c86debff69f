#include "visual/canvas/Widgets.h"

#include <imgui.h>
#include <imgui_internal.h>

namespace drydock::canvas {

namespace {

constexpr float scroll_bar = 12;

Canvas inside_child(Canvas const& canvas, std::string_view name, Rect const& rect)
{
    auto const low = canvas.snapped(rect.origin()), high = canvas.snapped({ rect.right(), rect.bottom() });
    std::string const id(name);
    ImGui::SetCursorScreenPos(low);
    ImGui::PushStyleVar(ImGuiStyleVar_WindowPadding, { 0, 0 });
    ImGui::BeginChild(
        id.c_str(), { std::max(1.0f, high.x - low.x), std::max(1.0f, high.y - low.y) }, false, ImGuiWindowFlags_NoNav);
    ImGui::PopStyleVar();
    auto const scrolled = ImGui::GetScrollY() / canvas.scale();
    return canvas.on(*ImGui::GetWindowDrawList()).moved({ rect.x, rect.y - scrolled });
}

}

ScrollArea::ScrollArea(Canvas const& canvas, std::string_view name, Rect const& rect)
    : m_canvas(inside_child(canvas, name, rect))
    , m_width(std::max(0.0f, rect.width - scroll_bar))
    , m_height(rect.height)
{
    canvas.mark(name, rect);
}

ScrollArea::~ScrollArea()
{
    ImGui::SetCursorPos({ 0, 0 });
    ImGui::Dummy({ 1, m_canvas.device(m_content_height) });
    auto const top = ImGui::GetScrollY() / m_canvas.scale();
    if (m_to_end)
        ImGui::SetScrollY(m_canvas.device(std::max(0.0f, m_content_height - m_height)));
    else if (m_reveal && m_reveal->top() < top)
        ImGui::SetScrollY(m_canvas.device(m_reveal->top()));
    else if (m_reveal && m_reveal->bottom() > top + m_height)
        ImGui::SetScrollY(m_canvas.device(m_reveal->bottom() - m_height));
    ImGui::EndChild();
}

Canvas above_all(Canvas const& canvas)
{
    return canvas.on(*ImGui::GetForegroundDrawList());
}

void ScrollArea::scroll_to_end()
{
    m_to_end = true;
}

void ScrollArea::reveal(Rect const& rect)
{
    m_reveal = rect;
}

namespace {

constexpr ImGuiWindowFlags overlay_flags = ImGuiWindowFlags_NoDecoration | ImGuiWindowFlags_NoMove
    | ImGuiWindowFlags_NoSavedSettings | ImGuiWindowFlags_NoBackground | ImGuiWindowFlags_NoNav
    | ImGuiWindowFlags_NoScrollWithMouse;

// Dear ImGui's window of an overlay: as large as the card, or as everything where the rest has to be shielded. What is
// drawn later lies above, whenever it appeared. What only floats leaves the keyboard to the field that it is about.
ImDrawList& begin_overlay(Canvas const& canvas, std::string_view name, Rect const& rect, OverlayKind kind)
{
    auto const low = canvas.snapped(rect.origin()), high = canvas.snapped({ rect.right(), rect.bottom() });
    std::string const id(name);
    ImGui::SetNextWindowPos(low);
    ImGui::SetNextWindowSize({ std::max(1.0f, high.x - low.x), std::max(1.0f, high.y - low.y) });
    ImGui::PushStyleVar(ImGuiStyleVar_WindowPadding, { 0, 0 });
    ImGui::PushStyleVar(ImGuiStyleVar_WindowMinSize, { 1, 1 });
    bool const floats = kind == OverlayKind::Floating;
    ImGui::Begin(id.c_str(), nullptr, overlay_flags | (floats ? ImGuiWindowFlags_NoFocusOnAppearing : 0));
    ImGui::BringWindowToDisplayFront(ImGui::GetCurrentWindow());
    ImGui::PopStyleVar(2);
    return *ImGui::GetWindowDrawList();
}

}

Overlay::Overlay(Canvas const& canvas, std::string_view name, Rect const& rect, OverlayKind kind)
    : m_canvas(canvas.on(begin_overlay(canvas, name, kind == OverlayKind::Modal ? canvas.bounds() : rect, kind)))
    , m_kind(kind)
{
    canvas.mark(name, rect);
    if (kind == OverlayKind::Modal) {
        fill(m_canvas, canvas.bounds(), 0, canvas.theme().stage.faded(1 - theme::veiled));
        auto const beside = touch(m_canvas, std::string(name) + "/beside", canvas.bounds(), Reach::MouseOnly);
        m_dismissed = (beside.clicked && !rect.contains(beside.pointer)) || pressed(Chord::of(Key::Escape));
        canvas.interaction().open_scope(name);
    }
    // The card's shadow reaches beyond the window that holds it.
    m_canvas.list().PushClipRectFullScreen();
    card(m_canvas, rect, { .elevation = theme::Elevation::Spotlight });
    m_canvas.list().PopClipRect();
}

Overlay::~Overlay()
{
    if (m_kind == OverlayKind::Modal)
        m_canvas.interaction().close_scope();
    ImGui::End();
}

}
