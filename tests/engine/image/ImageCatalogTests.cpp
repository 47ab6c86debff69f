#include "engine/image/ImageCatalog.h"
#include "tests/support/Catch.h"

using namespace drydock;
using image::ImageCatalog;
using image::KnownImage;

namespace {

oci::Digest digest_of(std::string const& text)
{
    return oci::Digest::of(text);
}

KnownImage image_of(
    std::string const& name, std::vector<std::string> const& layers, std::optional<image::Making> making = std::nullopt)
{
    KnownImage known { .record = { .config = digest_of(name), .manifests = {}, .layers = {}, .made_here = making },
        .config = {} };
    for (auto const& layer : layers) {
        known.record.layers.push_back({ .media_type = {}, .digest = digest_of("blob of " + layer), .size = 0 });
        known.config.diff_ids.push_back({ digest_of(layer) });
    }
    return known;
}

oci::Reference name_of(std::string const& text)
{
    return REQUIRE_OK(oci::Reference::parse(text));
}

}

TEST_CASE("ImageCatalog: a layer is needed as long as one image stands on it", "[engine][image]")
{
    ImageCatalog catalog;
    catalog.put(image_of("a", { "base", "own" }));
    catalog.put(image_of("b", { "base" }));
    catalog.put(image_of("b", { "base" })); // put again, it counts once
    catalog.take(digest_of("a"));
    CHECK(catalog.needed_layers.has({ digest_of("base") }));
    CHECK_FALSE(catalog.needed_layers.has({ digest_of("own") }));
    CHECK_FALSE(catalog.needed_blobs.has(digest_of("blob of own")));
    catalog.take(digest_of("b"));
    CHECK_FALSE(catalog.needed_layers.has({ digest_of("base") }));
}

TEST_CASE(
    "ImageCatalog: a name moves from one image to another, and is found with or without its tag", "[engine][image]")
{
    ImageCatalog catalog;
    catalog.put(image_of("a", {}));
    catalog.put(image_of("b", {}));
    catalog.point({ name_of("web:latest"), digest_of("a") });
    catalog.point({ name_of("web:latest"), digest_of("b") });
    REQUIRE(catalog.look_up("web") != nullptr);
    CHECK(catalog.look_up("web")->id() == digest_of("b"));
    CHECK(catalog.references_of(digest_of("a")).empty());
    catalog.drop(name_of("web:latest"));
    CHECK(catalog.look_up("web") == nullptr);
    CHECK(catalog.look_up(digest_of("a").hex().substr(0, 12))->id() == digest_of("a"));
}

TEST_CASE("ImageCatalog: an image that others were made from has children until the last is taken", "[engine][image]")
{
    ImageCatalog catalog;
    catalog.put(image_of("parent", {}));
    catalog.put(image_of("child", {}, image::Making { digest_of("parent") }));
    CHECK(catalog.has_children(digest_of("parent")));
    catalog.take(digest_of("child"));
    CHECK_FALSE(catalog.has_children(digest_of("parent")));
}
