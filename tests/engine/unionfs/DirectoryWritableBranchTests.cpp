#include "engine/unionfs/DirectoryWritableBranch.h"
#include "tests/engine/unionfs/Stacks.h"
#include "tests/support/TemporaryDirectory.h"

#include <sys/stat.h>

#include <cerrno>
#include <fstream>

using namespace drydock;
using namespace drydock::tests;
using namespace drydock::unionfs;
namespace fs = std::filesystem;

namespace {

struct Upper {
    TemporaryDirectory directory;
    fs::path upper { directory.path() / "upper" };
    fs::path work { directory.path() / "work" };
    Upper()
    {
        fs::create_directory(upper);
        fs::create_directory(work);
    }
    std::shared_ptr<DirectoryWritableBranch> open(Owners owners = Owners::AsPermitted) const
    {
        return REQUIRE_OK(DirectoryWritableBranch::open(upper, work, owners));
    }
};

}

TEST_CASE(
    "DirectoryWritableBranch: keeps owner, mode and device in an xattr where it may not set them", "[engine][unionfs]")
{
    Upper const where;
    auto const branch = where.open(Owners::InXattrs);
    REQUIRE_OK(branch->make("file", { .mode = 04755, .uid = 33, .gid = 44 }));
    REQUIRE_OK(
        branch->make("null", { .type = FileType::CharDevice, .mode = 0666, .device_major = 1, .device_minor = 3 }));
    REQUIRE_OK(branch->make("dir", { .type = FileType::Directory, .mode = 0 }));
    REQUIRE_OK(branch->change("file", { .gid = 55 }));

    auto const reopened = where.open(); // as the tree was begun, whoever opens it
    auto const file = REQUIRE_OK(reopened->look_up("file")).attributes;
    CHECK(file.mode == 04755);
    CHECK(file.uid == 33);
    CHECK(file.gid == 55);
    auto const null = REQUIRE_OK(reopened->look_up("null")).attributes;
    CHECK(null.type == FileType::CharDevice);
    CHECK(null.device_minor == 3);
    CHECK(REQUIRE_OK(reopened->look_up("dir")).attributes.mode == 0);
    CHECK(REQUIRE_OK(reopened->xattrs("file")).empty());

    struct stat real { };
    REQUIRE(::lstat((where.upper / "file").c_str(), &real) == 0);
    CHECK((real.st_mode & 07777) == 0755); // never setuid on the host
    REQUIRE(::lstat((where.upper / "dir").c_str(), &real) == 0);
    CHECK((real.st_mode & 0700) == 0700); // or its owner could not look inside
}

TEST_CASE("DirectoryWritableBranch: a copy that fails leaves nothing behind", "[engine][unionfs]")
{
    Upper const where;
    auto const branch = where.open();
    CHECK_FALSE(branch->make("file", { .content = std::make_shared<Broken>() }));
    CHECK(REQUIRE_OK(branch->look_up("file")).lookup == Lookup::Absent);
    CHECK(fs::is_empty(where.work));
}

TEST_CASE("DirectoryWritableBranch: a directory that moved is where it is now, also right after it was used",
    "[engine][unionfs]")
{
    Upper const where;
    auto const branch = where.open();
    auto const is_there
        = [&](std::string const& path) { return REQUIRE_OK(branch->look_up(path)).lookup == Lookup::Present; };
    REQUIRE_OK(branch->make("a", { .type = FileType::Directory }));
    REQUIRE_OK(branch->make("a/d", { .type = FileType::Directory }));
    REQUIRE_OK(branch->make("a/d/x", {}));
    REQUIRE(is_there("a/d/x"));
    REQUIRE_OK(branch->rename("a", "b", Vacancy::Nothing)); // above the directory that was used
    CHECK_FALSE(is_there("a/d/x"));
    CHECK(is_there("b/d/x"));

    REQUIRE_OK(branch->remove("b/d/x"));
    REQUIRE_OK(branch->remove("b/d"));
    CHECK_FALSE(is_there("b/d/x"));
    REQUIRE_OK(branch->make("b/d", { .type = FileType::Directory }));
    REQUIRE_OK(branch->make("b/d/x", {}));
    CHECK(is_there("b/d/x"));
    CHECK(fs::exists(where.upper / "b/d/x"));

    REQUIRE_OK(branch->remove("b/d/x"));
    REQUIRE_OK(branch->make_whiteout("b/d")); // over a directory
    CHECK_FALSE(is_there("b/d/x"));
}

TEST_CASE("DirectoryWritableBranch: what a crash left in the work directory is swept", "[engine][unionfs]")
{
    Upper const where;
    std::ofstream(where.work / "new-0") << "half a file";
    auto const branch = where.open();
    CHECK(fs::is_empty(where.work));
}

TEST_CASE("DirectoryWritableBranch: no path leads through a symlink or out of the directory", "[engine][unionfs]")
{
    Upper const where;
    auto const branch = where.open();
    fs::create_directory_symlink("/etc", where.upper / "link");
    auto const* const path = GENERATE("link/passwd",
        "../work"
        "/x",
        "link/../x");
    CAPTURE(path);
    auto const found = branch->look_up(path);
    CHECK((!found || found->lookup == Lookup::Absent));
    CHECK_FALSE(branch->make(path, {}));
    CHECK_FALSE(branch->open(path));
    CHECK_FALSE(branch->remove(path));
}
