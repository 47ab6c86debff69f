// /containers/{id}/exec and /exec: create, start, resize, inspect.

#include "engine/daemon/Attachment.h"
#include "engine/daemon/Reply.h"
#include "engine/daemon/Router.h"

#include <charconv>

namespace drydock::daemon {

namespace {

constexpr char const* exec_failed = "OCI runtime exec failed: exec failed: unable to start container process";

Result<void> create_exec(Call& call)
{
    auto container = TRY(call.engine.containers.find(call.name));
    auto const body = TRY(read_json(call.exchange));
    auto config = TRY(parse_exec_body(body));
    auto const exec = TRY(call.engine.execs.create(std::move(container), std::move(config)));
    return reply(call.exchange, 201, { { "Id", exec->id } });
}

Result<void> start_exec(Call& call)
{
    auto const exec = TRY(call.engine.execs.find(call.name));
    auto const body = TRY(read_json(call.exchange));
    if (body.is_object() && body.contains("Detach") && body["Detach"] == true) {
        TRY_WITH(exec_failed, call.engine.execs.start(exec));
        return reply_empty(call.exchange, 200);
    }
    auto const framing = exec->config.tty ? Framing::Raw : Framing::Multiplexed;
    auto const output = exec->output.subscribe();
    auto const stream = TRY(call.exchange.hijack({ { "Content-Type", stream_type(framing, call.minor) } }));
    // The answer is out, so what goes wrong now is told in the stream, as dockerd does.
    if (auto const started = call.engine.execs.start(exec); !started) {
        auto const text = std::string(exec_failed) + ": " + started.error().message() + "\r\n";
        static_cast<void>(stream->write_all(framing == Framing::Raw ? text : frame(false, text)));
        stream->shutdown_write();
        return fail(started.error());
    }
    std::optional<StdinTarget> input;
    if (exec->config.attach_stdin)
        input = StdinTarget {
            .process = [exec] { return exec->process(); }, .give_up = {}, .ends_with_client = !exec->config.tty
        };
    relay(call.engine.seams.scheduler, *stream, *output, framing, {}, input);
    return {};
}

Result<std::uint16_t> size_parameter(Call const& call, std::string_view key)
{
    auto const text = call.parameter(key);
    std::uint16_t value = 0;
    auto const [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size() || value > 4096)
        return fail(ErrorKind::InvalidInput, "invalid value for " + std::string(key) + ": " + text);
    return value;
}

Result<void> resize_exec(Call& call)
{
    auto const exec = TRY(call.engine.execs.find(call.name));
    auto const rows = TRY(size_parameter(call, "h"));
    auto const columns = TRY(size_parameter(call, "w"));
    auto const process = exec->process();
    if (process == nullptr)
        return fail(ErrorKind::Conflict, "exec instance " + exec->id + " is not running");
    TRY(process->resize(rows, columns));
    return reply_empty(call.exchange, 200);
}

Result<void> inspect_exec(Call& call)
{
    auto const exec = TRY(call.engine.execs.find(call.name));
    auto const state = exec->state();
    auto const& command = exec->config.command;
    return reply(call.exchange, 200,
        { { "ID", exec->id }, { "Running", state.running },
            { "ExitCode", state.running || !state.started ? json(nullptr) : json(state.exit_code) },
            { "ProcessConfig",
                { { "tty", exec->config.tty }, { "privileged", false }, { "entrypoint", command.front() },
                    { "arguments", std::vector(command.begin() + 1, command.end()) }, { "user", exec->config.user } } },
            { "CanRemove", exec->state().started && !state.running }, { "DetachKeys", "" },
            { "OpenStdin", exec->config.attach_stdin }, { "OpenStdout", true }, { "OpenStderr", true },
            { "ContainerID", exec->container->id().value }, { "Pid", state.pid } });
}

}

std::span<Route const> exec_routes()
{
    static constexpr Route routes[] {
        { "POST", "/containers/{}/exec", create_exec },
        { "POST", "/exec/{}/start", start_exec },
        { "POST", "/exec/{}/resize", resize_exec },
        { "GET", "/exec/{}/json", inspect_exec },
    };
    return routes;
}

}
