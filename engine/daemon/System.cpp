// /_ping, /version, /info, and the plain refusals.

#include "engine/daemon/Reply.h"
#include "engine/daemon/Router.h"

#include <fmt/format.h>

#include <algorithm>

namespace drydock::daemon {

namespace {

constexpr char const* server_version = "28.2.2+drydock";

http::Headers ping_headers()
{
    // Builder-Version 1 makes the CLI use the classic builder, as we speak no BuildKit.
    return { { "Api-Version", "1.50" }, { "Ostype", "linux" }, { "Builder-Version", "1" }, { "Swarm", "inactive" },
        { "Cache-Control", "no-cache, no-store, must-revalidate" }, { "Pragma", "no-cache" },
        { "Content-Type", "text/plain; charset=utf-8" } };
}

Result<void> ping(Call& call)
{
    return call.exchange.respond(200, ping_headers(), call.exchange.method() == "HEAD" ? "" : "OK");
}

json components(Engine const& engine)
{
    json const details { { "ApiVersion", "1.50" }, { "MinAPIVersion", "1.24" }, { "Os", "linux" }, { "Arch", "amd64" },
        { "KernelVersion", engine.config.kernel } };
    return json::array({ { { "Name", "Drydock Engine" }, { "Version", server_version }, { "Details", details } },
        { { "Name", "Runtime" }, { "Version", engine.seams.runtime.name() }, { "Details", json::object() } },
        { { "Name", "Storage driver" }, { "Version", std::string(engine.roots.driver_name()) },
            { "Details", json::object() } } });
}

Result<void> version(Call& call)
{
    return reply(call.exchange, 200,
        { { "Platform", { { "Name", "Drydock" } } }, { "Components", components(call.engine) },
            { "Version", server_version }, { "ApiVersion", "1.50" }, { "MinAPIVersion", "1.24" },
            { "GitCommit", "drydock" }, { "GoVersion", "none: C++20" }, { "Os", "linux" }, { "Arch", "amd64" },
            { "KernelVersion", call.engine.config.kernel }, { "BuildTime", "" } });
}

std::int64_t count(Engine const& engine, bool (*is)(ContainerState const&))
{
    auto const all = engine.containers.list();
    return std::count_if(all.begin(), all.end(), [&](auto const& container) { return is(container->state()); });
}

json registry_config(Engine const& engine)
{
    json indexes = json::object();
    for (auto const& route : engine.config.registries)
        indexes[route.registry] = { { "Name", route.registry }, { "Mirrors", json::array() }, { "Secure", false },
            { "Official", route.registry == "docker.io" } };
    return { { "InsecureRegistryCIDRs", { "127.0.0.0/8" } }, { "IndexConfigs", indexes } };
}

std::vector<std::string> warnings_of(Engine const& engine)
{
    auto warnings = engine.config.warnings;
    auto const more = engine.networks.warnings();
    warnings.insert(warnings.end(), more.begin(), more.end());
    return warnings;
}

Result<void> info(Call& call)
{
    auto const& engine = call.engine;
    auto const& config = engine.config;
    auto const running = count(engine, [](ContainerState const& s) { return s.status == Status::Running; });
    auto const paused = count(engine, [](ContainerState const& s) { return s.status == Status::Paused; });
    auto const all = static_cast<std::int64_t>(engine.containers.list().size());
    json body { { "ID", "drydock-" + config.host.value }, { "Containers", all }, { "ContainersRunning", running },
        { "ContainersPaused", paused }, { "ContainersStopped", all - running - paused },
        { "Images", engine.images->list().size() }, { "Driver", std::string(engine.roots.driver_name()) },
        { "DriverStatus", json::array({ { "Writable layer", "one directory a container" } }) },
        { "Plugins",
            { { "Volume", { "local" } }, { "Network", { "bridge", "host", "null" } },
                { "Log", { "json-file", "local" } } } },
        { "KernelVersion", config.kernel }, { "OperatingSystem", "Drydock on " + config.kernel }, { "OSType", "linux" },
        { "Architecture", "x86_64" }, { "NCPU", config.cores }, { "MemTotal", config.memory },
        { "Name", config.host.value }, { "ServerVersion", server_version }, { "LoggingDriver", "json-file" },
        { "CgroupDriver", "none" }, { "CgroupVersion", std::to_string(engine.seams.runtime.cgroup_version()) },
        { "DefaultRuntime", engine.seams.runtime.name() },
        { "Runtimes", { { engine.seams.runtime.name(), json::object() } } },
        { "Swarm", { { "LocalNodeState", "inactive" } } }, { "SecurityOptions", { "name=seccomp,profile=builtin" } },
        { "IndexServerAddress", "https://index.docker.io/v1/" }, { "RegistryConfig", registry_config(engine) },
        { "Warnings", warnings_of(engine) } };
    // What an older client (20.10) warns about where it is not there.
    for (auto const* feature : { "MemoryLimit", "SwapLimit", "OomKillDisable", "CpuCfsPeriod", "CpuCfsQuota",
             "CPUShares", "CPUSet", "PidsLimit", "IPv4Forwarding", "BridgeNfIptables", "BridgeNfIp6tables" })
        body[feature] = true;
    if (auto const directory = engine.seams.storage.directory())
        body["DockerRootDir"] = directory->string();
    return reply(call.exchange, 200, body);
}

Result<void> no_plugins(Call& call)
{
    return reply(call.exchange, 200, json::array());
}

Result<void> no_swarm(Call&)
{
    return fail(ErrorKind::Unavailable,
        "This node is not a swarm manager. Use \"docker swarm init\" or \"docker swarm join\" to connect this node to "
        "swarm and try again.");
}

// Any 404 makes a client fall back or give up (docs/decisions/0006-classic-builder.md); the text is for people.
Result<void> no_buildkit(Call&)
{
    return fail(ErrorKind::NotFound, std::string(no_buildkit_message));
}

}

std::span<Route const> system_routes()
{
    static constexpr Route routes[] {
        { "HEAD", "/_ping", ping },
        { "GET", "/_ping", ping },
        { "GET", "/version", version },
        { "GET", "/info", info },
        { "POST", "/grpc", no_buildkit },
        { "POST", "/session", no_buildkit },
        { "GET", "/plugins", no_plugins },
        { "GET", "/swarm", no_swarm },
        { "GET", "/nodes", no_swarm },
        { "GET", "/services", no_swarm },
        { "GET", "/tasks", no_swarm },
        { "GET", "/secrets", no_swarm },
        { "GET", "/configs", no_swarm },
    };
    return routes;
}

}
