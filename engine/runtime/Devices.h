#pragma once

// The devices of the host's that one container is given: --device and --privileged.

#include "engine/init/Protocol.h"
#include "engine/runtime/DeviceFilter.h"
#include "engine/runtime/Runtime.h"

namespace drydock::runtime {

// Adds the nodes to make. InvalidInput, in docker's words, for what is no device of the host's.
Result<void> add_devices(init::Spec& order, LaunchSpec const&);
// What the container may open, after that.
std::vector<DeviceRule> device_rules(init::Spec const& order, LaunchSpec const&);

}
