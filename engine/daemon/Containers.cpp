// /containers: create, list, inspect, start, stop, kill, pause, rename, remove, top, changes.

#include "engine/daemon/Filters.h"
#include "engine/daemon/ImageNames.h"
#include "engine/daemon/Prose.h"
#include "engine/daemon/Reply.h"
#include "engine/daemon/Router.h"
#include "engine/runtime/Signals.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdlib>
#include <regex>

namespace drydock::daemon {

namespace {

Result<std::optional<std::int64_t>> number_parameter(Call const& call, std::string_view key)
{
    auto const text = call.parameter(key);
    if (text.empty())
        return std::optional<std::int64_t> {};
    std::int64_t value = 0;
    auto const [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size())
        return fail(ErrorKind::InvalidInput, "invalid value for " + std::string(key) + ": " + text);
    return std::optional<std::int64_t> { value };
}

Result<std::shared_ptr<Container>> container_of(Call const& call)
{
    return call.engine.containers.find(call.name);
}

// What only this host can say of a container that is asked for: its processors, and the platform of the image.
Result<void> check_against_host(Call const& call, CreateBody const& body)
{
    auto const cores = call.engine.config.cores;
    if (auto const cpus = body.host.nano_cpus; cpus != 0 && (cpus < 10'000'000 || cpus > cores * 1'000'000'000))
        return fail(ErrorKind::InvalidInput,
            fmt::format("range of CPUs is from 0.01 to {}.00, as there are only {} CPUs available", cores, cores));
    auto const wanted = call.parameter("platform");
    if (wanted.empty())
        return {};
    auto const platform = TRY(wanted_platform(wanted));
    auto const image = call.engine.images->find(body.config.image);
    if (image && !suits(image->config.platform, platform)) // "not found" makes a client pull the one that suits
        return fail(ErrorKind::NotFound,
            fmt::format(
                "image with reference {} was found but its platform ({}) does not match the specified platform ({})",
                body.config.image, to_text(image->config.platform), to_text(platform)));
    return {};
}

Result<void> create_container(Call& call)
{
    auto const given = TRY(read_json(call.exchange));
    auto body = TRY(parse_create_body(given));
    if (body.config.image.empty())
        return fail(ErrorKind::InvalidInput, "Config cannot be empty in order to create a container");
    TRY(check_against_host(call, body));
    auto const warnings = body.warnings;
    std::string name = call.parameter("name");
    if (name.starts_with("/"))
        name.erase(0, 1);
    auto span = call.engine.seams.publisher.span(
        "create", "Create a container from " + body.config.image, trace::Depth::Role);
    auto const container = call.engine.containers.create(std::move(name), std::move(body));
    if (!container) {
        span.failed(container.error().message());
        return fail(container.error());
    }
    return reply(call.exchange, 201, { { "Id", (*container)->id().value }, { "Warnings", warnings } });
}

// "exited=1" fits those that have ended with 1.
bool fits_exit(ContainerRecord const& record, std::string const& code)
{
    return record.state.status == Status::Exited && std::to_string(record.state.exit_code) == code;
}

bool fits_ancestor(Engine const& engine, ContainerRecord const& record, std::string const& name)
{
    if (record.config.image == name)
        return true;
    auto const image = engine.images->find(name);
    return image && image->id == record.image;
}

// By the volume's name or by where it is mounted.
bool fits_volume(ContainerRecord const& record, std::string const& wanted)
{
    return std::any_of(record.mounts.begin(), record.mounts.end(),
        [&](MountPoint const& mount) { return mount.source == wanted || mount.target == wanted; });
}

// A part of the name or a regular expression, with the slash before it or without.
bool fits_name(std::string const& name, std::string const& wanted)
{
    try {
        std::regex const pattern(wanted, std::regex::extended);
        return std::regex_search(name, pattern) || std::regex_search("/" + name, pattern);
    } catch (std::regex_error const&) {
        return name.find(wanted) != std::string::npos; // what is no expression is text
    }
}

// "80", "80/tcp" or "80-90/tcp": of the host's ports where it is published, else of the container's.
bool fits_port(Container const& container, ContainerRecord const& record, std::string const& wanted, bool published)
{
    auto const slash = wanted.find('/');
    auto const protocol = slash == std::string::npos ? "tcp" : wanted.substr(slash + 1);
    auto const first = std::strtol(wanted.c_str(), nullptr, 10);
    auto const dash = wanted.find('-');
    auto const last = dash < slash ? std::strtol(wanted.c_str() + dash + 1, nullptr, 10) : first;
    auto const is_it = [&](std::string const& port) {
        auto const number = std::strtol(port.c_str(), nullptr, 10);
        auto const its_slash = port.find('/');
        return number >= first && number <= last
            && (its_slash == std::string::npos ? "tcp" : port.substr(its_slash + 1)) == protocol;
    };
    auto const has = [&](auto const& all, auto const& name) {
        return std::any_of(all.begin(), all.end(), [&](auto const& each) { return is_it(name(each)); });
    };
    if (published)
        return has(container.published(), [](PublishedPort const& port) {
            return std::to_string(port.host_port) + port.port.substr(std::min(port.port.size(), port.port.find('/')));
        });
    return has(record.host.ports, [](auto const& port) { return port.first; })
        || has(record.config.exposed_ports, [](auto const& port) { return port; });
}

bool fits(Engine const& engine, Container const& container, ContainerRecord const& record, Filters const& filters)
{
    auto const health = container.health().status;
    return filters.any("id", [&](auto const& id) { return record.id.value.starts_with(id); })
        && filters.any("name", [&](auto const& name) { return fits_name(record.name, name); })
        && filters.is("status", std::string(to_string(record.state.status)))
        && filters.any("exited", [&](auto const& code) { return fits_exit(record, code); })
        && filters.any("ancestor", [&](auto const& image) { return fits_ancestor(engine, record, image); })
        && filters.any("network", [&](auto const& name) { return record.endpoints.contains(name); })
        && filters.labels_match(record.config.labels)
        && filters.any("volume", [&](auto const& volume) { return fits_volume(record, volume); })
        && filters.is("health", health.empty() ? "none" : health)
        && filters.any("publish", [&](auto const& port) { return fits_port(container, record, port, true); })
        && filters.any("expose", [&](auto const& port) { return fits_port(container, record, port, false); })
        && filters.is("is-task", "false");
}

// Only those created before (or since) the container that the filter names.
Result<bool> fits_order(Engine const& engine, ContainerRecord const& record, Filters const& filters)
{
    for (auto const& name : filters.values("before")) {
        auto const other = TRY(engine.containers.find(name));
        if (record.created >= other->created())
            return false;
    }
    for (auto const& name : filters.values("since")) {
        auto const other = TRY(engine.containers.find(name));
        if (record.created <= other->created())
            return false;
    }
    return true;
}

// Values that no container can have are a mistake and no empty answer.
Result<void> check_values(Engine const& engine, Filters const& filters)
{
    for (auto const* key : { "before", "since" }) {
        for (auto const& name : filters.values(key))
            TRY(engine.containers.find(name));
    }
    static constexpr std::array<std::string_view, 7> states { "created", "running", "paused", "restarting", "removing",
        "exited", "dead" };
    for (auto const& state : filters.values("status")) {
        if (std::find(states.begin(), states.end(), state) == states.end())
            return fail(ErrorKind::InvalidInput, "invalid filter 'status=" + state + "'");
    }
    for (auto const& code : filters.values("exited")) {
        if (code.empty() || code.find_first_not_of("-0123456789") != std::string::npos)
            return fail(ErrorKind::InvalidInput, "invalid filter 'exited=" + code + "'");
    }
    for (auto const* key : { "publish", "expose" }) {
        for (auto const& port : filters.values(key)) {
            static std::regex const pattern("[0-9]+(-[0-9]+)?(/(tcp|udp|sctp))?", std::regex::extended);
            if (!std::regex_match(port, pattern))
                return fail(ErrorKind::InvalidInput, fmt::format("invalid filter '{}={}'", key, port));
        }
    }
    return {};
}

Result<void> list_containers(Call& call)
{
    static constexpr std::string_view known[] { "id", "name", "label", "exited", "status", "ancestor", "before",
        "since", "volume", "network", "publish", "expose", "health", "is-task" };
    auto const filters = TRY(Filters::parse(call.parameter("filters"), known));
    TRY(check_values(call.engine, filters));
    auto const limit = TRY(number_parameter(call, "limit")).value_or(0);
    // Asking for a state or a number means all of them, not only those that run.
    bool const all = call.flag("all") || limit > 0 || filters.has("status") || filters.has("exited");
    json list = json::array();
    for (auto const& container : call.engine.containers.list()) {
        auto const record = container->record(); // once: what the filters see is what is listed
        if ((!all && !record.state.running() && record.state.status != Status::Restarting)
            || !fits(call.engine, *container, record, filters) || !TRY(fits_order(call.engine, record, filters)))
            continue;
        if (limit > 0 && list.size() == static_cast<std::size_t>(limit))
            break;
        list.push_back(list_entry(*container, record, call.engine));
        if (call.flag("size"))
            add_sizes(list.back(), call.engine.roots, record);
    }
    return reply(call.exchange, 200, list);
}

Result<void> inspect_container(Call& call)
{
    auto const container = TRY(container_of(call));
    auto body = inspect_body(*container, call.engine);
    if (call.flag("size"))
        add_sizes(body, call.engine.roots, container->record());
    return reply(call.exchange, 200, body);
}

Result<void> reply_effect(Call& call, Effect effect)
{
    return reply_empty(call.exchange, effect == Effect::Done ? 204 : 304);
}

Result<void> start_container(Call& call)
{
    auto const container = TRY(container_of(call));
    return reply_effect(call, TRY(call.engine.containers.start(container)));
}

Result<ContainerManager::StopOptions> stop_options(Call const& call)
{
    ContainerManager::StopOptions options;
    options.timeout = TRY(number_parameter(call, "t"));
    if (auto const signal = call.parameter("signal"); !signal.empty())
        options.signal = TRY(runtime::parse_signal(signal));
    return options;
}

Result<void> stop_container(Call& call)
{
    auto const container = TRY(container_of(call));
    auto const options = TRY(stop_options(call));
    return reply_effect(call, TRY(call.engine.containers.stop(*container, options)));
}

Result<void> restart_container(Call& call)
{
    auto const container = TRY(container_of(call));
    auto const options = TRY(stop_options(call));
    TRY(call.engine.containers.restart(container, options));
    return reply_empty(call.exchange, 204);
}

Result<void> kill_container(Call& call)
{
    auto const container = TRY(container_of(call));
    auto const text = call.parameter("signal");
    auto const signal = runtime::parse_signal(text.empty() ? "KILL" : text);
    if (!signal)
        return fail(ErrorKind::InvalidInput,
            "cannot kill container: " + container->record().name + ": " + signal.error().message());
    TRY(call.engine.containers.kill(*container, *signal));
    return reply_empty(call.exchange, 204);
}

Result<void> pause_container(Call& call)
{
    auto const container = TRY(container_of(call));
    TRY(call.engine.containers.pause(*container));
    return reply_empty(call.exchange, 204);
}

Result<void> unpause_container(Call& call)
{
    auto const container = TRY(container_of(call));
    TRY(call.engine.containers.unpause(*container));
    return reply_empty(call.exchange, 204);
}

Result<void> rename_container(Call& call)
{
    auto const container = TRY(container_of(call));
    TRY(call.engine.containers.rename(*container, call.parameter("name")));
    return reply_empty(call.exchange, 204);
}

Result<void> remove_container(Call& call)
{
    auto const container = TRY(container_of(call));
    TRY(call.engine.containers.remove(container, call.flag("force") ? Force::Yes : Force::No,
        call.flag("v") ? AnonymousVolumes::Remove : AnonymousVolumes::Keep));
    return reply_empty(call.exchange, 204);
}

Result<void> resize_container(Call& call)
{
    auto const container = TRY(container_of(call));
    auto const rows = TRY(number_parameter(call, "h")).value_or(0);
    auto const columns = TRY(number_parameter(call, "w")).value_or(0);
    if (rows < 0 || rows > 4096 || columns < 0 || columns > 4096)
        return fail(ErrorKind::InvalidInput, "invalid terminal size");
    auto const process = container->process();
    if (process == nullptr)
        return fail(ErrorKind::Conflict, "container " + container->id().value + " is not running");
    TRY(process->resize(static_cast<std::uint16_t>(rows), static_cast<std::uint16_t>(columns)));
    return reply_empty(call.exchange, 200);
}

Result<void> container_changes(Call& call)
{
    auto const container = TRY(container_of(call));
    json list = json::array();
    for (auto const& change : TRY(call.engine.containers.changes(*container)))
        list.push_back({ { "Path", change.path }, { "Kind", static_cast<int>(change.kind) } });
    return reply(call.exchange, 200, list);
}

}

std::span<Route const> container_routes()
{
    static constexpr Route routes[] {
        { "GET", "/containers/json", list_containers },
        { "POST", "/containers/create", create_container },
        { "GET", "/containers/{}/json", inspect_container },
        { "POST", "/containers/{}/start", start_container },
        { "POST", "/containers/{}/stop", stop_container },
        { "POST", "/containers/{}/restart", restart_container },
        { "POST", "/containers/{}/kill", kill_container },
        { "POST", "/containers/{}/pause", pause_container },
        { "POST", "/containers/{}/unpause", unpause_container },
        { "POST", "/containers/{}/rename", rename_container },
        { "POST", "/containers/{}/resize", resize_container },
        { "GET", "/containers/{}/changes", container_changes },
        { "DELETE", "/containers/{}", remove_container },
    };
    return routes;
}

}
