#pragma once

// Keys and chords, as commands name them ("Ctrl+K", "Shift+Left", "?"). Signs are told by the character they type, not
// by their key, for they lie elsewhere on every keyboard layout.

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

struct ImGuiIO;

namespace drydock::canvas {

// Letters, digits and function keys are consecutive.
enum class Key : std::uint8_t {
    None,
    Tab,
    Left,
    Right,
    Up,
    Down,
    PageUp,
    PageDown,
    Home,
    End,
    Insert,
    Delete,
    Backspace,
    Space,
    Enter,
    Escape,
    A,
    Z = A + 25,
    Digit0,
    Digit9 = Digit0 + 9,
    F1,
    F12 = F1 + 11,
    Count,
};

struct Chord {
    Key key { Key::None };
    char character { 0 }; // where key is None: an ASCII sign, "?" or "["
    bool control { false };
    bool shift { false };
    bool alt { false };

    auto operator<=>(Chord const&) const = default;

    static Chord of(Key key) { return { .key = key }; }
    static Chord of_letter(char letter);
    static Chord typed(char sign) { return { .character = sign }; }
    Chord with_control() const;
    Chord with_shift() const;
    Chord with_alt() const;

    // "Ctrl+Shift+P", "Space", "PgUp", "?", "+"; nothing where the text names no chord.
    static std::optional<Chord> parse(std::string_view);
};

std::string to_string(Chord);

// Whether the chord went down in this frame. While a text field has the keyboard, what would type or edit is the
// field's: only Escape, function keys, and Ctrl or Alt chords that no field knows get through.
bool pressed(Chord);
// The same, again and again while the key is held.
bool pressed_or_repeated(Chord);
// Whether a key went down or repeats, whoever has the keyboard.
bool is_repeating(Key);
// Whether it is held down, apart from its modifiers.
bool held(Key);
bool is_any_key_held();

// For whoever feeds Dear ImGui: the window's event bridge and the test driver.
void set_key(ImGuiIO&, Key, bool down);
void set_modifiers(ImGuiIO&, bool control, bool shift, bool alt);
void map_keys(ImGuiIO&);

}
