#pragma once

// The kernel that a guest boots. Drydock ships none: it takes one that is named, one that was fetched, or the host's
// own from /boot. What distributions ship is packed; unpacked once and kept, guests can map it and share its pages.

#include "sim/core/Result.h"

#include <filesystem>
#include <string>
#include <vector>

namespace drydock::vmm {

// Where fetched and unpacked kernels are kept: $XDG_CACHE_HOME/drydock/kernels.
std::filesystem::path kernel_cache();

// Candidates, the best first: fetched ones, then those of /boot; the newest of each first. In the order in which they
// would be tried; a file that may not be read (/boot is often root's alone) is among them.
std::vector<std::filesystem::path> known_kernels(
    std::filesystem::path const& cache, std::filesystem::path const& boot = "/boot");

// The first that can be read; NotFound says what to do.
Result<std::filesystem::path> find_kernel(std::filesystem::path const& cache);

// The ELF program of this kernel, unpacked into the cache the first time. The kernel itself where its packing is
// unknown: it unpacks itself in the guest, each time anew.
Result<std::filesystem::path> unpacked(std::filesystem::path const& kernel, std::filesystem::path const& cache);

}
