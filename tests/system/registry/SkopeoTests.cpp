// A stock client against our registry, over loopback.

#include "engine/os/LiveNetwork.h"
#include "engine/registry/RegistryServer.h"
#include "sim/time/LiveScheduler.h"
#include "tests/support/Catch.h"
#include "tests/support/TemporaryDirectory.h"

#include <cstdlib>
#include <fstream>

using namespace drydock;
using oci::Digest;

namespace {

bool run(std::string const& command)
{
    return std::system(command.c_str()) == 0;
}

void write(std::filesystem::path const& path, std::string const& text)
{
    std::filesystem::create_directories(path.parent_path());
    std::ofstream(path) << text;
}

// The smallest image: an OCI layout with one layer, an empty tar.
std::string make_layout(std::filesystem::path const& root)
{
    std::string const layer(10240, '\0');
    auto const config = R"({"architecture":"amd64","os":"linux","rootfs":{"type":"layers","diff_ids":[")"
        + Digest::of(layer).to_string() + R"("]}})";
    auto const blob = [&](std::string const& bytes) {
        write(root / "blobs/sha256" / Digest::of(bytes).hex(), bytes);
        return Digest::of(bytes);
    };
    using namespace oci::media_type;
    auto const manifest = oci::Manifest {
        std::string(oci_manifest), { std::string(oci_config), blob(config), config.size(), {} },
        { { std::string(oci_layer), blob(layer), layer.size(), {} } }
    }.to_json();
    oci::ImageIndex const index { std::string(oci_index),
        { { { std::string(oci_manifest), blob(manifest), manifest.size(),
                { { "org.opencontainers.image.ref.name", "v1" } } },
            std::nullopt } } };
    write(root / "index.json", index.to_json());
    write(root / "oci-layout", R"({"imageLayoutVersion":"1.0.0"})");
    return manifest;
}

}

TEST_CASE("skopeo copies an image to our registry and back, byte for byte", "[system][registry]")
{
    if (!run("command -v skopeo >/dev/null")) {
        WARN("skopeo is not installed");
        return;
    }
    tests::TemporaryDirectory const directory;
    LiveScheduler scheduler;
    os::LiveNetwork network;
    Random random(Random::seed_from_system());
    auto const storage = REQUIRE_OK(content::open_directory_storage(directory.path() / "store"));
    registry::RegistryServer registry(*storage, random, {});
    auto const server = http::Server::start(
        scheduler, REQUIRE_OK(network.listen({}, { network::Endpoint::Kind::Tcp, {}, "127.0.0.1", 0 })),
        [&](http::Exchange& exchange) { registry.handle(exchange); }, {}, http::ServerOptions {});

    auto const manifest = make_layout(directory.path() / "in");
    auto const at = "docker://127.0.0.1:" + std::to_string(server->endpoint().port) + "/lib/app:v1";
    auto const out = directory.path() / "out";
    CHECK(run("skopeo --insecure-policy copy -q --preserve-digests --dest-tls-verify=false oci:"
        + (directory.path() / "in").string() + ":v1 " + at));
    // Again, by a client that finds every blob there.
    CHECK(run("skopeo --insecure-policy copy -q --preserve-digests --dest-tls-verify=false oci:"
        + (directory.path() / "in").string() + ":v1 " + at + "-again"));
    CHECK(run("skopeo inspect --tls-verify=false " + at + " >/dev/null"));
    CHECK(run("skopeo --insecure-policy copy -q --preserve-digests --src-tls-verify=false " + at
        + " oci:" + out.string() + ":v1"));
    CHECK(std::filesystem::exists(out / "blobs/sha256" / Digest::of(manifest).hex()));
    CHECK(run("skopeo delete --tls-verify=false " + at));
}
