// /containers/{}/stats and update, /containers/prune: what is used, and what can be given back.

#include "engine/daemon/Filters.h"
#include "engine/daemon/Reply.h"
#include "engine/daemon/Router.h"
#include "sim/core/Units.h"

#include <fmt/format.h>
#include <unistd.h>

#include <atomic>

namespace drydock::daemon {

namespace {

// ---- stats ----

// One look at what a container has used. The processor time of the whole machine is what the share is taken of; all
// its processors together make one second a second each.
struct Sample {
    Timestamp time;
    runtime::Usage usage;
};

json cpu_stats(Sample const& sample, std::int64_t cores)
{
    json body { { "cpu_usage",
                    { { "total_usage", sample.usage.cpu_nanoseconds }, { "usage_in_usermode", 0 },
                        { "usage_in_kernelmode", 0 } } },
        { "throttling_data", { { "periods", 0 }, { "throttled_periods", 0 }, { "throttled_time", 0 } } } };
    if (sample.time.nanoseconds == 0)
        return body;
    body["system_cpu_usage"] = sample.time.nanoseconds * cores;
    body["online_cpus"] = cores;
    return body;
}

json memory_stats(runtime::Usage const& usage, std::uint64_t limit)
{
    return { { "usage", usage.memory }, { "limit", limit },
        { "stats", { { usage.version_2 ? "inactive_file" : "total_inactive_file", usage.inactive_file } } } };
}

json io_stats(Sample const& sample)
{
    json body { { "io_service_bytes_recursive", nullptr } };
    if (sample.time.nanoseconds != 0)
        body["io_service_bytes_recursive"] = json::array({ { { "op", "read" }, { "value", sample.usage.read_bytes } },
            { { "op", "write" }, { "value", sample.usage.written_bytes } } });
    for (auto const* counter : { "io_serviced_recursive", "io_queue_recursive", "io_service_time_recursive",
             "io_wait_time_recursive", "io_merged_recursive", "io_time_recursive", "sectors_recursive" })
        body[counter] = sample.time.nanoseconds == 0 ? json(nullptr) : json::array(); // nobody counts these
    return body;
}

json network_stats(runtime::Usage const& usage)
{
    json body = json::object();
    for (auto const& each : usage.interfaces)
        body[each.name] = { { "rx_bytes", each.received }, { "rx_packets", each.received_packets },
            { "rx_errors", each.received_errors }, { "rx_dropped", each.received_dropped }, { "tx_bytes", each.sent },
            { "tx_packets", each.sent_packets }, { "tx_errors", each.sent_errors },
            { "tx_dropped", each.sent_dropped } };
    return body;
}

json stats_body(Call const& call, ContainerRecord const& record, Sample const& before, Sample const& now)
{
    auto const cores = call.engine.config.cores;
    auto const limit
        = record.host.memory > 0 ? static_cast<std::uint64_t>(record.host.memory) : call.engine.config.memory;
    bool const runs = now.time.nanoseconds != 0;
    auto const time = [](Timestamp t) { return t.nanoseconds == 0 ? "0001-01-01T00:00:00Z" : rfc3339(t); };
    json body { { "name", "/" + record.name }, { "id", record.id.value }, { "read", time(now.time) },
        { "preread", time(before.time) }, { "num_procs", 0 }, { "cpu_stats", cpu_stats(now, cores) },
        { "precpu_stats", cpu_stats(before, cores) },
        { "memory_stats", runs ? memory_stats(now.usage, limit) : json::object() },
        { "pids_stats", runs ? json { { "current", now.usage.pids } } : json::object() },
        { "blkio_stats", io_stats(now) }, { "storage_stats", json::object() } };
    if (!now.usage.interfaces.empty())
        body["networks"] = network_stats(now.usage);
    return body;
}

Sample take_sample(Call const& call, Container const& container)
{
    auto const process = container.process();
    if (process == nullptr)
        return {};
    auto const usage = process->usage();
    call.engine.seams.publisher.publish(trace::ResourcesUsed { .container = container.id(),
        .memory = usage.memory - std::min(usage.memory, usage.inactive_file),
        .processes = static_cast<std::int64_t>(usage.pids),
        .processor_time = static_cast<std::int64_t>(usage.cpu_nanoseconds),
        .bytes_read = usage.read_bytes,
        .bytes_written = usage.written_bytes });
    return { call.engine.seams.scheduler.now(), usage };
}

constexpr Duration sampling_interval = std::chrono::seconds(1);

Result<void> container_stats(Call& call)
{
    auto const container = TRY(call.engine.containers.find(call.name));
    bool const streams = call.exchange.target().flag("stream", true);
    auto const body = TRY(call.exchange.respond_streaming(200, { { "Content-Type", "application/json" } }));
    std::atomic<bool> gone { false };
    auto const watch = call.exchange.watch([&] { gone = true; });
    Sample before;
    Sample now = take_sample(call, *container);
    // A share takes two looks; a stream shows the first one all the same, so that something is there at once.
    if (!streams && now.time.nanoseconds != 0 && !call.flag("one-shot")) {
        call.engine.seams.scheduler.sleep_for(sampling_interval);
        before = std::exchange(now, take_sample(call, *container));
    }
    while (true) {
        if (!body->write(to_text(stats_body(call, container->record(), before, now)) + "\n") || !streams)
            return {};
        call.engine.seams.scheduler.sleep_for(sampling_interval);
        if (gone || call.engine.closing || container->removed())
            return {};
        before = std::exchange(now, take_sample(call, *container));
    }
}

// ---- update ----

std::string describe_update(HostConfig const& before, HostConfig const& now)
{
    std::string what;
    auto const add = [&](std::string const& text) { what += (what.empty() ? "" : ", ") + text; };
    if (now.memory != before.memory)
        add("memory " + human_size(static_cast<std::uint64_t>(now.memory)));
    if (now.nano_cpus != before.nano_cpus)
        add(fmt::format("{:g} processors", static_cast<double>(now.nano_cpus) / 1e9));
    if (now.pids_limit != before.pids_limit)
        add(fmt::format("{} processes", now.pids_limit));
    if (now.restart.name != before.restart.name || now.restart.most != before.restart.most)
        add("restart " + now.restart.name);
    return what;
}

// Zero and empty mean: unchanged.
Result<HostConfig> updated(ContainerId const& id, HostConfig host, json const& body)
{
    auto const cannot = "Cannot update container " + id.value + ": ";
    ObjectReader reader(body);
    auto const swap = reader.number("MemorySwap");
    auto const memory = reader.number("Memory");
    if (memory > host.memory_swap && swap == 0 && host.memory_swap >= 0)
        return fail(ErrorKind::Conflict,
            cannot
                + "Memory limit should be smaller than already set memoryswap limit, update the memoryswap at the same "
                  "time");
    auto alone = body; // the two limits as they will be, for they are checked together
    alone["Memory"] = memory != 0 ? memory : host.memory;
    alone["MemorySwap"] = swap != 0 ? swap : host.memory_swap;
    auto const asked = TRY(parse_host_config(alone));
    host.memory = asked.memory;
    host.memory_swap = asked.memory_swap;
    for (auto const& [name, number] : asked.idle_numbers)
        host.idle_numbers[name] = number;
    for (auto const& [name, text] : asked.idle_texts)
        host.idle_texts[name] = text;
    if (asked.nano_cpus > 0)
        host.nano_cpus = asked.nano_cpus;
    if (asked.pids_limit != 0 || reader.number("PidsLimit") < 0)
        host.pids_limit = asked.pids_limit;
    if (!ObjectReader(reader.object("RestartPolicy")).text("Name").empty())
        host.restart = asked.restart;
    if (host.auto_remove && host.restart.name != "no")
        return fail(ErrorKind::InvalidInput,
            cannot + "Restart policy cannot be updated because AutoRemove is enabled for the container");
    return host;
}

Result<void> update_container(Call& call)
{
    auto const container = TRY(call.engine.containers.find(call.name));
    auto const body = TRY(read_json(call.exchange));
    if (!body.is_object())
        return fail(ErrorKind::InvalidInput, "invalid JSON: the body must be an object");
    Container::Turn const turn(*container);
    auto const record = container->record();
    auto const host = TRY(updated(record.id, record.host, body));
    bool const limits_change = host.memory != record.host.memory || host.memory_swap != record.host.memory_swap
        || host.nano_cpus != record.host.nano_cpus || host.pids_limit != record.host.pids_limit;
    if (auto const process = container->process(); process != nullptr && limits_change)
        TRY(process->set_limits(limits_of(host)));
    container->change([&](ContainerRecord& its) { its.host = host; });
    TRY(container->save());
    call.engine.seams.publisher.publish(
        trace::ContainerUpdated { .container = container->id(), .what = describe_update(record.host, host) });
    call.engine.containers.publish_event(*container, "update");
    return reply(call.exchange, 200, { { "Warnings", list_or_null(warnings_about(body)) } });
}

// ---- prune ----

Result<void> prune_containers(Call& call)
{
    static constexpr std::string_view known[] { "label", "label!", "until" };
    auto const filters = TRY(Filters::parse(call.parameter("filters"), known));
    auto const until = TRY(filters.until(call.engine.seams.scheduler.now()));
    json deleted = json::array();
    std::uint64_t reclaimed = 0;
    for (auto const& container : call.engine.containers.list()) {
        auto const record = container->record();
        bool const idle = record.state.status == Status::Created || record.state.status == Status::Exited;
        if (!idle || record.created >= until || !filters.labels_match(record.config.labels))
            continue;
        auto const size = call.engine.roots.size_of_sheet(record.id);
        if (!call.engine.containers.remove(container, Force::No))
            continue; // it was started meanwhile
        deleted.push_back(record.id.value);
        reclaimed += size;
    }
    call.engine.events.publish("container", "prune", "", { { "reclaimed", std::to_string(reclaimed) } });
    return reply(call.exchange, 200,
        { { "ContainersDeleted", deleted.empty() ? json(nullptr) : deleted }, { "SpaceReclaimed", reclaimed } });
}

}

std::span<Route const> usage_routes()
{
    static constexpr Route routes[] {
        { "GET", "/containers/{}/stats", container_stats },
        { "POST", "/containers/{}/update", update_container },
        { "POST", "/containers/prune", prune_containers },
    };
    return routes;
}

}
