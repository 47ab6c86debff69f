#include "engine/daemon/Prose.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>

namespace drydock::daemon {

namespace {

// The zero of Go's time.Time stands for "never".
std::string time_text(Timestamp time)
{
    return time.nanoseconds == 0 ? "0001-01-01T00:00:00Z" : rfc3339(time);
}

json empty_endpoint()
{
    return { { "DriverOpts", nullptr }, { "GlobalIPv6Address", "" }, { "GlobalIPv6PrefixLen", 0 },
        { "IPv6Gateway", "" }, { "IPAMConfig", nullptr }, { "Links", nullptr }, { "Aliases", nullptr },
        { "MacAddress", "" }, { "NetworkID", "" }, { "EndpointID", "" }, { "Gateway", "" }, { "IPAddress", "" },
        { "IPPrefixLen", 0 }, { "DNSNames", nullptr } };
}

json endpoint_body(NetworkEndpoint const& endpoint)
{
    auto body = empty_endpoint();
    body["Aliases"] = endpoint.names;
    body["MacAddress"] = endpoint.hardware_address;
    body["NetworkID"] = endpoint.network;
    body["EndpointID"] = endpoint.id;
    body["Gateway"] = networking::to_text(endpoint.gateway);
    body["IPAddress"] = networking::to_text(endpoint.address);
    body["IPPrefixLen"] = endpoint.subnet.bits;
    body["DNSNames"] = endpoint.names;
    return body;
}

// Those that it is on, or would be if it ran.
json networks_body(ContainerRecord const& record, Networks const& networks)
{
    json object = json::object();
    if (record.host.network_mode.starts_with("container:"))
        return object; // it has none of its own
    for (auto const& [name, request] : record.endpoints)
        object[name] = empty_endpoint();
    for (auto const& endpoint : networks.endpoints(record.id))
        object[endpoint.network_name] = endpoint_body(endpoint);
    return object;
}

json published_body(Container const& container, ContainerRecord const& record)
{
    json object = json::object();
    if (!record.state.running())
        return object;
    for (auto const& port : record.config.exposed_ports)
        object[port] = nullptr;
    for (auto const& port : container.published())
        object[port.port].push_back(
            { { "HostIp", port.host_address }, { "HostPort", std::to_string(port.host_port) } });
    return object;
}

json network_settings(Container const& container, ContainerRecord const& record, Networks const& networks)
{
    auto const endpoints = networks.endpoints(record.id);
    auto const first = endpoints.empty() ? empty_endpoint() : endpoint_body(endpoints.front());
    return { { "Bridge", "" }, { "SandboxID", "" }, { "SandboxKey", "" }, { "HairpinMode", false },
        { "LinkLocalIPv6Address", "" }, { "LinkLocalIPv6PrefixLen", 0 }, { "SecondaryIPAddresses", nullptr },
        { "SecondaryIPv6Addresses", nullptr }, { "GlobalIPv6Address", "" }, { "GlobalIPv6PrefixLen", 0 },
        { "IPv6Gateway", "" }, { "Ports", published_body(container, record) }, { "IPAddress", first["IPAddress"] },
        { "IPPrefixLen", first["IPPrefixLen"] }, { "Gateway", first["Gateway"] }, { "MacAddress", first["MacAddress"] },
        { "EndpointID", first["EndpointID"] }, { "Networks", networks_body(record, networks) } };
}

json ports_list(Container const& container, ContainerRecord const& record)
{
    json ports = json::array();
    auto const type = [](std::string const& port) {
        auto const slash = port.find('/');
        return slash == std::string::npos ? "tcp" : port.substr(slash + 1);
    };
    auto const published = container.published();
    for (auto const& port : published)
        ports.push_back({ { "IP", port.host_address }, { "PrivatePort", std::strtol(port.port.c_str(), nullptr, 10) },
            { "PublicPort", port.host_port }, { "Type", type(port.port) } });
    for (auto const& port : record.config.exposed_ports) {
        bool const is_published
            = std::any_of(published.begin(), published.end(), [&](auto const& each) { return each.port == port; });
        if (!is_published)
            ports.push_back({ { "PrivatePort", std::strtol(port.c_str(), nullptr, 10) }, { "Type", type(port) } });
    }
    return ports;
}

json health_body(Health const& health)
{
    json log = json::array();
    for (auto const& probe : health.log)
        log.push_back({ { "Start", time_text(probe.begun) }, { "End", time_text(probe.ended) },
            { "ExitCode", probe.exit_code }, { "Output", probe.output } });
    return { { "Status", health.status }, { "FailingStreak", health.failing_streak }, { "Log", log } };
}

json state_body(ContainerState const& state, Health const& health)
{
    bool const restarting = state.status == Status::Restarting;
    json body { { "Status", to_string(state.status) }, { "Running", state.running() || restarting },
        { "Paused", state.status == Status::Paused }, { "Restarting", restarting },
        { "OOMKilled", state.out_of_memory }, { "Dead", false }, { "Pid", state.pid }, { "ExitCode", state.exit_code },
        { "Error", state.error }, { "StartedAt", time_text(state.started) },
        { "FinishedAt", time_text(state.finished) } };
    if (!health.status.empty())
        body["Health"] = health_body(health);
    return body;
}

json mounts_body(ContainerRecord const& record, Volumes const& volumes)
{
    json list = json::array();
    for (auto const& mount : record.mounts) {
        json object { { "Type", to_string(mount.kind) } };
        if (mount.kind == MountKind::Volume)
            object["Name"] = mount.source;
        object["Source"] = mount.kind == MountKind::Volume ? volumes.mount_point(mount.source) : mount.source;
        object["Destination"] = mount.target;
        if (mount.kind == MountKind::Volume)
            object["Driver"] = "local";
        object["Mode"] = mount.mode;
        object["RW"] = !mount.read_only;
        auto const is_bind = mount.kind == MountKind::Bind;
        object["Propagation"] = is_bind ? (mount.options.empty() ? "rprivate" : mount.options) : "";
        list.push_back(std::move(object));
    }
    return list;
}

json graph_driver(ContainerRecord const& record, Roots const& roots)
{
    std::string lower;
    for (auto layer = record.layers.rbegin(); layer != record.layers.rend(); ++layer)
        lower += (lower.empty() ? "" : ":") + layer->digest.to_string();
    return { { "Name", roots.driver_name() },
        { "Data", { { "LowerDir", lower }, { "UpperDir", roots.location(record.id) } } } };
}

}

namespace {

// As docker shows a command in a list: an argument with a space in it is quoted, and nothing is escaped.
std::string list_command(std::vector<std::string> const& words)
{
    std::string text;
    for (auto const& word : words)
        text += (text.empty() ? "" : " ")
            + (!text.empty() && word.find(' ') != std::string::npos ? "'" + word + "'" : word);
    return text;
}

}

std::string status_text(ContainerState const& state, std::string const& health, Timestamp now)
{
    switch (state.status) {
    case Status::Created: return "Created";
    case Status::Running: {
        auto const up = "Up " + rough_duration(now - state.started);
        if (health.empty())
            return up;
        return up + (health == "starting" ? " (health: starting)" : " (" + health + ")");
    }
    case Status::Paused: return "Up " + rough_duration(now - state.started) + " (Paused)";
    case Status::Restarting:
        return fmt::format("Restarting ({}) {} ago", state.exit_code, rough_duration(now - state.finished));
    case Status::Exited:
        return fmt::format("Exited ({}) {} ago", state.exit_code, rough_duration(now - state.finished));
    case Status::Removing: return "Removal In Progress";
    }
    return "";
}

json list_entry(Container const& container, ContainerRecord const& record, Engine const& engine)
{
    auto const now = engine.seams.scheduler.now();
    return { { "Id", record.id.value }, { "Names", { "/" + record.name } }, { "Image", record.config.image },
        { "ImageID", record.image.to_string() }, { "Command", list_command(record.config.command_line()) },
        { "Created", record.created.nanoseconds / 1'000'000'000 }, { "Ports", ports_list(container, record) },
        { "Labels", record.config.labels }, { "State", to_string(record.state.status) },
        { "Status", status_text(record.state, container.health().status, now) },
        { "HostConfig", { { "NetworkMode", record.host.network_mode } } },
        { "NetworkSettings", { { "Networks", networks_body(record, engine.networks) } } },
        { "Mounts", mounts_body(record, engine.volumes) } };
}

void add_sizes(json& body, Roots& roots, ContainerRecord const& record)
{
    auto const own = roots.size_of_sheet(record.id);
    if (own > 0 || !body.contains("Names")) // a list leaves out a zero
        body["SizeRw"] = own;
    body["SizeRootFs"] = own + roots.size_below(record);
}

json inspect_body(Container const& container, Engine const& engine)
{
    auto const& roots = engine.roots;
    auto const record = container.record();
    auto const command = record.config.command_line();
    auto const exec_ids = engine.execs.running_in(record.id);
    auto host = to_json(record.host);
    host["Links"] = list_or_null(engine.containers.links_of(record));
    return { { "Id", record.id.value }, { "Created", rfc3339(record.created) }, { "Path", command.front() },
        { "Args", std::vector(command.begin() + 1, command.end()) },
        { "State", state_body(record.state, container.health()) }, { "Image", record.image.to_string() },
        { "ResolvConfPath", "" }, { "HostnamePath", "" }, { "HostsPath", "" },
        { "LogPath", "containers/" + record.id.value + "/log" }, { "Name", "/" + record.name },
        { "RestartCount", record.state.restarts }, { "Driver", roots.driver_name() }, { "Platform", "linux" },
        { "MountLabel", "" }, { "ProcessLabel", "" }, { "AppArmorProfile", "" },
        { "ExecIDs", exec_ids.empty() ? json(nullptr) : json(exec_ids) }, { "HostConfig", std::move(host) },
        { "GraphDriver", graph_driver(record, roots) }, { "Mounts", mounts_body(record, engine.volumes) },
        { "Config", to_json(record.config) },
        { "NetworkSettings", network_settings(container, record, engine.networks) } };
}

}
