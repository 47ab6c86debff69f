#pragma once

// Which function answers which request. A route is a method and a path with at most one gap: an id (`{}`, no slash)
// or an image's name (`{name}`, which may hold slashes and colons: "/images/127.0.0.1:5000/app/json").

#include "engine/daemon/Engine.h"
#include "engine/http/Http.h"

#include <optional>
#include <span>

namespace drydock::daemon {

// One request on its way to its answer.
struct Call {
    Engine& engine;
    http::Exchange& exchange;
    std::string name; // what stands in the gap
    int minor { 50 }; // the API version, 1.<minor>

    std::string parameter(std::string_view key) const { return exchange.target().get(key).value_or(""); }
    bool flag(std::string_view key) const { return exchange.target().flag(key); }
};

// "1795470646" or "1795470646.703172400": unix time as the CLI sends it. "0" and nothing mean: no bound.
Result<std::optional<Timestamp>> time_parameter(Call const&, std::string_view key);

using Answer = Result<void> (*)(Call&);

struct Route {
    std::string_view method;
    std::string_view pattern;
    Answer answer;
};

// The resources, one file each.
std::span<Route const> system_routes();
std::span<Route const> image_routes();
std::span<Route const> registry_routes();
std::span<Route const> archive_routes();
std::span<Route const> container_routes();
std::span<Route const> stream_routes();
std::span<Route const> exec_routes();
std::span<Route const> event_routes();
std::span<Route const> network_routes();
std::span<Route const> commit_routes();
std::span<Route const> build_routes();
std::span<Route const> file_routes();
std::span<Route const> volume_routes();
std::span<Route const> usage_routes();
std::span<Route const> disk_usage_routes();
std::span<Route const> top_routes();

// `POST /images/create?fromSrc=-` is an archive's business, though it shares the path with a pull.
Result<void> import_image(Call&);

// Answers the exchange, whatever happens.
void route(Engine&, http::Exchange&);

// What stands in the pattern's gap (empty where there is none), or nothing where the path does not fit.
std::optional<std::string> match(std::string_view pattern, std::string_view path);

}
