#include "engine/http/ServerExchange.h"

#include "engine/http/Text.h"
#include "sim/core/Verify.h"

#include <fmt/format.h>

#include <array>
#include <exception>
#include <utility>

namespace drydock::http {

namespace {

// Of an unread body: below it, reading on is cheaper than a new connection.
constexpr std::uint64_t drain_bytes = 256 * 1024;
constexpr Duration drain_time = std::chrono::seconds(2);
constexpr std::size_t shown_bytes = 4096;

Headers json_type()
{
    return { { "Content-Type", "application/json" } };
}

bool is_json(Headers const& headers)
{
    auto const type = headers.get("Content-Type").value_or("");
    return equal_without_case(trimmed(std::string_view(type).substr(0, type.find(';'))), "application/json");
}

// The first 4 KiB; never a torn UTF-8 sequence at the end.
std::string shown_part(std::string const& body)
{
    if (body.size() <= shown_bytes)
        return body;
    auto end = shown_bytes;
    while (end > 0 && (static_cast<unsigned char>(body[end]) & 0xC0U) == 0x80U)
        --end;
    return body.substr(0, end);
}

// Bodies that hold credentials never reach an event: the password of `POST /auth` (docker login), and the token that a
// token server answers with.
std::string without_secrets(std::string body, std::string const& method, std::string const& path)
{
    bool const is_login = method == "POST" && path.ends_with("/auth");
    bool const gives_token = path == "/token";
    return !body.empty() && (is_login || gives_token) ? "(hidden)" : body;
}

class TextBody final : public BodyReader {
public:
    explicit TextBody(std::string text)
        : m_text(std::move(text))
    {
    }
    Result<std::size_t> read_some(std::span<char> buffer) override
    {
        auto const count = std::string_view(m_text).substr(m_begin).copy(buffer.data(), buffer.size());
        m_begin += count;
        return count;
    }

private:
    std::string m_text;
    std::size_t m_begin { 0 };
};

// The raw stream after a hijack. It keeps the connection.
class HijackedStream final : public network::ByteStream {
public:
    explicit HijackedStream(std::shared_ptr<Connection> connection)
        : m_connection(std::move(connection))
    {
    }
    Result<std::size_t> read_some(std::span<char> buffer) override { return m_connection->stream().read_some(buffer); }
    void set_read_timeout(std::optional<Duration> timeout) override { raw().set_read_timeout(timeout); }
    Result<void> write_all(std::string_view bytes) override { return raw().write_all(bytes); }
    void shutdown_write() override { raw().shutdown_write(); }
    void close() override { raw().close(); }
    bool await_departure(network::Departure how) override { return raw().await_departure(how); }
    void stop_watching() override { raw().stop_watching(); }
    network::Peer peer() const override { return m_connection->peer(); }

private:
    network::ByteStream& raw() { return m_connection->stream().raw(); }

    std::shared_ptr<Connection> m_connection;
};

}

// Tells a client that waits with its body (Expect: 100-continue) to go ahead, when somebody wants to read it.
class ServerExchange::RequestBody final : public BodyReader {
public:
    RequestBody(BufferedStream& in, RequestHead const& head)
        : m_in(in)
        , m_body(make_body_reader(in, head.framing))
        , m_client_waits(head.framing.kind != Framing::Kind::None
              && equal_without_case(head.headers.get("Expect").value_or(""), "100-continue"))
    {
    }
    Result<std::size_t> read_some(std::span<char> buffer) override
    {
        if (m_client_waits && m_in.buffered().empty())
            TRY(m_in.raw().write_all("HTTP/1.1 100 Continue\r\n\r\n"));
        m_client_waits = false;
        return m_body->read_some(buffer);
    }
    bool client_waits() const { return m_client_waits; }

private:
    BufferedStream& m_in;
    std::unique_ptr<BodyReader> m_body;
    bool m_client_waits;
};

class ServerExchange::Writer final : public BodyWriter {
public:
    // `length`: what was promised; nothing where the body is chunked or ends with the connection.
    Writer(ServerExchange& exchange, std::optional<std::uint64_t> length, bool chunked)
        : m_exchange(exchange)
        , m_left(length)
        , m_chunked(chunked)
        , m_exceptions(std::uncaught_exceptions())
    {
        m_exchange.m_whole = false;
    }
    ~Writer() override
    {
        if (std::uncaught_exceptions() == m_exceptions)
            static_cast<void>(finish());
    }
    Result<void> write(std::string_view piece) override;
    Result<void> finish() override;

private:
    network::ByteStream& raw() { return m_exchange.m_connection.stream().raw(); }

    ServerExchange& m_exchange;
    std::optional<std::uint64_t> m_left;
    bool m_chunked;
    bool m_finished { false };
    int m_exceptions;
};

Result<void> ServerExchange::Writer::write(std::string_view piece)
{
    if (m_left) {
        if (piece.size() > *m_left)
            return fail(ErrorKind::Internal, "the body is longer than the promised Content-Length");
        *m_left -= piece.size();
    }
    if (piece.empty() || !m_exchange.body_allowed())
        return {};
    return m_chunked ? raw().write_all(chunk(piece)) : raw().write_all(piece);
}

Result<void> ServerExchange::Writer::finish()
{
    if (std::exchange(m_finished, true) || !m_exchange.body_allowed()) {
        m_exchange.m_whole = true;
        return {};
    }
    if (m_left.value_or(0) > 0)
        return fail(ErrorKind::Internal, "the body is shorter than the promised Content-Length");
    if (m_chunked)
        TRY(raw().write_all(last_chunk));
    m_exchange.m_whole = true;
    return {};
}

ServerExchange::ServerExchange(Connection& connection, ExchangeId id, RequestHead head, Target target)
    : m_connection(connection)
    , m_id(std::move(id))
    , m_head(std::move(head))
    , m_target(std::move(target))
    , m_body(std::make_unique<RequestBody>(connection.stream(), m_head))
    , m_keep_alive(m_head.keep_alive)
{
}

ServerExchange::~ServerExchange() = default;

bool ServerExchange::run()
{
    auto const& publisher = m_connection.service().publisher;
    auto span = publisher.span("request", fmt::format("{} {}", m_head.method, m_target.path), trace::Depth::Role);
    auto body = take_small_json_body();
    if (!body)
        return false;
    publish_request(std::move(*body));
    call_handler();
    if (!responded())
        static_cast<void>(respond(500, json_type(), error_body("the request was not answered")));
    if (m_status >= 400)
        span.failed(fmt::format("{} {}", m_status, reason_of(m_status)));
    if (m_hijacked || !m_whole)
        return false;
    if (!drain()) {
        m_connection.linger();
        return false;
    }
    return m_keep_alive;
}

// Nothing may escape a task but what the scheduler throws to end it, and that is no std::exception.
void ServerExchange::call_handler()
{
    try {
        m_connection.service().handler(*this);
    } catch (std::exception const& error) {
        if (!responded())
            static_cast<void>(respond(500, json_type(), error_body(error.what())));
        m_keep_alive = false;
    }
}

// The event shows it, so it is read before the handler runs; the handler then reads it from memory.
Result<std::string> ServerExchange::take_small_json_body()
{
    if (m_head.framing.kind != Framing::Kind::Length || m_head.framing.length > shown_bytes || !is_json(m_head.headers))
        return std::string();
    m_connection.allow(m_connection.service().options.limits.header_timeout);
    auto text = TRY(m_body->read_all(shown_bytes));
    m_connection.stream().wait_for_ever();
    m_body = std::make_unique<TextBody>(text);
    return text;
}

Result<std::string> ServerExchange::read_body()
{
    auto const limit = m_connection.service().options.limits.json_body;
    if (m_head.framing.kind == Framing::Kind::Length && m_head.framing.length > limit)
        return fail(ErrorKind::LimitExceeded, "the body is longer than " + human_size(limit));
    return m_body->read_all(limit);
}

// Leaves the stream at the next request. False where that would take too long.
bool ServerExchange::drain()
{
    auto const* const waiting = dynamic_cast<RequestBody const*>(m_body.get());
    if (waiting != nullptr && waiting->client_waits())
        return false;
    m_connection.allow(drain_time);
    std::array<char, 16 * 1024> ignored;
    for (std::uint64_t taken = 0; taken <= drain_bytes;) {
        auto const count = m_body->read_some(ignored);
        if (!count)
            return false;
        if (*count == 0) {
            m_connection.stream().wait_for_ever();
            return true;
        }
        taken += *count;
    }
    return false;
}

bool ServerExchange::body_allowed() const
{
    return m_head.method != "HEAD" && m_status != 204 && m_status != 304;
}

void ServerExchange::begin_response(int status, Headers& headers)
{
    VERIFY(!responded());
    VERIFY(status >= 200 || status == 101);
    m_status = status;
    if (list_contains(headers.get("Connection").value_or(""), "close"))
        m_keep_alive = false;
    else if (!m_keep_alive)
        headers.set("Connection", "close");
    add_common_fields(headers, m_connection.service());
}

Result<void> ServerExchange::send(Headers const& headers, std::string_view body)
{
    auto text = response_head(m_status, headers);
    text += body;
    auto sent = m_connection.stream().raw().write_all(text);
    if (!sent)
        m_keep_alive = false;
    return sent;
}

Result<void> ServerExchange::respond(int status, Headers headers, std::string body)
{
    begin_response(status, headers);
    // 204 and 304 have no content, and the first must not even speak of its length (RFC 9110, 8.6).
    if (status != 204 && status != 304)
        headers.set("Content-Length", std::to_string(body.size()));
    TRY(send(headers, body_allowed() ? std::string_view(body) : std::string_view()));
    auto const size = body_allowed() ? body.size() : 0;
    publish_response(headers, size > 0 && is_json(headers) ? shown_part(body) : "", size);
    return {};
}

Result<std::unique_ptr<BodyWriter>> ServerExchange::respond_streaming(
    int status, Headers headers, std::optional<std::uint64_t> length)
{
    bool const chunked = !length && m_head.version == 11;
    if (!length && !chunked)
        m_keep_alive = false; // HTTP/1.0 knows no chunks: the end of the connection ends the body
    begin_response(status, headers);
    if (length)
        headers.set("Content-Length", std::to_string(*length));
    else if (chunked)
        headers.set("Transfer-Encoding", "chunked");
    TRY(send(headers, {}));
    publish_response(headers, {}, body_allowed() ? length.value_or(0) : 0);
    return std::make_unique<Writer>(*this, length, chunked);
}

Result<std::unique_ptr<network::ByteStream>> ServerExchange::hijack(Headers headers)
{
    if (!drain())
        return fail(ErrorKind::InvalidInput, "the body of an upgrade request is too long");
    bool const upgrade = list_contains(m_head.headers.get("Connection").value_or(""), "upgrade");
    if (upgrade) {
        headers.set("Connection", "Upgrade");
        headers.set("Upgrade", "tcp");
    }
    begin_response(upgrade ? 101 : 200, headers);
    m_hijacked = true;
    TRY(send(headers, {}));
    publish_response(headers, {}, 0);
    return std::make_unique<HijackedStream>(m_connection.shared_from_this());
}

std::unique_ptr<HangUpWatch> ServerExchange::watch(std::function<void()> gone)
{
    return std::make_unique<HangUpWatch>(m_connection.service().scheduler, m_connection.stream().raw(),
        network::Departure::SendsNoMore, std::move(gone));
}

void ServerExchange::publish_request(std::string body)
{
    m_connection.service().publisher.publish(trace::RequestReceived { .exchange = m_id,
        .connection = m_connection.id(),
        .from = client(),
        .to = m_connection.service().options.actor,
        .method = m_head.method,
        .target = m_head.target,
        .headers = m_head.headers.to_text(),
        .body = without_secrets(std::move(body), m_head.method, m_target.path) });
}

void ServerExchange::publish_response(Headers const& headers, std::string body, std::uint64_t body_size)
{
    m_connection.service().publisher.publish(trace::ResponseSent { .exchange = m_id,
        .connection = m_connection.id(),
        .from = m_connection.service().options.actor,
        .to = client(),
        .status = m_status,
        .reason = std::string(reason_of(m_status)),
        .headers = headers.to_text(),
        .body = without_secrets(std::move(body), m_head.method, m_target.path),
        .body_size = body_size });
}

}
