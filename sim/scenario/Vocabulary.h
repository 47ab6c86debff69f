#pragma once

// What scenarios call the state of a container and the marks of a read-write layer (docs/authoring.md, "Predicates").

#include "sim/world/World.h"

#include <string_view>

namespace drydock::scenario {

std::string_view name_of(world::ContainerState); // "running"
std::string_view name_of(world::SheetMark);      // "copied-up"

}
