#include "House.h"

#include "engine/daemon/StoreCheck.h"

using namespace drydock;
using tests::House;

namespace {

// A store with an image and a stopped container, whose daemon has ended.
std::shared_ptr<content::Storage> lived_in_store()
{
    std::shared_ptr<content::Storage> storage = content::make_memory_storage();
    House house(storage);
    REQUIRE(house.type("run --name job small exit 3").status == 3);
    return storage;
}

std::string first_below(content::Storage const& storage, std::string const& prefix)
{
    auto const names = storage.list(prefix);
    REQUIRE_FALSE(names.empty());
    return prefix + "/" + names.front();
}

// The one thing that is wrong after `damage`.
daemon::StoreFault only_fault_after(std::function<void(content::Storage&)> const& damage)
{
    auto const storage = lived_in_store();
    damage(*storage);
    auto const report = daemon::check_store(*storage);
    for (auto const& fault : report.faults)
        UNSCOPED_INFO(fault.where << ": " << fault.what);
    REQUIRE(report.faults.size() == 1);
    return report.faults.front();
}

}

TEST_CASE("StoreCheck: a store that was used as usual has no fault", "[engine][daemon]")
{
    auto const storage = lived_in_store();
    auto const report = daemon::check_store(*storage);
    CHECK(report.faults.empty());
    CHECK(report.unreferenced.empty());
    CHECK(report.images == 1);
    CHECK(report.tags == 1);
    CHECK(report.layers == 1);
    CHECK(report.containers == 1);
    CHECK(report.blobs >= 2);
}

TEST_CASE("StoreCheck: every damage is named at its place", "[engine][daemon]")
{
    auto const tag
        = only_fault_after([](auto& s) { REQUIRE_OK(s.write_atomically(first_below(s, "tags"), "no json")); });
    CHECK(tag.where.starts_with("tags/"));
    CHECK(tag.what.starts_with("is no reference"));

    auto const record = only_fault_after(
        [](auto& s) { REQUIRE_OK(s.write_atomically(first_below(s, "containers") + "/config.json", "{")); });
    CHECK(record.where.starts_with("containers/"));

    auto const layer = only_fault_after(
        [](auto& s) { REQUIRE_OK(s.write_atomically(first_below(s, "layers") + "/tar", "something else")); });
    CHECK(layer.where.starts_with("layers/"));

    auto const index = only_fault_after([](auto& s) {
        REQUIRE_OK(s.write_atomically(first_below(s, "layers") + "/index", "drydock-layer-index 9 9\n"));
    });
    CHECK(index.where == layer.where);
}

TEST_CASE("StoreCheck: an image that lost its layer is a fault of all that need it", "[engine][daemon]")
{
    auto const storage = lived_in_store();
    REQUIRE_OK(storage->remove_tree(first_below(*storage, "layers")));
    auto const report = daemon::check_store(*storage);
    REQUIRE(report.faults.size() == 2);
    CHECK(report.faults[0].where.starts_with("images/"));
    CHECK(report.faults[1].where.starts_with("containers/"));
}

TEST_CASE("StoreCheck: a corrupt blob is found by its digest, and what needs it by its size", "[engine][daemon]")
{
    auto const storage = lived_in_store();
    std::string largest;
    std::uint64_t size = 0;
    for (auto const& name : storage->list("blobs/sha256")) {
        auto const key = "blobs/sha256/" + name;
        if (auto const bytes = REQUIRE_OK(storage->size(key)); bytes > size) {
            size = bytes;
            largest = key;
        }
    }
    REQUIRE_OK(storage->write_atomically(largest, "not these bytes"));
    auto const report = daemon::check_store(*storage);
    REQUIRE_FALSE(report.faults.empty());
    CHECK(report.faults.front().where == largest);
}

TEST_CASE("StoreCheck: a tag without its image, and what nothing needs any more", "[engine][daemon]")
{
    auto const storage = lived_in_store();
    REQUIRE_OK(storage->remove(first_below(*storage, "images")));
    auto const report = daemon::check_store(*storage);
    REQUIRE(report.faults.size() == 1);
    CHECK(report.faults.front().where.starts_with("tags/"));
    CHECK(report.faults.front().what.find("which is not there") != std::string::npos);
    CHECK(report.unreferenced.size() >= 2); // its blobs; the layer is the container's too
}
