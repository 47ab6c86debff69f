// version, info, events.

#include "engine/client/Format.h"
#include "engine/client/Pull.h"
#include "engine/client/Rows.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace drydock::client {

using json = nlohmann::ordered_json;

namespace {

// `docker version --format`: what the template sees is both halves.
Result<std::string> version_text(Invocation const& in)
{
    auto const server = TRY(in.get("/version"));
    json const both { { "Client",
                          { { "Version", server.value("Version", "") }, { "ApiVersion", in.api.version() },
                              { "Os", server.value("Os", "") }, { "Arch", server.value("Arch", "") } } },
        { "Server", server } };
    auto const format = in.arguments.text("format");
    return TRY(apply_template(format == "json" ? "{{json .}}" : format, both)) + "\n";
}

int version(Invocation const& in)
{
    if (in.arguments.has("format")) {
        auto const text = version_text(in);
        if (!text)
            return in.failed(text.error());
        in.out(*text);
        return 0;
    }
    in.out(fmt::format("Client: Drydock\n API version:       {}\n", in.api.version()));
    auto const server = in.get("/version");
    if (!server)
        return in.failed(server.error());
    in.out(fmt::format("\nServer: {}\n", server->value("Platform", json::object()).value("Name", "")));
    for (auto const& component : server->value("Components", json::array())) {
        in.out(fmt::format(
            " {}:\n  {:<17} {}\n", component.value("Name", ""), "Version:", component.value("Version", "")));
        auto const details = component.value("Details", json::object());
        for (auto const& [name, value] : details.items())
            in.out(fmt::format("  {:<17} {}\n", name + ":", value.get<std::string>()));
    }
    return 0;
}

int info(Invocation const& in)
{
    auto const answer = in.get("/info");
    if (!answer)
        return in.failed(answer.error());
    if (in.arguments.has("format")) {
        auto const format = in.arguments.text("format");
        auto const shown = apply_template(format == "json" ? "{{json .}}" : format, *answer);
        if (!shown)
            return in.failed(shown.error());
        in.out(*shown + "\n");
        return 0;
    }
    auto const count = [&](char const* name) { return answer->value(name, std::int64_t { 0 }); };
    auto const text = [&](char const* name) { return answer->value(name, ""); };
    in.out(fmt::format("Server:\n Containers: {}\n  Running: {}\n  Paused: {}\n  Stopped: {}\n Images: {}\n",
        count("Containers"), count("ContainersRunning"), count("ContainersPaused"), count("ContainersStopped"),
        count("Images")));
    in.out(fmt::format(" Server Version: {}\n Storage Driver: {}\n Kernel Version: {}\n Operating System: {}\n",
        text("ServerVersion"), text("Driver"), text("KernelVersion"), text("OperatingSystem")));
    in.out(fmt::format(" OSType: {}\n Architecture: {}\n CPUs: {}\n Total Memory: {}\n Name: {}\n", text("OSType"),
        text("Architecture"), count("NCPU"), docker_memory(answer->value("MemTotal", 0.0)), text("Name")));
    for (auto const& warning : answer->value("Warnings", std::vector<std::string> {}))
        in.err("WARNING: " + warning + "\n");
    return 0;
}

// "2026-11-23T21:50:46.703172400Z container create 4f2a… (image=busybox, name=web)"
std::string event_line(json const& event)
{
    auto const actor = event.value("Actor", json::object());
    std::string attributes;
    auto const given = actor.value("Attributes", json::object());
    for (auto const& [name, value] : given.items())
        attributes += fmt::format("{}{}={}", attributes.empty() ? "" : ", ", name, value.get<std::string>());
    auto const time = event.value("timeNano", std::int64_t { 0 });
    auto const seconds = rfc3339({ time - time % 1'000'000'000 });
    return fmt::format("{}.{:09}Z {} {} {} ({})\n", seconds.substr(0, seconds.size() - 1), time % 1'000'000'000,
        event.value("Type", ""), event.value("Action", ""), actor.value("ID", ""), attributes);
}

Result<void> print_events(Invocation const& in)
{
    http::Query parameters;
    for (auto const* flag : { "since", "until" }) {
        if (in.arguments.has(flag))
            parameters.emplace_back(flag, time_parameter(in, in.arguments.text(flag)));
    }
    if (in.arguments.has("filter"))
        parameters.emplace_back("filters", TRY(filters_json(in.arguments.list("filter"))));
    auto response = TRY(in.api.open("GET", "/events" + query(parameters)));
    auto const typed = in.arguments.text("format");
    auto const format = typed == "json" ? "{{json .}}" : typed;
    return for_each_message(response, [&](json const& event) -> Result<void> {
        in.out(format.empty() ? event_line(event) : TRY(apply_template(format, event)) + "\n");
        return {};
    });
}

int events(Invocation const& in)
{
    auto const done = print_events(in);
    return done ? 0 : in.failed(done.error());
}

}

std::vector<Command> system_commands()
{
    return {
        { "version", "[OPTIONS]", "Show the Docker version information",
            { { "format", 'f', FlagKind::Text, "Format output using a Go template" } }, 0, 0, version },
        { "info", "[OPTIONS]", "Display system-wide information",
            { { "format", 'f', FlagKind::Text, "Format output using a Go template" } }, 0, 0, info },
        { "events", "[OPTIONS]", "Get real time events from the server",
            { { "filter", 'f', FlagKind::List, "Filter output based on conditions provided" },
                { "format", 0, FlagKind::Text, "Format output using a Go template" },
                { "since", 0, FlagKind::Text, "Show all events created since a timestamp, or relative (e.g. 42m)" },
                { "until", 0, FlagKind::Text, "Stream events until this timestamp, or relative" } },
            0, 0, events },
    };
}

}
