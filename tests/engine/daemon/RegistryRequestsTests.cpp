// Two machines and a private registry in the simulated world: images go there and come back.

#include "House.h"

#include "engine/registry/RegistryServer.h"
#include "sim/core/Base64.h"

using namespace drydock;
using tests::House;

namespace {

// A registry on a host of its own, which knows alice.
struct Office : House {
    explicit Office(std::unique_ptr<registry::Gate> gate = nullptr)
        : registry(*registry_storage, random, {}, std::move(gate))
    {
        network.add_host({ "registry" }, { "registry.harbour" });
        registry_server = http::Server::start(scheduler,
            REQUIRE_OK(network.listen({ "registry" }, { network::Endpoint::Kind::Tcp, {}, "registry", 5000 })),
            [this](http::Exchange& exchange) { registry.handle(exchange); },
            { log, scheduler, { { "registry" }, { "registry" }, trace::Provenance::Simulated } },
            { .actor = { "registry" } });
    }
    ~Office() { close(); }

    // Whether a request or an answer shows these words.
    bool log_holds(std::string const& words) const
    {
        std::string shown;
        for (auto const& request : events<trace::RequestReceived>())
            shown += request.target + request.headers + request.body;
        for (auto const& response : events<trace::ResponseSent>())
            shown += response.headers + response.body;
        REQUIRE_FALSE(shown.empty());
        return shown.find(words) != std::string::npos;
    }

    std::unique_ptr<content::Storage> registry_storage { content::make_memory_storage() };
    registry::RegistryServer registry;
    std::unique_ptr<http::Server> registry_server;
};

registry::Htpasswd alice()
{
    return REQUIRE_OK(
        registry::Htpasswd::parse("alice:$2b$04$oJ40IjbUIp9dfJgvAot/3OZ3udzn5gnV9rHWazMAg5TXxexxJ.AnW\n"));
}

bool has(std::string const& text, std::string const& words)
{
    UNSCOPED_INFO(text);
    return text.find(words) != std::string::npos;
}

}

TEST_CASE("docker push and pull: the image comes back from a private registry as it went", "[engine][daemon][client]")
{
    Office office;
    REQUIRE(office.type("tag small registry.harbour:5000/app:1").status == 0);
    auto const pushed = office.type("push registry.harbour:5000/app:1");
    CHECK(pushed.status == 0);
    CHECK(has(pushed.out, "The push refers to repository [registry.harbour:5000/app]\n"));
    CHECK(has(pushed.out, ": Preparing\n"));
    CHECK(has(pushed.out, ": Pushed\n"));
    CHECK(has(pushed.out, "1: digest: sha256:"));
    auto const facts = office.events<trace::ManifestPushed>();
    REQUIRE(facts.size() == 1);
    CHECK(facts[0].reference == "registry.harbour:5000/app:1");

    CHECK(has(office.type("push registry.harbour:5000/app:1").out, ": Layer already exists\n"));
    auto const skipped = office.events<trace::BlobSkipped>();
    REQUIRE(skipped.size() == 2); // the layer and the config
    CHECK(skipped[0].reason == "already in the registry");

    auto const id = office.get("/images/small/json")["Id"];
    REQUIRE(office.type("rmi -f small registry.harbour:5000/app:1").status == 0);
    auto const pulled = office.type("pull registry.harbour:5000/app@" + facts[0].manifest.to_string());
    CHECK(pulled.status == 0);
    CHECK(office.get("/images/registry.harbour:5000/app@" + facts[0].manifest.to_string() + "/json")["Id"] == id);
    CHECK(office.type("run --rm registry.harbour:5000/app:1 echo hi").out == "hi\n");
}

TEST_CASE("API: a pull and a push end with the client that asked for them", "[engine][daemon][hardening]")
{
    Office office;
    REQUIRE(office.type("tag small registry.harbour:5000/app:1").status == 0);
    REQUIRE(office.type("push registry.harbour:5000/app:1").status == 0);
    REQUIRE(office.type("rmi registry.harbour:5000/app:1").status == 0);
    REQUIRE(office.type("tag small registry.harbour:5000/new:1").status == 0);
    struct Case {
        std::string request;
        std::string operation;
    };
    auto const [request, operation] = GENERATE(
        Case { "/images/create?fromImage=registry.harbour:5000/app&tag=1 HTTP/1.1\r\nHost: docker\r\n\r\n", "pull" },
        Case { "/images/registry.harbour:5000/new/push?tag=1 HTTP/1.1\r\nHost: docker\r\n\r\n", "push" });
    CAPTURE(operation);
    // An answer takes ten seconds: whoever ends within one did not wait for it.
    office.network.set_link({ "laptop" }, { "registry" }, { .latency = std::chrono::seconds(5) });
    {
        auto const client = REQUIRE_OK(office.network.connect({ "laptop" }, office.endpoint));
        REQUIRE_OK(client->write_all("POST " + request));
        office.scheduler.sleep_for(std::chrono::seconds(16)); // the connection stands, and a question is on its way
    }
    auto const span = [&] {
        SpanId found;
        for (auto const& begun : office.events<trace::SpanBegan>())
            found = begun.operation == operation ? begun.span : found;
        return found;
    }();
    auto const ended = [&] {
        for (auto const& end : office.events<trace::SpanEnded>()) {
            if (end.span == span)
                return std::optional(end.succeeded);
        }
        return std::optional<bool>();
    };
    CHECK_FALSE(ended());
    office.scheduler.sleep_for(std::chrono::seconds(1));
    CHECK(ended() == false);
}

TEST_CASE("docker push: -a takes all tags, a name that is not here is docker's error", "[engine][daemon][client]")
{
    Office office;
    for (auto const* tag : { "1", "2" })
        REQUIRE(office.type(std::string("tag small registry.harbour:5000/app:") + tag).status == 0);
    auto const pushed = office.type("push -a registry.harbour:5000/app");
    CHECK(has(pushed.out, "1: digest:"));
    CHECK(has(pushed.out, "2: digest:"));
    auto const missing = office.type("push registry.harbour:5000/nosuch");
    CHECK(missing.status == 1);
    CHECK(has(missing.err, "An image does not exist locally with the tag: registry.harbour:5000/nosuch"));
}

TEST_CASE("docker login: a private registry lets in who has a password, and no password is in the log",
    "[engine][daemon][client][hardening]")
{
    bool const by_token = GENERATE(false, true);
    CAPTURE(by_token);
    VirtualScheduler const clock { 1, { 1'795'470'000'000'000'000 } };
    Office office(by_token ? registry::make_token_gate(alice(), std::string(32, 'k'), clock, false)
                           : registry::make_basic_gate(alice()));
    REQUIRE(office.type("tag small registry.harbour:5000/app:1").status == 0);
    auto const before = office.type("push registry.harbour:5000/app:1");
    CHECK(before.status == 1);
    CHECK(has(before.err, by_token ? "authentication required" : "no basic auth credentials"));

    auto files = client::memory_files();
    auto const type = [&](std::string const& line, std::string const& input = {}) {
        tests::Typed typed;
        bool given = input.empty();
        client::Terminal const terminal { .write
            = [&](bool to_stderr, std::string_view text) { (to_stderr ? typed.err : typed.out) += text; },
            .read = [&] { return std::exchange(given, true) ? std::string() : input; },
            .stop_reading = nullptr };
        client::DockerClient docker(office.network, office.scheduler, { "laptop" }, office.endpoint,
            office.publisher("client-terminal"), files);
        typed.status = docker.run(REQUIRE_OK(client::split_words(line)), terminal);
        return typed;
    };
    auto const wrong = type("login -u alice --password-stdin registry.harbour:5000", "guess\n");
    CHECK(wrong.status == 1);
    CHECK(has(wrong.err,
        by_token ? "incorrect username or password"
                 : "login attempt to http://registry.harbour:5000/v2/ failed with status: 401 Unauthorized"));
    auto const in = type("login -u alice --password-stdin registry.harbour:5000", "secret\n");
    CHECK(in.status == 0);
    CHECK(has(in.out, "Login Succeeded"));
    CHECK(type("push registry.harbour:5000/app:1").status == 0);
    CHECK(office.events<trace::AuthenticationSucceeded>().size() >= 1);
    CHECK(has(type("logout registry.harbour:5000").out, "Removing login credentials for registry.harbour:5000"));
    CHECK(type("push registry.harbour:5000/app:1").status == 1);
    for (auto const* secret : { "secret\"", "c2VjcmV0", "access_token" }) {
        CAPTURE(secret);
        CHECK_FALSE(office.log_holds(secret));
    }
}

TEST_CASE("docker pull: through a firewall that refuses, the refusal is a fact", "[engine][daemon][client]")
{
    Office office;
    office.network.set_firewall({ { { "laptop" }, { "registry" }, 5000, network::FirewallAction::Reject } });
    auto const pulled = office.type("pull registry.harbour:5000/app:1");
    CHECK(pulled.status == 1);
    CHECK(has(pulled.err, "No route to host"));
    auto const refused = office.events<trace::ConnectionRefused>();
    REQUIRE(refused.size() == 1);
    CHECK(refused[0].endpoint == "tcp://registry.harbour:5000");
    CHECK(refused[0].from.value == "daemon");
}

TEST_CASE("docker save and load: an archive brings an image back", "[engine][daemon][client]")
{
    House house;
    client::DockerClient docker(house.network, house.scheduler, { "laptop" }, house.endpoint, {});
    std::string out;
    client::Terminal const terminal { .write = [&](bool, std::string_view text) { out += text; } };
    auto const type = [&](std::string const& line) {
        out.clear();
        return docker.run(REQUIRE_OK(client::split_words(line)), terminal);
    };
    REQUIRE(type("save -o small.tar small") == 0);
    REQUIRE(type("rmi small") == 0);
    CHECK(type("load -i small.tar") == 0);
    CHECK(out == "Loaded image: small:latest\n");
    CHECK(type("run --rm small echo back") == 0);
    CHECK(out == "back\n");
    CHECK(type("load -i nosuch.tar") == 1);
    CHECK(type("image prune -a -f") == 0);
    CHECK(has(out, "untagged: small:latest\n"));
    CHECK(type("images -q") == 0);
    CHECK(out.empty());
}
