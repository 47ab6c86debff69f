#include "visual/view/LogIndex.h"

#include <fmt/format.h>

#include <algorithm>

namespace drydock::view {

void LogIndex::extend(trace::EventLog const& log)
{
    auto const size = log.size();
    if (size > 0 && m_times.empty())
        m_begin = log[0].time.nanoseconds;
    for (auto i = records(); i < size; ++i) {
        m_times.push_back(log[i].time.nanoseconds - m_begin);
        take(log[i]);
    }
}

void LogIndex::take(trace::Record const& record)
{
    auto const& event = record.event;
    auto const mark = [&](TimelineMark::Kind kind, std::string text) {
        m_marks.push_back({ kind, record.sequence, std::move(text) });
    };
    if (auto const* began = event.get_if<trace::SpanBegan>()) {
        begin_span(record, *began);
    } else if (auto const* appeared = event.get_if<trace::ActorAppeared>()) {
        name_band(*appeared);
    } else if (auto const* ended = event.get_if<trace::SpanEnded>()) {
        if (auto const found = span(ended->span)) {
            auto& run = m_spans[*found];
            run.end = record.time;
            run.last_record = record.sequence;
            run.succeeded = ended->succeeded;
            run.error = ended->error;
        }
    } else if (auto const* request = event.get_if<trace::RequestReceived>()) {
        take_request(record, *request);
    } else if (auto const* response = event.get_if<trace::ResponseSent>()) {
        if (auto const found = m_exchange_of.find(response->exchange); found != m_exchange_of.end())
            m_exchanges[found->second].answered = record.sequence;
    } else if (auto const* opened = event.get_if<trace::ConnectionOpened>()) {
        m_connections.insert_or_assign(opened->connection, *opened);
    } else if (auto const* made = event.get_if<trace::NamespaceCreated>()) {
        m_host_namespaces[{ made->container, made->kind }] = made->host_inode;
    } else if (auto const* started = event.get_if<trace::ContainerStarted>()) {
        m_starts.emplace_back(record.sequence, started->container);
    } else if (auto const* command = event.get_if<trace::CommandEntered>()) {
        m_command_of_span[record.span.value] = record.sequence;
        mark(TimelineMark::Kind::Typed, command->line);
    } else if (auto const* phase = event.get_if<trace::PhaseBegan>()) {
        mark(TimelineMark::Kind::Phase, phase->name);
    } else if (auto const* fault = event.get_if<trace::FaultInjected>()) {
        mark(TimelineMark::Kind::Fault, fault->kind);
    } else if (auto const* restored = event.get_if<trace::EngineRestored>()) {
        mark(TimelineMark::Kind::Restored, restored->moment);
    }
}

// Every container has an init of its own, for a few milliseconds: they share a band.
std::string LogIndex::band_of(ActorId const& actor)
{
    return actor.value.starts_with("init:") ? "init" : actor.value;
}

void LogIndex::name_band(trace::ActorAppeared const& appeared)
{
    auto const key = band_of(appeared.actor);
    auto& band = m_bands[key];
    band.role = appeared.role;
    band.label = band.name = key == "init" ? key : appeared.label.substr(0, appeared.label.find(" ("));
    band.host = appeared.host;
    for (auto& [other_key, other] : m_bands) {
        bool const is_alone = std::none_of(m_bands.begin(), m_bands.end(), [&](auto const& entry) {
            return entry.first != other_key && entry.second.label == other.label && entry.second.host != other.host;
        });
        other.name = is_alone ? other.label : fmt::format("{}: {}", other.host.value, other.label);
    }
}

// A lane is a stack of open spans, each the child of the one below. What belongs to another stack gets another lane.
void LogIndex::begin_span(trace::Record const& record, trace::SpanBegan const& began)
{
    auto const index = m_spans.size();
    trace::SpanRun run { .id = began.span,
        .parent = began.parent,
        .actor = record.origin->actor,
        .operation = began.operation,
        .title = began.title,
        .depth = began.span_depth,
        .begin = record.time,
        .end = record.time,
        .first_record = record.sequence,
        .last_record = UINT64_MAX, // as long as it runs
        .succeeded = {},
        .error = {} };
    auto const is_above = [&](std::size_t candidate) {
        for (auto at = span(began.parent); at; at = span(m_spans[*at].parent)) {
            if (*at == candidate)
                return true;
        }
        return false;
    };
    auto const key = band_of(run.actor);
    auto& lanes = m_open[key];
    auto const fits = [&](std::vector<std::size_t>& open) {
        while (!open.empty() && m_spans[open.back()].succeeded)
            open.pop_back();
        return open.empty() || is_above(open.back());
    };
    auto lane = std::find_if(lanes.begin(), lanes.end(), fits);
    if (lane == lanes.end())
        lane = lanes.insert(lanes.end(), std::vector<std::size_t> {});
    run.lane = static_cast<std::size_t>(lane - lanes.begin());
    run.nesting = lane->size();
    lane->push_back(index);
    auto& band = m_bands[key];
    if (band.name.empty())
        band.name = key;
    band.lanes.resize(std::max(band.lanes.size(), run.lane + 1));
    auto& rows = band.lanes[run.lane];
    rows.resize(std::max(rows.size(), run.nesting + 1));
    rows[run.nesting].push_back(index);
    m_span_of[began.span.value] = index;
    m_spans.push_back(std::move(run));
}

void LogIndex::take_request(trace::Record const& record, trace::RequestReceived const& request)
{
    ExchangeRun run { .id = request.exchange, .asked = record.sequence, .span = span(record.span) };
    auto const index = m_exchanges.size();
    // Up the tree of spans: the nearest request above is the cause, the command stands at the root.
    for (auto at = run.span; at; at = span(m_spans[*at].parent)) {
        auto const id = m_spans[*at].id.value;
        if (auto const above = m_exchange_of_span.find(id); above != m_exchange_of_span.end() && !run.cause)
            run.cause = above->second;
        if (auto const typed = m_command_of_span.find(id); typed != m_command_of_span.end())
            run.command = typed->second;
    }
    if (record.span)
        m_exchange_of_span[record.span.value] = index;
    m_exchange_of[request.exchange] = index;
    m_exchanges.push_back(std::move(run));
}

ExchangeRun const* LogIndex::exchange(ExchangeId const& id) const
{
    auto const found = m_exchange_of.find(id);
    return found == m_exchange_of.end() ? nullptr : &m_exchanges[found->second];
}

trace::ConnectionOpened const* LogIndex::connection(ConnectionId const& id) const
{
    auto const found = m_connections.find(id);
    return found == m_connections.end() ? nullptr : &found->second;
}

std::optional<std::size_t> LogIndex::span(SpanId id) const
{
    auto const found = m_span_of.find(id.value);
    return found == m_span_of.end() ? std::nullopt : std::optional(found->second);
}

std::optional<std::uint64_t> LogIndex::host_namespace(ContainerId const& container, std::string const& kind) const
{
    auto const found = m_host_namespaces.find({ container, kind });
    return found == m_host_namespaces.end() ? std::nullopt : std::optional(found->second);
}

}
