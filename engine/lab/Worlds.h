#pragma once

// The two sides of Lab::open, and what they share.

#include "engine/lab/Lab.h"

namespace drydock::lab {

Result<std::unique_ptr<Lab>> open_live(Options, trace::EventLog&);
Result<std::unique_ptr<Lab>> open_simulated(Options, trace::EventLog&);

// Splits the line as a shell would and runs it, if it begins with "docker".
int run_line(client::DockerClient&, std::string const& line, client::Terminal const&);

inline ActorId const hub_actor { "registry:hub" };
inline ActorId const daemon_actor { "daemon" };
inline ActorId const client_actor { "client" };
inline HostId const hub_machine { "hub" };

}
