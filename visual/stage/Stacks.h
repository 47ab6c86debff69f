#pragma once

// Images as stacks of slabs. Two images that share their lowest layers stand on the same slabs, because in the store
// they are the same: the stacks are the branches of a tree of layers, drawn with its root at the bottom.

#include "sim/world/World.h"
#include "visual/stage/Layout.h"

namespace drydock::stage {

// A line of an image's history as its author wrote it, without the shell that builders put around it: "RUN echo hi".
std::string what_made(std::string const& created_by);

// One image with its layers, or the one that is being pulled.
struct Stack {
    std::string id;                      // of the lid
    oci::Digest image;                   // its config's digest
    std::vector<Node> layers;            // bottom first, without a place yet
    std::vector<ContainerId> containers; // that stand on it
    Node lid;
    Rect standing_room {}; // for the containers: from the top of the lid upwards
};

// What a build leaves after a step: an image without a name that is the beginning of another one. `docker images` does
// not list it either.
bool is_step(world::Image const&, world::Host const&);

// Sorted so that stacks with common layers are neighbours; the pulled image last.
std::vector<Stack> stacks_of(world::World const&, trace::Depth);

// Gives each stack its column and each layer its slab. Returns the nodes: every layer once, then the lids.
std::vector<Node> place(std::vector<Stack>&, Rect const& room);

}
