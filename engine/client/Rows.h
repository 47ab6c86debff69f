#pragma once

// What the listing commands share: their filters on the way to the daemon, and their rows on the way to the terminal.

#include "engine/client/Invocation.h"

#include <nlohmann/json.hpp>

namespace drydock::client {

// "name=web" of every --filter as the API's {"name":{"web":true}}.
Result<std::string> filters_json(std::vector<std::string> const& given);

// Each row by the template of --format; the table of (title, field) where there is none.
Result<std::string> formatted(Invocation const&, std::vector<nlohmann::ordered_json> const& rows,
    std::vector<std::pair<std::string, std::string>> const& columns);

// "Are you sure?" is docker's question before a prune; without a terminal to ask, only -f means yes.
bool confirmed(Invocation const&, std::string const& warning);

}
