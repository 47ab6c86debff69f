// stats, update, port.

#include "engine/client/CreateBody.h"
#include "engine/client/Format.h"
#include "engine/client/Pull.h"
#include "engine/client/Rows.h"

#include <fmt/format.h>

#include <algorithm>
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
    for (auto const& [flag, field] : { std::pair("cpu-shares", "CpuShares"), std::pair("cpu-period", "CpuPeriod"),
             std::pair("cpu-quota", "CpuQuota"), std::pair("blkio-weight", "BlkioWeight") }) {
        if (typed.has(flag))
            body[field] = typed.number(flag, 0);
    }
    for (auto const& [flag, field] :
        { std::pair("cpuset-cpus", "CpusetCpus"), std::pair("cpuset-mems", "CpusetMems") }) {
        if (typed.has(flag))
            body[field] = typed.text(flag);
    }
    if (typed.has("memory-reservation"))
        body["MemoryReservation"] = parse_size(typed.text("memory-reservation")).value_or(0);
    if (typed.has("memory-swap"))
        body["MemorySwap"] = swap_limit(typed.text("memory-swap"));
    if (typed.has("restart")) {
        auto const text = typed.text("restart");
        auto const colon = text.find(':');
        body["RestartPolicy"] = { { "Name", text.substr(0, colon) },
            { "MaximumRetryCount", colon == std::string::npos ? 0 : std::atoi(text.c_str() + colon + 1) } };
    }
    return in.for_each_word([&](std::string const& name) -> Result<void> {
        auto const answer
            = json::parse(TRY(in.api.call("POST", container_path(name, "/update"), body.dump())), nullptr, false);
        auto const warnings = answer.is_object() ? answer.value("Warnings", json()) : json();
        for (auto const& warning : warnings.is_array() ? warnings : json::array())
            in.err(warning.get<std::string>() + "\n");
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
            text += (wanted.empty() ? name + " -> " : "") + bracketed(binding.value("HostIp", "")) + ":"
                + binding.value("HostPort", "") + "\n";
    }
    in.out(text);
    if (!wanted.empty() && text.empty())
        return in.failed(
            Error(ErrorKind::NotFound, "no public port '" + wanted + "' published for " + in.words().front()));
    return 0;
}

// What of a container can be changed while it runs, by the flags that it was created with.
std::vector<Flag> changeable_flags()
{
    constexpr std::array<std::string_view, 12> names { "blkio-weight", "cpu-period", "cpu-quota", "cpu-shares", "cpus",
        "cpuset-cpus", "cpuset-mems", "memory", "memory-reservation", "memory-swap", "pids-limit", "restart" };
    auto flags = create_flags();
    std::erase_if(flags, [&](Flag const& flag) { return std::ranges::find(names, flag.name) == names.end(); });
    return flags;
}

}

std::vector<Command> usage_commands()
{
    Flag const format { "format", 0, FlagKind::Text, "\"json\", or a template such as '{{.Name}}'" };
    return {
        { "stats", "[OPTIONS] [CONTAINER...]", "Display a live stream of container(s) resource usage statistics",
            { { "all", 'a', FlagKind::Switch, "Show all containers (default shows just running)" }, format,
                { "no-stream", 0, FlagKind::Switch, "Disable streaming stats and only pull the first result" },
                { "no-trunc", 0, FlagKind::Switch, "Do not truncate output" } },
            0, any_number, stats },
        { "update", "[OPTIONS] CONTAINER [CONTAINER...]", "Update configuration of one or more containers",
            changeable_flags(), 1, any_number, update },
        { "port", "CONTAINER [PRIVATE_PORT[/PROTO]]", "List port mappings or a specific mapping for the container", {},
            1, 2, port },
    };
}

}
