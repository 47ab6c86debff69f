#pragma once

// What the build view is of: the last build that had begun by the moment shown, read from its records. Steps with
// their containers and errors, stages, and of one image its history, its layers and its config. No pixels here.

#include "sim/trace/EventLog.h"
#include "sim/world/World.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace drydock::view {

// The short-lived container of a step. One that only changes the config is made too, as docker has it, and never runs.
struct BuildContainer {
    ContainerId id;
    std::vector<std::string> command {};
    bool started { false };
    bool removed { false };
    std::optional<std::int64_t> exit_code {};
};

enum class StepState : std::uint8_t { Running, Begun, Cached, Done, Failed }; // Begun: a FROM, which makes nothing

struct BuildStepModel {
    std::int64_t number { 0 };
    std::int64_t line { 0 }; // in the Dockerfile, from 1
    std::string instruction;
    StepState state { StepState::Running };
    std::string reason;  // why it was cached, or was not
    std::string changed; // the file that is to blame
    std::string error;
    std::optional<oci::Digest> image {}, layer {};
    std::uint64_t size { 0 };
    std::optional<BuildContainer> container {};

    std::string keyword() const { return instruction.substr(0, instruction.find(' ')); }
};

struct BuildStage {
    std::string name;        // "base", or its number
    std::size_t first { 0 }; // step
};

struct BuildModel {
    HostId host; // whose daemon builds
    std::uint64_t context_entries { 0 };
    std::uint64_t context_bytes { 0 };
    std::vector<std::string> dockerfile; // line by line
    std::int64_t steps_in_all { 0 };
    std::vector<BuildStepModel> steps;
    std::vector<BuildStage> stages;
    std::string reference; // the name that the image got

    // Of the Dockerfile's lines: one past the last that belongs to the step (a backslash goes on).
    std::int64_t end_line(BuildStepModel const&) const;
    BuildStepModel const* step_at_line(std::int64_t line) const;
};
// Nothing where no build has begun in the first `records` records.
std::optional<BuildModel> build_model(trace::EventLog const&, std::uint64_t records);

// One line of an image's history, with the layer that it made, if it made one.
struct HistoryLine {
    std::string text;
    std::optional<oci::Digest> layer {};
    std::uint64_t size { 0 };
};
std::vector<HistoryLine> history_of(world::Image const&, world::Host const&);

// What an image's config says, as far as the events tell: env and command, and the rest from the history.
struct ConfigFact {
    std::string keyword; // "ENV"
    std::string value;   // "PATH=/bin"
    bool operator==(ConfigFact const&) const = default;
};
std::vector<ConfigFact> config_of(world::Image const&);

}
