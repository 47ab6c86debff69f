#pragma once

// What this machine lets the live world do, for `drydock doctor`: each thing tried out, and what to do where it fails.

#include "sim/core/Result.h"

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace drydock::runtime {

struct Finding {
    std::string subject; // "user namespaces", "overlay", "fuse", "kvm", "cgroups"
    bool works { false };
    std::string detail; // what failed, in the kernel's words; or what there is
    std::string remedy; // empty where it works
};

// `init_program`: drydock-init, which does the trying, because a threaded process cannot.
Result<std::vector<Finding>> probe(std::filesystem::path const& init_program);

// What keeps containers from running here, if anything does: namespaces are needed, and one of the two ways to stack
// layers.
std::optional<Finding> obstacle_to_live(std::vector<Finding> const&);

}
