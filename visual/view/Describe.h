#pragma once

// What is known about one object on the stage: in words, as fields, raw, and how to prove it outside of Drydock.

#include "sim/trace/EventJson.h"
#include "sim/world/World.h"

#include <string>
#include <string_view>
#include <vector>

namespace drydock::view {

struct Proof {
    std::string claim;   // "its PID namespace is not the host's"
    std::string command; // to be typed in a shell
};

struct Description {
    std::string kind; // "Container"
    std::string name;
    std::vector<std::string> words;
    std::vector<trace::FieldText> fields;
    std::vector<std::string> raw; // records that speak of it, newest last
    std::vector<Proof> proofs;
};

// `id` as visual/stage/Names.h makes them. An id of nothing that is there gives an empty kind.
Description describe(std::string_view id, world::World const&, trace::EventLog const&, std::uint64_t records);
// The record a beat is about.
Description describe_record(trace::Record const&, world::World const&);

}
