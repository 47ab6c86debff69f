#include "engine/daemon/Prose.h"

#include "sim/core/ShellWords.h"

#include <fmt/format.h>

namespace drydock::daemon {

namespace {

// The zero of Go's time.Time stands for "never".
std::string time_text(Timestamp time)
{
    return time.nanoseconds == 0 ? "0001-01-01T00:00:00Z" : rfc3339(time);
}

json none_endpoint()
{
    return { { "IPAMConfig", nullptr }, { "Links", nullptr }, { "Aliases", nullptr }, { "MacAddress", "" },
        { "NetworkID", "" }, { "EndpointID", "" }, { "Gateway", "" }, { "IPAddress", "" }, { "IPPrefixLen", 0 },
        { "DNSNames", nullptr } };
}

json networks(ContainerRecord const& record)
{
    return { { record.host.network_mode, none_endpoint() } };
}

json state_body(ContainerState const& state)
{
    return { { "Status", to_string(state.status) }, { "Running", state.running() },
        { "Paused", state.status == Status::Paused }, { "Restarting", false }, { "OOMKilled", false },
        { "Dead", false }, { "Pid", state.pid }, { "ExitCode", state.exit_code }, { "Error", state.error },
        { "StartedAt", time_text(state.started) }, { "FinishedAt", time_text(state.finished) } };
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

std::string status_text(ContainerState const& state, Timestamp now)
{
    switch (state.status) {
    case Status::Creating:
    case Status::Created: return "Created";
    case Status::Running: return "Up " + rough_duration(now - state.started);
    case Status::Paused: return "Up " + rough_duration(now - state.started) + " (Paused)";
    case Status::Exited:
        return fmt::format("Exited ({}) {} ago", state.exit_code, rough_duration(now - state.finished));
    case Status::Removing: return "Removal In Progress";
    }
    return "";
}

json list_entry(ContainerRecord const& record, Timestamp now)
{
    json ports = json::array();
    for (auto const& port : record.config.exposed_ports) {
        auto const slash = port.find('/');
        ports.push_back({ { "PrivatePort", std::strtol(port.c_str(), nullptr, 10) },
            { "Type", slash == std::string::npos ? "tcp" : port.substr(slash + 1) } });
    }
    return { { "Id", record.id.value }, { "Names", { "/" + record.name } }, { "Image", record.config.image },
        { "ImageID", record.image.to_string() }, { "Command", join_words(record.config.command_line()) },
        { "Created", record.created.nanoseconds / 1'000'000'000 }, { "Ports", ports },
        { "Labels", record.config.labels }, { "State", to_string(record.state.status) },
        { "Status", status_text(record.state, now) }, { "HostConfig", { { "NetworkMode", record.host.network_mode } } },
        { "NetworkSettings", { { "Networks", networks(record) } } }, { "Mounts", json::array() } };
}

json inspect_body(ContainerRecord const& record, Roots const& roots)
{
    auto const command = record.config.command_line();
    return { { "Id", record.id.value }, { "Created", rfc3339(record.created) }, { "Path", command.front() },
        { "Args", std::vector(command.begin() + 1, command.end()) }, { "State", state_body(record.state) },
        { "Image", record.image.to_string() }, { "ResolvConfPath", "" }, { "HostnamePath", "" }, { "HostsPath", "" },
        { "LogPath", "containers/" + record.id.value + "/log" }, { "Name", "/" + record.name }, { "RestartCount", 0 },
        { "Driver", roots.driver_name() }, { "Platform", "linux" }, { "MountLabel", "" }, { "ProcessLabel", "" },
        { "AppArmorProfile", "" }, { "ExecIDs", nullptr }, { "HostConfig", to_json(record.host) },
        { "GraphDriver", graph_driver(record, roots) }, { "Mounts", json::array() },
        { "Config", to_json(record.config) },
        { "NetworkSettings",
            { { "SandboxID", "" }, { "SandboxKey", "" }, { "Ports", json::object() }, { "IPAddress", "" },
                { "Gateway", "" }, { "MacAddress", "" }, { "Networks", networks(record) } } } };
}

}
