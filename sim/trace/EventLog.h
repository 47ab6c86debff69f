#pragma once

// The spine: an append-only log of what happened, with any number of readers that pull. A Record never changes and
// never moves once it is in, so readers take no lock.

#include "sim/core/Units.h"
#include "sim/time/Scheduler.h"
#include "sim/trace/Event.h"

#include <array>
#include <atomic>
#include <cstddef>
#include <memory>
#include <mutex>
#include <new>
#include <optional>
#include <source_location>
#include <vector>

namespace drydock::trace {

// Where a fact comes from: the kernel or a socket did it; the same engine did it over simulated parts; a formula
// gave it; a publication says so.
enum class Provenance : std::uint8_t { Live, Simulated, Modelled, Quoted };

struct Origin {
    HostId host;
    ActorId actor;
    Provenance provenance { Provenance::Live };
    bool operator==(Origin const&) const = default;
};

struct Source {
    char const* file { "" }; // relative to the repository; lives as long as the program
    std::uint32_t line { 0 };
};

struct Record {
    std::uint64_t sequence { 0 }; // position in the log, from 0
    Timestamp time;
    SpanId span;                          // what it was part of
    std::shared_ptr<Origin const> origin; // never null
    Source source;
    Event event;
};

class EventLog {
public:
    EventLog() = default;
    ~EventLog();
    EventLog(EventLog const&) = delete;
    EventLog& operator=(EventLog const&) = delete;

    std::uint64_t size() const { return m_size.load(std::memory_order_acquire); }
    // `sequence` < size().
    Record const& operator[](std::uint64_t sequence) const
    {
        return m_chunks[sequence / chunk_size].load(std::memory_order_acquire)->record(sequence % chunk_size);
    }

    // Gives the record its sequence number. The time never runs backwards within a log: it is raised to the
    // previous record's where clocks disagree. Beyond `capacity` records are counted and dropped.
    void append(Record&& record);

    // Goes on where another log stood after its first `records`: that prefix is copied, and span ids go on after the
    // other's. For a log that is still empty.
    void continue_from(EventLog const& other, std::uint64_t records);
    // While it is muted, nothing is written down: an engine is brought to a moment that the log tells already.
    void mute(bool on);

    SpanId new_span() { return { m_next_span.fetch_add(1, std::memory_order_relaxed) }; }
    std::uint64_t dropped() const { return m_dropped; }

    static constexpr std::uint64_t chunk_size = 1024;
    static constexpr std::uint64_t capacity = chunk_size * 16384;

private:
    // Room for records that are constructed one by one: a thousand empty ones would cost more than the full ones.
    class Chunk {
    public:
        Record& record(std::uint64_t i) { return *std::launder(reinterpret_cast<Record*>(m_bytes.data()) + i); }
        void construct(std::uint64_t i, Record&& record)
        {
            new (m_bytes.data() + i * sizeof(Record)) Record(std::move(record));
        }

    private:
        alignas(Record) std::array<std::byte, chunk_size * sizeof(Record)> m_bytes;
    };

    std::mutex m_writing;
    std::vector<std::atomic<Chunk*>> m_chunks { capacity / chunk_size };
    std::atomic<std::uint64_t> m_size { 0 };
    std::atomic<std::uint64_t> m_next_span { 1 };
    std::atomic<std::uint64_t> m_dropped { 0 };
    std::uint64_t m_first_new_span { 1 };
    bool m_muted { false };
    Timestamp m_last_time { INT64_MIN };
};

// The span in which the current task works; children and events attach to it.
SpanId current_span();

// Makes `span` current for the task as long as it lives: for work that another task began.
class SpanGuard {
public:
    explicit SpanGuard(SpanId span);
    ~SpanGuard();
    SpanGuard(SpanGuard const&) = delete;
    SpanGuard& operator=(SpanGuard const&) = delete;

    SpanId previous() const { return m_previous; }

private:
    SpanId m_previous;
};

class Span;

// A pen in somebody's hand: publishes events as one actor on one host. Cheap to copy. A Publisher made without a log
// drops everything (the "events off" side of the benchmark).
class Publisher {
public:
    Publisher() = default;
    Publisher(EventLog& log, Clock const& clock, Origin origin);

    template <IsEvent E> void publish(E event, std::source_location where = std::source_location::current()) const
    {
        if (m_log != nullptr)
            append(Event(std::move(event)), where);
    }

    // Begins a span below the current one. It ends with the object.
    [[nodiscard]] Span span(std::string operation, std::string title, Depth depth,
        std::source_location where = std::source_location::current()) const;

    Publisher as(ActorId actor) const; // the same log, another actor on the same host
    bool enabled() const { return m_log != nullptr; }
    Origin const& origin() const { return *m_origin; }
    EventLog* log() const { return m_log; }

private:
    friend class Span;
    void append(Event&& event, std::source_location where) const;

    EventLog* m_log { nullptr };
    Clock const* m_clock { nullptr };
    std::shared_ptr<Origin const> m_origin { std::make_shared<Origin const>() };
};

// An operation in progress: publishes SpanBegan when it begins and SpanEnded when it ends, and is the task's current
// span in between.
class Span {
public:
    ~Span();
    Span(Span const&) = delete;
    Span& operator=(Span const&) = delete;

    SpanId id() const { return m_id; }
    void failed(std::string error) { m_error = std::move(error); }

private:
    friend class Publisher;
    Span(Publisher publisher, std::string operation, std::string title, Depth depth, std::source_location where);

    Publisher m_publisher;
    SpanId m_id;
    std::optional<std::string> m_error;
    SpanGuard m_guard;
    std::source_location m_where;
};

}
