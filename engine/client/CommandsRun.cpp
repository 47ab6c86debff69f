// run, create, start, attach, exec: the commands that stand between a terminal and a process.

#include "engine/client/CreateBody.h"
#include "engine/client/Pull.h"
#include "engine/client/Streams.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace drydock::client {

using json = nlohmann::ordered_json;

namespace {

// The status of a container that never ran, told by the daemon's words (docker's toStatusError).
int status_of_refusal(std::string const& message)
{
    auto const says = [&](std::string_view words) { return message.find(words) != std::string::npos; };
    if (!says("Error response from daemon")) // a file of the client's own that is not there is no missing program
        return 125;
    if (says("executable file not found") || says("no such file or directory"))
        return 127;
    if (says("permission denied") || says("is a directory"))
        return 126;
    return 125;
}

int refused(Invocation const& in, Error const& error)
{
    in.err(
        fmt::format("docker: {}\n\nRun 'docker {} --help' for more information\n", error.message(), in.command.name));
    return status_of_refusal(error.message());
}

Progress pull_progress(Invocation const& in)
{
    return in.arguments.is_set("quiet") ? Progress::Quiet : Progress::ToStderr;
}

Result<void> write_cidfile(Invocation const& in, std::string const& id)
{
    auto const written = write_file(in.files, in.arguments.text("cidfile"), id);
    return written ? written
                   : fail(ErrorKind::Io, "failed to write the container ID to the file: " + written.error().message());
}

// POST /containers/create, pulling the image first where the daemon does not have it. Yields the container's id.
Result<std::string> create_container(Invocation const& in)
{
    std::string const image = in.words().front();
    std::string const policy = in.arguments.text("pull");
    if (!policy.empty() && policy != "always" && policy != "missing" && policy != "never")
        return fail(ErrorKind::InvalidInput,
            "invalid pull option: '" + policy + R"(': must be one of "always", "missing" or "never")");
    if (policy == "always")
        TRY(pull_image(in, image, pull_progress(in)));
    http::Query parameters;
    for (auto const* flag : { "name", "platform" }) {
        if (in.arguments.has(flag))
            parameters.emplace_back(flag, in.arguments.text(flag));
    }
    std::string const path = "/containers/create" + query(parameters);
    auto const body = TRY(create_body(in));
    auto answer = in.api.call("POST", path, body);
    // Docker takes any 404 of a create for a missing image.
    if (!answer && answer.error().kind() == ErrorKind::NotFound && policy != "never" && policy != "always") {
        auto const name = full_name(image);
        in.err(
            "Unable to find image '" + image + (name && name->tag_was_implied ? ":" + name->tag : "") + "' locally\n");
        TRY(pull_image(in, image, pull_progress(in)));
        answer = in.api.call("POST", path, body);
    }
    auto const created = json::parse(TRY(std::move(answer)), nullptr, false);
    if (!created.is_object())
        return fail(ErrorKind::Corrupt, "the daemon's answer to the create is no JSON");
    for (auto const& warning : created.value("Warnings", json::array()))
        in.err("WARNING: " + warning.get<std::string>() + "\n");
    if (in.arguments.has("cidfile"))
        TRY(write_cidfile(in, created.value("Id", "")));
    return created.value("Id", "");
}

// The exit status out of the body that /wait sends at last.
Result<int> status_of(http::Response waiting)
{
    auto const answer = json::parse(TRY(waiting.body->read_all(1 << 16)), nullptr, false);
    if (!answer.is_object() || !answer.contains("StatusCode"))
        return fail(ErrorKind::Corrupt, "the daemon's answer to the wait holds no StatusCode");
    return answer["StatusCode"].get<int>();
}

struct Attachment {
    bool tty { false };
    AttachChoice streams;
    bool auto_remove { false };
    bool proxies_signals { true };
    DetachKeys keys {};

    std::string query_text() const
    {
        http::Query parameters { { "stream", "1" } };
        for (auto const& [name, wanted] :
            { std::pair("stderr", streams.err), std::pair("stdin", streams.input), std::pair("stdout", streams.out) }) {
            if (wanted)
                parameters.emplace_back(name, "1");
        }
        return query(parameters);
    }
    Framing framing() const { return tty ? Framing::Raw : Framing::Multiplexed; }
    Input forwarding() const { return streams.input ? Input::Forwarded : Input::None; }
    std::optional<DetachKeys> detach_keys() const { return tty ? std::optional(keys) : std::nullopt; }
};

Result<DetachKeys> detach_keys(Invocation const& in)
{
    return TRY_WITH("invalid detach keys (" + in.arguments.text("detach-keys") + ")",
        DetachKeys::parse(in.arguments.text("detach-keys")));
}

// On unless it is switched off (--sig-proxy=false).
bool proxies_signals(Invocation const& in)
{
    return !in.arguments.has("sig-proxy") || in.arguments.is_set("sig-proxy");
}

void resize(Invocation const& in, std::string const& path)
{
    auto const [rows, columns]
        = in.terminal.measure ? in.terminal.measure() : std::pair(in.terminal.rows, in.terminal.columns);
    // A size that cannot be set is no reason to stop: docker goes on with the default, too.
    static_cast<void>(
        in.api.call("POST", path + query({ { "h", std::to_string(rows) }, { "w", std::to_string(columns) } })));
}

// What reaches the client from now on goes to `path` ("/containers/web", "/exec/…"): its signals, Ctrl-C among them,
// and the size of its terminal.
std::shared_ptr<void> pass_on(Invocation const& in, std::string const& path, bool signals, bool size)
{
    if (!in.terminal.catch_signals || (!signals && !size))
        return nullptr;
    return in.terminal.catch_signals([&in, path, signals, size](std::string const& signal) {
        if (signal == "WINCH" && size)
            resize(in, path + "/resize");
        if (signal != "WINCH" && signals) // one that has ended meanwhile needs none
            static_cast<void>(in.api.call("POST", path + "/kill" + query({ { "signal", signal } })));
    });
}

// attach, wait, start, in this order, so that neither the first byte nor the exit can be missed. The error is that of
// the start.
Result<int> run_attached(Invocation const& in, std::string const& id, Attachment const& attachment)
{
    AttachedStream stream(in.scheduler, TRY(in.api.upgrade(container_path(id, "/attach" + attachment.query_text()))),
        attachment.framing(), attachment.forwarding(), in.terminal, attachment.detach_keys());
    std::string const condition = attachment.auto_remove ? "removed" : "next-exit";
    auto waiting = TRY(in.api.open("POST", container_path(id, "/wait?condition=" + condition)));
    bool const has_size = attachment.tty && in.terminal.is_tty;
    auto const passing = pass_on(in, container_path(id), attachment.proxies_signals, has_size);
    if (auto started = in.api.call("POST", container_path(id, "/start")); !started) {
        stream.wait();
        if (attachment.auto_remove)
            static_cast<void>(status_of(std::move(waiting)));
        return fail(std::move(started).error());
    }
    if (has_size)
        resize(in, container_path(id, "/resize"));
    if (stream.wait() == AttachedStream::End::Detached)
        return 0; // and the container goes on
    return status_of(std::move(waiting));
}

int run(Invocation const& in)
{
    auto keys = detach_keys(in);
    if (!keys)
        return refused(in, keys.error());
    auto const streams = attach_choice(in.arguments);
    if (!streams)
        return refused(in, streams.error());
    auto const id = create_container(in);
    if (!id)
        return refused(in, id.error());
    if (!streams->any()) {
        auto const started = in.api.call("POST", container_path(*id, "/start"));
        if (!started)
            return refused(in, started.error());
        in.out(*id + "\n");
        return 0;
    }
    auto const status = run_attached(in, *id,
        { .tty = in.arguments.is_set("tty"),
            .streams = *streams,
            .auto_remove = in.arguments.is_set("rm"),
            .proxies_signals = proxies_signals(in),
            .keys = std::move(*keys) });
    return status ? *status : refused(in, status.error());
}

int create(Invocation const& in)
{
    auto const id = create_container(in);
    if (!id)
        return in.failed(id.error());
    in.out(*id + "\n");
    return 0;
}

int start_attached(Invocation const& in)
{
    auto const found = in.get(container_path(in.words().front(), "/json"));
    if (!found)
        return in.failed(found.error());
    auto keys = detach_keys(in);
    if (!keys)
        return in.failed(keys.error());
    auto const config = found->value("Config", json::object());
    bool const tty = config.value("Tty", false);
    auto const status = run_attached(in, found->value("Id", ""),
        { .tty = tty,
            .streams = { .input = in.arguments.is_set("interactive") && config.value("OpenStdin", false) },
            .auto_remove = found->value("HostConfig", json::object()).value("AutoRemove", false),
            .proxies_signals = !tty && proxies_signals(in),
            .keys = std::move(*keys) });
    return status ? *status : in.failed(status.error());
}

int start(Invocation const& in)
{
    if (in.arguments.is_set("attach") || in.arguments.is_set("interactive"))
        return start_attached(in);
    std::string failures;
    int const status = in.for_each_word([&](std::string const& name) -> Result<void> {
        auto const done = in.api.call("POST", container_path(name, "/start"));
        if (done)
            return {};
        failures += (failures.empty() ? "" : ", ") + name;
        return fail(done.error());
    });
    if (status != 0)
        in.err("Error: failed to start containers: " + failures + "\n");
    return status;
}

int attach(Invocation const& in)
{
    auto const found = in.get(container_path(in.words().front(), "/json"));
    if (!found)
        return in.failed(found.error());
    auto const state = found->value("State", json::object());
    if (!state.value("Running", false) || state.value("Paused", false)) {
        in.err(state.value("Paused", false) ? "You cannot attach to a paused container, unpause it first\n"
                                            : "You cannot attach to a stopped container, start it first\n");
        return 1;
    }
    auto const config = found->value("Config", json::object());
    auto keys = detach_keys(in);
    if (!keys)
        return in.failed(keys.error());
    Attachment const attachment { .tty = config.value("Tty", false),
        .streams = { .input = config.value("OpenStdin", false) && !in.arguments.is_set("no-stdin") },
        .auto_remove = false,
        .keys = std::move(*keys) };
    auto waiting = in.api.open("POST", container_path(in.words().front(), "/wait"));
    if (!waiting)
        return in.failed(waiting.error());
    auto raw = in.api.upgrade(container_path(in.words().front(), "/attach" + attachment.query_text()));
    if (!raw)
        return in.failed(raw.error());
    AttachedStream stream(in.scheduler, std::move(*raw), attachment.framing(), attachment.forwarding(), in.terminal,
        attachment.detach_keys());
    bool const has_size = attachment.tty && in.terminal.is_tty;
    auto const path = container_path(in.words().front());
    if (has_size)
        resize(in, path + "/resize");
    auto const passing = pass_on(in, path, !attachment.tty && proxies_signals(in), has_size);
    if (stream.wait() == AttachedStream::End::Detached) {
        in.err("read escape sequence\n");
        return 1; // docker's, though nothing failed
    }
    auto const status = status_of(std::move(*waiting));
    return status ? *status : in.failed(status.error());
}

Result<std::string> exec_body(Invocation const& in)
{
    auto const& typed = in.arguments;
    auto const env = TRY(with_files(in, "env-file", "env"));
    bool const attached = !typed.is_set("detach");
    json const body { { "User", typed.text("user") }, { "Tty", typed.is_set("tty") },
        { "AttachStdin", attached && typed.is_set("interactive") }, { "AttachStdout", attached },
        { "AttachStderr", attached }, { "Detach", !attached }, { "Env", env },
        { "Privileged", typed.is_set("privileged") }, { "WorkingDir", typed.text("workdir") },
        { "Cmd", std::vector(in.words().begin() + 1, in.words().end()) } };
    return body.dump(-1, ' ', false, json::error_handler_t::replace);
}

Result<int> run_exec(Invocation const& in)
{
    auto const body = TRY(exec_body(in));
    auto const created
        = json::parse(TRY(in.api.call("POST", container_path(in.words().front(), "/exec"), body)), nullptr, false);
    std::string const path = "/exec/" + created.value("Id", "");
    bool const tty = in.arguments.is_set("tty");
    auto keys = TRY(detach_keys(in));
    if (in.arguments.is_set("detach")) {
        TRY(in.api.call("POST", path + "/start", json { { "Detach", true }, { "Tty", tty } }.dump()));
        return 0;
    }
    AttachedStream stream(in.scheduler,
        TRY(in.api.upgrade(path + "/start", json { { "Detach", false }, { "Tty", tty } }.dump())),
        tty ? Framing::Raw : Framing::Multiplexed, in.arguments.is_set("interactive") ? Input::Forwarded : Input::None,
        in.terminal, tty ? std::optional(std::move(keys)) : std::nullopt);
    bool const has_size = tty && in.terminal.is_tty;
    if (has_size)
        resize(in, path + "/resize");
    auto const passing = pass_on(in, path, false, has_size);
    if (stream.wait() == AttachedStream::End::Detached) {
        in.err("read escape sequence\n");
        return 1; // docker's, though nothing failed
    }
    return TRY(in.get(path + "/json")).value("ExitCode", 0);
}

int exec(Invocation const& in)
{
    auto const status = run_exec(in);
    return status ? *status : in.failed(status.error());
}

Flag const detach_flag { "detach-keys", 0, FlagKind::Text, "Override the key sequence for detaching a container" };
Flag const proxy_flag { "sig-proxy", 0, FlagKind::Switch, "Proxy received signals to the process (default true)" };

std::vector<Flag> run_flags()
{
    auto flags = create_flags();
    flags.push_back({ "detach", 'd', FlagKind::Switch, "Run container in background and print container ID" });
    flags.push_back(detach_flag);
    flags.push_back(proxy_flag);
    return flags;
}

}

std::vector<Command> run_commands()
{
    return {
        { "run", "[OPTIONS] IMAGE [COMMAND] [ARG...]", "Create and run a new container from an image", run_flags(), 1,
            any_number, run, FlagOrder::BeforeWords },
        { "create", "[OPTIONS] IMAGE [COMMAND] [ARG...]", "Create a new container", create_flags(), 1, any_number,
            create, FlagOrder::BeforeWords },
        { "start", "[OPTIONS] CONTAINER [CONTAINER...]", "Start one or more stopped containers",
            { { "attach", 'a', FlagKind::Switch, "Attach STDOUT/STDERR and forward signals" }, detach_flag,
                { "interactive", 'i', FlagKind::Switch, "Attach container's STDIN" } },
            1, any_number, start },
        { "attach", "[OPTIONS] CONTAINER",
            "Attach local standard input, output, and error streams to a running container",
            { detach_flag, { "no-stdin", 0, FlagKind::Switch, "Do not attach STDIN" }, proxy_flag }, 1, 1, attach },
        { "exec", "[OPTIONS] CONTAINER COMMAND [ARG...]", "Execute a command in a running container",
            { { "detach", 'd', FlagKind::Switch, "Detached mode: run command in the background" }, detach_flag,
                { "env", 'e', FlagKind::List, "Set environment variables" },
                { "env-file", 0, FlagKind::List, "Read in a file of environment variables" },
                { "interactive", 'i', FlagKind::Switch, "Keep STDIN open even if not attached" },
                { "privileged", 0, FlagKind::Switch, "Give extended privileges to the command" },
                { "tty", 't', FlagKind::Switch, "Allocate a pseudo-TTY" },
                { "user", 'u', FlagKind::Text, "Username or UID (format: <name|uid>[:<group|gid>])" },
                { "workdir", 'w', FlagKind::Text, "Working directory inside the container" } },
            2, any_number, exec, FlagOrder::BeforeWords },
    };
}

}
