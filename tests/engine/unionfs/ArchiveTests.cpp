#include "Stacks.h"

#include "engine/layer/TarReader.h"
#include "engine/unionfs/Archive.h"
#include "tests/support/Tars.h"

using namespace drydock;
using namespace drydock::unionfs;
using tests::LayerBuilder;

namespace {

struct ArchiveBench {
    LiveScheduler clock;
    UnionMount mount;

    explicit ArchiveBench(std::vector<LayerBuilder> const& layers = {})
        : mount(tests::stack_of(layers, std::make_shared<MemoryWritableBranch>(clock)), { "c" }, trace::Publisher())
    {
    }
    std::string text(std::string const& path) { return REQUIRE_OK(mount.read_all(path)); }
};

struct Packed {
    std::string tar;
    std::vector<layer::Entry> entries;
    std::vector<std::string> names() const
    {
        std::vector<std::string> names;
        for (auto const& entry : entries)
            names.push_back(entry.path);
        return names;
    }
};

Packed packed(UnionMount const& mount, std::string const& path, std::string const& name)
{
    Packed result;
    auto const count = REQUIRE_OK(write_archive(mount, path, name, [&](std::string_view bytes) -> Result<void> {
        result.tar += bytes;
        return {};
    }));
    layer::TarReader reader;
    REQUIRE_OK(reader.write(result.tar));
    result.entries = REQUIRE_OK(reader.finish());
    CHECK(count.bytes == result.tar.size());
    CHECK(count.entries == result.entries.size());
    return result;
}

Result<std::uint64_t> poured(
    UnionMount& mount, std::string const& directory, std::string tar, Overwrite overwrite = Overwrite::Anything)
{
    layer::TarReader reader;
    TRY(reader.write(tar));
    auto const entries = TRY(reader.finish());
    tests::Contents contents;
    contents.bytes = std::move(tar);
    return apply_archive(mount, directory, entries, contents, overwrite);
}

std::string tar_of_entries(std::vector<std::pair<layer::Entry, std::string>> const& members)
{
    layer::MemoryTar writer;
    for (auto const& [entry, content] : members)
        writer.add(entry, content);
    return writer.finish();
}

}

TEST_CASE("Archive: a subtree becomes a tar under its new name, merged from all branches", "[engine][unionfs]")
{
    ArchiveBench bench({ LayerBuilder().directory("etc").file("etc/motd", "upper\n").whiteout("etc/gone"),
        LayerBuilder()
            .directory("etc")
            .file("etc/gone", "x")
            .file("etc/motd", "lower\n")
            .symlink("etc/link", "motd") });
    REQUIRE_OK(bench.mount.create("/etc/own", 0640, { 7, 8, 0 }));
    REQUIRE_OK(bench.mount.link("/etc/own", "/etc/same"));
    auto const result = packed(bench.mount, "/etc", "conf");
    CHECK(result.names() == std::vector<std::string> { "conf", "conf/link", "conf/motd", "conf/own", "conf/same" });
    CHECK(result.entries[2].size == 6);
    CHECK(result.entries[3].mode == 0640);
    CHECK(result.entries[3].uid == 7);
    CHECK(result.entries[4].type == FileType::HardLink);
    CHECK(result.entries[4].link == "conf/own");
    CHECK(packed(bench.mount, "/", "").names().front() == "etc");
}

TEST_CASE("Archive: what was packed comes out equal on another mount", "[engine][unionfs]")
{
    ArchiveBench from({ LayerBuilder().directory("d", 0700).symlink("d/l", "../f").file("d/s", "set", 04755) });
    REQUIRE_OK(from.mount.make_directory("/d/deep", 0711, { 3, 4, 0 }));
    REQUIRE_OK(from.mount.create("/d/deep/big", 0600, { 5, 6, 0 }));
    REQUIRE_OK(from.mount.write("/d/deep/big", 0, std::string(200'000, 'b')));
    REQUIRE_OK(from.mount.set_times("/d/deep", 5'000'000'000, 5'000'000'000));
    ArchiveBench to;
    REQUIRE_OK(poured(to.mount, "/", packed(from.mount, "/d", "d").tar));
    CHECK(to.text("/d/deep/big") == std::string(200'000, 'b'));
    CHECK(REQUIRE_OK(to.mount.read_link("/d/l")) == "../f");
    for (auto const* path : { "/d", "/d/s", "/d/deep", "/d/deep/big" }) {
        CAPTURE(path);
        auto const before = REQUIRE_OK(from.mount.stat(path));
        auto const after = REQUIRE_OK(to.mount.stat(path));
        CHECK(after.mode == before.mode);
        CHECK(after.uid == before.uid);
        CHECK(after.gid == before.gid);
        CHECK(after.mtime == before.mtime);
    }
}

TEST_CASE("Archive: members never land outside, whatever symlink the container has in their way", "[engine][unionfs]")
{
    ArchiveBench bench;
    REQUIRE_OK(bench.mount.make_directory("/in", 0755, {}));
    REQUIRE_OK(bench.mount.make_directory("/etc", 0755, {}));
    REQUIRE_OK(bench.mount.make_symlink("/in/up", "../../../../etc", {}));
    REQUIRE_OK(poured(bench.mount, "/in", tests::tar_of({ { "up/passwd", "mine" } })));
    CHECK(bench.text("/etc/passwd") == "mine"); // the container's own, as "/" is its root
    // A symlink at the member's own place is replaced, not followed.
    REQUIRE_OK(bench.mount.make_symlink("/in/f", "/etc/passwd", {}));
    REQUIRE_OK(poured(bench.mount, "/in", tests::tar_of({ { "f", "new" } })));
    CHECK(bench.text("/etc/passwd") == "mine");
    CHECK(bench.text("/in/f") == "new");
    auto const climbing = poured(bench.mount, "/in", tests::tar_of({ { "../x", "" } }));
    REQUIRE_FALSE(climbing);
    CHECK(climbing.error().kind() == ErrorKind::InvalidInput);
}

TEST_CASE("Archive: noOverwriteDirNonDir keeps a directory a directory", "[engine][unionfs]")
{
    ArchiveBench bench;
    REQUIRE_OK(bench.mount.make_directory("/d", 0755, {}));
    REQUIRE_OK(bench.mount.create("/d/kept", 0644, {}));
    REQUIRE_OK(bench.mount.create("/f", 0644, {}));
    auto const by_file = poured(bench.mount, "/", tests::tar_of({ { "d", "x" } }), Overwrite::SameKind);
    REQUIRE_FALSE(by_file);
    CHECK(by_file.error().message().find("cannot overwrite directory \"/d\" with non-directory") != std::string::npos);
    auto const by_directory
        = poured(bench.mount, "/", tar_of_entries({ { tests::directory("f"), "" } }), Overwrite::SameKind);
    REQUIRE_FALSE(by_directory);
    REQUIRE_OK(poured(bench.mount, "/", tests::tar_of({ { "d", "x" } })));
    CHECK(bench.text("/d") == "x");
}

TEST_CASE("Archive: a file without end is cut at the size that its header promised", "[engine][unionfs]")
{
    ArchiveBench bench;
    REQUIRE_OK(bench.mount.create("/f", 0644, {}));
    REQUIRE_OK(bench.mount.write("/f", 0, "12345"));
    bool grown = false;
    std::string tar;
    REQUIRE_OK(write_archive(bench.mount, "/f", "f", [&](std::string_view bytes) -> Result<void> {
        tar += bytes;
        if (!std::exchange(grown, true))
            TRY(bench.mount.write("/f", 5, "678"));
        return {};
    }));
    layer::TarReader reader;
    REQUIRE_OK(reader.write(tar));
    CHECK(REQUIRE_OK(reader.finish()).at(0).size == 5);
}
