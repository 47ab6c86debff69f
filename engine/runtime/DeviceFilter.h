#pragma once

// Which devices the processes of a control group may open. A container may make device nodes (CAP_MKNOD, as docker has
// it); without this filter it would read the host's disks through them. Version 2 has no file for it but a BPF program
// that the kernel asks each time (cgroup-v2.rst, "Device controller").

#include "sim/core/Result.h"

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace drydock::runtime {

struct DeviceRule {
    bool block { false };                  // else a character device
    std::optional<std::uint32_t> major {}; // nothing: any
    std::optional<std::uint32_t> minor {};
    bool make { false };
    bool read { false };
    bool write { false };
};

// What every container may: make any node, and open those that do no harm (moby, oci/devices_linux.go).
std::vector<DeviceRule> default_device_rules();

// "rwm" as in --device=/dev/fuse:/dev/fuse:rwm; false where a letter is another.
bool set_access(DeviceRule&, std::string_view letters);

// For as long as the control group of version 2 that `group` is open on exists; what no rule allows is refused.
Result<void> allow_devices(int group, std::vector<DeviceRule> const&);

}
