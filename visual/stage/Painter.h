#pragma once

// What each kind of node looks like, as primitives. Knows nothing of time: it is given a place and an opacity.

#include "visual/stage/Scene.h"

namespace drydock::stage {

struct Appearance {
    Rect rect;
    float opacity { 1 };
    float typed { 1 }; // how much of the last typed line is there
    bool selected { false };
};

void paint(Node const&, Appearance const&, Ruler const&, std::vector<Primitive>&);

}
