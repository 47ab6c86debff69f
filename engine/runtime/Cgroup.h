#pragma once

// Control groups: how much memory, how many processes and how much processor time a container may take, and the way to
// freeze it. Version 2 is one tree, version 1 one tree per controller; machines have either or both ("hybrid"), and an
// ordinary user may write only where somebody has delegated a part to them. What is there is looked up, never assumed.

#include "engine/os/Fd.h"
#include "engine/runtime/Runtime.h"
#include "sim/core/Result.h"

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

namespace drydock::runtime {

// One tree that is mounted and in which this process may make groups.
struct CgroupTree {
    int version { 2 };
    std::vector<std::string> controllers; // "memory", "pids", "cpu"
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

    // Moves a process into the v1 groups; its children are born there. The kernel takes some 10 ms for it.
    Result<void> attach_v1(int pid) const;
    bool has_v1() const { return !m_v1.empty(); }

    // Only version 2 lets frozen processes be killed, so only its freezer is used.
    bool can_freeze() const { return static_cast<bool>(m_directory); }
    Result<void> freeze() const; // returns when every process has stopped
    Result<void> thaw() const;

    // Version 2 only, as the freezer.
    Result<void> kill() const;                   // SIGKILL to all in it; returns when they are gone
    std::vector<std::int64_t> processes() const; // by pid; empty without a v2 group

    // Whether the kernel has ended a process of it because its memory was used up.
    bool has_run_out_of_memory() const;

    Usage usage() const;
    Result<void> limit(Limits const&); // anew

    struct Group {
        std::filesystem::path path;
        std::string limits; // "memory 64 MB, 100 processes"
    };
    std::vector<Group> const& groups() const { return m_groups; }

private:
    friend class Cgroups;
    struct V1Group {
        std::size_t tree; // index
        std::filesystem::path path;
    };
    Cgroup() = default;

    struct Limited {
        CgroupTree tree;
        std::filesystem::path path;
    };
    std::vector<Group> m_groups;
    std::vector<Limited> m_limited;
    std::vector<V1Group> m_v1;
    std::filesystem::path m_v2;
    os::Fd m_directory;
};

class Cgroups {
public:
    // What this process may use. Our containers' groups stand below one of our own ("drydock-PID-N"), which no other
    // runtime shares; those that a killed engine left are removed.
    static Cgroups discover();
    Cgroups() = default; // none: containers without limits
    ~Cgroups();          // removes our group; the containers must be gone
    Cgroups(Cgroups&&) noexcept = default;
    Cgroups& operator=(Cgroups&&) = delete;

    std::vector<CgroupTree> const& trees() const { return m_trees; }
    bool has(std::string_view controller) const;

    // The v1 groups under a name of our own, so that a process can be moved there before anybody asks for a container.
    Result<std::shared_ptr<Cgroup>> prepare(std::string const& name) const;
    // Gives them to a container: its id as their name, its limits, and a v2 group.
    Result<void> assign(Cgroup&, ContainerId const&, Limits const&) const;

private:
    bool claim_groups(std::string const& name);

    std::vector<CgroupTree> m_trees;
    std::vector<os::Fd> m_locks; // of our groups: as long as they are held, the groups are ours
};

}
