// A trace file: what is read is written again line for line.

#include "Fuzz.h"

#include "sim/trace/EventJson.h"
#include "sim/trace/TraceFile.h"

#include <sstream>

using namespace drydock;

int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size)
{
    std::istringstream file { std::string(fuzz::text_of(data, size)) };
    trace::EventLog log;
    static_cast<void>(trace::read_trace(file, log)); // records before the first bad line stay
    for (std::uint64_t i = 0; i < log.size(); ++i) {
        auto const text = trace::to_json(log[i].event);
        auto const again = trace::event_from_json(trace::name_of(log[i].event), text);
        VERIFY(again && *again == log[i].event);
    }
    return 0;
}
