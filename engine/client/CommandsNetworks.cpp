// network create, ls, inspect, rm, connect, disconnect.

#include "engine/client/Format.h"
#include "engine/client/Rows.h"

#include <fmt/format.h>

namespace drydock::client {

using json = nlohmann::ordered_json;

namespace {

std::string network_path(std::string const& name, std::string const& action = {})
{
    return "/networks/" + http::percent_encode(name) + action;
}

Result<void> make_network(Invocation const& in)
{
    auto const& typed = in.arguments;
    json config = json::array();
    if (typed.has("subnet"))
        config.push_back({ { "Subnet", typed.text("subnet") }, { "Gateway", typed.text("gateway") } });
    json const body { { "Name", in.words().front() },
        { "Driver", typed.has("driver") ? typed.text("driver") : "bridge" }, { "Internal", typed.is_set("internal") },
        { "IPAM", { { "Driver", "default" }, { "Config", config } } }, { "Labels", assignments(typed.list("label")) } };
    auto const made = json::parse(TRY(in.api.call("POST", "/networks/create", body.dump())), nullptr, false);
    in.out((made.is_object() ? made.value("Id", "") : "") + "\n");
    return {};
}

int network_create(Invocation const& in)
{
    auto const done = make_network(in);
    return done ? 0 : in.failed(done.error());
}

Result<void> list_networks(Invocation const& in)
{
    http::Query parameters;
    if (in.arguments.has("filter"))
        parameters.emplace_back("filters", TRY(filters_json(in.arguments.list("filter"))));
    std::vector<json> rows;
    std::string ids;
    for (auto const& network : TRY(in.get("/networks" + query(parameters)))) {
        auto const id = network.value("Id", "");
        auto const shown = in.arguments.is_set("no-trunc") ? id : short_id(id);
        rows.push_back({ { "ID", shown }, { "Name", network.value("Name", "") },
            { "Driver", network.value("Driver", "") }, { "Scope", network.value("Scope", "") }, { "IPv6", "false" },
            { "Internal", network.value("Internal", false) ? "true" : "false" },
            { "Labels", labels_text(network.value("Labels", json())) },
            { "CreatedAt", date_text(parse_rfc3339(network.value("Created", "")).value_or(Timestamp {})) } });
        ids += shown + "\n";
    }
    in.out(in.arguments.is_set("quiet")
            ? ids
            : TRY(formatted(in, rows,
                { { "NETWORK ID", "ID" }, { "NAME", "Name" }, { "DRIVER", "Driver" }, { "SCOPE", "Scope" } })));
    return {};
}

int network_ls(Invocation const& in)
{
    auto const done = list_networks(in);
    return done ? 0 : in.failed(done.error());
}

int network_inspect(Invocation const& in)
{
    json found = json::array();
    std::string text;
    int status = 0;
    for (auto const& name : in.words()) {
        auto const network = in.get(network_path(name));
        if (!network) {
            status = in.failed(network.error());
            continue;
        }
        found.push_back(*network);
        text += apply_template(in.arguments.text("format"), *network).value_or("") + "\n";
    }
    in.out(in.arguments.has("format") ? text : found.dump(4) + "\n");
    return status;
}

int network_rm(Invocation const& in)
{
    return in.for_each_word([&](std::string const& name) -> Result<void> {
        auto const gone = in.api.call("DELETE", network_path(name));
        bool const forgiven = !gone && in.arguments.is_set("force") && gone.error().kind() == ErrorKind::NotFound;
        return gone || forgiven ? Result<void>() : fail(gone.error());
    });
}

int network_connect(Invocation const& in)
{
    json endpoint { { "Aliases", in.arguments.list("alias") } };
    if (in.arguments.has("ip"))
        endpoint["IPAMConfig"] = { { "IPv4Address", in.arguments.text("ip") } };
    json const body { { "Container", in.words()[1] }, { "EndpointConfig", endpoint } };
    auto const done = in.api.call("POST", network_path(in.words()[0], "/connect"), body.dump());
    return done ? 0 : in.failed(done.error());
}

int network_disconnect(Invocation const& in)
{
    json const body { { "Container", in.words()[1] }, { "Force", in.arguments.is_set("force") } };
    auto const done = in.api.call("POST", network_path(in.words()[0], "/disconnect"), body.dump());
    return done ? 0 : in.failed(done.error());
}

}

std::vector<Command> network_commands()
{
    return {
        { "network create", "[OPTIONS] NETWORK", "Create a network",
            { { "driver", 'd', FlagKind::Text, "Driver to manage the Network" },
                { "gateway", 0, FlagKind::Text, "IPv4 gateway for the subnet" },
                { "internal", 0, FlagKind::Switch, "Restrict external access to the network" },
                { "label", 0, FlagKind::List, "Set metadata on a network" },
                { "subnet", 0, FlagKind::Text, "Subnet in CIDR format that represents a network segment" } },
            1, 1, network_create },
        { "network ls", "[OPTIONS]", "List networks",
            { { "filter", 'f', FlagKind::List, "Provide filter values (e.g. \"driver=bridge\")" },
                { "format", 0, FlagKind::Text, "\"json\", or a template such as '{{.Name}}'" },
                { "no-trunc", 0, FlagKind::Switch, "Do not truncate the output" },
                { "quiet", 'q', FlagKind::Switch, "Only display network IDs" } },
            0, 0, network_ls },
        { "network inspect", "[OPTIONS] NETWORK [NETWORK...]", "Display detailed information on one or more networks",
            { { "format", 'f', FlagKind::Text, "A template such as '{{.Driver}}'" } }, 1, any_number, network_inspect },
        { "network rm", "NETWORK [NETWORK...]", "Remove one or more networks",
            { { "force", 'f', FlagKind::Switch, "Do not error if the network does not exist" } }, 1, any_number,
            network_rm },
        { "network connect", "[OPTIONS] NETWORK CONTAINER", "Connect a container to a network",
            { { "alias", 0, FlagKind::List, "Add network-scoped alias for the container" },
                { "ip", 0, FlagKind::Text, "IPv4 address (e.g., \"172.30.100.104\")" } },
            2, 2, network_connect },
        { "network disconnect", "[OPTIONS] NETWORK CONTAINER", "Disconnect a container from a network",
            { { "force", 'f', FlagKind::Switch, "Force the container to disconnect from a network" } }, 2, 2,
            network_disconnect },
    };
}

}
