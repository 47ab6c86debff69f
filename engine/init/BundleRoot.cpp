#include "engine/init/BundleRoot.h"

#include "engine/init/Devices.h"
#include "engine/init/Root.h"
#include "engine/init/Terminal.h"

#include <fcntl.h>
#include <linux/magic.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>

namespace drydock::init {

namespace {

constexpr unsigned long bind_flags = MS_BIND | MS_REC;

bool is_kernel_file_system(std::string const& type)
{
    return type == "proc" || type == "sysfs";
}

os::Fd place_for(BundleMount const& mount, bool is_directory, Tree& tree)
{
    // CVE-2019-19921: of all targets these two may not be reached through a symlink.
    if (is_kernel_file_system(mount.type))
        return tree.directory(mount.target);
    MountOrder order;
    order.target = mount.target;
    return mount_target(order, is_directory, tree);
}

// Flags of a mount that is there already. In a user namespace those stay that its owner may not lift.
void set_flags(BundleMount const& mount, unsigned long flags, Tree& tree)
{
    auto const mounted = tree.open(mount.target, O_PATH);
    MountCall call { "none", "bind", MS_BIND | MS_REMOUNT | flags, {}, mount.target };
    if (tree.try_mount_on(mounted, mount.target, call))
        return;
    call.flags |= locked_flags(mounted);
    tree.mount_on(mounted, mount.target, call);
}

void set_propagation(BundleMount const& mount, Tree& tree)
{
    for (auto const flags : mount.propagation)
        tree.mount_on(tree.open(mount.target, O_PATH), mount.target,
            { "none", "none", static_cast<unsigned long>(flags), {}, mount.target });
}

void bind(BundleMount const& mount, Tree& tree)
{
    os::Fd const source(::open(mount.source.c_str(), O_PATH | O_CLOEXEC));
    struct stat status { };
    if (!source || ::fstat(source.get(), &status) != 0)
        tree.steps().fail_errno("opening " + mount.source, "open(2)", errno);
    auto const flags = static_cast<unsigned long>(mount.flags);
    tree.mount_on(place_for(mount, S_ISDIR(status.st_mode), tree), mount.target,
        { fd_path(source), "bind", flags & bind_flags, {}, mount.source });
    // The first call ignores all flags but MS_REC.
    if ((flags & ~bind_flags) != 0)
        set_flags(mount, flags & ~bind_flags, tree);
}

// What lies in a directory, into another one: for a tmpfs that begins with the image's files.
void copy_up(os::Fd const& from, os::Fd const& to, BundleMount const& mount, Tree& tree)
{
    namespace fs = std::filesystem;
    std::error_code error;
    for (fs::directory_iterator entry(fd_path(from), error), end; !error && entry != end; entry.increment(error)) {
        fs::copy(entry->path(), fd_path(to) / entry->path().filename(),
            fs::copy_options::recursive | fs::copy_options::copy_symlinks, error);
        if (error)
            break;
        struct stat status { };
        auto const name = entry->path().filename();
        if (::fstatat(from.get(), name.c_str(), &status, AT_SYMLINK_NOFOLLOW) == 0)
            static_cast<void>(::fchownat(to.get(), name.c_str(), status.st_uid, status.st_gid, AT_SYMLINK_NOFOLLOW));
    }
    if (error)
        tree.steps().fail(
            FailureKind::InvalidInput, "copying the image's files into " + mount.target + ": " + error.message());
}

void mount_anew(BundleMount const& mount, Tree& tree)
{
    auto const place = place_for(mount, true, tree);
    auto flags = static_cast<unsigned long>(mount.flags);
    if (mount.copy_up)
        flags &= ~static_cast<unsigned long>(MS_RDONLY);
    os::Fd const covered = mount.copy_up ? tree.open(mount.target, O_RDONLY | O_DIRECTORY) : os::Fd();
    tree.mount_on(place, mount.target, { mount.source, mount.type, flags, mount.data });
    if (!mount.copy_up)
        return;
    copy_up(covered, tree.open(mount.target, O_RDONLY | O_DIRECTORY), mount, tree);
    if ((mount.flags & MS_RDONLY) != 0)
        set_flags(mount, static_cast<unsigned long>(mount.flags), tree);
}

void link_to(std::string const& target, std::string const& path, Tree& tree)
{
    std::filesystem::path const place(path);
    auto const name = place.filename();
    auto const directory = tree.followed_directory(place.parent_path());
    if (tree.steps().made("symlinkat(2)", quoted(target) + ", " + quoted(path),
            ::symlinkat(target.c_str(), directory.get(), name.c_str()))
            != 0
        && errno != EEXIST)
        tree.steps().fail_errno("linking " + path, "symlinkat(2)", errno);
}

void carry_out(BundleMount const& mount, Tree& tree)
{
    switch (mount.deed) {
    case MountDeed::Mount: mount_anew(mount, tree); break;
    case MountDeed::Bind: bind(mount, tree); break;
    case MountDeed::Remount: set_flags(mount, static_cast<unsigned long>(mount.flags), tree); break;
    case MountDeed::Link: link_to(mount.source, mount.target, tree); break;
    }
    set_propagation(mount, tree);
}

// ---- Devices ----

// Not where the host's whole /dev is bound: that one is complete, and the host's.
bool has_dev_of_its_own(BundleSpec const& bundle)
{
    for (auto const& mount : bundle.mounts) {
        if (mount.target == "/dev" && mount.deed == MountDeed::Bind)
            return false;
    }
    return true;
}

void furnish_bundle_dev(Spec const& spec, Tree& tree)
{
    if (!has_dev_of_its_own(spec.bundle))
        return;
    make_ordered_devices(spec, tree);
    constexpr std::array<std::array<char const*, 2>, 5> links { { { "/proc/self/fd", "/dev/fd" },
        { "/proc/self/fd/0", "/dev/stdin" }, { "/proc/self/fd/1", "/dev/stdout" }, { "/proc/self/fd/2", "/dev/stderr" },
        { "pts/ptmx", "/dev/ptmx" } } };
    for (auto const& [target, path] : links)
        link_to(target, path, tree);
}

// ---- What is kept from the program ----

void cover(Spec const& spec, Tree& tree)
{
    // CVE-2025-31133: the host's, which no image can have replaced.
    os::Fd const null(::open("/dev/null", O_PATH | O_CLOEXEC));
    struct stat status { };
    if (::fstat(null.get(), &status) != 0 || !S_ISCHR(status.st_mode) || status.st_rdev != makedev(1, 3))
        tree.steps().fail(FailureKind::NotSupported, "/dev/null of the host is not the null device");
    for (auto const& path : spec.bundle.read_only) {
        auto const target = tree.open(path, O_PATH);
        if (!target)
            continue; // this kernel, or this image, does not have it
        BundleMount mount;
        mount.target = path;
        tree.mount_on(target, path, { fd_path(target), "bind", bind_flags, {}, path });
        auto const bound = tree.open(path, O_PATH);
        tree.mount_on(
            bound, path, { "none", "bind", MS_BIND | MS_REMOUNT | MS_RDONLY | locked_flags(bound), {}, path });
    }
    for (auto const& path : spec.bundle.masked)
        mask(path, null, tree);
}

// Named by the working directory, where enter_for_bundle() brought us: the way to it may be closed to the root of a
// user namespace.
os::Fd open_root(BundleSpec const& bundle, Steps& steps)
{
    steps.must("keeping mounts to ourselves", "mount(2)", R"(NULL, "/", NULL, MS_REC|…, NULL)",
        ::mount(nullptr, "/", nullptr, static_cast<unsigned long>(bundle.propagation), nullptr));
    // pivot_root(2) accepts only a mount point, and one whose parent mount is private.
    auto const copy = [&](int at, char const* name) {
        os::Fd tree(static_cast<int>(steps.must("making the root a mount point", "open_tree(2)",
            quoted(bundle.root) + ", OPEN_TREE_CLONE|AT_RECURSIVE",
            ::open_tree(at, name, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_RECURSIVE | AT_EMPTY_PATH))));
        steps.must("making the root a mount point", "move_mount(2)", quoted(bundle.root) + ", MOVE_MOUNT_F_EMPTY_PATH",
            ::move_mount(tree.get(), "", at, name, MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH));
        auto const by_fd = "/proc/self/fd/" + std::to_string(tree.get());
        steps.must("making the root private", "mount(2)", "NULL, " + quoted(bundle.root) + ", NULL, MS_PRIVATE, NULL",
            ::mount(nullptr, by_fd.c_str(), nullptr, MS_PRIVATE, nullptr));
        return tree;
    };
    auto const below = copy(AT_FDCWD, ".");
    return copy(below.get(), "");
}

void seal(Spec const& spec, Steps& steps)
{
    if (!spec.read_only_root)
        return;
    os::Fd const root(::open("/", O_PATH | O_DIRECTORY | O_CLOEXEC));
    steps.must("making the root read-only", "mount(2)", R"(NULL, "/", NULL, MS_BIND|MS_REMOUNT|MS_RDONLY, NULL)",
        ::mount(nullptr, "/", nullptr, MS_BIND | MS_REMOUNT | MS_RDONLY | locked_flags(root), nullptr));
}

}

os::Fd build_bundle_root(Spec const& spec, Steps& steps)
{
    ::umask(0);
    auto const root = open_root(spec.bundle, steps);
    Tree tree(steps, root.get());
    for (auto const& mount : spec.bundle.mounts)
        carry_out(mount, tree);
    furnish_bundle_dev(spec, tree);
    auto terminal = spec.tty ? make_terminal(spec, tree) : os::Fd();
    cover(spec, tree);
    set_sysctls(spec, steps);
    steps.report(PhaseReport { "hooks" });
    steps.await_engine();
    pivot(spec.bundle.root, root, steps);
    seal(spec, steps);
    return terminal;
}

}
