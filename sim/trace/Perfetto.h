#pragma once

// A trace in the Chrome JSON format that ui.perfetto.dev and chrome://tracing open: one process per actor, its spans
// as slices, its other events as instants.

#include "sim/core/Result.h"
#include "sim/trace/EventLog.h"

#include <iosfwd>

namespace drydock::trace {

Result<void> write_perfetto(EventLog const&, std::ostream&);

}
