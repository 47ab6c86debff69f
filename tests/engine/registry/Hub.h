#pragma once

// A registry in the simulated world, and the requests a client sends it.

#include "engine/registry/RegistryServer.h"
#include "sim/network/SimulatedNetwork.h"
#include "sim/time/VirtualScheduler.h"
#include "tests/support/Catch.h"

namespace drydock::tests {

inline std::string const oci_manifest(oci::media_type::oci_manifest);

struct Reply {
    int status { 0 };
    http::Headers headers;
    std::string body;
};

struct Hub {
    Hub()
    {
        network.add_host({ "laptop" });
        network.add_host({ "hub" });
        serve([this](http::Exchange& exchange) { registry.handle(exchange); });
    }

    // Another handler in its place: a registry that misbehaves.
    void serve(http::Handler handler)
    {
        server.reset();
        server = http::Server::start(
            scheduler, REQUIRE_OK(network.listen({ "hub" }, endpoint)), std::move(handler), {}, http::ServerOptions {});
    }

    Reply ask(std::string method, std::string target, std::string body = {}, http::Headers headers = {})
    {
        http::Client client(network, { "laptop" }, endpoint, scheduler, "hub:5000");
        auto response = REQUIRE_OK(client.send({ .method = std::move(method),
            .target = std::move(target),
            .headers = std::move(headers),
            .body = std::move(body) }));
        auto text = REQUIRE_OK(response.body->read_all(64 << 20));
        return { response.status, response.headers, std::move(text) };
    }

    // Uploads it in one request.
    oci::Digest push_blob(std::string const& repository, std::string const& bytes)
    {
        auto const digest = oci::Digest::of(bytes);
        auto const reply = ask("POST", "/v2/" + repository + "/blobs/uploads/?digest=" + digest.to_string(), bytes);
        REQUIRE(reply.status == 201);
        return digest;
    }
    static std::string manifest_of(std::string const& config, std::string const& layer)
    {
        using namespace oci::media_type;
        return oci::Manifest {
            std::string(oci_manifest),
            { "application/vnd.oci.image.config.v1+json", oci::Digest::of(config), config.size(), {} },
            { { std::string(oci_layer_gzip), oci::Digest::of(layer), layer.size(), {} } }
        }.to_json();
    }
    // An image with this layer; its manifest's bytes.
    std::string push_image(std::string const& repository, std::string const& tag, std::string const& layer = "layer")
    {
        push_blob(repository, "{}");
        push_blob(repository, layer);
        auto const manifest = manifest_of("{}", layer);
        REQUIRE(ask("PUT", "/v2/" + repository + "/manifests/" + tag, manifest,
                    { { "Content-Type", std::string(oci::media_type::oci_manifest) } })
                    .status
            == 201);
        return manifest;
    }

    VirtualScheduler scheduler { 1, {} };
    network::SimulatedNetwork network { scheduler };
    network::Endpoint endpoint { network::Endpoint::Kind::Tcp, {}, "hub", 5000 };
    Random random { 1 };
    std::unique_ptr<content::Storage> storage { content::make_memory_storage() };
    registry::RegistryServer registry { *storage, random, {} };
    std::unique_ptr<http::Server> server;
};

}
