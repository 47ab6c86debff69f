#include "engine/layer/Gzip.h"

#include "sim/core/Verify.h"

#include <zlib.h>

#include <array>

namespace drydock::layer {

struct GzipWriter::Impl {
    explicit Impl(ByteSink where)
        : sink(std::move(where))
    {
        VERIFY(deflateInit2(&stream, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) == Z_OK);
        header.os = 255; // unknown: the same on every machine
        VERIFY(deflateSetHeader(&stream, &header) == Z_OK);
    }
    ~Impl() { deflateEnd(&stream); }

    // Gives the sink whatever the compressor has ready.
    Result<void> pump(int flush)
    {
        while (true) {
            stream.next_out = reinterpret_cast<Bytef*>(output.data());
            stream.avail_out = static_cast<uInt>(output.size());
            auto const status = deflate(&stream, flush);
            VERIFY(status == Z_OK || status == Z_STREAM_END || status == Z_BUF_ERROR); // no progress is no error
            auto const count = output.size() - stream.avail_out;
            if (count > 0)
                TRY(sink({ output.data(), count }));
            if (stream.avail_out > 0)
                return {};
        }
    }

    ByteSink sink;
    z_stream stream {};
    gz_header header {};
    std::array<char, 65536> output;
};

GzipWriter::GzipWriter(ByteSink sink)
    : m_impl(std::make_unique<Impl>(std::move(sink)))
{
}

GzipWriter::~GzipWriter() = default;

Result<void> GzipWriter::write(std::string_view bytes)
{
    constexpr std::size_t most = 1U << 30U; // zlib counts in unsigned int
    while (!bytes.empty()) {
        auto const piece = bytes.substr(0, most);
        // zlib takes a mutable pointer and only reads.
        m_impl->stream.next_in = const_cast<Bytef*>(reinterpret_cast<Bytef const*>(piece.data()));
        m_impl->stream.avail_in = static_cast<uInt>(piece.size());
        TRY(m_impl->pump(Z_NO_FLUSH));
        bytes.remove_prefix(piece.size());
    }
    return {};
}

Result<void> GzipWriter::finish()
{
    return m_impl->pump(Z_FINISH);
}

std::string gzip(std::string_view bytes)
{
    std::string compressed;
    GzipWriter writer([&](std::string_view piece) -> Result<void> {
        compressed += piece;
        return {};
    });
    VERIFY(writer.write(bytes) && writer.finish()); // memory refuses nothing
    return compressed;
}

}
