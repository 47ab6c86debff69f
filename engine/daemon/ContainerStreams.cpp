// /containers: attach, wait, logs: the answers that last as long as the container runs.

#include "engine/daemon/Attachment.h"
#include "engine/daemon/Reply.h"
#include "engine/daemon/Router.h"

#include <fmt/format.h>

#include <charconv>
#include <deque>
#include <sstream>

namespace drydock::daemon {

namespace {

Framing framing_of(ContainerRecord const& record)
{
    return record.config.tty ? Framing::Raw : Framing::Multiplexed;
}

Result<void> attach(Call& call)
{
    auto const container = TRY(call.engine.containers.find(call.name));
    auto const record = container->record();
    if (record.state.status == Status::Paused)
        return fail(
            ErrorKind::Conflict, "Container " + record.name + " is paused, unpause the container before attach");
    auto const keys = TRY_WITH("invalid detach keys", DetachKeys::parse(call.parameter("detachKeys")));
    // First the subscription, then the answer: a client that has it may start the container and miss nothing.
    auto const runs = container->runs_ended();
    auto const output = container->output.subscribe();
    auto const stream = TRY(call.exchange.hijack({ { "Content-Type", stream_type(framing_of(record), call.minor) } }));
    call.engine.containers.publish_event(*container, "attach");
    Interest interest;
    std::optional<StdinTarget> input;
    if (call.flag("stdin") && record.config.open_stdin)
        input = StdinTarget { .process = [&] { return container->wait_for_process(runs, interest); },
            .give_up = [&] { container->lose(interest); },
            .ends_with_client = record.config.stdin_once && !record.config.tty };
    if (input && record.config.tty)
        input->keys = keys;
    OutputChoice const choice { .out = call.flag("stdout"), .err = call.flag("stderr") };
    relay(call.engine.seams.scheduler, *stream, *output, framing_of(record), choice, input);
    return {};
}

Result<WaitFor> wait_condition(std::string const& text)
{
    if (text.empty() || text == "not-running")
        return WaitFor::NotRunning;
    if (text == "next-exit")
        return WaitFor::NextExit;
    if (text == "removed")
        return WaitFor::Removed;
    return fail(ErrorKind::InvalidInput, "invalid condition: \"" + text + "\"");
}

Result<void> wait(Call& call)
{
    auto const container = TRY(call.engine.containers.find(call.name));
    auto const condition = TRY(wait_condition(call.parameter("condition")));
    // An exit counts from here on; docker run sends its start as soon as it has these headers.
    auto const runs = container->runs_ended();
    auto const body = TRY(call.exchange.respond_streaming(200, { { "Content-Type", "application/json" } }));
    Interest interest;
    auto const watch = call.exchange.watch([&] { container->lose(interest); });
    bool const happened = container->wait_for(condition, runs, interest);
    json answer { { "StatusCode", happened ? container->state().exit_code : -1 } };
    if (!happened)
        answer["Error"] = { { "Message", "the daemon is shutting down" } };
    // `docker run -d` has hung up by now.
    static_cast<void>(body->write(to_text(answer) + "\n"));
    return {};
}

struct LogRequest {
    bool to_stdout { false };
    bool to_stderr { false };
    bool timestamps { false };
    std::string details;               // before each line: what --log-opt labels=… and env=… ask for
    std::optional<std::uint64_t> tail; // lines
    std::optional<Timestamp> since;
    std::optional<Timestamp> until;

    bool wants(LogLine const& line) const
    {
        return (line.to_stderr ? to_stderr : to_stdout) && (!since || line.time >= *since)
            && (!until || line.time <= *until);
    }
};

Result<LogRequest> log_request(Call const& call)
{
    LogRequest request { .to_stdout = call.flag("stdout"),
        .to_stderr = call.flag("stderr"),
        .timestamps = call.flag("timestamps"),
        .details = {},
        .tail = std::nullopt,
        .since = std::nullopt,
        .until = std::nullopt };
    request.since = TRY(time_parameter(call, "since"));
    request.until = TRY(time_parameter(call, "until"));
    if (!request.to_stdout && !request.to_stderr)
        return fail(ErrorKind::InvalidInput, "Bad parameters: you must choose at least one stream");
    auto const tail = call.parameter("tail");
    std::uint64_t lines = 0;
    auto const [end, error] = std::from_chars(tail.data(), tail.data() + tail.size(), lines);
    if (error == std::errc() && end == tail.data() + tail.size())
        request.tail = lines; // anything else means all, as in dockerd
    return request;
}

// "tier=web,MOOD=calm ": the labels and variables that the log options name, as `docker logs --details` shows them.
std::string details_of(ContainerRecord const& record)
{
    auto const names_in = [&](char const* option) {
        auto const found = record.host.log_options.find(option);
        std::vector<std::string> names;
        std::istringstream list(found == record.host.log_options.end() ? "" : found->second);
        for (std::string name; std::getline(list, name, ',');)
            names.push_back(name);
        return names;
    };
    std::map<std::string, std::string> details;
    for (auto const& name : names_in("labels")) {
        if (auto const label = record.config.labels.find(name); label != record.config.labels.end())
            details.insert(*label);
    }
    for (auto const& name : names_in("env")) {
        for (auto const& variable : record.config.env) {
            if (variable.starts_with(name + "="))
                details[name] = variable.substr(name.size() + 1);
        }
    }
    std::string text;
    for (auto const& [name, value] : details)
        text += (text.empty() ? "" : ",") + name + "=" + value;
    return text.empty() ? text : text + " ";
}

std::string shown(LogLine const& line, LogRequest const& request, Framing framing)
{
    std::string text;
    if (request.timestamps) {
        auto const seconds = rfc3339({ line.time.nanoseconds - line.time.nanoseconds % 1'000'000'000 });
        text = fmt::format("{}.{:09}Z ", seconds.substr(0, seconds.size() - 1), line.time.nanoseconds % 1'000'000'000);
    }
    text += request.details + line.text;
    return framing == Framing::Raw ? text : frame(line.to_stderr, text);
}

// The stored lines that were asked for; only the last ones where a tail was.
Result<void> send_stored(ContainerLog::Reading const& reading, LogRequest const& request,
    std::function<Result<void>(LogLine const&)> const& send)
{
    if (!request.tail)
        return ContainerLog::replay(reading,
            [&](LogLine const& line) -> Result<void> { return request.wants(line) ? send(line) : Result<void> {}; });
    std::deque<LogLine> last;
    TRY(ContainerLog::replay(reading, [&](LogLine const& line) -> Result<void> {
        if (request.wants(line))
            last.push_back(line);
        if (last.size() > *request.tail)
            last.pop_front();
        return {};
    }));
    for (auto const& line : last)
        TRY(send(line));
    return {};
}

Result<void> logs(Call& call)
{
    auto const container = TRY(call.engine.containers.find(call.name));
    auto request = TRY(log_request(call));
    auto const record = container->record();
    if (!container->keeps_log())
        return fail(ErrorKind::NotSupported, "configured logging driver does not support reading");
    if (call.flag("details"))
        request.details = details_of(record);
    auto const framing = framing_of(record);
    auto const reading
        = TRY(container->open_log(call.flag("follow") ? ContainerLog::Mode::Follow : ContainerLog::Mode::Stored));
    auto const body
        = TRY(call.exchange.respond_streaming(200, { { "Content-Type", stream_type(framing, call.minor) } }));
    auto const send = [&](LogLine const& line) { return body->write(shown(line, request, framing)); };
    TRY(send_stored(reading, request, send));
    if (reading.following == nullptr)
        return {};
    auto const watch = call.exchange.watch([&] { reading.following->end(); });
    while (auto const line = reading.following->next(request.until)) {
        if (line->number > reading.last && request.wants(*line) && !send(*line))
            break; // the client has gone
    }
    reading.following->end();
    return {};
}

}

std::span<Route const> stream_routes()
{
    static constexpr Route routes[] {
        { "POST", "/containers/{}/attach", attach },
        { "POST", "/containers/{}/wait", wait },
        { "GET", "/containers/{}/logs", logs },
    };
    return routes;
}

}
