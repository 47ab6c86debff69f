#pragma once

// What the list of exchanges and the one that is opened have in common.

#include "visual/view/Views.h"

#include <optional>
#include <string>

namespace drydock::view {

// One exchange, opened: an index into LogIndex::exchanges().
void draw_exchange(canvas::Canvas const&, canvas::Rect const&, Context&, std::size_t index);

theme::Color color_of_status(theme::Theme const&, std::optional<std::int64_t>);
// "the daemon": a name inside of a sentence.
std::string short_name(ActorId const&, world::World const&);
std::string elapsed_text(std::int64_t nanoseconds);

}
