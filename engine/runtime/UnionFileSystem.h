#pragma once

// A UnionMount as a filesystem of the simulated kernel: a container's whole one, or what lies at a path of it.

#include "engine/unionfs/UnionMount.h"
#include "sim/kernel/FileSystem.h"

namespace drydock::runtime {

std::shared_ptr<kernel::FileSystem> make_union_file_system(
    std::shared_ptr<unionfs::UnionMount>, std::string const& below = {});

}
