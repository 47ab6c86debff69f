#pragma once

// How large the view in the middle is drawn, for all of them in one place: larger in presenter mode, smaller where its
// room is scarce, but never with letters below 1/51 of the window's height (14 pixels of 720), which the last row
// cannot read. Where that leaves too little room, the view keeps its least height and is scrolled.

#include "visual/canvas/Widgets.h"
#include "visual/view/Screen.h"

namespace drydock::view {

struct Sight {
    float zoom { 1 };
    canvas::Rect room;       // in lengths of the zoomed canvas; what the view lays out
    bool scrolled { false }; // the room is higher than its place
};

Sight sight_of(MainView, canvas::Rect const& place, canvas::Size window, bool presenter);

}
