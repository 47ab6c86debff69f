#pragma once

// The container's file system: the merged layers, furnished with /proc, /dev, /sys and a few files, made "/" by
// pivot_root(2). All of it is mounted in the container's own mount namespace, so the host never sees it and it goes
// away with the last process.

#include "engine/init/Mounts.h"
#include "engine/os/Fd.h"

namespace drydock::init {

// Returns the slave side of the container's terminal, invalid where none was asked for. `shared_shm`: another
// container's /dev/shm, if this one shares it.
os::Fd build_root(Spec const&, os::Fd const& shared_shm, Steps&);

// ---- Pieces that bundles have as well ----

// Opens the place of a mount, made where it is missing. The image's symlinks are followed, but inside its root; a
// target in procfs would change what the kernel says.
os::Fd mount_target(MountOrder const&, bool is_directory, Tree&);
// Covers what is there: a directory by an empty one, a file by `null`, the null device.
void mask(std::string const& path, os::Fd const& null, Tree&);
// Which of the restrictions that an unprivileged mount may not lift (mount_namespaces(7)) the source carries.
unsigned long locked_flags(os::Fd const& target);
// Makes `root` "/", and the old one goes away.
void pivot(std::string const& new_root, os::Fd const& root, Steps&);

}
