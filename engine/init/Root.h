#pragma once

// The container's file system: the merged layers, furnished with /proc, /dev, /sys and a few files, made "/" by
// pivot_root(2). All of it is mounted in the container's own mount namespace, so the host never sees it and it goes
// away with the last process.

#include "engine/init/Steps.h"
#include "engine/os/Fd.h"

namespace drydock::init {

// Returns the slave side of the container's terminal, invalid where none was asked for.
os::Fd build_root(Spec const&, Steps&);

}
