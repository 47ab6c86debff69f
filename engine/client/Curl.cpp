#include "engine/client/Curl.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>

namespace drydock::client {

namespace {

// curl(1), EXIT CODES.
constexpr int bad_usage = 2, unsupported_protocol = 1, malformed_url = 3, no_host = 6, no_connection = 7,
              no_answer = 52;

constexpr Duration patience = std::chrono::seconds(30); // an answer may go on for ever: /events

struct CurlRequest {
    bool silent { false };
    bool show_errors { false };
    bool show_head { false };
    std::optional<std::string> method;
    std::optional<std::string> body;
    http::Headers headers;
    std::optional<std::string> unix_socket;
    std::string host;
    std::uint16_t port { 80 };
    std::string target { "/" };
};

// What curl prints: "curl: (7) Couldn't connect to server".
struct CurlFailure {
    int status { bad_usage };
    std::string words;
};

using Parsed = tl::expected<CurlRequest, CurlFailure>;

tl::unexpected<CurlFailure> curl_failed(int status, std::string words)
{
    return tl::unexpected(CurlFailure { status, std::move(words) });
}

tl::expected<void, CurlFailure> read_url(CurlRequest& request, std::string url)
{
    auto const scheme = url.find("://");
    if (scheme != std::string::npos && url.substr(0, scheme) != "http")
        return curl_failed(unsupported_protocol, fmt::format("Protocol \"{}\" not supported", url.substr(0, scheme)));
    url.erase(0, scheme == std::string::npos ? 0 : scheme + 3);
    auto const slash = std::min(url.find_first_of("/?"), url.size());
    request.target = url.substr(slash);
    if (!request.target.starts_with('/'))
        request.target.insert(0, "/");
    request.host = url.substr(0, slash);
    if (auto const colon = request.host.rfind(':'); colon != std::string::npos) {
        auto const digits = request.host.substr(colon + 1);
        auto const [end, wrong] = std::from_chars(digits.data(), digits.data() + digits.size(), request.port);
        if (wrong != std::errc() || end != digits.data() + digits.size())
            return curl_failed(malformed_url, "URL using bad/illegal format or missing URL");
        request.host.resize(colon);
    }
    if (request.host.empty())
        return curl_failed(malformed_url, "URL using bad/illegal format or missing URL");
    return {};
}

tl::expected<void, CurlFailure> take_option(CurlRequest& request, std::string const& name, std::string const& value)
{
    if (name == "-X" || name == "--request") {
        request.method = value;
    } else if (name == "-d" || name == "--data") {
        request.body = request.body ? *request.body + "&" + value : value;
    } else if (name == "--unix-socket") {
        request.unix_socket = value;
    } else {
        auto const colon = value.find(':');
        if (colon == std::string::npos)
            return curl_failed(bad_usage, "option -H: a header is NAME: VALUE");
        auto const begin = value.find_first_not_of(' ', colon + 1);
        request.headers.set(value.substr(0, colon), begin == std::string::npos ? "" : value.substr(begin));
    }
    return {};
}

// Switches may stand together: "-sS".
bool take_switches(CurlRequest& request, std::string const& word)
{
    auto const letters = word == "--silent" ? "s"
        : word == "--show-error"            ? "S"
        : word == "--include"               ? "i"
        : word.starts_with("--")            ? "?"
                                            : word.substr(1);
    for (char const letter : letters) {
        switch (letter) {
        case 's': request.silent = true; break;
        case 'S': request.show_errors = true; break;
        case 'i': request.show_head = true; break;
        default: return false;
        }
    }
    return true;
}

Parsed parse(std::vector<std::string> const& args)
{
    static constexpr std::array<std::string_view, 7> with_value { "-X", "--request", "-d", "--data", "-H", "--header",
        "--unix-socket" };
    CurlRequest request;
    bool has_url = false;
    for (std::size_t i = 0; i < args.size(); ++i) {
        auto const& word = args[i];
        if (std::find(with_value.begin(), with_value.end(), word) != with_value.end()) {
            if (i + 1 == args.size())
                return curl_failed(bad_usage, fmt::format("option {}: requires parameter", word));
            if (auto const taken = take_option(request, word, args[++i]); !taken)
                return tl::unexpected(taken.error());
        } else if (word.size() > 1 && word.starts_with('-')) {
            if (!take_switches(request, word))
                return curl_failed(bad_usage,
                    fmt::format("option {}: this lab's curl knows -s -S -i -X -d -H and --unix-socket", word));
        } else if (std::exchange(has_url, true)) {
            return curl_failed(bad_usage, "one URL at a time here, and no shell: quote what belongs together");
        } else if (auto const read = read_url(request, word); !read) {
            return tl::unexpected(read.error());
        }
    }
    if (!has_url)
        return curl_failed(bad_usage, "no URL specified");
    return request;
}

tl::expected<network::Endpoint, CurlFailure> endpoint_of(CurlRequest const& request, CurlPlace const& place)
{
    if (!request.unix_socket)
        return network::Endpoint {
            .kind = network::Endpoint::Kind::Tcp, .path = {}, .host = request.host, .port = request.port
        };
    auto const& path = *request.unix_socket;
    if (is_usual_socket(path) || path == place.daemon.path)
        return place.daemon;
    return curl_failed(no_connection, fmt::format("Couldn't connect to server: nobody listens at {} here", path));
}

void print_head(http::Response const& response, Terminal const& terminal)
{
    auto text = fmt::format("HTTP/1.1 {} {}\r\n", response.status, response.reason);
    for (auto const& [name, value] : response.headers.fields())
        text += fmt::format("{}: {}\r\n", name, value);
    terminal.write(false, text + "\r\n");
}

tl::expected<void, CurlFailure> exchange(CurlRequest const& request, CurlPlace const& place, Terminal const& terminal)
{
    auto const endpoint = endpoint_of(request, place);
    if (!endpoint)
        return tl::unexpected(endpoint.error());
    auto const host = request.port == 80 ? request.host : fmt::format("{}:{}", request.host, request.port);
    http::Client client(place.network, place.from, *endpoint, place.scheduler, host);
    http::Request wanted { .method = request.method.value_or(request.body ? "POST" : "GET"),
        .target = request.target,
        .headers = request.headers,
        .body = request.body.value_or(""),
        .read_timeout = patience };
    wanted.headers.set("User-Agent", "curl/8.14.1");
    wanted.headers.set("Accept", "*/*");
    if (request.body && !wanted.headers.get("Content-Type"))
        wanted.headers.set("Content-Type", "application/x-www-form-urlencoded");
    auto response = client.send(std::move(wanted));
    if (!response) {
        bool const unknown = response.error().kind() == ErrorKind::NotFound && !request.unix_socket;
        return unknown            ? curl_failed(no_host, "Could not resolve host: " + request.host)
            : request.unix_socket ? curl_failed(no_connection, "Couldn't connect to server")
                                  : curl_failed(no_connection,
                                      fmt::format("Failed to connect to {} port {}: {}", request.host, request.port,
                                          response.error().message()));
    }
    if (request.show_head)
        print_head(*response, terminal);
    std::array<char, 16384> buffer {};
    while (true) {
        auto const count = response->body->read_some(buffer);
        if (!count)
            return curl_failed(no_answer, "the answer broke off: " + count.error().message());
        if (*count == 0)
            return {};
        terminal.write(false, std::string_view(buffer.data(), *count));
    }
}

}

int run_curl(std::vector<std::string> const& args, CurlPlace const& place, Terminal const& terminal)
{
    auto const refuse = [&](CurlFailure const& failure) {
        terminal.write(true, fmt::format("curl: ({}) {}\n", failure.status, failure.words));
        return failure.status;
    };
    auto const request = parse(args);
    if (!request)
        return refuse(request.error());
    auto const done = exchange(*request, place, terminal);
    if (done)
        return 0;
    if (request->silent && !request->show_errors)
        return done.error().status;
    return refuse(done.error());
}

}
