#include "sim/trace/SpanTree.h"

#include <algorithm>
#include <map>

namespace drydock::trace {

namespace {

std::vector<SpanRun> collect(EventLog const& log, std::uint64_t count)
{
    std::vector<SpanRun> runs;
    std::map<SpanId, std::size_t> by_id;
    for (std::uint64_t i = 0; i < count; ++i) {
        auto const& record = log[i];
        if (auto const* began = record.event.get_if<SpanBegan>()) {
            by_id[began->span] = runs.size();
            runs.push_back({ .id = began->span,
                .parent = began->parent,
                .actor = record.origin->actor,
                .operation = began->operation,
                .title = began->title,
                .depth = began->span_depth,
                .begin = record.time,
                .end = log[count - 1].time,
                .first_record = i,
                .last_record = count - 1,
                .succeeded = {},
                .error = {} });
        } else if (auto const* ended = record.event.get_if<SpanEnded>()) {
            if (auto const found = by_id.find(ended->span); found != by_id.end()) {
                auto& run = runs[found->second];
                run.end = record.time;
                run.last_record = i;
                run.succeeded = ended->succeeded;
                run.error = ended->error;
            }
        }
    }
    return runs;
}

// A lane is a stack of the spans that are open where we are; the log's order, not its clock, decides what encloses
// what, because many records may carry the same time.
using Lane = std::vector<SpanRun const*>;

bool fits(Lane& lane, SpanRun const& run)
{
    while (!lane.empty() && lane.back()->last_record < run.first_record)
        lane.pop_back();
    return lane.empty() || run.last_record <= lane.back()->last_record;
}

}

std::vector<SpanRun> spans_of(EventLog const& log, std::uint64_t count)
{
    auto runs = collect(log, count);
    std::map<ActorId, std::vector<Lane>> lanes;
    for (auto& run : runs) {
        auto& own = lanes[run.actor];
        auto lane = std::find_if(own.begin(), own.end(), [&](Lane& candidate) { return fits(candidate, run); });
        if (lane == own.end())
            lane = own.insert(own.end(), Lane {});
        run.lane = static_cast<std::size_t>(lane - own.begin());
        run.nesting = lane->size();
        lane->push_back(&run);
    }
    return runs;
}

}
