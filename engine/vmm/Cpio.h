#pragma once

// Writes a root filesystem as the archive that the kernel unpacks into memory before it starts its first process: cpio
// of the kind "newc" (Documentation/driver-api/early-userspace/buffer-format.rst). This is how the merged tree of an
// OCI image becomes the root of a guest machine: the same image runs both ways. The price is that all of it is copied
// into the guest's memory.

#include "engine/layer/Decompressor.h"
#include "engine/unionfs/UnionMount.h"

#include <map>
#include <string>
#include <vector>

namespace drydock::vmm {

struct CpioEntry {
    std::string path; // "etc/motd"
    layer::FileType type { layer::FileType::Regular };
    std::uint32_t mode { 0644 };
    std::uint32_t uid { 0 };
    std::uint32_t gid { 0 };
    std::uint32_t inode { 0 }; // equal for hard links
    std::uint32_t links { 1 };
    std::uint64_t size { 0 }; // of a file; a symlink's is its target's
    std::int64_t mtime { 0 }; // seconds
    std::uint32_t device_major { 0 };
    std::uint32_t device_minor { 0 };
};

class CpioWriter {
public:
    explicit CpioWriter(layer::ByteSink sink)
        : m_sink(std::move(sink))
    {
    }

    // A member whose content, entry.size bytes, follows. LimitExceeded for one of 4 GiB or more, which newc cannot say.
    Result<void> begin(CpioEntry const&);
    Result<void> write(std::string_view piece);
    Result<void> add(CpioEntry entry, std::string_view content = {}); // as a whole
    Result<void> finish();                                            // the trailer

    std::uint64_t size() const { return m_size; } // bytes so far

private:
    Result<void> put(std::string_view bytes);
    Result<void> pad();

    layer::ByteSink m_sink;
    std::uint64_t m_size { 0 };
    std::uint64_t m_owed { 0 };
};

// The whole tree, sorted by path, directories before what is in them. Sockets are left out; extended attributes have no
// place in newc and are lost.
Result<void> pack_tree(unionfs::UnionMount const&, CpioWriter&);

}
