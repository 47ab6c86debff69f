#include "engine/http/Message.h"
#include "engine/http/Text.h"
#include "engine/http/TraceContext.h"

#include <fmt/format.h>

#include <algorithm>
#include <mutex>

namespace drydock::http {

namespace {

// The connection that rests between two requests.
struct Rest {
    std::mutex mutex;
    std::unique_ptr<BufferedStream> stream;

    std::unique_ptr<BufferedStream> take()
    {
        std::lock_guard const lock(mutex);
        return std::move(stream);
    }
    void give(std::unique_ptr<BufferedStream> used)
    {
        used->wait_for_ever();
        std::lock_guard const lock(mutex);
        stream = std::move(used);
    }
};

// The server may have hung up while the connection rested.
bool still_there(BufferedStream& stream)
{
    stream.raw().set_read_timeout(Duration(0));
    auto const more = stream.fill();
    stream.raw().set_read_timeout(std::nullopt);
    // Nothing to read is what we hope for; an end, or bytes nobody asked for, are not.
    return !more && more.error().kind() == ErrorKind::Unavailable && more.error().errno_code() == 0;
}

// Keeps the connection while the body is read, and lays it to rest behind the last byte.
class ResponseBody final : public BodyReader {
public:
    ResponseBody(std::unique_ptr<BufferedStream> stream, ResponseHead const& head, std::shared_ptr<Rest> rest)
        : m_stream(std::move(stream))
        , m_body(make_body_reader(*m_stream, head.framing))
        , m_rest(head.keep_alive ? std::move(rest) : nullptr)
    {
        if (head.framing.kind == Framing::Kind::None
            || (head.framing.kind == Framing::Kind::Length && head.framing.length == 0))
            release();
    }
    Result<std::size_t> read_some(std::span<char> buffer) override
    {
        if (!m_stream)
            return 0;
        auto const count = TRY(m_body->read_some(buffer));
        if (count == 0)
            release();
        return count;
    }

private:
    void release()
    {
        m_body.reset();
        if (m_rest && m_stream->buffered().empty())
            m_rest->give(std::move(m_stream));
        m_stream.reset();
    }

    std::unique_ptr<BufferedStream> m_stream;
    std::unique_ptr<BodyReader> m_body;
    std::shared_ptr<Rest> m_rest;
};

// What the server sent behind its 101 comes first.
class UpgradedStream final : public network::ByteStream {
public:
    explicit UpgradedStream(std::unique_ptr<BufferedStream> stream)
        : m_stream(std::move(stream))
    {
    }
    Result<std::size_t> read_some(std::span<char> buffer) override { return m_stream->read_some(buffer); }
    void set_read_timeout(std::optional<Duration> timeout) override { m_stream->raw().set_read_timeout(timeout); }
    Result<void> write_all(std::string_view bytes) override { return m_stream->raw().write_all(bytes); }
    void shutdown_write() override { m_stream->raw().shutdown_write(); }
    void close() override { m_stream->raw().close(); }
    bool await_departure(network::Departure how) override { return m_stream->raw().await_departure(how); }
    void stop_watching() override { m_stream->raw().stop_watching(); }
    network::Peer peer() const override { return m_stream->raw().peer(); }

private:
    std::unique_ptr<BufferedStream> m_stream;
};

Result<void> check(Request const& request)
{
    auto const is_plain = [](char c) { return c > ' ' && c < '\x7f'; };
    if (request.target.empty() || !std::all_of(request.target.begin(), request.target.end(), is_plain))
        return fail(ErrorKind::InvalidInput, fmt::format("\"{}\" is no request target", request.target));
    for (auto const& [name, value] : request.headers.fields()) {
        if (value.find_first_of(std::string_view("\r\n\0", 3)) != std::string::npos)
            return fail(ErrorKind::InvalidInput, fmt::format("the header {} holds a line end", name));
    }
    return {};
}

Error error_of(Refusal const& refusal)
{
    bool const went_away = refusal.status == 0 || refusal.status == 408;
    return { went_away ? ErrorKind::Unavailable : ErrorKind::Corrupt, "no answer: " + refusal.message };
}

}

using Produce = std::function<Result<std::string>()>;

struct Client::Impl {
    network::Network& network;
    HostId from;
    network::Endpoint to;
    std::string host;
    Clock const& clock;
    std::shared_ptr<Rest> rest { std::make_shared<Rest>() };

    struct Answer {
        std::unique_ptr<BufferedStream> stream;
        ResponseHead head;
    };

    Result<Answer> ask(Request request, Produce const& produce);
    Result<Answer> ask_on(std::unique_ptr<BufferedStream>, Request const&, Produce const& produce);
    Result<std::unique_ptr<BufferedStream>> connect();
    void complete(Request&, bool streaming) const;
    Response respond(Answer) const;
};

Client::Client(
    network::Network& network, HostId from, network::Endpoint to, Scheduler& scheduler, std::string host_header)
    : m_impl(std::make_unique<Impl>(
        Impl { network, std::move(from), std::move(to), std::move(host_header), scheduler, std::make_shared<Rest>() }))
{
}

Client::~Client() = default;
Client::Client(Client&&) noexcept = default;

Result<std::unique_ptr<BufferedStream>> Client::Impl::connect()
{
    return std::make_unique<BufferedStream>(TRY(network.connect(from, to)));
}

void Client::Impl::complete(Request& request, bool streaming) const
{
    Headers headers { { "Host", host } };
    for (auto const& [name, value] : request.headers.fields())
        headers.add(name, value);
    if (auto const span = trace::current_span(); span)
        headers.set(std::string(traceparent_header), traceparent_of(span));
    if (streaming)
        headers.set("Transfer-Encoding", "chunked");
    else if (!request.body.empty() || request.method == "POST" || request.method == "PUT" || request.method == "PATCH")
        headers.set("Content-Length", std::to_string(request.body.size()));
    request.headers = std::move(headers);
}

Result<Client::Impl::Answer> Client::Impl::ask(Request request, Produce const& produce)
{
    TRY(check(request));
    complete(request, produce != nullptr);
    if (auto rested = rest->take(); rested && still_there(*rested))
        return ask_on(std::move(rested), request, produce);
    return ask_on(TRY(connect()), request, produce);
}

namespace {

Result<void> send_chunks(network::ByteStream& raw, Produce const& produce)
{
    for (;;) {
        auto const piece = TRY(produce());
        if (piece.empty())
            return raw.write_all(last_chunk);
        TRY(raw.write_all(chunk(piece)));
    }
}

Result<void> send_request(network::ByteStream& raw, Request const& request, Produce const& produce)
{
    TRY(raw.write_all(request_head(request.method, request.target, request.headers) + request.body));
    return produce ? send_chunks(raw, produce) : Result<void> {};
}

Result<ResponseHead> receive_head(BufferedStream& stream, std::string_view method)
{
    for (;;) {
        auto const raw = read_head(stream, Limits {});
        if (!raw)
            return fail(error_of(raw.error()));
        auto head = parse_response_head(*raw, method);
        if (!head)
            return fail(error_of(head.error()));
        // 100 Continue and its like come before the answer (RFC 9110, 15.2).
        if (head->status >= 200 || head->status == 101)
            return std::move(*head);
    }
}

}

Result<Client::Impl::Answer> Client::Impl::ask_on(
    std::unique_ptr<BufferedStream> stream, Request const& request, Produce const& produce)
{
    auto const sent = send_request(stream->raw(), request, produce);
    // For the head as a whole: one that comes byte by byte would keep us for days before it is too long.
    if (request.read_timeout)
        stream->wait_until(clock, clock.now() + *request.read_timeout);
    // A server that refuses a body answers before it has read it all; its words say more than our EPIPE.
    auto head = receive_head(*stream, request.method);
    if (!head)
        return fail(sent ? std::move(head).error() : Error(sent.error()));
    if (!sent)
        head->keep_alive = false;
    stream->wait_for_ever();
    stream->raw().set_read_timeout(request.read_timeout); // of the body, piece by piece
    return Answer { std::move(stream), std::move(*head) };
}

Response Client::Impl::respond(Answer answer) const
{
    Response response { .status = answer.head.status,
        .reason = answer.head.reason,
        .headers = answer.head.headers,
        .body = std::make_unique<ResponseBody>(std::move(answer.stream), answer.head, rest) };
    return response;
}

Result<Response> Client::send(Request request)
{
    return m_impl->respond(TRY(m_impl->ask(std::move(request), nullptr)));
}

Result<Response> Client::send_streaming(Request request, std::function<Result<std::string>()> produce)
{
    return m_impl->respond(TRY(m_impl->ask(std::move(request), produce)));
}

Result<std::unique_ptr<network::ByteStream>> Client::upgrade(Request request)
{
    request.headers.set("Connection", "Upgrade");
    request.headers.set("Upgrade", "tcp");
    auto answer = TRY(m_impl->ask(std::move(request), nullptr));
    auto const status = answer.head.status;
    if (status == 101 || status == 200)
        return std::make_unique<UpgradedStream>(std::move(answer.stream));
    auto const response = m_impl->respond(std::move(answer));
    return fail(http::error_of(status, TRY(response.body->read_all(Limits {}.json_body))));
}

}
