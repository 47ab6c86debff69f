#pragma once

// Compresses so that the same bytes always give the same stream: zlib level 6, no name, mtime 0, OS byte 255
// (RFC 1952). How the bytes are cut into pieces makes no difference.

#include "engine/layer/Decompressor.h"

#include <memory>
#include <string>

namespace drydock::layer {

class GzipWriter {
public:
    explicit GzipWriter(ByteSink sink);
    ~GzipWriter();

    Result<void> write(std::string_view bytes); // errors are the sink's
    Result<void> finish();

private:
    struct Impl;
    std::unique_ptr<Impl> m_impl;
};

// What is small enough to be in memory.
std::string gzip(std::string_view bytes);

}
