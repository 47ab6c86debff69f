#pragma once

// Writes a layer's tar so that the same entries always give the same bytes: ustar headers, pax records only where a
// value does not fit, no names of users, no access times. Reproducible layers are what makes digests comparable.
//
// The bytes go to a sink as they are made, so a layer of any size needs no more memory than one piece of a file.

#include "engine/layer/Decompressor.h"
#include "engine/layer/Entry.h"

#include <string>
#include <string_view>

namespace drydock::layer {

class TarWriter {
public:
    explicit TarWriter(ByteSink sink)
        : m_sink(std::move(sink))
    {
    }

    // A member whose content follows in pieces, entry.size bytes in all. A socket is a bug of the caller's, tar has no
    // word for one. Errors are the sink's.
    Result<void> begin(Entry const& entry);
    Result<void> write(std::string_view piece);
    // A member as a whole.
    Result<void> add(Entry const& entry, std::string_view content = {});
    Result<void> finish(); // two zero blocks

    std::uint64_t size() const { return m_size; } // bytes so far

private:
    Result<void> put(std::string_view bytes);
    Result<void> pad();

    ByteSink m_sink;
    std::uint64_t m_size { 0 };
    std::uint64_t m_owed { 0 }; // bytes of content that the last member still promises
};

// A tar that is small enough to be made in memory.
class MemoryTar {
public:
    MemoryTar() = default;
    MemoryTar(MemoryTar const&) = delete; // the writer writes into this one
    MemoryTar& operator=(MemoryTar const&) = delete;

    void add(Entry const& entry, std::string_view content = {});
    std::string finish(); // the whole tar

private:
    std::string m_bytes;
    TarWriter m_writer { [this](std::string_view bytes) -> Result<void> {
        m_bytes += bytes;
        return {};
    } };
};

}
