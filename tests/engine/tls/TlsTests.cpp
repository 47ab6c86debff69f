// Encrypted connections over real sockets: who is let in, who is not, and that the bytes arrive.

#include "engine/http/Http.h"
#include "engine/os/LiveNetwork.h"
#include "engine/tls/Tls.h"
#include "sim/time/LiveScheduler.h"
#include "tests/support/Certificates.h"
#include "tests/support/Events.h"

using namespace drydock;
using tls::ClientOptions;
using tls::Identity;

namespace {

struct Wire {
    Wire()
    {
        authority.issue("server", "DNS:localhost,IP:127.0.0.1");
        authority.issue("alice", "DNS:alice");
    }

    void serve(std::optional<std::filesystem::path> client_authority = std::nullopt)
    {
        server.reset();
        auto listener = REQUIRE_OK(network.listen({}, { network::Endpoint::Kind::Tcp, {}, "127.0.0.1", 0 }));
        http::ServerOptions options;
        options.secure = [](network::ByteStream& stream) -> Result<trace::TlsEstablished> {
            auto const session = TRY(tls::handshake(stream));
            return trace::TlsEstablished { {}, session.version, session.server, session.client };
        };
        server = http::Server::start(
            scheduler,
            REQUIRE_OK(
                tls::encrypting(std::move(listener), scheduler, { identity("server"), std::move(client_authority) })),
            [](http::Exchange& exchange) {
                auto body = exchange.body().read_all(64 << 20).value_or("");
                static_cast<void>(exchange.respond(200, {}, std::move(body)));
            },
            { log, scheduler, {} }, std::move(options));
    }
    Identity identity(std::string const& name) const
    {
        return { authority.path(name + ".crt"), authority.path(name + ".key") };
    }

    // What comes back of a body that is sent there.
    Result<std::string> echo(
        ClientOptions const& options, std::string const& body, std::string const& host = "127.0.0.1")
    {
        auto const encrypted = TRY(tls::encrypting(network, scheduler, options));
        http::Client client(*encrypted, {}, { network::Endpoint::Kind::Tcp, {}, host, server->endpoint().port },
            scheduler, "localhost");
        std::string received;
        for (int i = 0; i < 2; ++i) { // the second time over the same connection
            auto response = TRY(client.send({ .method = "POST", .target = "/", .headers = {}, .body = body }));
            received = TRY(response.body->read_all(64 << 20));
        }
        return received;
    }

    tests::TemporaryDirectory directory;
    tests::Authority authority { directory.path() };
    LiveScheduler scheduler;
    os::LiveNetwork network;
    trace::EventLog log;
    std::unique_ptr<http::Server> server;
};

bool names(Error const& error, std::string const& words)
{
    UNSCOPED_INFO(error.message());
    return error.message().find(words) != std::string::npos;
}

}

TEST_CASE("TLS: bytes arrive both ways, and each session is a fact", "[engine][tls]")
{
    Wire wire;
    wire.serve();
    std::string const megabytes(3'000'000, 'm');
    CHECK(REQUIRE_OK(wire.echo({ { wire.authority.path("ca.crt") } }, megabytes)) == megabytes);
    wire.server.reset();
    auto const facts = tests::events_of<trace::TlsEstablished>(wire.log);
    REQUIRE(facts.size() == 1);
    CHECK(facts[0].version == "TLSv1.3");
    CHECK(facts[0].server == "server");
    CHECK(facts[0].client.empty());
    CHECK(facts[0].connection == tests::events_of<trace::ConnectionOpened>(wire.log)[0].connection);
}

TEST_CASE("TLS: a certificate has to come from whom we trust and name the host", "[engine][tls][hardening]")
{
    Wire wire;
    wire.serve();
    auto const stranger = wire.echo({}, "x"); // the system's authorities do not know the test's
    REQUIRE_FALSE(stranger);
    CHECK(stranger.error().kind() == ErrorKind::Forbidden);
    CHECK(names(stranger.error(), "failed to verify certificate"));

    wire.authority.issue("other", "DNS:elsewhere");
    auto const directory = wire.authority.path("server.crt").parent_path();
    std::filesystem::rename(directory / "other.crt", directory / "server.crt");
    std::filesystem::rename(directory / "other.key", directory / "server.key");
    wire.serve();
    auto const other_name = wire.echo({ { wire.authority.path("ca.crt") } }, "x");
    REQUIRE_FALSE(other_name);
    CHECK(names(other_name.error(), "mismatch"));
}

TEST_CASE("TLS: a server that asks for certificates lets nobody in without one", "[engine][tls][hardening]")
{
    Wire wire;
    wire.serve(wire.authority.path("ca.crt"));
    CHECK_FALSE(wire.echo({ { wire.authority.path("ca.crt") } }, "x"));

    tests::TemporaryDirectory const elsewhere;
    tests::Authority forger(elsewhere.path());
    forger.issue("alice", "DNS:alice");
    CHECK_FALSE(wire.echo(
        { { wire.authority.path("ca.crt") }, Identity { forger.path("alice.crt"), forger.path("alice.key") } }, "x"));

    CHECK(REQUIRE_OK(wire.echo({ { wire.authority.path("ca.crt") }, wire.identity("alice") }, "hello")) == "hello");
    wire.server.reset();
    auto const facts = tests::events_of<trace::TlsEstablished>(wire.log);
    REQUIRE(facts.size() == 1);
    CHECK(facts[0].client == "alice");
}

TEST_CASE("TLS: nothing older than 1.2", "[engine][tls][hardening]")
{
    Wire wire;
    wire.serve();
    auto const port = std::to_string(wire.server->endpoint().port);
    auto const connects = [&](std::string const& version) {
        return std::system(("openssl s_client -connect 127.0.0.1:" + port + " " + version
                   + " -cipher ALL:@SECLEVEL=0 </dev/null >/dev/null 2>&1")
                               .c_str())
            == 0;
    };
    CHECK_FALSE(connects("-tls1_1"));
    CHECK(connects("-tls1_2"));
}

TEST_CASE("TLS: a client that speaks plain HTTP, or none at all, ends only itself", "[engine][tls][hardening]")
{
    Wire wire;
    wire.serve();
    auto const silent = REQUIRE_OK(wire.network.connect({}, wire.server->endpoint()));
    auto const plain = REQUIRE_OK(wire.network.connect({}, wire.server->endpoint()));
    REQUIRE_OK(plain->write_all("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"));
    std::string buffer(100, '\0');
    while (plain->read_some(buffer).value_or(0) > 0) { }
    CHECK(REQUIRE_OK(wire.echo({ { wire.authority.path("ca.crt") } }, "x")) == "x");
}

TEST_CASE("TLS: files that cannot be used are named", "[engine][tls]")
{
    Wire wire;
    auto const missing = tls::encrypting(wire.network, wire.scheduler, { { "/nosuch/ca.crt" } });
    REQUIRE_FALSE(missing);
    CHECK(names(missing.error(), "/nosuch/ca.crt"));
    auto listener = REQUIRE_OK(wire.network.listen({}, { network::Endpoint::Kind::Tcp, {}, "127.0.0.1", 0 }));
    auto const swapped = tls::encrypting(std::move(listener), wire.scheduler,
        { { wire.authority.path("server.crt"), wire.authority.path("alice.key") } });
    REQUIRE_FALSE(swapped);
    CHECK(names(swapped.error(), "alice.key"));
}

TEST_CASE("HTTP: a plain server closes at once what begins like TLS", "[engine][tls][http]")
{
    Wire wire;
    auto const server = http::Server::start(
        wire.scheduler, REQUIRE_OK(wire.network.listen({}, { network::Endpoint::Kind::Tcp, {}, "127.0.0.1", 0 })),
        [](http::Exchange& exchange) { static_cast<void>(exchange.respond(200, {}, "plain")); }, {},
        http::ServerOptions {});
    auto const encrypted
        = REQUIRE_OK(tls::encrypting(wire.network, wire.scheduler, { { wire.authority.path("ca.crt") } }));
    auto const begin = wire.scheduler.now();
    CHECK_FALSE(encrypted->connect({}, server->endpoint()));
    CHECK(wire.scheduler.now() - begin < std::chrono::seconds(2));
    http::Client client(wire.network, {}, server->endpoint(), wire.scheduler, "localhost");
    CHECK(REQUIRE_OK(client.send({})).status == 200);
}
