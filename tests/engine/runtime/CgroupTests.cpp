#include "engine/runtime/Cgroup.h"
#include "tests/support/Catch.h"
#include "tests/support/TemporaryDirectory.h"

#include <fcntl.h>
#include <sched.h>
#include <sys/file.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <set>

using namespace drydock;

namespace {

constexpr int cannot_mount = 77;

// Mounts every hierarchy a second time, where nobody else sees it, and counts those that come twice.
int repeated_trees_in_a_second_mount(std::filesystem::path const& at)
{
    if (::unshare(CLONE_NEWNS) != 0 || ::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0
        || ::mount("/sys/fs/cgroup", at.c_str(), nullptr, MS_BIND | MS_REC, nullptr) != 0)
        return cannot_mount;
    auto const cgroups = runtime::Cgroups::discover();
    std::set<std::pair<int, std::vector<std::string>>> distinct;
    for (auto const& tree : cgroups.trees())
        distinct.emplace(tree.version, tree.controllers);
    return static_cast<int>(cgroups.trees().size() - distinct.size());
}

}

TEST_CASE("Cgroups: a tree that is mounted twice is one tree", "[engine][runtime]")
{
    tests::TemporaryDirectory const second;
    auto const child = ::fork();
    if (child == 0)
        ::_exit(repeated_trees_in_a_second_mount(second.path()));
    int status = 0;
    REQUIRE(::waitpid(child, &status, 0) == child);
    REQUIRE(WIFEXITED(status));
    if (WEXITSTATUS(status) != cannot_mount)
        CHECK(WEXITSTATUS(status) == 0);
}

TEST_CASE("Cgroups: a group is its maker's, whatever pid that has", "[engine][runtime]")
{
    auto const first = runtime::Cgroups::discover();
    if (first.trees().empty()) {
        WARN("skipped: no cgroup can be made here");
        return;
    }
    // In a pid namespace of its own this number is nobody's, and another runtime may have the same.
    auto const foreign = first.trees().front().base.parent_path() / "drydock-999999999-1";
    REQUIRE(::mkdir(foreign.c_str(), 0755) == 0);
    {
        os::Fd const owner(::open(foreign.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
        REQUIRE(::flock(owner.get(), LOCK_EX) == 0);
        auto const second = runtime::Cgroups::discover();
        CHECK(std::filesystem::exists(foreign));
        CHECK(std::filesystem::exists(first.trees().front().base));
        CHECK(second.trees().front().base != first.trees().front().base);
    }
    static_cast<void>(runtime::Cgroups::discover()); // its owner has ended
    CHECK_FALSE(std::filesystem::exists(foreign));
}
