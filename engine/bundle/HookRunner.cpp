#include "engine/bundle/HookRunner.h"

#include "engine/init/Execute.h"

#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>

namespace drydock::bundle {

namespace {

constexpr std::size_t talk_limit = 4096; // bytes of what a hook says that are kept

// In the forked child.
[[noreturn]] void become_hook(Hook hook, os::Fd const& input, os::Fd const& talk, os::Fd const& process, int flags)
{
    ::dup2(input.get(), 0);
    ::dup2(talk.get(), 1);
    ::dup2(talk.get(), 2);
    std::signal(SIGPIPE, SIG_DFL);
    if (process) {
        // Until it executes, nobody inside may look into this process.
        ::prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
        if (::setns(process.get(), flags) != 0) {
            ::perror("entering the container's namespaces: setns(2)");
            ::_exit(126);
        }
        // The pid namespace is for children only.
        if (auto const pid = ::fork(); pid != 0) {
            int status = 0;
            while (::waitpid(pid, &status, 0) == -1 && errno == EINTR) { }
            ::_exit(WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
        }
    }
    auto args = hook.args.empty() ? std::vector<std::string> { hook.path } : hook.args;
    ::syscall(SYS_close_range, 3U, ~0U, 1U << 2); // CLOSE_RANGE_CLOEXEC
    ::execve(hook.path.c_str(), init::pointers_to(args).data(), init::pointers_to(hook.env).data());
    ::perror("execve(2)");
    ::_exit(127);
}

void hear(os::Fd const& talk, std::string& said)
{
    std::array<char, 1024> bytes {};
    for (ssize_t count = 0; (count = ::read(talk.get(), bytes.data(), bytes.size())) > 0;) {
        if (said.size() < talk_limit)
            said.append(bytes.data(), static_cast<std::size_t>(count));
    }
}

// A hook may leave a daemon behind that keeps the pipe open, so its own end counts and not that of its output.
bool wait_for_end(os::Fd const& process, os::Fd const& talk, std::uint64_t timeout, std::string& said)
{
    auto const deadline = std::chrono::steady_clock::now() + std::chrono::seconds(timeout);
    std::array<pollfd, 2> watched { { { process.get(), POLLIN, 0 }, { talk.get(), POLLIN, 0 } } };
    while (true) {
        auto const left
            = std::chrono::duration_cast<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
        if (timeout != 0 && left.count() <= 0)
            return false;
        if (::poll(watched.data(), watched.size(), timeout == 0 ? -1 : static_cast<int>(left.count())) == -1)
            continue;
        hear(talk, said);
        if ((watched[1].revents & POLLHUP) != 0)
            watched[1].fd = -1;
        if (watched[0].revents != 0)
            return true;
    }
}

Result<os::Fd> memory_file_with(std::string const& text)
{
    os::Fd file(::memfd_create("state", MFD_CLOEXEC));
    if (!file || ::pwrite(file.get(), text.data(), text.size(), 0) != static_cast<ssize_t>(text.size()))
        return failed("memfd_create(2)", errno);
    return file;
}

Result<void> run_hook(Hook const& hook, std::string const& state, os::Fd const& inside, int flags)
{
    auto const input = TRY(memory_file_with(state));
    std::array<int, 2> ends {};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0)
        return failed("pipe2(2)", errno);
    os::Fd const talk(ends[0]);
    os::Fd speech(ends[1]);
    ::fcntl(talk.get(), F_SETFL, O_NONBLOCK);
    auto const pid = ::fork();
    if (pid == 0)
        become_hook(hook, input, speech, inside, flags);
    if (pid < 0)
        return failed("fork(2)", errno);
    speech.reset();
    os::Fd const process(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)));
    std::string said;
    bool const ended = wait_for_end(process, talk, hook.timeout, said);
    if (!ended)
        ::kill(pid, SIGKILL);
    int status = 0;
    while (::waitpid(pid, &status, 0) == -1 && errno == EINTR) { }
    if (!ended)
        return fail(ErrorKind::Io, "took longer than " + std::to_string(hook.timeout) + " seconds");
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
        return {};
    auto const how = WIFEXITED(status) ? "exit status " + std::to_string(WEXITSTATUS(status))
                                       : "signal " + std::to_string(WTERMSIG(status));
    return fail(ErrorKind::Io, how + (said.empty() ? "" : ": " + said));
}

}

std::uint64_t foreign_namespaces(int pid)
{
    constexpr std::array<std::pair<char const*, std::uint64_t>, 7> kinds { { { "user", CLONE_NEWUSER },
        { "mnt", CLONE_NEWNS }, { "pid", CLONE_NEWPID }, { "uts", CLONE_NEWUTS }, { "ipc", CLONE_NEWIPC },
        { "net", CLONE_NEWNET }, { "cgroup", CLONE_NEWCGROUP } } };
    std::uint64_t flags = 0;
    for (auto const& [name, flag] : kinds) {
        struct stat ours { };
        struct stat theirs { };
        auto const at = std::string("/ns/") + name;
        if (::stat(("/proc/self" + at).c_str(), &ours) == 0
            && ::stat(("/proc/" + std::to_string(pid) + at).c_str(), &theirs) == 0 && ours.st_ino != theirs.st_ino)
            flags |= flag;
    }
    return flags;
}

Result<void> run_hooks(std::vector<Hook> const& hooks, char const* kind, State const& state, Status status, Where where)
{
    if (hooks.empty())
        return {};
    os::Fd inside;
    int flags = 0;
    if (where == Where::Inside) {
        inside = os::Fd(static_cast<int>(::syscall(SYS_pidfd_open, state.pid, 0)));
        if (!inside)
            return failed("pidfd_open(2)", errno);
        flags = static_cast<int>(foreign_namespaces(state.pid));
    }
    for (auto const& hook : hooks)
        TRY_WITH("running " + std::string(kind) + " hook " + hook.path,
            run_hook(hook, state_json(state, status), inside, flags));
    return {};
}

}
