// What broken and hostile clients send (HARDENING T29 to T32). Each is refused with a status and docker's JSON, and
// nothing behind it is taken for a request.

#include "Site.h"

using namespace drydock;
using namespace drydock::http;
using tests::Site;

namespace {

struct Case {
    int status;
    std::string request;
};

// Everything behind the refused message; a server that answers it has been smuggled a request.
constexpr std::string_view smuggled = "GET /smuggled HTTP/1.1\r\nHost: docker\r\nConnection: close\r\n\r\n";

std::vector<Case> const cases {
    // Two statements about the length of the body (RFC 9112, 6.1 and 6.3).
    { 400, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" },
    { 400, "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n" },
    { 400, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello" },
    { 400, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nContent-Length: 5\r\n\r\nhello" },
    { 400, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5, 5\r\n\r\nhello" },
    // No number.
    { 400, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: -5\r\n\r\nhello" },
    { 400, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: +5\r\n\r\nhello" },
    { 400, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0x5\r\n\r\nhello" },
    { 400, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5 5\r\n\r\nhello" },
    { 400, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: \r\n\r\nhello" },
    { 400, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999999999999999\r\n\r\nhello" },
    // Codings that one program knows and the next does not.
    { 400, "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip\r\n\r\n" },
    { 400, "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n" },
    { 400, "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n" },
    { 400, "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\n" },
    { 400, "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: identity\r\n\r\n" },
    { 400, "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: x\r\n\r\n0\r\n\r\n" },
    { 400, "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" },
    // Names and lines.
    { 400, "GET / HTTP/1.1\r\nHost: a\r\nContent-Length : 5\r\n\r\nhello" },
    { 400, "GET / HTTP/1.1\r\nHost : a\r\n\r\n" },
    { 400, "GET / HTTP/1.1\r\nHost: a\r\nX: one\r\n two\r\n\r\n" },
    { 400, "GET / HTTP/1.1\r\n Host: a\r\n\r\n" },
    { 400, "GET / HTTP/1.1\nHost: a\n\n" },
    { 400, "GET / HTTP/1.1\r\nHost: a\nX: y\r\n\r\n" },
    { 400, "GET / HTTP/1.1\r\nHost: a\rX: y\r\n\r\n" },
    { 400, "GET / HTTP/1.1\r\nHost: a\r\nno colon\r\n\r\n" },
    { 400, "GET / HTTP/1.1\r\nHost: a\r\n: no name\r\n\r\n" },
    { 400, "GET / HTTP/1.1\r\nHost: a\r\nX\xc3\xa4: y\r\n\r\n" },
    { 400, std::string("GET / HTTP/1.1\r\nHost: a\r\nX: a\0b\r\n\r\n", 35) },
    // The request line.
    { 400, "GET /\r\nHost: a\r\n\r\n" },
    { 400, "GET  / HTTP/1.1\r\nHost: a\r\n\r\n" },
    { 400, "GET / x HTTP/1.1\r\nHost: a\r\n\r\n" },
    { 400, "GET / HTTP/1.1 \r\nHost: a\r\n\r\n" },
    { 400, "GET / HTTP/2.0\r\nHost: a\r\n\r\n" },
    { 400, "GET / HTTP/0.9\r\nHost: a\r\n\r\n" },
    { 400, "GET / http/1.1\r\nHost: a\r\n\r\n" },
    { 400, "G@T / HTTP/1.1\r\nHost: a\r\n\r\n" },
    { 400, "PRI * HTTP/2.0\r\n\r\n" },
    { 400, "GET docker HTTP/1.1\r\nHost: a\r\n\r\n" },
    { 400, "CONNECT a:80 HTTP/1.1\r\nHost: a\r\n\r\n" },
    { 400, "GET /%zz HTTP/1.1\r\nHost: a\r\n\r\n" },
    { 400, "GET /%4 HTTP/1.1\r\nHost: a\r\n\r\n" },
    { 400, "GET /%00 HTTP/1.1\r\nHost: a\r\n\r\n" },
    { 400, "GET /?x=%f HTTP/1.1\r\nHost: a\r\n\r\n" },
    // Host (RFC 9112, 3.2).
    { 400, "GET / HTTP/1.1\r\n\r\n" },
    { 400, "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n" },
    // Size.
    { 414, "GET /" + std::string(17 * 1024, 'x') + " HTTP/1.1\r\nHost: a\r\n\r\n" },
    { 414, "GET /" + std::string(70 * 1024, 'x') + " HTTP/1.1\r\nHost: a\r\n\r\n" },
    { 431, "GET / HTTP/1.1\r\nHost: a\r\nX: " + std::string(70 * 1024, 'x') + "\r\n\r\n" },
};

std::string many_lines(int count)
{
    std::string request = "GET / HTTP/1.1\r\nHost: a\r\n";
    for (int i = 1; i < count; ++i)
        request += "X: y\r\n";
    return request + "\r\n";
}

void answer(Exchange& exchange)
{
    auto const body = exchange.read_body();
    int const status = body ? 200 : body.error().kind() == ErrorKind::LimitExceeded ? 413 : 400;
    static_cast<void>(exchange.respond(status, {}, {}));
}

std::size_t answers_in(std::string_view text)
{
    std::size_t count = 0;
    for (auto at = text.find("HTTP/1.1 "); at != std::string_view::npos; at = text.find("HTTP/1.1 ", at + 1))
        ++count;
    return count;
}

}

TEST_CASE("Server: refuses a malformed message, once, with docker's JSON, and hangs up", "[engine][http]")
{
    Site site(answer);
    for (auto const& [status, request] : cases) {
        CAPTURE(request.substr(0, 120));
        auto const text = site.send(request + std::string(smuggled));
        CHECK(text.starts_with("HTTP/1.1 " + std::to_string(status) + " "));
        CHECK(answers_in(text) == 1);
        CHECK(text.find("\r\nContent-Type: application/json\r\n") != std::string::npos);
        CHECK(text.find("\r\n\r\n{\"message\":\"") != std::string::npos);
    }
    CHECK(site.events<trace::RequestReceived>().empty());
}

TEST_CASE("Server: takes a hundred header lines and no more", "[engine][http]")
{
    Site site(answer);
    CHECK(site.send(many_lines(100) + std::string(smuggled)).starts_with("HTTP/1.1 200 "));
    CHECK(site.send(many_lines(101)).starts_with("HTTP/1.1 431 "));
}

TEST_CASE("Server: a malformed chunk ends the body and the connection", "[engine][http]")
{
    Site site(answer);
    auto const chunks = GENERATE(as<std::string> {}, "0x5\r\nhello\r\n0\r\n\r\n", "+5\r\nhello\r\n0\r\n\r\n",
        "-1\r\n\r\n", "5 \r\nhello\r\n0\r\n\r\n", "5\nhello\n0\n\n", "5\r\nhello0\r\n\r\n",
        "5\r\nhelloworld\r\n0\r\n\r\n", "ffffffffffffffffff\r\nx", "\r\n\r\n", "g\r\n\r\n",
        "5;\r\n=\r\nhello\r\n0\r\n\r\n", "0\r\nbad trailer\r\n\r\n");
    CAPTURE(chunks);
    auto const text = site.send(
        "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n" + chunks + std::string(smuggled));
    CHECK(text.starts_with("HTTP/1.1 400 "));
    CHECK(answers_in(text) == 1);
}

TEST_CASE("Server: an endless chunk header or trailer is not collected", "[engine][http]")
{
    Site site(answer);
    auto const begin = GENERATE(as<std::string> {}, "5;x=", "0\r\nX: ");
    auto const text = site.send(
        "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n" + begin + std::string(200 * 1024, 'x'));
    CHECK(text.starts_with("HTTP/1.1 413 "));
}

TEST_CASE("Server: a JSON body beyond 4 MiB is refused before it has arrived", "[engine][http]")
{
    Site site(answer);
    auto const text = site.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 67108864\r\n\r\n{");
    CHECK(text.starts_with("HTTP/1.1 413 "));
    CHECK(answers_in(text) == 1);
}

TEST_CASE("Server: a body that is cut off is no request", "[engine][http]")
{
    bool called = false;
    Site site([&](Exchange& exchange) {
        called = true;
        answer(exchange);
    });
    auto const stream = site.connect();
    REQUIRE_OK(stream->write_all(
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 20\r\n\r\n{\"half\":"));
    stream->shutdown_write();
    CHECK(Site::read_to_end(*stream).empty());
    CHECK_FALSE(called);
}

TEST_CASE("Server: over TCP, web pages are kept out", "[engine][http]")
{
    Site site(answer);
    network::Endpoint const tcp { network::Endpoint::Kind::Tcp, {}, "127.0.0.1", 2375 };
    site.endpoint = tcp;
    site.server.reset();
    site.server = Server::start(
        site.scheduler, REQUIRE_OK(site.network.listen({ "laptop" }, tcp)), answer, {}, ServerOptions {});
    auto const ask = [&](std::string const& fields) {
        return site.send("GET / HTTP/1.1\r\n" + fields + "Connection: close\r\n\r\n").substr(9, 3);
    };
    CHECK(ask("Host: 127.0.0.1:2375\r\n") == "200");
    CHECK(ask("Host: localhost\r\n") == "200");
    CHECK(ask("Host: [::1]:2375\r\n") == "200");
    CHECK(ask("Host: 127.0.0.1:2375\r\nSec-Fetch-Site: none\r\n") == "200");
    CHECK(ask("Host: 127.0.0.1:2375\r\nOrigin: http://evil.example\r\n") == "403");
    CHECK(ask("Host: 127.0.0.1:2375\r\nOrigin: null\r\n") == "403");
    CHECK(ask("Host: 127.0.0.1:2375\r\nSec-Fetch-Site: cross-site\r\n") == "403");
    CHECK(ask("Host: evil.example\r\n") == "403");
    CHECK(ask("Host: 127.evil.example\r\n") == "403");
}
