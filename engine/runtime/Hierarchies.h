#pragma once

// Where the hierarchies of control groups are mounted, and where in them this process is.

#include "sim/core/Result.h"

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace drydock::runtime {

struct Mounted {
    std::string type; // "cgroup", "cgroup2"
    std::string root; // of the hierarchy, as the mount shows it
    std::filesystem::path mount_point;
    std::vector<std::string> options; // of the hierarchy: "cpu", "cpuacct", "name=systemd"
};

std::vector<Mounted> mounted_hierarchies();

// Our own group in the hierarchy of `controller` ("" for v2): proc_pid_cgroup(5).
std::optional<std::string> own_group(std::string const& controller);

// Where the group shows in the mount.
std::filesystem::path below(Mounted const&, std::string const& group);

// A last empty part is left out.
std::vector<std::string> split(std::string const& text, char separator);

// Between two looks at what the kernel does a moment later.
void pause_briefly();

// Possible once the kernel has let go of the last dead process, which it does a moment after its parent has seen it
// end; waits for that, but not for ever.
void remove_group(std::filesystem::path const&);

// One write(2), as the kernel's files want it.
Result<void> write_text(std::filesystem::path const&, std::string const&);

}
