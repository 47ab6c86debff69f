#pragma once

// A registry of a few lines on the simulated network, for tests that need one which answers as they like: it may send
// wrong bytes, ignore ranges, or find its link cut. Asks are counted.

#include "engine/http/Http.h"
#include "engine/registry/RegistryClient.h"
#include "sim/network/SimulatedNetwork.h"
#include "sim/time/VirtualScheduler.h"
#include "tests/support/Catch.h"
#include "tests/support/Images.h"

#include <charconv>
#include <map>

namespace drydock::tests {

class SmallRegistry {
public:
    SmallRegistry(VirtualScheduler& scheduler, network::SimulatedNetwork& network, trace::Publisher publisher)
        : m_scheduler(scheduler)
        , m_network(network)
        , m_publisher(std::move(publisher))
    {
        network.add_host({ "hub" });
        network.add_host({ "laptop" });
        http::ServerOptions options;
        options.publish = false;
        m_server = http::Server::start(
            scheduler, REQUIRE_OK(network.listen({ "hub" }, endpoint)),
            [this](http::Exchange& exchange) { handle(exchange); }, m_publisher, std::move(options));
    }

    registry::RegistryClient client(std::stop_token stop = {})
    {
        return { m_network, m_scheduler, { "laptop" }, { endpoint, { "registry:hub" } }, m_publisher, std::move(stop) };
    }

    // The manifest's digest.
    oci::Digest add(std::string const& repository, std::string const& tag, SmallImage const& image)
    {
        oci::Manifest const manifest { .media_type = std::string(oci::media_type::oci_manifest),
            .config = { std::string(oci::media_type::oci_config), image.config, image.config_text.size(), {} },
            .layers = image.layers };
        for (std::size_t i = 0; i < image.blobs.size(); ++i)
            blobs[image.layers[i].digest.to_string()] = image.blobs[i];
        blobs[image.config.to_string()] = image.config_text;
        return add_document(repository, tag, manifest.to_json(), oci::media_type::oci_manifest);
    }
    oci::Digest add_document(
        std::string const& repository, std::string const& tag, std::string const& bytes, std::string_view type)
    {
        auto const digest = oci::Digest::of(bytes);
        for (auto const& name : { tag, digest.to_string() })
            documents["/v2/" + repository + "/manifests/" + name] = { std::string(type), bytes };
        return digest;
    }

    network::Endpoint endpoint { network::Endpoint::Kind::Tcp, {}, "hub", 5000 };
    std::map<std::string, std::pair<std::string, std::string>> documents; // by path: media type, bytes
    std::map<std::string, std::string> blobs;                             // by digest; the bytes need not fit it
    std::map<std::string, int> asked;                                     // how often, by digest
    http::Headers beside_documents;                                       // sent with each of them

private:
    void handle(http::Exchange& exchange)
    {
        auto const& path = exchange.target().path;
        if (auto const document = documents.find(path); document != documents.end()) {
            auto headers = beside_documents;
            headers.set("Content-Type", document->second.first);
            static_cast<void>(exchange.respond(200, std::move(headers), document->second.second));
            return;
        }
        auto const blob = blobs.find(path.substr(path.rfind('/') + 1));
        if (blob == blobs.end()) {
            static_cast<void>(exchange.respond(404, {}, {}));
            return;
        }
        ++asked[blob->first];
        std::uint64_t offset = 0;
        if (auto const range = exchange.headers().get("Range"))
            std::from_chars(range->data() + 6, range->data() + range->size(), offset);
        http::Headers headers;
        auto const& bytes = blob->second;
        if (offset > 0)
            headers.set("Content-Range",
                "bytes " + std::to_string(offset) + "-" + std::to_string(bytes.size() - 1) + "/"
                    + std::to_string(bytes.size()));
        static_cast<void>(exchange.respond(offset > 0 ? 206 : 200, headers, bytes.substr(offset)));
    }

    VirtualScheduler& m_scheduler;
    network::SimulatedNetwork& m_network;
    trace::Publisher m_publisher;
    std::unique_ptr<http::Server> m_server;
};

}
