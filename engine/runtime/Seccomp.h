#pragma once

// Which system calls a container may not make. Docker lists what is allowed; this filter names what is not, which is
// shorter to read and comes to the same for the calls we know: everything that acts on the whole machine, or that makes
// namespaces and mounts inside, unless the capabilities of the container grant it. Calls that are newer than this list
// do not exist for a container.

#include "engine/init/Capabilities.h"
#include "sim/core/Result.h"

#include <string>
#include <vector>

namespace drydock::runtime {

struct SeccompFilter {
    std::string program;                 // struct sock_filter[], ready for seccomp(2)
    std::uint32_t rules { 0 };           // system calls that are refused, some only with certain arguments
    std::vector<std::string> refused {}; // the names of those that are refused whatever their arguments
};

Result<SeccompFilter> make_seccomp_filter(init::CapabilitySet);

}
