#include "engine/init/Bundle.h"

#include "engine/init/BundleRoot.h"
#include "engine/init/Execute.h"
#include "engine/init/Privileges.h"
#include "engine/init/Terminal.h"

#include <fcntl.h>
#include <linux/keyctl.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdio>

namespace drydock::init {

namespace {

constexpr std::uint64_t cgroup_namespace = CLONE_NEWCGROUP;
constexpr int out_of_the_way = 64; // descriptors from here on are not the program's

os::Fd moved(os::Fd const& fd)
{
    return os::Fd(::fcntl(fd.get(), F_DUPFD_CLOEXEC, out_of_the_way));
}

bool makes(Spec const& spec, std::uint64_t kind)
{
    return !spec.join && (spec.bundle.namespaces & kind) != 0;
}

void become_root_of_namespace(Steps& steps)
{
    steps.must("becoming root of the user namespace", "setresgid(2)", "0, 0, 0", ::setresgid(0, 0, 0));
    steps.must("becoming root of the user namespace", "setresuid(2)", "0, 0, 0", ::setresuid(0, 0, 0));
}

// Keys of whoever called us are none of the container's. Kernels without keyrings have none to hide.
void leave_keyring(Steps& steps)
{
    steps.made("keyctl(2)", "KEYCTL_JOIN_SESSION_KEYRING, NULL",
        ::syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, nullptr, 0, 0, 0));
}

void settle(Spec const& spec, Steps& steps)
{
    if (makes(spec, cgroup_namespace))
        steps.must("making a cgroup namespace", "unshare(2)", "CLONE_NEWCGROUP", ::unshare(CLONE_NEWCGROUP));
    if (makes(spec, CLONE_NEWNET))
        bring_up_loopback(steps);
    if (!spec.hostname.empty())
        steps.must("setting the hostname", "sethostname(2)", quoted(spec.hostname),
            ::sethostname(spec.hostname.data(), spec.hostname.size()));
}

os::Fd furnish(Spec const& spec, Steps& steps)
{
    if (spec.join)
        return spec.tty ? open_terminal(spec, steps) : os::Fd();
    settle(spec, steps);
    return build_bundle_root(spec, steps);
}

Identity identity_of(Spec const& spec, Steps& steps)
{
    auto by_number = spec;
    by_number.user = std::to_string(spec.bundle.uid);
    // Only its home: in the image's files a number can be the name of somebody else.
    return { spec.bundle.uid, spec.bundle.gid, spec.bundle.groups, look_up_identity(by_number, steps).home };
}

// The reader of the fifo goes away with execve(2), which is how `start` sees that the program runs.
void await_start(os::Fd const& signal)
{
    char word = 0;
    ssize_t count = 0;
    do {
        count = ::read(signal.get(), &word, 1);
    } while (count == -1 && errno == EINTR);
    if (count != 1)
        ::_exit(1);
}

void place_preserved(std::vector<os::Fd> const& preserved, Steps& steps)
{
    for (std::size_t i = 0; i < preserved.size(); ++i) {
        if (::dup2(preserved[i].get(), static_cast<int>(3 + i)) == -1)
            steps.fail_errno("passing descriptor " + std::to_string(3 + i), "dup2(2)", errno);
    }
}

[[noreturn]] void execute_waiting(Spec const& spec, Program& program, os::Fd const& signal, Steps& steps)
{
    // Whoever ran `create` goes now; from here nobody hears a report.
    ::close(steps.socket());
    await_start(signal);
    if (spec.bundle.no_new_privileges)
        install_filter(spec, steps);
    auto const error = become(program);
    ::dprintf(2, "exec %s: %s\n", program.path.c_str(), std::strerror(error));
    ::_exit(error == ENOENT ? 127 : 126);
}

}

std::uint64_t namespaces_at_birth(Spec const& spec)
{
    // The cgroup namespace comes later: it shows as "/" the group in which its maker was.
    return spec.join ? 0 : spec.bundle.namespaces & ~cgroup_namespace;
}

void enter_for_bundle(Spec const& spec, Endowment const& endowment, Steps& steps)
{
    ::prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
    if (spec.join) {
        steps.must("entering the container's namespaces", "setns(2)", "pidfd of the container, CLONE_NEW…",
            ::setns(endowment.joined_process.get(), static_cast<int>(spec.bundle.namespaces)));
        return;
    }
    steps.must("entering the root", "chdir(2)", quoted(spec.bundle.root), ::chdir(spec.bundle.root.c_str()));
    std::vector<os::Fd> opened; // all of them first: the names are the caller's
    for (auto const& entered : spec.bundle.entered) {
        opened.emplace_back(::open(entered.path.c_str(), O_RDONLY | O_CLOEXEC));
        if (!opened.back())
            steps.fail_errno("opening the namespace " + entered.path, "open(2)", errno);
    }
    for (std::size_t i = 0; i < opened.size(); ++i)
        steps.must("entering the namespace " + spec.bundle.entered[i].path, "setns(2)",
            quoted(spec.bundle.entered[i].path),
            ::setns(opened[i].get(), static_cast<int>(spec.bundle.entered[i].kind)));
    // The child's /proc/PID/uid_map is to be written by the caller, who may do that to a dumpable process only.
    ::prctl(PR_SET_DUMPABLE, 1, 0, 0, 0);
}

void become_bundle(Spec const& spec, Endowment& endowment, int reports)
{
    os::Fd const socket(::fcntl(reports, F_DUPFD_CLOEXEC, out_of_the_way));
    ::close(reports);
    Steps steps(socket.get());
    auto const start_signal = moved(endowment.start_signal);
    for (auto& fd : endowment.preserved)
        fd = moved(fd);

    steps.await_engine();                 // ids are mapped, limits set
    ::prctl(PR_SET_DUMPABLE, 0, 0, 0, 0); // CVE-2016-9962, see Container.cpp
    if (spec.user_namespace)
        become_root_of_namespace(steps);
    leave_keyring(steps);
    auto const terminal = furnish(spec, steps);
    attach_streams(endowment, terminal, steps);
    auto const identity = identity_of(spec, steps);
    if (identity.uid != 0)
        give_streams_to(identity, steps);
    enter_working_directory(spec, steps);
    ::umask(spec.bundle.umask);
    // Before the filter, which may be older than this call. What is opened below closes itself at execve(2).
    steps.must("closing what is open", "close_range(2)", "3, ~0, CLOSE_RANGE_CLOEXEC",
        ::syscall(SYS_close_range, 3U, ~0U, 1U << 2));
    drop_privileges_of_bundle(spec, steps);
    auto program = find_program(spec, identity, steps);
    place_preserved(endowment.preserved, steps);
    sigset_t none;
    ::sigemptyset(&none);
    ::sigprocmask(SIG_SETMASK, &none, nullptr);
    steps.report(ExecutingReport { program.path });
    steps.flush();
    if (spec.bundle.waits_for_start)
        execute_waiting(spec, program, start_signal, steps);
    if (spec.bundle.no_new_privileges)
        install_filter(spec, steps);
    refuse(program.path, become(program), steps);
}

}
