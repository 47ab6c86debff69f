#include "engine/layer/Gzip.h"
#include "engine/layer/LayerStore.h"
#include "engine/layer/TarWriter.h"
#include "sim/overlay/Merged.h"
#include "sim/world/World.h"
#include "tests/engine/unionfs/oracle/Sequences.h"
#include "tests/support/Events.h"

using namespace drydock;
using namespace drydock::tests;
using namespace drydock::unionfs;

// The window draws a union mount from its events alone. Here the same random layers and operations are given to a
// UnionMount, and what sim/overlay makes of the events must be what the mount shows: every path, every branch that
// answers, every branch that was asked.

namespace {

ContainerId const container { "c" };

struct Shelf {
    StillClock clock;
    RecordedEvents events;
    std::unique_ptr<content::Storage> storage { content::make_memory_storage() };
    layer::LayerStore store { *storage, events.publisher() };
    std::shared_ptr<MemoryWritableBranch> upper { std::make_shared<MemoryWritableBranch>(clock, 1 << 20) };

    // Through the store, as a pull does it: it is the store that lists the members.
    std::shared_ptr<layer::Layer const> keep(layer::Layer const& built)
    {
        layer::MemoryTar tar;
        for (auto const& entry : built.entries) {
            std::string content(entry.size, '\0');
            REQUIRE_OK(built.tar->read_at(entry.offset, content));
            tar.add(entry, content);
        }
        auto const bytes = tar.finish();
        auto const blob = layer::gzip(bytes);
        auto const writer = REQUIRE_OK(store.begin(oci::Compression::Gzip, { oci::Digest::of(bytes) }));
        REQUIRE_OK(writer->write(blob));
        return REQUIRE_OK(writer->finish(oci::Digest::of(blob)));
    }
};

world::World fold(trace::EventLog const& log)
{
    world::World world;
    for (std::uint64_t i = 0; i < log.size(); ++i)
        apply(world, log[i]);
    return world;
}

// A tar may bring one name twice, or something below what it brings as a file; which of them counts is told by their
// order, and a listing is by path. No builder makes such a layer.
layer::Layer without_contradictions(layer::Layer layer)
{
    std::map<std::string, layer::FileType> seen;
    auto const contradicts = [&](layer::Entry const& entry) {
        for (auto const& [path, type] : seen) {
            bool const same = path == entry.path;
            bool const below = entry.path.starts_with(path + "/") && type != layer::FileType::Directory;
            bool const above = path.starts_with(entry.path + "/") && entry.type != layer::FileType::Directory;
            if (same || below || above)
                return true;
        }
        seen[entry.path] = entry.type;
        return false;
    };
    std::erase_if(layer.entries, contradicts);
    return layer;
}

// What the events say of the stack: the sheet first.
struct Told {
    Told(trace::EventLog const& log, std::vector<oci::DiffId> const& diff_ids)
    {
        auto const world = fold(log);
        auto const& host = world::host_of(world, HostId { "laptop" });
        std::vector<overlay::Branch const*> layers;
        branches.reserve(diff_ids.size() + 1);
        for (auto const& id : diff_ids) {
            auto const listed = host.layers.at(id.digest).listed;
            REQUIRE(listed);
            branches.push_back(overlay::Branch::of_layer(*log[*listed].event.get_if<trace::LayerListed>()));
            layers.push_back(&branches.back());
        }
        auto const known = world.containers.find(container);
        auto const sheet
            = known == world.containers.end() ? std::map<std::string, world::SheetEntry> {} : known->second.sheet;
        branches.push_back(overlay::Branch::of_sheet(sheet, layers));
        stack.push_back(&branches.back());
        stack.insert(stack.end(), layers.begin(), layers.end());
    }
    std::vector<overlay::Branch> branches;
    overlay::Stack stack;
};

// Compares all that lies in the directory, and counts it.
std::size_t compare_below(UnionMount const& mount, std::string const& directory, Told const& told,
    overlay::Merged const& merged, RecordedEvents const& events)
{
    std::size_t count = 0;
    for (auto const& entry : REQUIRE_OK(mount.list(directory))) {
        auto const path = (directory == "/" ? "" : directory) + "/" + entry.name;
        CAPTURE(path);
        auto const* const row = merged.find(path);
        REQUIRE(row != nullptr);
        REQUIRE(row->answer() != nullptr);
        auto const provider = REQUIRE_OK(mount.provider(path));
        CHECK(static_cast<std::int64_t>(row->answer()->branch) == provider);
        // A hard link does not tell what it is a link to.
        bool const is_directory = entry.attributes.type == FileType::Directory;
        CHECK((row->answer()->object.kind == overlay::Kind::Directory) == is_directory);
        auto const ray = overlay::look_up(told.stack, path);
        auto const asked = events.of<trace::PathLookedUp>().back();
        CHECK(asked.path == path);
        CHECK(std::vector<std::int64_t>(ray.visited.begin(), ray.visited.end()) == asked.visited);
        ++count;
        if (is_directory)
            count += compare_below(mount, path, told, merged, events);
    }
    return count;
}

}

TEST_CASE("Events: the tree that they imply is the one that the union mount shows", "[engine][unionfs][oracle]")
{
    for (std::uint64_t seed = 1; seed <= 40; ++seed) {
        CAPTURE(seed);
        Random random(seed);
        Shelf shelf;
        Stack stack { shelf.upper, {}, {} };
        std::vector<oci::DiffId> diff_ids;
        for (auto const& builder : random_layers(random)) {
            auto const layer = shelf.keep(without_contradictions(*builder.build()));
            stack.layers.push_back(REQUIRE_OK(LayerBranch::create(layer)));
            stack.diff_ids.push_back(layer->diff_id);
            diff_ids.push_back(layer->diff_id);
        }
        UnionMount mount(std::move(stack), container, shelf.events.publisher());
        for (int i = 0; i < 60; ++i) {
            auto const operation = random_operation(random);
            UNSCOPED_INFO(to_string(operation));
            perform_on_union(mount, operation);
            if (i % 15 != 14)
                continue;
            Told const told(shelf.events.log(), diff_ids);
            auto const merged = overlay::merge(told.stack);
            auto const count = compare_below(mount, "/", told, merged, shelf.events);
            auto const shown = std::count_if(merged.rows.begin(), merged.rows.end(),
                [](overlay::Row const& row) { return row.answer() != nullptr; });
            CHECK(static_cast<std::size_t>(shown) == count);
        }
    }
}
