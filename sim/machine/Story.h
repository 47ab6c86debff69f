#pragma once

// A modelled boot as events, so that whatever shows real guest machines shows modelled ones as well. Every record says
// that it is modelled, and its time is the model's own.

#include "sim/machine/BootSequence.h"
#include "sim/trace/EventLog.h"

namespace drydock::machine {

// The machines of `starts`, in the order in which things happen to them, from `origin` on. What shares the host's
// kernel is no machine and is told as a measurement of its own: when it answered.
void tell_boot(Model const&, std::vector<Start> const& starts, std::vector<Started> const&, trace::EventLog&,
    HostId const&, Timestamp origin);

}
