#pragma once

// The control groups of one bundle's container, in every hierarchy that is mounted and lets us: its cgroupsPath. They
// outlive the command that makes them, so they are named by their paths. Where a hierarchy is missing or not ours,
// what it would have limited is a warning.

#include "engine/bundle/Config.h"

namespace drydock::bundle {

struct Group {
    int version { 2 };
    std::string name; // what it is called below /sys/fs/cgroup: "cpu,cpuacct", "systemd"; "unified" for version 2
    std::filesystem::path path;
};

class Groups {
public:
    explicit Groups(std::vector<Group> groups)
        : m_groups(std::move(groups))
    {
    }
    // Conflict where one of them holds processes: they would share the container's limits, and its end.
    static Result<Groups> make(std::string const& cgroups_path, std::vector<std::string>& warnings);

    std::vector<Group> const& all() const { return m_groups; }

    void limit(Config&) const; // adds warnings
    void attach(int pid, std::vector<std::string>& warnings) const;
    std::vector<int> processes() const;
    Result<void> freeze() const;
    Result<void> thaw() const;
    bool frozen() const;
    void remove() const; // its processes must be dead

    // What a mount of type cgroup shows: these groups.
    std::vector<init::BundleMount> mounts_for(init::BundleMount const&) const;

private:
    Group const* with(std::string const& controller) const;
    void enforce_device_rules(Config&) const;

    std::vector<Group> m_groups;
};

}
