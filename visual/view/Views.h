#pragma once

// One function per view, one file each. Every view gets its rectangle, reads the state and the frame's input, and asks
// for commands or actions.

#include "visual/canvas/Widgets.h"
#include "visual/view/Screen.h"

namespace drydock::view {

struct Context {
    FrameInput const& input;
    State& state;
    std::vector<Command>& commands;

    void ask(Action action) { state.actions.push_back(action); }
};

void draw_top_bar(canvas::Canvas const&, canvas::Rect const&, Context&);
void draw_stage(canvas::Canvas const&, canvas::Rect const&, Context&);
// By how much the stage is enlarged or shrunk in that room.
float stage_zoom(canvas::Rect const& room, bool presenter);
void draw_union(canvas::Canvas const&, canvas::Rect const&, Context&);
void draw_isolation(canvas::Canvas const&, canvas::Rect const&, Context&);
void draw_wire(canvas::Canvas const&, canvas::Rect const&, Context&);
void draw_build(canvas::Canvas const&, canvas::Rect const&, Context&);
void draw_inspector(canvas::Canvas const&, canvas::Rect const&, Context&);
void draw_transport(canvas::Canvas const&, canvas::Rect const&, Context&);
void draw_timeline(canvas::Canvas const&, canvas::Rect const&, Context&);
void draw_terminal(canvas::Canvas const&, canvas::Rect const&, Context&);
void draw_prediction(canvas::Canvas const&, canvas::Rect const& stage, Context&);
void draw_hint(canvas::Canvas const&, canvas::Rect const& stage, Context&);
void draw_welcome(canvas::Canvas const&, canvas::Rect const&, Context&); // while nothing has happened yet
void draw_palette(canvas::Canvas const&, Context&);
// Over the stage: the spotlight, the pen's strokes; the card with the class's hands; the black screen over everything.
void draw_presenting(canvas::Canvas const&, canvas::Rect const& stage, Context&);
void draw_hands(canvas::Canvas const&, canvas::Rect const& stage, Context&);
void draw_blackout(canvas::Canvas const&, State const&);
bool take_clicker(State&); // true where the keys of this frame were its own
void draw_export(canvas::Canvas const&, Context&);
void draw_settings(canvas::Canvas const&, Context&);
void draw_help(canvas::Canvas const&, Context&);

// An icon button that stands for an action, with its keys in the hint.
bool action_button(canvas::Canvas const&, canvas::Rect const&, theme::Icon, Action, Context&, bool active = false);

}
