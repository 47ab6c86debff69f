#pragma once

// Where a path of a container's really lies, for those who work on its files from outside (`docker cp`): in its union,
// as the daemon itself serves or reads it.

#include "engine/daemon/Engine.h"

namespace drydock::daemon {

// Who only looks (a goal is judged) leaves no event behind.
enum class Purpose : std::uint8_t { Looking, Reading, Writing };

struct FilePlace {
    std::shared_ptr<unionfs::UnionMount> tree;
    std::string path; // in the tree
    bool read_only { false };
    bool mounted { false }; // in a volume or a bind, and not in the container's own root
};

// `path` as a client gives it; below a mount it lies in that volume or directory. A symlink that leads from one mount
// into another is followed inside its own only, and nothing may be written into a bind: the host's files are the
// host's.
// "/etc/" and "/etc/." ask for what a symlink leads to. With the overlay driver the
// kernel has a running container's layers in its hands, and changing them behind its back is undefined
// (Documentation/filesystems/overlayfs.rst, "Changes to underlying filesystems"): Conflict for writing there.
//
// The engine's own files (/etc/hosts and the like) are read as the running container sees them.
Result<FilePlace> find_place(Engine&, Container const&, std::string const& path, Purpose);

// /etc/hostname, /etc/hosts, /etc/resolv.conf: they lie over the image's while the container runs.
bool is_engine_file(std::string const& path);

// "/a/../b//c/." → "/b/c", by the letter.
std::string plain_path(std::string const& path);

}
