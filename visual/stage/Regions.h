#pragma once

// The stage cut into its fixed parts, before anything stands there.

#include "visual/stage/Layout.h"

namespace drydock::stage {

struct Regions {
    Rect machines; // the row of all, where there are several
    Rect host;     // the frame around everything that runs on the daemon's machine
    Rect client;
    Rect daemon;
    Rect registry; // the card
    Rect other_registries;
    Rect registry_items; // below them, and from the bottom up narration and troubles
    Rect objects;        // containers above, stacks below
    Rect kernel;
    float wire { 0 }; // the height at which everything travels: the second row of each actor
};

Regions regions_of(Rect const& room, std::size_t machines = 1, std::size_t registries = 1);

namespace size {
inline constexpr float actor = 82, head = 42, kernel = 44, slab_least = 26, slab_most = 38, lid = 30;
inline constexpr float container_least = 190, container_widest = 380, container_tallest = 230, sheet = 30, entry = 26;
inline constexpr float container_narrowest = 150, crowd_least = 118, crowd_row = 30; // many of them
inline constexpr float stack_narrowest = 132, stack_alone = 236; // beside one alone, ground stays free
inline constexpr float container_head = 48, container_line = 34; // its name and state, on two lines or on one
inline constexpr float item = 40, machine = 40;
inline constexpr canvas::Size parcel { 216, 44 }; // a blob on its way
}

}
