// A layer's tar: whatever it is, the entries have clean names, and how the bytes were cut makes no difference.

#include "Fuzz.h"

#include "engine/layer/MemberName.h"
#include "engine/layer/TarReader.h"

using namespace drydock;

int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size)
{
    auto const tar = fuzz::text_of(data, size);
    layer::TarReader whole;
    auto const taken = whole.write(tar);
    auto const entries = taken ? whole.finish() : tl::unexpected(taken.error());

    layer::TarReader reader;
    Result<void> cut;
    fuzz::in_pieces(tar, [&](std::string_view piece) { return (cut = reader.write(piece)).has_value(); });
    auto const again = cut ? reader.finish() : tl::unexpected(cut.error());
    VERIFY(entries.has_value() == again.has_value());
    if (!entries)
        return 0;
    VERIFY(*entries == *again);
    for (auto const& entry : *entries) {
        auto const clean = layer::clean_path(entry.path);
        VERIFY(clean && *clean == entry.path);
        VERIFY(entry.type != layer::FileType::Regular || entry.offset + entry.size <= whole.size());
    }
    return 0;
}
