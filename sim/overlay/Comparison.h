#pragma once

// Two merged trees side by side, of two images or of one container at two moments: what came, what went, what changed.
// Content is not in the events, so "the same" is told by where a copy comes from: one layer's member is itself; what
// two layers bring under one path was written twice.

#include "sim/overlay/Merged.h"

#include <functional>

namespace drydock::overlay {

// A tree with the identity of each branch: a layer's digest, a container's sheet.
struct Side {
    Merged const* tree;
    std::vector<std::string> branches; // topmost first
};

enum class Sign : std::uint8_t { Added, Removed, Changed };

struct Difference {
    Sign sign { Sign::Changed };
    std::string path;
    Kind kind { Kind::File };
    std::uint64_t before { 0 }; // bytes
    std::uint64_t after { 0 };
    bool operator==(Difference const&) const = default;
};

// `was_written` says of a path whether a branch that is on both sides wrote it in between. By path; a directory that
// came or went stands for all below it, with their bytes.
std::vector<Difference> compare(
    Side const& before, Side const& after, std::function<bool(std::string const&)> const& was_written);

}
