#pragma once

// Undoes a layer's compression while the bytes stream by. What is not exactly one whole stream is an error: a
// truncated one, a wrong checksum or length, anything behind the end. Several gzip members or zstd frames in a row
// are one stream (RFC 1952, section 2.2; RFC 8878, section 3).

#include "sim/core/Result.h"
#include "sim/oci/Manifest.h"

#include <functional>
#include <memory>
#include <string_view>

namespace drydock::layer {

using ByteSink = std::function<Result<void>(std::string_view)>;

class Decompressor {
public:
    virtual ~Decompressor() = default;
    // Gives `sink` what these bytes yield, in pieces of bounded size. Corrupt for a broken stream; an error of the
    // sink ends it as well.
    virtual Result<void> write(std::string_view compressed, ByteSink const& sink) = 0;
    virtual Result<void> finish() = 0; // Corrupt where the stream is not at its end
};

std::unique_ptr<Decompressor> make_decompressor(oci::Compression);

// For archives that are no layers (a build context, what ADD unpacks): what their first bytes say they are, which may
// be bzip2 or xz as well. Six bytes are enough.
std::unique_ptr<Decompressor> make_decompressor_for(std::string_view beginning);

}
