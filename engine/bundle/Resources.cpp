#include "engine/bundle/Resources.h"

#include "engine/bundle/Fields.h"

#include <fmt/format.h>

namespace drydock::bundle {

namespace {

std::string or_max(std::int64_t value)
{
    return value < 0 ? "max" : std::to_string(value);
}

class Settings {
public:
    Settings(oci::JsonObject const& from, std::string path, Config& config)
        : m_from(from)
        , m_path(std::move(path))
        , m_config(config)
    {
    }

    void put(char const* name, std::string v1_file, std::string const& v1, std::string v2_file, std::string const& v2)
    {
        m_config.limits.push_back({ m_path + name, std::move(v1_file), v1, std::move(v2_file), v2 });
    }
    // A number that is there and not 0, which means "not set".
    Result<std::optional<std::int64_t>> number(char const* name)
    {
        auto const value = TRY(m_from.integer(name));
        return value == 0 ? std::nullopt : std::optional(value);
    }
    void warn_if_present(std::initializer_list<char const*> names)
    {
        for (char const* name : names) {
            if (m_from.has(name))
                m_config.warnings.push_back(m_path + name + " is not supported and has no effect");
        }
    }

private:
    oci::JsonObject const& m_from;
    std::string m_path;
    Config& m_config;
};

Result<void> read_memory(oci::JsonObject const& memory, Config& config)
{
    Settings settings(memory, "linux.resources.memory.", config);
    auto const limit = TRY(settings.number("limit"));
    auto const swap = TRY(settings.number("swap"));
    if (limit)
        settings.put("limit", "memory.limit_in_bytes", std::to_string(*limit), "memory.max", or_max(*limit));
    if (swap) {
        // Version 1 counts memory and swap together, version 2 swap alone.
        auto const alone = *swap < 0 ? -1 : *swap - limit.value_or(0);
        settings.put("swap", "memory.memsw.limit_in_bytes", std::to_string(*swap), "memory.swap.max", or_max(alone));
    }
    if (auto const soft = TRY(settings.number("reservation")))
        settings.put("reservation", "memory.soft_limit_in_bytes", std::to_string(*soft), "memory.low", or_max(*soft));
    if (memory.has("swappiness"))
        settings.put(
            "swappiness", "memory.swappiness", std::to_string(TRY(memory.unsigned_integer("swappiness"))), "", "");
    if (TRY(memory.boolean("disableOOMKiller")))
        settings.put("disableOOMKiller", "memory.oom_control", "1", "", "");
    if (auto const tcp = TRY(settings.number("kernelTCP")))
        settings.put("kernelTCP", "memory.kmem.tcp.limit_in_bytes", std::to_string(*tcp), "", "");
    settings.warn_if_present({ "kernel" }); // no kernel since 5.16 has it
    return {};
}

Result<void> read_cpu(oci::JsonObject const& cpu, Config& config)
{
    Settings settings(cpu, "linux.resources.cpu.", config);
    if (auto const shares = TRY(settings.number("shares"))) {
        // The range of version 1 (2 to 262144) onto that of version 2 (1 to 10000).
        auto const bounded = std::min<std::int64_t>(262144, std::max<std::int64_t>(2, *shares));
        settings.put("shares", "cpu.shares", std::to_string(*shares), "cpu.weight",
            std::to_string(1 + (bounded - 2) * 9999 / 262142));
    }
    auto const period = TRY(settings.number("period"));
    auto const quota = TRY(settings.number("quota"));
    if (period)
        settings.put("period", "cpu.cfs_period_us", std::to_string(*period), "", "");
    if (quota || period)
        settings.put("quota", quota ? "cpu.cfs_quota_us" : "", std::to_string(quota.value_or(-1)), "cpu.max",
            fmt::format("{} {}", or_max(quota.value_or(-1)), period.value_or(100'000)));
    for (auto const& [name, file] : { std::pair { "cpus", "cpuset.cpus" }, std::pair { "mems", "cpuset.mems" } }) {
        if (auto const text = TRY(cpu.string_or_empty(name)); !text.empty())
            settings.put(name, file, text, file, text);
    }
    settings.warn_if_present({ "realtimeRuntime", "realtimePeriod", "idle", "burst" });
    return {};
}

Result<std::string> numbers_of(oci::JsonObject const& device)
{
    return fmt::format("{}:{}", TRY(device.integer("major")), TRY(device.integer("minor")));
}

// The weights are those of the BFQ scheduler, the only one since Linux 5.0 that has any in version 1.
Result<void> read_block_io(oci::JsonObject const& io, Config& config)
{
    Settings settings(io, "linux.resources.blockIO.", config);
    if (auto const weight = TRY(settings.number("weight")))
        settings.put("weight", "blkio.bfq.weight", std::to_string(*weight), "io.bfq.weight", std::to_string(*weight));
    for (auto const& device : TRY(list_of(io, "weightDevice"))) {
        auto const text = fmt::format("{} {}", TRY(numbers_of(device)), TRY(device.integer("weight")));
        settings.put("weightDevice", "blkio.bfq.weight_device", text, "io.bfq.weight", text);
    }
    struct Throttle {
        char const* field;
        char const* v1_file;
        char const* v2_key;
    };
    for (auto const& [field, v1_file, v2_key] :
        { Throttle { "throttleReadBpsDevice", "blkio.throttle.read_bps_device", "rbps" },
            Throttle { "throttleWriteBpsDevice", "blkio.throttle.write_bps_device", "wbps" },
            Throttle { "throttleReadIOPSDevice", "blkio.throttle.read_iops_device", "riops" },
            Throttle { "throttleWriteIOPSDevice", "blkio.throttle.write_iops_device", "wiops" } }) {
        for (auto const& device : TRY(list_of(io, field))) {
            auto const numbers = TRY(numbers_of(device));
            auto const rate = TRY(device.unsigned_integer("rate"));
            settings.put(field, v1_file, fmt::format("{} {}", numbers, rate), "io.max",
                fmt::format("{} {}={}", numbers, v2_key, rate));
        }
    }
    if (TRY(settings.number("leafWeight")))
        settings.warn_if_present({ "leafWeight" });
    return {};
}

Result<void> read_huge_pages(oci::JsonObject const& limit, Config& config)
{
    auto const size = TRY(limit.string("pageSize"));
    auto const digits = size.find_first_not_of("0123456789");
    if (digits == 0 || digits == size.npos || size.substr(digits).find_first_not_of("KMGB") != std::string::npos)
        return limit.invalid("pageSize", "is no size like 2MB: \"" + size + "\"");
    auto const text = std::to_string(TRY(limit.unsigned_integer("limit")));
    config.limits.push_back({ "linux.resources.hugepageLimits", "hugetlb." + size + ".limit_in_bytes", text,
        "hugetlb." + size + ".max", text });
    return {};
}

// Engines write this even where they have nothing to say.
Result<void> read_network(oci::JsonObject const& resources, Config& config)
{
    if (!resources.has("network"))
        return {};
    auto const network = TRY(resources.object("network"));
    for (auto const& key : TRY(resources.keys("network"))) {
        if (!network.is_zero_or_empty(key))
            config.warnings.push_back("linux.resources.network." + key + " is not supported and has no effect");
    }
    return {};
}

Result<std::string> device_number(oci::JsonObject const& device, char const* name)
{
    if (!device.has(name))
        return std::string("*");
    auto const number = TRY(device.integer(name));
    return number < 0 ? std::string("*") : std::to_string(number);
}

Result<void> read_device_rule(oci::JsonObject const& device, Config& config)
{
    auto const type = TRY(device.string_or_empty("type"));
    auto const access = TRY(device.string_or_empty("access"));
    if (!type.empty() && type != "a" && type != "b" && type != "c" && type != "u")
        return device.invalid("type", "is none of a, b, c, u");
    if (access.find_first_not_of("rwm") != access.npos)
        return device.invalid("access", "is no combination of r, w, m");
    DeviceRule rule;
    rule.allow = TRY(device.boolean("allow"));
    auto const major = TRY(device_number(device, "major"));
    auto const minor = TRY(device_number(device, "minor"));
    rule.text = fmt::format("{} {}:{} {}",
        type.empty()      ? "a"
            : type == "u" ? "c"
                          : type,
        major, minor, access.empty() ? "rwm" : access);
    config.device_rules.push_back(std::move(rule));
    return {};
}

}

Result<void> read_resources(oci::JsonObject const& resources, Config& config)
{
    for (auto const& device : TRY(list_of(resources, "devices")))
        TRY(read_device_rule(device, config));
    std::optional<oci::JsonObject> memory;
    if (resources.has("memory"))
        memory = TRY(resources.object("memory"));
    if (memory)
        TRY(read_memory(*memory, config));
    std::optional<oci::JsonObject> cpu;
    if (resources.has("cpu"))
        cpu = TRY(resources.object("cpu"));
    if (cpu)
        TRY(read_cpu(*cpu, config));
    std::optional<oci::JsonObject> io;
    if (resources.has("blockIO"))
        io = TRY(resources.object("blockIO"));
    if (io)
        TRY(read_block_io(*io, config));
    for (auto const& limit : TRY(list_of(resources, "hugepageLimits")))
        TRY(read_huge_pages(limit, config));
    Settings settings(resources, "linux.resources.", config);
    if (resources.has("pids")) {
        auto const pids = TRY(resources.object("pids"));
        auto const limit = TRY(pids.integer("limit"));
        if (limit != 0)
            settings.put("pids.limit", "pids.max", or_max(limit), "pids.max", or_max(limit));
    }
    if (resources.has("unified")) {
        for (auto const& [file, text] : TRY(resources.string_map("unified"))) {
            if (file.empty() || file.find('/') != file.npos || file.starts_with("cgroup."))
                return resources.invalid("unified", "holds what is no file of a controller: \"" + file + "\"");
            settings.put("unified", "", "", file, text);
        }
    }
    settings.warn_if_present({ "rdma" });
    return read_network(resources, config);
}

}
