// The half of a container's description that says what this host allows and gives it.

#include "engine/daemon/ContainerConfig.h"
#include "engine/daemon/Json.h"
#include "engine/daemon/LogOptions.h"
#include "engine/daemon/Reply.h"
#include "engine/os/SocketAddress.h"
#include "engine/runtime/DeviceFilter.h"

#include <algorithm>
#include <charconv>

namespace drydock::daemon {

namespace {

constexpr std::string_view own_runtime = "drydock";

Result<RestartPolicy> parse_restart_policy(json const& object)
{
    ObjectReader reader(object);
    RestartPolicy policy { reader.text("Name"), reader.number("MaximumRetryCount") };
    TRY(reader.finish());
    if (policy.name.empty())
        policy.name = "no";
    if (policy.name != "no" && policy.name != "always" && policy.name != "unless-stopped"
        && policy.name != "on-failure")
        return fail(ErrorKind::InvalidInput,
            "invalid restart policy: unknown policy '" + policy.name
                + "'; use one of 'no', 'always', 'on-failure', or 'unless-stopped'");
    if (policy.most < 0)
        return fail(ErrorKind::InvalidInput, "invalid restart policy: maximum retry count cannot be negative");
    if (policy.most > 0 && policy.name != "on-failure")
        return fail(
            ErrorKind::InvalidInput, "invalid restart policy: maximum retry count can only be used with 'on-failure'");
    return policy;
}

Result<std::vector<Ulimit>> parse_ulimits(json const& list)
{
    std::vector<Ulimit> limits;
    for (auto const& object : list) {
        ObjectReader reader(object);
        Ulimit const limit { reader.text("Name"), reader.number("Soft"), reader.number("Hard") };
        TRY(reader.finish());
        if (limit.hard >= 0 && (limit.soft > limit.hard || limit.soft < 0))
            return fail(ErrorKind::InvalidInput,
                "ulimit soft limit must be less than or equal to hard limit: " + std::to_string(limit.soft) + " > "
                    + std::to_string(limit.hard));
        limits.push_back(limit);
    }
    return limits;
}

Result<std::vector<DeviceMapping>> parse_devices(json const& list)
{
    std::vector<DeviceMapping> devices;
    for (auto const& object : list) {
        ObjectReader reader(object);
        DeviceMapping device { reader.text("PathOnHost"), reader.text("PathInContainer"),
            reader.text("CgroupPermissions") };
        TRY(reader.finish());
        if (device.in_container.empty())
            device.in_container = device.on_host;
        if (device.access.empty())
            device.access = "rwm";
        runtime::DeviceRule rule;
        if (!runtime::set_access(rule, device.access))
            return fail(ErrorKind::InvalidInput, "bad format for device permissions: \"" + device.access + "\"");
        if (!device.on_host.starts_with('/') || !device.in_container.starts_with('/'))
            return fail(ErrorKind::InvalidInput, "the path of a device must be absolute: \"" + device.on_host + "\"");
        devices.push_back(std::move(device));
    }
    return devices;
}

json devices_to_json(HostConfig const& host)
{
    json list = json::array();
    for (auto const& device : host.devices)
        list.push_back({ { "PathOnHost", device.on_host }, { "PathInContainer", device.in_container },
            { "CgroupPermissions", device.access } });
    return list;
}

bool is_port(std::string const& text)
{
    int value = 0;
    auto const [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    return error == std::errc() && end == text.data() + text.size() && value >= 0 && value <= 65535;
}

// "80/tcp" → [{"HostIp":"","HostPort":"8080"}]
Result<std::map<std::string, std::vector<PortBinding>>> parse_ports(json const& object)
{
    std::map<std::string, std::vector<PortBinding>> ports;
    for (auto const& [name, list] : object.items()) {
        auto const slash = name.find('/');
        auto const protocol = slash == std::string::npos ? "tcp" : name.substr(slash + 1);
        if (!is_port(name.substr(0, slash)) || (protocol != "tcp" && protocol != "udp"))
            return fail(ErrorKind::InvalidInput, "invalid port specification: \"" + name + "\"");
        auto& bindings = ports[name.substr(0, slash) + "/" + protocol];
        for (auto const& each : list.is_array() ? list : json::array()) {
            ObjectReader reader(each);
            PortBinding const binding { reader.text("HostIp"), reader.text("HostPort") };
            TRY(reader.finish());
            if (!binding.host_address.empty())
                TRY(os::numeric_address(binding.host_address, 0));
            if (!binding.host_port.empty() && !is_port(binding.host_port))
                return fail(ErrorKind::InvalidInput, "invalid port specification: \"" + binding.host_port + "\"");
            bindings.push_back(binding);
        }
    }
    return ports;
}

json ports_to_json(HostConfig const& host)
{
    json object = json::object();
    for (auto const& [port, bindings] : host.ports) {
        object[port] = json::array();
        for (auto const& binding : bindings)
            object[port].push_back({ { "HostIp", binding.host_address }, { "HostPort", binding.host_port } });
    }
    return object;
}

json ulimits_to_json(HostConfig const& host)
{
    json list = json::array();
    for (auto const& limit : host.ulimits)
        list.push_back({ { "Name", limit.name }, { "Soft", limit.soft }, { "Hard", limit.hard } });
    return list;
}

Result<void> read_log_config(json const& config, HostConfig& host)
{
    ObjectReader reader(config);
    auto const driver = reader.text("Type");
    host.log_options = reader.texts("Config");
    TRY(reader.finish());
    host.log_driver = driver.empty() ? "json-file" : driver;
    return check_log_options(host.log_driver, host.log_options);
}

// What docker's host config holds beside it; here it is as it would be if nobody had asked for anything.
void add_defaults(json& host)
{
    for (auto const* number :
        { "CpuShares", "BlkioWeight", "CpuPeriod", "CpuQuota", "CpuRealtimePeriod", "CpuRealtimeRuntime",
            "MemoryReservation", "CpuCount", "CpuPercent", "IOMaximumIOps", "IOMaximumBandwidth", "OomScoreAdj" })
        host.emplace(number, 0);
    for (auto const* text :
        { "ContainerIDFile", "VolumeDriver", "Cgroup", "CgroupParent", "CpusetCpus", "CpusetMems", "Isolation" })
        host.emplace(text, "");
    for (auto const* absent : { "DeviceCgroupRules", "DeviceRequests", "MemorySwappiness" })
        host.emplace(absent, nullptr);
    for (auto const* list : { "BlkioWeightDevice", "BlkioDeviceReadBps", "BlkioDeviceWriteBps", "BlkioDeviceReadIOps",
             "BlkioDeviceWriteIOps" })
        host.emplace(list, json::array());
    host.emplace("OomKillDisable", false);
    host.emplace("Runtime", own_runtime);
}

json mounts_to_json(HostConfig const& host)
{
    json list = json::array();
    for (auto const& mount : host.mounts) {
        json object { { "Type", to_string(mount.kind) }, { "Source", mount.source }, { "Target", mount.target },
            { "ReadOnly", mount.read_only } };
        if (mount.kind == MountKind::Bind && !mount.options.empty())
            object["BindOptions"] = { { "Propagation", mount.options } };
        list.push_back(std::move(object));
    }
    return list;
}

// "container:NAME"
bool is_of_container(std::string const& mode)
{
    constexpr std::string_view prefix = "container:";
    return mode.starts_with(prefix) && mode.size() > prefix.size();
}

// Whose namespaces the container gets. Docker knows no other modes.
Result<void> read_namespace_modes(ObjectReader& reader, HostConfig& host)
{
    host.pid_mode = reader.text("PidMode");
    host.ipc_mode = reader.text("IpcMode");
    host.uts_mode = reader.text("UTSMode");
    host.userns_mode = reader.text("UsernsMode");
    if (host.ipc_mode.empty())
        host.ipc_mode = "private"; // dockerd's default-ipc-mode
    bool const ipc_is_known = host.ipc_mode == "private" || host.ipc_mode == "shareable" || host.ipc_mode == "none"
        || host.ipc_mode == "host" || is_of_container(host.ipc_mode);
    auto const invalid = [](char const* kind, std::string const& mode) {
        return fail(ErrorKind::InvalidInput, std::string("invalid ") + kind + " mode: " + mode);
    };
    if (!host.pid_mode.empty() && host.pid_mode != "host" && !is_of_container(host.pid_mode))
        return invalid("PID", host.pid_mode);
    if (!ipc_is_known)
        return invalid("IPC", host.ipc_mode);
    if (!host.uts_mode.empty() && host.uts_mode != "host")
        return invalid("UTS", host.uts_mode);
    if (!host.userns_mode.empty() && host.userns_mode != "host")
        return invalid("user namespace", host.userns_mode);
    return {};
}

// What changes what a container may do must not be passed over in silence. There are no other security modules than
// the ones that these switch off.
Result<void> check_security(std::vector<std::string> const& options)
{
    static constexpr std::string_view known[] { "no-new-privileges", "no-new-privileges:true", "no-new-privileges=true",
        "no-new-privileges:false", "no-new-privileges=false", "seccomp=unconfined", "seccomp:unconfined",
        "seccomp=builtin", "apparmor=unconfined", "apparmor:unconfined", "label=disable", "label:disable" };
    for (auto const& option : options) {
        if (std::find(std::begin(known), std::end(known), option) == std::end(known))
            return fail(ErrorKind::InvalidInput, "invalid --security-opt 2: \"" + option + "\"");
    }
    return {};
}

// What the engine has one of, or none: another runtime, another driver of volumes, quotas, graphics cards.
Result<void> refuse_what_is_missing(ObjectReader& host)
{
    auto const refuse = [](std::string const& why) { return fail(ErrorKind::InvalidInput, why); };
    if (auto const runtime = host.text("Runtime"); !runtime.empty() && runtime != own_runtime)
        return refuse("unknown or invalid runtime name: " + runtime);
    if (auto const isolation = host.text("Isolation"); !isolation.empty() && isolation != "default")
        return refuse("invalid isolation (" + isolation + "): linux only supports 'default'");
    if (auto const driver = host.text("VolumeDriver"); !driver.empty() && driver != "local")
        return refuse("error looking up volume plugin " + driver + ": plugin \"" + driver + "\" not found");
    if (!host.texts("StorageOpt").empty())
        return refuse("--storage-opt is not supported: a writable layer has no quota of its own here");
    for (auto const& request : host.objects("DeviceRequests")) {
        auto const wanted = request.is_object() ? request.value("Capabilities", json::array()) : json::array();
        std::string names;
        for (auto const& each :
            wanted.is_array() && !wanted.empty() && wanted[0].is_array() ? wanted[0] : json::array())
            names += (names.empty() ? "" : " ") + (each.is_string() ? each.get<std::string>() : "");
        return refuse("could not select device driver \"\" with capabilities: [[" + names + "]]");
    }
    return {};
}

// Limits that contradict each other, in docker's words. How many processors there are knows whoever makes the
// container.
Result<void> check_limits(HostConfig const& host)
{
    auto const refuse = [](char const* why) { return fail(ErrorKind::InvalidInput, why); };
    auto const idle = [&](char const* name) {
        auto const found = host.idle_numbers.find(name);
        return found == host.idle_numbers.end() ? 0 : found->second;
    };
    if (host.memory < 0 || (host.memory > 0 && host.memory < 6 * 1024 * 1024))
        return refuse("Minimum memory limit allowed is 6MB");
    if (host.memory > std::int64_t { 1 } << 60U)
        return refuse("invalid memory limit: no machine has so much");
    if (host.memory > 0 && host.memory_swap > 0 && host.memory_swap < host.memory)
        return refuse("Minimum memoryswap limit should be larger than memory limit, see usage");
    if (host.memory == 0 && host.memory_swap > 0)
        return refuse("You should always set the Memory limit when using Memoryswap limit, see usage");
    if (host.memory > 0 && idle("MemoryReservation") > host.memory)
        return refuse("Minimum memory limit can not be less than memory reservation limit, see usage");
    if (host.nano_cpus > 0 && idle("CpuQuota") > 0)
        return refuse("Conflicting options: Nano CPUs and CPU Quota cannot both be set");
    if (host.nano_cpus > 0 && idle("CpuPeriod") > 0)
        return refuse("Conflicting options: Nano CPUs and CPU Period cannot both be set");
    if (auto const score = idle("OomScoreAdj"); score < -1000 || score > 1000)
        return fail(ErrorKind::InvalidInput,
            "Invalid value " + std::to_string(score) + ", range for oom score adj is [-1000, 1000]");
    if (host.shm_size < 0)
        return refuse("SHM size can not be less than 0");
    return {};
}

// What is accepted, shown by `docker inspect`, and does nothing: Drydock limits memory, processors and processes.
constexpr std::pair<char const*, char const*> idle_number_flags[] { { "CpuShares", "--cpu-shares" },
    { "CpuPeriod", "--cpu-period" }, { "CpuQuota", "--cpu-quota" }, { "MemoryReservation", "--memory-reservation" },
    { "BlkioWeight", "--blkio-weight" }, { "OomScoreAdj", "--oom-score-adj" }, { "KernelMemory", "--kernel-memory" } };
constexpr std::pair<char const*, char const*> idle_text_flags[] { { "CpusetCpus", "--cpuset-cpus" },
    { "CpusetMems", "--cpuset-mems" }, { "CgroupParent", "--cgroup-parent" } };

void read_idle_options(ObjectReader& reader, HostConfig& host)
{
    for (auto const& [key, flag] : idle_number_flags) {
        if (auto const number = reader.number(key); number != 0)
            host.idle_numbers[key] = number;
    }
    for (auto const& [key, flag] : idle_text_flags) {
        if (auto text = reader.text(key); !text.empty())
            host.idle_texts[key] = std::move(text);
    }
}

}

bool HostConfig::unconfined() const
{
    return privileged || std::any_of(security.begin(), security.end(), [](auto const& option) {
        return option == "seccomp=unconfined" || option == "seccomp:unconfined";
    });
}

std::vector<runtime::Ulimit> ulimits_of(HostConfig const& host)
{
    std::vector<runtime::Ulimit> limits;
    for (auto const& limit : host.ulimits)
        limits.push_back({ limit.name, limit.soft, limit.hard });
    return limits;
}

runtime::Limits limits_of(HostConfig const& host)
{
    return { .memory = static_cast<std::uint64_t>(host.memory),
        .memory_swap = host.memory_swap,
        .pids = host.pids_limit,
        .nano_cpus = host.nano_cpus };
}

json endpoints_to_json(std::map<std::string, EndpointRequest> const& endpoints)
{
    json object = json::object();
    for (auto const& [name, request] : endpoints)
        object[name] = { { "Aliases", request.aliases }, { "IPAMConfig", { { "IPv4Address", request.address } } },
            { "MacAddress", request.hardware_address } };
    return object;
}

Result<std::map<std::string, EndpointRequest>> parse_endpoints(json const& networking)
{
    std::map<std::string, EndpointRequest> endpoints;
    ObjectReader reader(networking);
    json const& all = reader.object("EndpointsConfig");
    TRY(reader.finish());
    for (auto const& [name, object] : all.items()) {
        if (!object.is_object())
            continue;
        ObjectReader endpoint(object);
        ObjectReader ipam(endpoint.object("IPAMConfig"));
        endpoints[name] = { endpoint.list("Aliases"), ipam.text("IPv4Address"), endpoint.text("MacAddress") };
        TRY(ipam.finish());
        TRY(endpoint.finish());
    }
    return endpoints;
}

Result<HostConfig> parse_host_config(json const& body)
{
    ObjectReader reader(body);
    TRY(refuse_what_is_missing(reader));
    HostConfig host;
    read_idle_options(reader, host);
    host.auto_remove = reader.flag("AutoRemove");
    host.read_only_root = reader.flag("ReadonlyRootfs");
    host.network_mode = reader.text("NetworkMode");
    TRY(read_namespace_modes(reader, host));
    host.memory = reader.number("Memory");
    host.memory_swap = reader.number("MemorySwap");
    if (host.memory > 0 && host.memory_swap == 0)
        host.memory_swap = host.memory * 2;
    host.nano_cpus = reader.number("NanoCpus");
    host.pids_limit = std::max<std::int64_t>(0, reader.number("PidsLimit")); // -1: no limit but the engine's own
    host.cap_add = reader.list("CapAdd");
    host.cap_drop = reader.list("CapDrop");
    host.restart = TRY(parse_restart_policy(reader.object("RestartPolicy")));
    host.volumes_from = reader.list("VolumesFrom");
    TRY(read_log_config(reader.object("LogConfig"), host));
    host.links = reader.list("Links");
    host.binds = reader.list("Binds");
    host.tmpfs = reader.texts("Tmpfs");
    host.privileged = reader.flag("Privileged");
    host.groups = reader.list("GroupAdd");
    host.sysctls = reader.texts("Sysctls");
    host.devices = TRY(parse_devices(reader.objects("Devices")));
    host.security = reader.list("SecurityOpt");
    TRY(check_security(host.security));
    host.extra_hosts = reader.list("ExtraHosts");
    host.dns = reader.list("Dns");
    host.dns_search = reader.list("DnsSearch");
    host.dns_options = reader.list("DnsOptions");
    host.publish_all = reader.flag("PublishAllPorts");
    host.init = reader.flag("Init");
    host.shm_size = reader.number("ShmSize");
    host.ports = TRY(parse_ports(reader.object("PortBindings")));
    host.ulimits = TRY(parse_ulimits(reader.objects("Ulimits")));
    host.mounts = TRY(parse_mounts({}, reader.objects("Mounts")));
    TRY(reader.finish());
    TRY(check_limits(host));
    if (host.auto_remove && host.restart.name != "no")
        return fail(ErrorKind::InvalidInput, "can't create 'AutoRemove' container with restart policy");
    if (host.network_mode.empty())
        host.network_mode = "default";
    auto const& size = body.contains("ConsoleSize") ? body["ConsoleSize"] : json();
    if (size.is_array() && size.size() == 2 && size[0].is_number_unsigned() && size[1].is_number_unsigned()) {
        host.console_rows = std::min<std::int64_t>(size[0].get<std::int64_t>(), 4096);
        host.console_columns = std::min<std::int64_t>(size[1].get<std::int64_t>(), 4096);
    }
    return host;
}

json to_json(HostConfig const& host)
{
    json object { { "Binds", list_or_null(host.binds) },
        { "LogConfig", { { "Type", host.log_driver }, { "Config", host.log_options } } },
        { "NetworkMode", host.network_mode }, { "PortBindings", ports_to_json(host) },
        { "PublishAllPorts", host.publish_all },
        { "RestartPolicy", { { "Name", host.restart.name }, { "MaximumRetryCount", host.restart.most } } },
        { "AutoRemove", host.auto_remove }, { "ConsoleSize", { host.console_rows, host.console_columns } },
        { "VolumesFrom", list_or_null(host.volumes_from) }, { "CapAdd", list_or_null(host.cap_add) },
        { "CapDrop", list_or_null(host.cap_drop) }, { "CgroupnsMode", "private" }, { "Dns", host.dns },
        { "DnsOptions", host.dns_options }, { "DnsSearch", host.dns_search },
        { "ExtraHosts", list_or_null(host.extra_hosts) }, { "IpcMode", host.ipc_mode },
        { "Links", list_or_null(host.links) }, { "PidMode", host.pid_mode }, { "UTSMode", host.uts_mode },
        { "UsernsMode", host.userns_mode }, { "Privileged", host.privileged },
        { "ReadonlyRootfs", host.read_only_root }, { "SecurityOpt", list_or_null(host.security) },
        { "GroupAdd", list_or_null(host.groups) }, { "Devices", devices_to_json(host) },
        { "Ulimits", ulimits_to_json(host) }, { "ShmSize", host.shm_size > 0 ? host.shm_size : 67108864 },
        { "Memory", host.memory }, { "MemorySwap", host.memory_swap }, { "NanoCpus", host.nano_cpus },
        { "PidsLimit", host.pids_limit != 0 ? json(host.pids_limit) : json(nullptr) } };
    if (!host.tmpfs.empty())
        object["Tmpfs"] = host.tmpfs;
    if (!host.sysctls.empty())
        object["Sysctls"] = host.sysctls;
    if (!host.mounts.empty())
        object["Mounts"] = mounts_to_json(host);
    if (host.init)
        object["Init"] = true;
    for (auto const& [name, number] : host.idle_numbers)
        object[name] = number;
    for (auto const& [name, text] : host.idle_texts)
        object[name] = text;
    add_defaults(object);
    return object;
}

std::vector<std::string> warnings_about(json const& host)
{
    std::vector<std::string> warnings;
    auto const warn_of = [&](char const* key, char const* flag, auto const& is_asked) {
        auto const found = host.is_object() ? host.find(key) : host.end();
        if (host.is_object() && found != host.end() && is_asked(*found))
            warnings.push_back(std::string(flag) + " has no effect: Drydock limits memory, processors and processes");
    };
    auto const not_zero = [](json const& given) { return given.is_number() && given != 0; };
    auto const not_empty = [](json const& given) { return !given.empty() && given != ""; };
    for (auto const& [key, flag] : idle_number_flags)
        warn_of(key, flag, not_zero);
    for (auto const& [key, flag] : idle_text_flags)
        warn_of(key, flag, not_empty);
    warn_of("OomKillDisable", "--oom-kill-disable", [](json const& given) { return given == true; });
    warn_of(
        "MemorySwappiness", "--memory-swappiness", [](json const& given) { return given.is_number() && given >= 0; });
    warn_of("CgroupnsMode", "--cgroupns", [](json const& given) { return given == "host"; });
    for (auto const& [key, flag] :
        { std::pair("BlkioWeightDevice", "--blkio-weight-device"), std::pair("BlkioDeviceReadBps", "--device-read-bps"),
            std::pair("BlkioDeviceWriteBps", "--device-write-bps"),
            std::pair("BlkioDeviceReadIOps", "--device-read-iops"),
            std::pair("BlkioDeviceWriteIOps", "--device-write-iops"),
            std::pair("DeviceCgroupRules", "--device-cgroup-rule") })
        warn_of(key, flag, not_empty);
    return warnings;
}

}
