#pragma once

// A container's UnionMount as a filesystem of the simulated kernel.

#include "engine/unionfs/UnionMount.h"
#include "sim/kernel/FileSystem.h"

namespace drydock::runtime {

std::shared_ptr<kernel::FileSystem> make_union_file_system(std::shared_ptr<unionfs::UnionMount>);

}
