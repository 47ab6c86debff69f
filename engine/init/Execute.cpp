#include "engine/init/Execute.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <climits>
#include <csignal>

namespace drydock::init {

namespace {

constexpr std::string_view default_path = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

// Nothing to say where it is there already: mkdir -p.
void make_directories(std::string const& path, Steps& steps)
{
    for (auto end = path.find('/', 1);; end = path.find('/', end + 1)) {
        auto const part = path.substr(0, end);
        if (::mkdir(part.c_str(), 0755) == 0)
            steps.made("mkdir(2)", quoted(part) + ", 0755", 0);
        if (end == path.npos)
            return;
    }
}

std::string_view variable(std::vector<std::string> const& env, std::string_view name)
{
    for (auto const& entry : env) {
        if (entry.size() > name.size() && entry.starts_with(name) && entry[name.size()] == '=')
            return std::string_view(entry).substr(name.size() + 1);
    }
    return {};
}

// A bundle's filter may be older than faccessat2(2), which faccessat(3) makes, and refuses it with EPERM then; the C
// library goes back to the old call only on ENOSYS. access(2) asks for the real ids, which are the effective ones by
// now.
bool may_execute(std::string const& path)
{
    if (::faccessat(AT_FDCWD, path.c_str(), X_OK, AT_EACCESS) == 0)
        return true;
    return errno == EPERM && ::access(path.c_str(), X_OK) == 0;
}

bool is_executable_file(std::string const& path)
{
    struct stat status { };
    return ::stat(path.c_str(), &status) == 0 && S_ISREG(status.st_mode) && may_execute(path);
}

// A name with a slash is a path and must be right as it stands.
std::string check_path(std::string const& name, Steps& steps)
{
    struct stat status { };
    auto const exec = "exec: " + quoted(name) + ": ";
    if (::stat(name.c_str(), &status) != 0) {
        if (errno == EACCES)
            steps.fail(FailureKind::Forbidden, exec + "permission denied");
        steps.fail(FailureKind::NotFound, exec + "stat " + name + ": no such file or directory");
    }
    if (S_ISDIR(status.st_mode))
        steps.fail(FailureKind::Forbidden, exec + "is a directory");
    if (!is_executable_file(name))
        steps.fail(FailureKind::Forbidden, exec + "permission denied");
    return name;
}

std::string find_in_path(std::string const& name, std::string_view path, Steps& steps)
{
    while (!name.empty()) {
        auto const colon = path.find(':');
        auto const directory = path.substr(0, colon);
        auto const candidate = (directory.empty() ? "." : std::string(directory)) + "/" + name;
        if (is_executable_file(candidate))
            return candidate;
        if (colon == path.npos)
            break;
        path.remove_prefix(colon + 1);
    }
    steps.fail(FailureKind::NotFound, "exec: " + quoted(name) + ": executable file not found in $PATH");
}

}

[[noreturn]] void refuse(std::string const& path, int error, Steps& steps)
{
    std::string const exec = "exec " + path + ": ";
    // The file is there, so what is missing is the interpreter that it names, or the dynamic loader.
    if (error == ENOENT)
        steps.fail(FailureKind::NotFound, exec + "no such file or directory");
    if (error == EACCES || error == EPERM)
        steps.fail(FailureKind::Forbidden, exec + "permission denied");
    if (error == ENOEXEC)
        steps.fail(FailureKind::Forbidden, exec + "exec format error");
    steps.fail_errno("executing " + path, "execve(2)", error);
}

void enter_working_directory(Spec const& spec, Steps& steps)
{
    auto const path = spec.working_dir.empty() ? std::string("/") : spec.working_dir;
    if (path.front() != '/')
        steps.fail(FailureKind::InvalidInput, "the working directory " + quoted(path) + " is not an absolute path");
    if (!spec.join) // only a container's own is made
        make_directories(path, steps);
    else if (struct stat status {}; ::stat(path.c_str(), &status) != 0)
        steps.fail(FailureKind::InvalidInput,
            "chdir to cwd (" + quoted(path) + ") set in config.json failed: no such file or directory");
    steps.must("entering the working directory", "chdir(2)", quoted(path), ::chdir(path.c_str()));
    // CVE-2024-21626: the path may lead through /proc/self/fd to a directory outside. The system call itself says so
    // by "(unreachable)" where the C library would hide it.
    std::array<char, PATH_MAX> where {};
    if (::syscall(SYS_getcwd, where.data(), where.size()) < 0 || where[0] != '/')
        steps.fail(FailureKind::Forbidden, "the working directory " + quoted(path) + " lies outside the container");
}

Program find_program(Spec const& spec, Identity const& identity, Steps& steps)
{
    if (spec.args.empty())
        steps.fail(FailureKind::InvalidInput, "no command specified");
    Program program { {}, spec.args, spec.env };
    auto& env = program.env;
    if (variable(env, "PATH").empty())
        env.push_back("PATH=" + std::string(default_path));
    if (variable(env, "HOME").empty())
        env.push_back("HOME=" + identity.home);
    auto const& name = program.args.front();
    program.path
        = name.find('/') != name.npos ? check_path(name, steps) : find_in_path(name, variable(env, "PATH"), steps);
    return program;
}

int become(Program& program)
{
    ::execve(program.path.c_str(), pointers_to(program.args).data(), pointers_to(program.env).data());
    return errno;
}

void execute(Spec const& spec, Identity const& identity, Steps& steps)
{
    steps.report(PhaseReport { "execute" });
    auto program = find_program(spec, identity, steps);

    // CVE-2024-21626 again: not one descriptor of the engine's may reach the program.
    steps.must("closing what is open", "close_range(2)", "3, ~0, CLOSE_RANGE_CLOEXEC",
        ::syscall(SYS_close_range, 3U, ~0U, 1U << 2)); // CLOSE_RANGE_CLOEXEC of <linux/close_range.h>
    sigset_t none;
    ::sigemptyset(&none);
    ::sigprocmask(SIG_SETMASK, &none, nullptr);
    steps.report(ExecutingReport { program.path });
    steps.flush();
    refuse(program.path, become(program), steps);
}

}
