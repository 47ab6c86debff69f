#pragma once

// What hands can touch. Every widget is an area with a name ("timeline.play"), unique in the window: tests click it by
// that name, tutorials point at it, Tab reaches it, Enter and Space press it. The looks are drawn here; Dear ImGui only
// decides who has the mouse.

#include "visual/canvas/Draw.h"
#include "visual/canvas/Keys.h"

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace drydock::canvas {

// What the hands did to an area in this frame.
struct Response {
    Rect rect {};
    bool hovered { false };
    bool held { false };    // the mouse button went down here and is still down
    bool clicked { false }; // released here, or pressed by the keyboard
    bool double_clicked { false };
    bool menu_asked { false }; // the right button went down here
    bool focused { false };    // by the keyboard, and visibly so
    float warmth { 0 };        // 0 to 1: how far the hover has faded in
    Point pointer {};          // in this canvas's coordinates
    Point dragged {};          // since the last frame, while held
};

// What else the hands hold and turn in this frame.
struct Hands {
    bool shift { false };
    bool alt { false };
    float wheel { 0 };       // towards the viewer is below 0
    float wheel_aside { 0 }; // to the left is above 0
};
Hands hands();

enum class Reach : std::uint8_t { MouseAndKeyboard, MouseOnly, Disabled };

// An area without a look: what every widget and every touchable thing on the stage is made of. What is drawn (and
// touched) later lies on top.
Response touch(Canvas const&, std::string_view name, Rect const&, Reach = Reach::MouseAndKeyboard);
// The ring that says where the keyboard is. Widgets draw their own.
void focus_ring(Canvas const&, Response const&, float radius);
// A hint near what is hovered long enough, or focused by the keyboard; with the keys that do the same.
void hint(Canvas const&, Response const&, std::string_view text, std::optional<Chord> = {});

enum class Emphasis : std::uint8_t { Quiet, Normal, Primary };

struct ButtonLook {
    Emphasis emphasis { Emphasis::Normal };
    std::optional<theme::Icon> icon {};
    std::string_view hint {};
    std::optional<Chord> chord {}; // shown in the hint; pressing it is the command table's affair
    bool enabled { true };
    bool active { false }; // stays pressed: a panel that is open, a mode that is on
};

inline constexpr float control_height = 32;
float button_width(Measure const&, std::string_view label, ButtonLook const& = {});
bool button(Canvas const&, std::string_view name, Rect const&, std::string_view label, ButtonLook const& = {});
bool icon_button(Canvas const&, std::string_view name, Rect const&, theme::Icon, ButtonLook const& = {});

// A switch with its label at the right; clicking either flips `on`. True where it flipped.
bool toggle(Canvas const&, std::string_view name, Rect const&, std::string_view label, bool& on);
// One of a few: segments side by side. True where the choice changed. Segments are named "name.0", "name.1", …
bool segmented(
    Canvas const&, std::string_view name, Rect const&, std::span<std::string_view const> labels, std::size_t& chosen);
// A chip that can be pressed; `on` draws it filled (a filter), else outlined.
float chip_button_width(Measure const&, std::string_view label);
bool chip_button(Canvas const&, std::string_view name, Rect const&, std::string_view label, theme::Category, bool on);
// 0 to 1 along a track. True while it changes. Arrow keys move it by a twentieth when focused.
bool slider(Canvas const&, std::string_view name, Rect const&, float& part);

struct TextFieldLook {
    std::string_view placeholder {};
    theme::Style style { theme::Style::Body };
    std::optional<theme::Icon> icon {};
    bool framed { true };
    bool keeps_tab { false }; // for completion, instead of walking on
};
struct TextFieldResponse {
    bool changed { false };
    bool submitted { false }; // Enter
    bool focused { false };
    bool tab { false }, up { false }, down { false }; // while focused: completion, history
};
// One line of text. It gets the keyboard when clicked, or by Interaction::focus(name).
TextFieldResponse text_field(
    Canvas const&, std::string_view name, Rect const&, std::string&, TextFieldLook const& = {});

// A box whose content may be higher than itself. Draw on canvas(), whose (0,0) is the content's top left corner.
class ScrollArea {
public:
    ScrollArea(Canvas const&, std::string_view name, Rect const&);
    ~ScrollArea();
    ScrollArea(ScrollArea const&) = delete;
    ScrollArea& operator=(ScrollArea const&) = delete;

    Canvas const& canvas() const { return m_canvas; }
    float width() const { return m_width; } // what the scroll bar leaves free
    // Say how high the content came out before this ends.
    void set_content_height(float height) { m_content_height = height; }
    void scroll_to_end();
    // Scrolls just as far as it takes to see that part of the content.
    void reveal(Rect const&);

private:
    Canvas m_canvas;
    float m_width;
    float m_height;
    float m_content_height { 0 };
    bool m_to_end { false };
    std::optional<Rect> m_reveal {};
};

// The same place over all areas and cards: for what moves from one to another.
Canvas above_all(Canvas const&);

// A card over everything else. A modal one dims the rest, takes all clicks and keeps the keyboard's focus inside.
enum class OverlayKind : std::uint8_t { Floating, Modal };
class Overlay {
public:
    Overlay(Canvas const&, std::string_view name, Rect const&, OverlayKind);
    ~Overlay();
    Overlay(Overlay const&) = delete;
    Overlay& operator=(Overlay const&) = delete;

    // In the same coordinates as the canvas below.
    Canvas const& canvas() const { return m_canvas; }
    // A click beside a modal card, or Escape.
    bool dismissed() const { return m_dismissed; }

private:
    Canvas m_canvas;
    OverlayKind m_kind;
    bool m_dismissed { false };
};

}
