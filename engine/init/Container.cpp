#include "engine/init/Container.h"

#include "engine/init/Execute.h"
#include "engine/init/Privileges.h"
#include "engine/init/Reaper.h"
#include "engine/init/Root.h"
#include "engine/init/Terminal.h"

#include <fcntl.h>
#include <net/if.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>

namespace drydock::init {

namespace {

// The monitor dies with the engine; whatever it leaves dies with the monitor.
void tie_to_monitor(Steps& steps)
{
    steps.must("tying the container to its monitor", "prctl(2)", "PR_SET_PDEATHSIG, SIGKILL",
        ::prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0));
    // CVE-2016-9962: until it executes, no process of the container may look into this one.
    steps.must("closing /proc/self to others", "prctl(2)", "PR_SET_DUMPABLE, 0", ::prctl(PR_SET_DUMPABLE, 0, 0, 0, 0));
}

struct NamespaceName {
    char const* kind; // as in /proc/PID/ns
    std::uint64_t flag;
    char const* flag_name;
};
constexpr std::array<NamespaceName, 7> namespace_names { { { "user", CLONE_NEWUSER, "CLONE_NEWUSER" },
    { "mnt", CLONE_NEWNS, "CLONE_NEWNS" }, { "pid", CLONE_NEWPID, "CLONE_NEWPID" },
    { "uts", CLONE_NEWUTS, "CLONE_NEWUTS" }, { "ipc", CLONE_NEWIPC, "CLONE_NEWIPC" },
    { "net", CLONE_NEWNET, "CLONE_NEWNET" }, { "cgroup", CLONE_NEWCGROUP, "CLONE_NEWCGROUP" } } };

void report_namespaces(Spec const& spec, Steps& steps)
{
    for (auto const& [kind, flag, flag_name] : namespace_names) {
        struct stat status { };
        auto const* shared = shared_namespace(spec, flag);
        bool const is_hosts = flag == CLONE_NEWUSER ? !spec.user_namespace : shared != nullptr && shared->owner.empty();
        if (is_hosts || ::stat((std::string("/proc/self/ns/") + kind).c_str(), &status) != 0)
            continue;
        if (shared != nullptr)
            steps.report(JoinedReport { kind, status.st_ino, shared->owner });
        else
            steps.report(NamespaceReport { kind, status.st_ino });
    }
}

}

std::string namespace_flags(std::uint64_t flags)
{
    std::string text;
    for (auto const& name : namespace_names) {
        if ((flags & name.flag) != 0)
            text += (text.empty() ? "" : "|") + std::string(name.flag_name);
    }
    return text;
}

SharedNamespace const* shared_namespace(Spec const& spec, std::uint64_t kind)
{
    auto const found = std::find_if(
        spec.shared.begin(), spec.shared.end(), [kind](auto const& shared) { return shared.kind == kind; });
    return found == spec.shared.end() ? nullptr : &*found;
}

std::uint64_t without_shared(Spec const& spec, std::uint64_t kinds)
{
    for (auto const& shared : spec.shared)
        kinds &= ~shared.kind;
    return kinds;
}

void bring_up_loopback(Steps& steps)
{
    os::Fd const socket(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    ifreq request {};
    std::memcpy(request.ifr_name, "lo", 3);
    request.ifr_flags = IFF_UP;
    steps.must("bringing up lo", "ioctl(2)", R"(SIOCSIFFLAGS, {"lo", IFF_UP})",
        socket ? ::ioctl(socket.get(), SIOCSIFFLAGS, &request) : -1);
}

namespace {

void settle_namespaces(Spec const& spec, Endowment const& endowment, Steps& steps)
{
    auto fd = endowment.shared.begin();
    for (auto const& shared : spec.shared) {
        if (shared.owner.empty())
            continue;
        auto const& other = *fd++;
        if (shared.kind != CLONE_NEWPID) // that one is entered by being born
            steps.must("entering the other container's namespace", "setns(2)", "of container " + shared.owner,
                ::setns(other.get(), static_cast<int>(shared.kind)));
    }
    // Only now: a cgroup namespace shows as "/" the cgroup in which its maker was.
    steps.must("making a cgroup namespace", "unshare(2)", "CLONE_NEWCGROUP", ::unshare(CLONE_NEWCGROUP));
    report_namespaces(spec, steps);
    if (shared_namespace(spec, CLONE_NEWNET) == nullptr)
        bring_up_loopback(steps);
    if (shared_namespace(spec, CLONE_NEWUTS) == nullptr) {
        steps.must("setting the hostname", "sethostname(2)", quoted(spec.hostname),
            ::sethostname(spec.hostname.data(), spec.hostname.size()));
        steps.report(HostnameReport { spec.hostname });
    }
    steps.flush();
}

void redirect(int from, int to, Steps& steps)
{
    if (::dup2(from, to) == -1)
        steps.fail_errno("redirecting descriptor " + std::to_string(to), "dup2(2)", errno);
}

}

void attach_streams(Endowment const& endowment, os::Fd const& terminal, Steps& steps)
{
    steps.made("setsid(2)", "", ::setsid());
    if (terminal) {
        steps.must("taking the terminal", "ioctl(2)", "TIOCSCTTY, 0", ::ioctl(terminal.get(), TIOCSCTTY, 0));
        for (int const standard : { 0, 1, 2 })
            redirect(terminal.get(), standard, steps);
        return;
    }
    // The container's own null device: the host's would be a way to its mount.
    os::Fd const null(::open("/dev/null", O_RDWR | O_CLOEXEC | O_NOCTTY));
    redirect(endowment.standard_input ? endowment.standard_input.get() : null.get(), 0, steps);
    redirect(endowment.standard_output.get(), 1, steps);
    redirect(endowment.standard_error.get(), 2, steps);
}

void give_streams_to(Identity const& identity, Steps& steps)
{
    for (int const standard : { 0, 1, 2 }) {
        struct stat status { };
        if (::fstat(standard, &status) == 0 && (S_ISFIFO(status.st_mode) || ::isatty(standard) == 1))
            steps.made("fchown(2)", std::to_string(standard) + ", " + std::to_string(identity.uid) + ", -1",
                ::fchown(standard, identity.uid, static_cast<gid_t>(-1)));
    }
}

namespace {

[[noreturn]] void become_program(Spec const& spec, Endowment& endowment, os::Fd const& terminal, Steps& steps)
{
    steps.flush();
    steps.report(PhaseReport { "privileges" });
    auto const identity = look_up_identity(spec, steps);
    attach_streams(endowment, terminal, steps);
    if (identity.uid != 0 && !spec.user_namespace)
        give_streams_to(identity, steps);
    enter_working_directory(spec, steps);
    drop_privileges(spec, identity, steps);
    if (spec.wait_for_engine)
        steps.await_engine();
    if (spec.reaper)
        fork_from_reaper(steps);
    execute(spec, identity, steps);
}

}

void become_container(Spec const& spec, Endowment& endowment, Steps& steps)
{
    tie_to_monitor(steps);
    settle_namespaces(spec, endowment, steps);
    auto const terminal = build_root(spec, endowment.shared_shm, steps);
    become_program(spec, endowment, terminal, steps);
}

void join_container(Spec const& spec, Endowment& endowment, Steps& steps)
{
    tie_to_monitor(steps);
    // An ordinary user may not enter the host's namespaces, not even from inside them.
    auto const namespaces
        = without_shared(spec, CLONE_NEWNS | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWNET | CLONE_NEWCGROUP);
    steps.must("entering the container's namespaces", "setns(2)",
        "pidfd of the container, " + namespace_flags(namespaces),
        ::setns(endowment.joined_process.get(), static_cast<int>(namespaces)));
    auto const terminal = spec.tty ? open_terminal(spec, steps) : os::Fd();
    become_program(spec, endowment, terminal, steps);
}

}
