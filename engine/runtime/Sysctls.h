#pragma once

// Kernel parameters that a namespace has for itself (sysctl(8)): the only ones that a container may be given, since
// every other is the host's (CVE-2022-0811).

#include "engine/init/Protocol.h"
#include "engine/runtime/Runtime.h"

#include <cstdint>
#include <string>

namespace drydock::runtime {

// "net.ipv4.ip_forward", or with slashes where a name has a dot of its own: "/proc/sys/net/ipv4/ip_forward".
std::string sysctl_path(std::string const& name);

// The kind of namespace (CLONE_NEW*) that has it for itself; 0: none, it is the host's.
std::uint64_t owner_of_sysctl(std::string const& path);

// What --sysctl asks for. InvalidInput for a parameter that is not the container's own.
Result<void> add_sysctls(init::Spec& order, LaunchSpec const&);

}
