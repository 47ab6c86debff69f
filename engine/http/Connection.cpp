#include "engine/http/Connection.h"

#include "engine/http/ServerExchange.h"
#include "engine/http/Text.h"
#include "engine/http/TraceContext.h"

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <array>
#include <ctime>

namespace drydock::http {

namespace {

// What a client may still send after a refusal before we hang up.
constexpr std::size_t linger_bytes = 64 * 1024 * 1024;
constexpr Duration linger_time = std::chrono::seconds(2);

// The form of RFC 9110, 5.6.7: "Sun, 06 Nov 1994 08:49:37 GMT".
std::string http_date(Timestamp time)
{
    auto const seconds = static_cast<std::time_t>(time.nanoseconds / 1'000'000'000);
    return fmt::format("{:%a, %d %b %Y %H:%M:%S} GMT", fmt::gmtime(seconds));
}

bool is_loopback(std::string_view host)
{
    bool const numeric = host.find_first_not_of("0123456789.") == std::string_view::npos;
    return equal_without_case(host, "localhost") || (numeric && host.starts_with("127.")) || host == "::1"
        || host == "[::1]";
}

std::string_view without_port(std::string_view host)
{
    auto const bracket = host.find(']');
    auto const colon = host.find(':', bracket == std::string_view::npos ? 0 : bracket);
    return host.substr(0, colon);
}

// A web page may make its visitor's browser send requests here. The browser then says so (Origin, Sec-Fetch-Site), or
// the page has pointed its own name at 127.0.0.1 ("DNS rebinding"), and that name stands in Host.
bool comes_from_a_web_page(Headers const& headers, network::Endpoint const& here)
{
    auto const site = headers.get("Sec-Fetch-Site");
    if (headers.get("Origin") || (site && *site != "none"))
        return true;
    return is_loopback(here.host) && !is_loopback(without_port(headers.get("Host").value_or("localhost")));
}

}

void add_common_fields(Headers& headers, Service const& service)
{
    for (auto const& [name, value] : service.options.common.fields()) {
        if (!headers.get(name))
            headers.add(name, value);
    }
    if (!headers.get("Date"))
        headers.add("Date", http_date(service.scheduler.now()));
}

std::string error_body(std::string_view message)
{
    using nlohmann::json;
    return json { { "message", message } }.dump(-1, ' ', false, json::error_handler_t::replace) + "\n";
}

Connection::Connection(std::shared_ptr<Service const> service, std::shared_ptr<network::ByteStream> stream,
    ConnectionId id, ActorId client)
    : m_service(std::move(service))
    , m_raw(stream)
    , m_stream(std::move(stream))
    , m_id(std::move(id))
    , m_client(std::move(client))
{
    m_service->publisher.publish(trace::ConnectionOpened { .connection = m_id,
        .from = m_client,
        .to = m_service->options.actor,
        .endpoint = m_service->endpoint.to_string() });
}

Connection::~Connection()
{
    // Says that the stream ends here and was not cut; whoever reads it to its end wants to know that.
    if (m_service->options.secure)
        m_raw->shutdown_write();
    m_raw->close();
    m_service->publisher.publish(trace::ConnectionClosed { .connection = m_id });
    if (m_service->options.client_left)
        m_service->options.client_left(m_client);
}

void Connection::allow(Duration patience)
{
    m_stream.wait_until(m_service->scheduler, m_service->scheduler.now() + patience);
}

// False where it failed: to a client that does not speak TLS nothing can be said.
bool Connection::shake_hands()
{
    if (!m_service->options.secure)
        return true;
    m_raw->set_read_timeout(m_service->options.limits.header_timeout);
    auto established = m_service->options.secure(*m_raw);
    if (!established)
        return false;
    established->connection = m_id;
    m_service->publisher.publish(std::move(*established));
    return true;
}

// docker tries TLS on every registry first, plain HTTP only then. A record of its handshake begins with 22
// (RFC 8446, 5.1); an answer in HTTP, or to wait for a header, would only keep it waiting.
bool Connection::speaks_tls()
{
    constexpr char handshake_record = 22;
    if (m_service->options.secure || (m_stream.buffered().empty() && !m_stream.fill().value_or(false)))
        return false;
    return m_stream.buffered().front() == handshake_record;
}

void Connection::serve()
{
    if (!shake_hands())
        return;
    // A new connection that says nothing is cut like one that never ends its header. Between two requests it may rest.
    while (serve_one()) {
        if (!m_stream.buffered().empty())
            continue;
        auto const more = m_stream.fill();
        if (!more || !*more)
            return;
    }
}

bool Connection::serve_one()
{
    auto head = next_request();
    if (!head) {
        answer(head.error());
        return false;
    }
    auto target = Target::parse(head->target);
    if (!target) {
        answer({ 400, target.error().message() });
        return false;
    }
    trace::SpanGuard const caller(span_of_traceparent(head->headers.get(traceparent_header).value_or("")));
    head->headers.remove(traceparent_header);
    ServerExchange exchange(
        *this, { fmt::format("{}.{}", m_id.value, ++m_exchanges) }, std::move(*head), std::move(*target));
    return exchange.run();
}

Accepted<RequestHead> Connection::next_request()
{
    allow(m_service->options.limits.header_timeout);
    if (speaks_tls())
        return tl::unexpected(Refusal {});
    auto const raw = read_head(m_stream, m_service->options.limits);
    m_stream.wait_for_ever();
    if (!raw)
        return tl::unexpected(raw.error());
    auto head = parse_request_head(*raw, m_service->options.limits);
    if (head && m_service->endpoint.kind == network::Endpoint::Kind::Tcp
        && comes_from_a_web_page(head->headers, m_service->endpoint))
        return tl::unexpected(Refusal { 403, "requests of web pages are refused" });
    return head;
}

void Connection::answer(Refusal const& refusal)
{
    if (refusal.status == 0)
        return;
    auto const body = error_body(refusal.message);
    Headers headers { { "Content-Type", "application/json" }, { "Connection", "close" },
        { "Content-Length", std::to_string(body.size()) } };
    add_common_fields(headers, *m_service);
    if (m_raw->write_all(response_head(refusal.status, headers) + body))
        linger();
}

void Connection::linger()
{
    std::array<char, 16 * 1024> ignored;
    m_raw->shutdown_write();
    allow(linger_time);
    for (std::size_t taken = 0; taken < linger_bytes;) {
        auto const count = m_stream.read_some(ignored);
        if (!count || *count == 0)
            return;
        taken += *count;
    }
}

}
