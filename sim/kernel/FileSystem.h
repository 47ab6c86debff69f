#pragma once

// What can be mounted in the simulated kernel: a tree of files asked by absolute path. The kernel has followed every
// symlink before it asks, so each path names the object itself. Errors carry the errno a Linux filesystem would give.

#include "sim/core/Result.h"

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace drydock::kernel {

inline constexpr std::uint32_t terminal_major = 136; // of pseudo terminals: /dev/pts/0 is 136, 0

enum class FileType : std::uint8_t { Regular, Directory, Symlink, CharDevice, BlockDevice, Fifo, Socket };

struct Attributes {
    FileType type { FileType::Regular };
    std::uint32_t mode { 0644 }; // permission bits with setuid, setgid and sticky
    std::uint32_t uid { 0 };
    std::uint32_t gid { 0 };
    std::uint64_t size { 0 };
    std::int64_t mtime { 0 }; // nanoseconds since the Unix epoch
    std::uint64_t links { 1 };
    std::uint64_t inode { 0 };
    std::uint32_t device_major { 0 };
    std::uint32_t device_minor { 0 };
};

struct DirectoryEntry {
    std::string name;
    Attributes attributes;
};

struct Owner {
    std::uint32_t uid { 0 };
    std::uint32_t gid { 0 };
};

class FileSystem {
public:
    virtual ~FileSystem() = default;
    virtual Result<Attributes> stat(std::string const& path) const = 0;
    virtual Result<std::vector<DirectoryEntry>> list(std::string const& path) const = 0; // sorted, without . and ..
    virtual Result<std::string> read_link(std::string const& path) const = 0;
    virtual Result<std::size_t> read(std::string const& path, std::uint64_t offset, std::span<char> buffer) const = 0;
    virtual Result<void> create(std::string const& path, std::uint32_t mode, Owner) = 0; // a regular file; EEXIST
    virtual Result<void> write(std::string const& path, std::uint64_t offset, std::string_view bytes) = 0;
    virtual Result<void> truncate(std::string const& path, std::uint64_t size) = 0;
    virtual Result<void> make_directory(std::string const& path, std::uint32_t mode, Owner) = 0;
    virtual Result<void> make_symlink(std::string const& path, std::string const& target, Owner) = 0;
    // A character or block device, or a fifo.
    virtual Result<void> make_node(std::string const& path, Attributes const&) = 0;
    virtual Result<void> link(std::string const& existing, std::string const& path) = 0;
    virtual Result<void> unlink(std::string const& path) = 0;
    virtual Result<void> remove_directory(std::string const& path) = 0;
    virtual Result<void> rename(std::string const& from, std::string const& to) = 0;
    virtual Result<void> change_mode(std::string const& path, std::uint32_t mode) = 0;
    virtual Result<void> change_owner(std::string const& path, Owner) = 0;
    virtual Result<void> set_mtime(std::string const& path, std::int64_t mtime) = 0;
};

}
