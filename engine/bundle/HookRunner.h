#pragma once

// Programs of config.json's that run at the turns of a container's life, with its state on their standard input.

#include "engine/bundle/State.h"

namespace drydock::bundle {

enum class Where : std::uint8_t { Outside, Inside }; // the container's namespaces

// One after the other; the first that fails ends it, with what it said.
Result<void> run_hooks(std::vector<Hook> const&, char const* kind, State const&, Status, Where);

// Kinds of namespaces (CLONE_NEW*) in which the process is and we are not.
std::uint64_t foreign_namespaces(int pid);

}
