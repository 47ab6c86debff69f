#include "engine/unionfs/UnionMount.h"
#include "tests/engine/unionfs/Stacks.h"
#include "tests/support/Events.h"

#include <cerrno>

using namespace drydock;
using namespace drydock::tests;
using namespace drydock::unionfs;

namespace {

constexpr Caller root { 0, 0, 022 };

struct Fixture {
    StillClock clock;
    RecordedEvents events;
    std::shared_ptr<MemoryWritableBranch> upper { std::make_shared<MemoryWritableBranch>(clock, 1 << 20) };

    UnionMount mount(std::vector<LayerBuilder> const& layers)
    {
        return { stack_of(layers, upper), ContainerId { "c" }, events.publisher() };
    }
};

int error_of(Result<void> const& result)
{
    return result ? 0 : result.error().errno_code();
}

std::string names_of(std::vector<DirectoryEntry> const& entries)
{
    std::string names;
    for (auto const& entry : entries)
        names += entry.name + " ";
    return names;
}

}

TEST_CASE("UnionMount: the topmost copy of a path wins, and directories merge", "[engine][unionfs]")
{
    Fixture f;
    auto const mount = f.mount({ LayerBuilder().file("d/both", "top").file("d/top", ""),
        LayerBuilder().file("d/both", "bottom").file("d/bottom", "") });
    CHECK(REQUIRE_OK(mount.read_all("/d/both")) == "top");
    CHECK(names_of(REQUIRE_OK(mount.list("/d"))) == "both bottom top ");
    CHECK(REQUIRE_OK(mount.provider("/d/bottom")) == 2);
}

TEST_CASE("UnionMount: a listing is right after every change, though the branches are asked for names once",
    "[engine][unionfs]")
{
    Fixture f;
    auto mount = f.mount({ LayerBuilder().file("d/a", "").file("d/b", "").file("d/c", ""),
        LayerBuilder().whiteout("d/never").file("d/z", "") });
    auto const names = [&] { return names_of(REQUIRE_OK(mount.list("/d"))); };
    CHECK_FALSE(mount.stat("/d/new")); // known to be absent, before the listing
    CHECK(names() == "a b c z ");
    REQUIRE_OK(mount.create("/d/new", 0644, root));
    REQUIRE_OK(mount.unlink("/d/a"));
    REQUIRE_OK(mount.rename("/d/b", "/d/y"));
    REQUIRE_OK(mount.link("/d/c", "/d/linked"));
    REQUIRE_OK(mount.make_directory("/d/sub", 0755, root));
    CHECK(names() == "c linked new sub y z ");
    CHECK(REQUIRE_OK(mount.list("/d/sub")).empty());
    REQUIRE_OK(mount.create("/d/sub/file", 0644, root));
    REQUIRE_OK(mount.rename("/d/sub", "/moved"));
    CHECK(names_of(REQUIRE_OK(mount.list("/moved"))) == "file ");
    CHECK(names() == "c linked new y z ");
    CHECK(error_of(mount.remove_directory("/moved")) == ENOTEMPTY);
}

TEST_CASE("UnionMount: a lookup tells which branches it asked, once for each path", "[engine][unionfs]")
{
    Fixture f;
    auto const mount = f.mount({ LayerBuilder().whiteout("gone"), LayerBuilder().file("gone", "").file("here", "") });
    CHECK(mount.stat("/here"));
    CHECK(mount.stat("/here"));
    CHECK_FALSE(mount.stat("/gone"));
    CHECK_FALSE(mount.stat("/gone"));
    CHECK_FALSE(mount.stat("/nowhere"));
    auto const lookups = f.events.of<trace::PathLookedUp>();
    REQUIRE(lookups.size() == 3);
    CHECK(lookups[0] == trace::PathLookedUp { ContainerId { "c" }, "/here", { 0, 1, 2 }, 2, -1 });
    CHECK(lookups[1] == trace::PathLookedUp { ContainerId { "c" }, "/gone", { 0, 1 }, -1, 1 });
    CHECK(lookups[2] == trace::PathLookedUp { ContainerId { "c" }, "/nowhere", { 0, 1, 2 }, -1, -1 });
}

TEST_CASE(
    "UnionMount: the first write lifts the file and its directories, with owner, mode and xattrs", "[engine][unionfs]")
{
    Fixture f;
    layer::Entry motd { .path = "etc/motd", .mode = 04750, .uid = 12, .gid = 34 };
    motd.xattrs["user.kind"] = "greeting";
    auto mount = f.mount({ LayerBuilder().directory("etc", 0711).entry(motd, "hello") });
    REQUIRE_OK(mount.write("/etc/motd", 5, " world"));
    auto const upper = REQUIRE_OK(f.upper->look_up("etc/motd")).attributes;
    CHECK(upper.mode == 04750);
    CHECK(upper.uid == 12);
    CHECK(upper.gid == 34);
    CHECK(REQUIRE_OK(f.upper->xattrs("etc/motd")).at("user.kind") == "greeting");
    CHECK(REQUIRE_OK(f.upper->look_up("etc")).attributes.mode == 0711);
    CHECK(REQUIRE_OK(mount.read_all("/etc/motd")) == "hello world");

    auto const lifted = f.events.of<trace::FileCopiedUp>();
    REQUIRE(lifted.size() == 2);
    CHECK(lifted[0].path == "/etc");
    CHECK(lifted[1].path == "/etc/motd");
    CHECK(lifted[1].from_branch == 1);
    CHECK(lifted[1].bytes == 5);
    REQUIRE(f.events.of<trace::FileWritten>().size() == 1);
    CHECK(f.events.of<trace::FileWritten>()[0].size == 11);
}

TEST_CASE("UnionMount: copying a file up leaves the times of its directories alone", "[engine][unionfs]")
{
    Fixture f;
    auto mount = f.mount({ LayerBuilder().directory("etc").file("etc/motd", "hello") });
    auto const before = REQUIRE_OK(mount.stat("/etc")).mtime;
    REQUIRE_OK(mount.change_mode("/etc/motd", 0600));
    CHECK(REQUIRE_OK(mount.stat("/etc")).mtime == before);
}

TEST_CASE("UnionMount: removing what a layer has leaves a whiteout, and only then", "[engine][unionfs]")
{
    Fixture f;
    auto mount = f.mount({ LayerBuilder().file("below", "") });
    REQUIRE_OK(mount.unlink("/below"));
    REQUIRE_OK(mount.create("/own", 0644, root));
    REQUIRE_OK(mount.unlink("/own"));
    CHECK(REQUIRE_OK(f.upper->look_up("below")).lookup == Lookup::WhitedOut);
    CHECK(REQUIRE_OK(f.upper->look_up("own")).lookup == Lookup::Absent);
    REQUIRE(f.events.of<trace::WhiteoutMade>().size() == 1);
    CHECK(f.events.of<trace::FileRemoved>().size() == 2);
}

TEST_CASE("UnionMount: a directory made where one was deleted is opaque", "[engine][unionfs]")
{
    Fixture f;
    auto mount = f.mount({ LayerBuilder().file("d/old", "") });
    CHECK(error_of(mount.remove_directory("/d")) == ENOTEMPTY);
    REQUIRE_OK(mount.unlink("/d/old"));
    REQUIRE_OK(mount.remove_directory("/d"));
    REQUIRE_OK(mount.make_directory("/d", 0755, root));
    CHECK(REQUIRE_OK(mount.list("/d")).empty());
    REQUIRE(f.events.of<trace::DirectoryMadeOpaque>().size() == 1);
}

TEST_CASE("UnionMount: a directory with a part in a layer cannot be renamed; a pure one can, and stays apart",
    "[engine][unionfs]")
{
    Fixture f;
    auto mount = f.mount({ LayerBuilder().file("merged/x", "").file("other/y", "") });
    CHECK(error_of(mount.rename("/merged", "/elsewhere")) == EXDEV);
    REQUIRE_OK(mount.make_directory("/pure", 0755, root));
    REQUIRE_OK(mount.unlink("/other/y"));
    REQUIRE_OK(mount.rename("/pure", "/other"));
    CHECK(REQUIRE_OK(mount.list("/other")).empty());
    CHECK(REQUIRE_OK(f.upper->look_up("other")).opaque);
}

TEST_CASE("UnionMount: a link of a layer is broken by the copy-up of one name", "[engine][unionfs]")
{
    Fixture f;
    auto mount = f.mount({ LayerBuilder().file("a", "old").hard_link("b", "a") });
    CHECK(REQUIRE_OK(mount.stat("/a")).inode == REQUIRE_OK(mount.stat("/b")).inode);
    REQUIRE_OK(mount.write("/a", 0, "new"));
    CHECK(REQUIRE_OK(mount.read_all("/b")) == "old");
    CHECK(REQUIRE_OK(mount.stat("/a")).inode != REQUIRE_OK(mount.stat("/b")).inode);
}

TEST_CASE("UnionMount: without a writable branch every change is refused", "[engine][unionfs]")
{
    UnionMount mount(stack_of({ LayerBuilder().file("f", "") }, nullptr), ContainerId { "c" }, {});
    CHECK(error_of(mount.create("/new", 0644, root)) == EROFS);
    CHECK(error_of(mount.write("/f", 0, "x")) == EROFS);
    CHECK(error_of(mount.unlink("/f")) == EROFS);
    CHECK(error_of(mount.change_mode("/f", 0600)) == EROFS);
}

TEST_CASE("UnionMount: symlinks in the middle are followed inside the mount, and loops end", "[engine][unionfs]")
{
    Fixture f;
    LayerBuilder layer;
    layer.file("etc/motd", "m").symlink("abs", "/etc").symlink("up", "../../../etc").symlink("loop", "loop");
    auto const mount = f.mount({ layer });
    CHECK(REQUIRE_OK(mount.read_all("/abs/motd")) == "m");
    CHECK(REQUIRE_OK(mount.resolve("/up/motd")) == "/etc/motd");
    CHECK(mount.resolve("/loop").error().errno_code() == ELOOP);
    CHECK(REQUIRE_OK(mount.read_link("/abs")) == "/etc");
}

TEST_CASE(
    "UnionMount: a full disk refuses the write and the copy-up, and leaves the file as it was", "[engine][unionfs]")
{
    Fixture f;
    auto mount = f.mount({ LayerBuilder().file("large", std::string(2 << 20, 'x')).file("small", "s") });
    CHECK(error_of(mount.write("/large", 0, "y")) == ENOSPC);
    CHECK(REQUIRE_OK(f.upper->look_up("large")).lookup == Lookup::Absent);
    CHECK(error_of(mount.truncate("/small", 1ULL << 40)) == ENOSPC);
    CHECK(REQUIRE_OK(mount.read_all("/small")) == "s");
}

TEST_CASE("UnionMount: chown takes the setuid bit away", "[engine][unionfs]")
{
    Fixture f;
    auto mount = f.mount({ LayerBuilder().file("tool", "", 06755) });
    REQUIRE_OK(mount.change_owner("/tool", 5, 5));
    CHECK(REQUIRE_OK(mount.stat("/tool")).mode == 0755);
}

TEST_CASE("UnionMount: changes are what docker diff lists", "[engine][unionfs]")
{
    Fixture f;
    auto mount = f.mount({ LayerBuilder().file("etc/motd", "m").file("etc/old", "").file("d/x", "").file("d/y", "") });
    REQUIRE_OK(mount.write("/etc/motd", 0, "n"));
    REQUIRE_OK(mount.unlink("/etc/old"));
    REQUIRE_OK(mount.create("/new", 0644, root));
    REQUIRE_OK(mount.unlink("/d/x"));
    REQUIRE_OK(mount.unlink("/d/y"));
    REQUIRE_OK(mount.remove_directory("/d"));
    REQUIRE_OK(mount.make_directory("/d", 0755, root));
    using Kind = Change::Kind;
    CHECK(REQUIRE_OK(mount.changes())
        == std::vector<Change> { { Kind::Modified, "/d" }, { Kind::Deleted, "/d/x" }, { Kind::Deleted, "/d/y" },
            { Kind::Modified, "/etc" }, { Kind::Modified, "/etc/motd" }, { Kind::Deleted, "/etc/old" },
            { Kind::Added, "/new" } });
}

TEST_CASE("UnionMount: one layer twice, or a layer on its own, changes nothing in what is seen", "[engine][unionfs]")
{
    Fixture f;
    LayerBuilder const layer = LayerBuilder().file("d/x", "x").whiteout("gone");
    auto const twice = f.mount({ layer, LayerBuilder().file("gone", ""), layer });
    CHECK(names_of(REQUIRE_OK(twice.list("/"))) == "d ");
    CHECK(REQUIRE_OK(twice.read_all("/d/x")) == "x");
}
