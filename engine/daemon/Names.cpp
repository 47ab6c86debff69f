#include "engine/daemon/Names.h"

#include <array>

namespace drydock::daemon {

namespace {

constexpr std::array adjectives { "amber", "brave", "bright", "calm", "candid", "careful", "cheerful", "clever", "cosy",
    "curious", "daring", "eager", "fair", "fearless", "fond", "frank", "gentle", "glad", "golden", "graceful", "happy",
    "honest", "hopeful", "humble", "jolly", "keen", "kind", "lively", "lucid", "lucky", "mellow", "merry", "mighty",
    "modest", "nimble", "noble", "patient", "peaceful", "playful", "polite", "proud", "quick", "quiet", "ready",
    "serene", "sharp", "shy", "silver", "sincere", "steady", "sunny", "swift", "tidy", "tranquil", "upbeat", "vivid",
    "warm", "wise", "witty", "zealous" };

// People who moved mathematics, computing, ships or the sciences along.
constexpr std::array surnames { "archimedes", "babbage", "bell", "bernoulli", "blackwell", "boole", "brunel", "carver",
    "church", "cook", "curie", "dijkstra", "earhart", "einstein", "elion", "engelbart", "euclid", "euler", "faraday",
    "fermat", "feynman", "franklin", "galileo", "gauss", "germain", "goldberg", "hamilton", "hawking", "hodgkin",
    "hopper", "hypatia", "jackson", "jemison", "johnson", "kepler", "knuth", "kovalevskaya", "lamarr", "lamport",
    "leavitt", "liskov", "lovelace", "magellan", "maxwell", "mendel", "mirzakhani", "nansen", "newton", "nightingale",
    "noether", "pascal", "perlman", "ramanujan", "ritchie", "rubin", "shannon", "thompson", "torvalds", "turing",
    "wing" };

bool is_letter_or_digit(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

}

Result<void> check_name(std::string const& name)
{
    bool valid = name.size() >= 2 && name.size() <= 255 && is_letter_or_digit(name.front());
    for (char const c : name)
        valid = valid && (is_letter_or_digit(c) || c == '_' || c == '.' || c == '-');
    if (valid)
        return {};
    return fail(
        ErrorKind::InvalidInput, "Invalid container name (" + name + "), only [a-zA-Z0-9][a-zA-Z0-9_.-] are allowed");
}

std::string generate_name(Random& random, std::function<bool(std::string const&)> const& is_taken)
{
    auto const pick = [&random](auto const& words) -> std::string { return words.at(random.below(words.size())); };
    std::string const name = pick(adjectives) + "_" + pick(surnames);
    std::string candidate = name;
    for (int suffix = 1; is_taken(candidate); ++suffix)
        candidate = name + std::to_string(suffix);
    return candidate;
}

}
