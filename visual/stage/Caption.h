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

struct Ground {
    std::vector<Rect> lit;    // never covered while there is another place
    std::vector<Rect> others; // objects that are not lit
    std::vector<Rect> words;  // of anything
};

Caption place_caption(std::string const& text, Rect const& object, Rect const& room, Ground const&, Ruler const&);

}
