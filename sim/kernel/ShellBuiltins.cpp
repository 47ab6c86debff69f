#include "sim/kernel/Paths.h"
#include "sim/kernel/Programs.h"
#include "sim/kernel/Shell.h"
#include "sim/kernel/ShellExpansion.h"

#include <algorithm>
#include <cerrno>
#include <cstdio>

namespace drydock::kernel::shell {

namespace {

std::optional<int> number_of(std::string const& text)
{
    if (text.empty() || text.size() > 9 || text.find_first_not_of("0123456789") != std::string::npos)
        return std::nullopt;
    return std::atoi(text.c_str());
}

}

std::map<std::string, Shell::Builtin> const& Shell::builtins()
{
    static std::map<std::string, Builtin> const table {
        { ":", &Shell::builtin_colon },
        { "true", &Shell::builtin_colon },
        { "false", &Shell::builtin_false },
        { "exit", &Shell::builtin_exit },
        { "return", &Shell::builtin_return },
        { "break", &Shell::builtin_break },
        { "continue", &Shell::builtin_continue },
        { "cd", &Shell::builtin_cd },
        { "export", &Shell::builtin_export },
        { "readonly", &Shell::builtin_readonly },
        { "unset", &Shell::builtin_unset },
        { "set", &Shell::builtin_set },
        { "shift", &Shell::builtin_shift },
        { "trap", &Shell::builtin_trap },
        { "wait", &Shell::builtin_wait },
        { "eval", &Shell::builtin_eval },
        { ".", &Shell::builtin_source },
        { "exec", &Shell::builtin_exec },
        { "read", &Shell::builtin_read },
        { "umask", &Shell::builtin_umask },
        { "type", &Shell::builtin_type },
        { "echo", &Shell::builtin_applet },
        { "printf", &Shell::builtin_applet },
        { "test", &Shell::builtin_applet },
        { "[", &Shell::builtin_applet },
        { "kill", &Shell::builtin_applet },
        { "pwd", &Shell::builtin_applet },
    };
    return table;
}

int Shell::builtin_colon(Args const&)
{
    return 0;
}

int Shell::builtin_false(Args const&)
{
    return 1;
}

int Shell::builtin_applet(Args const& args)
{
    int const status = programs().at(args[0])(m_system, args);
    m_system.flush();
    return status;
}

int Shell::builtin_exit(Args const& args)
{
    if (args.size() < 2)
        throw Exit { m_status };
    auto const status = number_of(args[1]);
    throw Exit { status ? *status : complain("exit: line 0: Illegal number: " + args[1], 2) };
}

int Shell::builtin_return(Args const& args)
{
    throw Return { args.size() < 2 ? m_status : number_of(args[1]).value_or(2) };
}

int Shell::builtin_break(Args const& args)
{
    if (m_loops > 0)
        throw Break { std::min(m_loops, args.size() < 2 ? 1 : number_of(args[1]).value_or(1)) };
    return 0;
}

int Shell::builtin_continue(Args const& args)
{
    if (m_loops > 0)
        throw Continue { std::min(m_loops, args.size() < 2 ? 1 : number_of(args[1]).value_or(1)) };
    return 0;
}

int Shell::builtin_cd(Args const& args)
{
    auto target = args.size() > 1 ? args[1] : lookup("HOME").value_or("/");
    bool const back = target == "-";
    if (back)
        target = lookup("OLDPWD").value_or("/");
    auto const before = m_system.working_directory();
    if (auto const changed = m_system.change_directory(target); !changed)
        return complain("cd: line 0: can't cd to " + target + ": " + reason_of(changed.error()), 2);
    assign("OLDPWD", before);
    assign("PWD", m_system.working_directory());
    if (back) {
        m_system.print(m_system.working_directory() + "\n");
        m_system.flush();
    }
    return 0;
}

int Shell::builtin_export(Args const& args)
{
    if (args.size() == 1 || args[1] == "-p") {
        for (auto const& [name, variable] : m_variables) {
            if (variable.exported)
                m_system.print("export " + name + "='" + variable.value + "'\n");
        }
        m_system.flush();
        return 0;
    }
    for (std::size_t i = 1; i < args.size(); ++i) {
        auto const equals = args[i].find('=');
        auto const name = args[i].substr(0, equals);
        if (equals != std::string::npos)
            assign(name, args[i].substr(equals + 1));
        if (equals != std::string::npos || m_variables.contains(name))
            m_variables[name].exported = true;
    }
    export_environment();
    return 0;
}

int Shell::builtin_readonly(Args const& args)
{
    for (std::size_t i = 1; i < args.size(); ++i) {
        auto const equals = args[i].find('=');
        if (equals != std::string::npos)
            assign(args[i].substr(0, equals), args[i].substr(equals + 1));
        m_variables[args[i].substr(0, equals)].read_only = true;
    }
    return 0;
}

int Shell::builtin_unset(Args const& args)
{
    for (std::size_t i = 1; i < args.size(); ++i) {
        m_variables.erase(args[i]);
        m_functions.erase(args[i]);
    }
    export_environment();
    return 0;
}

int Shell::builtin_set(Args const& args)
{
    std::size_t i = 1;
    for (; i < args.size() && args[i].size() > 1 && (args[i][0] == '-' || args[i][0] == '+'); ++i) {
        if (args[i] == "--") {
            ++i;
            m_arguments.assign(args.begin() + static_cast<std::ptrdiff_t>(i), args.end());
            return 0;
        }
        bool const on = args[i][0] == '-';
        for (char const option : args[i].substr(1)) {
            if (option == 'e')
                exit_on_error = on;
            else if (option == 'u')
                unset_is_error = on;
            else if (option == 'x')
                trace = on;
            else
                return complain("set: line 0: illegal option " + args[i], 2);
        }
    }
    if (i < args.size())
        m_arguments.assign(args.begin() + static_cast<std::ptrdiff_t>(i), args.end());
    return 0;
}

int Shell::builtin_shift(Args const& args)
{
    auto const count = static_cast<std::size_t>(args.size() > 1 ? number_of(args[1]).value_or(1) : 1);
    if (count > m_arguments.size())
        return 1;
    m_arguments.erase(m_arguments.begin(), m_arguments.begin() + static_cast<std::ptrdiff_t>(count));
    return 0;
}

int Shell::builtin_trap(Args const& args)
{
    if (args.size() == 1) {
        for (auto const& [signal, action] : m_traps)
            m_system.print("trap -- '" + action + "' " + signal_name(signal) + "\n");
        m_system.flush();
        return 0;
    }
    bool const resets = args[1] == "-" || parse_signal(args[1]).has_value();
    int status = 0;
    for (std::size_t i = args.size() > 2 || args[1] == "-" ? 2 : 1; i < args.size(); ++i) {
        auto const signal = parse_signal(args[i]);
        if (!signal) {
            status = complain("trap: " + args[i] + ": invalid signal specification", 1);
            continue;
        }
        auto const disposition = resets ? Disposition::Default
            : args[1].empty()           ? Disposition::Ignored
                                        : Disposition::Handled;
        if (resets)
            m_traps.erase(*signal);
        else
            m_traps[*signal] = args[1];
        if (*signal != 0)
            m_system.set_disposition(*signal, disposition);
    }
    return status;
}

int Shell::builtin_wait(Args const& args)
{
    int status = 0;
    for (std::size_t i = 1; i < args.size() || args.size() == 1; ++i) {
        auto const pid = args.size() == 1 ? -1 : number_of(args[i]).value_or(0);
        auto const ended = m_system.wait(pid);
        if (!ended && ended.error().errno_code() == EINTR) {
            catch_signals();
            return 128 + m_caught.back(); // POSIX, 2.11: wait returns at once, then the trap runs
        }
        if (!ended && args.size() == 1)
            return 0; // all children have ended
        status = ended ? ended->status.code : 127;
    }
    return status;
}

int Shell::builtin_eval(Args const& args)
{
    std::string script;
    for (std::size_t i = 1; i < args.size(); ++i)
        script += args[i] + " ";
    auto const tree = parse(script);
    return tree ? run(*tree) : complain(tree.error().message(), 2);
}

int Shell::builtin_source(Args const& args)
{
    if (args.size() < 2)
        return 0;
    auto const script = m_system.read_file(args[1]);
    if (!script)
        throw Exit { complain(".: line 0: can't open '" + args[1] + "': " + reason_of(script.error()), 2) };
    auto const tree = parse(*script);
    return tree ? run(*tree) : complain(tree.error().message(), 2);
}

int Shell::builtin_exec(Args const& args)
{
    if (args.size() > 1)
        throw Exit { become({ args.begin() + 1, args.end() }, {}) };
    m_keep_redirects = true;
    return 0;
}

int Shell::builtin_read(Args const& args)
{
    bool const raw = args.size() > 1 && args[1] == "-r";
    std::vector<std::string> names(args.begin() + (raw ? 2 : 1), args.end());
    if (names.empty())
        names.emplace_back("REPLY");
    std::string line;
    char c = 0;
    Result<std::size_t> count = 0;
    while ((count = m_system.read(0, { &c, 1 })) && *count == 1 && c != '\n')
        line += c;
    auto const skip_blanks = [&] { line.erase(0, std::min(line.find_first_not_of(" \t"), line.size())); };
    for (auto const& name : names) {
        skip_blanks();
        auto const end = &name == &names.back() ? line.find_last_not_of(" \t") + 1 : line.find_first_of(" \t");
        assign(name, line.substr(0, end));
        line.erase(0, end);
    }
    return count && *count == 1 ? 0 : 1;
}

int Shell::builtin_umask(Args const& args)
{
    if (args.size() > 1) {
        m_system.process().umask = static_cast<std::uint32_t>(std::strtoul(args[1].c_str(), nullptr, 8)) & 0777;
        return 0;
    }
    std::array<char, 8> text {};
    std::snprintf(text.data(), text.size(), "%04o\n", m_system.process().umask);
    m_system.print(text.data());
    m_system.flush();
    return 0;
}

int Shell::builtin_type(Args const& args)
{
    int status = 0;
    for (std::size_t i = 1; i < args.size(); ++i) {
        auto const path = m_system.find_program(args[i]);
        if (m_functions.contains(args[i]))
            m_system.print(args[i] + " is a function\n");
        else if (builtins().contains(args[i]))
            m_system.print(args[i] + " is a shell builtin\n");
        else if (path)
            m_system.print(args[i] + " is " + *path + "\n");
        else {
            m_system.print(args[i] + ": not found\n");
            status = 127;
        }
    }
    m_system.flush();
    return status;
}

}

namespace drydock::kernel {

int shell_program(System& system, Args const& args)
{
    std::size_t at = 1;
    bool on_error = false;
    bool trace = false;
    bool has_command = false;
    bool from_stdin = false;
    for (; at < args.size() && args[at].size() > 1 && args[at][0] == '-'; ++at) {
        for (char const option : args[at].substr(1)) {
            on_error = on_error || option == 'e';
            trace = trace || option == 'x';
            has_command = has_command || option == 'c';
            from_stdin = from_stdin || option == 's';
        }
    }
    auto const rest = [&](std::size_t from) {
        return std::vector<std::string>(
            args.begin() + static_cast<std::ptrdiff_t>(std::min(from, args.size())), args.end());
    };
    if (has_command && at == args.size()) {
        system.complain("sh: -c requires an argument\n");
        return 2;
    }
    bool const has_file = !has_command && !from_stdin && at < args.size();
    auto const name = has_command && at + 1 < args.size() ? args[at + 1] : has_file ? args[at] : args[0];
    shell::Shell sh(system, name, rest(has_command ? at + 2 : has_file ? at + 1 : at));
    sh.exit_on_error = on_error;
    sh.trace = trace;
    if (has_command)
        return sh.run_command_line(args[at]);
    if (!has_file)
        return sh.run_standard_input();
    auto const script = system.read_file(args[at]);
    if (!script) {
        system.complain(name + ": can't open '" + args[at] + "': " + reason_of(script.error()) + "\n");
        return 2;
    }
    return sh.run_script(*script);
}

}
