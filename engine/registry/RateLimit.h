#pragma once

// How many pulls a registry still allows. Docker Hub says so with every manifest, since it counts those
// (docs.docker.com, "Docker Hub usage and limits"):
//
//   ratelimit-limit: 100;w=21600
//   ratelimit-remaining: 76;w=21600

#include "engine/http/Http.h"

#include <cstdint>
#include <optional>
#include <string>

namespace drydock::registry {

struct RateLimit {
    std::int64_t limit { 0 };
    std::int64_t remaining { 0 };
    std::int64_t window { 0 }; // seconds; 0: not said
    bool operator==(RateLimit const&) const = default;

    std::string to_string() const; // "76 of 100 pulls left in 6 hours"
};

// Nothing where it does not say, or not in these words.
std::optional<RateLimit> rate_limit_of(http::Headers const&);

}
