#pragma once

// One sheet of the stack. Read-only branches are image layers (LayerBranch) or plain directories (DirectoryBranch); a
// writable branch is a container's own sheet: a directory in the live world, memory in the simulated one.
//
// A directory branch has the form that the kernel's overlayfs gives an upper directory mounted with `userxattr`
// (Documentation/filesystems/overlayfs.rst): a whiteout is a character device 0:0, an opaque directory carries
// user.overlay.opaque=y. So either driver can mount what the other wrote.

#include "engine/content/Storage.h"
#include "engine/layer/Entry.h"
#include "sim/core/Result.h"

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace drydock::unionfs {

using layer::FileType;

// What stat(2) would say of one object in one branch.
struct Attributes {
    FileType type { FileType::Regular }; // never HardLink: links share an object
    std::uint32_t mode { 0644 };         // permission bits with setuid, setgid and sticky
    std::uint32_t uid { 0 };
    std::uint32_t gid { 0 };
    std::uint64_t size { 0 };
    std::int64_t mtime { 0 }; // nanoseconds since the Unix epoch
    std::int64_t atime { 0 };
    std::int64_t ctime { 0 };
    std::uint64_t links { 1 };
    std::uint64_t inode { 0 }; // equal for hard links of one branch
    std::uint32_t device_major { 0 };
    std::uint32_t device_minor { 0 };
};

// The overlay's own marks: never shown, never taken from an image (user.overlay.*, trusted.overlay.*).
bool is_overlays_own(std::string const& xattr);

enum class Lookup : std::uint8_t { Absent, Present, WhitedOut };

struct Found {
    Lookup lookup { Lookup::Absent };
    Attributes attributes {}; // when Present
    bool opaque { false };    // a directory that hides what lies below
};

// Paths are relative, without leading slash; "" is the root. A branch never follows a symlink: each path names the
// object itself, and a path through a symlink or a file is Absent.
class Branch {
public:
    virtual ~Branch() = default;
    virtual Result<Found> look_up(std::string const& path) const = 0;
    // Names in the directory, whiteouts with Lookup::WhitedOut, sorted.
    virtual Result<std::vector<std::pair<std::string, Found>>> list(std::string const& path) const = 0;
    // The content of a regular file; it stays readable when the name goes.
    virtual Result<std::shared_ptr<content::ReadableFile const>> open(std::string const& path) const = 0;
    virtual Result<std::string> read_link(std::string const& path) const = 0;
    // Without the overlay's own.
    virtual Result<std::map<std::string, std::string>> xattrs(std::string const& path) const = 0;
};

}
