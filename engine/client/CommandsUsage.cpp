// stats, update, port, container prune, system df, system prune.

#include "engine/client/Format.h"
#include "engine/client/Pull.h"
#include "engine/client/Rows.h"

#include <fmt/format.h>

#include <array>
#include <cmath>
#include <cstdlib>

namespace drydock::client {

using json = nlohmann::ordered_json;

namespace {

// ---- stats ----

std::uint64_t number_at(json const& value, char const* pointer)
{
    auto const path = json::json_pointer(pointer);
    return value.contains(path) && value[path].is_number() ? value[path].get<std::uint64_t>() : 0;
}

// docker's calculateCPUPercentUnix
double cpu_percent(json const& stats)
{
    auto const used = static_cast<double>(number_at(stats, "/cpu_stats/cpu_usage/total_usage"))
        - static_cast<double>(number_at(stats, "/precpu_stats/cpu_usage/total_usage"));
    auto const machine = static_cast<double>(number_at(stats, "/cpu_stats/system_cpu_usage"))
        - static_cast<double>(number_at(stats, "/precpu_stats/system_cpu_usage"));
    auto const cores = static_cast<double>(number_at(stats, "/cpu_stats/online_cpus"));
    return used > 0 && machine > 0 ? used / machine * cores * 100 : 0;
}

double transferred(json const& stats, char const* operation)
{
    double sum = 0;
    for (auto const& entry : stats.value(json::json_pointer("/blkio_stats/io_service_bytes_recursive"), json::array()))
        sum += entry.value("op", "") == operation ? entry.value("value", 0.0) : 0;
    return sum;
}

std::pair<double, double> network_bytes(json const& stats)
{
    std::pair<double, double> sum { 0, 0 };
    auto const networks = stats.value("networks", json::object());
    for (auto const& [name, interface] : networks.items()) {
        sum.first += interface.value("rx_bytes", 0.0);
        sum.second += interface.value("tx_bytes", 0.0);
    }
    return sum;
}

json stats_row(json const& stats, bool no_trunc)
{
    auto const idle = number_at(stats, "/memory_stats/stats/inactive_file")
        + number_at(stats, "/memory_stats/stats/total_inactive_file");
    auto const whole = number_at(stats, "/memory_stats/usage");
    auto const memory = static_cast<double>(whole > idle ? whole - idle : whole);
    auto const limit = static_cast<double>(number_at(stats, "/memory_stats/limit"));
    auto const [received, sent] = network_bytes(stats);
    auto const id = stats.value("id", "");
    auto const name = stats.value("name", "/").substr(1);
    return { { "ID", no_trunc ? id : short_id(id) }, { "Container", name }, { "Name", name },
        { "CPUPerc", fmt::format("{:.2f}%", cpu_percent(stats)) },
        { "MemUsage", docker_memory(memory) + " / " + docker_memory(limit) },
        { "MemPerc", fmt::format("{:.2f}%", limit > 0 ? memory / limit * 100 : 0) },
        { "NetIO", docker_size(received) + " / " + docker_size(sent) },
        { "BlockIO", docker_size(transferred(stats, "read")) + " / " + docker_size(transferred(stats, "write")) },
        { "PIDs", std::to_string(number_at(stats, "/pids_stats/current")) } };
}

Result<std::vector<std::string>> watched_containers(Invocation const& in)
{
    if (!in.words().empty())
        return in.words();
    std::vector<std::string> ids;
    for (auto const& container :
        TRY(in.get(std::string("/containers/json") + (in.arguments.is_set("all") ? "?all=1" : ""))))
        ids.push_back(container.value("Id", ""));
    return ids;
}

constexpr std::string_view clear_screen_text = "\x1b[2J\x1b[H"; // the table stays in its place, as docker's does

// One table of all; each container takes the daemon a second.
Result<void> print_stats_once(Invocation const& in)
{
    std::vector<json> rows;
    for (auto const& name : TRY(watched_containers(in)))
        rows.push_back(
            stats_row(TRY(in.get(container_path(name, "/stats?stream=0"))), in.arguments.is_set("no-trunc")));
    bool const redraws = in.terminal.is_tty && !in.arguments.is_set("no-stream");
    in.out(std::string(redraws ? clear_screen_text : "")
        + TRY(formatted(in, rows,
            { { "CONTAINER ID", "ID" }, { "NAME", "Name" }, { "CPU %", "CPUPerc" }, { "MEM USAGE / LIMIT", "MemUsage" },
                { "MEM %", "MemPerc" }, { "NET I/O", "NetIO" }, { "BLOCK I/O", "BlockIO" }, { "PIDS", "PIDs" } })));
    return {};
}

int stats(Invocation const& in)
{
    while (true) {
        auto const done = print_stats_once(in);
        if (!done)
            return in.failed(done.error());
        if (in.arguments.is_set("no-stream") || !in.terminal.is_tty)
            return 0; // without a screen to redraw, once is what can be shown
    }
}

// ---- update, port ----

int update(Invocation const& in)
{
    auto const& typed = in.arguments;
    json body { { "Memory", parse_size(typed.text("memory")).value_or(0) },
        { "NanoCpus", std::llround(std::strtod(typed.text("cpus").c_str(), nullptr) * 1e9) },
        { "PidsLimit", typed.number("pids-limit", 0) }, { "RestartPolicy", { { "Name", "" } } } };
    if (typed.has("restart")) {
        auto const text = typed.text("restart");
        auto const colon = text.find(':');
        body["RestartPolicy"] = { { "Name", text.substr(0, colon) },
            { "MaximumRetryCount", colon == std::string::npos ? 0 : std::atoi(text.c_str() + colon + 1) } };
    }
    return in.for_each_word([&](std::string const& name) -> Result<void> {
        TRY(in.api.call("POST", container_path(name, "/update"), body.dump()));
        return {};
    });
}

int port(Invocation const& in)
{
    auto const container = in.get(container_path(in.words().front(), "/json"));
    if (!container)
        return in.failed(container.error());
    auto const ports = container->value(json::json_pointer("/NetworkSettings/Ports"), json::object());
    std::string wanted = in.words().size() > 1 ? in.words()[1] : "";
    if (!wanted.empty() && wanted.find('/') == std::string::npos)
        wanted += "/tcp";
    std::string text;
    for (auto const& [name, bindings] : ports.items()) {
        for (auto const& binding : bindings.is_array() && (wanted.empty() || wanted == name) ? bindings : json::array())
            text += (wanted.empty() ? name + " -> " : "") + binding.value("HostIp", "") + ":"
                + binding.value("HostPort", "") + "\n";
    }
    in.out(text);
    if (!wanted.empty() && text.empty())
        return in.failed(
            Error(ErrorKind::NotFound, "no public port '" + wanted + "' published for " + in.words().front()));
    return 0;
}

// ---- df and prune ----

struct Pruned {
    std::string_view what;      // "Containers"
    std::string_view path;      // "/containers/prune"
    std::string_view key;       // "ContainersDeleted"
    std::string_view filter {}; // besides those that were given
};

// Prints what went; the bytes that came free.
Result<double> prune_one(Invocation const& in, Pruned const& kind)
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

int prune_all(Invocation const& in, std::vector<Pruned> const& kinds)
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
    if (!confirmed(in, "This will remove all stopped containers."))
        return 0;
    return prune_all(in, { { "Containers", "/containers/prune", "ContainersDeleted" } });
}

int system_prune(Invocation const& in)
{
    if (!confirmed(in, "This will remove all stopped containers, unused networks and dangling images."))
        return 0;
    std::vector<Pruned> kinds { { "Containers", "/containers/prune", "ContainersDeleted" },
        { "Networks", "/networks/prune", "NetworksDeleted" } };
    if (in.arguments.is_set("volumes"))
        kinds.push_back({ "Volumes", "/volumes/prune", "VolumesDeleted" });
    kinds.push_back({ "Images", "/images/prune", "ImagesDeleted", in.arguments.is_set("all") ? "dangling=false" : "" });
    return prune_all(in, kinds);
}

json df_row(std::string_view type, json const& list, std::size_t active, double size, double reclaimable)
{
    auto const share = size > 0 ? fmt::format(" ({:.0f}%)", std::floor(reclaimable / size * 100)) : "";
    return { { "Type", type }, { "TotalCount", std::to_string(list.size()) }, { "Active", std::to_string(active) },
        { "Size", docker_size(size) }, { "Reclaimable", docker_size(reclaimable) + share } };
}

Result<void> print_df(Invocation const& in)
{
    auto const df = TRY(in.get("/system/df"));
    std::vector<json> rows;
    auto const images = df.value("Images", json::array());
    std::size_t used = 0;
    double unused_size = 0;
    for (auto const& image : images) {
        bool const is_used = image.value("Containers", 0) > 0;
        used += is_used ? 1 : 0;
        unused_size += is_used ? 0 : image.value("Size", 0.0);
    }
    auto const layers = df.value("LayersSize", 0.0);
    rows.push_back(df_row("Images", images, used, layers, std::min(layers, unused_size)));
    auto const containers = df.value("Containers", json::array());
    std::size_t running = 0;
    double size = 0;
    double idle = 0;
    for (auto const& container : containers) {
        auto const state = container.value("State", "");
        bool const runs = state == "running" || state == "paused" || state == "restarting";
        running += runs ? 1 : 0;
        size += container.value("SizeRw", 0.0);
        idle += runs ? 0 : container.value("SizeRw", 0.0);
    }
    rows.push_back(df_row("Containers", containers, running, size, idle));
    auto const volumes = df.value("Volumes", json::array());
    used = 0;
    size = idle = 0;
    for (auto const& volume : volumes) {
        auto const usage = volume.value("UsageData", json::object());
        bool const is_used = usage.value("RefCount", 0) > 0;
        used += is_used ? 1 : 0;
        size += usage.value("Size", 0.0);
        idle += is_used ? 0 : usage.value("Size", 0.0);
    }
    rows.push_back(df_row("Local Volumes", volumes, used, size, idle));
    rows.push_back(df_row("Build Cache", json::array(), 0, 0, 0));
    in.out(TRY(formatted(in, rows,
        { { "TYPE", "Type" }, { "TOTAL", "TotalCount" }, { "ACTIVE", "Active" }, { "SIZE", "Size" },
            { "RECLAIMABLE", "Reclaimable" } })));
    return {};
}

int system_df(Invocation const& in)
{
    auto const done = print_df(in);
    return done ? 0 : in.failed(done.error());
}

}

std::vector<Command> usage_commands()
{
    Flag const force { "force", 'f', FlagKind::Switch, "Do not prompt for confirmation" };
    Flag const filter { "filter", 0, FlagKind::List, "Provide filter values (e.g. \"until=<timestamp>\")" };
    Flag const format { "format", 0, FlagKind::Text, "\"json\", or a template such as '{{.Name}}'" };
    return {
        { "stats", "[OPTIONS] [CONTAINER...]", "Display a live stream of container(s) resource usage statistics",
            { { "all", 'a', FlagKind::Switch, "Show all containers (default shows just running)" }, format,
                { "no-stream", 0, FlagKind::Switch, "Disable streaming stats and only pull the first result" },
                { "no-trunc", 0, FlagKind::Switch, "Do not truncate output" } },
            0, any_number, stats },
        { "update", "[OPTIONS] CONTAINER [CONTAINER...]", "Update configuration of one or more containers",
            { { "cpus", 0, FlagKind::Decimal, "Number of CPUs" }, { "memory", 'm', FlagKind::Size, "Memory limit" },
                { "pids-limit", 0, FlagKind::Number, "Tune container pids limit" },
                { "restart", 0, FlagKind::Text, "Restart policy to apply when a container exits" } },
            1, any_number, update },
        { "port", "CONTAINER [PRIVATE_PORT[/PROTO]]", "List port mappings or a specific mapping for the container", {},
            1, 2, port },
        { "container prune", "[OPTIONS]", "Remove all stopped containers", { filter, force }, 0, 0, container_prune },
        { "system df", "[OPTIONS]", "Show docker disk usage", { format }, 0, 0, system_df },
        { "system prune", "[OPTIONS]", "Remove unused data",
            { { "all", 'a', FlagKind::Switch, "Remove all unused images not just dangling ones" }, filter, force,
                { "volumes", 0, FlagKind::Switch, "Prune anonymous volumes" } },
            0, 0, system_prune },
    };
}

}
