#pragma once

// Writes a layer's tar so that the same entries always give the same bytes: ustar headers, pax records only where a
// value does not fit, no names of users, no access times. Reproducible layers are what makes digests comparable.

#include "engine/layer/Entry.h"
#include "sim/core/Result.h"

#include <string>
#include <string_view>

namespace drydock::layer {

class TarWriter {
public:
    // `content` has entry.size bytes; a socket is a bug of the caller's, tar has no word for one.
    void add(Entry const& entry, std::string_view content = {});
    std::string finish(); // two zero blocks; the whole tar
private:
    std::string m_bytes;
};

// The same for a tar that streams by: what stands before a member's content (a directory's, or one of entry.size
// bytes), behind it, and at the end of the tar.
std::string tar_header(Entry const& entry);
std::string tar_padding(std::uint64_t content_size);
std::string tar_end();

// Deterministic: zlib level 6, no name, mtime 0, OS byte 255 (RFC 1952).
std::string gzip(std::string_view bytes);

}
