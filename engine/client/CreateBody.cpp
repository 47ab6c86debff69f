#include "engine/client/CreateBody.h"

#include <nlohmann/json.hpp>

#include <cmath>
#include <cstdlib>

namespace drydock::client {

using json = nlohmann::ordered_json;

namespace {

// "8080:80" and "80/tcp" as HostConfig.PortBindings has them.
json port_bindings(std::vector<std::string> const& published)
{
    json bindings = json::object();
    for (auto const& text : published) {
        auto const colon = text.rfind(':');
        std::string port = colon == std::string::npos ? text : text.substr(colon + 1);
        if (port.find('/') == std::string::npos)
            port += "/tcp";
        std::string const host = colon == std::string::npos ? "" : text.substr(0, colon);
        bindings[port] = json::array({ { { "HostIp", "" }, { "HostPort", host } } });
    }
    return bindings;
}

json labels(std::vector<std::string> const& given)
{
    json labels = json::object();
    for (auto const& text : given) {
        auto const equals = text.find('=');
        labels[text.substr(0, equals)] = equals == std::string::npos ? "" : text.substr(equals + 1);
    }
    return labels;
}

json restart_policy(std::string const& text)
{
    auto const colon = text.find(':');
    std::string const name = text.empty() ? "no" : text.substr(0, colon);
    int const retries = colon == std::string::npos ? 0 : std::atoi(text.c_str() + colon + 1);
    return { { "Name", name }, { "MaximumRetryCount", retries } };
}

json host_config(Invocation const& in)
{
    auto const& typed = in.arguments;
    auto const nano_cpus = std::llround(std::strtod(typed.text("cpus").c_str(), nullptr) * 1e9);
    auto const network = typed.text("network");
    json const size
        = typed.is_set("tty") && in.terminal.is_tty ? json { in.terminal.rows, in.terminal.columns } : json { 0, 0 };
    return { { "Binds", typed.list("volume") }, { "NetworkMode", network.empty() ? "default" : network },
        { "PortBindings", port_bindings(typed.list("publish")) },
        { "RestartPolicy", restart_policy(typed.text("restart")) }, { "AutoRemove", typed.is_set("rm") },
        { "Memory", parse_size(typed.text("memory")).value_or(0) }, { "NanoCpus", nano_cpus },
        { "PidsLimit", typed.number("pids-limit", 0) }, { "CapAdd", typed.list("cap-add") },
        { "CapDrop", typed.list("cap-drop") }, { "Privileged", typed.is_set("privileged") },
        { "ReadonlyRootfs", typed.is_set("read-only") }, { "ConsoleSize", size } };
}

}

std::vector<Flag> create_flags()
{
    return {
        { "cap-add", 0, FlagKind::List, "Add Linux capabilities" },
        { "cap-drop", 0, FlagKind::List, "Drop Linux capabilities" },
        { "cpus", 0, FlagKind::Decimal, "Number of CPUs" },
        { "entrypoint", 0, FlagKind::Text, "Overwrite the default ENTRYPOINT of the image" },
        { "env", 'e', FlagKind::List, "Set environment variables" },
        { "hostname", 'h', FlagKind::Text, "Container host name" },
        { "interactive", 'i', FlagKind::Switch, "Keep STDIN open even if not attached" },
        { "label", 'l', FlagKind::List, "Set meta data on a container" },
        { "memory", 'm', FlagKind::Size, "Memory limit" },
        { "name", 0, FlagKind::Text, "Assign a name to the container" },
        { "network", 0, FlagKind::Text, "Connect a container to a network" },
        { "pids-limit", 0, FlagKind::Number, "Tune container pids limit (set -1 for unlimited)" },
        { "privileged", 0, FlagKind::Switch, "Give extended privileges to this container" },
        { "publish", 'p', FlagKind::List, "Publish a container's port(s) to the host" },
        { "pull", 0, FlagKind::Text, "Pull image before running (\"always\", \"missing\", \"never\")" },
        { "quiet", 'q', FlagKind::Switch, "Suppress the pull output" },
        { "read-only", 0, FlagKind::Switch, "Mount the container's root filesystem as read only" },
        { "restart", 0, FlagKind::Text, "Restart policy to apply when a container exits" },
        { "rm", 0, FlagKind::Switch, "Automatically remove the container when it exits" },
        { "stop-signal", 0, FlagKind::Text, "Signal to stop the container" },
        { "stop-timeout", 0, FlagKind::Number, "Timeout (in seconds) to stop a container" },
        { "tty", 't', FlagKind::Switch, "Allocate a pseudo-TTY" },
        { "user", 'u', FlagKind::Text, "Username or UID (format: <name|uid>[:<group|gid>])" },
        { "volume", 'v', FlagKind::List, "Bind mount a volume" },
        { "workdir", 'w', FlagKind::Text, "Working directory inside the container" },
    };
}

std::string create_body(Invocation const& in)
{
    auto const& typed = in.arguments;
    bool const interactive = typed.is_set("interactive");
    bool const attached = !typed.is_set("detach");
    std::vector<std::string> const command(in.words().begin() + 1, in.words().end());
    // Null stands for "what the image says".
    json const entrypoint = typed.has("entrypoint") ? json(std::vector { typed.text("entrypoint") }) : json(nullptr);
    json body { { "Hostname", typed.text("hostname") }, { "User", typed.text("user") },
        { "AttachStdin", interactive && attached }, { "AttachStdout", attached }, { "AttachStderr", attached },
        { "Tty", typed.is_set("tty") }, { "OpenStdin", interactive }, { "StdinOnce", interactive && attached },
        { "Env", typed.list("env") }, { "Cmd", command.empty() ? json(nullptr) : json(command) },
        { "Image", in.words().front() }, { "WorkingDir", typed.text("workdir") }, { "Entrypoint", entrypoint },
        { "Labels", labels(typed.list("label")) } };
    if (typed.has("stop-signal"))
        body["StopSignal"] = typed.text("stop-signal");
    if (typed.has("stop-timeout"))
        body["StopTimeout"] = typed.number("stop-timeout", 10);
    body["HostConfig"] = host_config(in);
    return body.dump(-1, ' ', false, json::error_handler_t::replace);
}

}
