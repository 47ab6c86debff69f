#pragma once

// The disk of a machine in a lab: what its own programs see as "/", and where the sources of its containers' binds lie.
// It is nobody's but the lab's; the disk of the machine that the lab runs on is never reached through it.

#include "engine/unionfs/UnionMount.h"

#include <filesystem>
#include <memory>

namespace drydock::runtime {

class HostDisk {
public:
    virtual ~HostDisk() = default;
    // Furnished when somebody first asks for it. Live, others write beside it: a tree is to be asked for anew.
    virtual Result<std::shared_ptr<unionfs::UnionMount>> tree() = 0;
    // Where it lies; empty in the simulated world.
    virtual std::filesystem::path directory() const = 0;
};

}
