#include "visual/view/Exchanges.h"

#include "visual/view/Shell.h"

#include <algorithm>
#include <cctype>

namespace drydock::view {

namespace {

bool contains_ignoring_case(std::string_view text, std::string_view wanted)
{
    auto const equal = [](char a, char b) {
        return std::tolower(static_cast<unsigned char>(a)) == std::tolower(static_cast<unsigned char>(b));
    };
    return std::search(text.begin(), text.end(), wanted.begin(), wanted.end(), equal) != text.end();
}

bool is_called(ExchangeView const& exchange, std::string_view wanted)
{
    auto const& request = exchange.request();
    auto const* response = exchange.response();
    auto const says = [&](std::string_view text) { return contains_ignoring_case(text, wanted); };
    return says(request.method + " " + request.target) || says(request.body) || says(request.from.value)
        || says(request.to.value)
        || (response != nullptr
            && (says(std::to_string(response->status) + " " + response->reason) || says(response->body)));
}

bool is_below(SpanId span, std::size_t root, LogIndex const& index)
{
    for (auto at = index.span(span); at; at = index.span(index.spans()[*at].parent)) {
        if (*at == root)
            return true;
    }
    return false;
}

}

std::string exchange_id(ExchangeId const& id)
{
    return "exchange:" + id.value;
}

ExchangeView::ExchangeView(
    ExchangeRun const& run, trace::EventLog const& log, LogIndex const& index, std::uint64_t records)
    : m_run(&run)
    , m_log(&log)
    , m_index(&index)
    , m_records(records)
    , m_request(log[run.asked].event.get_if<trace::RequestReceived>())
    , m_asked(index.time_of(run.asked))
{
    if (run.answered && *run.answered < records)
        m_response = log[*run.answered].event.get_if<trace::ResponseSent>();
}

std::optional<std::int64_t> ExchangeView::took() const
{
    return m_response == nullptr ? std::nullopt : std::optional(m_index->time_of(*m_run->answered) - m_asked);
}

std::uint64_t ExchangeView::end_record() const
{
    auto const last = m_run->span ? m_index->spans()[*m_run->span].last_record
        : m_run->answered         ? *m_run->answered
                                  : m_run->asked;
    return last < m_records ? last + 1 : m_records;
}

bool ExchangeView::is_stream() const
{
    return m_response != nullptr && m_response->body.empty() && m_response->body_size == 0
        && (m_response->status == 101 || contains_ignoring_case(m_response->headers, "transfer-encoding: chunked")
            || contains_ignoring_case(m_response->headers, "application/vnd.docker.raw-stream"));
}

std::string ExchangeView::endpoint() const
{
    auto const* connection = m_index->connection(m_request->connection);
    return connection == nullptr ? std::string() : connection->endpoint;
}

std::vector<std::size_t> exchanges_shown(
    LogIndex const& index, trace::EventLog const& log, std::uint64_t records, ExchangeFilter const& filter)
{
    std::vector<std::size_t> shown;
    for (std::size_t i = 0; i < index.exchanges().size() && index.exchanges()[i].asked < records; ++i) {
        ExchangeView const exchange(index.exchanges()[i], log, index, records);
        auto const& request = exchange.request();
        if (filter.without.contains(request.from) || filter.without.contains(request.to))
            continue;
        if (filter.text.empty() || is_called(exchange, filter.text))
            shown.push_back(i);
    }
    return shown;
}

std::size_t cause_depth(ExchangeRun const& run, LogIndex const& index)
{
    std::size_t depth = 0;
    for (auto cause = run.cause; cause; cause = index.exchanges()[*cause].cause)
        ++depth;
    return depth;
}

std::vector<std::uint64_t> records_inside(
    ExchangeRun const& run, trace::EventLog const& log, LogIndex const& index, std::uint64_t records)
{
    std::vector<std::uint64_t> inside;
    if (!run.span)
        return inside;
    auto const end = ExchangeView(run, log, index, records).end_record();
    for (auto i = run.asked + 1; i < end; ++i) {
        auto const& event = log[i].event;
        bool const frames = event.is<trace::SpanBegan>() || event.is<trace::SpanEnded>() || i == run.answered;
        if (!frames && is_below(log[i].span, *run.span, index))
            inside.push_back(i);
    }
    return inside;
}

std::string curl_line(trace::RequestReceived const& request, std::string_view endpoint)
{
    std::string line = "curl";
    std::string host = "http://localhost";
    if (endpoint.starts_with("unix://"))
        line += " --unix-socket " + shell_quoted(endpoint.substr(7));
    else if (endpoint.starts_with("tcp://"))
        host = "http://" + std::string(endpoint.substr(6));
    if (request.method == "HEAD")
        line += " --head";
    else if (request.method != "GET")
        line += " -X " + shell_quoted(request.method);
    if (!request.body.empty())
        line += " -H 'Content-Type: application/json' -d " + shell_quoted(request.body);
    return line + " " + shell_quoted(host + request.target);
}

}
