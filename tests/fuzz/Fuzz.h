#pragma once

// A fuzz target is the one function that libFuzzer calls (llvm.org/docs/LibFuzzer.html). It must not crash, hang or
// waste memory on any input, and what it claims with VERIFY must hold.

#include "sim/core/Verify.h"

#include <cstddef>
#include <cstdint>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size);

namespace drydock::fuzz {

inline std::string_view text_of(std::uint8_t const* data, std::size_t size)
{
    return { reinterpret_cast<char const*>(data), size };
}

// Gives `take` the text in pieces, whose lengths the text itself decides. Ends where `take` returns false.
template <class Take> void in_pieces(std::string_view text, Take take)
{
    std::size_t length = text.size() % 7 + 1;
    while (!text.empty()) {
        auto const piece = text.substr(0, length);
        text.remove_prefix(piece.size());
        if (!take(piece))
            return;
        length = static_cast<unsigned char>(piece.back()) * 5U + 1;
    }
}

}
