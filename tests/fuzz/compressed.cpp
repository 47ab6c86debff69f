// A compressed layer: the first byte chooses gzip or zstd. What comes out is the same however the bytes were cut.

#include "Fuzz.h"

#include "engine/layer/Decompressor.h"

using namespace drydock;

namespace {

constexpr std::size_t enough = 8 << 20; // bytes; limits on bombs are the layer store's

struct Outcome {
    bool whole { false };
    std::string bytes;
};

Outcome decompress(oci::Compression compression, std::string_view input, bool cut)
{
    auto const decompressor = layer::make_decompressor(compression);
    Outcome outcome;
    auto const sink = [&](std::string_view piece) -> Result<void> {
        if (outcome.bytes.size() + piece.size() > enough)
            return fail(ErrorKind::LimitExceeded, "enough");
        outcome.bytes += piece;
        return {};
    };
    Result<void> result;
    if (cut)
        fuzz::in_pieces(
            input, [&](std::string_view piece) { return (result = decompressor->write(piece, sink)).has_value(); });
    else
        result = decompressor->write(input, sink);
    outcome.whole = result && decompressor->finish();
    return outcome;
}

}

int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size)
{
    if (size == 0)
        return 0;
    auto const compression = data[0] % 2 == 0 ? oci::Compression::Gzip : oci::Compression::Zstd;
    auto const input = fuzz::text_of(data + 1, size - 1);
    auto const whole = decompress(compression, input, false);
    auto const cut = decompress(compression, input, true);
    VERIFY(whole.whole == cut.whole);
    VERIFY(!whole.whole || whole.bytes == cut.bytes);
    return 0;
}
