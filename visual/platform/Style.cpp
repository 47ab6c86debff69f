#include "visual/platform/Style.h"

#include <imgui.h>

namespace drydock::platform {

namespace {

ImVec4 tint(theme::Color color)
{
    return ImGui::ColorConvertU32ToFloat4(color.packed());
}

void apply_measures(ImGuiStyle& style)
{
    style.WindowPadding = { 16, 16 };
    style.FramePadding = { 10, 6 };
    style.ItemSpacing = { 8, 8 };
    style.ItemInnerSpacing = { 8, 6 };
    style.WindowRounding = 10;
    style.ChildRounding = 8;
    style.FrameRounding = theme::radius::control;
    style.GrabRounding = theme::radius::control;
    style.PopupRounding = 8;
    style.TabRounding = theme::radius::control;
    style.ScrollbarSize = 12;
    style.ScrollbarRounding = 8;
    style.WindowBorderSize = 1;
    style.ChildBorderSize = 0;
    style.FrameBorderSize = 1;
    style.WindowMenuButtonPosition = ImGuiDir_None;
}

void apply_colors(theme::Theme const& theme, ImGuiStyle& style)
{
    auto& colors = style.Colors;
    auto const soft = theme::over(theme.text.faded(0.06f), theme.surface);
    colors[ImGuiCol_Text] = tint(theme.text);
    colors[ImGuiCol_TextDisabled] = tint(theme.dim_text);
    colors[ImGuiCol_WindowBg] = tint(theme.surface);
    colors[ImGuiCol_ChildBg] = tint(theme.surface.faded(0));
    colors[ImGuiCol_PopupBg] = tint(theme.dark ? theme.raised : theme.surface);
    colors[ImGuiCol_Border] = tint(theme.line);
    colors[ImGuiCol_BorderShadow] = tint(theme.line.faded(0));
    colors[ImGuiCol_FrameBg] = tint(soft);
    colors[ImGuiCol_FrameBgHovered] = tint(theme::over(theme.text.faded(0.10f), theme.surface));
    colors[ImGuiCol_FrameBgActive] = tint(theme::over(theme.accent.faded(0.20f), theme.surface));
    colors[ImGuiCol_Button] = tint(theme.raised);
    colors[ImGuiCol_ButtonHovered] = tint(theme::over(theme.accent.faded(0.18f), theme.raised));
    colors[ImGuiCol_ButtonActive] = tint(theme::over(theme.accent.faded(0.30f), theme.raised));
    colors[ImGuiCol_Header] = tint(theme::over(theme.accent.faded(0.16f), theme.surface));
    colors[ImGuiCol_HeaderHovered] = tint(theme::over(theme.accent.faded(0.22f), theme.surface));
    colors[ImGuiCol_HeaderActive] = tint(theme::over(theme.accent.faded(0.30f), theme.surface));
    colors[ImGuiCol_ScrollbarBg] = tint(theme.surface.faded(0));
    colors[ImGuiCol_ScrollbarGrab] = tint(theme.dim_text.faded(0.45f));
    colors[ImGuiCol_ScrollbarGrabHovered] = tint(theme.dim_text.faded(0.7f));
    colors[ImGuiCol_ScrollbarGrabActive] = tint(theme.accent);
    colors[ImGuiCol_CheckMark] = tint(theme.accent);
    colors[ImGuiCol_SliderGrab] = tint(theme.accent);
    colors[ImGuiCol_SliderGrabActive] = tint(theme.accent);
    colors[ImGuiCol_Separator] = tint(theme.line);
    colors[ImGuiCol_TextSelectedBg] = tint(theme.accent.faded(0.35f));
    colors[ImGuiCol_NavHighlight] = tint(theme.focus);
    colors[ImGuiCol_ModalWindowDimBg] = tint(theme.stage.faded(1 - theme::veiled));
}

}

void apply(theme::Theme const& theme, float scale, ImGuiStyle& style)
{
    style = ImGuiStyle();
    apply_measures(style);
    apply_colors(theme, style);
    style.AntiAliasedLinesUseTex = true;
    style.ScaleAllSizes(scale);
}

}
