#include "engine/layer/Decompressor.h"
#include "engine/layer/Gzip.h"
#include "engine/layer/TarWriter.h"
#include "sim/core/Random.h"
#include "tests/support/Catch.h"

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

std::string compress(Compression compression, std::string const& bytes)
{
    return compression == Compression::Gzip ? gzip(bytes) : zstd(bytes);
}

Result<std::string> decompress(Compression compression, std::string_view bytes, std::size_t step)
{
    std::string output;
    auto const decompressor = make_decompressor(compression);
    for (; !bytes.empty(); bytes.remove_prefix(std::min(step, bytes.size())))
        TRY(decompressor->write(bytes.substr(0, step), [&](std::string_view piece) -> Result<void> {
            output += piece;
            return {};
        }));
    TRY(decompressor->finish());
    return output;
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
