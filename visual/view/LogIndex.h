#pragma once

// What the views look up in the log again and again: who asked whom, which span was part of which, when it was. Made
// in one pass and kept up as the log grows; every record is looked at once. Whoever shows an earlier moment leaves out
// what came after it: all lists are in the order of the log.

#include "sim/trace/SpanTree.h"
#include "sim/world/World.h"

#include <map>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

namespace drydock::view {

// One HTTP request with its answer, and what led to it.
struct ExchangeRun {
    ExchangeId id;
    std::uint64_t asked { 0 };                // sequence of the RequestReceived
    std::optional<std::uint64_t> answered {}; // of the ResponseSent
    std::optional<std::size_t> span {};       // in which it was worked on; index into spans()
    std::optional<std::size_t> cause {};      // the exchange whose work asked this one
    std::optional<std::uint64_t> command {};  // sequence of the CommandEntered at the root
};

// What a reader of the timeline steers by.
struct TimelineMark {
    enum class Kind : std::uint8_t { Phase, Typed, Fault, Restored };
    Kind kind { Kind::Typed };
    std::uint64_t record { 0 };
    std::string text;
};

// The spans of one actor, or of all that make containers: what is drawn as one band of the timeline.
struct SpanBand {
    trace::ActorRole role { trace::ActorRole::Process };
    std::string name; // "drydockd"; with the host in front where several have one: "test: drydockd"
    std::string label;
    HostId host;
    // Indices into LogIndex::spans(): by lane, then by nesting. Those of one row never overlap.
    std::vector<std::vector<std::vector<std::size_t>>> lanes;
};

class LogIndex {
public:
    void extend(trace::EventLog const&);
    std::uint64_t records() const { return m_times.size(); }

    std::vector<ExchangeRun> const& exchanges() const { return m_exchanges; }
    ExchangeRun const* exchange(ExchangeId const&) const;
    trace::ConnectionOpened const* connection(ConnectionId const&) const; // closed ones too

    // In the order in which they began.
    std::vector<trace::SpanRun> const& spans() const { return m_spans; }
    std::optional<std::size_t> span(SpanId) const;
    std::map<std::string, SpanBand> const& bands() const { return m_bands; }
    static std::string band_of(ActorId const&);

    std::vector<TimelineMark> const& marks() const { return m_marks; }
    // Nanoseconds since the first record.
    std::int64_t time_of(std::uint64_t record) const { return m_times[record]; }
    std::vector<std::int64_t> const& times() const { return m_times; }

    // Every start of a container: which, and the record that tells it.
    std::vector<std::pair<std::uint64_t, ContainerId>> const& starts() const { return m_starts; }
    // The daemon's own namespace of that kind, which the container's is not.
    std::optional<std::uint64_t> host_namespace(ContainerId const&, std::string const& kind) const;

private:
    void take(trace::Record const&);
    void name_band(trace::ActorAppeared const&);
    void begin_span(trace::Record const&, trace::SpanBegan const&);
    void take_request(trace::Record const&, trace::RequestReceived const&);

    std::int64_t m_begin { 0 };
    std::vector<std::int64_t> m_times;
    std::vector<ExchangeRun> m_exchanges;
    std::unordered_map<ExchangeId, std::size_t> m_exchange_of;
    std::unordered_map<ConnectionId, trace::ConnectionOpened> m_connections;
    std::vector<trace::SpanRun> m_spans;
    std::unordered_map<std::uint64_t, std::size_t> m_span_of;
    std::map<std::string, SpanBand> m_bands;
    std::map<std::string, std::vector<std::vector<std::size_t>>> m_open; // spans that are open, by band and lane
    std::unordered_map<std::uint64_t, std::uint64_t> m_command_of_span;
    std::unordered_map<std::uint64_t, std::size_t> m_exchange_of_span;
    std::vector<TimelineMark> m_marks;
    std::vector<std::pair<std::uint64_t, ContainerId>> m_starts;
    std::map<std::pair<ContainerId, std::string>, std::uint64_t> m_host_namespaces;
};

}
