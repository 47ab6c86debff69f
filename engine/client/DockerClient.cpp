#include "engine/client/DockerClient.h"

#include "engine/client/Contexts.h"
#include "engine/client/Invocation.h"
#include "sim/core/ShellWords.h"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>

namespace drydock::client {

namespace {

constexpr int usage_status = 125; // docker's for a flag it does not know

std::vector<Command> const& all_commands()
{
    static std::vector<Command> const commands = [] {
        std::vector<Command> all;
        for (auto group : { run_commands(), container_commands(), file_commands(), image_commands(), build_commands(),
                 registry_commands(), archive_commands(), volume_commands(), network_commands(), usage_commands(),
                 disk_commands(), prune_commands(), system_commands(), context_commands() })
            std::move(group.begin(), group.end(), std::back_inserter(all));
        return all;
    }();
    return commands;
}

// `docker container ls` is `docker ps`: the management commands name the same things again.
std::vector<std::string> unfold(std::vector<std::string> args)
{
    if (args.size() < 2)
        return args;
    std::string const group = args[0];
    if (group == "volume" || group == "network" || group == "context" || group == "builder"
        || (group == "container" && args[1] == "prune")
        || (group == "system"
            && (args[1] == "df" || args[1] == "prune"))) { // their commands have no names of their own
        std::string verb = args[1] == "list" ? "ls" : args[1] == "remove" ? "rm" : args[1];
        args.erase(args.begin());
        args[0] = group + " " + verb;
        return args;
    }
    bool const images = group == "image";
    if (!images && group != "container" && group != "system")
        return args;
    std::string verb = args[1];
    if (verb == "ls" || verb == "list")
        verb = images ? "images" : "ps";
    if (images && (verb == "rm" || verb == "remove"))
        verb = "rmi";
    args.erase(args.begin());
    if (verb == "prune" || (verb == "inspect" && group != "system")) // not the same as without the group
        verb = group + " " + verb;
    args[0] = verb == "remove" ? "rm" : verb;
    return args;
}

Command const* find_command(std::string const& name)
{
    auto const& commands = all_commands();
    auto const found
        = std::find_if(commands.begin(), commands.end(), [&](Command const& command) { return command.name == name; });
    return found == commands.end() ? nullptr : &*found;
}

std::string usage_line(Command const& command)
{
    return fmt::format("Usage:  docker {}{}{}", command.name, command.usage.empty() ? "" : " ", command.usage);
}

std::string help_of(Command const& command)
{
    std::string text = usage_line(command) + "\n\n" + std::string(command.help) + "\n";
    if (!command.flags.empty())
        text += "\nOptions:\n";
    for (auto const& flag : command.flags) {
        std::string const letter = flag.letter == 0 ? "    " : fmt::format("-{}, ", flag.letter);
        bool const is_switch = flag.kind == FlagKind::Switch;
        static constexpr std::string_view kinds[] { "", " string", " list", " int", " bytes", " decimal" };
        auto const name
            = std::string(flag.name) + std::string(kinds[is_switch ? 0 : static_cast<std::size_t>(flag.kind)]);
        text += fmt::format("  {}--{:<20} {}\n", letter, name, flag.help);
    }
    return text;
}

std::string help_of_all()
{
    std::string text = "Usage:  docker COMMAND\n\nDrydock's own docker command line: the commands of a classroom\n\n"
                       "Commands:\n";
    for (auto const& command : all_commands())
        text += fmt::format("  {:<18} {}\n", command.name, command.help);
    return text + "\nRun 'docker COMMAND --help' for more information on a command.\n";
}

// Docker's words for too few or too many arguments; nothing where the number is right.
std::optional<std::string> wrong_count(Command const& command, std::size_t count)
{
    if (count >= command.least && count <= command.most)
        return std::nullopt;
    auto const noun = [](std::size_t n) { return fmt::format("{} argument{}", n, n == 1 ? "" : "s"); };
    std::string what = "accepts no arguments";
    std::string see = "Run";
    if (command.least == command.most && command.most > 0) {
        what = "requires " + noun(command.least);
    } else if (command.most == any_number) {
        what = "requires at least " + noun(command.least);
        see = "See";
    } else if (command.most > 0) {
        what = "requires at most " + noun(command.most);
    }
    return fmt::format("docker: 'docker {}' {}\n\n{}\n\n{} 'docker {} --help' for more information\n", command.name,
        what, usage_line(command), see, command.name);
}

bool asks_for_help(Command const& command, std::vector<std::string> const& args)
{
    // Behind the image's name, --help belongs to the container's command.
    auto const end = command.order == FlagOrder::Anywhere
        ? args.end()
        : std::find_if(args.begin() + 1, args.end(), [](std::string const& word) { return !word.starts_with("-"); });
    return std::find(args.begin() + 1, end, "--help") != end;
}

int run_command(
    std::vector<std::string> const& typed, Api& api, Scheduler& scheduler, Terminal const& terminal, LocalFiles& files)
{
    auto const args = unfold(typed);
    if (args.empty() || args[0] == "--help" || args[0] == "help") {
        terminal.write(false, help_of_all());
        return 0;
    }
    auto const* command = find_command(args[0]);
    if (command == nullptr) {
        terminal.write(true,
            fmt::format("docker: unknown command: docker {}\n\nRun 'docker --help' for more information\n", args[0]));
        return 1;
    }
    if (asks_for_help(*command, args)) {
        terminal.write(false, help_of(*command));
        return 0;
    }
    auto arguments = read_flags(command->flags, std::span(args).subspan(1), command->order);
    if (!arguments) {
        terminal.write(true,
            fmt::format("{}\n\n{}\n\nRun 'docker {} --help' for more information\n", arguments.error().message(),
                usage_line(*command), command->name));
        return usage_status;
    }
    if (auto const complaint = wrong_count(*command, arguments->positional().size())) {
        terminal.write(true, *complaint);
        return 1;
    }
    Invocation const invocation { .command = *command,
        .arguments = std::move(*arguments),
        .api = api,
        .scheduler = scheduler,
        .terminal = terminal,
        .files = files };
    if (auto const there = command->needs_daemon ? api.negotiate() : Result<void>(); !there) {
        bool const runs = command->name == "run";
        terminal.write(true, (runs ? "docker: " : "") + there.error().message() + "\n");
        return runs ? usage_status : 1;
    }
    return command->run(invocation);
}

// The flags before the command: whose daemon is meant.
struct Addressed {
    DaemonChoice choice;
    std::vector<std::string> command;
};

Result<Addressed> read_address(std::vector<std::string> const& args)
{
    Addressed addressed;
    std::size_t i = 0;
    for (; i < args.size() && args[i].starts_with('-') && args[i] != "--help"; ++i) {
        auto const equals = args[i].find('=');
        auto const name = args[i].substr(0, equals);
        bool const is_host = name == "-H" || name == "--host";
        if (!is_host && name != "-c" && name != "--context")
            return fail(ErrorKind::InvalidInput, "unknown flag: " + name);
        if (equals == std::string::npos && i + 1 == args.size())
            return fail(ErrorKind::InvalidInput, "flag needs an argument: " + name);
        auto& value = is_host ? addressed.choice.host : addressed.choice.context;
        value = equals == std::string::npos ? args[++i] : args[i].substr(equals + 1);
    }
    addressed.command.assign(args.begin() + static_cast<std::ptrdiff_t>(i), args.end());
    return addressed;
}

}

bool is_usual_socket(std::string_view path)
{
    return path == "/var/run/docker.sock" || path == "/run/docker.sock";
}

DockerClient::DockerClient(network::Network& network, Scheduler& scheduler, HostId from, network::Endpoint daemon,
    trace::Publisher publisher, std::shared_ptr<LocalFiles> files, SocketChoice sockets)
    : m_network(network)
    , m_scheduler(scheduler)
    , m_from(std::move(from))
    , m_daemon(std::move(daemon))
    , m_publisher(std::move(publisher))
    , m_files(std::move(files))
    , m_sockets(sockets)
{
    m_publisher.publish(trace::ActorAppeared { .actor = m_publisher.origin().actor,
        .host = m_from,
        .role = trace::ActorRole::Client,
        .label = "docker",
        .detail = m_daemon.to_string() });
}

int DockerClient::run_where_meant(std::vector<std::string> const& args, Terminal const& terminal, LocalFiles& files)
{
    auto const refuse = [&](Error const& error) {
        terminal.write(true, error.message() + "\n");
        return usage_status;
    };
    auto const addressed = read_address(args);
    if (!addressed)
        return refuse(addressed.error());
    auto const& [choice, command] = *addressed;
    bool const is_own = choice.host.empty() && choice.context.empty() && terminal.files == nullptr;
    bool const asks_none = !command.empty() && command.front() == "context";
    auto daemon = m_daemon;
    if (!is_own && !asks_none) {
        auto const chosen = chosen_daemon(files, choice);
        if (!chosen)
            return refuse(chosen.error());
        auto const other = *chosen ? network::Endpoint::parse((*chosen)->host) : m_daemon;
        if (!other)
            return refuse(other.error());
        daemon = *other;
        bool const is_socket = daemon.kind == network::Endpoint::Kind::Unix && daemon.path != m_daemon.path;
        if (is_socket && m_sockets == SocketChoice::OwnDaemonOnly) {
            if (!is_usual_socket(daemon.path)) {
                terminal.write(true, no_daemon_at(daemon).message() + "\n");
                return 1;
            }
            daemon = m_daemon;
        }
    }
    Api api(m_network, m_scheduler, m_from, daemon);
    return run_command(command, api, m_scheduler, terminal, files);
}

int DockerClient::run(std::vector<std::string> const& args, Terminal const& terminal)
{
    std::string const line = args.empty() ? "docker" : "docker " + join_words(args);
    return run_as_command(m_publisher, line, terminal, [&](Terminal const& watched) {
        return run_where_meant(args, watched, terminal.files ? *terminal.files : *m_files);
    });
}

int run_as_command(trace::Publisher const& publisher, std::string const& line, Terminal const& terminal,
    std::function<int(Terminal const&)> const& run)
{
    auto const actor = publisher.origin().actor;
    auto span = publisher.span("command", line, trace::Depth::Role);
    publisher.publish(trace::CommandEntered { .client = actor, .line = line });
    Terminal watched = terminal;
    watched.write = [&](bool to_stderr, std::string_view text) {
        terminal.write(to_stderr, text);
        publisher.publish(trace::CommandPrinted { .client = actor, .to_stderr = to_stderr, .text = std::string(text) });
    };
    int const status = run(watched);
    if (status != 0)
        span.failed(fmt::format("exit status {}", status));
    publisher.publish(trace::CommandFinished { .client = actor, .line = line, .exit_code = status });
    return status;
}

}
