// /networks and /volumes, as far as they exist: containers have a loopback interface of their own (the network "none")
// and no volumes.

#include "engine/daemon/Filters.h"
#include "engine/daemon/Reply.h"
#include "engine/daemon/Router.h"

namespace drydock::daemon {

namespace {

json none_network(Engine const& engine)
{
    json containers = json::object();
    for (auto const& container : engine.containers.list()) {
        auto const record = container->record();
        if (record.state.running())
            containers[record.id.value] = { { "Name", record.name }, { "EndpointID", "" }, { "MacAddress", "" },
                { "IPv4Address", "" }, { "IPv6Address", "" } };
    }
    return { { "Name", "none" }, { "Id", oci::Digest::of("drydock network none").hex() },
        { "Created", "0001-01-01T00:00:00Z" }, { "Scope", "local" }, { "Driver", "null" }, { "EnableIPv4", false },
        { "EnableIPv6", false },
        { "IPAM", { { "Driver", "default" }, { "Options", nullptr }, { "Config", json::array() } } },
        { "Internal", false }, { "Attachable", false }, { "Ingress", false }, { "ConfigFrom", { { "Network", "" } } },
        { "ConfigOnly", false }, { "Containers", containers }, { "Options", json::object() },
        { "Labels", json::object() } };
}

Result<void> list_networks(Call& call)
{
    static constexpr std::string_view known[] { "dangling", "driver", "id", "label", "name", "scope", "type" };
    auto const filters = TRY(Filters::parse(call.parameter("filters"), known));
    auto const none = none_network(call.engine);
    bool const fits = filters.any("name",
                          [](std::string const& name) { return std::string("none").find(name) != std::string::npos; })
        && filters.is("driver", "null") && filters.is("scope", "local") && filters.is("type", "builtin")
        && filters.labels_match({});
    return reply(call.exchange, 200, fits ? json::array({ none }) : json::array());
}

Result<void> inspect_network(Call& call)
{
    auto const none = none_network(call.engine);
    if (call.name != "none" && !none["Id"].get<std::string>().starts_with(call.name))
        return fail(ErrorKind::NotFound, "network " + call.name + " not found");
    return reply(call.exchange, 200, none);
}

Result<void> remove_network(Call& call)
{
    if (call.name == "none")
        return fail(ErrorKind::Forbidden, "none is a pre-defined network and cannot be removed");
    return fail(ErrorKind::NotFound, "network " + call.name + " not found");
}

Result<void> list_volumes(Call& call)
{
    return reply(call.exchange, 200, { { "Volumes", json::array() }, { "Warnings", nullptr } });
}

Result<void> no_such_volume(Call& call)
{
    return fail(ErrorKind::NotFound, "get " + call.name + ": no such volume");
}

}

std::span<Route const> network_routes()
{
    static constexpr Route routes[] {
        { "GET", "/networks", list_networks },
        { "GET", "/networks/{}", inspect_network },
        { "DELETE", "/networks/{}", remove_network },
        { "GET", "/volumes", list_volumes },
        { "GET", "/volumes/{}", no_such_volume },
        { "DELETE", "/volumes/{}", no_such_volume },
    };
    return routes;
}

}
