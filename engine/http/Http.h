#pragma once

// HTTP/1.1 (RFC 9112) over any byte stream: a unix socket, TCP, or the simulated network. One exchange is one request
// with its one response; after a 101 the stream belongs to the two programs ("hijack", as docker attach needs it).
// Boost.Beast does the parsing and stays inside Message.cpp.

#include "sim/core/Result.h"
#include "sim/network/Network.h"
#include "sim/time/Scheduler.h"
#include "sim/trace/EventLog.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace drydock::http {

// In order of arrival; names compare without case (RFC 9110, section 5.1).
class Headers {
public:
    Headers() = default;
    Headers(std::initializer_list<std::pair<std::string, std::string>> fields)
        : m_fields(fields)
    {
    }
    void set(std::string name, std::string value); // replaces
    void add(std::string name, std::string value);
    void remove(std::string_view name);
    std::optional<std::string> get(std::string_view name) const; // the first
    std::size_t count(std::string_view name) const;
    std::vector<std::pair<std::string, std::string>> const& fields() const { return m_fields; }
    // "Host: docker\nContent-Length: 2", with the values of Authorization, X-Registry-Auth and X-Registry-Config
    // replaced by "(hidden)": credentials never reach an event.
    std::string to_text() const;

private:
    std::vector<std::pair<std::string, std::string>> m_fields;
};

// One parameter of a query string, decoded.
using Query = std::vector<std::pair<std::string, std::string>>;

struct Target {
    std::string path; // decoded per segment; "/containers/json"
    Query query;
    std::optional<std::string> get(std::string_view name) const;
    bool flag(std::string_view name, bool absent = false) const; // docker's httputils.BoolValue
    static Result<Target> parse(std::string_view raw);
};

std::string percent_encode(std::string_view text); // everything but unreserved characters (RFC 3986, 2.3)
Result<std::string> percent_decode(std::string_view text);

// What a hostile or broken peer may cost us. Beyond: 431, 414, 413, or the connection is closed.
struct Limits {
    std::size_t header_bytes { 64 * 1024 };
    std::size_t header_lines { 100 };
    std::size_t target_bytes { 16 * 1024 };
    std::size_t json_body { 4 * 1024 * 1024 };
    Duration header_timeout { std::chrono::seconds(10) };
};

// A body being read, whatever its framing.
class BodyReader {
public:
    virtual ~BodyReader() = default;
    virtual Result<std::size_t> read_some(std::span<char> buffer) = 0; // 0 at the end
    Result<std::string> read_all(std::size_t limit);                   // LimitExceeded beyond
};

// A body being written in pieces; each piece is sent at once. Must not outlive the handler that asked for it.
class BodyWriter {
public:
    virtual ~BodyWriter() = default; // ends the body, unless an exception passes: then the connection is cut
    virtual Result<void> write(std::string_view piece) = 0;
    virtual Result<void> finish() = 0; // idempotent
};

// Calls `gone`, on a task of its own, when the other side goes while the object lives. Without it, somebody who only
// waits for something to say would learn of it at the next write.
class HangUpWatch {
public:
    HangUpWatch(Scheduler&, network::ByteStream&, network::Departure, std::function<void()> gone);
    ~HangUpWatch(); // waits for a call that is under way
    HangUpWatch(HangUpWatch const&) = delete;
    HangUpWatch& operator=(HangUpWatch const&) = delete;

private:
    network::ByteStream& m_stream;
    std::unique_ptr<Task> m_task;
};

// The server's side of one exchange. Exactly one of the respond functions is called once; a handler that calls none
// answers 500.
class Exchange {
public:
    virtual ~Exchange() = default;

    virtual std::string const& method() const = 0;
    virtual std::string const& raw_target() const = 0;
    virtual Target const& target() const = 0;
    virtual Headers const& headers() const = 0;
    virtual BodyReader& body() = 0;
    // The whole JSON or form body, at most Limits::json_body.
    virtual Result<std::string> read_body() = 0;
    virtual network::Peer peer() const = 0;
    virtual ActorId const& client() const = 0; // who the events say is asking

    virtual Result<void> respond(int status, Headers headers, std::string body) = 0;
    // Sends status and headers now, the body in pieces. `length`: Content-Length where known, else chunked.
    virtual Result<std::unique_ptr<BodyWriter>> respond_streaming(
        int status, Headers headers, std::optional<std::uint64_t> length = std::nullopt)
        = 0;
    // 101 where the client asked for an upgrade, else 200; from here on the raw stream. What the client sent behind
    // its request is read first. The stream may outlive the handler; the connection ends with it.
    virtual Result<std::unique_ptr<network::ByteStream>> hijack(Headers headers) = 0;
    virtual bool responded() const = 0;
    // For a handler that waits: `gone` is called when the client hangs up, a half-close included (as Go's server
    // cancels a request's context). Not for a hijacked stream: there a half-close only ends the client's input.
    virtual std::unique_ptr<HangUpWatch> watch(std::function<void()> gone) = 0;
};

using Handler = std::function<void(Exchange&)>;

struct ServerOptions {
    Limits limits;
    ActorId actor; // who we are in the events
    // Whether exchanges are published (RequestReceived, ResponseSent, Connection*); the trace stream itself is not.
    bool publish { true };
    // Headers on every response ("Server", "Api-Version").
    Headers common;
    // Names the connecting client; called once a connection. Default: "client-N" by order of arrival.
    std::function<ActorId(network::Peer const&)> name_client;
    // Called once for each of those connections when it has ended; may be empty.
    std::function<void(ActorId const&)> client_left {};
    // Completes the handshake of a new connection, on the connection's own task; null where the listener does not
    // encrypt. What it finds out is published.
    std::function<Result<trace::TlsEstablished>(network::ByteStream&)> secure {};
};

// Accepts connections and serves each on a task of its own until it closes. The Handler is called from many tasks.
class Server {
public:
    static std::unique_ptr<Server> start(
        Scheduler&, std::unique_ptr<network::Listener>, Handler, trace::Publisher, ServerOptions);
    virtual ~Server() = default; // closes the listener and every connection, waits for their tasks
    virtual network::Endpoint endpoint() const = 0;
};

struct Response {
    int status { 0 };
    std::string reason;
    Headers headers;
    std::unique_ptr<BodyReader> body; // keeps the connection while it lives; never null
};

struct Request {
    std::string method { "GET" };
    std::string target { "/" }; // encoded path and query
    Headers headers;
    std::string body; // sent with Content-Length
    // Gives up where nothing arrives for so long, be it the head or a piece of the body. Nothing: never.
    std::optional<Duration> read_timeout {};
};

// A client for one endpoint. Keeps one idle connection for the next request; opens more as needed. Sends a W3C
// `traceparent` header with the current span, so that our server's span becomes its child.
class Client {
public:
    Client(network::Network&, HostId from, network::Endpoint to, Scheduler&, std::string host_header);
    ~Client();
    Client(Client&&) noexcept;

    Result<Response> send(Request);
    // Streams the body from `produce`, called until it returns an empty string; chunked.
    Result<Response> send_streaming(Request, std::function<Result<std::string>()> produce);
    // Connection: Upgrade; the stream after a 101 (or docker's 200). Any other status is error_of.
    Result<std::unique_ptr<network::ByteStream>> upgrade(Request);

private:
    struct Impl;
    std::unique_ptr<Impl> m_impl;
};

std::string_view reason_of(int status);
// What a refusal means to the caller: the kind by the status, the text from docker's {"message": …}.
Error error_of(int status, std::string_view body);

}
