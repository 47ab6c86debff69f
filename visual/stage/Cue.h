#pragma once

// What one event means to the stage: from which depth on it deserves a beat of its own, whom the light falls on, where
// its caption stands and what, if anything, travels. Every event type has its cue; the compiler finds a missing one.

#include "sim/trace/EventLog.h"
#include "sim/world/World.h"
#include "visual/theme/Theme.h"

#include <optional>
#include <string>
#include <vector>

namespace drydock::stage {

// Something that goes from one object to the next ones, once, while the beat moves.
struct Mover {
    std::string label;
    theme::Category category { theme::Category::Network };
    std::vector<std::string> path; // ids, from first to last
    std::uint64_t bytes { 0 };     // of a blob, which shows how much of it has come
    bool operator==(Mover const&) const = default;
};

struct Cue {
    std::optional<trace::Depth> leads_from; // nothing: it never begins a beat
    std::vector<std::string> focus;         // the first one bears the caption
    std::string group;                      // consecutive cues with the same group share a beat
    double motion { 0.7 };                  // seconds
    std::optional<Mover> mover {};
};

// `world` is the World after the event.
Cue cue_of(trace::Event const&, world::World const&);

}
