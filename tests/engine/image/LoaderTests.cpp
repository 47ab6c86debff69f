// Images as archives: saved, loaded, imported; and archives that lie.

#include "engine/image/Loader.h"
#include "engine/image/Saver.h"
#include "tests/support/Events.h"
#include "tests/support/Images.h"

#include <nlohmann/json.hpp>

using namespace drydock;
using namespace drydock::image;
using drydock::tests::small_image;
using drydock::tests::tar_of;
using oci::Digest;

namespace {

// A daemon's stores, in memory.
struct Depot {
    Result<std::vector<LoadedImage>> load(std::string const& archive)
    {
        return loader.load(read(archive), [this](TransferProgress const& p) { lines.push_back(p.status); });
    }
    static Source read(std::string const& bytes)
    {
        return [&bytes, at = std::size_t { 0 }](std::span<char> buffer) mutable -> Result<std::size_t> {
            auto const count
                = std::string_view(bytes).substr(at).copy(buffer.data(), std::min<std::size_t>(buffer.size(), 1000));
            at += count;
            return count;
        };
    }
    std::string save(std::vector<std::string> const& names)
    {
        auto const plan = REQUIRE_OK(saver.plan(names));
        std::string tar;
        REQUIRE_OK(saver.write(plan, [&](std::string_view bytes) -> Result<void> {
            tar += bytes;
            return {};
        }));
        return tar;
    }
    void add(tests::SmallImage const& image, std::vector<std::string> const& names)
    {
        REQUIRE_OK(tests::put_parts(image, content, layers));
        REQUIRE_OK(images->add(image.config, image.layers, {}, std::nullopt));
        for (auto const& name : names) {
            auto const reference = REQUIRE_OK(oci::Reference::parse(name));
            REQUIRE_OK(images->tag(image.config, reference));
        }
    }
    std::unique_ptr<ImageStore> open_images() { return REQUIRE_OK(ImageStore::open(*storage, content, layers, {})); }
    bool is_empty()
    {
        REQUIRE_OK(images->sweep());
        return images->list().empty() && content.list().empty() && layers.list().empty()
            && storage->list("incoming").empty();
    }

    tests::RecordedEvents events;
    std::unique_ptr<content::Storage> storage { content::make_memory_storage() };
    content::ContentStore content { *storage, {} };
    layer::LayerStore layers { *storage, {} };
    std::unique_ptr<ImageStore> images { open_images() };
    Loader loader { *storage, content, layers, *images, events.publisher() };
    Saver saver { content, *images, events.publisher() };
    std::vector<std::string> lines;
};

auto const saved_app = small_image({ tar_of({ { "bin/sh", std::string(5000, 's') } }), tar_of({ { "app", "ahoy" } }) });
auto const saved_other = small_image({ tar_of({ { "other", "image" } }) }, "2026-02-01T00:00:00Z");

// docker 20.10's layout: a directory for each layer, layers uncompressed, a repeated one as a symlink.
std::string old_archive(tests::SmallImage const& image, std::string const& tag)
{
    layer::MemoryTar tar;
    nlohmann::json entry { { "Config", image.config.hex() + ".json" }, { "RepoTags", { tag } } };
    tar.add(tests::file(image.config.hex() + ".json", image.config_text), image.config_text);
    for (std::size_t i = 0; i < image.tars.size(); ++i) {
        auto const name = "layer" + std::to_string(i) + "/layer.tar";
        tar.add(tests::file("real" + std::to_string(i), image.tars[i]), image.tars[i]);
        tar.add(tests::link(name, layer::FileType::Symlink, "../real" + std::to_string(i)));
        entry["Layers"].push_back(name);
    }
    auto const listing = nlohmann::json::array({ entry }).dump();
    tar.add(tests::file("manifest.json", listing), listing);
    return tar.finish();
}

std::string refusal_of(Depot& depot, std::string const& archive)
{
    auto const loaded = depot.load(archive);
    REQUIRE_FALSE(loaded);
    CHECK(depot.is_empty());
    return loaded.error().message();
}

}

TEST_CASE("Save and load: the image comes back under its digests and all its names", "[engine][image]")
{
    Depot here;
    here.add(saved_app, { "app:1", "127.0.0.1:5000/team/app:2" });
    here.add(saved_other, { "other" });
    auto const tar = here.save({ "app:1", "127.0.0.1:5000/team/app:2", "other" });
    auto const saved = here.events.of<trace::ImagesSaved>();
    REQUIRE(saved.size() == 1);
    CHECK(saved[0].bytes == tar.size());
    CHECK(saved[0].references.size() == 3);

    Depot there;
    auto const loaded = REQUIRE_OK(there.load(tar));
    CHECK(loaded.size() == 3); // one for each name
    auto const app = REQUIRE_OK(there.images->find("app:1"));
    CHECK(app.id == saved_app.config);
    CHECK(app.layers == saved_app.layers); // the compressed blobs, as they were
    CHECK(app.tags == std::vector<std::string> { "127.0.0.1:5000/team/app:2", "app:1" });
    CHECK(REQUIRE_OK(there.images->find("other:latest")).id == saved_other.config);
    CHECK(there.storage->list("incoming").empty());
    CHECK(there.events.of<trace::ImagesLoaded>().size() == 1);
    CHECK(there.save({ "app:1", "127.0.0.1:5000/team/app:2", "other" }) == tar);
    CHECK(REQUIRE_OK(there.load(layer::gzip(tar))).size() == 3);
}

TEST_CASE("Save: a repository without a tag means all its tags, an ID means no name", "[engine][image]")
{
    Depot here;
    here.add(saved_app, { "app:1", "app:2" });
    auto const plan = REQUIRE_OK(here.saver.plan({ "app" }));
    CHECK(plan.references == std::vector<std::string> { "app:1", "app:2" });
    CHECK(REQUIRE_OK(here.saver.plan({ saved_app.config.short_form() })).references
        == std::vector<std::string> { saved_app.config.to_string() });
    CHECK(here.saver.plan({ "app", "nosuch" }).error().message() == "No such image: nosuch:latest");
}

TEST_CASE("Load: docker's older archives, with a layer behind a symlink", "[engine][image]")
{
    Depot depot;
    auto const loaded = REQUIRE_OK(depot.load(old_archive(saved_app, "app:old")));
    REQUIRE(loaded.size() == 1);
    CHECK(loaded[0].id == saved_app.config);
    CHECK(loaded[0].names == std::vector<std::string> { "app:old" });
    auto const image = REQUIRE_OK(depot.images->find("app:old"));
    CHECK(image.layers[0].media_type == oci::media_type::oci_layer);
    CHECK(image.layers[0].digest == saved_app.diff_ids[0].digest);
}

TEST_CASE("Load: what an archive promises is checked, and a lie leaves nothing", "[engine][image][hardening]")
{
    Depot depot;
    auto image = saved_app;
    SECTION("layers that are not those of the config")
    {
        image.tars[1] = tar_of({ { "app", "evil" } });
        CHECK(refusal_of(depot, old_archive(image, "app")).find("layer") != std::string::npos);
    }
    SECTION("fewer layers than DiffIDs")
    {
        image.tars.pop_back();
        CHECK(refusal_of(depot, old_archive(image, "app")).find("1 layers") != std::string::npos);
    }
    SECTION("blobs under a digest that is not theirs")
    {
        Depot here;
        here.add(saved_app, { "app" });
        auto tar = here.save({ "app" });
        auto const at = tar.find(saved_app.blobs[0].substr(0, 30));
        REQUIRE(at != std::string::npos);
        tar[at + 40] = static_cast<char>(tar[at + 40] ^ 1);
        CHECK_FALSE(refusal_of(depot, tar).empty());
    }
    SECTION("a name that is none")
    {
        CHECK(refusal_of(depot, old_archive(saved_app, "../../etc/passwd")).find("invalid reference format")
            != std::string::npos);
        // The image is there already when its second name is refused; nothing points at it.
    }
    SECTION("an archive that is cut")
    {
        auto const tar = old_archive(saved_app, "app");
        CHECK_FALSE(refusal_of(depot, tar.substr(0, tar.size() / 2)).empty());
    }
    SECTION("no archive at all")
    {
        CHECK_FALSE(refusal_of(depot, "this is no tar").empty());
        CHECK(refusal_of(depot, tar_of({ { "motd", "hi" } })).find("docker save") != std::string::npos);
        CHECK_FALSE(refusal_of(depot, "").empty());
    }
}

TEST_CASE("Load: links inside an archive lead to its members or nowhere", "[engine][image][hardening]")
{
    Depot depot;
    REQUIRE_OK(depot.storage->write_atomically("secret", "not yours"));
    auto const target = GENERATE(as<std::string> {}, "../../secret", "/secret", "manifest.json", "../loop");
    CAPTURE(target);
    layer::MemoryTar tar;
    tar.add(tests::link("manifest.json", layer::FileType::Symlink, target));
    tar.add(tests::link("loop", layer::FileType::Symlink, "manifest.json"));
    auto const loaded = depot.load(tar.finish());
    REQUIRE_FALSE(loaded);
    CHECK(loaded.error().message().find("not yours") == std::string::npos);
}

TEST_CASE("Import: a root file system becomes an image of one layer", "[engine][image]")
{
    Depot depot;
    auto const root = tar_of({ { "bin/sh", "shell" } });
    ImportOptions const options { .name = REQUIRE_OK(oci::Reference::parse("imported:1")),
        .message = "by hand",
        .changes = { "CMD [\"/bin/sh\"]", "ENV A=b", "ENV A=c", "EXPOSE 80", "WORKDIR /srv" },
        .now = { 1'767'603'600'000'000'000 } };
    auto const image = REQUIRE_OK(depot.loader.import_root(Depot::read(layer::gzip(root)), options));
    auto const found = REQUIRE_OK(depot.images->find("imported:1"));
    CHECK(found.id == image.id);
    CHECK(found.config.diff_ids == std::vector<oci::DiffId> { { Digest::of(root) } });
    CHECK(found.config.cmd == std::vector<std::string> { "/bin/sh" });
    CHECK(found.config.env == std::vector<std::string> { "A=c" });
    CHECK(found.config.exposed_ports == std::vector<std::string> { "80/tcp" });
    CHECK(found.config.created == "2026-01-05T09:00:00Z");
    CHECK(found.config.history[0].comment == "by hand");
    CHECK_FALSE(depot.loader.import_root(Depot::read("no tar"), { .now = {} }));
    CHECK_FALSE(depot.loader.import_root(Depot::read(root), { .changes = { "FROM x" }, .now = {} }));
}
