#include "engine/daemon/Router.h"

#include "engine/daemon/Reply.h"

#include <charconv>

namespace drydock::daemon {

namespace {

constexpr int oldest_minor = 24;
constexpr int newest_minor = 50;

// "/v1.41/containers/json" → "/containers/json" and 41. A path without the prefix means the newest version.
Result<int> take_version(std::string& path)
{
    if (!path.starts_with("/v") || path.size() < 3 || path[2] < '0' || path[2] > '9')
        return newest_minor;
    auto const slash = std::min(path.find('/', 1), path.size());
    std::string const version = path.substr(2, slash - 2);
    int major = 0;
    int minor = 0;
    auto const* const end = version.data() + version.size();
    auto const [dot, bad_major] = std::from_chars(version.data(), end, major);
    if (bad_major != std::errc() || dot == end || *dot != '.')
        return newest_minor; // no version: some path that is not found
    auto const [rest, bad_minor] = std::from_chars(dot + 1, end, minor);
    if (bad_minor != std::errc() || rest != end)
        return newest_minor;
    if (major > 1 || (major == 1 && minor > newest_minor))
        return fail(ErrorKind::InvalidInput,
            "client version " + version + " is too new. Maximum supported API version is 1.50");
    if (major < 1 || minor < oldest_minor)
        return fail(ErrorKind::InvalidInput,
            "client version " + version
                + " is too old. Minimum supported API version is 1.24, please upgrade your client to a newer version");
    path.erase(0, slash);
    return minor;
}

struct Found {
    Route const* route { nullptr };
    std::string name;
};

// Patterns without a gap win over those with one: "/containers/json" is no container.
Found find_route(std::string_view method, std::string_view path)
{
    Found best;
    for (auto const routes : { system_routes(), image_routes(), registry_routes(), archive_routes(), container_routes(),
             file_routes(), stream_routes(), exec_routes(), event_routes(), network_routes(), volume_routes(),
             usage_routes(), disk_usage_routes(), top_routes(), commit_routes(), build_routes() }) {
        for (auto const& route : routes) {
            auto const name = route.method == method ? match(route.pattern, path) : std::nullopt;
            if (!name)
                continue;
            bool const exact = route.pattern.find('{') == std::string_view::npos;
            if (exact || best.route == nullptr)
                best = { &route, *name };
            if (exact)
                return best;
        }
    }
    return best;
}

void refuse(Call& call, Error const& error)
{
    bool const changes_something = call.exchange.method() != "GET" && call.exchange.method() != "HEAD";
    // That an image is missing has been said by an event of its own.
    bool const said
        = call.exchange.target().path.ends_with("/containers/create") && error.kind() == ErrorKind::NotFound;
    if (changes_something && !said)
        call.engine.seams.publisher.publish(trace::OperationFailed {
            .operation = call.exchange.method() + " " + call.exchange.target().path, .error = error.message() });
    if (!call.exchange.responded())
        static_cast<void>(
            reply_error(call.exchange, status_of(error.kind()), error.message())); // the client may be gone
}

}

std::optional<std::string> match(std::string_view pattern, std::string_view path)
{
    auto const open = pattern.find('{');
    if (open == std::string_view::npos)
        return pattern == path ? std::optional<std::string>("") : std::nullopt;
    auto const close = pattern.find('}');
    auto const prefix = pattern.substr(0, open);
    auto const suffix = pattern.substr(close + 1);
    if (path.size() <= prefix.size() + suffix.size() || !path.starts_with(prefix) || !path.ends_with(suffix))
        return std::nullopt;
    std::string const gap(path.substr(prefix.size(), path.size() - prefix.size() - suffix.size()));
    bool const may_hold_slashes = close > open + 1;
    if (!may_hold_slashes && gap.find('/') != std::string::npos)
        return std::nullopt;
    return gap;
}

Result<std::optional<Timestamp>> time_parameter(Call const& call, std::string_view key)
{
    std::string const text = call.parameter(key);
    if (text.empty() || text == "0")
        return std::optional<Timestamp> {};
    if (auto const time = parse_rfc3339(text))
        return time;
    std::int64_t seconds = 0;
    auto const* const end = text.data() + text.size();
    auto const [rest, error] = std::from_chars(text.data(), end, seconds);
    if (error != std::errc() || (rest != end && *rest != '.') || seconds < 0 || seconds > INT64_MAX / 1'000'000'000)
        return fail(ErrorKind::InvalidInput, "invalid value for \"" + std::string(key) + "\": " + text);
    std::string fraction = rest == end ? "" : std::string(rest + 1, end);
    fraction.resize(9, '0');
    std::int64_t nanoseconds = 0;
    std::from_chars(fraction.data(), fraction.data() + fraction.size(), nanoseconds);
    return std::optional<Timestamp>(Timestamp { seconds * 1'000'000'000 + nanoseconds });
}

void route(Engine& engine, http::Exchange& exchange)
{
    std::string path = exchange.target().path;
    auto const minor = take_version(path);
    Call call { .engine = engine, .exchange = exchange, .name = {}, .minor = minor.value_or(newest_minor) };
    if (!minor)
        return refuse(call, minor.error());
    if (engine.closing)
        return refuse(call, Error(ErrorKind::Unavailable, "the daemon is shutting down"));
    auto found = find_route(exchange.method(), path);
    if (found.route == nullptr)
        return refuse(call, Error(ErrorKind::NotFound, "page not found"));
    call.name = std::move(found.name);
    if (auto const answered = found.route->answer(call); !answered)
        refuse(call, answered.error());
}

}
