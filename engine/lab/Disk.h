#pragma once

// What lies on a lab machine's own disk at first: a small userland (the busybox of the images that the hub has), what
// tells it apart from any image, and the files that the scenario brings for that machine. Memory in the simulated
// world, a directory of the data root in the live one.

#include "engine/runtime/HostDisk.h"
#include "sim/time/Scheduler.h"

namespace drydock::lab {

struct DiskContent {
    std::string host;             // its name
    std::filesystem::path images; // the OCI layout with the userland
    std::filesystem::path folder; // the scenario's, which no path leads out of
    std::string brought;          // a folder in it; empty: nothing is brought
};

inline constexpr std::uint64_t most_disk_bytes = 1 << 20; // that a scenario may bring for a machine
inline constexpr std::size_t most_disk_files = 200;

std::shared_ptr<runtime::HostDisk> make_memory_disk(Clock const&, DiskContent);
// What lies in `directory` from an earlier run stays as it is.
std::shared_ptr<runtime::HostDisk> make_directory_disk(std::filesystem::path directory, DiskContent);

}
