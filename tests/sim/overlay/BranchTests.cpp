#include "tests/sim/overlay/Listings.h"
#include "tests/support/Catch.h"

using namespace drydock;
using namespace drydock::overlay;
using tests::layer;

TEST_CASE("Branch: what a layer's listing names is found under its path, with its directories", "[sim][overlay]")
{
    auto const branch = layer({ { "/etc/motd", "file", 12, 0600 }, { "/bin", "directory" }, { "/bin/sh", "symlink" } });
    REQUIRE(branch.find("/etc/motd") != nullptr);
    CHECK(branch.find("/etc/motd")->object == Object { .kind = Kind::File, .size = 12, .mode = 0600 });
    CHECK(branch.find("/etc")->object.kind == Kind::Directory);
    CHECK(branch.find("/bin/sh")->object.kind == Kind::Symlink);
    CHECK(branch.find("/etc/motd/below") == nullptr);
    CHECK(branch.find("/nowhere") == nullptr);
    CHECK(branch.find("/") == &branch.root());
}

TEST_CASE("Branch: a layer that hides a name and brings one under it hides what lies below only", "[sim][overlay]")
{
    for (auto const& members : { std::vector<tests::Member> { { "/d", "whiteout" }, { "/d", "directory" } },
             std::vector<tests::Member> { { "/d", "directory" }, { "/d", "whiteout" } } }) {
        auto const branch = layer(members);
        CHECK(branch.find("/d")->object.kind == Kind::Directory);
        CHECK(branch.find("/d")->object.opaque);
    }
    CHECK(layer({ { "/d", "opaque" }, { "/d/x" } }).find("/d")->object.opaque);
}

TEST_CASE("Branch: a sheet holds what was made, what was copied up as it is below, and whiteouts", "[sim][overlay]")
{
    auto const below = layer({ { "/etc", "directory" }, { "/etc/motd", "file", 12 }, { "/link", "symlink" } });
    std::map<std::string, world::SheetEntry> sheet;
    sheet["/etc"].mark = world::SheetMark::CopiedUp;
    sheet["/etc/motd"] = { .mark = world::SheetMark::CopiedUp, .size = 30, .from_layer = {}, .note = {} };
    sheet["/link"].mark = world::SheetMark::CopiedUp;
    sheet["/moved"].mark = world::SheetMark::CopiedUp;
    sheet["/new"].type = "directory";
    sheet["/gone"].mark = world::SheetMark::Whiteout;
    sheet["/again"].mark = world::SheetMark::Opaque;
    auto const branch = Branch::of_sheet(sheet, tests::stack_of(below));
    CHECK(branch.find("/etc")->object.kind == Kind::Directory);
    CHECK(branch.find("/etc/motd")->object == Object { .kind = Kind::File, .size = 30 });
    CHECK(branch.find("/link")->object.kind == Kind::Symlink);
    CHECK(branch.find("/moved")->object.kind == Kind::File);
    CHECK(branch.find("/new")->object.kind == Kind::Directory);
    CHECK(branch.find("/gone")->object.kind == Kind::Whiteout);
    CHECK(branch.find("/again")->object == Object { .kind = Kind::Directory, .opaque = true });
}
