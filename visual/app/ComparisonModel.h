#pragma once

// The numbers that the modelled half of the comparison rests on, from the file beside the program or from another one.

#include "sim/machine/Model.h"

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

namespace drydock::app {

struct ComparisonModel {
    std::shared_ptr<machine::Model const> model; // null where there are problems
    std::vector<std::string> problems;
};

// Empty: models/comparison.toml.
ComparisonModel load_comparison_model(std::filesystem::path const& file = {});

}
