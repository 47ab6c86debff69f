// The real docker command line against our daemon, over a unix socket. The runtime is the fake one: what is tested
// here is the door, not the kernel.

#include "engine/daemon/Daemon.h"
#include "engine/os/LiveNetwork.h"
#include "sim/time/LiveScheduler.h"
#include "tests/engine/daemon/FakeRuntime.h"
#include "tests/support/Catch.h"
#include "tests/support/Events.h"
#include "tests/support/Images.h"
#include "tests/support/LeakCheck.h"
#include "tests/support/TemporaryDirectory.h"

#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <fstream>
#include <iostream>

using namespace drydock;

namespace {

struct Typed {
    int status { 0 };
    std::string text; // both streams
};

bool docker_is_there()
{
    bool const there = std::system("docker --version >/dev/null 2>&1") == 0;
    if (!there)
        std::cerr << "skipped: there is no docker command line here\n";
    return there;
}

// What happens on other threads takes its time, and a loaded machine more.
bool eventually(std::function<bool()> const& holds)
{
    for (int i = 0; i < 1000 && !holds(); ++i)
        ::usleep(10'000);
    return holds();
}

std::size_t thread_count()
{
    std::filesystem::directory_iterator const threads("/proc/self/task");
    return static_cast<std::size_t>(std::distance(begin(threads), end(threads)));
}

struct LiveHouse {
    LiveHouse()
    {
        content::ContentStore content(*storage, {});
        layer::LayerStore layers(*storage, {});
        auto const images = REQUIRE_OK(image::ImageStore::open(*storage, content, layers, {}));
        layer::MemoryTar tar;
        tar.add(tests::file("motd", "hi\n"), "hi\n");
        auto const image = tests::small_image({ tar.finish() });
        REQUIRE_OK(tests::put_parts(image, content, layers));
        auto const name = REQUIRE_OK(oci::Reference::parse("small"));
        REQUIRE_OK(images->add(image.config, image.layers, {}, name));
        trace::Publisher const publisher(log, scheduler, { { "laptop" }, { "daemon" }, {} });
        daemon = REQUIRE_OK(
            daemon::Daemon::open({ .host = { "laptop" }, .registries = {}, .kernel = "Test", .warnings = {} },
                { scheduler, random, network, *storage, runtime, publisher }));
        http::ServerOptions options { .actor = { "daemon" },
            .name_client = [this](network::Peer const& peer) { return daemon->name_client(peer); },
            .client_left = [this](ActorId const& client) { daemon->client_left(client); } };
        network::Endpoint const endpoint { network::Endpoint::Kind::Unix, (directory.path() / "d.sock").string(), {},
            0 };
        server = http::Server::start(
            scheduler, REQUIRE_OK(network.listen({ "laptop" }, endpoint)),
            [this](http::Exchange& exchange) { daemon->handle(exchange); }, publisher, std::move(options));
    }
    ~LiveHouse()
    {
        daemon->shut_down();
        server.reset();
    }

    template <class E> std::vector<E> events() const { return tests::events_of<E>(log); }

    int answer_to(std::string target, std::string json)
    {
        http::Client client(network, {}, server->endpoint(), scheduler, "docker");
        http::Request request { .method = "POST",
            .target = std::move(target),
            .headers = { { "Content-Type", "application/json" } },
            .body = std::move(json) };
        return REQUIRE_OK(client.send(std::move(request))).status;
    }

    // A line for the shell, with "docker" bound to our socket.
    Typed type(std::string const& line)
    {
        std::string const environment = "export DOCKER_HOST=unix://" + (directory.path() / "d.sock").string()
            + " DOCKER_CONFIG=" + directory.path().string() + "; exec 2>&1; ";
        auto* const pipe = ::popen((environment + line).c_str(), "r");
        REQUIRE(pipe != nullptr);
        Typed typed;
        char buffer[4096];
        while (auto const size = std::fread(buffer, 1, sizeof buffer, pipe))
            typed.text.append(buffer, size);
        int const status = ::pclose(pipe);
        typed.status = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
        return typed;
    }

    tests::TemporaryDirectory directory;
    LiveScheduler scheduler;
    os::LiveNetwork network;
    Random random { 1 };
    trace::EventLog log;
    std::unique_ptr<content::Storage> storage { content::make_memory_storage() };
    tests::FakeRuntime runtime { scheduler };
    std::unique_ptr<daemon::Daemon> daemon;
    std::unique_ptr<http::Server> server;
};

}

TEST_CASE("docker CLI: run gives output and exit status", "[system][daemon]")
{
    if (!docker_is_there())
        return;
    LiveHouse house;
    auto const hello = house.type("docker run --rm small echo hello");
    CHECK(hello.text == "hello\n");
    CHECK(hello.status == 0);
    CHECK(house.type("docker run --rm small exit 7").status == 7);
    auto const missing = house.type("docker run --rm small nosuchcmd");
    CHECK(missing.status == 127);
    CHECK(missing.text.find("executable file not found in $PATH") != std::string::npos);
    CHECK(house.type("docker run --rm small /etc/passwd").status == 126);
    CHECK(house.type("docker run --rm -v /a:/b small exit 0").status == 125);
    CHECK(house.type("docker ps -aq").text.empty());
}

TEST_CASE("docker CLI: who comes appears once, and leaves with its last connection", "[system][daemon]")
{
    if (!docker_is_there())
        return;
    LiveHouse house;
    for (auto const* line : { "docker run --rm small echo hello", "docker ps" }) {
        REQUIRE(house.type(line).status == 0);
        REQUIRE(eventually([&] {
            return house.events<trace::ActorLeft>().size()
                == house.events<trace::ActorAppeared>().size() - 1; // the daemon stays
        }));
    }
    auto const appeared = house.events<trace::ActorAppeared>();
    auto const left = house.events<trace::ActorLeft>();
    REQUIRE(left.size() == 2);
    CHECK(appeared[1].label == "docker");
    CHECK(left[0].actor == appeared[1].actor);
    CHECK(left[1].actor == appeared[2].actor);
}

TEST_CASE("Daemon: clients that hang up while they wait leave no descriptor and no thread", "[system][daemon]")
{
    LiveHouse house;
    std::string const head = " HTTP/1.1\r\nHost: docker\r\nContent-Length: 0\r\n\r\n";
    network::Endpoint const endpoint = house.server->endpoint();
    REQUIRE(house.answer_to("/containers/create?name=waiting", R"({"Image":"small","Cmd":["sleep"]})") == 201);
    REQUIRE(house.answer_to("/containers/waiting/start", "") == 204);
    auto const threads = thread_count();
    tests::LeakCheck const leaks;
    {
        std::vector<std::unique_ptr<network::ByteStream>> clients;
        for (int i = 0; i < 50; ++i) {
            for (auto const* request : { "GET /events", "POST /containers/waiting/wait" }) {
                clients.push_back(REQUIRE_OK(house.network.connect({}, endpoint)));
                REQUIRE_OK(clients.back()->write_all(request + head));
            }
        }
        char begin[15];
        for (auto const& client : clients)
            REQUIRE(REQUIRE_OK(client->read_some(begin)) > 0);
        CHECK(thread_count() >= threads + 100);
    }
    CHECK(eventually([&] { return thread_count() <= threads && leaks.leftovers().empty(); }));
    CHECK(leaks.leftovers() == "");
    CHECK(thread_count() <= threads);
}

TEST_CASE("docker CLI: run -i copies what is typed to its end", "[system][daemon]")
{
    if (!docker_is_there())
        return;
    LiveHouse house;
    auto const copied = house.type("printf 'one\\ntwo\\n' | docker run -i --rm small cat");
    CHECK(copied.text == "one\ntwo\n");
    CHECK(copied.status == 0);
}

TEST_CASE("docker CLI: the life of a container", "[system][daemon]")
{
    if (!docker_is_there())
        return;
    LiveHouse house;
    REQUIRE(house.type("docker run -d --name web small sleep").status == 0);
    CHECK(house.type("docker ps --format '{{.Names}} {{.Image}} {{.State}}'").text == "web small running\n");
    CHECK(house.type("docker exec web echo hi").text == "hi\n");
    CHECK(house.type("docker exec web exit 4").status == 4);
    CHECK(house.type("docker top web -o pid,cmd").text == "PID                 CMD\n4711                sleep\n");
    CHECK(house.type("docker top web").text.starts_with("UID"));
    CHECK(house.type("docker top web --zz").status == 1);
    CHECK(house.type("docker pause web").text == "web\n");
    CHECK(house.type("docker unpause web").text == "web\n");
    CHECK(house.type("docker rename web site").status == 0);
    CHECK(house.type("docker inspect -f '{{.State.Status}} {{.Name}}' site").text == "running /site\n");
    CHECK(house.type("docker stop -t 1 site").text == "site\n");
    CHECK(house.type("docker wait site").text == "137\n");
    CHECK(house.type("docker start site").status == 0);
    CHECK(house.type("docker kill site").text == "site\n");
    CHECK(house.type("docker diff site").text.empty());
    CHECK(house.type("docker rm site").text == "site\n");
    CHECK(house.type("docker rm -f site").status == 0);
    CHECK(house.type("docker rm site").text == "Error response from daemon: No such container: site\n");
}

TEST_CASE("docker CLI: logs, images, history, version, info, lists", "[system][daemon]")
{
    if (!docker_is_there())
        return;
    LiveHouse house;
    REQUIRE(house.type("docker run --name job small echo one").text == "one\n");
    CHECK(house.type("docker logs job").text == "one\n");
    CHECK(house.type("docker logs --tail 0 job").text.empty());
    CHECK(house.type("docker start -a job").text == "one\n");
    CHECK(house.type("docker images --format '{{.Repository}}:{{.Tag}}'").text == "small:latest\n");
    CHECK(house.type("docker tag small other:v1 && docker rmi other:v1").text == "Untagged: other:v1\n");
    CHECK(house.type("docker history -q small").text.find("<missing>") != std::string::npos);
    CHECK(house.type("docker version").status == 0);
    CHECK(house.type("docker info").status == 0);
    CHECK(house.type("docker network ls --format '{{.Name}}'").text == "bridge\nhost\nnone\n");
    CHECK(house.type("docker volume ls -q").text.empty());
    CHECK(house.type("docker inspect nosuch").text == "[]\nError: No such object: nosuch\n");
    CHECK(house.type("docker rmi small").status == 1);
    CHECK(house.type("docker commit job").text.starts_with("sha256:"));
}
