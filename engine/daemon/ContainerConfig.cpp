#include "engine/daemon/ContainerConfig.h"

#include "engine/daemon/LogOptions.h"
#include "engine/daemon/Reply.h"
#include "engine/runtime/Signals.h"

#include <algorithm>

namespace drydock::daemon {

namespace {

constexpr std::string_view default_path = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

Result<oci::Healthcheck> parse_healthcheck(json const& object)
{
    ObjectReader reader(object);
    oci::Healthcheck check { .test = reader.list("Test"),
        .interval = Duration(reader.number("Interval")),
        .timeout = Duration(reader.number("Timeout")),
        .start_period = Duration(reader.number("StartPeriod")),
        .start_interval = Duration(reader.number("StartInterval")),
        .retries = reader.number("Retries") };
    TRY(reader.finish());
    if (!check.test.empty() && check.test[0] != "NONE" && check.test[0] != "CMD" && check.test[0] != "CMD-SHELL")
        return fail(ErrorKind::InvalidInput, "Unknown healthcheck type \"" + check.test[0] + "\" (expected 'CMD')");
    static constexpr Duration shortest = std::chrono::milliseconds(1); // docker's
    for (auto const& [name, value] : { std::pair("Interval", check.interval), std::pair("Timeout", check.timeout),
             std::pair("StartPeriod", check.start_period), std::pair("StartInterval", check.start_interval) }) {
        if (value != Duration {} && value < shortest)
            return fail(ErrorKind::InvalidInput, std::string(name) + " in Healthcheck cannot be less than 1ms");
    }
    if (check.retries < 0)
        return fail(ErrorKind::InvalidInput, "Retries in Healthcheck cannot be negative");
    return check;
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

// What was not said is left out, as docker does.
json healthcheck_to_json(oci::Healthcheck const& check)
{
    json object { { "Test", check.test } };
    for (auto const& [name, value] : { std::pair("Interval", check.interval), std::pair("Timeout", check.timeout),
             std::pair("StartPeriod", check.start_period), std::pair("StartInterval", check.start_interval) }) {
        if (value != Duration {})
            object[name] = value.count();
    }
    if (check.retries != 0)
        object["Retries"] = check.retries;
    return object;
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
    json const host = reader.object("HostConfig");
    json const networking = reader.object("NetworkingConfig");
    auto const hardware_address = reader.text("MacAddress"); // of the one network, until API 1.44
    TRY(reader.finish());
    CreateBody create;
    create.config = TRY(parse_config(body));
    create.host = TRY(parse_host_config(host));
    create.warnings = warnings_about(host);
    for (auto& warning : warnings_about_log(create.host.log_options))
        create.warnings.push_back(std::move(warning));
    create.endpoints = TRY(parse_endpoints(networking));
    auto const& mode = create.host.network_mode;
    if (!hardware_address.empty() && mode != "none" && mode != "host" && !mode.starts_with("container:"))
        create.endpoints[mode].hardware_address = hardware_address;
    return create;
}

void inherit(ContainerConfig& config, oci::ImageConfig const& image)
{
    // An entrypoint of the user's own clears the image's command, which was written for another program.
    if (!config.entrypoint) {
        if (!config.cmd && !image.cmd.empty())
            config.cmd = image.cmd;
        if (!image.entrypoint.empty())
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
    if (config.healthcheck.test.empty() && image.healthcheck) {
        config.healthcheck = *image.healthcheck;
    }
    config.volumes.insert(config.volumes.end(), image.volumes.begin(), image.volumes.end());
    config.labels.insert(image.labels.begin(), image.labels.end());
    for (auto const& port : image.exposed_ports) {
        if (std::find(config.exposed_ports.begin(), config.exposed_ports.end(), port) == config.exposed_ports.end())
            config.exposed_ports.push_back(port);
    }
}

Result<ContainerConfig> parse_config(json const& body)
{
    ObjectReader reader(body);
    auto healthcheck = TRY(parse_healthcheck(reader.object("Healthcheck")));
    ContainerConfig config {
        .hostname = reader.text("Hostname"),
        .domain_name = reader.text("Domainname"),
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
        .volumes = reader.keys("Volumes"),
        .healthcheck = std::move(healthcheck),
    };
    if (reader.has("StopTimeout"))
        config.stop_timeout = reader.number("StopTimeout");
    TRY(reader.finish());
    if (!config.stop_signal.empty())
        TRY(runtime::parse_signal(config.stop_signal));
    if (!config.working_dir.empty() && config.working_dir.front() != '/')
        return fail(ErrorKind::InvalidInput,
            "the working directory '" + config.working_dir + "' is invalid, it needs to be an absolute path");
    return config;
}

json to_json(ContainerConfig const& config)
{
    json object { { "Hostname", config.hostname }, { "Domainname", config.domain_name }, { "User", config.user },
        { "AttachStdin", config.attach_stdin }, { "AttachStdout", config.attach_stdout },
        { "AttachStderr", config.attach_stderr }, { "Tty", config.tty }, { "OpenStdin", config.open_stdin },
        { "StdinOnce", config.stdin_once }, { "Env", config.env }, { "Cmd", optional_to_json(config.cmd) },
        { "Image", config.image }, { "Volumes", config.volumes.empty() ? json(nullptr) : keys_to_json(config.volumes) },
        { "WorkingDir", config.working_dir }, { "Entrypoint", optional_to_json(config.entrypoint) },
        { "OnBuild", nullptr }, { "Labels", config.labels } };
    if (!config.exposed_ports.empty())
        object["ExposedPorts"] = keys_to_json(config.exposed_ports);
    if (!config.stop_signal.empty())
        object["StopSignal"] = config.stop_signal;
    if (config.stop_timeout)
        object["StopTimeout"] = *config.stop_timeout;
    if (!config.healthcheck.test.empty())
        object["Healthcheck"] = healthcheck_to_json(config.healthcheck);
    return object;
}

}
