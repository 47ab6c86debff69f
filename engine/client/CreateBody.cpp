#include "engine/client/CreateBody.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cctype>
#include <cmath>
#include <cstdlib>
#include <sstream>

namespace drydock::client {

using json = nlohmann::ordered_json;

namespace {

struct Published {
    json bindings = json::object();
    json exposed = json::object();
};

// "8080:80", "127.0.0.1:8080:80/udp", "80": HostConfig.PortBindings and ExposedPorts.
Published published_ports(Arguments const& typed)
{
    Published ports;
    for (auto const& text : typed.list("publish")) {
        auto const slash = text.find('/');
        auto const protocol = slash == std::string::npos ? "tcp" : text.substr(slash + 1);
        auto rest = text.substr(0, slash);
        auto const last = rest.rfind(':');
        auto const port = (last == std::string::npos ? rest : rest.substr(last + 1)) + "/" + protocol;
        rest = last == std::string::npos ? "" : rest.substr(0, last);
        auto const colon = rest.rfind(':');
        auto const address = colon == std::string::npos ? "" : rest.substr(0, colon);
        ports.bindings[port].push_back(
            { { "HostIp", address }, { "HostPort", colon == std::string::npos ? rest : rest.substr(colon + 1) } });
        ports.exposed[port] = json::object();
    }
    for (auto const& text : typed.list("expose"))
        ports.exposed[text.find('/') == std::string::npos ? text + "/tcp" : text] = json::object();
    return ports;
}

// Lines of a file that say something: "NAME=value", without comments.
Result<std::vector<std::string>> lines_of_file(Invocation const& in, std::string const& path)
{
    std::istringstream file(TRY(read_file(in.files, path)));
    std::vector<std::string> lines;
    for (std::string line; std::getline(file, line);) {
        auto const begin = line.find_first_not_of(" \t\r");
        if (begin != std::string::npos && line[begin] != '#')
            lines.push_back(line.substr(begin));
    }
    return lines;
}

// "type=volume,source=v,target=/data,readonly"
Result<json> mount_of(std::string const& text)
{
    json mount { { "Type", "volume" } };
    std::istringstream fields(text);
    for (std::string field; std::getline(fields, field, ',');) {
        auto const equals = field.find('=');
        auto const key = field.substr(0, equals);
        auto const value = equals == std::string::npos ? "" : field.substr(equals + 1);
        bool const on = equals == std::string::npos || value == "true" || value == "1";
        if (key == "type")
            mount["Type"] = value;
        else if (key == "source" || key == "src")
            mount["Source"] = value;
        else if (key == "target" || key == "dst" || key == "destination")
            mount["Target"] = value;
        else if (key == "readonly" || key == "ro")
            mount["ReadOnly"] = on;
        else if (key == "bind-propagation")
            mount["BindOptions"]["Propagation"] = value;
        else if (key == "volume-nocopy")
            mount["VolumeOptions"]["NoCopy"] = on;
        else if (key == "tmpfs-size")
            mount["TmpfsOptions"]["SizeBytes"] = parse_size(value).value_or(0);
        else if (key == "tmpfs-mode")
            mount["TmpfsOptions"]["Mode"] = std::strtol(value.c_str(), nullptr, 8);
        else
            return fail(ErrorKind::InvalidInput, "unexpected key '" + key + "' in '" + field + "'");
    }
    return mount;
}

json tmpfs(std::vector<std::string> const& given)
{
    json object = json::object();
    for (auto const& text : given) {
        auto const colon = text.find(':');
        object[text.substr(0, colon)] = colon == std::string::npos ? "" : text.substr(colon + 1);
    }
    return object;
}

// "/dev/fuse", "/dev/fuse:/dev/mine", "/dev/fuse:rw", "/dev/fuse:/dev/mine:rw"
json devices(std::vector<std::string> const& given)
{
    json list = json::array();
    for (auto const& text : given) {
        auto const first = text.find(':');
        auto const host = text.substr(0, first);
        auto inside = first == std::string::npos ? std::string() : text.substr(first + 1);
        std::string access = "rwm";
        if (auto const second = inside.find(':'); second != std::string::npos) {
            access = inside.substr(second + 1);
            inside.resize(second);
        } else if (!inside.empty() && inside.find_first_not_of("rwm") == std::string::npos) {
            access = std::exchange(inside, {});
        }
        list.push_back({ { "PathOnHost", host }, { "PathInContainer", inside.empty() ? host : inside },
            { "CgroupPermissions", access } });
    }
    return list;
}

json healthcheck(Arguments const& typed)
{
    if (typed.is_set("no-healthcheck"))
        return { { "Test", { "NONE" } } };
    json check = json::object();
    if (typed.has("health-cmd"))
        check["Test"] = { "CMD-SHELL", typed.text("health-cmd") };
    for (auto const& [flag, field] : { std::pair("health-interval", "Interval"), std::pair("health-timeout", "Timeout"),
             std::pair("health-start-period", "StartPeriod"), std::pair("health-start-interval", "StartInterval") }) {
        if (typed.has(flag))
            check[field] = parse_go_duration(typed.text(flag)).value_or(Duration(0)).count();
    }
    if (typed.has("health-retries"))
        check["Retries"] = typed.number("health-retries", 0);
    return check;
}

// "net_raw" is CAP_NET_RAW, as docker's command line writes it down; see capabilities(7).
json capabilities(std::vector<std::string> const& given)
{
    json names = json::array();
    for (auto name : given) {
        std::transform(name.begin(), name.end(), name.begin(), [](unsigned char c) { return std::toupper(c); });
        names.push_back(name == "ALL" || name.starts_with("CAP_") ? name : "CAP_" + name);
    }
    return names;
}

json restart_policy(std::string const& text)
{
    auto const colon = text.find(':');
    std::string const name = text.empty() ? "no" : text.substr(0, colon);
    int const retries = colon == std::string::npos ? 0 : std::atoi(text.c_str() + colon + 1);
    return { { "Name", name }, { "MaximumRetryCount", retries } };
}

// What goes to the daemon as it is; of some it says that they have no effect.
constexpr std::pair<char const*, char const*> number_fields[] { { "blkio-weight", "BlkioWeight" },
    { "cpu-period", "CpuPeriod" }, { "cpu-quota", "CpuQuota" }, { "cpu-shares", "CpuShares" },
    { "oom-score-adj", "OomScoreAdj" } };
constexpr std::pair<char const*, char const*> text_fields[] { { "cgroup-parent", "CgroupParent" },
    { "cpuset-cpus", "CpusetCpus" }, { "cpuset-mems", "CpusetMems" } };

Result<json> host_config(Invocation const& in)
{
    auto const& typed = in.arguments;
    auto const nano_cpus = std::llround(std::strtod(typed.text("cpus").c_str(), nullptr) * 1e9);
    auto const network = typed.text("network");
    json const size
        = typed.is_set("tty") && in.terminal.is_tty ? json { in.terminal.rows, in.terminal.columns } : json { 0, 0 };
    json binds = json::array();
    for (auto const& volume : typed.list("volume")) {
        if (volume.find(':') != std::string::npos)
            binds.push_back(volume);
    }
    json mounts = json::array();
    for (auto const& mount : typed.list("mount"))
        mounts.push_back(TRY(mount_of(mount)));
    json host { { "Binds", binds }, { "Mounts", mounts }, { "Tmpfs", tmpfs(typed.list("tmpfs")) },
        { "NetworkMode", network.empty() ? "default" : network }, { "PortBindings", published_ports(typed).bindings },
        { "PublishAllPorts", typed.is_set("publish-all") }, { "RestartPolicy", restart_policy(typed.text("restart")) },
        { "AutoRemove", typed.is_set("rm") }, { "Memory", parse_size(typed.text("memory")).value_or(0) },
        { "NanoCpus", nano_cpus }, { "PidsLimit", typed.number("pids-limit", 0) },
        { "CapAdd", capabilities(typed.list("cap-add")) }, { "CapDrop", capabilities(typed.list("cap-drop")) },
        { "VolumesFrom", typed.list("volumes-from") }, { "Links", typed.list("link") },
        { "Runtime", typed.text("runtime") }, { "CgroupnsMode", typed.text("cgroupns") },
        { "VolumeDriver", typed.text("volume-driver") }, { "PidMode", typed.text("pid") },
        { "IpcMode", typed.text("ipc") }, { "UTSMode", typed.text("uts") }, { "UsernsMode", typed.text("userns") },
        { "Privileged", typed.is_set("privileged") }, { "ReadonlyRootfs", typed.is_set("read-only") },
        { "Init", typed.is_set("init") }, { "GroupAdd", typed.list("group-add") },
        { "Sysctls", assignments(typed.list("sysctl")) }, { "Devices", devices(typed.list("device")) },
        { "SecurityOpt", typed.list("security-opt") }, { "Ulimits", ulimits(typed.list("ulimit")) },
        { "ExtraHosts", typed.list("add-host") }, { "Dns", typed.list("dns") },
        { "DnsSearch", typed.list("dns-search") }, { "DnsOptions", typed.list("dns-option") },
        { "ShmSize", parse_size(typed.text("shm-size")).value_or(0) }, { "ConsoleSize", size } };
    for (auto const& [flag, field] : number_fields)
        host[field] = typed.number(flag, 0);
    for (auto const& [flag, field] : text_fields)
        host[field] = typed.text(flag);
    host["OomKillDisable"] = typed.is_set("oom-kill-disable");
    host["MemoryReservation"] = parse_size(typed.text("memory-reservation")).value_or(0);
    host["MemorySwap"] = swap_limit(typed.text("memory-swap"));
    if (typed.has("log-driver") || typed.has("log-opt"))
        host["LogConfig"] = { { "Type", typed.text("log-driver") }, { "Config", assignments(typed.list("log-opt")) } };
    if (typed.has("gpus"))
        host["DeviceRequests"] = json::array({ { { "Capabilities", json::array({ json::array({ "gpu" }) }) } } });
    return host;
}

json networking_config(Arguments const& typed)
{
    auto const network = typed.text("network");
    json endpoint { { "Aliases", typed.list("network-alias") } };
    if (typed.has("mac-address"))
        endpoint["MacAddress"] = typed.text("mac-address");
    if (typed.has("ip"))
        endpoint["IPAMConfig"] = { { "IPv4Address", typed.text("ip") } };
    return { { "EndpointsConfig", { { network.empty() ? "default" : network, endpoint } } } };
}

json anonymous_volumes(Arguments const& typed)
{
    json volumes = json::object();
    for (auto const& volume : typed.list("volume")) {
        if (volume.find(':') == std::string::npos)
            volumes[volume] = json::object();
    }
    return volumes;
}

}

Result<std::vector<std::string>> with_files(Invocation const& in, char const* file_flag, char const* flag)
{
    std::vector<std::string> all;
    for (auto const& path : in.arguments.list(file_flag)) {
        auto lines = TRY(lines_of_file(in, path));
        all.insert(all.end(), lines.begin(), lines.end());
    }
    auto const typed = in.arguments.list(flag);
    all.insert(all.end(), typed.begin(), typed.end());
    return all;
}

json ulimits(std::vector<std::string> const& given)
{
    json list = json::array();
    for (auto const& text : given) {
        auto const equals = text.find('=');
        auto const values = equals == std::string::npos ? "" : text.substr(equals + 1);
        auto const colon = values.find(':');
        auto const soft = std::strtoll(values.c_str(), nullptr, 10);
        auto const hard = colon == std::string::npos ? soft : std::strtoll(values.c_str() + colon + 1, nullptr, 10);
        list.push_back({ { "Name", text.substr(0, equals) }, { "Soft", soft }, { "Hard", hard } });
    }
    return list;
}

Result<AttachChoice> attach_choice(Arguments const& typed)
{
    bool const detached = typed.is_set("detach");
    if (!typed.has("attach"))
        return AttachChoice { typed.is_set("interactive") && !detached, !detached, !detached };
    if (detached)
        return fail(ErrorKind::InvalidInput, "conflicting options: cannot specify both --attach and --detach");
    AttachChoice choice { false, false, false };
    for (auto stream : typed.list("attach")) {
        std::transform(stream.begin(), stream.end(), stream.begin(), [](unsigned char c) { return std::tolower(c); });
        bool* const chosen = stream == "stdin" ? &choice.input
            : stream == "stdout"               ? &choice.out
            : stream == "stderr"               ? &choice.err
                                               : nullptr;
        if (chosen == nullptr)
            return fail(ErrorKind::InvalidInput,
                "invalid argument \"" + stream
                    + "\" for \"-a, --attach\" flag: valid streams are STDIN, STDOUT and STDERR");
        *chosen = true;
    }
    return choice;
}

std::vector<Flag> create_flags()
{
    return {
        { "add-host", 0, FlagKind::List, "Add a custom host-to-IP mapping (host:ip)" },
        { "attach", 'a', FlagKind::List, "Attach to STDIN, STDOUT or STDERR" },
        { "blkio-weight", 0, FlagKind::Number, "Block IO (relative weight)" },
        { "cap-add", 0, FlagKind::List, "Add Linux capabilities" },
        { "cap-drop", 0, FlagKind::List, "Drop Linux capabilities" },
        { "cgroup-parent", 0, FlagKind::Text, "Optional parent cgroup for the container" },
        { "cgroupns", 0, FlagKind::Text, "Cgroup namespace to use (host|private)" },
        { "cidfile", 0, FlagKind::Text, "Write the container ID to the file" },
        { "cpu-period", 0, FlagKind::Number, "Limit CPU CFS (Completely Fair Scheduler) period" },
        { "cpu-quota", 0, FlagKind::Number, "Limit CPU CFS (Completely Fair Scheduler) quota" },
        { "cpu-shares", 'c', FlagKind::Number, "CPU shares (relative weight)" },
        { "cpus", 0, FlagKind::Decimal, "Number of CPUs" },
        { "cpuset-cpus", 0, FlagKind::Text, "CPUs in which to allow execution (0-3, 0,1)" },
        { "cpuset-mems", 0, FlagKind::Text, "MEMs in which to allow execution (0-3, 0,1)" },
        { "device", 0, FlagKind::List, "Add a host device to the container" },
        { "dns", 0, FlagKind::List, "Set custom DNS servers" },
        { "dns-option", 0, FlagKind::List, "Set DNS options" },
        { "dns-search", 0, FlagKind::List, "Set custom DNS search domains" },
        { "domainname", 0, FlagKind::Text, "Container NIS domain name" },
        { "entrypoint", 0, FlagKind::Text, "Overwrite the default ENTRYPOINT of the image" },
        { "env", 'e', FlagKind::List, "Set environment variables" },
        { "env-file", 0, FlagKind::List, "Read in a file of environment variables" },
        { "expose", 0, FlagKind::List, "Expose a port or a range of ports" },
        { "gpus", 0, FlagKind::Text, "GPU devices to add to the container ('all' to pass all GPUs)" },
        { "group-add", 0, FlagKind::List, "Add additional groups to join" },
        { "health-cmd", 0, FlagKind::Text, "Command to run to check health" },
        { "health-interval", 0, FlagKind::Text, "Time between running the check (ms|s|m|h)" },
        { "health-retries", 0, FlagKind::Number, "Consecutive failures needed to report unhealthy" },
        { "health-start-interval", 0, FlagKind::Text,
            "Time between running the check during the start period (ms|s|m|h)" },
        { "health-start-period", 0, FlagKind::Text,
            "Start period for the container to initialize before counting failures (ms|s|m|h)" },
        { "health-timeout", 0, FlagKind::Text, "Maximum time to allow one check to run (ms|s|m|h)" },
        { "hostname", 'h', FlagKind::Text, "Container host name" },
        { "init", 0, FlagKind::Switch, "Run an init inside the container that forwards signals and reaps processes" },
        { "interactive", 'i', FlagKind::Switch, "Keep STDIN open even if not attached" },
        { "ip", 0, FlagKind::Text, "IPv4 address (e.g., 172.30.100.104)" },
        { "ipc", 0, FlagKind::Text, "IPC mode to use" },
        { "label", 'l', FlagKind::List, "Set meta data on a container" },
        { "label-file", 0, FlagKind::List, "Read in a line delimited file of labels" },
        { "link", 0, FlagKind::List, "Add link to another container" },
        { "log-driver", 0, FlagKind::Text, "Logging driver for the container" },
        { "log-opt", 0, FlagKind::List, "Log driver options" },
        { "mac-address", 0, FlagKind::Text, "Container MAC address (e.g., 92:d0:c6:0a:29:33)" },
        { "memory", 'm', FlagKind::Size, "Memory limit" },
        { "memory-reservation", 0, FlagKind::Size, "Memory soft limit" },
        { "memory-swap", 0, FlagKind::Text, "Swap limit equal to memory plus swap: '-1' to enable unlimited swap" },
        { "mount", 0, FlagKind::List, "Attach a filesystem mount to the container" },
        { "name", 0, FlagKind::Text, "Assign a name to the container" },
        { "network", 0, FlagKind::Text, "Connect a container to a network" },
        { "network-alias", 0, FlagKind::List, "Add network-scoped alias for the container" },
        { "no-healthcheck", 0, FlagKind::Switch, "Disable any container-specified HEALTHCHECK" },
        { "oom-kill-disable", 0, FlagKind::Switch, "Disable OOM Killer" },
        { "oom-score-adj", 0, FlagKind::Number, "Tune host's OOM preferences (-1000 to 1000)" },
        { "pid", 0, FlagKind::Text, "PID namespace to use" },
        { "pids-limit", 0, FlagKind::Number, "Tune container pids limit (set -1 for unlimited)" },
        { "platform", 0, FlagKind::Text, "Set platform if server is multi-platform capable" },
        { "privileged", 0, FlagKind::Switch, "Give extended privileges to this container" },
        { "publish", 'p', FlagKind::List, "Publish a container's port(s) to the host" },
        { "publish-all", 'P', FlagKind::Switch, "Publish all exposed ports to random ports" },
        { "pull", 0, FlagKind::Text, "Pull image before running (\"always\", \"missing\", \"never\")" },
        { "quiet", 'q', FlagKind::Switch, "Suppress the pull output" },
        { "read-only", 0, FlagKind::Switch, "Mount the container's root filesystem as read only" },
        { "restart", 0, FlagKind::Text, "Restart policy to apply when a container exits" },
        { "rm", 0, FlagKind::Switch, "Automatically remove the container when it exits" },
        { "runtime", 0, FlagKind::Text, "Runtime to use for this container" },
        { "security-opt", 0, FlagKind::List, "Security Options" },
        { "shm-size", 0, FlagKind::Size, "Size of /dev/shm" },
        { "stop-signal", 0, FlagKind::Text, "Signal to stop the container" },
        { "stop-timeout", 0, FlagKind::Number, "Timeout (in seconds) to stop a container" },
        { "sysctl", 0, FlagKind::List, "Sysctl options" },
        { "tmpfs", 0, FlagKind::List, "Mount a tmpfs directory" },
        { "tty", 't', FlagKind::Switch, "Allocate a pseudo-TTY" },
        { "ulimit", 0, FlagKind::List, "Ulimit options" },
        { "user", 'u', FlagKind::Text, "Username or UID (format: <name|uid>[:<group|gid>])" },
        { "userns", 0, FlagKind::Text, "User namespace to use" },
        { "uts", 0, FlagKind::Text, "UTS namespace to use" },
        { "volume", 'v', FlagKind::List, "Bind mount a volume" },
        { "volume-driver", 0, FlagKind::Text, "Optional volume driver for the container" },
        { "volumes-from", 0, FlagKind::List, "Mount volumes from the specified container(s)" },
        { "workdir", 'w', FlagKind::Text, "Working directory inside the container" },
    };
}

Result<std::string> create_body(Invocation const& in)
{
    auto const env = TRY(with_files(in, "env-file", "env"));
    auto const label_texts = TRY(with_files(in, "label-file", "label"));
    auto const& typed = in.arguments;
    bool const interactive = typed.is_set("interactive");
    auto const attach = TRY(attach_choice(typed));
    std::vector<std::string> const command(in.words().begin() + 1, in.words().end());
    // Null stands for "what the image says".
    json const entrypoint = typed.has("entrypoint") ? json(std::vector { typed.text("entrypoint") }) : json(nullptr);
    json body { { "Hostname", typed.text("hostname") }, { "Domainname", typed.text("domainname") },
        { "User", typed.text("user") }, { "AttachStdin", attach.input }, { "AttachStdout", attach.out },
        { "AttachStderr", attach.err }, { "Tty", typed.is_set("tty") }, { "OpenStdin", interactive },
        { "StdinOnce", interactive && attach.input }, { "Env", env },
        { "Cmd", command.empty() ? json(nullptr) : json(command) }, { "Image", in.words().front() },
        { "WorkingDir", typed.text("workdir") }, { "Entrypoint", entrypoint }, { "Labels", assignments(label_texts) },
        { "Volumes", anonymous_volumes(typed) }, { "ExposedPorts", published_ports(typed).exposed } };
    if (typed.has("stop-signal"))
        body["StopSignal"] = typed.text("stop-signal");
    if (typed.has("stop-timeout"))
        body["StopTimeout"] = typed.number("stop-timeout", 10);
    if (auto check = healthcheck(typed); !check.empty())
        body["Healthcheck"] = std::move(check);
    body["HostConfig"] = TRY(host_config(in));
    body["NetworkingConfig"] = networking_config(typed);
    return body.dump(-1, ' ', false, json::error_handler_t::replace);
}

}
