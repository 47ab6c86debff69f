#pragma once

// What the author says, and how it stands with the questions and goals: one card with a few paragraphs, as tall as they
// are. Layout asks for the height, the painter for the paragraphs.

#include "visual/stage/Layout.h"

namespace drydock::stage {

// The first character of a goal's line.
inline const std::string goal_met = "+", goal_open = "-";

struct Paragraph {
    enum class Kind : std::uint8_t { Title, Say, Question, Goal };
    Kind kind;
    std::string text;
    theme::Style style;
    Rect rect;
    int lines; // that fit
    bool met { false };
};

// From the top of the node's rectangle. What has no room is left out, the goals first.
std::vector<Paragraph> paragraphs_of(Node const& narration, Ruler const&);
// Of a card that tells of trouble: its title, in at most three lines beside the mark.
inline constexpr float trouble_mark = 26;
float trouble_title_height(Node const& trouble, Ruler const&);
// How much of `room` the card takes.
float narration_height(Node const& narration, Rect const& room, Ruler const&);

}
