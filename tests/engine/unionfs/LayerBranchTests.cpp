#include "engine/unionfs/LayerBranch.h"
#include "tests/engine/unionfs/Stacks.h"

using namespace drydock;
using namespace drydock::tests;
using namespace drydock::unionfs;

namespace {

std::shared_ptr<LayerBranch const> branch_of(LayerBuilder const& builder)
{
    return REQUIRE_OK(LayerBranch::create(builder.build()));
}

Found find(LayerBranch const& branch, std::string const& path)
{
    return REQUIRE_OK(branch.look_up(path));
}

}

TEST_CASE("LayerBranch: a whiteout hides what lies below, not what its own layer brings", "[engine][unionfs]")
{
    LayerBuilder builder;
    builder.whiteout("gone").file("dir/new", "x").whiteout("dir").file("kept", "k").whiteout("kept");
    auto const branch = branch_of(builder);
    CHECK(find(*branch, "gone").lookup == Lookup::WhitedOut);
    CHECK(find(*branch, "kept").lookup == Lookup::Present);
    CHECK(find(*branch, "dir").lookup == Lookup::Present);
    CHECK(find(*branch, "dir").opaque); // the lower dir's children must not come back
    CHECK(find(*branch, "dir/new").lookup == Lookup::Present);
}

TEST_CASE("LayerBranch: a directory that replaces a whiteout of its own layer is opaque", "[engine][unionfs]")
{
    LayerBuilder builder;
    builder.whiteout("dir").directory("dir").file("dir/n", "n").whiteout("implied").file("implied/n", "n");
    auto const branch = branch_of(builder);
    CHECK(find(*branch, "dir").opaque);
    CHECK(find(*branch, "implied").opaque);
}

TEST_CASE("LayerBranch: the opaque marker works wherever it stands, also at the root", "[engine][unionfs]")
{
    LayerBuilder builder;
    builder.file("a/x", "x").opaque("a").opaque("b").directory("b").opaque("");
    auto const branch = branch_of(builder);
    CHECK(find(*branch, "a").opaque);
    CHECK(find(*branch, "a/x").lookup == Lookup::Present);
    CHECK(find(*branch, "b").opaque);
    CHECK(find(*branch, "").opaque);
}

TEST_CASE("LayerBranch: whiteout names that mean nothing hide nothing", "[engine][unionfs]")
{
    auto const* const name = GENERATE(".wh.", ".wh..", ".wh...", ".wh..wh.plnk", "d/.wh..");
    CAPTURE(name);
    auto const branch = branch_of(LayerBuilder().file(name, ""));
    for (auto const& [listed, found] : REQUIRE_OK(branch->list("")))
        CHECK(listed == "d");
    CHECK_FALSE(find(*branch, "").opaque);
}

TEST_CASE("LayerBranch: hard links are one inode, also when the first name is replaced", "[engine][unionfs]")
{
    LayerBuilder builder;
    builder.file("a", "content").hard_link("b", "a").hard_link("c", "b").file("a", "other");
    auto const branch = branch_of(builder);
    CHECK(find(*branch, "b").attributes.inode == find(*branch, "c").attributes.inode);
    CHECK(find(*branch, "b").attributes.links == 2);
    CHECK(find(*branch, "a").attributes.links == 1);
    std::string content(7, '\0');
    auto const file = REQUIRE_OK(branch->open("c"));
    REQUIRE(REQUIRE_OK(file->read_at(0, content)) == 7);
    CHECK(content == "content");
}

TEST_CASE("LayerBranch: refuses a hard link to what the layer does not hold", "[engine][unionfs]")
{
    auto const* const target = GENERATE("nowhere", "dir", "../etc/passwd");
    auto const branch = LayerBranch::create(LayerBuilder().directory("dir").hard_link("link", target).build());
    REQUIRE_FALSE(branch);
    CHECK(branch.error().kind() == ErrorKind::Corrupt);
}

TEST_CASE("LayerBranch: an image cannot smuggle the kernel's overlay marks in", "[engine][unionfs]")
{
    layer::Entry device { .path = "device", .type = FileType::CharDevice };
    layer::Entry directory { .path = "dir", .type = FileType::Directory, .mode = 0755 };
    directory.xattrs = { { "user.overlay.opaque", "y" }, { "trusted.overlay.redirect", "/etc" }, { "user.kept", "1" } };
    auto const branch = branch_of(LayerBuilder().entry(device).entry(directory));
    CHECK(find(*branch, "device").lookup == Lookup::Absent);
    CHECK_FALSE(find(*branch, "dir").opaque);
    CHECK(REQUIRE_OK(branch->xattrs("dir")) == std::map<std::string, std::string> { { "user.kept", "1" } });
}

TEST_CASE("LayerBranch: the last entry of a name wins, and a directory that comes twice keeps its children",
    "[engine][unionfs]")
{
    LayerBuilder builder;
    builder.directory("d", 0700).file("d/x", "x").directory("d", 0711).file("f/below", "b").file("f", "file");
    auto const branch = branch_of(builder);
    CHECK(find(*branch, "d").attributes.mode == 0711);
    CHECK(find(*branch, "d/x").lookup == Lookup::Present);
    CHECK(find(*branch, "f").attributes.type == FileType::Regular);
    CHECK(find(*branch, "f/below").lookup == Lookup::Absent);
}
