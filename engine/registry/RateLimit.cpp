#include "engine/registry/RateLimit.h"

#include "sim/core/Units.h"

#include <fmt/format.h>

#include <charconv>

namespace drydock::registry {

namespace {

constexpr std::int64_t longest_window = 366 * 24 * 3600; // seconds; a registry may say anything

// A number, and only that: from_chars alone would take "-1" and stop at "12x".
std::optional<std::int64_t> number_in(std::string_view text)
{
    std::int64_t number = 0;
    auto const [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc {} || end != text.data() + text.size() || number < 0)
        return std::nullopt;
    return number;
}

struct Quota {
    std::int64_t pulls { 0 };
    std::int64_t window { 0 };
};

// "100;w=21600", or "100" alone
std::optional<Quota> quota_of(std::string_view text)
{
    auto const semicolon = text.find(';');
    auto const pulls = number_in(text.substr(0, semicolon));
    if (!pulls || semicolon == std::string_view::npos)
        return pulls ? std::optional(Quota { *pulls, 0 }) : std::nullopt;
    auto const rest = text.substr(semicolon + 1);
    auto const window = rest.starts_with("w=") ? number_in(rest.substr(2)) : std::nullopt;
    return window && *window <= longest_window ? std::optional(Quota { *pulls, *window }) : std::nullopt;
}

}

std::string RateLimit::to_string() const
{
    auto const left = fmt::format("{} of {} pulls left", remaining, limit);
    return window == 0 ? left : left + " in " + rough_duration(std::chrono::seconds(window));
}

std::optional<RateLimit> rate_limit_of(http::Headers const& headers)
{
    auto const limit = quota_of(headers.get("RateLimit-Limit").value_or(""));
    auto const remaining = quota_of(headers.get("RateLimit-Remaining").value_or(""));
    if (!limit || !remaining)
        return std::nullopt;
    return RateLimit { limit->pulls, remaining->pulls, limit->window };
}

}
