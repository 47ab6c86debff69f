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

void report_namespaces(Spec const& spec, Steps& steps)
{
    for (char const* kind : { "user", "mnt", "pid", "uts", "ipc", "net", "cgroup" }) {
        struct stat status { };
        if (spec.host_network && std::string_view(kind) == "net")
            continue; // the host's
        if ((spec.user_namespace || std::string_view(kind) != "user")
            && ::stat((std::string("/proc/self/ns/") + kind).c_str(), &status) == 0)
            steps.report(NamespaceReport { kind, status.st_ino });
    }
}

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
    if (spec.join_network)
        steps.must("entering the other container's network", "setns(2)", "its network namespace, CLONE_NEWNET",
            ::setns(endowment.joined_network.get(), CLONE_NEWNET));
    // Only now: a cgroup namespace shows as "/" the cgroup in which its maker was.
    steps.must("making a cgroup namespace", "unshare(2)", "CLONE_NEWCGROUP", ::unshare(CLONE_NEWCGROUP));
    report_namespaces(spec, steps);
    if (!spec.host_network && !spec.join_network)
        bring_up_loopback(steps);
    steps.must("setting the hostname", "sethostname(2)", quoted(spec.hostname),
        ::sethostname(spec.hostname.data(), spec.hostname.size()));
    steps.report(HostnameReport { spec.hostname });
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
    auto const terminal = build_root(spec, steps);
    become_program(spec, endowment, terminal, steps);
}

void join_container(Spec const& spec, Endowment& endowment, Steps& steps)
{
    tie_to_monitor(steps);
    constexpr int namespaces = CLONE_NEWNS | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWNET | CLONE_NEWCGROUP;
    steps.must("entering the container's namespaces", "setns(2)",
        "pidfd of the container, CLONE_NEWNS|CLONE_NEWUTS|CLONE_NEWIPC|CLONE_NEWNET|CLONE_NEWCGROUP",
        ::setns(endowment.joined_process.get(), namespaces));
    auto const terminal = spec.tty ? open_terminal(spec, steps) : os::Fd();
    become_program(spec, endowment, terminal, steps);
}

}
