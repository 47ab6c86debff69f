// /containers/{}/top: the processes of a container as ps would show them. dockerd runs the host's ps and filters what
// it prints; here the columns are made of what the runtime knows, which works in both worlds.

#include "engine/daemon/Reply.h"
#include "engine/daemon/Router.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <sstream>

namespace drydock::daemon {

namespace {

using Member = runtime::ContainerProcess::Member;

// "00:01:02"
std::string clock_text(std::int64_t nanoseconds)
{
    auto const seconds = nanoseconds / nanoseconds_per_second;
    return fmt::format("{:02}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60);
}

// "10:42" of a time of the day, UTC.
std::string started_text(Timestamp started)
{
    return started.nanoseconds == 0 ? "-" : rfc3339(started).substr(11, 5);
}

std::string percent(Member const& member, Timestamp now)
{
    auto const age = std::max<std::int64_t>(1, (now - member.started).count());
    return member.started.nanoseconds == 0 ? "0" : std::to_string(member.cpu_nanoseconds * 100 / age);
}

std::string terminal(Member const& member)
{
    return member.terminal.empty() ? "?" : member.terminal;
}

struct Column {
    std::string_view key; // as `ps -o` names it
    std::string_view title;
    std::string (*text)(Member const&, Timestamp now);
};

constexpr std::array<Column, 14> columns { {
    { "uid", "UID", [](Member const& m, Timestamp) { return std::to_string(m.uid); } },
    { "user", "USER", [](Member const& m, Timestamp) { return m.uid == 0 ? "root" : std::to_string(m.uid); } },
    { "pid", "PID", [](Member const& m, Timestamp) { return std::to_string(m.host_pid); } },
    { "ppid", "PPID", [](Member const& m, Timestamp) { return std::to_string(m.host_parent); } },
    { "c", "C", percent },
    { "pcpu", "%CPU", percent },
    { "stime", "STIME", [](Member const& m, Timestamp) { return started_text(m.started); } },
    { "start", "STARTED", [](Member const& m, Timestamp) { return started_text(m.started); } },
    { "tty", "TTY", [](Member const& m, Timestamp) { return terminal(m); } },
    { "time", "TIME", [](Member const& m, Timestamp) { return clock_text(m.cpu_nanoseconds); } },
    { "comm", "COMMAND", [](Member const& m, Timestamp) { return m.name; } },
    { "args", "COMMAND", [](Member const& m, Timestamp) { return m.command; } },
    { "cmd", "CMD", [](Member const& m, Timestamp) { return m.command; } },
    { "command", "COMMAND", [](Member const& m, Timestamp) { return m.command; } },
} };

Column const* find_column(std::string_view key)
{
    auto const* const found
        = std::find_if(columns.begin(), columns.end(), [&](Column const& column) { return column.key == key; });
    return found == columns.end() ? nullptr : found;
}

Result<std::vector<Column const*>> named_columns(std::string const& list)
{
    std::vector<Column const*> chosen;
    std::istringstream names(list);
    for (std::string name; std::getline(names, name, ',');) {
        auto const* const column = find_column(name);
        if (column == nullptr)
            return fail(ErrorKind::InvalidInput, "ps: error: unknown user-defined format specifier \"" + name + "\"");
        chosen.push_back(column);
    }
    return chosen;
}

// What ps's options choose: -ef, aux, -o LIST.
Result<std::vector<Column const*>> chosen_columns(std::string const& options)
{
    std::istringstream words(options);
    std::string word;
    words >> word;
    if (word.empty() || word == "-ef" || word == "-f")
        return named_columns("uid,pid,ppid,c,stime,tty,time,cmd");
    if (word == "aux" || word == "-aux" || word == "u")
        return named_columns("user,pid,pcpu,tty,start,time,command");
    std::string rest;
    std::getline(words >> std::ws, rest);
    for (auto const* prefix : { "-eo", "-o", "o" }) {
        if (word.starts_with(prefix))
            return named_columns(word == prefix ? rest : word.substr(std::string_view(prefix).size()));
    }
    return fail(ErrorKind::InvalidInput, "ps: error: unsupported option \"" + options + "\": use -ef, aux or -o LIST");
}

// What /proc says to whoever looks: the only way to learn of what a program has forked.
void publish_list(Call const& call, ContainerId const& container, std::vector<Member> const& members)
{
    trace::ProcessesListed event { .container = container, .processes = {} };
    for (auto const& member : members) {
        event.processes.push_back({ .pid = member.pid,
            .host_pid = member.host_pid,
            .parent = member.parent,
            .host_parent = member.host_parent,
            // As ps shows who has no command line any more.
            .command = member.command.empty() ? "[" + member.name + "]" : member.command });
    }
    call.engine.seams.publisher.publish(std::move(event));
}

Result<void> container_top(Call& call)
{
    auto const container = TRY(call.engine.containers.find(call.name));
    auto const process = container->process();
    if (process == nullptr)
        return fail(ErrorKind::Conflict, "container " + container->id().value + " is not running");
    auto const chosen = TRY(chosen_columns(call.parameter("ps_args")));
    if (std::find(chosen.begin(), chosen.end(), find_column("pid")) == chosen.end())
        return fail(ErrorKind::InvalidInput, "Couldn't find PID field in ps output");
    json titles = json::array();
    for (auto const* column : chosen)
        titles.push_back(column->title);
    auto const now = call.engine.seams.scheduler.now();
    auto const members = process->members();
    publish_list(call, container->id(), members);
    json processes = json::array();
    for (auto const& member : members) {
        json row = json::array();
        for (auto const* column : chosen)
            row.push_back(column->text(member, now));
        processes.push_back(std::move(row));
    }
    call.engine.containers.publish_event(*container, "top");
    return reply(call.exchange, 200, { { "Titles", titles }, { "Processes", processes } });
}

}

std::span<Route const> top_routes()
{
    static constexpr Route routes[] { { "GET", "/containers/{}/top", container_top } };
    return routes;
}

}
