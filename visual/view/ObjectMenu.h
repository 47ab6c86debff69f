#pragma once

// What can be done to an object: docker's commands for it, and what can be broken about it on purpose. Everything is a
// command line that is typed in the terminal, so that one learns what to type.

#include "sim/world/World.h"

#include <string>
#include <string_view>
#include <vector>

namespace drydock::view {

struct MenuItem {
    std::string label; // "Stop it"
    std::string line;  // "docker stop ann"; with a prompt where the object is on another host than the first
    bool breaks { false };
    bool operator==(MenuItem const&) const = default;
};

// `id` as visual/stage/Names.h makes them; nothing for what has no menu.
std::vector<MenuItem> menu_of(std::string_view id, world::World const&);

}
