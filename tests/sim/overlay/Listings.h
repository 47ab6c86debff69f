#pragma once

// Layers for tests in a line each: { "/etc/motd", "file", 12 }.

#include "sim/overlay/Lookup.h"

namespace drydock::tests {

struct Member {
    std::string path;
    std::string type { "file" };
    std::uint64_t size { 0 };
    std::int64_t mode { 0644 };
};

inline overlay::Branch layer(std::vector<Member> const& members)
{
    trace::LayerListed listed { .diff_id = oci::Digest::of("layer") };
    for (auto const& [path, type, size, mode] : members)
        listed.members.push_back({ path, type, size, mode });
    return overlay::Branch::of_layer(listed);
}

// Topmost first.
template <class... B> overlay::Stack stack_of(B const&... branches)
{
    return { &branches... };
}

}
