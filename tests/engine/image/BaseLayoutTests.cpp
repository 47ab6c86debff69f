#include "engine/image/BaseLayout.h"
#include "engine/layer/Gzip.h"
#include "tests/support/Catch.h"
#include "tests/support/Tars.h"

using namespace drydock;

namespace {

Result<std::string> index_of(content::Storage& layout, std::string const& tar, std::size_t step)
{
    oci::ImageConfig config;
    config.created = "2025-09-06T09:18:14Z";
    config.cmd = { "bash" };
    auto const pieces = [&, at = std::size_t { 0 }]() mutable -> Result<std::string> {
        auto piece = tar.substr(std::min(at, tar.size()), step);
        at += piece.size();
        return piece;
    };
    TRY(image::write_base_layout(layout, pieces, config, "mmdebstrap", "bookworm"));
    return layout.read("index.json");
}

}

TEST_CASE("BaseLayout: a tar becomes an image that names itself, the same one each time", "[engine][image]")
{
    auto const tar = tests::tar_of({ { "etc/os-release", "ID=debian\n" }, { "bin/bash", std::string(5000, 'x') } });
    auto const layout = content::make_memory_storage();
    auto const text = REQUIRE_OK(index_of(*layout, tar, 100));
    auto const again = content::make_memory_storage();
    CHECK(REQUIRE_OK(index_of(*again, tar, 7777)) == text);
    auto const index = REQUIRE_OK(oci::ImageIndex::parse(text, oci::media_type::oci_index));
    REQUIRE(index.manifests.size() == 1);
    auto const& entry = index.manifests[0].descriptor;
    CHECK(entry.annotations.at("org.opencontainers.image.ref.name") == "bookworm");
    auto const blob
        = [&](oci::Digest const& digest) { return REQUIRE_OK(layout->read("blobs/sha256/" + digest.hex())); };
    auto const manifest = REQUIRE_OK(oci::Manifest::parse(blob(entry.digest), oci::media_type::oci_manifest));
    auto const config = REQUIRE_OK(oci::ImageConfig::parse(blob(manifest.config.digest)));
    CHECK(config.diff_ids == std::vector { oci::DiffId { oci::Digest::of(tar) } });
    CHECK(config.cmd == std::vector<std::string> { "bash" });
    CHECK(config.history.size() == 1);
    CHECK(blob(manifest.layers[0].digest) == layer::gzip(tar));
    CHECK(manifest.layers[0].size == layer::gzip(tar).size());
}

TEST_CASE("BaseLayout: a tar that ends early, or holds nothing, makes no image", "[engine][image]")
{
    auto const tar = tests::tar_of({ { "etc/os-release", "ID=debian\n" } });
    auto const layout = content::make_memory_storage();
    CHECK_FALSE(index_of(*layout, tar.substr(0, 700), 100));
    CHECK_FALSE(index_of(*layout, "", 100));
    CHECK_FALSE(layout->exists("index.json"));
}
