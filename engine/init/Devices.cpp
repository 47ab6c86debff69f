#include "engine/init/Devices.h"

#include "engine/init/Root.h"

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

bool is_it(os::Fd const& fd, DeviceOrder const& device)
{
    struct stat status { };
    return fd && ::fstat(fd.get(), &status) == 0 && (status.st_mode & S_IFMT) == (device.mode & S_IFMT)
        && (S_ISFIFO(status.st_mode) || status.st_rdev == makedev(device.major, device.minor));
}

void bind_host_device(DeviceOrder const& device, Tree& tree)
{
    os::Fd const source(::open(device.source.c_str(), O_PATH | O_CLOEXEC));
    if (!is_it(source, device))
        tree.steps().fail(
            FailureKind::NotSupported, "the host's " + device.source + " is not the device that it should be");
    MountOrder order;
    order.target = device.path;
    tree.mount_on(
        mount_target(order, false, tree), device.path, { fd_path(source), "bind", MS_BIND, {}, device.source });
}

void make_device(DeviceOrder const& device, bool may_make, Tree& tree)
{
    if (is_it(tree.open(device.path, O_PATH | O_NOFOLLOW), device))
        return;
    if (!may_make)
        return bind_host_device(device, tree);
    std::filesystem::path const path(device.path);
    auto const name = path.filename();
    auto const directory = tree.followed_directory(path.parent_path());
    tree.steps().must("making " + device.path, "mknodat(2)",
        quoted(device.path) + ", makedev(" + std::to_string(device.major) + ", " + std::to_string(device.minor) + ")",
        ::mknodat(directory.get(), name.c_str(), device.mode, makedev(device.major, device.minor)));
    tree.steps().must("giving " + device.path + " away", "fchownat(2)", quoted(device.path),
        ::fchownat(directory.get(), name.c_str(), device.uid, device.gid, AT_SYMLINK_NOFOLLOW));
}

}

void make_ordered_devices(Spec const& spec, Tree& tree)
{
    for (auto const& device : spec.devices)
        make_device(device, !spec.user_namespace, tree);
}

void set_sysctls(Spec const& spec, Steps& steps)
{
    for (auto const& sysctl : spec.sysctls) {
        os::Fd const file(::open(sysctl.path.c_str(), O_WRONLY | O_CLOEXEC));
        struct statfs status { };
        if (file && (::fstatfs(file.get(), &status) != 0 || status.f_type != PROC_SUPER_MAGIC))
            steps.fail(FailureKind::NotSupported, sysctl.path + " of the host is not in the proc filesystem");
        steps.must("setting " + sysctl.path, "write(2)", quoted(sysctl.path) + ", " + quoted(sysctl.content),
            file ? ::write(file.get(), sysctl.content.data(), sysctl.content.size()) : -1);
    }
}

}
