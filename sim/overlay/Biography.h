#pragma once

// The life of one path: which layers brought, replaced and deleted it, bottom first, and then what a container did to
// it, write by write, as far as the log has come.

#include "sim/overlay/Lookup.h"

namespace drydock::overlay {

enum class Deed : std::uint8_t {
    Brought,  // by a layer, where there was nothing
    Replaced, // by a layer, over a lower one's
    Deleted,  // by a layer's whiteout, opaque directory or file in its way
    CopiedUp,
    Created,
    Written,
    Changed, // metadata; `detail` says which
    Renamed, // `detail` is the other name
    Removed,
    WhitedOut,
    MadeOpaque,
    TakenBack, // the engine was taken back: what had been done since that moment is undone, and told no more
};

struct LifeEvent {
    Deed deed { Deed::Brought };
    std::optional<std::size_t> layer {};    // from the bottom, 0 the lowest
    std::optional<std::uint64_t> record {}; // sequence, of what happened in a container
    std::uint64_t size { 0 };
    std::string detail {};
    bool operator==(LifeEvent const&) const = default;
};

// `layers` topmost first, as a stack has them.
std::vector<LifeEvent> layers_biography(std::string_view path, std::span<Branch const* const> layers);
// Of the first `records` records.
std::vector<LifeEvent> container_biography(
    std::string const& path, ContainerId const&, trace::EventLog const&, std::uint64_t records);

}
