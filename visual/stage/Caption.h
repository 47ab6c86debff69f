#pragma once

// Where a caption stands: at its object, on free ground where there is some, over dimmed things where there is none,
// never over what is lit.

#include "visual/stage/Scene.h"

namespace drydock::stage {

inline constexpr float caption_padding_x = 14, caption_padding_y = 10;

struct Caption {
    Rect rect;
    Point tail; // the point it speaks of
};

Caption place_caption(std::string const& text, Rect const& object, Rect const& room, std::vector<Rect> const& lit,
    std::vector<Rect> const& others, Ruler const&);

}
