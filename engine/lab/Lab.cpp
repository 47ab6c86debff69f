#include "engine/lab/Lab.h"

#include "engine/lab/Worlds.h"

#include <algorithm>

namespace drydock::lab {

Result<std::unique_ptr<Lab>> Lab::open(Options options, trace::EventLog& log)
{
    switch (options.world) {
    case World::Live: return open_live(std::move(options), log);
    case World::Simulated: return open_simulated(std::move(options), log);
    }
    return fail(ErrorKind::Internal, "no such world");
}

bool needs_namespaces(scenario::Cast const& cast)
{
    return cast.hosts.size() > 1
        || std::any_of(cast.registries.begin(), cast.registries.end(),
            [](auto const& registry) { return !registry.reachable_from.empty(); });
}

std::vector<scenario::CastRegistry> registries_of(scenario::Cast const& cast)
{
    auto all = cast.registries;
    auto const hub = std::find_if(
        all.begin(), all.end(), [](auto const& registry) { return registry.name == scenario::public_hub; });
    if (hub == all.end())
        all.insert(all.begin(),
            { .name = std::string(scenario::public_hub), .user = {}, .password = {}, .reachable_from = {} });
    else
        std::rotate(all.begin(), hub, hub + 1);
    return all;
}

HostId host_of(scenario::CastRegistry const& registry)
{
    return HostId { registry.name == scenario::public_hub ? "hub" : registry.name };
}

}
