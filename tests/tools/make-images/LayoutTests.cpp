// The made layout, read by the engine's own parsers and by a third party.

#include "engine/layer/LayerStore.h"
#include "sim/oci/Manifest.h"
#include "tests/support/Catch.h"
#include "tests/support/TemporaryDirectory.h"

#include <cstdlib>
#include <fstream>
#include <iterator>

using namespace drydock;
namespace fs = std::filesystem;

namespace {

std::string read_text(fs::path const& path)
{
    std::ifstream file(path, std::ios::binary);
    REQUIRE(file);
    return { std::istreambuf_iterator<char>(file), {} };
}

std::string read_blob(oci::Digest const& digest)
{
    auto const bytes = read_text(fs::path(DRYDOCK_IMAGES) / "blobs/sha256" / digest.hex());
    REQUIRE(oci::Digest::of(bytes) == digest);
    return bytes;
}

oci::ImageIndex read_index()
{
    return REQUIRE_OK(
        oci::ImageIndex::parse(read_text(fs::path(DRYDOCK_IMAGES) / "index.json"), oci::media_type::oci_index));
}

oci::Manifest manifest_of(std::string const& name)
{
    for (auto const& entry : read_index().manifests) {
        if (entry.descriptor.annotations.at("org.opencontainers.image.ref.name") == name)
            return REQUIRE_OK(oci::Manifest::parse(read_blob(entry.descriptor.digest), entry.descriptor.media_type));
    }
    FAIL("no image " << name);
    std::abort();
}

oci::ImageConfig config_of(std::string const& name)
{
    return REQUIRE_OK(oci::ImageConfig::parse(read_blob(manifest_of(name).config.digest)));
}

}

TEST_CASE("make-images: every layer is what its config promises", "[tools]")
{
    auto const storage = content::make_memory_storage();
    layer::LayerStore layers(*storage, {});
    REQUIRE(read_index().manifests.size() == 4);
    for (auto const* name :
        { "library/busybox:latest", "library/greeter:1", "library/greeter:2", "library/tinybase:latest" }) {
        CAPTURE(name);
        auto const manifest = manifest_of(name);
        auto const config = config_of(name);
        REQUIRE(manifest.layers.size() == config.diff_ids.size());
        for (std::size_t i = 0; i < manifest.layers.size(); ++i) {
            auto const writer = REQUIRE_OK(layers.begin(oci::Compression::Gzip, config.diff_ids[i]));
            auto const blob = read_blob(manifest.layers[i].digest);
            CHECK(blob.size() == manifest.layers[i].size);
            REQUIRE_OK(writer->write(blob));
            REQUIRE_OK(writer->finish(manifest.layers[i].digest));
        }
    }
}

TEST_CASE("make-images: a base has a shell, and the directories a container is mounted into", "[tools]")
{
    auto const* const name = GENERATE("library/busybox:latest", "library/tinybase:latest");
    CAPTURE(name);
    auto const config = config_of(name);
    CHECK(config.cmd == std::vector<std::string> { "sh" });
    auto const storage = content::make_memory_storage();
    layer::LayerStore layers(*storage, {});
    auto const manifest = manifest_of(name);
    auto const writer = REQUIRE_OK(layers.begin(oci::Compression::Gzip, config.diff_ids[0]));
    REQUIRE_OK(writer->write(read_blob(manifest.layers[0].digest)));
    auto const layer = REQUIRE_OK(writer->finish(manifest.layers[0].digest));
    std::map<std::string, layer::Entry> entries;
    for (auto const& entry : layer->entries)
        CHECK(entries.emplace(entry.path, entry).second);
    CHECK(entries.at("bin/sh").link == "busybox");
    CHECK(entries.at("bin/busybox").mode == 0755);
    CHECK(entries.at("tmp").mode == 01777);
    for (auto const* path : { "", "proc", "sys", "dev", "etc", "home", "root", "usr", "var" })
        CHECK(entries.at(path).type == layer::FileType::Directory);
}

TEST_CASE("make-images: the greeters share all layers but the one that changed", "[tools]")
{
    auto const base = manifest_of("library/busybox:latest");
    auto const one = manifest_of("library/greeter:1");
    auto const two = manifest_of("library/greeter:2");
    REQUIRE(one.layers.size() == 5);
    REQUIRE(two.layers.size() == 5);
    CHECK(one.layers[0] == base.layers[0]);
    for (std::size_t i = 0; i < 4; ++i)
        CHECK(one.layers[i] == two.layers[i]);
    CHECK(one.layers[4].digest != two.layers[4].digest);
    CHECK(config_of("library/greeter:1").history.back().empty_layer);
}

TEST_CASE("make-images: two runs give the same bytes", "[tools]")
{
    tests::TemporaryDirectory const directory;
    auto const again = (directory.path() / "images").string();
    auto const command = std::string(MAKE_IMAGES) + " " + DRYDOCK_BUSYBOX + " " + again + " && diff -r " + again + " "
        + DRYDOCK_IMAGES;
    CHECK(std::system(command.c_str()) == 0);
}

TEST_CASE("make-images: says what is wrong with a busybox that needs a loader", "[tools]")
{
    tests::TemporaryDirectory const directory;
    auto const command = std::string(MAKE_IMAGES) + " /usr/bin/env " + (directory.path() / "images").string() + " 2>"
        + (directory.path() / "errors").string();
    CHECK(std::system(command.c_str()) != 0);
    CHECK(read_text(directory.path() / "errors").find("busybox-static") != std::string::npos);
}

TEST_CASE("make-images: skopeo reads the layout", "[tools]")
{
    if (std::system("command -v skopeo >/dev/null") != 0) {
        WARN("skopeo is not installed");
        return;
    }
    auto const command = std::string("skopeo inspect oci:") + DRYDOCK_IMAGES + ":library/greeter:2 >/dev/null";
    CHECK(std::system(command.c_str()) == 0);
}
