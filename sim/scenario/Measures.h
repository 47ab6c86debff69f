#pragma once

// What the judge counts and reads. For the judge only.

#include "sim/scenario/Player.h"

#include <optional>

namespace drydock::scenario {

// How many records from `since` on tell of such an event.
std::uint64_t count_like(trace::EventLog const&, std::uint64_t since, EventLike const&);
std::string described(EventLike const&); // "RequestReceived with method GET"
std::optional<std::int64_t> number_of(std::string const& text);

}
