#include "Site.h"

using namespace drydock;
using namespace drydock::http;
using tests::echo;
using tests::Site;

namespace {

constexpr std::string_view last_request = "GET /last HTTP/1.1\r\nHost: docker\r\nConnection: close\r\n\r\n";

std::string body_of(std::string const& response)
{
    return response.substr(response.find("\r\n\r\n") + 4);
}

}

TEST_CASE("Server: answers with length, date and the common fields", "[engine][http]")
{
    ServerOptions options;
    options.common = { { "Api-Version", "1.50" } };
    Site site(echo, options);
    CHECK(site.send("GET /a%20b?x=1 HTTP/1.1\r\nHost: docker\r\nConnection: close\r\n\r\n")
        == "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nConnection: close\r\nApi-Version: 1.50\r\n"
           "Date: Thu, 01 Jan 1970 00:00:00 GMT\r\nContent-Length: 9\r\n\r\nGET /a b ");
}

TEST_CASE("Server: requests follow each other on one connection, also when sent at once", "[engine][http]")
{
    Site site(echo);
    auto const answer = site.send("POST /one HTTP/1.1\r\nHost: docker\r\nContent-Length: 5\r\n\r\nhello"
                                  "POST /two HTTP/1.1\r\nHost: docker\r\nTransfer-Encoding: chunked\r\n\r\n"
                                  "3\r\nabc\r\n2;x=y\r\nde\r\n0\r\nTrailer: t\r\n\r\n"
        + std::string(last_request));
    CHECK(answer.find("POST /one hello") != std::string::npos);
    CHECK(answer.find("POST /two abcde") != std::string::npos);
    CHECK(answer.ends_with("GET /last "));
}

TEST_CASE("Server: a body that the handler leaves is skipped", "[engine][http]")
{
    Site site([](Exchange& exchange) { static_cast<void>(exchange.respond(204, {}, {})); });
    auto const answer
        = site.send("POST / HTTP/1.1\r\nHost: docker\r\nContent-Length: 22\r\n\r\nGET /evil HTTP/1.1\r\n\r\n"
            + std::string(last_request));
    CHECK(answer.starts_with("HTTP/1.1 204 No Content\r\n"));
    CHECK(answer.find("Content-Length") == std::string::npos);
    auto const second = answer.find("HTTP/1.1 204", 1);
    REQUIRE(second != std::string::npos);
    CHECK(answer.find("HTTP/1.1", second + 1) == std::string::npos);
}

TEST_CASE("Server: HEAD has the fields of the answer and no body", "[engine][http]")
{
    Site site(echo);
    auto const answer = site.send("HEAD / HTTP/1.1\r\nHost: docker\r\nConnection: close\r\n\r\n");
    CHECK(answer.find("Content-Length: 7\r\n") != std::string::npos);
    CHECK(body_of(answer).empty());
}

TEST_CASE("Server: HTTP/1.0 gets no chunks, the end of the connection ends the body", "[engine][http]")
{
    Site site([](Exchange& exchange) {
        auto const body = exchange.respond_streaming(200, {});
        static_cast<void>((*body)->write("a stream"));
    });
    auto const answer = site.send("GET / HTTP/1.0\r\n\r\n");
    CHECK(answer.find("Transfer-Encoding") == std::string::npos);
    CHECK(body_of(answer) == "a stream");
}

TEST_CASE("Server: the head of a stream goes out before its first piece", "[engine][http]")
{
    std::mutex mutex;
    bool go_on = false;
    std::unique_ptr<Condition> condition;
    Site site([&](Exchange& exchange) {
        auto const body = exchange.respond_streaming(200, { { "Content-Type", "application/json" } });
        std::unique_lock lock(mutex);
        condition->wait(lock, [&] { return go_on; });
        lock.unlock();
        static_cast<void>((*body)->write("{\"StatusCode\":0}"));
    });
    condition = site.scheduler.make_condition();
    auto const stream = site.connect();
    REQUIRE_OK(stream->write_all(last_request));
    CHECK(Site::read_until(*stream, "\r\n\r\n").find("Transfer-Encoding: chunked") != std::string::npos);
    {
        std::lock_guard const lock(mutex);
        go_on = true;
    }
    condition->notify_all();
    CHECK(Site::read_to_end(*stream) == "10\r\n{\"StatusCode\":0}\r\n0\r\n\r\n");
    site.server.reset();
}

TEST_CASE("Server: a body shorter than promised cuts the connection", "[engine][http]")
{
    Site site([](Exchange& exchange) {
        auto const body = exchange.respond_streaming(200, {}, 10);
        static_cast<void>((*body)->write("short"));
        CHECK_FALSE((*body)->write("much too long"));
    });
    CHECK(body_of(site.send("GET / HTTP/1.1\r\nHost: docker\r\n\r\n")) == "short");
}

TEST_CASE("Server: data in a header value cannot add a header", "[engine][http]")
{
    Site site([](Exchange& exchange) {
        static_cast<void>(exchange.respond(200, { { "Location", "/x\r\nSet-Cookie: evil\n" } }, {}));
    });
    CHECK(site.send(last_request).find("Location: /x  Set-Cookie: evil \r\n") != std::string::npos);
}

TEST_CASE("Server: tells a client that waits with its body to go ahead", "[engine][http]")
{
    Site site(echo);
    auto const stream = site.connect();
    REQUIRE_OK(stream->write_all(
        "PUT / HTTP/1.1\r\nHost: docker\r\nContent-Length: 2\r\nExpect: 100-continue\r\nConnection: close\r\n\r\n"));
    CHECK(Site::read_until(*stream, "\r\n\r\n") == "HTTP/1.1 100 Continue\r\n\r\n");
    REQUIRE_OK(stream->write_all("ok"));
    CHECK(Site::read_to_end(*stream).ends_with("PUT / ok"));
}

TEST_CASE("Server: a handler that throws, or forgets to answer, answers 500", "[engine][http]")
{
    Site site([](Exchange& exchange) {
        if (exchange.target().path == "/throw")
            throw std::runtime_error("broken");
    });
    auto const thrown = site.send("GET /throw HTTP/1.1\r\nHost: docker\r\n\r\n");
    CHECK(thrown.starts_with("HTTP/1.1 500 Internal Server Error\r\nContent-Type: application/json\r\n"));
    CHECK(body_of(thrown) == "{\"message\":\"broken\"}\n");
    CHECK(site.send(last_request).starts_with("HTTP/1.1 500 "));
}

TEST_CASE("Server: a header that does not arrive in ten seconds is given up", "[engine][http]")
{
    Site site(echo);
    auto const begun = site.scheduler.now();
    auto const answer = site.send("GET / HTTP/1.1\r\nHost:");
    CHECK(answer.starts_with("HTTP/1.1 408 Request Timeout\r\n"));
    CHECK(site.scheduler.now() - begun >= std::chrono::seconds(10));
    CHECK(site.scheduler.now() - begun < std::chrono::seconds(13));
}

TEST_CASE("Server: a connection may rest between two requests", "[engine][http]")
{
    Site site(echo);
    auto const stream = site.connect();
    REQUIRE_OK(stream->write_all("GET /one HTTP/1.1\r\nHost: docker\r\n\r\n"));
    CHECK(Site::read_until(*stream, "GET /one ").starts_with("HTTP/1.1 200"));
    site.scheduler.sleep_for(std::chrono::hours(1));
    REQUIRE_OK(stream->write_all(last_request));
    CHECK(Site::read_to_end(*stream).ends_with("GET /last "));
}

TEST_CASE("Server: a TLS handshake is hung up on without a word", "[engine][http]")
{
    Site site(echo);
    CHECK(site.send(std::string_view("\x16\x03\x01\x02\x00\x01\x00", 7)).empty());
}

TEST_CASE("Server: ends although clients sit idle", "[engine][http]")
{
    Site site(echo);
    auto const fresh = site.connect();
    auto const resting = site.connect();
    REQUIRE_OK(resting->write_all("GET / HTTP/1.1\r\nHost: docker\r\n\r\n"));
    Site::read_until(*resting, "GET / ");
    site.server.reset();
    CHECK(Site::read_to_end(*fresh).empty());
    CHECK_FALSE(site.network.connect({ "laptop" }, site.endpoint));
}

TEST_CASE("Server: a hijacked stream begins with what was sent behind the request", "[engine][http]")
{
    Site site([](Exchange& exchange) {
        auto const stream = exchange.hijack({ { "Content-Type", "application/vnd.docker.raw-stream" } });
        CHECK((*stream)->peer().program == exchange.peer().program);
        auto const input = Site::read_to_end(**stream);
        static_cast<void>((*stream)->write_all("got " + input));
    });
    auto const stream = site.connect();
    REQUIRE_OK(stream->write_all("POST /attach HTTP/1.1\r\nHost: docker\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n"
                                 "Content-Length: 2\r\n\r\n{}early "));
    CHECK(Site::read_until(*stream, "\r\n\r\n")
              .starts_with("HTTP/1.1 101 UPGRADED\r\nContent-Type: application/vnd.docker.raw-stream\r\n"
                           "Connection: Upgrade\r\nUpgrade: tcp\r\n"));
    REQUIRE_OK(stream->write_all("late"));
    // Half-close: the server reads the end and can still write.
    stream->shutdown_write();
    CHECK(Site::read_to_end(*stream) == "got early late");
}

TEST_CASE("Server: a hijacked stream may outlive its handler", "[engine][http]")
{
    std::unique_ptr<network::ByteStream> taken;
    ServerOptions options;
    options.name_client = [](network::Peer const&) { return ActorId { "docker-1" }; };
    std::vector<ActorId> left;
    options.client_left = [&](ActorId const& client) { left.push_back(client); };
    Site site([&](Exchange& exchange) { taken = std::move(*exchange.hijack({})); }, std::move(options));
    auto const stream = site.connect();
    REQUIRE_OK(stream->write_all("POST / HTTP/1.1\r\nHost: docker\r\n\r\n"));
    CHECK(Site::read_until(*stream, "\r\n\r\n").starts_with("HTTP/1.1 200 OK\r\n"));
    site.scheduler.sleep_for(std::chrono::seconds(1));
    CHECK(site.events<trace::ConnectionClosed>().size() == 0);
    CHECK(left.empty());
    REQUIRE_OK(taken->write_all("still here"));
    taken.reset();
    CHECK(Site::read_to_end(*stream) == "still here");
    CHECK(site.events<trace::ConnectionClosed>().size() == 1);
    CHECK(left == std::vector<ActorId> { { "docker-1" } });
}
