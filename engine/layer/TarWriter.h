#pragma once

// Writes a layer's tar so that the same entries always give the same bytes: ustar headers, pax records only where a
// value does not fit, no names of users, no access times. Reproducible layers are what makes digests comparable.

#include "engine/layer/Entry.h"
#include "sim/core/Result.h"

#include <string>
#include <string_view>

namespace drydock::layer {

// What stands before a member's content, which follows padded to blocks of 512 bytes.
std::string tar_header(Entry const&);

class TarWriter {
public:
    // `content` has entry.size bytes; a socket is a bug of the caller's, tar has no word for one.
    void add(Entry const& entry, std::string_view content = {});
    std::string finish(); // two zero blocks; the whole tar
private:
    std::string m_bytes;
};

// Deterministic: zlib level 6, no name, mtime 0, OS byte 255 (RFC 1952).
std::string gzip(std::string_view bytes);

}
