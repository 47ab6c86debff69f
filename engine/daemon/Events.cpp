// /events: docker's events; /drydock/trace: our own, every record, for a window in another process.

#include "engine/daemon/Filters.h"
#include "engine/daemon/Reply.h"
#include "engine/daemon/Router.h"
#include "sim/trace/EventJson.h"

#include <atomic>
#include <charconv>

namespace drydock::daemon {

namespace {

json event_body(DockerEvent const& event)
{
    json body = json::object();
    // Older clients read these three.
    if (event.type == "container" || event.type == "image") {
        body["status"] = event.action;
        body["id"] = event.actor;
    }
    if (event.type == "container")
        body["from"] = event.attributes.contains("image") ? event.attributes.at("image") : "";
    body["Type"] = event.type;
    body["Action"] = event.action;
    body["Actor"] = { { "ID", event.actor }, { "Attributes", event.attributes } };
    body["scope"] = "local";
    body["time"] = event.time.nanoseconds / 1'000'000'000;
    body["timeNano"] = event.time.nanoseconds;
    return body;
}

std::string attribute(DockerEvent const& event, std::string const& name)
{
    auto const found = event.attributes.find(name);
    return found == event.attributes.end() ? "" : found->second;
}

bool fits(DockerEvent const& event, Filters const& filters)
{
    // dockerd looks at how the id or the name begins, and not at what kind of thing it is (daemon/events/filter.go).
    auto const about = [&](std::string const& type) {
        return filters.any(type, [&](std::string const& wanted) {
            return event.actor.starts_with(wanted) || attribute(event, "name").starts_with(wanted);
        });
    };
    return filters.is("type", event.type) && filters.is("scope", "local") && about("container") && about("network")
        && about("volume")
        && filters.labels_match(event.attributes)
        // "exec_create: echo hi" is asked for as "exec_create".
        && filters.any("event",
            [&](std::string const& wanted) { return event.action == wanted || event.action.starts_with(wanted + ":"); })
        && filters.any("image", [&](std::string const& wanted) {
               return event.actor == wanted || attribute(event, "image") == wanted
                   || attribute(event, "name") == wanted;
           });
}

Result<void> events(Call& call)
{
    static constexpr std::string_view known[] { "type", "event", "container", "image", "label", "network", "volume",
        "daemon", "scope" };
    auto const filters = TRY(Filters::parse(call.parameter("filters"), known));
    auto const since = TRY(time_parameter(call, "since"));
    auto const until = TRY(time_parameter(call, "until"));
    if (since && until && *since > *until)
        return fail(ErrorKind::InvalidInput,
            "`since` time (" + call.parameter("since") + ") cannot be after `until` time (" + call.parameter("until")
                + ")");
    auto const listening = call.engine.events.listen();
    auto const body = TRY(call.exchange.respond_streaming(200, { { "Content-Type", "application/json" } }));
    auto const send = [&](DockerEvent const& event) {
        return fits(event, filters) ? body->write(to_text(event_body(event)) + "\n") : Result<void> {};
    };
    for (auto const& event : listening.past) {
        if (since && event.time >= *since && (!until || event.time <= *until))
            TRY(send(event));
    }
    auto const watch = call.exchange.watch([&] { listening.coming->end(); });
    while (auto const event = listening.coming->next(until)) {
        if (!send(*event))
            break; // the client has gone
    }
    listening.coming->end();
    return {};
}

// How long a reader of the trace waits for what comes next. The log wakes nobody, so that publishing stays cheap.
constexpr Duration trace_pause = std::chrono::milliseconds(20);

// Every record from `from` on, a line each, as trace files hold them, until the client or the daemon ends.
Result<void> trace_records(Call& call)
{
    auto const* log = call.engine.seams.publisher.log();
    if (log == nullptr)
        return fail(ErrorKind::NotFound, "this daemon keeps no trace");
    std::uint64_t next = 0;
    auto const from = call.parameter("from");
    auto const [end, error] = std::from_chars(from.data(), from.data() + from.size(), next);
    if (!from.empty() && (error != std::errc() || end != from.data() + from.size()))
        return fail(ErrorKind::InvalidInput, "invalid value for \"from\": " + from);
    auto const body = TRY(call.exchange.respond_streaming(200, { { "Content-Type", "application/x-ndjson" } }));
    std::atomic<bool> gone { false };
    auto const watch = call.exchange.watch([&] { gone = true; });
    while (!gone) {
        std::string lines;
        for (; next < log->size() && lines.size() < 64 * 1024; ++next)
            lines += trace::to_json((*log)[next]) + "\n";
        if (!lines.empty() && !body->write(lines))
            return {}; // the client has gone
        if (next < log->size())
            continue;
        if (call.engine.closing)
            return {};
        call.engine.seams.scheduler.sleep_for(trace_pause);
    }
    return {};
}

}

std::span<Route const> event_routes()
{
    static constexpr Route routes[] {
        { "GET", "/events", events },
        { "GET", "/drydock/trace", trace_records },
    };
    return routes;
}

}
