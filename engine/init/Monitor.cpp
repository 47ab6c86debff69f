#include "engine/init/Monitor.h"

#include "engine/init/Broker.h"
#include "engine/init/Bundle.h"
#include "engine/init/Container.h"
#include "engine/init/UserNamespace.h"
#include "engine/os/Packet.h"

#include <fcntl.h>
#include <linux/sched.h>
#include <poll.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>

namespace drydock::init {

namespace {

struct Order {
    Spec spec;
    Endowment endowment;
    os::Fd reports; // the socket on which the new process reports
    os::Fd broker;
    os::Fd mounts_with_shm; // the mount namespace of the container whose ipc namespace is shared
};

std::string read_all(os::Fd const& file)
{
    struct stat status { };
    ::fstat(file.get(), &status);
    std::string bytes(static_cast<std::size_t>(status.st_size), '\0');
    auto const count = ::pread(file.get(), bytes.data(), bytes.size(), 0);
    bytes.resize(count < 0 ? 0 : static_cast<std::size_t>(count));
    return bytes;
}

// Waits for it. The engine may keep a monitor in reserve; one that is never asked ends with the engine.
Order receive_order()
{
    // The engine's one packet; its descriptors are in the order in which LiveRuntime makes them.
    char byte = 0;
    auto fds = os::receive_packet(control_fd, &byte, 1).fds;
    if (fds.size() < 2)
        ::_exit(0);
    Order order;
    auto const bytes = read_all(fds[0]);
    Reader reader(bytes);
    reader(order.spec);
    auto next = fds.begin() + 1;
    auto const take = [&](bool present) { return present && next != fds.end() ? std::move(*next++) : os::Fd(); };
    auto const& spec = order.spec;
    order.reports = take(true);
    order.endowment.standard_input = take(spec.open_stdin && !spec.tty);
    order.endowment.standard_output = take(!spec.tty);
    order.endowment.standard_error = take(!spec.tty);
    order.endowment.cgroup = take(spec.into_cgroup);
    order.endowment.joined_process = take(spec.join);
    order.endowment.joined_user_namespace = take(spec.join && spec.user_namespace);
    if (!spec.join) {
        for (auto const& shared : spec.shared) {
            if (!shared.owner.empty())
                order.endowment.shared.push_back(take(true));
        }
        auto const* ipc = shared_namespace(spec, CLONE_NEWIPC);
        order.mounts_with_shm = take(ipc != nullptr && !ipc->owner.empty());
    }
    order.broker = take(spec.broker);
    order.endowment.start_signal = take(spec.bundle.waits_for_start);
    while (next != fds.end())
        order.endowment.preserved.push_back(take(true));
    if (!reader.intact() || !reader.at_end())
        ::_exit(1);
    return order;
}

// The pid namespace is entered by children only, so it has to happen before the fork.
void enter_for_joining(Order const& order, Steps& steps)
{
    if (order.spec.user_namespace)
        steps.must("entering the user namespace", "setns(2)", "user namespace of the container, CLONE_NEWUSER",
            ::setns(order.endowment.joined_user_namespace.get(), CLONE_NEWUSER));
    if (shared_namespace(order.spec, CLONE_NEWPID) != nullptr)
        return; // the host's, where it is already
    steps.must("entering the pid namespace", "setns(2)", "pidfd of the container, CLONE_NEWPID",
        ::setns(order.endowment.joined_process.get(), CLONE_NEWPID));
}

// A mount belongs to one mount namespace (mount_namespaces(7)); a copy of it, made there, can be carried over.
os::Fd take_shm(os::Fd const& mounts, Steps& steps)
{
    os::Fd const ours(::open("/proc/self/ns/mnt", O_RDONLY | O_CLOEXEC));
    auto const enter = [&](os::Fd const& space, char const* whose) {
        steps.must("taking the other container's /dev/shm", "setns(2)", std::string(whose) + ", CLONE_NEWNS",
            ::setns(space.get(), CLONE_NEWNS));
    };
    enter(mounts, "its mount namespace");
    os::Fd shm(static_cast<int>(steps.must("taking the other container's /dev/shm", "open_tree(2)",
        R"("/dev/shm", OPEN_TREE_CLONE|AT_SYMLINK_NOFOLLOW)",
        ::open_tree(AT_FDCWD, "/dev/shm", OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_SYMLINK_NOFOLLOW))));
    enter(ours, "the host's mount namespace");
    return shm;
}

// The pid namespace of another container, as above; and what of the others can be taken only from here.
void enter_shared(Order& order, Steps& steps)
{
    auto fd = order.endowment.shared.begin();
    for (auto const& shared : order.spec.shared) {
        if (shared.owner.empty())
            continue;
        if (shared.kind == CLONE_NEWPID)
            steps.must("entering the other container's pid namespace", "setns(2)", "of container " + shared.owner,
                ::setns(fd->get(), CLONE_NEWPID));
        ++fd;
    }
    if (order.mounts_with_shm && !order.spec.shm_options.empty())
        order.endowment.shared_shm = take_shm(order.mounts_with_shm, steps);
}

struct Child {
    pid_t pid;
    os::Fd pidfd;
};

// Born in its cgroup: moving a process there afterwards makes the kernel wait for a grace period of about 10 ms.
Child start(Order& order, Steps& control)
{
    int pidfd = -1;
    clone_args args {};
    std::string flags = "CLONE_PIDFD";
    args.flags = CLONE_PIDFD;
    args.pidfd = reinterpret_cast<std::uintptr_t>(&pidfd);
    args.exit_signal = SIGCHLD;
    if (order.spec.bundle.present) {
        args.flags |= namespaces_at_birth(order.spec);
        flags += "|CLONE_NEW…";
    } else if (!order.spec.join) {
        auto const fresh
            = without_shared(order.spec, CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWNET);
        args.flags |= fresh;
        flags += "|" + namespace_flags(fresh);
    }
    if (order.spec.into_cgroup) {
        args.flags |= CLONE_INTO_CGROUP;
        args.cgroup = static_cast<__u64>(order.endowment.cgroup.get());
        flags += "|CLONE_INTO_CGROUP";
    }
    auto const pid = static_cast<pid_t>(::syscall(SYS_clone3, &args, sizeof args));
    if (pid == 0) {
        Steps steps(order.reports.get());
        if (order.spec.bundle.present)
            become_bundle(order.spec, order.endowment, order.reports.get());
        if (order.spec.join)
            join_container(order.spec, order.endowment, steps);
        become_container(order.spec, order.endowment, steps);
    }
    control.must(
        "starting the container's first process", "clone3(2)", "{flags=" + flags + ", exit_signal=SIGCHLD}", pid);
    return { pid, os::Fd(pidfd) };
}

ExitReport wait_for(Child const& child, Broker& broker)
{
    std::array<pollfd, 3> watched { { { child.pidfd.get(), POLLIN, 0 }, { control_fd, POLLRDHUP, 0 },
        { broker.socket(), POLLIN, 0 } } };
    while ((watched[0].revents & POLLIN) == 0) {
        if (::poll(watched.data(), watched.size(), -1) == -1)
            continue;
        if (watched[2].revents != 0) {
            broker.answer();
            watched[2].fd = broker.socket();
        }
        if (watched[1].revents != 0) {
            ::syscall(SYS_pidfd_send_signal, child.pidfd.get(), SIGKILL, nullptr, 0);
            watched[1].fd = -1;
        }
    }
    siginfo_t status {};
    while (::waitid(P_PID, static_cast<id_t>(child.pid), &status, WEXITED) == -1 && errno == EINTR) { }
    if (status.si_code == CLD_EXITED)
        return { status.si_status, 0 };
    return { 128 + status.si_status, status.si_status };
}

}

int run_monitor()
{
    ::prctl(PR_SET_NAME, "drydock-init", 0, 0, 0);
    auto order = receive_order();
    Steps control(control_fd);
    control.report(PhaseReport { "namespaces" });
    if (order.spec.bundle.present)
        enter_for_bundle(order.spec, order.endowment, control);
    else if (order.spec.join)
        enter_for_joining(order, control);
    else if (order.spec.user_namespace)
        become_root_inside(control);
    enter_shared(order, control);
    auto const child = start(order, control);
    control.report(ClonedReport { child.pid }, child.pidfd.get());
    control.flush();
    if (order.spec.bundle.present)
        return 0; // nobody watches over it from here; it goes to whoever called the runtime
    // The program's end of the pipes must be the only one, so that their end of file means something.
    order.endowment = {};
    order.reports.reset();
    Broker broker(std::move(order.broker), child.pidfd.get());
    control.report(wait_for(child, broker));
    control.flush();
    return 0;
}

}
