#pragma once

// Named volumes: trees that belong to no container and outlive them. In the live world each is a directory, which the
// kernel binds into containers; in the simulated world a tree in memory, shared by the containers that mount it.
//
//   volumes/<name>/volume.json   the record, written last and removed first
//   volumes/<name>/_data         its content (live)

#include "engine/daemon/Daemon.h"
#include "engine/daemon/EventFeed.h"
#include "engine/unionfs/UnionMount.h"
#include "engine/unionfs/WritableBranch.h"

#include <map>

namespace drydock::daemon {

struct Volume {
    std::string name;
    std::map<std::string, std::string> labels;
    std::map<std::string, std::string> options;
    Timestamp created;
    bool anonymous() const { return labels.contains("com.docker.volume.anonymous"); }
};

class Volumes {
public:
    Volumes(StorageDriver, Seams&, EventFeed&);

    // Loads the records; what a crash left without one goes.
    Result<void> load();
    struct Wanted {
        std::string name; // empty: an anonymous one
        std::map<std::string, std::string> labels {};
        std::map<std::string, std::string> options {};
    };
    // The existing one where there is one of that name.
    Result<Volume> create(Wanted);
    Result<Volume> find(std::string const& name) const; // NotFound "get x: no such volume"
    std::vector<Volume> list() const;                   // by name
    Result<void> remove(std::string const& name);

    // The tree, for reading or for filling it from outside. The same object for everybody in the simulated world; in
    // the live one, where the kernel works on the directory too, a new look each time.
    Result<std::shared_ptr<unionfs::UnionMount>> open(std::string const& name);
    Result<std::uint64_t> size(std::string const& name); // bytes of its files
    std::string mount_point(std::string const& name) const;

private:
    std::filesystem::path directory(std::string const& name) const;
    Result<void> make(Volume const&);
    void announce(Volume const&) const;

    StorageDriver m_driver;
    Seams& m_seams;
    EventFeed& m_events;
    trace::Publisher m_publisher;
    std::mutex mutable m_mutex; // guards what follows
    std::map<std::string, Volume> m_volumes;
    std::map<std::string, std::shared_ptr<unionfs::UnionMount>> m_in_memory;
    std::uint64_t m_next_work { 0 };
};

// Bytes of all files at and below `path`.
Result<std::uint64_t> tree_size(unionfs::UnionMount const&, std::string const& path);

}
