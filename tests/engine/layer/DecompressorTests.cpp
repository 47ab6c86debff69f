#include "engine/layer/Decompressor.h"
#include "engine/layer/Gzip.h"
#include "engine/layer/TarWriter.h"
#include "sim/core/Random.h"
#include "tests/support/Catch.h"

#include <bzlib.h>
#include <lzma.h>
#include <zstd.h>

using namespace drydock;
using namespace drydock::layer;
using oci::Compression;

namespace {

// Compressible and longer than every internal buffer.
std::string sample(std::size_t size = 1 << 20)
{
    Random random(7);
    std::string text;
    while (text.size() < size)
        text += random.hex(16) + std::string(random.below(200), 'a');
    text.resize(size);
    return text;
}

std::string zstd(std::string const& bytes)
{
    std::string compressed(ZSTD_compressBound(bytes.size()), '\0');
    compressed.resize(ZSTD_compress(compressed.data(), compressed.size(), bytes.data(), bytes.size(), 3));
    return compressed;
}

std::string bzip2(std::string bytes)
{
    std::string compressed(bytes.size() * 2 + 1000, '\0');
    auto size = static_cast<unsigned>(compressed.size());
    REQUIRE(
        BZ2_bzBuffToBuffCompress(compressed.data(), &size, bytes.data(), static_cast<unsigned>(bytes.size()), 9, 0, 0)
        == BZ_OK);
    compressed.resize(size);
    return compressed;
}

std::string xz(std::string const& bytes)
{
    std::string compressed(lzma_stream_buffer_bound(bytes.size()), '\0');
    std::size_t size = 0;
    REQUIRE(lzma_easy_buffer_encode(6, LZMA_CHECK_CRC64, nullptr, reinterpret_cast<std::uint8_t const*>(bytes.data()),
                bytes.size(), reinterpret_cast<std::uint8_t*>(compressed.data()), &size, compressed.size())
        == LZMA_OK);
    compressed.resize(size);
    return compressed;
}

std::string compress(Compression compression, std::string const& bytes)
{
    return compression == Compression::Gzip ? gzip(bytes) : zstd(bytes);
}

Result<std::string> decompress_with(
    std::unique_ptr<Decompressor> const& decompressor, std::string_view bytes, std::size_t step)
{
    std::string output;
    for (; !bytes.empty(); bytes.remove_prefix(std::min(step, bytes.size())))
        TRY(decompressor->write(bytes.substr(0, step), [&](std::string_view piece) -> Result<void> {
            output += piece;
            return {};
        }));
    TRY(decompressor->finish());
    return output;
}

Result<std::string> decompress(Compression compression, std::string_view bytes, std::size_t step)
{
    return decompress_with(make_decompressor(compression), bytes, step);
}

}

TEST_CASE("Decompressor: gives back what was compressed, whatever the pieces", "[engine][layer]")
{
    auto const compression = GENERATE(Compression::Gzip, Compression::Zstd);
    auto const step = GENERATE(as<std::size_t> {}, 1, 7, 4096, 1 << 24);
    auto const text = sample(step == 1 ? 100'000 : 1 << 20);
    CHECK(REQUIRE_OK(decompress(compression, compress(compression, text), step)) == text);
    CHECK(REQUIRE_OK(decompress(compression, compress(compression, ""), step)).empty());
}

TEST_CASE("Decompressor: several members or frames are one stream", "[engine][layer]")
{
    auto const compression = GENERATE(Compression::Gzip, Compression::Zstd);
    auto const step = GENERATE(as<std::size_t> {}, 1, 1000, 1 << 24);
    auto const text = sample(50'000);
    auto const stream = compress(compression, text) + compress(compression, "") + compress(compression, "end");
    CHECK(REQUIRE_OK(decompress(compression, stream, step)) == text + "end");
}

TEST_CASE("Decompressor: a gzip header may carry a name, a comment and extra fields", "[engine][layer]")
{
    auto const plain = gzip("text");
    auto const step = GENERATE(as<std::size_t> {}, 1, 1000);
    auto const with_fields = std::string("\x1f\x8b\x08\x1c\0\0\0\0\0\xff", 10) + std::string("\x03\0abc", 5)
        + std::string("name\0comment\0", 13) + plain.substr(10);
    CHECK(REQUIRE_OK(decompress(Compression::Gzip, with_fields, step)) == "text");
}

TEST_CASE("Decompressor: every truncation is an error", "[engine][layer][hardening]")
{
    auto const compression = GENERATE(Compression::Gzip, Compression::Zstd);
    auto const stream = compress(compression, sample(3000));
    for (std::size_t length = 0; length < stream.size(); ++length) {
        CAPTURE(length);
        auto const result = decompress(compression, stream.substr(0, length), 100);
        REQUIRE_FALSE(result.has_value());
        CHECK(result.error().kind() == ErrorKind::Corrupt);
    }
}

TEST_CASE("Decompressor: a wrong CRC-32 or length of a gzip member is an error", "[engine][layer][hardening]")
{
    auto const from_end = GENERATE(as<std::size_t> {}, 1, 4, 5, 8);
    auto const step = GENERATE(as<std::size_t> {}, 1, 1 << 20);
    auto stream = gzip(sample(3000));
    stream[stream.size() - from_end] = static_cast<char>(stream[stream.size() - from_end] ^ 1);
    auto const result = decompress(Compression::Gzip, stream, step);
    REQUIRE_FALSE(result.has_value());
    CHECK(result.error().message() == "layer is corrupt: gzip CRC-32 or length does not match");
}

TEST_CASE("Decompressor: anything behind the end is an error", "[engine][layer][hardening]")
{
    auto const compression = GENERATE(Compression::Gzip, Compression::Zstd);
    auto const step = GENERATE(as<std::size_t> {}, 1, 1 << 20);
    auto const garbage = GENERATE(as<std::string> {}, "x", "trailing garbage", std::string(1, '\0'));
    auto const result = decompress(compression, compress(compression, "text") + garbage, step);
    REQUIRE_FALSE(result.has_value());
    CHECK(result.error().kind() == ErrorKind::Corrupt);
}

TEST_CASE("Decompressor: another format than the promised one is an error", "[engine][layer][hardening]")
{
    CHECK(decompress(Compression::Gzip, zstd("text"), 100).error().kind() == ErrorKind::Corrupt);
    CHECK(decompress(Compression::Zstd, gzip("text"), 100).error().kind() == ErrorKind::Corrupt);
    CHECK(decompress(Compression::Gzip, std::string(1024, '\0'), 100).error().kind() == ErrorKind::Corrupt);
}

TEST_CASE("Decompressor: stops where the sink does", "[engine][layer]")
{
    auto const decompressor = make_decompressor(Compression::Gzip);
    int pieces = 0;
    auto const result = decompressor->write(gzip(std::string(8 << 20, 'a')), [&](std::string_view) -> Result<void> {
        ++pieces;
        return fail(ErrorKind::LimitExceeded, "enough");
    });
    CHECK(result.error().kind() == ErrorKind::LimitExceeded);
    CHECK(pieces == 1);
}

TEST_CASE("Decompressor: an archive is known by its first bytes, bzip2 and xz too", "[engine][layer]")
{
    auto const step = GENERATE(as<std::size_t> {}, 7, 4096, 1 << 24);
    auto const text = sample();
    auto const unpacked
        = [&](std::string const& bytes) { return decompress_with(make_decompressor_for(bytes), bytes, step); };
    for (auto const& bytes : { bzip2(text), xz(text), gzip(text), zstd(text), text })
        CHECK(REQUIRE_OK(unpacked(bytes)) == text);
    CHECK(REQUIRE_OK(unpacked(bzip2(text) + bzip2(text))) == text + text);
    CHECK(REQUIRE_OK(unpacked(xz(text) + xz(text))) == text + text);
    for (auto const& bytes : { bzip2(text), xz(text) }) {
        CHECK_FALSE(unpacked(bytes.substr(0, bytes.size() / 2)));
        CHECK_FALSE(unpacked(bytes.substr(0, bytes.size() - 1)));
        CHECK_FALSE(unpacked(bytes + "behind the end"));
        auto damaged = bytes;
        damaged[damaged.size() / 2] ^= 1;
        CHECK_FALSE(unpacked(damaged));
    }
}
