#pragma once

// The two sides of Lab::open, and what they share.

#include "engine/lab/Lab.h"

namespace drydock::lab {

Result<std::unique_ptr<Lab>> open_live(Options, trace::EventLog&);
Result<std::unique_ptr<Lab>> open_simulated(Options, trace::EventLog&);

// The cast's registries, the hub first.
std::vector<scenario::CastRegistry> registries_of(scenario::Cast const&);

// The host in the events: the hub is called so, another registry by its name.
HostId host_of(scenario::CastRegistry const&);

inline constexpr std::uint16_t registry_port = 5000, daemon_port = 2375;

}
