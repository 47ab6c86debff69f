#pragma once

// The index of a layer as it lies on disk: a text file, one line a member, readable by eye.
//
//   drydock-layer-index 1 TAR_SIZE
//   TYPE MODE UID GID SIZE MTIME MAJOR MINOR OFFSET PATH LINK [XATTR=VALUE]...
//   end sha256:…                                        over all lines before it
//
// In PATH, LINK and attributes, bytes that are not printable ASCII, spaces, "%" and "=" are written %XX.

#include "engine/content/Storage.h"
#include "engine/layer/Entry.h"

#include <functional>
#include <vector>

namespace drydock::layer {

struct LayerIndex {
    std::uint64_t tar_size { 0 };
    std::vector<Entry> entries;
};

// Appends the text to `file`, in pieces: the whole would cost as much memory again as the entries.
Result<void> write_index(content::AppendableFile& file, std::uint64_t tar_size, std::vector<Entry> const& entries);

// Corrupt for anything that write_index did not write.
Result<LayerIndex> read_index(content::ReadableFile const& file);

}
