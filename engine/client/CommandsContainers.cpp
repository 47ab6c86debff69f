// ps, inspect, logs, top, diff, stop, restart, kill, pause, unpause, wait, rename, rm.

#include "engine/client/Format.h"
#include "engine/client/Invocation.h"
#include "engine/client/Rows.h"
#include "engine/client/Streams.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>

namespace drydock::client {

using json = nlohmann::ordered_json;

namespace {

std::string container_name(json const& container)
{
    auto const names = container.value("Names", std::vector<std::string> { "/" });
    return names.empty() ? "" : names.front().substr(1);
}

// "0.0.0.0:8080->80/tcp, 443/tcp"
std::string ports_text(json const& container)
{
    std::string text;
    for (auto const& port : container.value("Ports", json::array())) {
        auto const inner = fmt::format("{}/{}", port.value("PrivatePort", 0), port.value("Type", "tcp"));
        text += text.empty() ? "" : ", ";
        text += port.contains("PublicPort")
            ? fmt::format("{}:{}->{}", bracketed(port.value("IP", "")), port.value("PublicPort", 0), inner)
            : inner;
    }
    return text;
}

// "db-data,/srv/files…"
std::string mounts_text(json const& container, bool whole)
{
    std::string text;
    for (auto const& mount : container.value("Mounts", json::array())) {
        auto const name = mount.value("Name", "");
        auto const shown = name.empty() ? mount.value("Source", "") : name;
        text += (text.empty() ? "" : ",") + (whole ? shown : shorten(shown, 15));
    }
    return text;
}

std::string local_volumes(json const& container)
{
    auto const mounts = container.value("Mounts", json::array());
    return std::to_string(std::count_if(
        mounts.begin(), mounts.end(), [](json const& mount) { return mount.value("Driver", "") == "local"; }));
}

std::string networks_text(json const& container)
{
    std::string text;
    auto const networks = container.value(json::json_pointer("/NetworkSettings/Networks"), json::object());
    for (auto const& [name, endpoint] : networks.items())
        text += (text.empty() ? "" : ",") + name;
    return text;
}

// "12B (virtual 1.98MB)", where the sizes were asked for.
std::string size_text(json const& container)
{
    auto const own = docker_size(container.value("SizeRw", 0.0));
    auto const all = container.value("SizeRootFs", 0.0);
    return all > 0 ? own + " (virtual " + docker_size(all) + ")" : own;
}

}

json container_row(Invocation const& in, json const& container)
{
    bool const whole = in.arguments.is_set("no-trunc");
    std::string const id = container.value("Id", "");
    std::string const command = container.value("Command", "");
    Timestamp const created { container.value("Created", std::int64_t { 0 }) * nanoseconds_per_second };
    auto const age = in.scheduler.now() - created;
    return { { "ID", whole ? id : short_id(id) }, { "Image", container.value("Image", "") },
        { "Command", "\"" + (whole ? command : shorten(command, 20)) + "\"" },
        { "RunningFor", rough_duration(age) + " ago" }, { "Status", container.value("Status", "") },
        { "Ports", ports_text(container) }, { "Names", container_name(container) },
        { "State", container.value("State", "") }, { "CreatedAt", date_text(created) },
        { "Labels", labels_text(container.value("Labels", json::object())) },
        { "Mounts", mounts_text(container, whole) }, { "LocalVolumes", local_volumes(container) },
        { "Networks", networks_text(container) }, { "Size", size_text(container) } };
}

namespace {

Result<json> list_containers(Invocation const& in)
{
    http::Query parameters;
    if (in.arguments.is_set("all"))
        parameters.emplace_back("all", "1");
    if (in.arguments.is_set("latest"))
        parameters.emplace_back("limit", "1");
    else if (in.arguments.has("last"))
        parameters.emplace_back("limit", in.arguments.text("last"));
    if (in.arguments.has("filter"))
        parameters.emplace_back("filters", TRY(filters_json(in.arguments.list("filter"))));
    if (in.arguments.is_set("size") || in.arguments.text("format").find(".Size") != std::string::npos)
        parameters.emplace_back("size", "1");
    return in.get("/containers/json" + query(parameters));
}

Result<std::string> ps_text(Invocation const& in)
{
    auto const list = TRY(list_containers(in));
    std::vector<json> rows;
    for (auto const& container : list)
        rows.push_back(container_row(in, container));
    std::string ids;
    for (auto const& row : rows)
        ids += row.value("ID", "") + "\n";
    if (in.arguments.is_set("quiet") && !in.arguments.has("format"))
        return ids;
    std::vector<std::pair<std::string, std::string>> columns { { "CONTAINER ID", "ID" }, { "IMAGE", "Image" },
        { "COMMAND", "Command" }, { "CREATED", "RunningFor" }, { "STATUS", "Status" }, { "PORTS", "Ports" },
        { "NAMES", "Names" } };
    if (in.arguments.is_set("size"))
        columns.emplace_back("SIZE", "Size");
    return formatted(in, rows, columns);
}

int ps(Invocation const& in)
{
    auto const text = ps_text(in);
    if (!text)
        return in.failed(text.error());
    in.out(*text);
    return 0;
}

// `docker inspect` looks for objects of all kinds in docker's order, `docker image inspect` and --type for one kind.
Result<json> inspect_one(Invocation const& in, std::string const& name)
{
    std::string type = in.arguments.text("type");
    if (in.command.name != "inspect")
        type = in.command.name.substr(0, in.command.name.find(' '));
    auto const size = in.arguments.is_set("size") ? "?size=1" : "";
    std::pair<std::string_view, std::string> const places[] { { "container", container_path(name, "/json") + size },
        { "image", image_path(name, "/json") }, { "network", "/networks/" + http::percent_encode(name) },
        { "volume", "/volumes/" + http::percent_encode(name) } };
    bool is_known = type.empty();
    for (auto const& [kind, path] : places) {
        if (!type.empty() && type != kind)
            continue;
        is_known = true;
        auto answer = in.get(path);
        if (answer || answer.error().kind() != ErrorKind::NotFound || !type.empty())
            return answer;
    }
    if (!is_known)
        return fail(ErrorKind::InvalidInput, "\"" + type + "\" is not a valid value for --type");
    return fail(ErrorKind::NotFound, "Error: No such object: " + name);
}

// Everything that was found first, then the names that were not: as docker does.
int inspect(Invocation const& in)
{
    std::string const format = in.arguments.text("format");
    json found = json::array();
    std::string text;
    std::vector<Error> failures;
    for (auto const& name : in.words()) {
        auto const object = inspect_one(in, name);
        if (!object) {
            failures.push_back(object.error());
            continue;
        }
        found.push_back(*object);
        auto line = format == "json" ? Result<std::string>(object->dump()) : apply_template(format, *object);
        if (!line)
            return in.failed(line.error());
        text += *line + "\n";
    }
    in.out(format.empty() ? found.dump(4) + "\n" : text);
    for (auto const& failure : failures)
        in.failed(failure);
    return failures.empty() ? 0 : 1;
}

Result<void> print_logs(Invocation const& in)
{
    std::string const name = in.words().front();
    auto const container = TRY(in.get(container_path(name, "/json")));
    bool const tty = container.value("Config", json::object()).value("Tty", false);
    http::Query parameters { { "stderr", "1" }, { "stdout", "1" } };
    parameters.emplace_back("tail", in.arguments.has("tail") ? in.arguments.text("tail") : "all");
    for (auto const* flag : { "details", "follow", "timestamps" }) {
        if (in.arguments.is_set(flag))
            parameters.emplace_back(flag, "1");
    }
    for (auto const* flag : { "since", "until" }) {
        if (in.arguments.has(flag))
            parameters.emplace_back(flag, time_parameter(in, in.arguments.text(flag)));
    }
    auto response = TRY(in.api.open("GET", container_path(container.value("Id", name), "/logs" + query(parameters))));
    Demultiplexer frames(tty ? Framing::Raw : Framing::Multiplexed, in.terminal);
    std::array<char, 32768> buffer;
    while (auto const size = TRY(response.body->read_some(buffer)))
        frames.take({ buffer.data(), size });
    return {};
}

int logs(Invocation const& in)
{
    auto const done = print_logs(in);
    return done ? 0 : in.failed(done.error());
}

Result<void> print_top(Invocation const& in)
{
    auto const answer = TRY(in.get(container_path(in.words().front(), "/top")));
    Table table(answer.value("Titles", std::vector<std::string> {}));
    for (auto const& process : answer.value("Processes", json::array()))
        table.add(process.get<std::vector<std::string>>());
    in.out(table.to_text());
    return {};
}

int top(Invocation const& in)
{
    auto const done = print_top(in);
    return done ? 0 : in.failed(done.error());
}

int diff(Invocation const& in)
{
    auto const changes = in.get(container_path(in.words().front(), "/changes"));
    if (!changes)
        return in.failed(changes.error());
    static constexpr std::string_view letters = "CAD";
    for (auto const& change : *changes)
        in.out(fmt::format("{} {}\n", letters.at(change.value("Kind", std::size_t { 0 })), change.value("Path", "")));
    return 0;
}

// POST /containers/<each>/<action>
int post_to_each(Invocation const& in, std::string const& action)
{
    return in.for_each_word([&](std::string const& name) -> Result<void> {
        TRY(in.api.call("POST", container_path(name, action)));
        return {};
    });
}

std::string stop_parameters(Invocation const& in)
{
    http::Query parameters;
    if (in.arguments.has("time"))
        parameters.emplace_back("t", in.arguments.text("time"));
    if (in.arguments.has("timeout"))
        parameters.emplace_back("t", in.arguments.text("timeout"));
    if (in.arguments.has("signal"))
        parameters.emplace_back("signal", in.arguments.text("signal"));
    return query(parameters);
}

int stop(Invocation const& in)
{
    return post_to_each(in, "/stop" + stop_parameters(in));
}

int restart(Invocation const& in)
{
    return post_to_each(in, "/restart" + stop_parameters(in));
}

int kill(Invocation const& in)
{
    return post_to_each(in, "/kill" + stop_parameters(in));
}

int pause(Invocation const& in)
{
    return post_to_each(in, "/pause");
}

int unpause(Invocation const& in)
{
    return post_to_each(in, "/unpause");
}

int wait(Invocation const& in)
{
    int status = 0;
    for (auto const& name : in.words()) {
        auto const answer = in.api.call("POST", container_path(name, "/wait"));
        if (!answer) {
            status = in.failed(answer.error());
            continue;
        }
        in.out(fmt::format("{}\n", json::parse(*answer, nullptr, false).value("StatusCode", -1)));
    }
    return status;
}

int rename(Invocation const& in)
{
    auto const done
        = in.api.call("POST", container_path(in.words()[0], "/rename" + query({ { "name", in.words()[1] } })));
    return done ? 0 : in.failed(done.error());
}

int rm(Invocation const& in)
{
    bool const force = in.arguments.is_set("force");
    http::Query parameters;
    if (force)
        parameters.emplace_back("force", "1");
    if (in.arguments.is_set("volumes"))
        parameters.emplace_back("v", "1");
    int status = 0;
    for (auto const& name : in.words()) {
        auto const done = in.api.call("DELETE", container_path(name, query(parameters)));
        if (done) {
            in.out(name + "\n");
            continue;
        }
        in.failed(done.error());
        // What `rm -f` should take away is not there: said, but no failure.
        if (!force || done.error().kind() != ErrorKind::NotFound)
            status = 1;
    }
    return status;
}

std::vector<Flag> const stop_flags {
    { "signal", 's', FlagKind::Text, "Signal to send to the container" },
    { "timeout", 't', FlagKind::Number, "Seconds to wait before killing the container" },
    { "time", 0, FlagKind::Number, "The same as --timeout" },
};

Command on_containers(std::string_view name, std::string_view help, int (*run)(Invocation const&))
{
    return { name, "CONTAINER [CONTAINER...]", help, {}, 1, any_number, run };
}

}

std::vector<Command> container_commands()
{
    return {
        { "ps", "[OPTIONS]", "List containers",
            { { "all", 'a', FlagKind::Switch, "Show all containers (default shows just running)" },
                { "filter", 'f', FlagKind::List, "Filter output based on conditions provided" },
                { "format", 0, FlagKind::Text, "\"json\", or a template such as '{{.ID}} {{.Names}}'" },
                { "last", 'n', FlagKind::Number, "Show n last created containers (includes all states)" },
                { "latest", 'l', FlagKind::Switch, "Show the latest created container (includes all states)" },
                { "no-trunc", 0, FlagKind::Switch, "Don't truncate output" },
                { "quiet", 'q', FlagKind::Switch, "Only display container IDs" },
                { "size", 's', FlagKind::Switch, "Display total file sizes" } },
            0, 0, ps },
        { "inspect", "[OPTIONS] NAME|ID [NAME|ID...]", "Return low-level information on Docker objects",
            { { "format", 'f', FlagKind::Text, "\"json\", or a template such as '{{.State.Status}}'" },
                { "size", 's', FlagKind::Switch, "Display total file sizes if the type is container" },
                { "type", 0, FlagKind::Text, "Only inspect objects of the given type" } },
            1, any_number, inspect },
        { "container inspect", "[OPTIONS] CONTAINER [CONTAINER...]",
            "Display detailed information on one or more containers",
            { { "format", 'f', FlagKind::Text, "\"json\", or a template such as '{{.State.Status}}'" },
                { "size", 's', FlagKind::Switch, "Display total file sizes" } },
            1, any_number, inspect },
        { "image inspect", "[OPTIONS] IMAGE [IMAGE...]", "Display detailed information on one or more images",
            { { "format", 'f', FlagKind::Text, "\"json\", or a template such as '{{.Config.Cmd}}'" } }, 1, any_number,
            inspect },
        { "logs", "[OPTIONS] CONTAINER", "Fetch the logs of a container",
            { { "details", 0, FlagKind::Switch, "Show extra details provided to logs" },
                { "follow", 'f', FlagKind::Switch, "Follow log output" },
                { "since", 0, FlagKind::Text,
                    "Show logs since timestamp (e.g. 2013-01-02T13:23:37Z) or relative (e.g. 42m)" },
                { "tail", 'n', FlagKind::Text, "Number of lines to show from the end of the logs" },
                { "timestamps", 't', FlagKind::Switch, "Show timestamps" },
                { "until", 0, FlagKind::Text, "Show logs before a timestamp or relative (e.g. 42m)" } },
            1, 1, logs },
        { "top", "CONTAINER [ps OPTIONS]", "Display the running processes of a container", {}, 1, any_number, top,
            FlagOrder::BeforeWords },
        { "diff", "CONTAINER", "Inspect changes to files or directories on a container's filesystem", {}, 1, 1, diff },
        { "stop", "[OPTIONS] CONTAINER [CONTAINER...]", "Stop one or more running containers", stop_flags, 1,
            any_number, stop },
        { "restart", "[OPTIONS] CONTAINER [CONTAINER...]", "Restart one or more containers", stop_flags, 1, any_number,
            restart },
        { "kill", "[OPTIONS] CONTAINER [CONTAINER...]", "Kill one or more running containers",
            { { "signal", 's', FlagKind::Text, "Signal to send to the container" } }, 1, any_number, kill },
        on_containers("pause", "Pause all processes within one or more containers", pause),
        on_containers("unpause", "Unpause all processes within one or more containers", unpause),
        on_containers("wait", "Block until one or more containers stop, then print their exit codes", wait),
        { "rename", "CONTAINER NEW_NAME", "Rename a container", {}, 2, 2, rename },
        { "rm", "[OPTIONS] CONTAINER [CONTAINER...]", "Remove one or more containers",
            { { "force", 'f', FlagKind::Switch, "Force the removal of a running container (uses SIGKILL)" },
                { "volumes", 'v', FlagKind::Switch, "Remove anonymous volumes associated with the container" } },
            1, any_number, rm },
    };
}

}
