#include "sim/trace/EventLog.h"

namespace drydock::trace {

namespace {
// A task is a thread in both worlds, so "current" is per thread.
thread_local SpanId t_current_span;
}

SpanId current_span()
{
    return t_current_span;
}

SpanGuard::SpanGuard(SpanId span)
    : m_previous(t_current_span)
{
    t_current_span = span;
}

SpanGuard::~SpanGuard()
{
    t_current_span = m_previous;
}

EventLog::~EventLog()
{
    for (std::uint64_t i = 0; i < size(); ++i)
        m_chunks[i / chunk_size].load(std::memory_order_relaxed)->record(i % chunk_size).~Record();
    for (auto& chunk : m_chunks)
        delete chunk.load(std::memory_order_relaxed);
}

void EventLog::append(Record&& record)
{
    std::lock_guard lock(m_writing);
    if (m_muted)
        return;
    auto const sequence = m_size.load(std::memory_order_relaxed);
    if (sequence == capacity) {
        m_dropped.fetch_add(1, std::memory_order_relaxed);
        return;
    }
    auto& slot = m_chunks[sequence / chunk_size];
    auto* chunk = slot.load(std::memory_order_relaxed);
    if (chunk == nullptr) {
        chunk = new Chunk;
        slot.store(chunk, std::memory_order_release);
    }
    record.sequence = sequence;
    m_last_time = record.time = std::max(record.time, m_last_time);
    chunk->construct(sequence % chunk_size, std::move(record));
    // Readers see the record complete, because they see the size only now.
    m_size.store(sequence + 1, std::memory_order_release);
}

void EventLog::continue_from(EventLog const& other, std::uint64_t records)
{
    for (std::uint64_t i = 0; i < records; ++i)
        append(Record(other[i]));
    m_first_new_span = other.m_next_span.load(std::memory_order_relaxed);
}

void EventLog::mute(bool on)
{
    std::lock_guard lock(m_writing);
    m_muted = on;
    // A simulated engine that has done the same again has also used the same ids; a live one has begun at 1.
    if (!on && m_next_span.load(std::memory_order_relaxed) < m_first_new_span)
        m_next_span.store(m_first_new_span, std::memory_order_relaxed);
}

Publisher::Publisher(EventLog& log, Clock const& clock, Origin origin)
    : m_log(&log)
    , m_clock(&clock)
    , m_origin(std::make_shared<Origin const>(std::move(origin)))
{
}

Publisher Publisher::as(ActorId actor) const
{
    Publisher other = *this;
    other.m_origin = std::make_shared<Origin const>(
        Origin { .host = m_origin->host, .actor = std::move(actor), .provenance = m_origin->provenance });
    return other;
}

void Publisher::append(Event&& event, std::source_location where) const
{
    m_log->append(Record { .sequence = 0,
        .time = m_clock->now(),
        .span = t_current_span,
        .origin = m_origin,
        .source = { where.file_name(), where.line() },
        .event = std::move(event) });
}

Span Publisher::span(std::string operation, std::string title, Depth depth, std::source_location where) const
{
    return Span(*this, std::move(operation), std::move(title), depth, where);
}

Span::Span(Publisher publisher, std::string operation, std::string title, Depth depth, std::source_location where)
    : m_publisher(std::move(publisher))
    , m_id(m_publisher.m_log != nullptr ? m_publisher.m_log->new_span() : SpanId {})
    , m_guard(m_id)
    , m_where(where)
{
    // The guard has made this span current already, so its own beginning is a record of the span.
    SpanId const parent = m_guard.previous();
    m_publisher.publish(SpanBegan { .span = m_id,
                            .parent = parent,
                            .operation = std::move(operation),
                            .title = std::move(title),
                            .span_depth = depth },
        where);
}

Span::~Span()
{
    m_publisher.publish(
        SpanEnded { .span = m_id, .succeeded = !m_error.has_value(), .error = m_error.value_or("") }, m_where);
}

}
