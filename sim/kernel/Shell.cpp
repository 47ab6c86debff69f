#include "sim/kernel/Shell.h"

#include "sim/kernel/Paths.h"
#include "sim/kernel/Programs.h"
#include "sim/kernel/ShellExpansion.h"

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace drydock::kernel::shell {

namespace {

constexpr Duration command_cost = std::chrono::microseconds(20);

// Puts the descriptors back that a redirection changed.
class FilesGuard {
public:
    explicit FilesGuard(System& system)
        : m_system(system)
        , m_files(system.files())
    {
    }
    ~FilesGuard()
    {
        if (m_restores)
            m_system.set_files(std::move(m_files));
    }
    void keep() { m_restores = false; }
    FilesGuard(FilesGuard const&) = delete;
    FilesGuard& operator=(FilesGuard const&) = delete;

private:
    System& m_system;
    std::map<int, std::shared_ptr<OpenFile>> m_files;
    bool m_restores { true };
};

class Counted {
public:
    explicit Counted(int& count)
        : m_count(++count)
    {
    }
    ~Counted() { --m_count; }
    Counted(Counted const&) = delete;
    Counted& operator=(Counted const&) = delete;

private:
    int& m_count;
};

class HereDocument final : public OpenFile {
public:
    explicit HereDocument(std::string text)
        : m_text(std::move(text))
    {
    }
    Result<std::size_t> read(Process*, std::span<char> buffer) override
    {
        auto const count = m_text.copy(buffer.data(), buffer.size());
        m_text.erase(0, count);
        return count;
    }
    Result<void> write(Process*, std::string_view) override { return fail(Error::from_errno("write(2)", EBADF)); }

private:
    std::string m_text;
};

bool is_number(std::string_view text)
{
    return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
}

}

Shell::Shell(System& system, std::string name, std::vector<std::string> arguments)
    : m_system(system)
    , m_name(std::move(name))
    , m_arguments(std::move(arguments))
    , m_shell_pid(system.process().pid)
{
    for (auto const& entry : system.process().env) {
        auto const equals = entry.find('=');
        m_variables[entry.substr(0, equals)] = { entry.substr(equals + 1), true };
    }
    m_variables.try_emplace("PATH", Variable { "/sbin:/usr/sbin:/bin:/usr/bin" });
    m_variables["PWD"] = { system.working_directory(), true };
    export_environment();
}

Shell::Shell(System& system, Shell const& parent)
    : exit_on_error(parent.exit_on_error)
    , trace(parent.trace)
    , unset_is_error(parent.unset_is_error)
    , m_system(system)
    , m_name(parent.m_name)
    , m_arguments(parent.m_arguments)
    , m_variables(parent.m_variables)
    , m_functions(parent.m_functions)
    , m_status(parent.m_status)
    , m_last_background(parent.m_last_background)
    , m_shell_pid(parent.m_shell_pid)
    , m_untested(parent.m_untested)
{
}

// ---- Scripts ----

int Shell::guarded(std::function<int()> const& body)
{
    try {
        m_status = body();
    } catch (Exit const& exit) {
        m_status = exit.status;
    } catch (Return const& returned) {
        m_status = returned.status;
    } catch (ExpansionFailed const& failed) {
        m_status = complain(failed.message, 2);
    } catch (Break const&) {
    } catch (Continue const&) {
    }
    if (auto const trap = m_traps.find(0); trap != m_traps.end()) {
        auto const action = std::move(trap->second);
        m_traps.erase(trap);
        int const status = m_status;
        int const after = guarded([&] {
            auto const tree = parse(action);
            return tree ? (run(*tree), status) : status;
        });
        m_status = after;
    }
    return m_status;
}

int Shell::run_script(std::string_view script)
{
    return guarded([&] {
        auto const tree = parse(script);
        return tree ? run(*tree) : complain(tree.error().message(), 2);
    });
}

int Shell::run_command_line(std::string_view script)
{
    return guarded([&] {
        auto const tree = parse(script);
        if (!tree)
            return complain(tree.error().message(), 2);
        if (!(*tree)->children.empty() && (*tree)->children.back()->kind == Node::Kind::Simple)
            m_last = (*tree)->children.back().get();
        return run(*tree);
    });
}

int Shell::run_standard_input()
{
    auto const stdin_file = m_system.files()[0];
    bool const prompts = stdin_file != nullptr && stdin_file->attributes().type == FileType::CharDevice
        && stdin_file->attributes().device_major == terminal_major; // and not /dev/null
    return guarded([&] {
        std::string script;
        for (;;) {
            if (prompts)
                (void)m_system.write(2, script.empty() ? m_system.working_directory() + " # " : std::string("> "));
            std::string line;
            char c = 0;
            Result<std::size_t> count = 0;
            while ((count = m_system.read(0, { &c, 1 })) && *count == 1 && c != '\n')
                line += c;
            bool const at_end = !count || *count == 0;
            script += line + "\n";
            auto const tree = parse(script);
            bool const unfinished = !tree
                && (tree.error().message().find("end of file") != std::string::npos
                    || tree.error().message().find("unterminated") != std::string::npos);
            if (unfinished && !at_end)
                continue;
            script.clear();
            m_status = tree ? run(*tree) : complain(tree.error().message(), 2);
            if (at_end || (!tree && !prompts))
                return m_status;
        }
    });
}

int Shell::complain(std::string const& message, int status)
{
    m_system.complain(m_name + ": " + message + "\n");
    return status;
}

// ---- Variables ----

void Shell::assign(std::string const& name, std::string value)
{
    auto& variable = m_variables[name];
    if (variable.read_only)
        throw ExpansionFailed { name + ": is read only" };
    variable.value = std::move(value);
    if (variable.exported)
        export_environment();
    m_system.hold_memory(memory_of_variables());
}

std::uint64_t Shell::memory_of_variables() const
{
    std::uint64_t bytes = 0;
    for (auto const& [name, variable] : m_variables)
        bytes += name.size() + variable.value.size();
    return bytes;
}

std::optional<std::string> Shell::lookup(std::string const& name) const
{
    auto const found = m_variables.find(name);
    return found == m_variables.end() ? std::nullopt : std::optional(found->second.value);
}

void Shell::export_environment()
{
    std::vector<std::string> env;
    for (auto const& [name, variable] : m_variables) {
        if (variable.exported)
            env.push_back(name + "=" + variable.value);
    }
    m_system.process().env = std::move(env);
}

// ---- Commands ----

int Shell::run(NodePtr const& node)
{
    run_traps();
    m_system.compute(command_cost);
    m_status = run_node(node);
    bool const can_fail
        = node->kind == Node::Kind::Simple || node->kind == Node::Kind::Pipeline || node->kind == Node::Kind::Subshell;
    if (m_status != 0 && exit_on_error && can_fail && !node->negated && m_untested == 0)
        throw Exit { m_status };
    run_traps();
    return m_status;
}

int Shell::run_node(NodePtr const& node)
{
    std::optional<FilesGuard> guard;
    if (node->kind != Node::Kind::Simple && !node->redirects.empty()) {
        guard.emplace(m_system);
        if (!redirect_all(node->redirects))
            return 1;
    }
    switch (node->kind) {
    case Node::Kind::Simple: return run_simple(*node);
    case Node::Kind::Pipeline: return run_pipeline(*node);
    case Node::Kind::And:
    case Node::Kind::Or: {
        int status = 0;
        {
            Counted const untested(m_untested);
            status = run(node->children[0]);
        }
        return (status == 0) == (node->kind == Node::Kind::And) ? run(node->children[1]) : status;
    }
    case Node::Kind::Sequence: {
        int status = 0;
        for (auto const& child : node->children)
            status = run(child);
        return node->children.empty() ? 0 : status;
    }
    case Node::Kind::Background: return run_background(node->children[0]);
    case Node::Kind::If: return run_if(*node);
    case Node::Kind::For: return run_for(*node);
    case Node::Kind::While:
    case Node::Kind::Until: return run_while(*node);
    case Node::Kind::Case: return run_case(*node);
    case Node::Kind::Group: return run(node->children[0]);
    case Node::Kind::Subshell: return run_subshell(node->children[0]);
    case Node::Kind::Function: m_functions[node->variable] = node->children[0]; return 0;
    }
    return 0;
}

int Shell::run_if(Node const& node)
{
    std::size_t i = 0;
    for (; i + 1 < node.children.size(); i += 2) {
        int status = 0;
        {
            Counted const untested(m_untested);
            status = run(node.children[i]);
        }
        if (status == 0)
            return run(node.children[i + 1]);
    }
    return i < node.children.size() ? run(node.children[i]) : 0;
}

bool Shell::iterate(NodePtr const& body)
{
    try {
        Counted const in_loop(m_loops);
        run(body);
        return true;
    } catch (Break const& leaving) {
        if (leaving.levels > 1)
            throw Break { leaving.levels - 1 };
        m_status = 0;
        return false;
    } catch (Continue const& leaving) {
        if (leaving.levels > 1)
            throw Continue { leaving.levels - 1 };
        m_status = 0;
        return true;
    }
}

int Shell::run_for(Node const& node)
{
    m_status = 0;
    auto const values = node.over_arguments ? m_arguments : Expander(*this).fields(node.words);
    for (auto const& value : values) {
        assign(node.variable, value);
        if (!iterate(node.children[0]))
            break;
    }
    return m_status;
}

int Shell::run_while(Node const& node)
{
    int status = 0;
    for (;;) {
        int condition = 0;
        {
            Counted const untested(m_untested);
            condition = run(node.children[0]);
        }
        if ((condition == 0) != (node.kind == Node::Kind::While))
            return status;
        bool const goes_on = iterate(node.children[1]);
        status = m_status;
        if (!goes_on)
            return status;
    }
}

int Shell::run_case(Node const& node)
{
    auto const word = Expander(*this).text(node.words[0]);
    for (std::size_t i = 0; i < node.patterns.size(); ++i) {
        for (auto const& pattern : node.patterns[i]) {
            if (matches_pattern(Expander(*this).pattern(pattern), word))
                return run(node.children[i]);
        }
    }
    return 0;
}

int Shell::run_function(NodePtr const& body, Args const& args)
{
    auto const saved = std::exchange(m_arguments, { args.begin() + 1, args.end() });
    int status = 0;
    try {
        status = run(body);
    } catch (Return const& returned) {
        status = returned.status;
    }
    m_arguments = saved;
    return status;
}

int Shell::run_simple(Node const& node)
{
    m_substitution_status.reset();
    auto const args = Expander(*this).fields(node.words);
    if (trace && !args.empty()) {
        std::string line = "+";
        for (auto const& arg : args)
            line += " " + arg;
        m_system.complain(line + "\n");
    }
    FilesGuard guard(m_system);
    if (!redirect_all(node.redirects))
        return 1;
    std::vector<std::string> assignments;
    for (auto const& assignment : node.assignments) {
        auto const equals = assignment.find('=');
        auto const name = assignment.substr(0, equals);
        auto value = Expander(*this).text(std::string_view(assignment).substr(equals + 1));
        if (args.empty())
            assign(name, std::move(value));
        else
            assignments.push_back(name + "=" + value);
    }
    if (args.empty())
        return m_substitution_status.value_or(0);
    if (auto const function = m_functions.find(args[0]); function != m_functions.end())
        return run_function(NodePtr(function->second), args);
    if (auto const builtin = builtins().find(args[0]); builtin != builtins().end()) {
        for (auto const& assignment : assignments)
            assign(assignment.substr(0, assignment.find('=')), assignment.substr(assignment.find('=') + 1));
        int const status = (this->*builtin->second)(args);
        if (std::exchange(m_keep_redirects, false))
            guard.keep();
        return status;
    }
    if (&node == m_last && m_traps.empty())
        return become(args, assignments);
    return run_program(args, assignments);
}

int Shell::run_program(Args const& args, std::vector<std::string> const& assignments)
{
    return wait_for(start_child([args, assignments](Shell& child) { return child.become(args, assignments); }));
}

// Executes the program in this process; comes back only with its exit status, or what ash says where it cannot.
int Shell::become(Args const& args, std::vector<std::string> const& assignments)
{
    for (auto const& assignment : assignments)
        m_variables[assignment.substr(0, assignment.find('='))] = { assignment.substr(assignment.find('=') + 1), true };
    export_environment();
    auto const path = m_system.find_program(args[0]);
    if (!path)
        return path.error().errno_code() == EACCES ? complain(args[0] + ": Permission denied", 126)
                                                   : complain(args[0] + ": not found", 127);
    auto const status = m_system.execute(*path, args);
    if (status)
        throw Exit { *status };
    auto const code = status.error().errno_code();
    if (code == ENOENT)
        return complain(args[0] + ": not found", 127);
    if (code != ENOEXEC)
        return complain(args[0] + ": " + reason_of(status.error()), 126);
    auto const content = m_system.read_file(*path);
    if (content
        && content->starts_with("\x7f"
                                "ELF"))
        return complain(args[0]
                + ": exec format error: this program is real machine code; the simulated kernel runs only its "
                  "built-in applets",
            126);
    // A file without "#!" is a script of ours; POSIX, 2.9.1.1.
    Shell script(m_system, *path, { args.begin() + 1, args.end() });
    throw Exit { script.run_script(content ? *content : "") };
}

std::int64_t Shell::start_child(std::function<int(Shell&)> body)
{
    std::shared_ptr<Shell const> const state(new Shell(m_system, *this));
    auto const child_pid = m_system.fork(m_system.process().args, [state, body = std::move(body)](System& system) {
        Shell child(system, *state);
        return child.guarded([&] { return body(child); });
    });
    if (!child_pid) // ends the shell, as in ash
        throw Exit { complain("can't fork: " + reason_of(child_pid.error()), 2) };
    return *child_pid;
}

int Shell::wait_for(std::int64_t pid)
{
    for (;;) {
        auto const ended = m_system.wait(pid);
        if (!ended && ended.error().errno_code() == EINTR) {
            catch_signals(); // its trap runs when the child has ended; POSIX, 2.11
            continue;
        }
        if (!ended)
            return 127;
        if (ended->status.signal != 0 && ended->status.signal != sigpipe && ended->status.signal != sigint)
            m_system.complain(std::string(strsignal(ended->status.signal)) + "\n");
        return ended->status.code;
    }
}

int Shell::run_subshell(NodePtr const& body)
{
    return wait_for(start_child([body](Shell& child) { return child.run(body); }));
}

int Shell::run_background(NodePtr const& body)
{
    m_last_background = start_child([body](Shell& child) {
        if (auto const null = child.m_system.open("/dev/null", open_to_read)) {
            (void)child.m_system.duplicate(*null, 0);
            if (*null != 0)
                child.m_system.close(*null);
        }
        child.m_last = body.get();
        return child.run(body);
    });
    return 0;
}

int Shell::run_pipeline(Node const& node)
{
    if (node.children.size() == 1) {
        Counted const untested(m_untested);
        return run(node.children[0]) == 0 ? 1 : 0;
    }
    std::vector<std::int64_t> pids;
    std::shared_ptr<OpenFile> input;
    for (auto const& stage : node.children) {
        auto next = &stage == &node.children.back() ? Pipe {} : make_pipe(m_system.kernel());
        // The child takes the ends out, so that each exists once and its end is seen.
        auto const ends = std::make_shared<Pipe>(Pipe { std::move(input), std::move(next.writer) });
        input = std::move(next.reader);
        pids.push_back(start_child([stage, ends](Shell& child) {
            auto files = child.m_system.files();
            if (ends->reader)
                files[0] = std::move(ends->reader);
            if (ends->writer)
                files[1] = std::move(ends->writer);
            child.m_system.set_files(std::move(files));
            child.m_last = stage.get();
            return child.run(stage);
        }));
    }
    int status = 0;
    for (auto const pid : pids)
        status = wait_for(pid);
    return node.negated ? (status == 0 ? 1 : 0) : status;
}

std::string Shell::command_output(std::string_view script)
{
    auto pipe = make_pipe(m_system.kernel());
    auto const writer = std::make_shared<std::shared_ptr<OpenFile>>(std::move(pipe.writer));
    auto const pid = start_child([writer, text = std::string(script)](Shell& child) {
        auto files = child.m_system.files();
        files[1] = std::move(*writer);
        child.m_system.set_files(std::move(files));
        return child.run_command_line(text);
    });
    std::string output;
    std::array<char, 4096> buffer {};
    for (;;) {
        auto const count = pipe.reader->read(&m_system.process(), buffer);
        if (!count)
            catch_signals();
        else if (*count == 0)
            break;
        else {
            output.append(buffer.data(), *count);
            m_system.hold_memory(memory_of_variables() + output.size());
        }
    }
    m_status = wait_for(pid);
    m_substitution_status = m_status;
    output.erase(output.find_last_not_of('\n') + 1);
    return output;
}

// ---- Signals ----

void Shell::catch_signals()
{
    while (auto const signal = m_system.take_signal())
        m_caught.push_back(*signal);
}

void Shell::run_traps()
{
    catch_signals();
    while (!m_caught.empty() && !m_running_trap) {
        auto const trap = m_traps.find(m_caught.front());
        m_caught.pop_front();
        if (trap == m_traps.end())
            continue;
        auto const action = trap->second;
        int const status = m_status;
        if (auto const tree = parse(action)) {
            m_running_trap = true;
            try {
                run(*tree);
            } catch (...) {
                m_running_trap = false;
                throw;
            }
            m_running_trap = false;
        }
        m_status = status;
    }
}

// ---- Redirections ----

Result<void> Shell::redirect_all(std::deque<Redirect> const& redirects)
{
    for (auto const& each : redirects) {
        if (auto done = redirect(each); !done) {
            complain(done.error().message(), 1);
            return done;
        }
    }
    return {};
}

Result<void> Shell::redirect(Redirect const& redirect)
{
    using Kind = Redirect::Kind;
    if (redirect.kind == Kind::Here) {
        auto files = m_system.files();
        files[redirect.fd] = std::make_shared<HereDocument>(
            redirect.expand ? Expander(*this).here_document(redirect.word) : redirect.word);
        m_system.set_files(std::move(files));
        return {};
    }
    auto const word = Expander(*this).text(redirect.word);
    if (redirect.kind == Kind::Duplicate) {
        if (word == "-") {
            m_system.close(redirect.fd);
            return {};
        }
        if (!is_number(word) || !m_system.duplicate(std::atoi(word.c_str()), redirect.fd))
            return fail(ErrorKind::InvalidInput, word + ": Bad file descriptor");
        return {};
    }
    OpenFlags const flags = redirect.kind == Kind::Read ? open_to_read
        : redirect.kind == Kind::Append                 ? open_to_append
        : redirect.kind == Kind::ReadWrite              ? OpenFlags { .read = true, .write = true, .create = true }
                                                        : open_to_write;
    auto const fd = m_system.open(word, flags);
    if (!fd) {
        bool const missing = fd.error().errno_code() == ENOENT;
        auto const reason = !missing ? reason_of(fd.error()) : flags.create ? "nonexistent directory" : "no such file";
        return fail(ErrorKind::Io, (flags.create ? "can't create " : "can't open ") + word + ": " + reason);
    }
    if (*fd != redirect.fd) {
        (void)m_system.duplicate(*fd, redirect.fd);
        m_system.close(*fd);
    }
    return {};
}

}
