#include "sim/trace/Perfetto.h"

#include "sim/trace/EventCodec.h"
#include "sim/trace/SpanTree.h"

#include <map>
#include <ostream>

namespace drydock::trace {

namespace {

using codec::Json;

double microseconds_since(Timestamp start, Timestamp time)
{
    return static_cast<double>((time - start).count()) / 1000;
}

class PerfettoWriter {
public:
    PerfettoWriter(EventLog const& log, std::ostream& out)
        : m_log(log)
        , m_out(out)
        , m_spans(spans_of(log, log.size()))
        , m_start(log.size() > 0 ? log[0].time : Timestamp {})
    {
        for (auto const& span : m_spans)
            m_lane_of[span.id] = span.lane;
    }

    void write()
    {
        m_out << R"({"displayTimeUnit":"ns","traceEvents":[)";
        for (auto const& span : m_spans)
            write_slice(span);
        for (std::uint64_t i = 0; i < m_log.size(); ++i)
            write_instant(m_log[i]);
        m_out << "\n]}\n";
    }

private:
    void write_slice(SpanRun const& span)
    {
        emit({ { "ph", "X" }, { "name", codec::encode(span.title) }, { "cat", codec::encode(span.operation) },
            { "pid", process_of(span.actor) }, { "tid", span.lane + 1 },
            { "ts", microseconds_since(m_start, span.begin) }, { "dur", microseconds_since(span.begin, span.end) },
            { "args", { { "succeeded", span.succeeded.value_or(true) }, { "error", codec::encode(span.error) } } } });
    }

    void write_instant(Record const& record)
    {
        if (record.event.is<SpanBegan>() || record.event.is<SpanEnded>())
            return;
        auto const lane = m_lane_of.find(record.span);
        emit({ { "ph", "i" }, { "s", "t" }, { "name", std::string(name_of(record.event)) },
            { "pid", process_of(record.origin->actor) }, { "tid", lane == m_lane_of.end() ? 1 : lane->second + 1 },
            { "ts", microseconds_since(m_start, record.time) }, { "args", codec::encode_event(record.event) } });
    }

    // Perfetto groups by process, so an actor is one; its name is told when it is met first.
    std::size_t process_of(ActorId const& actor)
    {
        auto const [found, is_new] = m_processes.try_emplace(actor, m_processes.size() + 1);
        if (is_new) {
            emit({ { "ph", "M" }, { "name", "process_name" }, { "pid", found->second },
                { "args", { { "name", codec::encode(actor) } } } });
        }
        return found->second;
    }

    void emit(Json const& json)
    {
        m_out << (m_is_first ? "\n" : ",\n") << json.dump();
        m_is_first = false;
    }

    EventLog const& m_log;
    std::ostream& m_out;
    std::vector<SpanRun> m_spans;
    std::map<SpanId, std::size_t> m_lane_of;
    Timestamp m_start;
    std::map<ActorId, std::size_t> m_processes;
    bool m_is_first { true };
};

}

Result<void> write_perfetto(EventLog const& log, std::ostream& out)
{
    PerfettoWriter(log, out).write();
    out.flush();
    if (!out)
        return fail(ErrorKind::Io, "writing the Perfetto trace failed");
    return {};
}

}
