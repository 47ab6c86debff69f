#pragma once

// The inside of a container: its header, the namespaces the kernel gave it, its process, its own thin sheet at the foot
// and the column of layers that it sees through it.

#include "visual/stage/Stacks.h"

namespace drydock::stage {

canvas::StateMark mark_of(world::ContainerState);

// Appends the nodes of the containers that stand on `stack`, from left to right by name. `layers` are placed already.
void place_containers(world::World const&, Stack const& stack, std::vector<Node> const& layers, trace::Depth,
    Ruler const&, std::vector<Node>& nodes);

}
