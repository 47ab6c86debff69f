#include "engine/image/ImageStore.h"
#include "tests/support/Catch.h"
#include "tests/support/Crashes.h"
#include "tests/support/Events.h"
#include "tests/support/Images.h"

using namespace drydock;
using namespace drydock::image;
using content::Crash;
using drydock::tests::put_parts;
using drydock::tests::RecordedEvents;
using drydock::tests::small_image;
using drydock::tests::tar_of;
using oci::Digest;
using oci::Reference;

namespace {

Reference reference(std::string const& text)
{
    return REQUIRE_OK(Reference::parse(text));
}

// All stores over one storage, as a daemon opens them.
struct Stores {
    explicit Stores(content::Storage& its_storage, trace::Publisher publisher = {})
        : storage(its_storage)
        , content(storage, publisher)
        , layers(storage, publisher)
        , images(REQUIRE_OK(ImageStore::open(storage, content, layers, publisher)))
    {
    }
    Result<Image> add(
        tests::SmallImage const& image, std::optional<std::string> const& name, std::vector<Digest> manifests = {})
    {
        TRY(put_parts(image, content, layers));
        return images->add(
            image.config, image.layers, std::move(manifests), name ? std::optional(reference(*name)) : std::nullopt);
    }

    content::Storage& storage;
    content::ContentStore content;
    layer::LayerStore layers;
    std::unique_ptr<ImageStore> images;
};

std::string const base_tar = tar_of({ { "bin/sh", "shell" } });
auto const busybox = small_image({ base_tar });
auto const greeter = small_image({ base_tar, tar_of({ { "greeting", "ahoy" } }) }, "2026-02-01T00:00:00Z");
Digest const manifest = Digest::of("manifest");

ImageStore::UserOf const unused = [](Digest const&) { return std::nullopt; };

std::vector<std::string> texts(std::vector<Removal> const& removals)
{
    std::vector<std::string> texts;
    for (auto const& removal : removals)
        texts.push_back((removal.untagged ? "Untagged: " : "Deleted: ") + removal.text);
    return texts;
}

}

TEST_CASE("ImageStore: an added image is found by every name it has", "[engine][image]")
{
    auto const storage = content::make_memory_storage();
    RecordedEvents events;
    Stores stores(*storage, events.publisher());
    REQUIRE_OK(stores.add(busybox, "busybox", { manifest }));
    for (auto const& name : { std::string("busybox"), std::string("busybox:latest"),
             std::string("docker.io/library/busybox"), "busybox@" + manifest.to_string(), busybox.config.to_string(),
             busybox.config.hex(), busybox.config.short_form(), "sha256:" + busybox.config.hex().substr(0, 8) }) {
        CAPTURE(name);
        CHECK(REQUIRE_OK(stores.images->find(name)).id == busybox.config);
    }
    auto const image = REQUIRE_OK(stores.images->find("busybox"));
    CHECK(image.tags == std::vector<std::string> { "busybox:latest" });
    CHECK(image.repo_digests == std::vector<std::string> { "busybox@" + manifest.to_string() });
    CHECK(image.size == 5); // of its one file, not of the tar
    CHECK(image.config.cmd == std::vector<std::string> { "sh" });

    auto const stored = events.of<trace::ImageStored>();
    REQUIRE(stored.size() == 1);
    CHECK(stored[0].layers[0].created_by == "COPY layer 1");
    CHECK(stored[0].history.size() == 2);
    CHECK(events.names().back() == "ImageTagged");
}

TEST_CASE("ImageStore: says which image it does not have, as docker does", "[engine][image]")
{
    auto const storage = content::make_memory_storage();
    Stores stores(*storage);
    auto const missing = stores.images->find("nosuch");
    REQUIRE_FALSE(missing.has_value());
    CHECK(missing.error().kind() == ErrorKind::NotFound);
    CHECK(missing.error().message() == "No such image: nosuch:latest");
    CHECK(stores.images->find("").error().kind() == ErrorKind::NotFound);
    CHECK(stores.images->remove("nosuch", false, unused).error().kind() == ErrorKind::NotFound);
}

TEST_CASE("ImageStore: an ambiguous prefix finds nothing", "[engine][image]")
{
    auto const storage = content::make_memory_storage();
    Stores stores(*storage);
    // Some two of 17 images share their first digit.
    for (int i = 0; i < 17; ++i)
        REQUIRE_OK(stores.add(small_image({ base_tar }, "2026-01-01T00:00:" + std::to_string(10 + i) + "Z"), {}));
    int found = 0;
    for (auto const digit : std::string("0123456789abcdef"))
        found += stores.images->find(std::string(1, digit)).has_value() ? 1 : 0;
    CHECK(found < 16);
    for (auto const& image : stores.images->list())
        CHECK(REQUIRE_OK(stores.images->find(image.id.short_form())).id == image.id);
}

TEST_CASE("ImageStore: lists the newest first and survives a restart", "[engine][image]")
{
    auto const storage = content::make_memory_storage();
    {
        Stores stores(*storage);
        REQUIRE_OK(stores.add(busybox, "busybox"));
        REQUIRE_OK(stores.add(greeter, "127.0.0.1:5000/" + std::string(200, 'g') + ":1"));
    }
    Stores stores(*storage);
    auto const list = stores.images->list();
    REQUIRE(list.size() == 2);
    CHECK(list[0].id == greeter.config);
    CHECK(list[1].id == busybox.config);
    CHECK(list[0].tags == std::vector<std::string> { "127.0.0.1:5000/" + std::string(200, 'g') + ":1" });
}

TEST_CASE("ImageStore: refuses an image whose parts are not all here", "[engine][image][hardening]")
{
    auto const storage = content::make_memory_storage();
    Stores stores(*storage);
    REQUIRE_OK(put_parts(busybox, stores.content, stores.layers));
    CHECK_FALSE(stores.images->add(greeter.config, greeter.layers, {}, {}).has_value());
    CHECK(stores.images->add(busybox.config, {}, {}, {}).error().kind() == ErrorKind::Corrupt);
    CHECK(stores.images->add(busybox.config, greeter.layers, {}, {}).error().kind() == ErrorKind::Corrupt);
    CHECK(stores.images->list().empty());
}

TEST_CASE("ImageStore: a tag is a movable flag", "[engine][image]")
{
    auto const storage = content::make_memory_storage();
    Stores stores(*storage);
    REQUIRE_OK(stores.add(busybox, "app:1"));
    REQUIRE_OK(stores.add(greeter, "app:2"));
    REQUIRE_OK(stores.images->tag(greeter.config, reference("app:1")));
    CHECK(REQUIRE_OK(stores.images->find("app:1")).id == greeter.config);
    CHECK(REQUIRE_OK(stores.images->find(busybox.config.hex())).tags.empty());
    CHECK(stores.images->tag(Digest::of("absent"), reference("x")).error().kind() == ErrorKind::NotFound);
    CHECK(stores.images->tag(greeter.config, reference("x@" + manifest.to_string())).error().kind()
        == ErrorKind::InvalidInput);
}

TEST_CASE("ImageStore: the last name takes the image with it, shared layers stay", "[engine][image]")
{
    auto const storage = content::make_memory_storage();
    RecordedEvents events;
    Stores stores(*storage, events.publisher());
    REQUIRE_OK(stores.add(busybox, "busybox"));
    REQUIRE_OK(stores.add(greeter, "greeter:1", { manifest }));
    REQUIRE_OK(stores.images->tag(greeter.config, reference("other:1")));

    CHECK(texts(REQUIRE_OK(stores.images->remove("other:1", false, unused)))
        == std::vector<std::string> { "Untagged: other:1" });
    auto const chain = oci::chain_id_of(greeter.diff_ids).digest.to_string();
    CHECK(texts(REQUIRE_OK(stores.images->remove("greeter:1", false, unused)))
        == std::vector<std::string> { "Untagged: greeter:1", "Untagged: greeter@" + manifest.to_string(),
            "Deleted: " + greeter.config.to_string(), "Deleted: " + chain });
    CHECK(stores.layers.has(greeter.diff_ids[0]));
    CHECK_FALSE(stores.layers.has(greeter.diff_ids[1]));
    CHECK(stores.content.list().size() == 2);
    CHECK(events.of<trace::ImageRemoved>().size() == 1);

    REQUIRE_OK(stores.images->remove(busybox.config.short_form(), false, unused));
    CHECK(storage->list("").empty());
}

TEST_CASE("ImageStore: refuses what docker refuses, in its words", "[engine][image]")
{
    auto const storage = content::make_memory_storage();
    Stores stores(*storage);
    REQUIRE_OK(stores.add(busybox, "busybox", { manifest }));
    ImageStore::UserOf const stopped = [](Digest const&) { return ImageStore::User { "75f6d4acb85f", false }; };
    ImageStore::UserOf const running = [](Digest const&) { return ImageStore::User { "75f6d4acb85f", true }; };
    auto const in_use = stores.images->remove("busybox", false, stopped);
    REQUIRE_FALSE(in_use.has_value());
    CHECK(in_use.error().kind() == ErrorKind::Conflict);
    CHECK(in_use.error().message()
        == "conflict: unable to remove repository reference \"busybox\" (must force) - container 75f6d4acb85f is "
           "using its referenced image "
            + busybox.config.short_form());
    CHECK(stores.images->remove(busybox.config.hex(), false, stopped).error().message()
        == "conflict: unable to delete " + busybox.config.short_form()
            + " (must be forced) - image is being used by stopped container 75f6d4acb85f");
    CHECK(stores.images->remove(busybox.config.hex(), true, running).error().message()
        == "conflict: unable to delete " + busybox.config.short_form()
            + " (cannot be forced) - image is being used by running container 75f6d4acb85f");

    REQUIRE_OK(stores.images->tag(busybox.config, reference("other")));
    CHECK(stores.images->remove(busybox.config.hex(), false, unused).error().message()
        == "conflict: unable to delete " + busybox.config.short_form()
            + " (must be forced) - image is referenced in multiple repositories");
    REQUIRE_OK(stores.images->remove("other", false, stopped));
    // By force it loses its name to a running container, and all to a stopped one.
    CHECK(REQUIRE_OK(stores.images->remove("busybox", true, running)).size() == 2);
    CHECK(REQUIRE_OK(stores.images->find(busybox.config.hex())).tags.empty());
    CHECK(texts(REQUIRE_OK(stores.images->remove(busybox.config.hex(), true, stopped))).size() == 2);
    CHECK(storage->list("").empty());
}

TEST_CASE("ImageStore: a sweep takes leftovers and leaves what is held", "[engine][image]")
{
    auto const storage = content::make_memory_storage();
    Stores stores(*storage);
    REQUIRE_OK(stores.add(busybox, "busybox"));
    REQUIRE_OK(put_parts(greeter, stores.content, stores.layers));
    auto hold = stores.images->hold();
    hold->blob(greeter.layers[1].digest);
    hold->layer(greeter.diff_ids[1]);
    REQUIRE_OK(stores.images->sweep());
    CHECK_FALSE(stores.content.has(greeter.config));
    CHECK(stores.content.has(greeter.layers[1].digest));
    CHECK(stores.layers.has(greeter.diff_ids[1]));
    hold.reset();
    REQUIRE_OK(stores.images->sweep());
    CHECK_FALSE(stores.content.has(greeter.layers[1].digest));
    CHECK_FALSE(stores.layers.has(greeter.diff_ids[1]));
    CHECK(REQUIRE_OK(stores.images->find("busybox")).id == busybox.config);
}

TEST_CASE("ImageStore: damage from outside is reported and does not stop the others", "[engine][image][hardening]")
{
    auto const storage = content::make_memory_storage();
    {
        Stores stores(*storage);
        REQUIRE_OK(stores.add(busybox, "busybox"));
        REQUIRE_OK(stores.add(greeter, "greeter"));
    }
    SECTION("a layer is gone")
    {
        REQUIRE_OK(storage->remove_tree("layers/" + greeter.diff_ids[1].digest.hex()));
    }
    SECTION("a blob is gone")
    {
        REQUIRE_OK(storage->remove("blobs/sha256/" + greeter.layers[1].digest.hex()));
    }
    SECTION("the config is rotten")
    {
        REQUIRE_OK(storage->write_atomically("blobs/sha256/" + greeter.config.hex(), "{}"));
    }
    SECTION("the record is rotten")
    {
        REQUIRE_OK(storage->write_atomically("images/" + greeter.config.hex(), "["));
    }
    RecordedEvents events;
    Stores stores(*storage, events.publisher());
    CHECK(stores.images->list().size() == 1);
    CHECK(REQUIRE_OK(stores.images->find("busybox")).id == busybox.config);
    CHECK_FALSE(stores.images->find("greeter").has_value());
    CHECK(events.of<trace::WarningRaised>().size() == 1);
    REQUIRE_OK(stores.add(greeter, "greeter"));
}

namespace {

// One working day of a store; every acknowledged step is written down in `acknowledged`.
Result<void> work(Stores& stores, std::vector<std::string>& acknowledged)
{
    TRY(stores.add(busybox, "busybox", { manifest }));
    acknowledged.emplace_back("busybox");
    TRY(stores.add(greeter, "greeter:1"));
    acknowledged.emplace_back("greeter:1");
    TRY(stores.images->tag(greeter.config, reference("second")));
    acknowledged.emplace_back("second");
    TRY(stores.images->remove("greeter:1", false, unused));
    acknowledged.emplace_back("-greeter:1");
    TRY(stores.images->remove("second", false, unused));
    acknowledged.emplace_back("-second");
    return {};
}

bool says(std::vector<std::string> const& acknowledged, std::string const& step)
{
    return std::find(acknowledged.begin(), acknowledged.end(), step) != acknowledged.end();
}

}

TEST_CASE("ImageStore: a crash at any call leaves a store that opens, with every acknowledged image whole",
    "[engine][image][hardening]")
{
    std::vector<std::string> acknowledged;
    auto const a_day = [&](auto& storage) {
        acknowledged.clear();
        Stores stores(*storage);
        return work(stores, acknowledged).has_value();
    };
    auto const calls
        = tests::crash_at_every_call(GENERATE(Crash::Kill, Crash::PowerCut), a_day, [&](auto const& storage, bool) {
              RecordedEvents events;
              {
                  Stores stores(*storage, events.publisher());
                  CHECK(events.of<trace::WarningRaised>().empty());
                  CHECK(REQUIRE_OK(stores.content.check()).empty());
                  CHECK(REQUIRE_OK(stores.layers.check()).empty());
                  CHECK(storage->list("tags").size() == [&] {
                      std::size_t names = 0;
                      for (auto const& image : stores.images->list())
                          names += image.tags.size() + image.repo_digests.size();
                      return names;
                  }());
                  if (says(acknowledged, "busybox"))
                      CHECK(stores.images->find("busybox").has_value());
                  if (says(acknowledged, "second") && !says(acknowledged, "-greeter:1"))
                      CHECK(stores.images->find("second").has_value());
                  if (says(acknowledged, "-greeter:1"))
                      CHECK_FALSE(stores.images->find("greeter:1").has_value());
                  // And the whole day again gives the same end (R10).
                  std::vector<std::string> again;
                  REQUIRE_OK(work(stores, again));
              }
              Stores stores(*storage);
              CHECK(stores.images->list().size() == 1);
              CHECK(stores.content.list().size() == 2);
              CHECK(stores.layers.list().size() == 1);
              CHECK(storage->list("") == std::vector<std::string> { "blobs", "images", "layers", "tags" });
          });
    CHECK(calls > 40);
}

TEST_CASE("ImageStore: a full disk does not stop a removal", "[engine][image][hardening]")
{
    auto storage = content::make_memory_storage();
    {
        Stores stores(*storage);
        REQUIRE_OK(stores.add(busybox, "busybox"));
    }
    storage
        = content::restart_memory_storage(std::move(storage), Crash::Kill, { .capacity = 0, .crash_after_calls = {} });
    Stores stores(*storage);
    CHECK_FALSE(stores.images->tag(busybox.config, reference("x")).has_value());
    REQUIRE_OK(stores.images->remove("busybox", false, unused));
    CHECK(storage->list("").empty());
}

TEST_CASE("ImageStore: the list says of each image what a question about it alone says", "[engine][image]")
{
    auto const storage = content::make_memory_storage();
    Stores stores(*storage);
    REQUIRE_OK(stores.add(busybox, "busybox:latest", { manifest }));
    REQUIRE_OK(stores.images->tag(busybox.config, reference("other:1")));
    REQUIRE_OK(put_parts(greeter, stores.content, stores.layers));
    REQUIRE_OK(stores.content.put(manifest, "manifest", trace::Verified::Manifest));
    REQUIRE_OK(stores.images->add_made(greeter.config, greeter.layers, busybox.config));
    auto const all = stores.images->list();
    REQUIRE(all.size() == 2);
    for (auto const& image : all) {
        auto const alone = REQUIRE_OK(stores.images->find(image.id.to_string()));
        CHECK(image.tags == alone.tags);
        CHECK(image.repo_digests == alone.repo_digests);
        CHECK(image.has_children == alone.has_children);
        CHECK(image.parent == alone.parent);
        CHECK(image.size == alone.size);
    }
    CHECK(all.back().has_children);
    CHECK(all.back().tags == std::vector<std::string> { "busybox:latest", "other:1" });
}

TEST_CASE("ImageStore: a thousand images on shared layers are listed, found, tagged and removed", "[engine][image]")
{
    auto const storage = content::make_memory_storage();
    Stores stores(*storage);
    std::vector<std::string> tars;
    for (int i = 0; i < 8; ++i)
        tars.push_back(tar_of({ { "layer", std::to_string(i) } }));
    std::vector<tests::SmallImage> images;
    for (int i = 0; i < 1000; ++i) {
        if (i == 0) {
            images.push_back(small_image(tars));
            REQUIRE_OK(stores.add(images[0], "app:0"));
            continue;
        }
        auto image = images[0];
        auto config = REQUIRE_OK(oci::ImageConfig::parse(image.config_text));
        config.env = { "NUMBER=" + std::to_string(i) };
        image.config_text = config.to_json();
        image.config = Digest::of(image.config_text);
        REQUIRE_OK(stores.content.put(image.config, image.config_text, trace::Verified::Blob));
        REQUIRE_OK(stores.images->add(image.config, image.layers, {}, reference("app:" + std::to_string(i))));
        images.push_back(std::move(image));
    }
    CHECK(stores.images->list().size() == 1000);
    CHECK(REQUIRE_OK(stores.images->find("app:999")).id == images[999].config);
    for (int i = 0; i < 999; ++i)
        REQUIRE_OK(stores.images->remove("app:" + std::to_string(i), false, unused));
    auto const left = stores.images->list();
    REQUIRE(left.size() == 1);
    CHECK(left[0].id == images[999].config);
    CHECK(stores.layers.list().size() == 8);
}
