#include "visual/canvas/Keys.h"

#include <imgui.h>
#include <imgui_internal.h>

#include <algorithm>
#include <array>
#include <iterator>
#include <utility>

namespace drydock::canvas {

namespace {

constexpr std::array named_keys { std::pair(Key::Tab, "Tab"), std::pair(Key::Left, "Left"),
    std::pair(Key::Right, "Right"), std::pair(Key::Up, "Up"), std::pair(Key::Down, "Down"),
    std::pair(Key::PageUp, "PgUp"), std::pair(Key::PageDown, "PgDn"), std::pair(Key::Home, "Home"),
    std::pair(Key::End, "End"), std::pair(Key::Insert, "Ins"), std::pair(Key::Delete, "Del"),
    std::pair(Key::Backspace, "Backspace"), std::pair(Key::Space, "Space"), std::pair(Key::Enter, "Enter"),
    std::pair(Key::Escape, "Esc") };

constexpr int index_of(Key key)
{
    return static_cast<int>(key);
}
constexpr Key nth(Key first, int n)
{
    return static_cast<Key>(index_of(first) + n);
}

std::string name_of(Key key)
{
    if (key >= Key::F1 && key <= Key::F12)
        return "F" + std::to_string(index_of(key) - index_of(Key::F1) + 1);
    if (key >= Key::Digit0 && key <= Key::Digit9)
        return std::to_string(index_of(key) - index_of(Key::Digit0));
    if (key >= Key::A && key <= Key::Z)
        return std::string(1, static_cast<char>('A' + index_of(key) - index_of(Key::A)));
    auto const* const it
        = std::find_if(named_keys.begin(), named_keys.end(), [&](auto const& entry) { return entry.first == key; });
    return it != named_keys.end() ? it->second : "";
}

Key key_named(std::string_view name)
{
    for (int i = 1; i < index_of(Key::Count); ++i) {
        if (name_of(static_cast<Key>(i)) == name)
            return static_cast<Key>(i);
    }
    return Key::None;
}

bool take_prefix(std::string_view& text, std::string_view prefix)
{
    if (!text.starts_with(prefix) || text.size() == prefix.size())
        return false;
    text.remove_prefix(prefix.size());
    return true;
}

// What Dear ImGui's text fields answer to themselves.
bool belongs_to_text_field(Chord chord)
{
    if (chord.key == Key::Escape || chord.key == Key::Tab || (chord.key >= Key::F1 && chord.key <= Key::F12))
        return false;
    if (!chord.control && !chord.alt)
        return true;
    constexpr std::string_view edits = "ACVXYZ";
    auto const name = name_of(chord.key);
    return chord.key < Key::Escape || (name.size() == 1 && edits.find(name) != std::string_view::npos);
}

// A prompt that has just been emptied has nothing to take back; there Ctrl+Z is the engine's, as everywhere else.
bool has_nothing_to_take_back(Chord chord)
{
    auto const* const field = ImGui::GetInputTextState(ImGui::GetActiveID());
    if (field == nullptr || !chord.control || chord.alt)
        return false;
    if (chord.key == Chord::of_letter('Z').key && !chord.shift)
        return field->GetUndoAvailCount() == 0;
    return (chord.key == Chord::of_letter('Z').key || chord.key == Chord::of_letter('Y').key)
        && field->GetRedoAvailCount() == 0;
}

#if IMGUI_VERSION_NUM >= 18700
ImGuiKey imgui_key(Key key)
{
    constexpr std::array named { ImGuiKey_None, ImGuiKey_Tab, ImGuiKey_LeftArrow, ImGuiKey_RightArrow, ImGuiKey_UpArrow,
        ImGuiKey_DownArrow, ImGuiKey_PageUp, ImGuiKey_PageDown, ImGuiKey_Home, ImGuiKey_End, ImGuiKey_Insert,
        ImGuiKey_Delete, ImGuiKey_Backspace, ImGuiKey_Space, ImGuiKey_Enter, ImGuiKey_Escape };
    auto const from = [key](ImGuiKey base, Key first) {
        return static_cast<ImGuiKey>(static_cast<int>(base) + index_of(key) - index_of(first));
    };
    if (key >= Key::F1)
        return from(ImGuiKey_F1, Key::F1);
    if (key >= Key::Digit0)
        return from(ImGuiKey_0, Key::Digit0);
    if (key >= Key::A)
        return from(ImGuiKey_A, Key::A);
    return named[static_cast<std::size_t>(key)];
}
#endif

bool is_key_pressed(Key key, bool repeat)
{
#if IMGUI_VERSION_NUM < 18700
    return ImGui::IsKeyPressed(index_of(key), repeat);
#else
    return ImGui::IsKeyPressed(imgui_key(key), repeat);
#endif
}

bool went_down(Chord chord, bool repeat)
{
    auto const& io = ImGui::GetIO();
    if (io.WantTextInput && belongs_to_text_field(chord) && !has_nothing_to_take_back(chord))
        return false;
    if (chord.key == Key::None) {
        auto const& typed = io.InputQueueCharacters;
        return !io.KeyCtrl && !io.KeyAlt
            && std::find(typed.begin(), typed.end(), static_cast<ImWchar>(chord.character)) != typed.end();
    }
    auto const modifiers = io.KeyCtrl == chord.control && io.KeyShift == chord.shift && io.KeyAlt == chord.alt;
    return modifiers && is_key_pressed(chord.key, repeat);
}

}

Chord Chord::of_letter(char letter)
{
    return of(nth(Key::A, letter - 'A'));
}

Chord Chord::with_control() const
{
    auto result = *this;
    result.control = true;
    return result;
}

Chord Chord::with_shift() const
{
    auto result = *this;
    result.shift = true;
    return result;
}

Chord Chord::with_alt() const
{
    auto result = *this;
    result.alt = true;
    return result;
}

std::optional<Chord> Chord::parse(std::string_view text)
{
    Chord chord;
    while (true) {
        if (take_prefix(text, "Ctrl+"))
            chord.control = true;
        else if (take_prefix(text, "Shift+"))
            chord.shift = true;
        else if (take_prefix(text, "Alt+"))
            chord.alt = true;
        else
            break;
    }
    chord.key = key_named(text);
    if (chord.key != Key::None)
        return chord;
    auto const sign = text.size() == 1 && text[0] > ' ' && text[0] < 127;
    if (!sign || chord.control || chord.shift || chord.alt)
        return {};
    chord.character = text[0];
    return chord;
}

std::string to_string(Chord chord)
{
    std::string text;
    if (chord.control)
        text += "Ctrl+";
    if (chord.shift)
        text += "Shift+";
    if (chord.alt)
        text += "Alt+";
    return text + (chord.key == Key::None ? std::string(1, chord.character) : name_of(chord.key));
}

bool pressed(Chord chord)
{
    return went_down(chord, false);
}

bool pressed_or_repeated(Chord chord)
{
    return went_down(chord, true);
}

bool is_repeating(Key key)
{
    return is_key_pressed(key, true);
}

bool is_any_key_held()
{
    for (int i = 1; i < index_of(Key::Count); ++i) {
        if (held(static_cast<Key>(i)))
            return true;
    }
    return false;
}

#if IMGUI_VERSION_NUM < 18700

// Before 1.87 Dear ImGui has an array of keys by numbers of our choice, and a table of the ones it needs itself.

bool held(Key key)
{
    return ImGui::IsKeyDown(index_of(key));
}

void set_key(ImGuiIO& io, Key key, bool down)
{
    io.KeysDown[index_of(key)] = down;
}

void set_modifiers(ImGuiIO& io, bool control, bool shift, bool alt)
{
    io.KeyCtrl = control;
    io.KeyShift = shift;
    io.KeyAlt = alt;
}

void map_keys(ImGuiIO& io)
{
    // Tab is not among them: focus moves by our own list, to more than text fields.
    constexpr std::array keys { std::pair(ImGuiKey_LeftArrow, Key::Left), std::pair(ImGuiKey_RightArrow, Key::Right),
        std::pair(ImGuiKey_UpArrow, Key::Up), std::pair(ImGuiKey_DownArrow, Key::Down),
        std::pair(ImGuiKey_PageUp, Key::PageUp), std::pair(ImGuiKey_PageDown, Key::PageDown),
        std::pair(ImGuiKey_Home, Key::Home), std::pair(ImGuiKey_End, Key::End), std::pair(ImGuiKey_Insert, Key::Insert),
        std::pair(ImGuiKey_Delete, Key::Delete), std::pair(ImGuiKey_Backspace, Key::Backspace),
        std::pair(ImGuiKey_Space, Key::Space), std::pair(ImGuiKey_Enter, Key::Enter),
        std::pair(ImGuiKey_Escape, Key::Escape), std::pair(ImGuiKey_KeyPadEnter, Key::Enter) };
    std::fill(std::begin(io.KeyMap), std::end(io.KeyMap), -1);
    for (auto const& [imgui, ours] : keys)
        io.KeyMap[imgui] = index_of(ours);
    for (auto const& [imgui, letter] :
        { std::pair(ImGuiKey_A, 'A'), std::pair(ImGuiKey_C, 'C'), std::pair(ImGuiKey_V, 'V'),
            std::pair(ImGuiKey_X, 'X'), std::pair(ImGuiKey_Y, 'Y'), std::pair(ImGuiKey_Z, 'Z') })
        io.KeyMap[imgui] = index_of(nth(Key::A, letter - 'A'));
}

#else

bool held(Key key)
{
    return ImGui::IsKeyDown(imgui_key(key));
}

void set_key(ImGuiIO& io, Key key, bool down)
{
    io.AddKeyEvent(imgui_key(key), down);
}

void set_modifiers(ImGuiIO& io, bool control, bool shift, bool alt)
{
    io.AddKeyEvent(ImGuiMod_Ctrl, control);
    io.AddKeyEvent(ImGuiMod_Shift, shift);
    io.AddKeyEvent(ImGuiMod_Alt, alt);
}

void map_keys(ImGuiIO&) { }

#endif

}
