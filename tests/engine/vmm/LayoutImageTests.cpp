#include "engine/layer/Gzip.h"
#include "engine/layer/TarWriter.h"
#include "engine/vmm/LayoutImage.h"
#include "tests/support/Catch.h"
#include "tests/support/TemporaryDirectory.h"

#include <fstream>

using namespace drydock;
using namespace drydock::vmm;

namespace {

// An OCI layout with one image of two layers; the upper one replaces /motd.
class SmallLayout {
public:
    SmallLayout()
    {
        auto const below = add_layer("old");
        auto const above = add_layer("new");
        oci::ImageConfig config;
        config.cmd = { "/motd" };
        config.diff_ids = m_diff_ids;
        auto const config_text = config.to_json();
        oci::Manifest const manifest { std::string(oci::media_type::oci_manifest),
            { std::string(oci::media_type::oci_config), store(config_text), config_text.size(), {} },
            { below, above } };
        auto const text = manifest.to_json();
        oci::ImageIndex index { std::string(oci::media_type::oci_index), {} };
        index.manifests.push_back({ { manifest.media_type, store(text), text.size(),
                                        { { "org.opencontainers.image.ref.name", "library/small:latest" } } },
            {} });
        std::ofstream(path() / "index.json") << index.to_json();
    }
    std::filesystem::path const& path() const { return m_directory.path(); }

private:
    oci::Digest store(std::string const& bytes)
    {
        auto digest = oci::Digest::of(bytes);
        std::filesystem::create_directories(path() / "blobs/sha256");
        std::ofstream(path() / "blobs/sha256" / digest.hex(), std::ios::binary) << bytes;
        return digest;
    }
    oci::Descriptor add_layer(std::string const& content)
    {
        layer::MemoryTar tar;
        layer::Entry entry;
        entry.path = "motd";
        entry.size = content.size();
        tar.add(entry, content);
        auto const bytes = tar.finish();
        m_diff_ids.push_back({ oci::Digest::of(bytes) });
        auto const packed = layer::gzip(bytes);
        return { std::string(oci::media_type::oci_layer_gzip), store(packed), packed.size(), {} };
    }

    tests::TemporaryDirectory m_directory;
    std::vector<oci::DiffId> m_diff_ids;
};

}

TEST_CASE("Layout image: the layers of an image are one tree, the upper one in front", "[engine][vmm]")
{
    SmallLayout const layout;
    for (auto const* name : { "small", "small:latest", "library/small:latest" }) {
        CAPTURE(name);
        auto const image = REQUIRE_OK(open_layout_image(layout.path(), name, {}));
        CHECK(image.config.cmd == std::vector<std::string> { "/motd" });
        CHECK(REQUIRE_OK(image.root->read_all("/motd")) == "new");
    }
}

TEST_CASE("Layout image: a name that is not there is answered with those that are", "[engine][vmm]")
{
    SmallLayout const layout;
    auto const none = open_layout_image(layout.path(), "large", {});
    REQUIRE_FALSE(none);
    CHECK(none.error().kind() == ErrorKind::NotFound);
    CHECK(none.error().message().find("library/small:latest") != std::string::npos);
    CHECK_FALSE(open_layout_image("/nowhere", "small", {}));
}

TEST_CASE("Layout image: a layer that is not what its digest says is refused", "[engine][vmm]")
{
    SmallLayout const layout;
    for (auto const& entry : std::filesystem::directory_iterator(layout.path() / "blobs/sha256")) {
        std::string const gzip = "\x1f\x8b";
        std::ifstream file(entry.path(), std::ios::binary);
        std::string head(2, '\0');
        file.read(head.data(), 2);
        if (head == gzip)
            std::ofstream(entry.path(), std::ios::binary) << layer::gzip(std::string(10240, '\0'));
    }
    CHECK_FALSE(open_layout_image(layout.path(), "small", {}));
}
