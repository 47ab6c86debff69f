#pragma once

// What is otherwise between two moments: a pure function of two Worlds. What was added, removed and changed, and the
// bill: what each moment cost in bytes, processes and mounts.

#include "sim/world/World.h"

#include <cstdint>
#include <string>
#include <vector>

namespace drydock::view {

enum class ChangeKind : std::uint8_t { Added, Removed, Changed };
enum class ThingKind : std::uint8_t { Image, Layer, Container, Process, File, Volume, Network, InRegistry };

struct Change {
    ChangeKind kind { ChangeKind::Added };
    ThingKind thing { ThingKind::Image };
    std::string name;
    std::string detail; // "running → exited"
    std::string object; // id, as visual/stage/Names.h makes them
    bool operator==(Change const&) const = default;
};

struct Bill {
    std::uint64_t on_disk { 0 }; // bytes: blobs that machines with a daemon keep, and read-write layers
    std::uint64_t sent { 0 };    // bytes between machines
    std::uint64_t processes { 0 };
    std::uint64_t mounts { 0 };
    bool operator==(Bill const&) const = default;
};

struct Difference {
    std::vector<Change> changes; // by thing, then by name
    Bill before, after;
};

Difference difference(world::World const& before, world::World const& after);
Bill bill_of(world::World const&);

}
