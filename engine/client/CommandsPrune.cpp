// container, image, network, volume, builder and system prune: what nobody needs goes.

#include "engine/client/Format.h"
#include "engine/client/Rows.h"

#include <fmt/format.h>

namespace drydock::client {

using json = nlohmann::ordered_json;

namespace {

// One kind of thing, as the API prunes it.
struct Prunable {
    std::string_view what;      // "Containers"
    std::string_view path;      // "/containers/prune"
    std::string_view key;       // "ContainersDeleted"
    std::string_view filter {}; // besides those that were given
};

constexpr Prunable stopped_containers { "Containers", "/containers/prune", "ContainersDeleted" };
constexpr Prunable idle_networks { "Networks", "/networks/prune", "NetworksDeleted" };
constexpr Prunable idle_volumes { "Volumes", "/volumes/prune", "VolumesDeleted" };
constexpr Prunable build_cache { "build cache objects", "/build/prune", "CachesDeleted" };

Prunable idle_images(Invocation const& in)
{
    return { "Images", "/images/prune", "ImagesDeleted",
        in.arguments.is_set("all") ? "dangling=false" : "dangling=true" };
}

// Prints what went; the bytes that came free.
Result<double> prune_one(Invocation const& in, Prunable const& kind)
{
    auto filters = in.arguments.list("filter");
    if (!kind.filter.empty())
        filters.emplace_back(kind.filter);
    auto const path = std::string(kind.path) + query({ { "filters", TRY(filters_json(filters)) } });
    auto const answer = json::parse(TRY(in.api.call("POST", path)), nullptr, false);
    auto const deleted = answer.is_object() ? answer.value(std::string(kind.key), json()) : json();
    if (!deleted.is_array() || deleted.empty())
        return 0.0;
    in.out(fmt::format("Deleted {}:\n", kind.what));
    json const none = json::object();
    for (auto const& each : deleted) {
        if (each.is_string())
            in.out(each.get<std::string>() + "\n");
        for (auto const& [action, name] : each.is_object() ? each.items() : none.items())
            in.out(fmt::format("{}: {}\n", action == "Untagged" ? "untagged" : "deleted", name.get<std::string>()));
    }
    in.out("\n");
    return answer.value("SpaceReclaimed", 0.0);
}

int prune_all(Invocation const& in, std::vector<Prunable> const& kinds)
{
    double reclaimed = 0;
    for (auto const& kind : kinds) {
        auto const freed = prune_one(in, kind);
        if (!freed)
            return in.failed(freed.error());
        reclaimed += *freed;
    }
    in.out("Total reclaimed space: " + docker_size(reclaimed) + "\n");
    return 0;
}

int container_prune(Invocation const& in)
{
    return confirmed(in, "This will remove all stopped containers.") ? prune_all(in, { stopped_containers }) : 0;
}

int image_prune(Invocation const& in)
{
    auto const* const warning = in.arguments.is_set("all")
        ? "This will remove all images without at least one container associated to them."
        : "This will remove all dangling images.";
    return confirmed(in, warning) ? prune_all(in, { idle_images(in) }) : 0;
}

int volume_prune(Invocation const& in)
{
    bool const all = in.arguments.is_set("all");
    auto volumes = idle_volumes;
    volumes.filter = all ? "all=true" : "";
    auto const* const warning = all ? "This will remove all local volumes not used by at least one container."
                                    : "This will remove anonymous local volumes not used by at least one container.";
    return confirmed(in, warning) ? prune_all(in, { volumes }) : 0;
}

// Networks take no space.
int network_prune(Invocation const& in)
{
    if (!confirmed(in, "This will remove all custom networks not used by at least one container."))
        return 0;
    auto const done = prune_one(in, idle_networks);
    return done ? 0 : in.failed(done.error());
}

// Steps of a build are images here, so there is never a cache of its own.
int builder_prune(Invocation const& in)
{
    auto const* const warning = in.arguments.is_set("all") ? "This will remove all build cache."
                                                           : "This will remove all dangling build cache.";
    return confirmed(in, warning) ? prune_all(in, { build_cache }) : 0;
}

int system_prune(Invocation const& in)
{
    bool const all = in.arguments.is_set("all");
    std::string warning = "This will remove:\n  - all stopped containers\n"
                          "  - all networks not used by at least one container\n";
    std::vector<Prunable> kinds { stopped_containers, idle_networks };
    if (in.arguments.is_set("volumes")) {
        warning += "  - all anonymous volumes not used by at least one container\n";
        kinds.push_back(idle_volumes);
    }
    warning += all ? "  - all images without at least one container associated to them\n  - all build cache\n"
                   : "  - all dangling images\n  - unused build cache\n";
    kinds.push_back(idle_images(in));
    kinds.push_back(build_cache);
    auto const filters = in.arguments.list("filter");
    if (!filters.empty())
        warning += "\n  Items to be pruned will be filtered with:\n";
    for (auto const& filter : filters)
        warning += "  - " + filter + "\n";
    return confirmed(in, warning) ? prune_all(in, kinds) : 0;
}

}

std::vector<Command> prune_commands()
{
    Flag const force { "force", 'f', FlagKind::Switch, "Do not prompt for confirmation" };
    Flag const filter { "filter", 0, FlagKind::List, "Provide filter values (e.g. \"until=<timestamp>\")" };
    Flag const all_images { "all", 'a', FlagKind::Switch, "Remove all unused images, not just dangling ones" };
    return {
        { "container prune", "[OPTIONS]", "Remove all stopped containers", { filter, force }, 0, 0, container_prune },
        { "image prune", "[OPTIONS]", "Remove unused images", { all_images, filter, force }, 0, 0, image_prune },
        { "network prune", "[OPTIONS]", "Remove all unused networks", { filter, force }, 0, 0, network_prune },
        { "volume prune", "[OPTIONS]", "Remove unused local volumes",
            { { "all", 'a', FlagKind::Switch, "Remove all unused volumes, not just anonymous ones" }, filter, force },
            0, 0, volume_prune },
        { "builder prune", "[OPTIONS]", "Remove build cache",
            { { "all", 'a', FlagKind::Switch, "Remove all unused build cache, not just dangling ones" }, filter,
                force },
            0, 0, builder_prune },
        { "system prune", "[OPTIONS]", "Remove unused data",
            { all_images, filter, force, { "volumes", 0, FlagKind::Switch, "Prune anonymous volumes" } }, 0, 0,
            system_prune },
    };
}

}
