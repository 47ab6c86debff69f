#pragma once

// The two cards of a lesson: what you will meet and what it is like, before it begins; what is reached, what to try
// and to break, when its goals are. Both stand at moments of the story, so stepping back shows them again; a key shows
// them at any moment.

#include "sim/world/World.h"

#include <cstdint>
#include <optional>

namespace drydock::view {

enum class LessonCard : std::uint8_t { Opening, Closing, Variation };

struct State;
struct FrameInput;

// Which one is to be seen in this frame: the one that was asked for, or that of the moment, unless it was put away.
std::optional<LessonCard> card_shown(State const&, FrameInput const&);
void put_away(State&, LessonCard);
void toggle_card(State&, FrameInput const&, LessonCard);

// Whether the scenario is over with nothing left to reach.
bool goals_are_met(world::World const&);

}
