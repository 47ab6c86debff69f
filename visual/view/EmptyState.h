#pragma once

// What a view shows while it has nothing to show: what would be here, and a command that brings it.

#include "visual/view/Views.h"

namespace drydock::view {

struct EmptyState {
    std::string_view title;
    std::string_view text;
    std::string command; // to be typed; empty: none
};

// Where there is a terminal, a button types the command into it; the learner presses Enter.
void draw_empty_state(canvas::Canvas const&, canvas::Rect const&, EmptyState const&, Context&);

}
