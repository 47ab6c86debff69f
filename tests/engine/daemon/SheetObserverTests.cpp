#include "engine/daemon/SheetObserver.h"
#include "tests/support/Catch.h"
#include "tests/support/Events.h"
#include "tests/support/Images.h"
#include "tests/support/TemporaryDirectory.h"

using namespace drydock;

namespace {

// A container on one small layer, whose sheet is written to as the kernel would: without a word to anybody.
struct Harbour {
    Harbour()
    {
        layer::MemoryTar tar;
        tar.add(tests::directory("etc"), "");
        tar.add(tests::file("etc/greeting", "hello\n"), "hello\n");
        tar.add(tests::file("etc/motd", "hi\n"), "hi\n");
        content::ContentStore content(*storage, {});
        image = tests::small_image({ tar.finish() });
        REQUIRE_OK(tests::put_parts(image, content, layers));
        record.layers = image.diff_ids;
        REQUIRE_OK(roots.make(record.id));
        mount = REQUIRE_OK(roots.open(record));
        observer.begin(record);
    }

    // What an observation tells, a line each.
    std::vector<std::string> observe()
    {
        return lines_of([&] { observer.observe(record); });
    }
    std::vector<std::string> lines_of(std::function<void()> const& work)
    {
        auto const told = events.size();
        work();
        std::vector<std::string> lines;
        for (auto i = told; i < events.size(); ++i)
            lines.push_back(line(events[i].event));
        return lines;
    }

    tests::TemporaryDirectory directory;
    std::unique_ptr<content::Storage> storage { std::move(content::open_directory_storage(directory.path()).value()) };
    layer::LayerStore layers { *storage, {} };
    tests::StillClock clock;
    trace::EventLog events;
    daemon::Roots roots { daemon::StorageDriver::Overlay, *storage, layers, clock, {} };
    daemon::SheetObserver observer { roots, { events, clock, { { "laptop" }, { "daemon" }, {} } } };
    tests::SmallImage image { {}, {}, {}, {}, {}, oci::Digest::of("") };
    daemon::ContainerRecord record { .id = { "c1" },
        .name = "job",
        .created = {},
        .image = oci::Digest::of(""),
        .layers = {},
        .config = {},
        .host = {},
        .state = {} };
    std::shared_ptr<unionfs::UnionMount> mount;

private:
    static std::string line(trace::Event const& event)
    {
        if (auto const* e = event.get_if<trace::FileCopiedUp>())
            return "copied up " + e->path + " from " + std::to_string(e->from_branch) + ", " + std::to_string(e->bytes);
        if (auto const* e = event.get_if<trace::FileCreated>())
            return "created " + e->type + " " + e->path;
        if (auto const* e = event.get_if<trace::FileWritten>())
            return "written " + e->path + " " + std::to_string(e->size);
        if (auto const* e = event.get_if<trace::FileRemoved>())
            return "removed " + e->path;
        if (auto const* e = event.get_if<trace::WhiteoutMade>())
            return "whiteout " + e->path;
        if (auto const* e = event.get_if<trace::DirectoryMadeOpaque>())
            return "opaque " + e->path;
        return std::string(trace::name_of(event));
    }
};

using Lines = std::vector<std::string>;

}

TEST_CASE("SheetObserver: an empty sheet and one that stays as it was tell nothing", "[engine][daemon]")
{
    Harbour harbour;
    CHECK(harbour.observe() == Lines {});
    REQUIRE_OK(harbour.mount->write("/etc/motd", 0, "HI\n"));
    CHECK(harbour.observe() != Lines {});
    CHECK(harbour.observe() == Lines {});
}

TEST_CASE("SheetObserver: a file that was written is told as copied up, from the layer that has it", "[engine][daemon]")
{
    Harbour harbour;
    REQUIRE_OK(harbour.mount->write("/etc/greeting", 0, "Ahoy from ann\n"));
    CHECK(harbour.observe()
        == Lines { "copied up /etc from 1, 0", "copied up /etc/greeting from 1, 6", "written /etc/greeting 14" });
    std::vector<oci::Digest> from;
    for (std::uint64_t i = 0; i < harbour.events.size(); ++i) {
        if (auto const* copied = harbour.events[i].event.get_if<trace::FileCopiedUp>())
            from.push_back(copied->from_layer);
    }
    auto const layer = harbour.image.diff_ids.front().digest;
    CHECK((from == std::vector { layer, layer }));
    REQUIRE_OK(harbour.mount->truncate("/etc/greeting", 3));
    CHECK(harbour.observe() == Lines { "written /etc/greeting 3" });
}

TEST_CASE("SheetObserver: what is deleted below gets a whiteout, what is new just goes", "[engine][daemon]")
{
    Harbour harbour;
    REQUIRE_OK(harbour.mount->make_directory("/new", 0755, {}));
    REQUIRE_OK(harbour.mount->create("/new/file", 0644, {}));
    REQUIRE_OK(harbour.mount->unlink("/etc/motd"));
    CHECK(harbour.observe()
        == Lines { "copied up /etc from 1, 0", "removed /etc/motd", "whiteout /etc/motd", "created directory /new",
            "created file /new/file" });
    REQUIRE_OK(harbour.mount->unlink("/new/file"));
    REQUIRE_OK(harbour.mount->remove_directory("/new"));
    REQUIRE_OK(harbour.mount->create("/etc/motd", 0644, {}));
    CHECK(harbour.observe() == Lines { "removed /new/file", "removed /new", "created file /etc/motd" });
}

TEST_CASE("SheetObserver: an opaque directory hides what was below without whiteouts", "[engine][daemon]")
{
    Harbour harbour;
    REQUIRE_OK(harbour.mount->unlink("/etc/motd"));
    REQUIRE_OK(harbour.mount->unlink("/etc/greeting"));
    REQUIRE_OK(harbour.mount->remove_directory("/etc"));
    REQUIRE_OK(harbour.mount->make_directory("/etc", 0755, {}));
    CHECK(harbour.observe()
        == Lines { "created directory /etc", "opaque /etc", "removed /etc/greeting", "removed /etc/motd" });
}

TEST_CASE("SheetObserver: what was there before the container started is not told again", "[engine][daemon]")
{
    Harbour harbour;
    REQUIRE_OK(harbour.mount->create("/old", 0644, {}));
    harbour.observer.begin(harbour.record);
    REQUIRE_OK(harbour.mount->create("/young", 0644, {}));
    CHECK(harbour.observe() == Lines { "created file /young" });
}

TEST_CASE("SheetObserver: what is found at a start is told whole, an empty sheet not at all", "[engine][daemon]")
{
    Harbour harbour;
    CHECK(harbour.lines_of([&] { CHECK(harbour.observer.tell(harbour.record) == nullptr); }) == Lines {});
    REQUIRE_OK(harbour.mount->write("/etc/greeting", 0, "Ahoy from ann\n"));
    REQUIRE_OK(harbour.mount->unlink("/etc/motd"));
    REQUIRE_OK(harbour.mount->create("/young", 0644, {}));
    auto const told = harbour.lines_of([&] { CHECK(harbour.observer.tell(harbour.record) != nullptr); });
    CHECK(told
        == Lines { "copied up /etc from 1, 0", "copied up /etc/greeting from 1, 6", "written /etc/greeting 14",
            "removed /etc/motd", "whiteout /etc/motd", "created file /young" });
    CHECK(harbour.lines_of([&] { harbour.observer.tell(harbour.record); }) == told); // and again, by the next daemon
}
