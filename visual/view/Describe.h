#pragma once

// What is known about one object: in words, as fields, and how to prove it outside of Drydock. What was published
// about it is found by Mentions.h.

#include "sim/trace/EventJson.h"
#include "sim/world/World.h"
#include "visual/view/LogIndex.h"

#include <string>
#include <string_view>
#include <vector>

namespace drydock::view {

struct Proof {
    std::string claim;   // "its PID namespace is not the host's"
    std::string command; // for a shell; every name in it is quoted
};

struct Description {
    std::string kind; // "Container"; empty: there is no such thing now
    std::string name;
    std::vector<std::string> words;
    std::vector<trace::FieldText> fields;
    std::vector<Proof> proofs;
};

// What is shown: the World after the first `records` records of the log.
struct Moment {
    world::World const& world;
    trace::EventLog const& log;
    LogIndex const& index;
    std::uint64_t records;
};

// `id` as visual/stage/Names.h makes them.
Description describe(std::string_view id, Moment const&);
Description describe_record(trace::Record const&, Moment const&);
// A command that the client's own commands suffice for; the others look at the machine from outside.
bool is_client_command(std::string_view command);

}
