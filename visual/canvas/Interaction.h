#pragma once

// What the hands can reach, from one frame to the next: where every named thing lies, which of them has the keyboard's
// focus, and how far each hover has warmed up. Tests click by name, tutorials point by name, and Tab walks the names in
// the order they were drawn.

#include "visual/canvas/Geometry.h"

#include <algorithm>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace drydock::canvas {

class Interaction {
public:
    // `wall_seconds` is the hands' time, not the story's; tests and exports hand in what they like.
    void begin_frame(double wall_seconds);
    double now() const { return m_now; }
    bool reduced_motion { false };

    // Names the place of something for this frame, in logical pixels of the window. What is named again moves.
    void mark(std::string_view name, Rect const&);
    // Where it lies in the frame under way or, before it is drawn there, lay in the last one.
    std::optional<Rect> find(std::string_view name) const;
    std::map<std::string, Rect, std::less<>> const& marks() const { return m_marks; }

    // The focus. Only what asked for it in the last frame can get it; while a scope is open (a dialog, the palette)
    // only what asked inside of that scope.
    void want_focus(std::string_view name);
    void open_scope(std::string_view name);
    void close_scope();
    void focus(std::string_view name);
    void clear_focus() { m_focus.clear(); }
    void focus_next() { step_focus(+1); }
    void focus_previous() { step_focus(-1); }
    bool has_focus(std::string_view name) const { return m_focus == name; }
    std::string const& focused() const { return m_focus; }
    // A field was called for and has the keyboard in a few frames. Until then keys wait: whoever opens the terminal
    // and types on loses no letter, however slow the machine.
    void await_field()
    {
        m_focus.clear(); // another field is not the one
        m_field_awaited = 4;
    }
    void field_is_here() { m_field_awaited = 0; }
    bool awaits_field() const { return m_field_awaited > 0; }
    // A field that completes words keeps Tab for itself in the next frame.
    void keep_tab() { m_tab_wanted = true; }
    bool is_tab_kept() const { return m_tab_kept; }
    // The ring shows once the keyboard has been used and hides when the mouse is.
    bool ring_visible() const { return m_ring_visible; }
    void show_ring(bool visible) { m_ring_visible = visible; }

    // 0 to 1 and back over the hover's duration; drawing asks each frame. A hover starts cold, a switch that is seen
    // for the first time stands where it stands.
    float warmth(std::string_view name, bool hovered) { return fade(name, hovered, 0); }
    float transition(std::string_view name, bool on) { return fade(name, on, on ? 1.0f : 0.0f); }
    // Whether some warmth is still changing, so that another frame is due.
    bool animating() const { return m_animating; }
    void keep_animating() { m_animating = true; }

    // The smallest letters of the frame: em in logical pixels of the window. docs/look.md says how small is too small,
    // and a test asks here.
    void note_letters(float em) { m_smallest_letters = m_smallest_letters > 0 ? std::min(m_smallest_letters, em) : em; }
    float smallest_letters() const { return m_smallest_letters; }

private:
    void step_focus(int direction);
    float fade(std::string_view name, bool on, float initial);

    struct Stop {
        std::string name;
        std::string scope;
    };
    struct Fade {
        float value { 0 };
        double asked { 0 };
        std::uint64_t frame { 0 };
    };

    std::uint64_t m_frame { 0 };
    double m_now { 0 };
    std::map<std::string, Rect, std::less<>> m_marks, m_last_marks;
    std::vector<Stop> m_stops, m_last_stops;
    std::vector<std::string> m_scopes;
    std::string m_top_scope, m_last_top_scope; // the innermost scope that was opened in a frame
    std::string m_focus;
    bool m_ring_visible { false };
    int m_field_awaited { 0 }; // frames, so that a field that does not come holds up nothing
    bool m_tab_wanted { false }, m_tab_kept { false };
    std::map<std::string, Fade, std::less<>> m_fades;
    bool m_animating { false };
    float m_smallest_letters { 0 }; // 0: none were drawn
};

}
