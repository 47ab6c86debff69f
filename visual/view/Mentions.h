#pragma once

// Which records speak of an object. Found by the types of their fields, so a new event needs no line here, and
// remembered for the object that was asked for last: as the log grows, only what is new is looked at.

#include "sim/world/World.h"

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace drydock::view {

// A record speaks of a subject if, for each of `parts`, one of its fields is among that part's names, and if it is one
// of `events` (by name; empty: any).
struct Subject {
    std::vector<std::vector<std::string>> parts;
    std::vector<std::string> events;
    bool operator==(Subject const&) const = default;
};

// `id` as visual/stage/Names.h makes them; no parts where nobody could speak of it.
Subject subject_of(std::string_view id, world::World const&);
bool speaks_of(trace::Record const&, Subject const&);

class Mentions {
public:
    // Sequences below `records`, in their order.
    std::span<std::uint64_t const> of(Subject const&, trace::EventLog const&, std::uint64_t records);

private:
    Subject m_subject;
    std::uint64_t m_scanned { 0 };
    std::vector<std::uint64_t> m_all;
};

}
