#include "engine/runtime/Cgroup.h"
#include "tests/support/Catch.h"
#include "tests/support/TemporaryDirectory.h"

#include <sched.h>
#include <sys/mount.h>
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
