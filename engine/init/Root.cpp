#include "engine/init/Root.h"

#include "engine/init/Container.h"
#include "engine/init/Devices.h"
#include "engine/init/Mounts.h"
#include "engine/init/Terminal.h"

#include <fcntl.h>
#include <linux/magic.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <cerrno>
#include <optional>

namespace drydock::init {

namespace {

// Where things stand while they are put together: a small tmpfs on an empty directory of the host, seen by this mount
// namespace alone. It holds the mount point of the root and the files that are bound into it, so a killed engine
// leaves nothing on the disk.
struct Scaffold {
    std::string path;
    std::string root() const { return path + "/root"; }
    std::string file(std::size_t index) const { return path + "/file" + std::to_string(index); }
};

Scaffold raise_scaffold(Spec const& spec, Steps& steps)
{
    // Mounts made here must not travel back to the host, and pivot_root(2) refuses a shared parent mount.
    steps.must("making every mount private", "mount(2)", R"(NULL, "/", NULL, MS_REC|MS_PRIVATE, NULL)",
        ::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr));
    Scaffold const scaffold { spec.mount_point };
    steps.must("mounting the scaffold", "mount(2)",
        "\"tmpfs\", " + quoted(scaffold.path) + R"(, "tmpfs", MS_NOSUID|MS_NODEV, "mode=0755,size=1m")",
        ::mount("tmpfs", scaffold.path.c_str(), "tmpfs", MS_NOSUID | MS_NODEV, "mode=0755,size=1m"));
    steps.must("making the mount point", "mkdir(2)", quoted(scaffold.root()) + ", 0755",
        ::mkdir(scaffold.root().c_str(), 0755));
    return scaffold;
}

// overlayfs takes ':' between lower directories and ',' between options, unless a backslash stands before them.
std::string escaped(std::string const& path)
{
    std::string out;
    for (char const c : path) {
        if (c == '\\' || c == ':' || c == ',')
            out += '\\';
        out += c;
    }
    return out;
}

// fsconfig(2) takes one lower directory at a time (Linux 6.5), for stacks whose names do not fit into the page that
// mount(2) copies its options into.
void mount_long_overlay(Spec const& spec, std::string const& target, Steps& steps)
{
    os::Fd const context(static_cast<int>(steps.must(
        "mounting the overlay", "fsopen(2)", R"("overlay", FSOPEN_CLOEXEC)", ::fsopen("overlay", FSOPEN_CLOEXEC))));
    auto const set = [&](char const* key, std::string const& value) {
        steps.must("mounting the overlay", "fsconfig(2)", "FSCONFIG_SET_STRING, " + quoted(key) + ", " + quoted(value),
            ::fsconfig(context.get(), FSCONFIG_SET_STRING, key, value.c_str(), 0));
    };
    for (auto const& lower : spec.lower)
        set("lowerdir+", lower);
    set("upperdir", spec.upper);
    set("workdir", spec.work);
    steps.must("mounting the overlay", "fsconfig(2)", R"(FSCONFIG_SET_FLAG, "userxattr")",
        ::fsconfig(context.get(), FSCONFIG_SET_FLAG, "userxattr", nullptr, 0));
    steps.must("mounting the overlay", "fsconfig(2)", "FSCONFIG_CMD_CREATE",
        ::fsconfig(context.get(), FSCONFIG_CMD_CREATE, nullptr, nullptr, 0));
    os::Fd const mount(static_cast<int>(steps.must(
        "mounting the overlay", "fsmount(2)", "FSMOUNT_CLOEXEC, 0", ::fsmount(context.get(), FSMOUNT_CLOEXEC, 0))));
    steps.must("mounting the overlay", "move_mount(2)", quoted(target) + ", MOVE_MOUNT_F_EMPTY_PATH",
        ::move_mount(mount.get(), "", AT_FDCWD, target.c_str(), MOVE_MOUNT_F_EMPTY_PATH));
}

void mount_overlay(Spec const& spec, std::string const& target, Steps& steps)
{
    std::string options = "lowerdir=";
    for (auto const& lower : spec.lower)
        options += (&lower == &spec.lower.front() ? "" : ":") + escaped(lower);
    options += ",upperdir=" + escaped(spec.upper) + ",workdir=" + escaped(spec.work) + ",userxattr";
    // A page holds the options, and overlayfs allows 500 layers either way.
    if (options.size() < 4096)
        steps.must("mounting the overlay", "mount(2)",
            R"("overlay", )" + quoted(target) + R"(, "overlay", 0, )" + quoted(options),
            ::mount("overlay", target.c_str(), "overlay", 0, options.c_str()));
    else
        mount_long_overlay(spec, target, steps);
    steps.report(UnionReport { "overlay", target });
}

// The descriptor goes to the engine, which answers every lookup from then on. Only its copy stays open: when the engine
// dies, the kernel fails all requests at once instead of leaving programs to hang.
void mount_fuse(std::string const& target, Steps& steps)
{
    os::Fd const device(static_cast<int>(
        steps.must("opening /dev/fuse", "open(2)", R"("/dev/fuse", O_RDWR)", ::open("/dev/fuse", O_RDWR | O_CLOEXEC))));
    auto const options
        = "fd=" + std::to_string(device.get()) + ",rootmode=40000,user_id=0,group_id=0,default_permissions,allow_other";
    steps.must("mounting the union filesystem", "mount(2)",
        R"("drydock", )" + quoted(target) + R"(, "fuse.drydock", 0, )" + quoted(options),
        ::mount("drydock", target.c_str(), "fuse.drydock", 0, options.c_str()));
    steps.report(UnionReport { "fuse", target }, device.get());
    steps.flush();
}

// A machine's disk is nobody's layer: what is written to it is there for the next program.
void mount_directory(Spec const& spec, std::string const& target, Steps& steps)
{
    steps.must("binding the root", "mount(2)", quoted(spec.directory) + ", " + quoted(target) + ", NULL, MS_BIND, NULL",
        ::mount(spec.directory.c_str(), target.c_str(), nullptr, MS_BIND, nullptr));
    os::Fd const bound(::open(target.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
    auto const flags = MS_BIND | MS_REMOUNT | MS_NOSUID | MS_NODEV | locked_flags(bound);
    steps.must("keeping devices out of the root", "mount(2)",
        "NULL, " + quoted(target) + ", NULL, MS_BIND|MS_REMOUNT|MS_NOSUID|MS_NODEV, NULL",
        ::mount(nullptr, target.c_str(), nullptr, flags, nullptr));
}

void mount_root(Spec const& spec, std::string const& target, Steps& steps)
{
    switch (spec.root) {
    case RootKind::Overlay: mount_overlay(spec, target, steps); break;
    case RootKind::Fuse: mount_fuse(target, steps); break;
    case RootKind::Directory: mount_directory(spec, target, steps); break;
    }
}

// ---- /dev ----

struct Device {
    char const* path;
    unsigned major;
    unsigned minor;
};
constexpr std::array<Device, 6> devices { { { "/dev/null", 1, 3 }, { "/dev/zero", 1, 5 }, { "/dev/full", 1, 7 },
    { "/dev/random", 1, 8 }, { "/dev/urandom", 1, 9 }, { "/dev/tty", 5, 0 } } };

bool is_device(os::Fd const& fd, Device const& device)
{
    struct stat status { };
    return ::fstat(fd.get(), &status) == 0 && S_ISCHR(status.st_mode)
        && status.st_rdev == makedev(device.major, device.minor);
}

// In a user namespace nobody may make devices (a node is power over the host's hardware), so the host's is bound.
void bind_device(Device const& device, Tree& tree)
{
    tree.mount_on(tree.file(device.path), device.path, { device.path, "bind", MS_BIND, {} });
    if (!is_device(tree.open(device.path, O_PATH), device))
        tree.steps().fail(
            FailureKind::NotSupported, std::string("the host's ") + device.path + " is not the device it should be");
}

void make_devices(Spec const& spec, Tree& tree)
{
    auto const dev = tree.open_strictly("/dev", O_PATH | O_DIRECTORY);
    for (auto const& device : devices) {
        if (spec.user_namespace) {
            bind_device(device, tree);
            continue;
        }
        auto const arguments = quoted(device.path) + ", S_IFCHR|0666, makedev(" + std::to_string(device.major) + ", "
            + std::to_string(device.minor) + ")";
        tree.steps().must(std::string("making ") + device.path, "mknodat(2)", arguments,
            ::mknodat(dev.get(), device.path + 5, S_IFCHR | 0666, makedev(device.major, device.minor)));
    }
    make_ordered_devices(spec, tree);
    constexpr std::array<std::array<char const*, 2>, 5> links { { { "/proc/self/fd", "fd" },
        { "/proc/self/fd/0", "stdin" }, { "/proc/self/fd/1", "stdout" }, { "/proc/self/fd/2", "stderr" },
        { "pts/ptmx", "ptmx" } } };
    for (auto const& [target, name] : links)
        tree.steps().must(std::string("linking /dev/") + name, "symlinkat(2)",
            quoted(target) + ", \"/dev/" + name + "\"", ::symlinkat(target, dev.get(), name));
}

// Shared memory is found by name in /dev/shm (shm_overview(7)), so it goes with the ipc namespace.
void furnish_shm(Spec const& spec, os::Fd const& shared, Tree& tree)
{
    auto const* ipc = shared_namespace(spec, CLONE_NEWIPC);
    if (spec.shm_options.empty())
        return;
    if (ipc == nullptr)
        return tree.mount(
            "/dev/shm", { "shm", "tmpfs", MS_NOSUID | MS_NODEV | MS_NOEXEC, "mode=1777," + spec.shm_options });
    if (ipc->owner.empty())
        return tree.mount("/dev/shm", { "/dev/shm", "bind", MS_BIND, {} });
    auto const target = tree.directory("/dev/shm");
    tree.steps().must("mounting the other container's /dev/shm", "move_mount(2)",
        R"(its /dev/shm, "/dev/shm", MOVE_MOUNT_F_EMPTY_PATH|MOVE_MOUNT_T_EMPTY_PATH)",
        ::move_mount(shared.get(), "", target.get(), "", MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH));
    tree.steps().report(MountReport { "shm of " + ipc->owner, "/dev/shm", "tmpfs", "nosuid,nodev,noexec" });
}

void furnish_dev(Spec const& spec, os::Fd const& shared_shm, Tree& tree)
{
    tree.mount("/dev", { "tmpfs", "tmpfs", MS_NOSUID | MS_STRICTATIME, "mode=755,size=65536k" });
    make_devices(spec, tree);
    // Group 5 is "tty"; a user namespace that maps a single id does not have it.
    std::string const group = spec.user_namespace ? "" : ",gid=5";
    tree.mount(
        "/dev/pts", { "devpts", "devpts", MS_NOSUID | MS_NOEXEC, "newinstance,ptmxmode=0666,mode=0620" + group });
    furnish_shm(spec, shared_shm, tree);
    tree.mount_if_possible("/dev/mqueue", { "mqueue", "mqueue", MS_NOSUID | MS_NODEV | MS_NOEXEC, {} },
        "POSIX message queues need a kernel with CONFIG_POSIX_MQUEUE");
}

// ---- /proc and /sys ----

void furnish_proc_and_sys(Spec const& spec, Tree& tree)
{
    // A proc filesystem shows one pid namespace, and an ordinary user may mount it for one of its own only.
    if (spec.user_namespace && shared_namespace(spec, CLONE_NEWPID) != nullptr)
        tree.mount("/proc", { "/proc", "bind", MS_BIND | MS_REC, {} });
    else
        tree.mount("/proc", { "proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, {} });
    // CVE-2025-52881: what is written below /proc must reach procfs and not a look-alike.
    struct statfs status { };
    auto const proc = tree.open_strictly("/proc", O_RDONLY | O_DIRECTORY);
    if (::fstatfs(proc.get(), &status) != 0 || status.f_type != PROC_SUPER_MAGIC)
        tree.steps().fail(FailureKind::InvalidInput, "what was mounted on /proc is not the proc filesystem");
    auto const flags
        = MS_NOSUID | MS_NODEV | MS_NOEXEC | (spec.privileged ? 0UL : static_cast<unsigned long>(MS_RDONLY));
    tree.mount_if_possible("/sys", { "sysfs", "sysfs", flags, {} },
        "a user namespace may mount sysfs only where the host's /sys is not covered by other mounts");
    if (spec.mount_cgroup)
        tree.mount_if_possible("/sys/fs/cgroup", { "cgroup", "cgroup2", flags, {} },
            "the cgroup v2 hierarchy could not be shown inside the container");
}

// moby, oci/defaults.go: what would tell about, or change, the host.
constexpr std::array masked_paths { "/proc/acpi", "/proc/asound", "/proc/interrupts", "/proc/kcore", "/proc/keys",
    "/proc/latency_stats", "/proc/sched_debug", "/proc/scsi", "/proc/timer_list", "/proc/timer_stats",
    "/sys/devices/virtual/powercap", "/sys/firmware" };
constexpr std::array read_only_paths { "/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger" };

}

void mask(std::string const& path, os::Fd const& null, Tree& tree)
{
    auto const target = tree.open(path, O_PATH);
    if (!target)
        return; // this kernel does not have it
    struct stat status { };
    if (::fstat(target.get(), &status) == 0 && S_ISDIR(status.st_mode))
        tree.mount_on(target, path, { "tmpfs", "tmpfs", MS_RDONLY, "size=0k" });
    else
        tree.mount_on(target, path, { fd_path(null), "bind", MS_BIND, {}, "/dev/null" });
}

namespace {

void make_read_only(std::string const& path, Tree& tree)
{
    auto const target = tree.open(path, O_PATH);
    if (!target)
        return;
    constexpr unsigned long proc_flags = MS_NOSUID | MS_NODEV | MS_NOEXEC;
    auto const bound = tree.call_mount(target, path, { fd_path(target), "bind", MS_BIND | MS_REC, {}, path });
    // The first call ignores all flags but MS_REC (mount(2), "Creating a bind mount"); a second one sets them.
    if (!bound
        || !tree.call_mount(
            tree.open(path, O_PATH), path, { path, "bind", MS_BIND | MS_REMOUNT | MS_RDONLY | proc_flags, {} }))
        tree.steps().fail_errno("making " + path + " read-only", "mount(2)", errno);
    tree.steps().report(MountReport { path, path, "bind", mount_options(MS_RDONLY | proc_flags) });
}

void hide_the_host(Tree& tree)
{
    // CVE-2025-31133: a false /dev/null would let the image choose what covers the masked files.
    auto const null = tree.open("/dev/null", O_PATH);
    if (!is_device(null, devices[0]))
        tree.steps().fail(FailureKind::InvalidInput, "/dev/null of the container is not the null device");
    for (char const* path : masked_paths)
        mask(path, null, tree);
    for (char const* path : read_only_paths)
        make_read_only(path, tree);
}

// ---- Files of the engine's ----

void write_file(std::string const& path, std::string const& content, Steps& steps)
{
    os::Fd const file(::open(path.c_str(), O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0644));
    auto const written = file ? ::write(file.get(), content.data(), content.size()) : -1;
    if (written != static_cast<ssize_t>(content.size()))
        steps.fail_errno("writing " + path, "write(2)", errno);
}

void bind_files(Spec const& spec, Scaffold const& scaffold, Tree& tree)
{
    for (std::size_t i = 0; i < spec.files.size(); ++i) {
        auto const& file = spec.files[i];
        write_file(scaffold.file(i), file.content, tree.steps());
        if (auto const target = tree.file(file.path))
            tree.mount_on(target, file.path, { scaffold.file(i), "bind", MS_BIND, {} });
        else
            tree.steps().report(WarningReport { file.path + " of the image cannot be replaced: " + std::strerror(errno),
                "the image may have a directory or a symlink to nowhere in its place" });
    }
}

// ---- Volumes and the like ----

}

unsigned long locked_flags(os::Fd const& target)
{
    struct statfs status { };
    if (::fstatfs(target.get(), &status) != 0)
        return 0;
    constexpr std::array<std::pair<unsigned long, unsigned long>, 7> flags { { { ST_RDONLY, MS_RDONLY },
        { ST_NOSUID, MS_NOSUID }, { ST_NODEV, MS_NODEV }, { ST_NOEXEC, MS_NOEXEC }, { ST_NOATIME, MS_NOATIME },
        { ST_NODIRATIME, MS_NODIRATIME }, { ST_RELATIME, MS_RELATIME } } };
    unsigned long locked = 0;
    for (auto const& [shown, needed] : flags)
        locked |= (static_cast<unsigned long>(status.f_flags) & shown) != 0 ? needed : 0;
    return locked;
}

os::Fd mount_target(MountOrder const& order, bool is_directory, Tree& tree)
{
    auto target = is_directory ? tree.followed_directory(order.target) : tree.file_with_parents(order.target);
    struct statfs status { };
    if (!target)
        tree.steps().fail_errno("making the mount point " + order.target, "openat2(2)", errno);
    if (::fstatfs(target.get(), &status) != 0 || status.f_type == PROC_SUPER_MAGIC)
        tree.steps().fail(
            FailureKind::InvalidInput, "\"" + order.target + "\" cannot be mounted because it is inside /proc");
    return target;
}

namespace {

os::Fd open_source(MountOrder const& order, Steps& steps)
{
    if (order.below.empty())
        return os::Fd(::open(order.source.c_str(), O_PATH | O_CLOEXEC));
    os::Fd const root(::open(order.below.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
    return root ? Tree(steps, root.get()).open(order.source, O_PATH) : os::Fd();
}

// "rslave" → MS_SLAVE|MS_REC; 0 for what stays private.
unsigned long propagation_flags(MountOrder const& order)
{
    if (order.tmpfs)
        return 0;
    auto const recursive = order.data.starts_with('r') ? static_cast<unsigned long>(MS_REC) : 0UL;
    if (order.data.ends_with("shared"))
        return MS_SHARED | recursive;
    return order.data.ends_with("slave") ? MS_SLAVE | recursive : 0UL;
}

// Copies of the sources that mounts shall travel from or to, in the host's peer groups still: to be taken before all
// mounts here become private. Invalid for every other order.
std::vector<os::Fd> take_peers(Spec const& spec, Steps& steps)
{
    std::vector<os::Fd> peers(spec.mounts.size());
    for (std::size_t i = 0; i < peers.size(); ++i) {
        auto const& order = spec.mounts[i];
        if (propagation_flags(order) == 0)
            continue;
        auto const source = open_source(order, steps);
        peers[i] = os::Fd(static_cast<int>(steps.must("taking " + order.source + " with its peer group", "open_tree(2)",
            quoted(order.source) + ", OPEN_TREE_CLONE|OPEN_TREE_CLOEXEC|AT_RECURSIVE|AT_EMPTY_PATH",
            ::open_tree(source.get(), "", OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_RECURSIVE | AT_EMPTY_PATH))));
    }
    return peers;
}

void mount_peer(MountOrder const& order, os::Fd const& peer, os::Fd const& target, Tree& tree)
{
    tree.steps().must("mounting " + order.source, "move_mount(2)",
        quoted(order.source) + ", " + quoted(order.target) + ", MOVE_MOUNT_F_EMPTY_PATH|MOVE_MOUNT_T_EMPTY_PATH",
        ::move_mount(peer.get(), "", target.get(), "", MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH));
    auto const flags = propagation_flags(order);
    auto const mounted = tree.open(order.target, O_PATH);
    tree.steps().must("setting the propagation of " + order.target, "mount(2)",
        "NULL, " + quoted(order.target) + ", NULL, " + ((flags & MS_REC) != 0 ? "MS_REC|" : "")
            + ((flags & MS_SHARED) != 0 ? "MS_SHARED" : "MS_SLAVE") + ", NULL",
        ::mount(nullptr, fd_path(mounted).c_str(), nullptr, flags, nullptr));
    tree.steps().report(MountReport { order.source, order.target, "bind", order.data });
}

void mount_order(MountOrder const& order, os::Fd const& peer, Tree& tree)
{
    if (order.tmpfs) {
        auto const flags
            = MS_NOSUID | MS_NODEV | (order.executable ? 0 : MS_NOEXEC) | (order.read_only ? MS_RDONLY : 0);
        tree.mount_on(mount_target(order, true, tree), order.target,
            { "tmpfs", "tmpfs", static_cast<unsigned long>(flags), order.data });
        return;
    }
    // Held by descriptor, so that what is looked at is what is mounted.
    auto const source = peer ? os::Fd() : open_source(order, tree.steps());
    auto const& looked_at = peer ? peer : source;
    struct stat status { };
    if (!looked_at || ::fstat(looked_at.get(), &status) != 0)
        tree.steps().fail_errno("opening " + order.source, "open(2)", errno);
    auto const target = mount_target(order, S_ISDIR(status.st_mode), tree);
    if (peer)
        mount_peer(order, peer, target, tree);
    else
        tree.mount_on(target, order.target, { fd_path(source), "bind", MS_BIND | MS_REC, {}, order.source });
    if (!order.read_only)
        return;
    auto const mounted = tree.open(order.target, O_PATH);
    tree.mount_on(mounted, order.target,
        { "none", "bind", MS_BIND | MS_REMOUNT | MS_RDONLY | locked_flags(mounted), {}, order.source });
}

// ---- The change of root ----

}

void pivot(std::string const& new_root, os::Fd const& root, Steps& steps)
{
    os::Fd const old_root(::open("/", O_PATH | O_DIRECTORY | O_CLOEXEC));
    steps.must("entering the new root", "fchdir(2)", quoted(new_root), ::fchdir(root.get()));
    // With "." twice the old root is stacked over the new one, and no directory of the image has to hold it
    // (pivot_root(2), NOTES).
    steps.must("changing the root", "pivot_root(2)", R"(".", ".")", ::syscall(SYS_pivot_root, ".", "."));
    steps.must("entering the old root", "fchdir(2)", "the old \"/\"", ::fchdir(old_root.get()));
    steps.must("detaching the old root", "umount2(2)", R"(".", MNT_DETACH)", ::umount2(".", MNT_DETACH));
    steps.must("entering the root", "chdir(2)", R"("/")", ::chdir("/"));
    steps.report(PivotReport { new_root });
}

namespace {

void seal_root(Spec const& spec, Steps& steps)
{
    if (spec.read_only_root)
        steps.must("making the root read-only", "mount(2)", R"(NULL, "/", NULL, MS_BIND|MS_REMOUNT|MS_RDONLY, NULL)",
            ::mount(nullptr, "/", nullptr, MS_BIND | MS_REMOUNT | MS_RDONLY, nullptr));
}

}

os::Fd build_root(Spec const& spec, os::Fd const& shared_shm, Steps& steps)
{
    steps.report(PhaseReport { "root" });
    ::umask(0);
    auto const peers = take_peers(spec, steps);
    auto const scaffold = raise_scaffold(spec, steps);
    mount_root(spec, scaffold.root(), steps);
    os::Fd const root(::open(scaffold.root().c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
    if (!root)
        steps.fail_errno("opening the new root", "open(2)", errno);

    Tree tree(steps, root.get());
    furnish_proc_and_sys(spec, tree);
    furnish_dev(spec, shared_shm, tree);
    auto terminal = spec.tty ? make_terminal(spec, tree) : os::Fd();
    bind_files(spec, scaffold, tree);
    for (std::size_t i = 0; i < spec.mounts.size(); ++i)
        mount_order(spec.mounts[i], peers[i], tree);
    if (!spec.privileged)
        hide_the_host(tree);
    set_sysctls(spec, steps);
    pivot(scaffold.root(), root, steps);
    seal_root(spec, steps);
    ::umask(022);
    return terminal;
}

}
