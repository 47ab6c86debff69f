#include "visual/canvas/Widgets.h"

#include "visual/canvas/Easing.h"

#include <imgui_internal.h>
#include <imgui_stdlib.h>

#include <cmath>

namespace drydock::canvas {

namespace {

constexpr float hint_delay = 0.45f;

bool activated_by_keyboard()
{
    return pressed(Chord::of(Key::Enter)) || pressed(Chord::of(Key::Space));
}

// The colours of a button's states lie between its rest and full warmth.
struct ButtonColors {
    theme::Color ground, border, text;
};

ButtonColors button_colors(theme::Theme const& theme, ButtonLook const& look, Response const& response)
{
    auto const pressing = response.held ? 1.0f : 0.0f;
    auto const warm = [&](theme::Color rest, float reach) {
        return theme::mix(rest, theme::over(theme.text.faded(reach), rest), std::max(response.warmth, pressing));
    };
    if (!look.enabled)
        return { theme.raised.faded(look.emphasis == Emphasis::Quiet ? 0.0f : 0.5f), theme.line.faded(0.6f),
            theme.dim_text.faded(0.55f) };
    if (look.emphasis == Emphasis::Primary)
        return {
            theme::over(
                (theme.dark ? theme::hex(0xffffff) : theme::hex(0)).faded(0.16f * response.warmth + 0.08f * pressing),
                theme.accent),
            theme.accent, theme.on_accent
        };
    if (look.active) {
        auto const ground = theme::over(theme.accent.faded(0.18f), theme.surface);
        return { warm(ground, 0.06f), theme.accent, theme.text };
    }
    if (look.emphasis == Emphasis::Quiet)
        return { theme.text.faded(0.08f * response.warmth + 0.06f * pressing), theme.line.faded(0), theme.text };
    return { warm(theme.raised, 0.08f + 0.06f * pressing),
        theme::mix(theme.line, theme.dim_text, response.warmth * 0.6f), theme.text };
}

void draw_button_body(Canvas const& canvas, Response const& response, ButtonColors const& colors)
{
    fill(canvas, response.rect, theme::radius::control, colors.ground);
    if (colors.border.alpha > 0)
        outline(canvas, response.rect, theme::radius::control, colors.border, canvas.theme().border_width);
    focus_ring(canvas, response, theme::radius::control);
}

}

Hands hands()
{
    auto const& io = ImGui::GetIO();
    return { .shift = io.KeyShift, .alt = io.KeyAlt, .wheel = io.MouseWheel, .wheel_aside = io.MouseWheelH };
}

Response touch(Canvas const& canvas, std::string_view name, Rect const& rect, Reach reach)
{
    auto& interaction = canvas.interaction();
    canvas.mark(name, rect);
    Response response { .rect = rect };
    if (reach == Reach::Disabled)
        return response;

    auto const low = canvas.snapped(rect.origin()), high = canvas.snapped({ rect.right(), rect.bottom() });
    std::string const id(name);
    ImGui::SetCursorScreenPos(low);
    auto const mouse
        = ImGui::InvisibleButton(id.c_str(), { std::max(1.0f, high.x - low.x), std::max(1.0f, high.y - low.y) });
    response.hovered = ImGui::IsItemHovered();
    response.held = ImGui::IsItemActive();
    response.double_clicked = response.hovered && ImGui::IsMouseDoubleClicked(ImGuiMouseButton_Left);
    response.menu_asked = response.hovered && ImGui::IsMouseClicked(ImGuiMouseButton_Right);
    ImGui::SetItemAllowOverlap();

    auto const& io = ImGui::GetIO();
    response.pointer = canvas.logical(io.MousePos);
    if (response.held)
        response.dragged = { io.MouseDelta.x / canvas.scale(), io.MouseDelta.y / canvas.scale() };
    if (reach == Reach::MouseAndKeyboard) {
        interaction.want_focus(name);
        if (response.held)
            interaction.focus(name);
        response.focused = interaction.has_focus(name) && interaction.ring_visible();
    }
    response.clicked = mouse || (response.focused && activated_by_keyboard());
    response.warmth = interaction.warmth(name, response.hovered || response.held);
    return response;
}

void focus_ring(Canvas const& canvas, Response const& response, float radius)
{
    if (response.focused)
        outline(canvas, response.rect.outset(3), radius + 3, canvas.theme().focus, 2);
}

namespace {

// Below what it explains, or above where there is no room; in the window's own coordinates, over everything.
void draw_hint(Canvas const& canvas, Rect const& about, std::string_view words, std::string const& keys)
{
    Canvas const on_top(
        *ImGui::GetForegroundDrawList(), canvas.theme(), canvas.fonts(), canvas.interaction(), canvas.size());
    auto const measure = on_top.measure();
    auto const words_width = std::ceil(measure.width(theme::Style::Caption, words));
    auto const keys_width = keys.empty() ? 0.0f : key_cap_width(measure, keys) + theme::space::snug;
    Size const size { words_width + keys_width + 2 * theme::space::snug, 36 };
    auto const room = on_top.size();
    auto const rightmost = std::max(theme::space::hair, room.width - size.width - theme::space::hair);
    auto const below = about.bottom() + theme::space::tight;
    Rect const box { std::clamp(about.center().x - size.width / 2, theme::space::hair, rightmost),
        below + size.height <= room.height ? below : about.top() - theme::space::tight - size.height, size.width,
        size.height };
    card(on_top, box);
    text_in(on_top, box.inset(theme::space::snug, 0), words, theme::Style::Caption, on_top.theme().text);
    if (!keys.empty())
        key_cap(on_top, { box.x + theme::space::snug + words_width + theme::space::snug, box.y + 5 }, keys);
}

}

void hint(Canvas const& canvas, Response const& response, std::string_view words, std::optional<Chord> chord)
{
    auto const waited = response.hovered && !response.held ? GImGui->HoveredIdTimer : 0.0f;
    if (waited > 0 && waited <= hint_delay)
        canvas.interaction().keep_animating();
    if (words.empty() || (waited <= hint_delay && !response.focused))
        return;
    draw_hint(canvas, canvas.in_window(response.rect), words, chord ? to_string(*chord) : std::string());
}

float button_width(Measure const& measure, std::string_view label, ButtonLook const& look)
{
    auto const with_icon = look.icon ? theme::icon_size::normal + theme::space::tight : 0.0f;
    return std::ceil(measure.width(theme::Style::Strong, label)) + with_icon + 2 * theme::space::normal;
}

bool button(
    Canvas const& canvas, std::string_view name, Rect const& rect, std::string_view label, ButtonLook const& look)
{
    auto const response = touch(canvas, name, rect, look.enabled ? Reach::MouseAndKeyboard : Reach::Disabled);
    auto const colors = button_colors(canvas.theme(), look, response);
    draw_button_body(canvas, response, colors);
    auto const content = button_width(canvas.measure(), label, look) - 2 * theme::space::normal;
    auto inner
        = Rect::centered(rect.center(), { std::min(content, rect.width - 2 * theme::space::tight), rect.height });
    if (look.icon) {
        icon(canvas, { inner.x + theme::icon_size::normal / 2, inner.center().y }, *look.icon, colors.text);
        inner = inner.without_left(theme::icon_size::normal + theme::space::tight);
    }
    text_in(canvas, inner, label, theme::Style::Strong, colors.text);
    hint(canvas, response, look.hint, look.chord);
    return response.clicked;
}

bool icon_button(
    Canvas const& canvas, std::string_view name, Rect const& rect, theme::Icon sign, ButtonLook const& look)
{
    auto const response = touch(canvas, name, rect, look.enabled ? Reach::MouseAndKeyboard : Reach::Disabled);
    auto const colors = button_colors(canvas.theme(), look, response);
    draw_button_body(canvas, response, colors);
    icon(canvas, rect.center(), sign, colors.text, std::min(theme::icon_size::large, std::round(rect.height * 0.5f)));
    hint(canvas, response, look.hint, look.chord);
    return response.clicked;
}

bool toggle(Canvas const& canvas, std::string_view name, Rect const& rect, std::string_view label, bool& on)
{
    auto const response = touch(canvas, name, rect);
    if (response.clicked)
        on = !on;
    auto const& theme = canvas.theme();
    Rect const track { rect.x, rect.center().y - 11, 40, 22 };
    auto const place = canvas.interaction().transition(std::string(name) + "/on", on);
    auto const off_ground = theme::over(theme.text.faded(0.12f + 0.06f * response.warmth), theme.surface);
    fill(canvas, track, 11, theme::mix(off_ground, theme.accent, place));
    outline(canvas, track, 11, theme::mix(theme.dim_text, theme.accent, place), theme.border_width);
    disc(canvas, { lerp(track.x + 11, track.right() - 11, standard(place)), track.center().y }, 7,
        theme::mix(theme.text, theme.on_accent, place));
    text_in(canvas, rect.without_left(track.width + theme::space::snug), label, theme::Style::Body, theme.text);
    focus_ring(canvas, response, theme::radius::control);
    return response.clicked;
}

bool segmented(Canvas const& canvas, std::string_view name, Rect const& rect, std::span<std::string_view const> labels,
    std::size_t& chosen)
{
    auto const& theme = canvas.theme();
    canvas.mark(name, rect);
    fill(canvas, rect, theme::radius::control, theme::over(theme.text.faded(0.06f), theme.surface));
    outline(canvas, rect, theme::radius::control, theme.line, theme.border_width);
    auto const before = chosen;
    auto const cells = columns(rect.inset(3), static_cast<int>(labels.size()), 3);
    for (std::size_t i = 0; i < labels.size(); ++i) {
        auto const response = touch(canvas, std::string(name) + "." + std::to_string(i), cells[i]);
        if (response.clicked)
            chosen = i;
        auto const is_chosen = i == before;
        if (is_chosen) {
            fill(canvas, cells[i], theme::radius::bar,
                theme.dark ? theme::over(theme.accent.faded(0.24f), theme.surface) : theme.surface);
            outline(canvas, cells[i], theme::radius::bar, theme.accent, theme.border_width);
        } else if (response.warmth > 0) {
            fill(canvas, cells[i], theme::radius::bar, theme.text.faded(0.08f * response.warmth));
        }
        text_in(canvas, cells[i].inset(theme::space::hair, 0), labels[i],
            is_chosen ? theme::Style::Strong : theme::Style::Body, is_chosen ? theme.text : theme.dim_text,
            Align::Center);
        focus_ring(canvas, response, theme::radius::bar);
    }
    if (chosen != before)
        canvas.interaction().keep_animating(); // this frame still shows the old choice
    return chosen != before;
}

float chip_button_width(Measure const& measure, std::string_view label)
{
    return chip_size(measure, label, { .icon = theme::Icon::Check }).width;
}

bool chip_button(Canvas const& canvas, std::string_view name, Rect const& rect, std::string_view label,
    theme::Category category, bool on)
{
    auto const response = touch(canvas, name, rect);
    auto const& theme = canvas.theme();
    auto const& colors = theme[category];
    auto const tint = (on ? theme.tint : 0.0f) + 0.08f * response.warmth;
    fill(canvas, rect, theme::radius::control, colors.fill.faded(tint));
    outline(canvas, rect, theme::radius::control, on ? colors.stroke.faded(theme.tint_border) : theme.line,
        theme.border_width, on ? Stroke::Solid : Stroke::Dotted);
    auto const sign = on ? theme::Icon::Check : theme::icon_of(category);
    icon(canvas, { rect.x + theme::space::snug + theme::icon_size::small / 2, rect.center().y }, sign,
        on ? colors.stroke : theme.dim_text, theme::icon_size::small);
    text_in(canvas, rect.inset(theme::space::snug, 0).without_left(theme::icon_size::small + theme::space::tight),
        label, theme::Style::Caption, on ? theme.text : theme.dim_text);
    focus_ring(canvas, response, theme::radius::control);
    return response.clicked;
}

bool slider(Canvas const& canvas, std::string_view name, Rect const& rect, float& part)
{
    auto const response = touch(canvas, name, rect);
    auto const& theme = canvas.theme();
    constexpr float knob = 8;
    auto const track = Rect::centered(rect.center(), { rect.width - 2 * knob, 6 });
    auto const before = part;
    if (response.held)
        part = std::clamp((response.pointer.x - track.x) / track.width, 0.0f, 1.0f);
    if (response.focused && pressed_or_repeated(Chord::of(Key::Left)))
        part = std::max(0.0f, part - 0.05f);
    if (response.focused && pressed_or_repeated(Chord::of(Key::Right)))
        part = std::min(1.0f, part + 0.05f);
    fill(canvas, track, 3, theme::over(theme.text.faded(0.14f), theme.surface));
    fill(canvas, track.left_part(track.width * part), 3, theme.accent);
    Point const center { track.x + track.width * part, track.center().y };
    if (response.warmth > 0)
        disc(canvas, center, knob + 5 * response.warmth, theme.accent.faded(0.2f));
    disc(canvas, center, knob, theme.accent);
    disc(canvas, center, knob - 3, theme.dark ? theme.surface : theme.on_accent);
    focus_ring(canvas, response, theme::radius::control);
    return part != before;
}

namespace {

// Dear ImGui's field keeps a text and an undo stack of its own. What the program writes into `value` (a line of the
// history, a completion, nothing after Enter) has to reach both: else the field writes its text back over it, and an
// undo reaches beyond the text's end, which stops the program.
void take_from_program(ImGuiID id, std::string const& value)
{
    auto* const state = ImGui::GetInputTextState(id);
    if (state == nullptr)
        return;
    if (ImGui::GetActiveID() != id) {
        state->ID = 0; // begins anew
        return;
    }
#if IMGUI_VERSION_NUM < 19100
    if (!state->TextAIsValid || value == state->TextA.Data)
        return;
    auto const size = static_cast<int>(value.size());
    state->TextW.resize(size + 1);
    state->CurLenW = ImTextStrFromUtf8(state->TextW.Data, size + 1, value.c_str(), nullptr);
    state->CurLenA = size;
    state->TextAIsValid = false;
    state->Stb.cursor = state->Stb.select_start = state->Stb.select_end = state->CurLenW;
    auto& undo = state->Stb.undostate;
    undo.undo_point = 0;
    undo.undo_char_point = 0;
    undo.redo_point = STB_TEXTEDIT_UNDOSTATECOUNT;
    undo.redo_char_point = STB_TEXTEDIT_UNDOCHARCOUNT;
    state->CursorFollow = true;
#else
    if (value != state->TextA.Data)
        state->ReloadUserBufAndMoveToEnd();
#endif
}

// Dear ImGui's field without its frame, filling `box`.
TextFieldResponse edit_line(
    Canvas const& canvas, std::string const& id, Rect const& box, std::string& value, TextFieldLook const& look)
{
    auto const& theme = canvas.theme();
    auto& font = canvas.fonts().font(look.style);
    auto const base_line = canvas.device(box.height + theme::type_style(look.style).em * cap_height) / 2;
    auto const padding = std::max(0.0f, std::round(base_line) - std::round(font.Ascent));
    ImGui::PushFont(&font);
    ImGui::PushStyleVar(ImGuiStyleVar_FramePadding, { 0, padding });
    ImGui::PushStyleVar(ImGuiStyleVar_FrameBorderSize, 0);
    ImGui::PushStyleColor(ImGuiCol_FrameBg, canvas.ink(theme.surface.faded(0)));
    ImGui::PushStyleColor(ImGuiCol_Text, canvas.ink(theme.text));
    ImGui::SetCursorScreenPos(canvas.snapped(box.origin()));
    ImGui::SetNextItemWidth(canvas.device(box.width));
    std::string const placeholder(look.placeholder);
    take_from_program(ImGui::GetID(id.c_str()), value);
    TextFieldResponse response;
    // A field that completes keeps Tab; else Dear ImGui leaves it, comes back, and selects all.
    auto const flags = ImGuiInputTextFlags_EnterReturnsTrue
        | (look.keeps_tab ? ImGuiInputTextFlags_CallbackCompletion : ImGuiInputTextFlags_None);
    response.submitted = ImGui::InputTextWithHint(
        id.c_str(), placeholder.c_str(), &value, flags, [](ImGuiInputTextCallbackData*) { return 0; });
    response.changed = ImGui::IsItemEdited();
    response.focused = ImGui::IsItemActive();
    ImGui::PopStyleColor(2);
    ImGui::PopStyleVar(2);
    ImGui::PopFont();
    return response;
}

// Our focus and Dear ImGui's active field follow each other: a click on the field moves ours, Tab or a command theirs.
void follow_focus(Interaction& interaction, std::string_view name, TextFieldResponse& response)
{
    if (ImGui::IsItemActivated())
        interaction.focus(name);
    else if (ImGui::IsItemDeactivated() && !response.submitted && interaction.has_focus(name))
        interaction.clear_focus();
    else if (response.focused && !interaction.has_focus(name))
        ImGui::ClearActiveID();
    response.focused = response.focused && interaction.has_focus(name);
}

}

TextFieldResponse text_field(
    Canvas const& canvas, std::string_view name, Rect const& rect, std::string& value, TextFieldLook const& look)
{
    auto& interaction = canvas.interaction();
    auto const& theme = canvas.theme();
    canvas.mark(name, rect);
    interaction.want_focus(name);
    if (look.framed) {
        fill(canvas, rect, theme::radius::control, theme::over(theme.text.faded(0.05f), theme.surface));
        outline(canvas, rect, theme::radius::control, theme.line, theme.border_width);
    }
    auto inner = look.framed ? rect.inset(theme::space::snug, 0) : rect;
    if (look.icon) {
        icon(canvas, { inner.x + theme::icon_size::normal / 2, inner.center().y }, *look.icon, theme.dim_text);
        inner = inner.without_left(theme::icon_size::normal + theme::space::tight);
    }
    auto const id = "##" + std::string(name);
    bool const lost = interaction.has_focus(name) && ImGui::GetActiveID() != ImGui::GetID(id.c_str());
    if (lost && ImGui::GetActiveID() != 0 && ImGui::IsMouseDown(ImGuiMouseButton_Left)) {
        interaction.clear_focus(); // what was pressed has it; the field would take the click away
    } else if (lost) {
        ImGui::SetKeyboardFocusHere();
        interaction.keep_animating(); // it takes effect in the next frame, which must not be that of the first key
    }
    auto response = edit_line(canvas, id, inner, value, look);
    follow_focus(interaction, name, response);
    if (response.focused) {
        interaction.field_is_here();
        if (look.keeps_tab)
            interaction.keep_tab();
        response.tab = look.keeps_tab && pressed(Chord::of(Key::Tab));
        response.up = is_repeating(Key::Up);
        response.down = is_repeating(Key::Down);
    }
    if (response.focused && look.framed)
        outline(canvas, rect, theme::radius::control, theme.accent, 2);
    return response;
}

}
