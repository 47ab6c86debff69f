#pragma once

// What somebody did, as the beginning of a scenario: the commands in phases, the cast, and goals proposed from what the
// commands changed. An author renames, deletes and adds questions; the loader takes the text as it is.

#include "sim/scenario/Scenario.h"
#include "sim/world/World.h"

namespace drydock::scenario {

struct RecordedPhase {
    std::string name; // empty: "Phase 2"
    std::vector<std::string> lines;
};

struct Recording {
    std::string title;
    Cast cast;
    std::vector<RecordedPhase> phases; // without those that have no lines
    world::World before, after;
};

// TOML (docs/authoring.md). Proposes at most 12 goals; where nothing that goals can name has changed, one that the
// commands were given.
std::string record(Recording const&);

// "My first try!" → "my-first-try"; never empty.
std::string id_of_title(std::string_view title);

}
