#pragma once

// One function per view, one file each. Every view gets its rectangle, reads the state and the frame's input, and asks
// for commands or actions.

#include "visual/canvas/Widgets.h"
#include "visual/view/Describe.h"
#include "visual/view/Screen.h"

namespace drydock::view {

struct Context {
    FrameInput const& input;
    State& state;
    std::vector<Command>& commands;

    void ask(Action action) { state.actions.push_back(action); }
};

Moment moment_of(Context&);

// The timeline's axis, and what of it is in sight.
inline constexpr double least_stretch = 1e-6;           // seconds
inline constexpr float dock_low = 148, dock_tall = 268; // heights of the dock with it
inline constexpr float dock_of_terminal = 214;
TimelineAxis timeline_axis(State const&);
Stretch shown_stretch(State const&);
void show_stretch(State&, Stretch const&);
void change_scale(State&); // the same records stay in sight
// The scenario's phase, or else the command, that is on after `records` records: what it loops over.
std::pair<std::uint64_t, std::uint64_t> part_around(State const&, std::uint64_t records);

void draw_top_bar(canvas::Canvas const&, canvas::Rect const&, Context&);
// Where what the beat is about lies.
canvas::Rect draw_stage(canvas::Canvas const&, canvas::Rect const&, Context&);
// Below the other views: what the lesson says, and what happens now.
float narration_strip_height(canvas::Rect const& room, State const&);
void draw_narration_strip(canvas::Canvas const&, canvas::Rect const&, State const&);
void draw_union(canvas::Canvas const&, canvas::Rect const&, Context&);
void draw_isolation(canvas::Canvas const&, canvas::Rect const&, Context&);
void draw_wire(canvas::Canvas const&, canvas::Rect const&, Context&);
void draw_build(canvas::Canvas const&, canvas::Rect const&, Context&);
void draw_compare(canvas::Canvas const&, canvas::Rect const&, Context&);
void draw_inspector(canvas::Canvas const&, canvas::Rect const&, Context&);
void draw_transport(canvas::Canvas const&, canvas::Rect const&, Context&);
void draw_timeline(canvas::Canvas const&, canvas::Rect const&, Context&);
// What is otherwise between the two cursors, at the right side of the middle; where there is room, nothing lies below.
void draw_difference(canvas::Canvas const&, canvas::Rect const& middle, Context&);
float difference_beside(State const&, canvas::Rect const& middle);
void draw_dock_handle(canvas::Canvas const&, canvas::Rect const&, Context&);
void draw_terminal(canvas::Canvas const&, canvas::Rect const&, Context&);
void draw_prediction(canvas::Canvas const&, canvas::Rect const& stage, Context&);
// Several questions of one part with the same choices, laid out together; false where there are none.
bool draw_sort(canvas::Canvas const&, canvas::Rect const& stage, Context&);
void draw_goals(canvas::Canvas const&, canvas::Rect const& stage, Context&);
void draw_lesson_cards(canvas::Canvas const&, canvas::Rect const& stage, Context&);
void draw_daemon_game(canvas::Canvas const&, canvas::Rect const& stage, Context&);
void draw_notices(canvas::Canvas const&, canvas::Rect const& stage, Context&);
void draw_menu(canvas::Canvas const&, canvas::Rect const& stage, Context&);
void draw_welcome(canvas::Canvas const&, canvas::Rect const&, Context&); // while nothing has happened yet
void draw_palette(canvas::Canvas const&, Context&);
// Over the stage: the spotlight, the pen's strokes; the card with the class's hands; the black screen over everything.
void draw_presenting(canvas::Canvas const&, canvas::Rect const& stage, Context&);
void draw_hands(canvas::Canvas const&, canvas::Rect const& stage, Context&);
void draw_blackout(canvas::Canvas const&, State const&);
bool take_clicker(State&); // true where the keys of this frame were its own
void draw_export(canvas::Canvas const&, Context&);
void draw_settings(canvas::Canvas const&, Context&);
void draw_course(canvas::Canvas const&, Context&);
void draw_concept_test(canvas::Canvas const&, Context&);
// A modal card of that size, shrunk as a whole where the window is smaller.
struct Fitted {
    canvas::Canvas canvas;
    canvas::Rect box;
};
Fitted fitted(canvas::Canvas const& window, canvas::Size);
void draw_help(canvas::Canvas const&, Context&);

// An icon button that stands for an action, with its keys in the hint.
bool action_button(canvas::Canvas const&, canvas::Rect const&, theme::Icon, Action, Context&, bool active = false);

}
