// Applets that ask the kernel: who runs, who am I, what time is it.

#include "sim/kernel/Applet.h"
#include "sim/kernel/Sockets.h"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>

namespace drydock::kernel {

namespace {

int sleep_program(System& system, Args const& args)
{
    if (args.size() < 2)
        return usage(system, args, "[N]...");
    double seconds = 0;
    for (std::size_t i = 1; i < args.size(); ++i) {
        if (args[i] == "infinity" || args[i] == "inf") {
            seconds += 1e8;
            continue;
        }
        char* end = nullptr;
        auto const number = std::strtod(args[i].c_str(), &end);
        static std::map<std::string_view, double> const units { { "", 1 }, { "s", 1 }, { "m", 60 }, { "h", 3600 },
            { "d", 86400 } };
        auto const unit = units.find(end);
        if (end == args[i].c_str() || unit == units.end() || number < 0)
            return complain(system, args, fmt::format("invalid number '{}'", args[i]));
        seconds += number * unit->second;
    }
    (void)system.sleep(Duration(static_cast<std::int64_t>(std::min(seconds, 1e8) * 1e9)));
    return 0;
}

int true_program(System&, Args const&)
{
    return 0;
}

int false_program(System&, Args const&)
{
    return 1;
}

int env(System& system, Args const& args)
{
    auto& environment = system.process().env;
    std::size_t i = 1;
    if (i < args.size() && (args[i] == "-i" || args[i] == "-")) {
        environment.clear();
        ++i;
    }
    for (; i < args.size() && args[i].find('=') != std::string::npos; ++i) {
        auto const name = args[i].substr(0, args[i].find('=') + 1);
        std::erase_if(environment, [&](auto const& entry) { return entry.starts_with(name); });
        environment.push_back(args[i]);
    }
    if (i == args.size()) {
        for (auto const& entry : environment)
            system.print(entry + "\n");
        return 0;
    }
    auto const path = system.find_program(args[i]);
    auto const status = path ? system.execute(*path, { args.begin() + static_cast<std::ptrdiff_t>(i), args.end() })
                             : tl::unexpected(path.error());
    if (status)
        return *status;
    complain(system, args, fmt::format("can't execute '{}': {}", args[i], reason_of(status.error())));
    return status.error().errno_code() == ENOENT ? 127 : 126;
}

int printenv(System& system, Args const& args)
{
    if (args.size() == 1)
        return env(system, { "env" });
    int status = 0;
    for (std::size_t i = 1; i < args.size(); ++i) {
        if (auto const value = system.get_env(args[i]))
            system.print(*value + "\n");
        else
            status = 1;
    }
    return status;
}

int hostname(System& system, Args const& args)
{
    if (args.size() > 1 && args[1] == "-i") {
        std::string addresses;
        for (auto const& interface : system.interfaces())
            addresses += (addresses.empty() ? "" : " ") + network::to_text(interface.address);
        system.print((addresses.empty() ? network::to_text(loopback_address) : addresses) + "\n");
        return 0;
    }
    if (args.size() > 1 && !args[1].starts_with('-')) {
        auto const set = system.set_hostname(args[1]);
        return set ? 0 : complain(system, args, "sethostname: " + reason_of(set.error()));
    }
    system.print(system.hostname() + "\n");
    return 0;
}

int uname(System& system, Args const& args)
{
    Options const options(args, "snrvmao");
    if (options.unknown())
        return usage(system, args, "[-amnrsvo]");
    bool const all = options.has('a');
    std::vector<std::string> parts;
    if (all || options.has('s') || args.size() == 1)
        parts.emplace_back(Kernel::name);
    if (all || options.has('n'))
        parts.push_back(system.hostname());
    if (all || options.has('r'))
        parts.emplace_back(Kernel::release);
    if (all || options.has('v'))
        parts.emplace_back("#1 SMP simulated");
    if (all || options.has('m'))
        parts.emplace_back("x86_64");
    if (all || options.has('o'))
        parts.emplace_back("GNU/Linux");
    system.print(fmt::format("{}\n", fmt::join(parts, " ")));
    return 0;
}

int id(System& system, Args const& args)
{
    Options const options(args, "ugn");
    auto owner = system.process().owner;
    if (!options.operands().empty()) {
        auto const found = find_user(system, options.operands()[0]);
        if (!found)
            return complain(system, args, "unknown user " + options.operands()[0]);
        owner = *found;
    }
    auto const user = user_name(system, owner.uid);
    auto const group = group_name(system, owner.gid);
    auto const with_name = [](std::uint32_t number, std::string const& name) {
        return std::to_string(number) == name ? name : fmt::format("{}({})", number, name);
    };
    if (options.has('u'))
        system.print((options.has('n') ? user : std::to_string(owner.uid)) + "\n");
    else if (options.has('g'))
        system.print((options.has('n') ? group : std::to_string(owner.gid)) + "\n");
    else
        system.print(fmt::format("uid={} gid={}\n", with_name(owner.uid, user), with_name(owner.gid, group)));
    return 0;
}

int whoami(System& system, Args const& args)
{
    auto const name = user_name(system, system.process().owner.uid);
    if (parse_integer(name))
        return complain(system, args, "unknown uid " + name);
    system.print(name + "\n");
    return 0;
}

int ps(System& system, Args const&)
{
    system.print("PID   USER     TIME  COMMAND\n");
    for (auto const& member : system.kernel().members(*system.process().namespaces.at(NamespaceKind::Pid))) {
        auto const seconds = std::chrono::duration_cast<std::chrono::seconds>(member.cpu_time).count();
        auto command = fmt::format("{}", fmt::join(member.args, " "));
        if (member.state == 'Z')
            command = fmt::format("[{}]", base_name(member.args.empty() ? "" : member.args[0]));
        system.print(fmt::format("{:5} {:<8} {:2}:{:02} {}\n", member.pid, user_name(system, member.uid), seconds / 60,
            seconds % 60, command));
    }
    return 0;
}

int pwd(System& system, Args const&)
{
    system.print(system.working_directory() + "\n");
    return 0;
}

int kill_program(System& system, Args const& args)
{
    int signal = sigterm;
    std::size_t i = 1;
    if (i < args.size() && args[i] == "-l") {
        for (int number = 1; number <= last_signal; ++number)
            system.print(fmt::format("{:2}) {}\n", number, signal_name(number)));
        return 0;
    }
    if (i < args.size() && args[i].size() > 1 && args[i][0] == '-') {
        auto const name = args[i] == "-s" && i + 1 < args.size() ? args[++i] : args[i].substr(1);
        auto const number = parse_signal(name);
        if (!number) {
            system.complain(fmt::format("sh: bad signal name '{}'\n", name));
            return 1;
        }
        signal = *number;
        ++i;
    }
    if (i == args.size()) {
        system.complain("sh: you need to specify whom to kill\n");
        return 1;
    }
    int status = 0;
    for (; i < args.size(); ++i) {
        auto const pid = parse_integer(args[i]);
        if (!pid) {
            system.complain(fmt::format("sh: invalid number '{}'\n", args[i]));
            status = 1;
        } else if (auto const sent = system.kill(*pid, signal); !sent) {
            system.complain(fmt::format("sh: can't kill pid {}: {}\n", *pid, reason_of(sent.error())));
            status = 1;
        }
    }
    return status;
}

int date(System& system, Args const& args)
{
    auto const now = system.now().nanoseconds;
    std::size_t const i = args.size() > 1 && args[1] == "-u" ? 2 : 1;
    if (i < args.size() && args[i].starts_with('+')) {
        auto format = args[i].substr(1);
        if (auto const at = format.find("%N"); at != std::string::npos)
            format.replace(at, 2, fmt::format("{:09}", now % 1'000'000'000));
        if (auto const at = format.find("%s"); at != std::string::npos)
            format.replace(at, 2, std::to_string(now / 1'000'000'000));
        system.print(time_text(now, format.c_str()) + "\n");
        return 0;
    }
    if (i < args.size())
        return complain(system, args, fmt::format("invalid date '{}'", args[i]));
    system.print(time_text(now, "%a %b %e %H:%M:%S UTC %Y") + "\n");
    return 0;
}

int which(System& system, Args const& args)
{
    int status = 0;
    for (std::size_t i = 1; i < args.size(); ++i) {
        if (auto const path = system.find_program(args[i]))
            system.print(*path + "\n");
        else
            status = 1;
    }
    return status;
}

}

void add_system_applets(ProgramTable& table)
{
    table.insert({ { "sleep", sleep_program }, { "true", true_program }, { "false", false_program }, { "env", env },
        { "printenv", printenv }, { "hostname", hostname }, { "uname", uname }, { "id", id }, { "whoami", whoami },
        { "ps", ps }, { "pwd", pwd }, { "kill", kill_program }, { "date", date }, { "which", which } });
}

}
