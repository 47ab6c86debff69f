#pragma once

// The file system of a bundle: a directory that somebody else has prepared, with the mounts, devices and covered paths
// of its config.json, made "/" by pivot_root(2).

#include "engine/init/Steps.h"
#include "engine/os/Fd.h"

namespace drydock::init {

// Returns the slave side of the terminal, invalid where none was asked for. Once all is in place, and before the change
// of root, it waits for the engine's word (hooks).
os::Fd build_bundle_root(Spec const&, Steps&);

}
