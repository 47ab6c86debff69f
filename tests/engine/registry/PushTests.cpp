// What a client sends to a registry, and who it says it is.

#include "Hub.h"

#include "engine/registry/Challenge.h"
#include "engine/registry/RegistryClient.h"
#include "engine/registry/Tokens.h"
#include "tests/support/Events.h"

#include <algorithm>

using namespace drydock;
using oci::Digest;
using registry::BlobArrived;
using registry::Credentials;
using registry::Document;
using registry::Gate;
using registry::Htpasswd;
using registry::RegistryClient;
using tests::Hub;

namespace {

// htpasswd -nbB alice secret, at bcrypt's lowest cost
std::string const alice = "alice:$2b$04$oJ40IjbUIp9dfJgvAot/3OZ3udzn5gnV9rHWazMAg5TXxexxJ.AnW\n";
std::string const key(32, 'k');

class TextFile final : public content::ReadableFile {
public:
    explicit TextFile(std::string text)
        : m_text(std::move(text))
    {
    }
    std::uint64_t size() const override { return m_text.size(); }
    Result<std::size_t> read_at(std::uint64_t offset, std::span<char> buffer) const override
    {
        return std::string_view(m_text).substr(offset).copy(buffer.data(), buffer.size());
    }

private:
    std::string m_text;
};

struct Quay : Hub {
    explicit Quay(std::unique_ptr<Gate> gate = nullptr)
        : guarded(*storage, random, {}, std::move(gate))
    {
        serve([this](http::Exchange& exchange) {
            asked.push_back(exchange.method() + " " + exchange.raw_target());
            authorizations.push_back(exchange.headers().get("Authorization").value_or(""));
            guarded.handle(exchange);
        });
    }

    RegistryClient client(std::optional<Credentials> credentials = std::nullopt)
    {
        return { network, scheduler, { "laptop" }, { endpoint, { "registry:hub" }, false, std::move(credentials) },
            events.publisher() };
    }
    Result<RegistryClient::Mount> push(RegistryClient& to, std::string const& repository, std::string const& bytes,
        std::optional<std::string> const& known_in = std::nullopt)
    {
        return to.push_blob(repository, { "application/octet-stream", Digest::of(bytes), bytes.size(), {} },
            TextFile(bytes), known_in, [](std::uint64_t) -> Result<void> { return {}; });
    }

    tests::RecordedEvents events;
    registry::RegistryServer guarded;
    std::vector<std::string> asked;
    std::vector<std::string> authorizations;
};

std::unique_ptr<Gate> basic()
{
    return registry::make_basic_gate(REQUIRE_OK(Htpasswd::parse(alice)));
}

Credentials const is_alice { "alice", "secret", {}, {} };

}

TEST_CASE("Push: a blob travels once, and then never again", "[engine][registry]")
{
    Quay quay;
    auto client = quay.client();
    std::string const bytes(600'000, 'b');
    CHECK(REQUIRE_OK(quay.push(client, "lib/app", bytes)).how == BlobArrived::Sent);
    CHECK(quay.events.of<trace::BlobTransferStarted>().size() == 1);
    CHECK(quay.events.of<trace::BlobBytesArrived>().back().received == bytes.size());
    CHECK(quay.ask("GET", "/v2/lib/app/blobs/" + Digest::of(bytes).to_string()).body == bytes);

    quay.asked.clear();
    CHECK(REQUIRE_OK(quay.push(client, "lib/app", bytes)).how == BlobArrived::WasThere);
    CHECK(quay.asked.size() == 1);
    auto const skipped = quay.events.of<trace::BlobSkipped>();
    REQUIRE(skipped.size() == 1);
    CHECK(skipped[0].reason == "already in the registry");
    CHECK(skipped[0].size == bytes.size());
}

TEST_CASE("Push: a registry that mounts spares the bytes", "[engine][registry]")
{
    Quay quay;
    auto client = quay.client();
    std::string const bytes = "layer";
    // Our own registry keeps the blobs of all repositories together and has it at once; others are asked to mount.
    quay.serve([&](http::Exchange& exchange) {
        bool const mounts = exchange.method() == "POST" && exchange.target().get("from") == "library/busybox"
            && exchange.target().get("mount") == Digest::of(bytes).to_string();
        quay.asked.push_back(exchange.method());
        bool const is_there = quay.asked.size() > 2;
        static_cast<void>(exchange.respond(mounts ? 201 : is_there ? 200 : 404, {}, {}));
    });
    auto const mount = REQUIRE_OK(quay.push(client, "student/app", bytes, "library/busybox"));
    CHECK(mount.how == BlobArrived::Mounted);
    CHECK(mount.from == "library/busybox");
    CHECK(quay.asked == std::vector<std::string> { "HEAD", "POST", "HEAD" });
    CHECK(quay.events.of<trace::BlobTransferStarted>().empty());
    auto const mounted = quay.events.of<trace::BlobMounted>();
    REQUIRE(mounted.size() == 1);
    CHECK(mounted[0].from_repository == "library/busybox");
    CHECK(mounted[0].size == bytes.size());
}

TEST_CASE("Push: a cut upload goes on at the byte where the registry has it", "[engine][registry][hardening]")
{
    Quay quay;
    auto client = quay.client();
    std::string const bytes(1'000'000, 'x');
    quay.network.reset_after({ "laptop" }, { "hub" }, 400'000);
    CHECK(REQUIRE_OK(quay.push(client, "app", bytes)).how == BlobArrived::Sent);
    CHECK(quay.ask("GET", "/v2/app/blobs/" + Digest::of(bytes).to_string()).body == bytes);
    auto const begun = quay.events.of<trace::BlobTransferStarted>();
    REQUIRE(begun.size() == 2);
    CHECK(begun[0].offset == 0);
    CHECK(begun[1].offset > 100'000);
    CHECK(std::count_if(quay.asked.begin(), quay.asked.end(), [](auto const& ask) { return ask.starts_with("POST "); })
        == 1);
}

TEST_CASE(
    "Push: where the upload is gone, or what it says makes no sense, another begins", "[engine][registry][hardening]")
{
    Quay quay;
    auto client = quay.client();
    std::string const bytes(1'000'000, 'x');
    auto const status = GENERATE(404, 204, 206);
    auto const range = GENERATE(as<std::string> {}, "", "0-99999999999999999999", "7-9", "0-1000000", "0-x");
    CAPTURE(status, range);
    quay.serve([&](http::Exchange& exchange) {
        quay.asked.push_back(exchange.method());
        if (exchange.method() == "GET" && exchange.raw_target().find("/uploads/") != std::string::npos)
            static_cast<void>(exchange.respond(status, { { "Range", range } }, {}));
        else
            quay.guarded.handle(exchange);
    });
    quay.network.reset_after({ "laptop" }, { "hub" }, 400'000);
    CHECK(REQUIRE_OK(quay.push(client, "app", bytes)).how == BlobArrived::Sent);
    CHECK(std::count(quay.asked.begin(), quay.asked.end(), "POST") == 2);
}

TEST_CASE("Push: a registry that says that it has more than it has gets all of it, and not for ever",
    "[engine][registry][hardening]")
{
    Quay quay;
    auto client = quay.client();
    std::string const bytes(1'000'000, 'x');
    quay.serve([&](http::Exchange& exchange) {
        quay.asked.push_back(exchange.method());
        bool const upload = exchange.raw_target().find("/uploads/") != std::string::npos;
        if (exchange.method() == "GET" && upload)
            static_cast<void>(exchange.respond(204, { { "Range", "0-899999" } }, {}));
        else
            quay.guarded.handle(exchange);
    });
    quay.network.reset_after({ "laptop" }, { "hub" }, 400'000);
    CHECK(REQUIRE_OK(quay.push(client, "app", bytes)).how == BlobArrived::Sent);
    CHECK(std::count(quay.asked.begin(), quay.asked.end(), "POST") == 2);
}

TEST_CASE("RegistryClient: work that nobody waits for ends at once, in a silence and in a pause",
    "[engine][registry][hardening]")
{
    Quay quay;
    bool const silent = GENERATE(true, false);
    CAPTURE(silent);
    quay.serve([&](http::Exchange& exchange) {
        if (silent)
            quay.scheduler.sleep_for(std::chrono::seconds(10));
        static_cast<void>(exchange.respond(503, { { "Retry-After", "30" } }, {}));
    });
    std::stop_source gone;
    RegistryClient client(quay.network, quay.scheduler, { "laptop" }, { quay.endpoint, { "registry:hub" } },
        quay.events.publisher(), gone.get_token());
    auto const began = quay.scheduler.now();
    std::optional<Error> error;
    auto const task = quay.scheduler.spawn("pull", [&] {
        auto const result = client.manifest("app", "1");
        if (!result)
            error = result.error();
    });
    quay.scheduler.sleep_for(std::chrono::seconds(2));
    gone.request_stop();
    task->join();
    REQUIRE(error);
    CHECK(error->kind() == ErrorKind::Cancelled);
    CHECK(quay.scheduler.now() - began < std::chrono::seconds(3));
}

TEST_CASE("Push: a manifest is refused until all it names is there, in the registry's words", "[engine][registry]")
{
    Quay quay;
    auto client = quay.client();
    auto const text = Hub::manifest_of("{}", "layer");
    Document const document { tests::oci_manifest, Digest::of(text), text };
    auto const early = client.push_manifest("app", "1", document);
    REQUIRE_FALSE(early);
    CHECK(early.error().message().find("manifest blob unknown") != std::string::npos);
    REQUIRE_OK(quay.push(client, "app", "{}"));
    REQUIRE_OK(quay.push(client, "app", "layer"));
    REQUIRE_OK(client.push_manifest("app", "1", document));
    CHECK(REQUIRE_OK(client.manifest("app", "1")).bytes == text);
}

TEST_CASE("Auth: basic, the password goes along once the registry asks", "[engine][registry]")
{
    Quay quay(basic());
    auto client = quay.client(is_alice);
    REQUIRE_OK(client.check());
    CHECK(quay.authorizations == std::vector<std::string> { "", "Basic YWxpY2U6c2VjcmV0" });
    CHECK(REQUIRE_OK(quay.push(client, "app", "bytes")).how == BlobArrived::Sent);
    CHECK(quay.events.of<trace::AuthenticationRequired>().size() == 1);
    auto const let_in = quay.events.of<trace::AuthenticationSucceeded>();
    REQUIRE(let_in.size() == 1);
    CHECK(let_in[0].user == "alice");

    auto nobody = quay.client();
    auto const refused = quay.push(nobody, "app", "other");
    REQUIRE_FALSE(refused);
    CHECK(refused.error().kind() == ErrorKind::Unauthorized);
    CHECK(refused.error().message().find("no basic auth credentials") != std::string::npos);

    auto wrong = quay.client(Credentials { "alice", "guess", {}, {} });
    quay.asked.clear();
    REQUIRE_FALSE(wrong.check());
    CHECK(quay.asked.size() == 2); // asked once, shown once, no storm
}

TEST_CASE("Auth: tokens, one for each right, fetched anew when they expire", "[engine][registry]")
{
    Quay quay;
    registry::RegistryServer guarded(*quay.storage, quay.random, {},
        registry::make_token_gate(REQUIRE_OK(Htpasswd::parse(alice)), key, quay.scheduler, false));
    std::vector<std::string> asked;
    quay.serve([&](http::Exchange& exchange) {
        asked.push_back(exchange.target().path);
        guarded.handle(exchange);
    });
    auto client = quay.client(is_alice);
    REQUIRE_OK(quay.push(client, "app", "bytes"));
    REQUIRE_OK(quay.push(client, "app", "more bytes"));
    auto const tokens = [&] { return std::count(asked.begin(), asked.end(), "/token"); };
    CHECK(tokens() == 1);
    quay.scheduler.sleep_for(std::chrono::seconds(301));
    REQUIRE_OK(quay.push(client, "app", "bytes after five minutes"));
    CHECK(tokens() == 2);

    // Nobody in particular may pull, and not push.
    auto const text = Hub::manifest_of("{}", "bytes");
    REQUIRE_OK(quay.push(client, "app", "{}"));
    REQUIRE_OK(client.push_manifest("app", "1", { tests::oci_manifest, Digest::of(text), text }));
    auto nobody = quay.client();
    CHECK(REQUIRE_OK(nobody.manifest("app", "1")).bytes == text);
    auto const refused = quay.push(nobody, "app", "mine");
    REQUIRE_FALSE(refused);
    CHECK(refused.error().kind() == ErrorKind::Unauthorized);

    auto wrong = quay.client(Credentials { "alice", "guess", {}, {} });
    auto const error = wrong.check().error();
    CHECK(error.message().find("incorrect username or password") != std::string::npos);
    CHECK(error.message().find("guess") == std::string::npos);
}

TEST_CASE("Auth: credentials follow to no other host", "[engine][registry][hardening]")
{
    Quay quay;
    network::Endpoint const thief { network::Endpoint::Kind::Tcp, {}, "thief", 80 };
    quay.network.add_host({ "thief" });
    std::vector<std::string> stolen;
    auto const trap = http::Server::start(
        quay.scheduler, REQUIRE_OK(quay.network.listen({ "thief" }, thief)),
        [&](http::Exchange& exchange) {
            stolen.push_back(exchange.headers().get("Authorization").value_or(""));
            static_cast<void>(exchange.respond(401, { { "WWW-Authenticate", "Basic realm=\"thief\"" } }, {}));
        },
        {}, http::ServerOptions {});
    auto client = quay.client(is_alice);

    SECTION("by a redirect")
    {
        quay.serve([](http::Exchange& exchange) {
            bool const shown = exchange.headers().get("Authorization").has_value();
            http::Headers const headers = shown ? http::Headers { { "Location", "http://thief/v2/app/manifests/1" } }
                                                : http::Headers { { "WWW-Authenticate", "Basic realm=\"hub\"" } };
            static_cast<void>(exchange.respond(shown ? 307 : 401, headers, {}));
        });
        CHECK_FALSE(client.manifest("app", "1"));
        CHECK(stolen == std::vector<std::string> { "" });
    }
    SECTION("by a realm elsewhere")
    {
        quay.serve([](http::Exchange& exchange) {
            static_cast<void>(exchange.respond(
                401, { { "WWW-Authenticate", "Bearer realm=\"http://thief/token\",service=\"x\"" } }, {}));
        });
        auto const refused = client.manifest("app", "1");
        REQUIRE_FALSE(refused);
        CHECK(refused.error().message().find("another host") != std::string::npos);
        CHECK(stolen.empty());
    }
    SECTION("by an upload's location elsewhere")
    {
        quay.serve([](http::Exchange& exchange) {
            auto const& method = exchange.method();
            if (!exchange.headers().get("Authorization"))
                return static_cast<void>(exchange.respond(401, { { "WWW-Authenticate", "Basic realm=\"hub\"" } }, {}));
            static_cast<void>(
                exchange.respond(method == "POST" ? 202 : 404, { { "Location", "http://thief/upload" } }, {}));
        });
        CHECK_FALSE(quay.push(client, "app", "bytes"));
        CHECK(stolen == std::vector<std::string> { "" });
    }
}

TEST_CASE("Auth: a token server cannot put anything into our headers", "[engine][registry][hardening]")
{
    Quay quay;
    auto const token = GENERATE(as<std::string> {}, R"("a\r\nX-Evil: 1")", R"("")", "12", R"("a b")");
    CAPTURE(token);
    quay.serve([&](http::Exchange& exchange) {
        if (exchange.target().path == "/token")
            return static_cast<void>(exchange.respond(200, {}, R"({"token":)" + token + "}"));
        static_cast<void>(
            exchange.respond(401, { { "WWW-Authenticate", "Bearer realm=\"http://hub:5000/token\"" } }, {}));
    });
    auto client = quay.client(is_alice);
    auto const refused = client.check();
    REQUIRE_FALSE(refused);
    CHECK(refused.error().message().find("no usable token") != std::string::npos);
}

TEST_CASE(
    "Auth: a registry that is never content is left, and so is a token without end", "[engine][registry][hardening]")
{
    Quay quay;
    int asked = 0;
    int tokens = 0;
    auto const answer = GENERATE(as<std::string> {}, R"({"token":"good"})", std::string(1 << 20, ' '), "no JSON", "[]");
    CAPTURE(answer.size());
    quay.serve([&](http::Exchange& exchange) {
        if (exchange.target().path == "/token") {
            ++tokens;
            return static_cast<void>(exchange.respond(200, {}, answer));
        }
        ++asked;
        static_cast<void>(
            exchange.respond(401, { { "WWW-Authenticate", "Bearer realm=\"http://hub:5000/token\"" } }, {}));
    });
    auto client = quay.client(is_alice);
    CHECK_FALSE(client.manifest("app", "1"));
    CHECK(asked <= 4);
    CHECK(tokens <= 3);
    CHECK(asked >= 1);
}

TEST_CASE("Tokens: what was signed is what is accepted, for a while", "[engine][registry]")
{
    using namespace registry;
    // RFC 4231, test case 2
    auto const mac = hmac_sha256("Jefe", "what do ya want for nothing?");
    CHECK(static_cast<unsigned char>(mac[0]) == 0x5b);
    CHECK(static_cast<unsigned char>(mac[31]) == 0x43);

    Timestamp const now { 1'767'603'600'000'000'000 };
    Claims const claims { "alice", { REQUIRE_OK(Access::parse("repository:127.0.0.1:5000/app:push,pull")) } };
    auto const token = sign_token(claims, key, now, std::chrono::seconds(60));
    auto const read = verify_token(token, key, now);
    REQUIRE(read);
    CHECK(read->subject == "alice");
    CHECK(read->allows("repository", "127.0.0.1:5000/app", "push"));
    CHECK_FALSE(read->allows("repository", "127.0.0.1:5000/app", "delete"));
    CHECK_FALSE(read->allows("repository", "app", "push"));
    CHECK_FALSE(verify_token(token, key, now + std::chrono::seconds(60)));
    CHECK_FALSE(verify_token(token, "another key", now));
    for (std::size_t i = 0; i < token.size(); i += 7) {
        auto changed = token;
        changed[i] = changed[i] == 'A' ? 'B' : 'A';
        CAPTURE(i);
        CHECK((changed == token || !verify_token(changed, key, now)));
    }
    // "none" as an algorithm is the oldest trick with these.
    CHECK_FALSE(verify_token("eyJhbGciOiJub25lIn0.eyJzdWIiOiJhbGljZSJ9.", key, now));
}

TEST_CASE("Htpasswd: a user made from a password is let in with it alone", "[engine][registry]")
{
    auto const file = REQUIRE_OK(Htpasswd::of("dev", "harbour", "0123456789abcdef"));
    CHECK(file.accepts("dev", "harbour"));
    CHECK_FALSE(file.accepts("dev", "harbor"));
    CHECK_FALSE(file.accepts("root", "harbour"));
    CHECK_FALSE(Htpasswd::of("dev", "harbour", "too short"));
}

TEST_CASE("Htpasswd: bcrypt lines, and nothing else", "[engine][registry]")
{
    auto const file = REQUIRE_OK(Htpasswd::parse("# people\n\n" + alice));
    CHECK(file.accepts("alice", "secret"));
    CHECK_FALSE(file.accepts("alice", "Secret"));
    CHECK_FALSE(file.accepts("bob", "secret"));
    auto const bad = GENERATE(as<std::string> {}, "alice", "alice:secret", ":$2y$", "alice:$apr1$x$y");
    CAPTURE(bad);
    auto const refused = Htpasswd::parse("\n" + bad);
    REQUIRE_FALSE(refused);
    CHECK(refused.error().message().find("line 2") != std::string::npos);
}

TEST_CASE("Challenges: are read as RFC 9110 has them, and junk is no challenge", "[engine][registry]")
{
    auto const several = registry::parse_challenges(
        R"(Basic realm="a \"b\"", Bearer realm="https://auth/token",service="x",scope="repository:a:pull,push")");
    REQUIRE(several.size() == 2);
    CHECK(several[0].scheme == "basic");
    CHECK(several[0].get("realm") == "a \"b\"");
    CHECK(several[1].get("scope") == "repository:a:pull,push");
    CHECK(several[1].get("nothing").empty());
    for (auto const* junk : { "", ",,,", "\"", "=", "a=b", "Bearer realm=\"open" })
        CHECK(registry::parse_challenges(junk).size() <= 1);
}
