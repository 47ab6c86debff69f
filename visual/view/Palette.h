#pragma once

// Fuzzy search over everything that can be done: the letters of the query in order, better where they are consecutive
// or begin words.

#include <optional>
#include <string_view>

namespace drydock::view {

// Nothing where `query` does not occur; larger is better. An empty query fits everything alike.
std::optional<int> fuzzy_score(std::string_view query, std::string_view text);

}
