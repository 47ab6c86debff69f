#pragma once

// What the listing commands share: their filters on the way to the daemon, and their rows on the way to the terminal.

#include "engine/client/Invocation.h"

#include <nlohmann/json.hpp>

namespace drydock::client {

// "name=web" of every --filter as the API's {"name":{"web":true}}.
Result<std::string> filters_json(std::vector<std::string> const& given);

// "10m" before now, or a date, as the API's seconds since 1970; seconds stay what they are.
std::string time_parameter(Invocation const&, std::string const& text);

// An address before ":PORT": "127.0.0.1", "[::1]".
std::string bracketed(std::string const& address);
// "2026-11-26 21:14:12 +0000 UTC", as Go prints a time.
std::string date_text(Timestamp);
// A map of labels as docker lists it: "a=b,c=d".
std::string labels_text(nlohmann::ordered_json const&);

// What `ps` and `images` call their columns; also the fields that --format knows. An image has a row for each name.
nlohmann::ordered_json container_row(Invocation const&, nlohmann::ordered_json const& container);
nlohmann::ordered_json image_row(Invocation const&, nlohmann::ordered_json const& image, std::string const& name);
std::vector<std::string> names_of(nlohmann::ordered_json const& image); // "<none>:<none>" where it has none

// Each row by the template of --format, which may begin with "table"; the table of (title, field) where there is none.
// A row has all fields that docker knows; "Labels" is text as docker lists it, "a=b,c=d".
Result<std::string> formatted(Invocation const&, std::vector<nlohmann::ordered_json> const& rows,
    std::vector<std::pair<std::string, std::string>> const& columns);

// "Are you sure?" is docker's question before a prune; without a terminal to ask, only -f means yes.
bool confirmed(Invocation const&, std::string const& warning);

}
