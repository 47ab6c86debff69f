#pragma once

// What Tab does in the terminal: commands, and the names of what there is.

#include "sim/world/World.h"

#include <string>
#include <string_view>
#include <vector>

namespace drydock::view {

struct Completion {
    std::string line;                    // as far as there is only one way
    std::vector<std::string> candidates; // for the last word, sorted; one: it was completed
};

Completion complete(std::string_view line, world::World const&);

}
