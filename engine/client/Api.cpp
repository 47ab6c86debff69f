#include "engine/client/Api.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace drydock::client {

namespace {

constexpr std::size_t whole_answer = 64 << 20; // bytes; an inspect or a list is far smaller

// A unix socket has no host; over TCP the daemon checks that the name is its own (DNS rebinding).
std::string host_header(network::Endpoint const& daemon)
{
    if (daemon.kind == network::Endpoint::Kind::Unix)
        return "api.drydock.localhost";
    return daemon.to_string().substr(std::string_view("tcp://").size());
}

ErrorKind kind_of(int status)
{
    switch (status) {
    case 400: return ErrorKind::InvalidInput;
    case 401: return ErrorKind::Unauthorized;
    case 403: return ErrorKind::Forbidden;
    case 404: return ErrorKind::NotFound;
    case 409: return ErrorKind::Conflict;
    case 501: return ErrorKind::NotSupported;
    case 503: return ErrorKind::Unavailable;
    default: return ErrorKind::Internal;
    }
}

// The daemon's own words out of {"message":"…"}; the body itself where it is something else.
std::string message_of(std::string const& body)
{
    auto const parsed = nlohmann::json::parse(body, nullptr, false);
    if (parsed.is_object() && parsed.contains("message") && parsed["message"].is_string())
        return parsed["message"].get<std::string>();
    return body;
}

Error refusal(http::Response& response)
{
    auto const body = response.body->read_all(whole_answer);
    return Error(kind_of(response.status), "Error response from daemon: " + message_of(body ? *body : response.reason));
}

// "1.9" < "1.50": numbers, not text.
bool is_older(std::string const& a, std::string const& b)
{
    auto const minor
        = [](std::string const& version) { return std::atoi(version.substr(version.find('.') + 1).c_str()); };
    return minor(a) < minor(b);
}

}

Api::Api(network::Network& network, Scheduler& scheduler, HostId from, network::Endpoint daemon)
    : m_daemon(daemon)
    , m_client(network, std::move(from), daemon, scheduler, host_header(daemon))
{
}

Error Api::worded(Error error) const
{
    // What the daemon itself forbids is an answer, and comes another way: this is the kernel's refusal of the socket.
    if (error.kind() == ErrorKind::Forbidden && m_daemon.kind == network::Endpoint::Kind::Unix)
        return { ErrorKind::Forbidden,
            fmt::format("permission denied while trying to connect to the Docker daemon socket at {0}: "
                        "dial unix {1}: connect: permission denied",
                m_daemon.to_string(), m_daemon.path) };
    if (error.kind() == ErrorKind::Unavailable || error.kind() == ErrorKind::Io || error.kind() == ErrorKind::NotFound)
        return no_daemon_at(m_daemon);
    return error;
}

http::Request Api::request(
    std::string method, std::string const& path, std::string document, http::Headers headers) const
{
    http::Request request {
        .method = std::move(method), .target = "/v" + m_version + path, .headers = std::move(headers), .body = {}
    };
    if (!document.empty())
        request.headers.set("Content-Type", "application/json");
    request.body = std::move(document);
    return request;
}

Result<void> Api::negotiate()
{
    auto response = m_client.send({ .method = "HEAD", .target = "/_ping", .headers = {}, .body = {} });
    if (!response)
        return fail(worded(std::move(response).error()));
    auto const theirs = response->headers.get("Api-Version");
    if (theirs && is_older(*theirs, m_version))
        m_version = *theirs;
    return {};
}

Result<http::Response> Api::accepted(Result<http::Response> response) const
{
    if (!response)
        return fail(worded(std::move(response).error()));
    if (response->status >= 400)
        return fail(refusal(*response));
    return response;
}

Result<http::Response> Api::open(
    std::string method, std::string const& path, std::string document, http::Headers headers)
{
    return accepted(m_client.send(request(std::move(method), path, std::move(document), std::move(headers))));
}

Result<http::Response> Api::send_archive(
    std::string method, std::string const& path, std::function<Result<std::string>()> produce, http::Headers headers)
{
    headers.set("Content-Type", "application/x-tar");
    return accepted(
        m_client.send_streaming(request(std::move(method), path, {}, std::move(headers)), std::move(produce)));
}

Result<std::string> Api::call(std::string method, std::string const& path, std::string document)
{
    auto response = TRY(open(std::move(method), path, std::move(document)));
    return response.body->read_all(whole_answer);
}

Result<std::unique_ptr<network::ByteStream>> Api::upgrade(std::string const& path, std::string document)
{
    auto stream = m_client.upgrade(request("POST", path, std::move(document)));
    if (!stream)
        return fail(std::move(stream).error().with_context("Error response from daemon"));
    return stream;
}

Error no_daemon_at(network::Endpoint const& daemon)
{
    return { ErrorKind::Unavailable,
        "Cannot connect to the Docker daemon at " + daemon.to_string() + ". Is the docker daemon running?" };
}

std::string query(http::Query const& parameters)
{
    std::string text;
    for (auto const& [name, value] : parameters)
        text += fmt::format("{}{}={}", text.empty() ? "?" : "&", name, http::percent_encode(value));
    return text;
}

}
