#include "engine/layer/Decompressor.h"

#include "sim/core/Verify.h"

#include <bzlib.h>
#include <isa-l/igzip_lib.h>
#include <lzma.h>
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

// Its blocks are at most 900 kB, and so is the memory (about 4 MB).
class Bzip2 final : public Decompressor {
public:
    Bzip2() { begin(); }
    ~Bzip2() override { BZ2_bzDecompressEnd(&m_stream); }
    Bzip2(Bzip2 const&) = delete;
    Bzip2& operator=(Bzip2 const&) = delete;

    Result<void> write(std::string_view bytes, ByteSink const& sink) override
    {
        m_stream.next_in = const_cast<char*>(bytes.data()); // only read
        m_stream.avail_in = static_cast<unsigned>(bytes.size());
        for (bool output_was_full = false; m_stream.avail_in > 0 || output_was_full;) {
            if (m_complete) { // another stream follows
                auto const rest = m_stream;
                BZ2_bzDecompressEnd(&m_stream);
                begin();
                m_stream.next_in = rest.next_in;
                m_stream.avail_in = rest.avail_in;
            }
            m_stream.next_out = m_output.data();
            m_stream.avail_out = static_cast<unsigned>(m_output.size());
            auto const status = BZ2_bzDecompress(&m_stream);
            if (status != BZ_OK && status != BZ_STREAM_END)
                return corrupt("invalid bzip2 data");
            m_complete = status == BZ_STREAM_END;
            output_was_full = m_stream.avail_out == 0 && !m_complete;
            if (auto const count = m_output.size() - m_stream.avail_out; count > 0)
                TRY(sink({ m_output.data(), count }));
        }
        return {};
    }
    Result<void> finish() override
    {
        if (!m_complete)
            return corrupt("the bzip2 stream is truncated");
        return {};
    }

private:
    void begin()
    {
        m_stream = {};
        VERIFY(BZ2_bzDecompressInit(&m_stream, 0, 0) == BZ_OK);
        m_complete = false;
    }

    bz_stream m_stream {};
    std::vector<char> m_output = std::vector<char>(piece_bytes);
    bool m_complete { false };
};

class Xz final : public Decompressor {
public:
    static constexpr std::uint64_t memory_limit = 128 << 20; // as zstd's; xz -9 needs 65 MB

    Xz() { VERIFY(lzma_stream_decoder(&m_stream, memory_limit, LZMA_CONCATENATED) == LZMA_OK); }
    ~Xz() override { lzma_end(&m_stream); }
    Xz(Xz const&) = delete;
    Xz& operator=(Xz const&) = delete;

    Result<void> write(std::string_view bytes, ByteSink const& sink) override
    {
        m_stream.next_in = reinterpret_cast<std::uint8_t const*>(bytes.data());
        m_stream.avail_in = bytes.size();
        return run(LZMA_RUN, sink);
    }
    Result<void> finish() override
    {
        // What was given has been read; the end of the input is what lets the decoder say that this was all.
        TRY(run(LZMA_FINISH, [](std::string_view) -> Result<void> { return {}; }));
        return m_complete ? Result<void> {} : corrupt("the xz stream is truncated");
    }

private:
    Result<void> run(lzma_action action, ByteSink const& sink)
    {
        while (!m_complete) {
            m_stream.next_out = m_output.data();
            m_stream.avail_out = m_output.size();
            auto const status = lzma_code(&m_stream, action);
            if (status == LZMA_MEMLIMIT_ERROR)
                return fail(ErrorKind::LimitExceeded, "an xz stream that needs more than 128 MiB of memory");
            if (status == LZMA_BUF_ERROR && action == LZMA_FINISH)
                return corrupt("the xz stream is truncated");
            if (status != LZMA_OK && status != LZMA_STREAM_END && status != LZMA_BUF_ERROR)
                return corrupt("invalid xz data");
            m_complete = status == LZMA_STREAM_END;
            auto const count = m_output.size() - m_stream.avail_out;
            if (count > 0)
                TRY(sink({ reinterpret_cast<char const*>(m_output.data()), count }));
            if (m_stream.avail_in == 0 && m_stream.avail_out > 0 && action == LZMA_RUN)
                return {};
        }
        return {};
    }

    lzma_stream m_stream = LZMA_STREAM_INIT;
    std::vector<std::uint8_t> m_output = std::vector<std::uint8_t>(piece_bytes);
    bool m_complete { false };
};

constexpr std::string_view gzip_magic = "\x1f\x8b";
constexpr std::string_view zstd_magic = "\x28\xb5\x2f\xfd";
constexpr std::string_view bzip2_magic = "BZh";
constexpr std::string_view xz_magic("\xfd"
                                    "7zXZ\0",
    6);

}

std::unique_ptr<Decompressor> make_decompressor_for(std::string_view beginning)
{
    if (beginning.starts_with(gzip_magic))
        return std::make_unique<Gzip>();
    if (beginning.starts_with(zstd_magic))
        return std::make_unique<Zstd>();
    if (beginning.starts_with(bzip2_magic))
        return std::make_unique<Bzip2>();
    if (beginning.starts_with(xz_magic))
        return std::make_unique<Xz>();
    return std::make_unique<Plain>();
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
