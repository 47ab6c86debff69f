#include "engine/layer/Decompressor.h"

#include "sim/core/Verify.h"

#include <isa-l/igzip_lib.h>
#include <zstd.h>

#include <vector>

namespace drydock::layer {

namespace {

constexpr std::size_t piece_bytes = 256 * 1024;

tl::unexpected<Error> corrupt(std::string why)
{
    return fail(ErrorKind::Corrupt, "layer is corrupt: " + std::move(why));
}

class Plain final : public Decompressor {
public:
    Result<void> write(std::string_view bytes, ByteSink const& sink) override { return sink(bytes); }
    Result<void> finish() override { return {}; }
};

char const* words_for_isal(int status)
{
    switch (status) {
    case ISAL_INVALID_WRAPPER: return "no gzip header where one must be";
    case ISAL_UNSUPPORTED_METHOD: return "a gzip member that is not deflate";
    case ISAL_INCORRECT_CHECKSUM: return "gzip CRC-32 or length does not match";
    case ISAL_INVALID_BLOCK:
    case ISAL_INVALID_SYMBOL:
    case ISAL_INVALID_LOOKBACK: return "invalid deflate data";
    default: return "gzip stream cannot be read";
    }
}

// ISA-L inflates 2.4 times as fast as zlib and checks each member's CRC-32 and ISIZE itself. Headers are read apart
// (ISAL_GZIP_NO_HDR_VER): isal_inflate keeps a header that comes in pieces on its stack, and forgets its flags in
// between.
class Gzip final : public Decompressor {
public:
    Result<void> write(std::string_view bytes, ByteSink const& sink) override
    {
        // igzip takes a mutable pointer and only reads.
        m_state->next_in = const_cast<std::uint8_t*>(reinterpret_cast<std::uint8_t const*>(bytes.data()));
        m_state->avail_in = static_cast<std::uint32_t>(bytes.size());
        VERIFY(m_state->avail_in == bytes.size());
        while (m_state->avail_in > 0 || m_more_output) {
            if (!m_in_member)
                begin_member();
            if (m_header_read)
                TRY(inflate_piece(sink));
            else
                TRY(read_header());
        }
        return {};
    }

    Result<void> finish() override
    {
        if (m_in_member || !m_any_member)
            return corrupt("the gzip stream is truncated");
        return {};
    }

private:
    void begin_member()
    {
        isal_inflate_reset(m_state.get());
        m_state->crc_flag = ISAL_GZIP_NO_HDR_VER;
        m_header = {};
        isal_gzip_header_init(&m_header);
        m_header_read = false;
        m_in_member = true;
        m_any_member = true;
    }

    Result<void> read_header()
    {
        auto const status = isal_read_gzip_header(m_state.get(), &m_header);
        if (status != ISAL_DECOMP_OK && status != ISAL_END_INPUT)
            return corrupt(words_for_isal(status));
        m_header_read = status == ISAL_DECOMP_OK;
        return {};
    }

    Result<void> inflate_piece(ByteSink const& sink)
    {
        m_state->next_out = m_output.data();
        m_state->avail_out = static_cast<std::uint32_t>(m_output.size());
        if (auto const status = isal_inflate(m_state.get()); status != ISAL_DECOMP_OK && status != ISAL_END_INPUT)
            return corrupt(words_for_isal(status));
        auto const count = m_output.size() - m_state->avail_out;
        m_in_member = m_state->block_state != ISAL_BLOCK_FINISH;
        // A full buffer may hide output that waits inside the state, with no input left to bring us back here.
        m_more_output = m_in_member && m_state->avail_out == 0;
        if (count == 0)
            return {};
        return sink({ reinterpret_cast<char const*>(m_output.data()), count });
    }

    static std::unique_ptr<inflate_state> make_state()
    {
        auto state = std::make_unique<inflate_state>();
        isal_inflate_init(state.get());
        return state;
    }

    std::unique_ptr<inflate_state> m_state { make_state() };
    std::vector<std::uint8_t> m_output = std::vector<std::uint8_t>(piece_bytes);
    isal_gzip_header m_header {};
    bool m_header_read { false };
    bool m_in_member { false };
    bool m_any_member { false };
    bool m_more_output { false };
};

// The window, and with it the memory, is at most 128 MiB (zstd's default ZSTD_WINDOWLOG_LIMIT_DEFAULT).
class Zstd final : public Decompressor {
public:
    Result<void> write(std::string_view bytes, ByteSink const& sink) override
    {
        ZSTD_inBuffer input { bytes.data(), bytes.size(), 0 };
        for (bool output_was_full = false; input.pos < input.size || output_was_full;) {
            ZSTD_outBuffer output { m_output.data(), m_output.size(), 0 };
            auto const status = ZSTD_decompressStream(m_stream.get(), &output, &input);
            if (ZSTD_isError(status) != 0)
                return corrupt(std::string("zstd: ") + ZSTD_getErrorName(status));
            m_frame_complete = status == 0;
            output_was_full = output.pos == output.size && !m_frame_complete;
            if (output.pos > 0)
                TRY(sink({ m_output.data(), output.pos }));
        }
        return {};
    }

    Result<void> finish() override
    {
        if (!m_frame_complete)
            return corrupt("the zstd stream is truncated");
        return {};
    }

private:
    struct Free {
        void operator()(ZSTD_DStream* stream) const { ZSTD_freeDStream(stream); }
    };
    std::unique_ptr<ZSTD_DStream, Free> m_stream { ZSTD_createDStream() };
    std::vector<char> m_output = std::vector<char>(piece_bytes);
    bool m_frame_complete { false };
};

}

std::unique_ptr<Decompressor> make_decompressor(oci::Compression compression)
{
    switch (compression) {
    case oci::Compression::None: return std::make_unique<Plain>();
    case oci::Compression::Gzip: return std::make_unique<Gzip>();
    case oci::Compression::Zstd: return std::make_unique<Zstd>();
    }
    VERIFY(false);
}

}
