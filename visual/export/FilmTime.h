#pragma once

// When a film shows what. The window waits where a part is over, a question is asked, or what is to come is told; a
// film rests there for as long as it takes to read.

#include "sim/trace/EventLog.h"
#include "visual/stage/Choreography.h"

#include <span>
#include <vector>

namespace drydock::exporting {

// The same beats in seconds of the film: those that hold end later, and all behind them with them.
std::vector<stage::Beat> beats_of_film(std::span<stage::Beat const>, trace::EventLog const&);

}
