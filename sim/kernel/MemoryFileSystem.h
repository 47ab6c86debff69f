#pragma once

// A filesystem in memory, as tmpfs(5): what the simulated kernel mounts at /dev and where nothing else is given.

#include "sim/kernel/FileSystem.h"
#include "sim/time/Scheduler.h"

#include <map>
#include <memory>

namespace drydock::kernel {

class MemoryFileSystem final : public FileSystem {
public:
    // An empty root directory.
    explicit MemoryFileSystem(Clock const&, std::uint32_t root_mode = 0755);
    // Not a tree but one file, to be mounted over another, as Docker does with /etc/hosts.
    MemoryFileSystem(Clock const&, std::string content);

    // For those who set a tree up: makes the parents too, replaces what is there.
    void put_file(std::string const& path, std::string content, std::uint32_t mode = 0644);
    void put_symlink(std::string const& path, std::string const& target);
    void put_device(std::string const& path, std::uint32_t major, std::uint32_t minor);

    Result<Attributes> stat(std::string const& path) const override;
    Result<std::vector<DirectoryEntry>> list(std::string const& path) const override;
    Result<std::string> read_link(std::string const& path) const override;
    Result<std::size_t> read(std::string const& path, std::uint64_t offset, std::span<char> buffer) const override;
    Result<void> create(std::string const& path, std::uint32_t mode, Owner) override;
    Result<void> write(std::string const& path, std::uint64_t offset, std::string_view bytes) override;
    Result<void> truncate(std::string const& path, std::uint64_t size) override;
    Result<void> make_directory(std::string const& path, std::uint32_t mode, Owner) override;
    Result<void> make_symlink(std::string const& path, std::string const& target, Owner) override;
    Result<void> make_node(std::string const& path, Attributes const&) override;
    Result<void> link(std::string const& existing, std::string const& path) override;
    Result<void> unlink(std::string const& path) override;
    Result<void> remove_directory(std::string const& path) override;
    Result<void> rename(std::string const& from, std::string const& to) override;
    Result<void> change_mode(std::string const& path, std::uint32_t mode) override;
    Result<void> change_owner(std::string const& path, Owner) override;
    Result<void> set_mtime(std::string const& path, std::int64_t mtime) override;

private:
    struct Node {
        Attributes attributes;
        std::string content; // or the symlink's target
    };

    Result<Node*> find(std::string const& path, std::string_view call) const;
    Result<Node*> add(std::string const& path, std::string_view call, Attributes, std::string content = {});
    Result<void> require_empty(std::string const& path, std::string_view call) const;
    Node& put(std::string const& path, Attributes, std::string content);

    Clock const& m_clock;
    std::map<std::string, std::shared_ptr<Node>> m_nodes; // by path; hard links share a node
    std::uint64_t m_next_inode { 1 };
};

}
