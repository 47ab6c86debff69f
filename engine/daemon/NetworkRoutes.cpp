// /networks: list, create, inspect, remove, connect, disconnect, prune.

#include "engine/daemon/Filters.h"
#include "engine/daemon/Reply.h"
#include "engine/daemon/Router.h"

namespace drydock::daemon {

namespace {

json members_of(Networks const& networks, NetworkRecord const& network)
{
    json containers = json::object();
    for (auto const& [container, endpoint] : networks.members(network.id))
        containers[container.value] = { { "Name", endpoint.container_name }, { "EndpointID", endpoint.id },
            { "MacAddress", endpoint.hardware_address },
            { "IPv4Address", networking::to_text(endpoint.address) + "/" + std::to_string(endpoint.subnet.bits) },
            { "IPv6Address", "" } };
    return containers;
}

json network_body(Networks const& networks, NetworkRecord const& network)
{
    json config = json::array();
    if (network.subnet)
        config.push_back(
            { { "Subnet", network.subnet->to_string() }, { "Gateway", networking::to_text(network.gateway) } });
    return { { "Name", network.name }, { "Id", network.id }, { "Created", rfc3339(network.created) },
        { "Scope", "local" }, { "Driver", network.driver }, { "EnableIPv4", network.driver == "bridge" },
        { "EnableIPv6", false },
        { "IPAM",
            { { "Driver", "default" }, { "Options", network.predefined() ? json(nullptr) : json::object() },
                { "Config", config } } },
        { "Internal", network.internal }, { "Attachable", false }, { "Ingress", false },
        { "ConfigFrom", { { "Network", "" } } }, { "ConfigOnly", false },
        { "Containers", members_of(networks, network) }, { "Options", json::object() }, { "Labels", network.labels } };
}

Result<void> list_networks(Call& call)
{
    static constexpr std::string_view known[] { "dangling", "driver", "id", "label", "name", "scope", "type" };
    auto const filters = TRY(Filters::parse(call.parameter("filters"), known));
    auto const& networks = call.engine.networks;
    json list = json::array();
    for (auto const& network : networks.list()) {
        bool const unused = !network.predefined() && networks.members(network.id).empty();
        if (filters.any("name", [&](auto const& part) { return network.name.find(part) != std::string::npos; })
            && filters.any("id", [&](auto const& id) { return network.id.starts_with(id); })
            && filters.is("driver", network.driver) && filters.is("scope", "local")
            && filters.is("type", network.predefined() ? "builtin" : "custom") && filters.labels_match(network.labels)
            && filters.any("dangling", [&](auto const& v) { return (v == "true" || v == "1") == unused; }))
            list.push_back(network_body(networks, network));
    }
    return reply(call.exchange, 200, list);
}

Result<json> read_object(Call& call)
{
    auto body = TRY(read_json(call.exchange));
    if (!body.is_object())
        return fail(ErrorKind::InvalidInput, "invalid JSON: the body must be an object");
    return body;
}

Result<void> create_network(Call& call)
{
    auto const body = TRY(read_object(call));
    ObjectReader reader(body);
    Networks::Wanted wanted { .name = reader.text("Name"),
        .driver = reader.text("Driver"),
        .subnet = {},
        .gateway = {},
        .internal = reader.flag("Internal"),
        .labels = reader.texts("Labels") };
    auto const warning
        = reader.flag("EnableIPv6") ? "--ipv6 has no effect: the networks of Drydock are of IPv4 alone" : "";
    ObjectReader ipam(reader.object("IPAM"));
    auto const& subnets = ipam.objects("Config");
    if (subnets.size() > 1)
        return fail(ErrorKind::InvalidInput, "bridge driver doesn't support multiple subnets");
    for (auto const& each : subnets) {
        ObjectReader config(each);
        wanted.subnet = config.text("Subnet");
        wanted.gateway = config.text("Gateway");
        if (!config.text("IPRange").empty() || !config.texts("AuxiliaryAddresses").empty())
            return fail(ErrorKind::NotSupported,
                "--ip-range and --aux-address are not supported: addresses come out of the whole subnet");
        TRY(config.finish());
    }
    TRY(ipam.finish());
    TRY(reader.finish());
    auto const network = TRY(call.engine.networks.create(wanted));
    return reply(call.exchange, 201, { { "Id", network.id }, { "Warning", warning } });
}

Result<void> inspect_network(Call& call)
{
    return reply(call.exchange, 200, network_body(call.engine.networks, TRY(call.engine.networks.find(call.name))));
}

Result<void> remove_network(Call& call)
{
    TRY(call.engine.networks.remove(call.name));
    return reply_empty(call.exchange, 204);
}

Result<void> connect_network(Call& call)
{
    auto const body = TRY(read_object(call));
    ObjectReader reader(body);
    auto const container = TRY(call.engine.containers.find(reader.text("Container")));
    ObjectReader endpoint(reader.object("EndpointConfig"));
    ObjectReader ipam(endpoint.object("IPAMConfig"));
    EndpointRequest const request { endpoint.list("Aliases"), ipam.text("IPv4Address"), endpoint.text("MacAddress") };
    TRY(ipam.finish());
    TRY(endpoint.finish());
    TRY(reader.finish());
    TRY(call.engine.containers.connect_network(*container, call.name, request));
    return reply_empty(call.exchange, 200);
}

Result<void> disconnect_network(Call& call)
{
    auto const body = TRY(read_object(call));
    ObjectReader reader(body);
    auto const container = TRY(call.engine.containers.find(reader.text("Container")));
    TRY(reader.finish());
    TRY(call.engine.containers.disconnect_network(*container, call.name));
    return reply_empty(call.exchange, 200);
}

Result<void> prune_networks(Call& call)
{
    static constexpr std::string_view known[] { "label", "label!", "until" };
    auto const filters = TRY(Filters::parse(call.parameter("filters"), known));
    auto const until = TRY(filters.until(call.engine.seams.scheduler.now()));
    json deleted = json::array();
    for (auto const& network : call.engine.networks.list()) {
        if (network.predefined() || network.created >= until || !filters.labels_match(network.labels)
            || !call.engine.networks.remove(network.id)) // somebody is on it
            continue;
        deleted.push_back(network.name);
    }
    call.engine.events.publish("network", "prune", "", { { "reclaimed", "0" } });
    return reply(call.exchange, 200, { { "NetworksDeleted", deleted.empty() ? json(nullptr) : deleted } });
}

}

std::span<Route const> network_routes()
{
    static constexpr Route routes[] {
        { "GET", "/networks", list_networks },
        { "POST", "/networks/create", create_network },
        { "POST", "/networks/prune", prune_networks },
        { "GET", "/networks/{}", inspect_network },
        { "DELETE", "/networks/{}", remove_network },
        { "POST", "/networks/{}/connect", connect_network },
        { "POST", "/networks/{}/disconnect", disconnect_network },
    };
    return routes;
}

}
