#pragma once

// A daemon with its HTTP server in the simulated world, over memory and the fake runtime, with the image "small" in
// its store, and our own client to type at it.

#include "FakeRuntime.h"

#include "engine/client/DockerClient.h"
#include "engine/daemon/Daemon.h"
#include "sim/network/SimulatedNetwork.h"
#include "sim/time/VirtualScheduler.h"
#include "tests/support/Catch.h"
#include "tests/support/Events.h"
#include "tests/support/Images.h"

#include <nlohmann/json.hpp>

namespace drydock::tests {

struct Typed {
    int status { 0 };
    std::string out;
    std::string err;
};

struct House {
    explicit House(std::shared_ptr<content::Storage> its_storage = content::make_memory_storage())
        : storage(std::move(its_storage))
    {
        network.add_host({ "laptop" });
        open();
    }
    ~House() { close(); }

    void open()
    {
        if (!storage->exists("ready"))
            put_image();
        daemon = REQUIRE_OK(
            daemon::Daemon::open({ .host = { "laptop" }, .registries = {}, .kernel = "Test 1.0", .warnings = {} },
                { scheduler, random, network, *storage, runtime, publisher("daemon") }));
        http::ServerOptions options;
        options.actor = { "daemon" };
        options.common = { { "Api-Version", "1.50" } };
        server = http::Server::start(
            scheduler, REQUIRE_OK(network.listen({ "laptop" }, endpoint)),
            [this](http::Exchange& exchange) { daemon->handle(exchange); }, publisher("daemon"), std::move(options));
    }
    void close()
    {
        if (daemon)
            daemon->shut_down();
        server.reset();
        daemon.reset();
    }

    trace::Publisher publisher(std::string actor)
    {
        return { log, scheduler, { { "laptop" }, { std::move(actor) }, trace::Provenance::Simulated } };
    }

    // One command line of our client. `input` is what is typed; the end of it follows.
    Typed type(std::string const& line, std::string input = {})
    {
        Typed typed;
        bool given = input.empty();
        client::Terminal const terminal { .write
            = [&](bool to_stderr, std::string_view text) { (to_stderr ? typed.err : typed.out) += text; },
            .read = [&] { return std::exchange(given, true) ? std::string() : input; },
            .stop_reading = nullptr };
        client::DockerClient docker(network, scheduler, { "laptop" }, endpoint, publisher("client-terminal"));
        typed.status = docker.run(REQUIRE_OK(client::split_words(line)), terminal);
        return typed;
    }

    http::Response send(std::string method, std::string target, std::string json = {})
    {
        http::Client client(network, { "laptop" }, endpoint, scheduler, "docker");
        http::Request request { .method = std::move(method), .target = std::move(target), .headers = {}, .body = {} };
        if (!json.empty())
            request.headers.set("Content-Type", "application/json");
        request.body = std::move(json);
        return REQUIRE_OK(client.send(std::move(request)));
    }
    nlohmann::json get(std::string const& target)
    {
        auto response = send("GET", target);
        return nlohmann::json::parse(REQUIRE_OK(response.body->read_all(1 << 20)));
    }
    std::string message(http::Response response)
    {
        return nlohmann::json::parse(REQUIRE_OK(response.body->read_all(1 << 20))).value("message", "");
    }

    template <class E> std::vector<E> events() const { return tests::events_of<E>(log); }

    VirtualScheduler scheduler { 1, { 1'795'470'000'000'000'000 } };
    Random random { 7 };
    network::SimulatedNetwork network { scheduler };
    trace::EventLog log;
    std::shared_ptr<content::Storage> storage;
    FakeRuntime runtime { scheduler };
    network::Endpoint endpoint { network::Endpoint::Kind::Unix, "/run/drydock.sock", {}, 0 };
    std::unique_ptr<daemon::Daemon> daemon;
    std::unique_ptr<http::Server> server;

private:
    void put_image()
    {
        content::ContentStore content(*storage, {});
        layer::LayerStore layers(*storage, {});
        auto const images = REQUIRE_OK(image::ImageStore::open(*storage, content, layers, {}));
        layer::MemoryTar tar;
        layer::Entry motd;
        motd.path = "motd";
        motd.size = 3;
        tar.add(motd, "hi\n");
        auto const image = small_image({ tar.finish() });
        REQUIRE_OK(put_parts(image, content, layers));
        auto const name = REQUIRE_OK(oci::Reference::parse("small"));
        REQUIRE_OK(images->add(image.config, image.layers, {}, name));
        REQUIRE_OK(storage->write_atomically("ready", "yes"));
    }
};

}
