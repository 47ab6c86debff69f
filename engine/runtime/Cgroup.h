#pragma once

// Control groups: how much memory, how many processes and how much processor time a container may take, and the way to
// freeze it. Version 2 is one tree, version 1 one tree per controller; machines have either or both ("hybrid"), and an
// ordinary user may write only where somebody has delegated a part to them. What is there is looked up, never assumed.

#include "engine/os/Fd.h"
#include "engine/runtime/Runtime.h"
#include "sim/core/Result.h"

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace drydock::runtime {

// One tree that is mounted and in which this process may make groups.
struct CgroupTree {
    int version { 2 };
    std::vector<std::string> controllers; // "memory", "pids", "cpu", "freezer"
    std::filesystem::path base;           // where ours are made
};

// The limits of one container in all trees. Destroying it removes the groups; their processes must be dead.
class Cgroup {
public:
    ~Cgroup();
    Cgroup(Cgroup const&) = delete;
    Cgroup& operator=(Cgroup const&) = delete;

    // The v2 group, for clone3(2) with CLONE_INTO_CGROUP; invalid without a v2 tree.
    os::Fd const& directory() const { return m_directory; }
    // Moves a process into the v1 groups; nothing to do without.
    Result<void> attach_v1(int pid) const;
    bool has_v1() const;

    bool can_freeze() const;
    Result<void> freeze() const; // returns when every process has stopped
    Result<void> thaw() const;

    struct Group {
        std::filesystem::path path;
        std::string limits; // "memory 64 MB, 100 processes"
    };
    std::vector<Group> const& groups() const { return m_groups; }

private:
    friend class Cgroups;
    Cgroup() = default;

    std::vector<Group> m_groups;
    std::vector<std::filesystem::path> m_v1;
    std::filesystem::path m_freezer; // v2 group or v1 freezer
    bool m_freezer_is_v1 { false };
    os::Fd m_directory;
};

class Cgroups {
public:
    // What this process may use. `name`: of the group that holds all containers'.
    static Cgroups discover(std::string name = "drydock");
    Cgroups() = default; // none: containers without limits
    ~Cgroups();          // removes the common group where it is empty
    Cgroups(Cgroups&&) noexcept = default;
    Cgroups& operator=(Cgroups&&) = delete;

    std::vector<CgroupTree> const& trees() const { return m_trees; }
    bool has(std::string_view controller) const;
    Result<std::shared_ptr<Cgroup>> create(ContainerId const&, Limits const&) const;

private:
    std::vector<CgroupTree> m_trees;
};

}
