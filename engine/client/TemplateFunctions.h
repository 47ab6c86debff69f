#pragma once

// What a template can call: Go's built-in functions and those that docker adds (cli/templates/templates.go).

#include "sim/core/Result.h"

#include <nlohmann/json_fwd.hpp>

#include <string>
#include <vector>

namespace drydock::client {

// A piped value is the last argument. InvalidInput for an unknown function, or arguments that are not for it.
Result<nlohmann::ordered_json> call_template_function(
    std::string const& name, std::vector<nlohmann::ordered_json> const& arguments);
// As Go prints a value: text as it is, [a b], map[k:v].
std::string template_text(nlohmann::ordered_json const&);
// What `if` takes for true: all but zero and what is empty.
bool template_truth(nlohmann::ordered_json const&);

}
