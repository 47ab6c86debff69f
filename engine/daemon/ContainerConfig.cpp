#include "engine/daemon/ContainerConfig.h"

#include "engine/daemon/Json.h"
#include "engine/daemon/Reply.h"
#include "engine/daemon/Signals.h"

#include <algorithm>

namespace drydock::daemon {

namespace {

constexpr std::string_view default_path = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

// What changes where a container's data lives or who can reach it must not be passed over in silence.
Result<void> refuse_what_is_missing(ObjectReader& host)
{
    if (!host.list("Binds").empty() || !host.object("Tmpfs").empty()
        || (host.has("Mounts") && host.list("Mounts").size() > 0))
        return fail(not_built("mounting volumes and directories (-v, --mount, --tmpfs)"));
    if (!host.object("PortBindings").empty())
        return fail(not_built("publishing ports (-p)"));
    if (host.flag("Privileged"))
        return fail(not_built("--privileged"));
    auto const network = host.text("NetworkMode");
    if (network == "host" || network == "bridge" || network.starts_with("container:"))
        return fail(not_built("the network mode \"" + network + "\""));
    return {};
}

std::vector<std::string> warnings_about(HostConfig const& host, json const& body)
{
    std::vector<std::string> warnings;
    if (host.restart_policy != "no")
        warnings.emplace_back("The restart policy is kept but not acted on yet in this version of Drydock.");
    if (body.contains("Healthcheck") && body["Healthcheck"].is_object() && !body["Healthcheck"].empty())
        warnings.emplace_back("Health checks are not built yet in this version of Drydock.");
    return warnings;
}

std::string name_of(std::string const& assignment)
{
    return assignment.substr(0, assignment.find('='));
}

bool defines(std::vector<std::string> const& env, std::string const& name)
{
    return std::any_of(env.begin(), env.end(), [&](std::string const& each) { return name_of(each) == name; });
}

json keys_to_json(std::vector<std::string> const& keys)
{
    json object = json::object();
    for (auto const& key : keys)
        object[key] = json::object();
    return object;
}

json optional_to_json(std::optional<std::vector<std::string>> const& list)
{
    return list ? json(*list) : json(nullptr);
}

}

std::vector<std::string> ContainerConfig::command_line() const
{
    std::vector<std::string> all;
    // `--entrypoint ""` arrives as one empty word and means: none.
    if (entrypoint && *entrypoint != std::vector<std::string> { "" })
        all = *entrypoint;
    if (cmd)
        all.insert(all.end(), cmd->begin(), cmd->end());
    return all;
}

Result<CreateBody> parse_create_body(json const& body)
{
    if (!body.is_object())
        return fail(ErrorKind::InvalidInput, "invalid JSON: the body must be an object");
    ObjectReader reader(body);
    json host = reader.object("HostConfig");
    TRY(reader.finish());
    // Mounts is a list of objects, which says enough by not being empty.
    if (host.contains("Mounts") && host["Mounts"].is_array() && !host["Mounts"].empty())
        return fail(not_built("mounting volumes and directories (-v, --mount, --tmpfs)"));
    host.erase("Mounts");
    ObjectReader host_reader(host);
    TRY(refuse_what_is_missing(host_reader));
    TRY(host_reader.finish());
    CreateBody create;
    create.config = TRY(parse_config(body));
    create.host = TRY(parse_host_config(host));
    create.warnings = warnings_about(create.host, body);
    return create;
}

void inherit(ContainerConfig& config, oci::ImageConfig const& image)
{
    // An entrypoint of the user's own clears the image's command, which was written for another program.
    if (!config.entrypoint) {
        if (!config.cmd)
            config.cmd = image.cmd;
        config.entrypoint = image.entrypoint;
    }
    for (auto const& assignment : image.env) {
        if (!defines(config.env, name_of(assignment)))
            config.env.push_back(assignment);
    }
    if (!defines(config.env, "PATH"))
        config.env.emplace_back(default_path);
    if (config.user.empty())
        config.user = image.user;
    if (config.working_dir.empty())
        config.working_dir = image.working_dir;
    if (config.stop_signal.empty())
        config.stop_signal = image.stop_signal;
    config.labels.insert(image.labels.begin(), image.labels.end());
    for (auto const& port : image.exposed_ports) {
        if (std::find(config.exposed_ports.begin(), config.exposed_ports.end(), port) == config.exposed_ports.end())
            config.exposed_ports.push_back(port);
    }
}

Result<ContainerConfig> parse_config(json const& body)
{
    ObjectReader reader(body);
    ContainerConfig config {
        .hostname = reader.text("Hostname"),
        .user = reader.text("User"),
        .attach_stdin = reader.flag("AttachStdin"),
        .attach_stdout = reader.flag("AttachStdout"),
        .attach_stderr = reader.flag("AttachStderr"),
        .tty = reader.flag("Tty"),
        .open_stdin = reader.flag("OpenStdin"),
        .stdin_once = reader.flag("StdinOnce"),
        .env = reader.list("Env"),
        .cmd = reader.optional_list("Cmd"),
        .entrypoint = reader.optional_list("Entrypoint"),
        .image = reader.text("Image"),
        .working_dir = reader.text("WorkingDir"),
        .labels = reader.texts("Labels"),
        .stop_signal = reader.text("StopSignal"),
        .stop_timeout = std::nullopt,
        .exposed_ports = reader.keys("ExposedPorts"),
    };
    if (reader.has("StopTimeout"))
        config.stop_timeout = reader.number("StopTimeout");
    TRY(reader.finish());
    if (!config.stop_signal.empty())
        TRY(parse_signal(config.stop_signal));
    if (!config.working_dir.empty() && config.working_dir.front() != '/')
        return fail(ErrorKind::InvalidInput,
            "the working directory '" + config.working_dir + "' is invalid, it needs to be an absolute path");
    return config;
}

Result<HostConfig> parse_host_config(json const& body)
{
    ObjectReader reader(body);
    HostConfig host {
        .auto_remove = reader.flag("AutoRemove"),
        .read_only_root = reader.flag("ReadonlyRootfs"),
        .network_mode = reader.text("NetworkMode"),
        .memory = reader.number("Memory"),
        .nano_cpus = reader.number("NanoCpus"),
        .pids_limit = reader.number("PidsLimit"),
        .cap_add = reader.list("CapAdd"),
        .cap_drop = reader.list("CapDrop"),
        .restart_policy = ObjectReader(reader.object("RestartPolicy")).text("Name"),
    };
    TRY(reader.finish());
    if (host.memory < 0 || (host.memory > 0 && host.memory < 6 * 1024 * 1024))
        return fail(ErrorKind::InvalidInput, "Minimum memory limit allowed is 6MB");
    if (host.nano_cpus < 0)
        return fail(ErrorKind::InvalidInput, "invalid NanoCPUs: must not be negative");
    if (host.network_mode.empty() || host.network_mode == "default")
        host.network_mode = "none";
    if (host.restart_policy.empty())
        host.restart_policy = "no";
    auto const& size = body.contains("ConsoleSize") ? body["ConsoleSize"] : json();
    if (size.is_array() && size.size() == 2 && size[0].is_number_unsigned() && size[1].is_number_unsigned()) {
        host.console_rows = std::min<std::int64_t>(size[0].get<std::int64_t>(), 4096);
        host.console_columns = std::min<std::int64_t>(size[1].get<std::int64_t>(), 4096);
    }
    return host;
}

json to_json(ContainerConfig const& config)
{
    json object { { "Hostname", config.hostname }, { "Domainname", "" }, { "User", config.user },
        { "AttachStdin", config.attach_stdin }, { "AttachStdout", config.attach_stdout },
        { "AttachStderr", config.attach_stderr }, { "ExposedPorts", keys_to_json(config.exposed_ports) },
        { "Tty", config.tty }, { "OpenStdin", config.open_stdin }, { "StdinOnce", config.stdin_once },
        { "Env", config.env }, { "Cmd", optional_to_json(config.cmd) }, { "Image", config.image },
        { "Volumes", nullptr }, { "WorkingDir", config.working_dir },
        { "Entrypoint", optional_to_json(config.entrypoint) }, { "Labels", config.labels } };
    if (!config.stop_signal.empty())
        object["StopSignal"] = config.stop_signal;
    if (config.stop_timeout)
        object["StopTimeout"] = *config.stop_timeout;
    return object;
}

json to_json(HostConfig const& host)
{
    return { { "Binds", nullptr }, { "LogConfig", { { "Type", "json-file" }, { "Config", json::object() } } },
        { "NetworkMode", host.network_mode }, { "PortBindings", json::object() },
        { "RestartPolicy", { { "Name", host.restart_policy }, { "MaximumRetryCount", 0 } } },
        { "AutoRemove", host.auto_remove }, { "ConsoleSize", { host.console_rows, host.console_columns } },
        { "CapAdd", host.cap_add }, { "CapDrop", host.cap_drop }, { "CgroupnsMode", "private" },
        { "IpcMode", "private" }, { "Privileged", false }, { "ReadonlyRootfs", host.read_only_root },
        { "ShmSize", 67108864 }, { "Memory", host.memory }, { "MemorySwap", host.memory * 2 },
        { "NanoCpus", host.nano_cpus }, { "PidsLimit", host.pids_limit } };
}

}
