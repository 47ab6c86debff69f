#pragma once

// The requests and answers of a log, as the wire view and the inspector tell them: which are shown, what led to which,
// what one carried, and the curl command that asks the same.

#include "visual/view/LogIndex.h"

#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace drydock::view {

std::string exchange_id(ExchangeId const&); // "exchange:connection-6.2"

// The two ends of an exchange in the log.
class ExchangeView {
public:
    // `records` have happened at the moment that is shown.
    ExchangeView(ExchangeRun const&, trace::EventLog const&, LogIndex const&, std::uint64_t records);

    ExchangeRun const& run() const { return *m_run; }
    trace::RequestReceived const& request() const { return *m_request; }
    trace::ResponseSent const* response() const { return m_response; } // null: not yet
    std::int64_t asked_after() const { return m_asked; }               // nanoseconds since the log began
    std::optional<std::int64_t> took() const;                          // until its answer began
    std::uint64_t end_record() const; // one past the last that was published while it was worked on
    // What travels after the head is not one known body: an attached terminal, a log that is followed.
    bool is_stream() const;
    std::string endpoint() const;

private:
    ExchangeRun const* m_run;
    trace::EventLog const* m_log;
    LogIndex const* m_index;
    std::uint64_t m_records;
    trace::RequestReceived const* m_request;
    trace::ResponseSent const* m_response { nullptr };
    std::int64_t m_asked;
};

struct ExchangeFilter {
    std::string text;          // in the path, the bodies, the status or the names of both ends; case does not matter
    std::set<ActorId> without; // exchanges with one of these are left out
};

// Indices into LogIndex::exchanges() of those that had been asked by then and pass the filter, in the order of the log.
std::vector<std::size_t> exchanges_shown(
    LogIndex const&, trace::EventLog const&, std::uint64_t records, ExchangeFilter const&);

// How many requests stand above it: a registry's answer to a pull is one below the request to pull.
std::size_t cause_depth(ExchangeRun const&, LogIndex const&);

// Records that belong to the work on this exchange, itself and the tree of spans left out.
std::vector<std::uint64_t> records_inside(
    ExchangeRun const&, trace::EventLog const&, LogIndex const&, std::uint64_t records);

// A command line that sends the same request: "curl --unix-socket … -X POST …".
std::string curl_line(trace::RequestReceived const&, std::string_view endpoint);

// Of a body, events keep that much.
inline constexpr std::size_t body_kept = 4096;

}
