#include "engine/image/NewLayer.h"
#include "tests/support/Catch.h"
#include "tests/support/Tars.h"

using namespace drydock;
using namespace drydock::tests;

TEST_CASE("NewLayer: one stream becomes a blob that travels and a layer that can be stacked", "[engine][image]")
{
    auto const storage = content::make_memory_storage();
    content::ContentStore content(*storage, {});
    layer::LayerStore layers(*storage, {});
    auto const images = REQUIRE_OK(image::ImageStore::open(*storage, content, layers, {}));
    auto const tar = tar_of({ { "motd", std::string(100'000, 'x') } });
    {
        auto const hold = images->hold();
        auto const made = REQUIRE_OK(image::NewLayer::begin(content, layers, *hold));
        for (std::size_t at = 0; at < tar.size(); at += 999)
            REQUIRE_OK(made->write(std::string_view(tar).substr(at, 999)));
        auto const layer = REQUIRE_OK(made->finish());
        CHECK(layer.diff_id.digest == oci::Digest::of(tar));
        CHECK(layer.size == tar.size());
        auto const blob = layer::gzip(tar);
        CHECK(layer.blob.digest == oci::Digest::of(blob));
        CHECK(layer.blob.size == blob.size());
        CHECK(REQUIRE_OK(content.read(layer.blob.digest)) == blob);
        CHECK(REQUIRE_OK(layers.open(layer.diff_id))->entries.front().path == "motd");
        REQUIRE_OK(images->sweep());
        CHECK(layers.has(layer.diff_id));
        CHECK(content.has(layer.blob.digest));
    }
    REQUIRE_OK(images->sweep());
    CHECK(layers.list().empty());
    CHECK(content.list().empty());
}

TEST_CASE(
    "NewLayer: what was begun and not finished leaves nothing, and no sweep takes it meanwhile", "[engine][image]")
{
    auto const storage = content::make_memory_storage();
    content::ContentStore content(*storage, {});
    layer::LayerStore layers(*storage, {});
    auto const images = REQUIRE_OK(image::ImageStore::open(*storage, content, layers, {}));
    auto const hold = images->hold();
    {
        auto const made = REQUIRE_OK(image::NewLayer::begin(content, layers, *hold));
        REQUIRE_OK(made->write(tar_of({ { "motd", "hi" } }).substr(0, 600)));
        REQUIRE_OK(images->sweep());
        CHECK(storage->list("ingest").size() == 1);
    }
    CHECK(storage->list("ingest").empty());
    CHECK(storage->list("unpacking").empty());
}
