#pragma once

// The window: shows a scenario being played on the engine, or a recorded trace. It reads the event log and holds no
// privilege; what the user asks for goes through the docker client like anybody's command.

#include "sim/scenario/Scenario.h"
#include "sim/trace/EventLog.h"
#include "visual/app/Commands.h"

namespace drydock::app {

int show_scenario(scenario::Scenario const&, PlayOptions const&);
int show_trace(std::shared_ptr<trace::EventLog const>, std::string const& name, int depth);

}
