#pragma once

// The spans of a log with their beginning, end and place in a lane: what the timeline draws and Perfetto shows. Spans
// of one lane nest and never cross; where tasks of one actor overlap, the later one gets another lane.

#include "sim/trace/EventLog.h"

#include <optional>
#include <string>
#include <vector>

namespace drydock::trace {

struct SpanRun {
    SpanId id;
    SpanId parent;
    ActorId actor;
    std::string operation;
    std::string title;
    Depth depth { Depth::Role };
    Timestamp begin;
    Timestamp end; // of the last record seen where it still runs
    std::uint64_t first_record { 0 };
    std::uint64_t last_record { 0 };
    std::optional<bool> succeeded; // nothing: still running
    std::string error;
    std::size_t lane { 0 };    // within the actor
    std::size_t nesting { 0 }; // within the lane, 0 outermost
};

// Spans of the first `count` records, in the order in which they began.
std::vector<SpanRun> spans_of(EventLog const&, std::uint64_t count);

}
