#pragma once

// Proves that a scenario's goals mean what they say (`drydock check`): the start state fails them, the solution meets
// them, every alternative does, the solution short of any one command does not, and harmless extras change nothing; and
// that each question offers the answer that the run gives.

#include "sim/scenario/Player.h"

#include <functional>
#include <memory>

namespace drydock::scenario {

// Makes an engine in its first state. Each trial gets its own.
using EngineFactory = std::function<Result<std::unique_ptr<Engine>>()>;

struct Trial {
    std::string claim; // "without `docker rm a` a goal fails"
    bool held { false };
    std::string observed; // why it did not hold
};

// One Trial for each claim, in a fixed order. An Error means that no engine could be made.
Result<std::vector<Trial>> prove(Scenario const&, EngineFactory const&);

}
