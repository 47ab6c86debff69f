#pragma once

// What a teacher does in front of a class: a black screen, a light on one thing, a pen over the picture, hands that are
// counted. None of it touches the story.

#include "visual/canvas/Geometry.h"

#include <map>
#include <string>
#include <vector>

namespace drydock::view {

struct Presenting {
    bool blackout { false };
    bool spotlight { false }; // on what lies under the pointer; else on what is selected
    bool pen { false };
    std::vector<std::vector<canvas::Point>> strokes; // in logical pixels of the window, since the beat `drawn_at`
    std::size_t drawn_at { 0 };
    bool counting { false };                               // the card with the question and the hands is open
    bool revealed { false };                               // and shows the answer
    std::map<std::string, std::vector<std::string>> hands; // as typed, for each choice of a question
};

}
