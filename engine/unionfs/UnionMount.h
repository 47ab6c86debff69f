#pragma once

// The union filesystem: read-only branches under one writable branch, seen as one tree, with the semantics of the
// kernel's overlayfs (Documentation/filesystems/overlayfs.rst): the topmost copy of a path wins, directories merge,
// writing lifts a file into the writable branch first (copy-up), deleting leaves a whiteout.
//
// It publishes what it does: PathLookedUp, FileCopiedUp, FileCreated, FileWritten, WhiteoutMade, …

#include "engine/unionfs/Branch.h"
#include "sim/oci/Digest.h"
#include "sim/trace/EventLog.h"

#include <memory>
#include <string>
#include <vector>

namespace drydock::unionfs {

class WritableBranch; // engine/unionfs/WritableBranch.h

struct DirectoryEntry {
    std::string name;
    Attributes attributes;
};

// Who asks: for the owner of what is created, and for permission checks where the kernel does not make them.
struct Caller {
    std::uint32_t uid { 0 };
    std::uint32_t gid { 0 };
    std::uint32_t umask { 022 };
};

struct Stack {
    std::shared_ptr<WritableBranch> writable;          // null: a read-only mount
    std::vector<std::shared_ptr<Branch const>> layers; // topmost first
    std::vector<oci::DiffId> diff_ids;                 // as `layers`; empty where they are no image layers
};

// One change of `docker diff`.
struct Change {
    enum class Kind : std::uint8_t { Modified = 0, Added = 1, Deleted = 2 };
    Kind kind { Kind::Modified };
    std::string path; // "/etc/motd"
    bool operator==(Change const&) const = default;
};

// Safe to use from several tasks. Paths here are absolute inside the mount ("/etc/motd") and are not followed through
// symlinks in the last component unless a function says so; symlinks in the middle are followed inside the mount.
class UnionMount {
public:
    UnionMount(Stack, ContainerId, trace::Publisher);
    ~UnionMount();

    // Errors carry the errno that overlayfs would give (Error::errno_code).
    Result<Attributes> stat(std::string const& path) const;
    Result<std::vector<DirectoryEntry>> list(std::string const& path) const; // sorted, without . and ..
    Result<std::string> read_link(std::string const& path) const;
    Result<std::string> resolve(std::string const& path) const; // follows every symlink; ELOOP after 40
    Result<std::size_t> read(std::string const& path, std::uint64_t offset, std::span<char> buffer) const;
    Result<std::string> read_all(std::string const& path, std::uint64_t limit = 64 << 20) const;
    Result<std::map<std::string, std::string>> xattrs(std::string const& path) const;

    Result<void> create(std::string const& path, std::uint32_t mode, Caller); // an empty regular file; EEXIST
    Result<void> write(std::string const& path, std::uint64_t offset, std::string_view bytes); // copies up first
    Result<void> truncate(std::string const& path, std::uint64_t size);
    Result<void> make_directory(std::string const& path, std::uint32_t mode, Caller);
    Result<void> make_symlink(std::string const& path, std::string const& target, Caller);
    Result<void> make_node(
        std::string const& path, FileType, std::uint32_t mode, std::uint32_t major, std::uint32_t minor, Caller);
    Result<void> link(std::string const& existing, std::string const& path);
    Result<void> unlink(std::string const& path);
    Result<void> remove_directory(std::string const& path);
    Result<void> rename(std::string const& from, std::string const& to); // EXDEV for a merged directory, as overlayfs
    Result<void> change_mode(std::string const& path, std::uint32_t mode);
    Result<void> change_owner(std::string const& path, std::uint32_t uid, std::uint32_t gid);
    Result<void> set_times(std::string const& path, std::int64_t atime, std::int64_t mtime); // nanoseconds
    Result<void> set_xattr(std::string const& path, std::string const& name, std::string_view value);
    Result<void> remove_xattr(std::string const& path, std::string const& name);

    // What the writable branch changed against the layers, as `docker diff` lists it, sorted by path.
    Result<std::vector<Change>> changes() const;
    // Which branch answers for `path`: 0 the writable one, 1 the topmost layer; publishes PathLookedUp.
    Result<std::int64_t> provider(std::string const& path) const;

private:
    struct Impl;
    std::unique_ptr<Impl> m_impl;
    friend class FuseServer; // works on nodes instead of paths
};

}
