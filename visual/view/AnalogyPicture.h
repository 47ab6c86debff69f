#pragma once

// The small drawing that says what something is like: a few shapes on a field of 160 x 90, as a scenario lists them
// ("box 10 20 60 8 text", see sim/scenario/Scenario.h). A trace may hold anything, so what is no shape is left out.

#include "visual/canvas/Canvas.h"

#include <string>
#include <vector>

namespace drydock::view {

struct PictureShape {
    enum class Kind : std::uint8_t { Box, Sheet, Disc, Line, Arrow, Label };
    Kind kind { Kind::Label };
    canvas::Rect place;  // on the field; of a line or an arrow from the origin by (width, height)
    std::string text {}; // as the scenario has it, for tr()
};

inline constexpr canvas::Size picture_field { 160, 90 };

std::vector<PictureShape> shapes_of(std::vector<std::string> const& picture);
// As large as `room` allows, in its middle.
void draw_analogy(canvas::Canvas const&, canvas::Rect const& room, std::vector<PictureShape> const&);

}
