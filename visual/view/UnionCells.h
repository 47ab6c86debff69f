#pragma once

// What one branch has under one path, as it looks in its column; and how it gets there.

#include "visual/view/UnionModel.h"
#include "visual/view/Views.h"

namespace drydock::view {

theme::Icon icon_of_kind(overlay::Kind);
// A line through words that do not hold any more.
void strike(canvas::Canvas const&, canvas::Rect const& text, theme::Color);

// Filled: it is what a program sees. Hatched and struck: it is there, and hidden. A whiteout is opaque, for it covers.
void draw_union_copy(canvas::Canvas const&, canvas::Rect const& cell, overlay::Copy const&);

// An action on its way into the read-write layer's cell, k from 0 to 1. A copy comes from the cell `from`.
void draw_union_motion(canvas::Canvas const&, canvas::Rect const& home, canvas::Rect const& from, UnionAction const&,
    overlay::Kind, float k);

}
