#pragma once

// The model that is shipped, for the tests that hold it to what is published.

#include "sim/machine/Model.h"
#include "tests/support/Catch.h"

#include <fstream>
#include <sstream>

namespace drydock::tests {

inline std::string model_text()
{
    std::stringstream text;
    text << std::ifstream("models/comparison.toml").rdbuf();
    return text.str();
}

inline machine::Model model()
{
    auto loaded = machine::load_model(model_text());
    for (auto const& problem : loaded.problems)
        UNSCOPED_INFO(problem.to_string("models/comparison.toml"));
    REQUIRE(loaded.model);
    return std::move(*loaded.model);
}

inline machine::Technology const& technology(machine::Model const& model, std::string_view id)
{
    CAPTURE(std::string(id));
    auto const* found = model.find(id);
    REQUIRE(found != nullptr);
    return *found;
}

}
