#include "Site.h"

#include "engine/os/LiveNetwork.h"
#include "sim/time/LiveScheduler.h"
#include "tests/support/TemporaryDirectory.h"

using namespace drydock;
using namespace drydock::http;
using tests::echo;
using tests::Site;

namespace {

std::string text_of(Response& response)
{
    return REQUIRE_OK(response.body->read_all(1 << 20));
}

std::string ask(Client& client, Request request)
{
    auto response = REQUIRE_OK(client.send(std::move(request)));
    return text_of(response);
}

}

TEST_CASE("Client: a request and its answer", "[engine][http]")
{
    Site site(echo);
    auto client = site.client();
    auto response = REQUIRE_OK(client.send({ .method = "POST", .target = "/a?b=c", .headers = {}, .body = "hello" }));
    CHECK(response.status == 200);
    CHECK(response.reason == "OK");
    CHECK(response.headers.get("content-type") == "text/plain");
    CHECK(text_of(response) == "POST /a hello");
}

TEST_CASE("Client: one connection serves requests that follow each other", "[engine][http]")
{
    Site site(echo);
    auto client = site.client();
    ask(client, { .target = "/one" });
    ask(client, { .method = "HEAD", .target = "/two" });
    ask(client, { .target = "/three" });
    CHECK(site.events<trace::ConnectionOpened>().size() == 1);
}

TEST_CASE("Client: opens another connection while an answer is still being read", "[engine][http]")
{
    Site site(echo);
    auto client = site.client();
    auto response = REQUIRE_OK(client.send({ .target = "/one" }));
    CHECK(ask(client, { .target = "/two" }) == "GET /two ");
    CHECK(text_of(response) == "GET /one ");
    CHECK(site.events<trace::ConnectionOpened>().size() == 2);
}

TEST_CASE("Client: does not use a connection that the server has closed", "[engine][http]")
{
    Site site(echo);
    auto client = site.client();
    ask(client, { .target = "/one" });
    site.server.reset();
    site.scheduler.sleep_for(std::chrono::seconds(1)); // until the end of the connection has arrived
    site.server = Server::start(
        site.scheduler, REQUIRE_OK(site.network.listen({ "laptop" }, site.endpoint)), echo, {}, ServerOptions {});
    CHECK(ask(client, { .method = "POST", .target = "/two" }) == "POST /two ");
}

TEST_CASE("Client: streams a body piece by piece", "[engine][http]")
{
    Site site(echo);
    auto client = site.client();
    int pieces = 0;
    auto response = REQUIRE_OK(client.send_streaming({ .method = "PUT" },
        [&]() -> Result<std::string> { return ++pieces <= 3 ? std::string(1000, 'x') : std::string(); }));
    CHECK(text_of(response) == "PUT / " + std::string(3000, 'x'));
}

TEST_CASE("Client: hears a refusal although its body was not taken", "[engine][http]")
{
    Site site([](Exchange& exchange) { static_cast<void>(exchange.respond(413, {}, "too much")); });
    auto client = site.client();
    std::size_t left = 2000;
    auto response = REQUIRE_OK(client.send_streaming({ .method = "PUT" },
        [&]() -> Result<std::string> { return left-- > 0 ? std::string(64 * 1024, 'x') : std::string(); }));
    CHECK(response.status == 413);
}

TEST_CASE("Client: an answer without length ends with the connection", "[engine][http]")
{
    Site site([](Exchange& exchange) {
        auto const stream = exchange.hijack({});
        static_cast<void>((*stream)->write_all("until the end"));
    });
    auto client = site.client();
    CHECK(ask(client, {}) == "until the end");
}

TEST_CASE("Client: a body cut short is an error", "[engine][http]")
{
    Site site([](Exchange& exchange) {
        auto const body = exchange.respond_streaming(200, {}, 100);
        static_cast<void>((*body)->write("short"));
    });
    auto client = site.client();
    auto response = REQUIRE_OK(client.send({}));
    auto const text = response.body->read_all(1000);
    REQUIRE_FALSE(text);
    CHECK(text.error().kind() == ErrorKind::Unavailable);
}

TEST_CASE("Client: gives up on a server that does not answer", "[engine][http]")
{
    Site site([&](Exchange& exchange) {
        site.scheduler.sleep_for(std::chrono::minutes(1));
        echo(exchange);
    });
    auto client = site.client();
    auto const response = client.send({ .read_timeout = std::chrono::seconds(15) });
    REQUIRE_FALSE(response);
    CHECK(response.error().kind() == ErrorKind::Unavailable);
    CHECK(response.error().message().find("timed out") != std::string::npos);
    site.scheduler.sleep_for(std::chrono::minutes(2));
}

TEST_CASE("Client: does not wait for a head that comes byte by byte", "[engine][http][hardening]")
{
    Site site(echo);
    site.server.reset();
    auto const listener = REQUIRE_OK(site.network.listen({ "laptop" }, site.endpoint));
    int sent = 0;
    auto const dripping = site.scheduler.spawn("dripping server", [&] {
        auto const stream = listener->accept();
        if (!stream)
            return;
        for (; sent < 1000 && (*stream)->write_all(sent == 0 ? "HTTP/1.1 200 OK\r\nX: " : "x"); ++sent)
            site.scheduler.sleep_for(std::chrono::seconds(10));
    });
    auto const begin = site.scheduler.now();
    auto const response = site.client().send({ .read_timeout = std::chrono::seconds(15) });
    REQUIRE_FALSE(response);
    CHECK(response.error().kind() == ErrorKind::Unavailable);
    CHECK(site.scheduler.now() - begin < std::chrono::seconds(16));
    dripping->join();
    CHECK(sent < 5);
}

TEST_CASE("Client: refuses to send what would become another request", "[engine][http]")
{
    Site site(echo);
    auto client = site.client();
    CHECK_FALSE(client.send({ .target = "/ HTTP/1.1\r\nX: y" }));
    CHECK_FALSE(client.send({ .headers = { { "X", "y\r\nZ: z" } } }));
    CHECK(site.events<trace::ConnectionOpened>().empty());
}

TEST_CASE("Client: an upgrade gives the stream, a refusal the daemon's words", "[engine][http]")
{
    Site site([](Exchange& exchange) {
        if (exchange.target().path != "/attach") {
            static_cast<void>(exchange.respond(409, {}, R"({"message":"container x is not running"})"));
            return;
        }
        auto const stream = exchange.hijack({});
        static_cast<void>((*stream)->write_all("got " + Site::read_to_end(**stream)));
    });
    auto client = site.client();
    auto const stream = REQUIRE_OK(client.upgrade({ .method = "POST", .target = "/attach" }));
    REQUIRE_OK(stream->write_all("input"));
    stream->shutdown_write();
    CHECK(Site::read_to_end(*stream) == "got input");
    auto const refused = client.upgrade({ .method = "POST", .target = "/exec" });
    REQUIRE_FALSE(refused);
    CHECK(refused.error().kind() == ErrorKind::Conflict);
    CHECK(refused.error().message() == "container x is not running");
}

TEST_CASE("Client: the server's span is a child of the caller's", "[engine][http]")
{
    Site site(echo);
    auto client = site.client();
    trace::Publisher const publisher(site.log, site.scheduler, { { "laptop" }, { "client" }, {} });
    SpanId command;
    {
        auto const span = publisher.span("command", "docker ps", trace::Depth::Role);
        command = span.id();
        ask(client, { .target = "/containers/json?all=1" });
    }
    ask(client, { .target = "/info" });
    auto const spans = site.events<trace::SpanBegan>();
    REQUIRE(spans.size() == 3);
    CHECK(spans[1].parent == command);
    CHECK(spans[1].operation == "request");
    CHECK(spans[1].title == "GET /containers/json");
    CHECK(spans[2].parent == SpanId {});
    CHECK(site.events<trace::RequestReceived>()[0].headers == "Host: docker");
}

TEST_CASE("Server: the spans of strangers are none of ours", "[engine][http]")
{
    Site site(echo);
    site.send("GET / HTTP/1.1\r\nHost: docker\r\nConnection: close\r\n"
              "traceparent: 00-0af7651916cd43dd8448eb211c80319c-00f067aa0ba902b7-01\r\n\r\n");
    CHECK(site.events<trace::SpanBegan>()[0].parent == SpanId {});
}

TEST_CASE("Server: publishes connection, request and answer, each once it has happened", "[engine][http]")
{
    Site site([](Exchange& exchange) {
        CHECK(exchange.client() == ActorId { "client-1" });
        CHECK(REQUIRE_OK(exchange.read_body()) == R"({"Image":"busybox"})");
        static_cast<void>(exchange.respond(201, { { "Content-Type", "application/json" } }, R"({"Id":"4f2a"})"));
    });
    {
        auto client = site.client();
        ask(client,
            { .method = "POST",
                .target = "/containers/create",
                .headers = { { "Content-Type", "application/json; charset=utf-8" }, { "X-Registry-Auth", "c2VjcmV0" } },
                .body = R"({"Image":"busybox"})" });
    }
    site.server.reset();
    auto const opened = site.events<trace::ConnectionOpened>();
    auto const requests = site.events<trace::RequestReceived>();
    auto const answers = site.events<trace::ResponseSent>();
    REQUIRE(opened.size() == 1);
    CHECK(opened[0].from == ActorId { "client-1" });
    CHECK(opened[0].to == ActorId { "daemon" });
    CHECK(opened[0].endpoint == "unix:///run/drydock.sock");
    REQUIRE(requests.size() == 1);
    CHECK(requests[0].connection == opened[0].connection);
    CHECK(requests[0].method == "POST");
    CHECK(requests[0].target == "/containers/create");
    CHECK(requests[0].headers.find("X-Registry-Auth: (hidden)") != std::string::npos);
    CHECK(requests[0].body == R"({"Image":"busybox"})");
    REQUIRE(answers.size() == 1);
    CHECK(answers[0].exchange == requests[0].exchange);
    CHECK(answers[0].to == ActorId { "client-1" });
    CHECK(answers[0].status == 201);
    CHECK(answers[0].reason == "Created");
    CHECK(answers[0].body == R"({"Id":"4f2a"})");
    CHECK(answers[0].body_size == 13);
    CHECK(site.events<trace::ConnectionClosed>().size() == 1);
}

TEST_CASE("Server: an event shows 4 KiB of a JSON body and no torn character", "[engine][http]")
{
    Site site([](Exchange& exchange) {
        std::string body(4095, 'x');
        static_cast<void>(exchange.respond(200, { { "Content-Type", "application/json" } }, body + "\xc3\xa4"));
    });
    auto client = site.client();
    ask(client, {});
    CHECK(site.events<trace::ResponseSent>()[0].body == std::string(4095, 'x'));
    CHECK(site.events<trace::ResponseSent>()[0].body_size == 4097);
}

TEST_CASE("Server: publishes nothing where it shall not", "[engine][http]")
{
    ServerOptions options;
    options.publish = false;
    Site site(echo, options);
    auto client = site.client();
    ask(client, {});
    CHECK(site.log.size() == 0);
}

TEST_CASE("Server and Client: over real sockets, and the server ends while clients sit idle", "[engine][http]")
{
    tests::TemporaryDirectory const directory;
    auto const at = GENERATE_REF(
        network::Endpoint { network::Endpoint::Kind::Unix, (directory.path() / "docker.sock").string(), {}, 0 },
        network::Endpoint { network::Endpoint::Kind::Tcp, {}, "127.0.0.1", 0 });
    LiveScheduler scheduler;
    os::LiveNetwork network;
    auto server = Server::start(scheduler, REQUIRE_OK(network.listen({}, at)), echo, {}, ServerOptions {});
    Client client(network, {}, server->endpoint(), scheduler, "localhost");
    CHECK(ask(client, { .target = "/one" }) == "GET /one ");
    std::string const large(8 << 20, 'x');
    auto response = REQUIRE_OK(client.send({ .method = "POST", .target = "/two", .headers = {}, .body = large }));
    CHECK(response.status == 413);
    text_of(response);
    auto const idle = REQUIRE_OK(network.connect({}, server->endpoint()));
    CHECK(ask(client, { .target = "/three" }) == "GET /three ");
    server.reset();
    CHECK_FALSE(client.send({}));
}
