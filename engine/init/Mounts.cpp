#include "engine/init/Mounts.h"

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>

namespace drydock::init {

namespace {

struct FlagName {
    unsigned long flag;
    char const* option;
    char const* name;
};
constexpr std::array<FlagName, 10> flag_names { {
    { MS_BIND, "bind", "MS_BIND" },
    { MS_REMOUNT, "remount", "MS_REMOUNT" },
    { MS_RDONLY, "ro", "MS_RDONLY" },
    { MS_NOSUID, "nosuid", "MS_NOSUID" },
    { MS_NODEV, "nodev", "MS_NODEV" },
    { MS_NOEXEC, "noexec", "MS_NOEXEC" },
    { MS_STRICTATIME, "strictatime", "MS_STRICTATIME" },
    { MS_RELATIME, "relatime", "MS_RELATIME" },
    { MS_REC, "rec", "MS_REC" },
    { MS_PRIVATE, "private", "MS_PRIVATE" },
} };

std::string join_flags(unsigned long flags, char const* separator, char const* FlagName::*text)
{
    std::string out;
    for (auto const& entry : flag_names) {
        if ((flags & entry.flag) == 0)
            continue;
        out += out.empty() ? "" : separator;
        out += entry.*text;
    }
    return out;
}

os::Fd open_in(int root, std::string const& path, int flags, unsigned mode, std::uint64_t resolve)
{
    open_how how {};
    how.flags = static_cast<__u64>(flags | O_CLOEXEC);
    how.mode = mode;
    how.resolve = static_cast<__u64>(resolve | RESOLVE_NO_MAGICLINKS);
    while (true) {
        auto const fd = ::syscall(SYS_openat2, root, path.c_str(), &how, sizeof how);
        // EAGAIN: a rename elsewhere made the kernel unsure whether ".." stayed inside; it asks to try again.
        if (fd >= 0 || (errno != EAGAIN && errno != EINTR))
            return os::Fd(static_cast<int>(fd));
    }
}

std::string parent_of(std::string const& path)
{
    auto const slash = path.rfind('/');
    return slash == 0 || slash == path.npos ? "/" : path.substr(0, slash);
}

std::string name_of(std::string const& path)
{
    return path.substr(path.rfind('/') + 1);
}

}

std::string mount_options(unsigned long flags)
{
    return join_flags(flags & ~static_cast<unsigned long>(MS_BIND), ",", &FlagName::option);
}

std::string mount_flags(unsigned long flags)
{
    return flags == 0 ? "0" : join_flags(flags, "|", &FlagName::name);
}

std::string fd_path(os::Fd const& fd)
{
    return "/proc/self/fd/" + std::to_string(fd.get());
}

os::Fd Tree::open(std::string const& path, int flags, unsigned mode) const
{
    return open_in(m_root, path, flags, mode, RESOLVE_IN_ROOT);
}

os::Fd Tree::open_strictly(std::string const& path, int flags) const
{
    auto fd = open_in(m_root, path, flags, 0, RESOLVE_IN_ROOT | RESOLVE_NO_SYMLINKS);
    // CVE-2019-19921, CVE-2026-41579: an image whose /proc or /dev is a symlink wants the mount elsewhere.
    if (!fd && errno == ELOOP)
        m_steps.fail(
            FailureKind::InvalidInput, "the image has a symlink at or above " + path + "; refusing to mount there");
    return fd;
}

os::Fd Tree::directory(std::string const& path)
{
    auto fd = open_strictly(path, O_PATH | O_DIRECTORY);
    if (fd || path == "/")
        return fd;
    if (errno != ENOENT)
        m_steps.fail_errno("opening " + path + " of the image", "openat2(2)", errno);
    auto const parent = directory(parent_of(path));
    m_steps.must(
        "making " + path, "mkdirat(2)", quoted(path) + ", 0755", ::mkdirat(parent.get(), name_of(path).c_str(), 0755));
    return directory(path);
}

os::Fd Tree::followed_directory(std::string const& path)
{
    auto fd = open(path, O_PATH | O_DIRECTORY);
    if (fd || errno != ENOENT || path == "/")
        return fd;
    auto const parent = followed_directory(parent_of(path));
    if (!parent)
        return {};
    if (m_steps.made("mkdirat(2)", quoted(path) + ", 0755", ::mkdirat(parent.get(), name_of(path).c_str(), 0755)) != 0
        && errno != EEXIST)
        return {};
    return open(path, O_PATH | O_DIRECTORY);
}

os::Fd Tree::file_with_parents(std::string const& path)
{
    if (!followed_directory(parent_of(path)))
        return {};
    return file(path);
}

os::Fd Tree::file(std::string const& path)
{
    if (auto fd = open(path, O_PATH))
        return fd;
    // Through a dangling symlink (/etc/resolv.conf often is one) this makes what it points to, inside the root.
    if (!open(path, O_CREAT | O_WRONLY | O_NOCTTY | O_NONBLOCK, 0644))
        return {};
    m_steps.made("openat2(2)", quoted(path) + ", O_CREAT|O_WRONLY, RESOLVE_IN_ROOT", 0);
    return open(path, O_PATH);
}

bool Tree::call_mount(os::Fd const& target, std::string const& path, MountCall const& call)
{
    auto const result = ::mount(call.source.c_str(), fd_path(target).c_str(), call.type.c_str(), call.flags,
        call.data.empty() ? nullptr : call.data.c_str());
    return m_steps.made("mount(2)",
               quoted(call.shown()) + ", " + quoted(path) + ", " + quoted(call.type) + ", " + mount_flags(call.flags)
                   + ", " + (call.data.empty() ? "NULL" : quoted(call.data)),
               result)
        == 0;
}

bool Tree::try_mount_on(os::Fd const& target, std::string const& path, MountCall const& call)
{
    if (!call_mount(target, path, call))
        return false;
    m_steps.report(MountReport { call.shown(), path, call.type, mount_options(call.flags) });
    return true;
}

void Tree::mount_on(os::Fd const& target, std::string const& path, MountCall const& call)
{
    if (!try_mount_on(target, path, call))
        m_steps.fail_errno("mounting " + call.type + " on " + path, "mount(2)", errno);
}

void Tree::mount_if_possible(std::string const& path, MountCall const& call, std::string const& remedy)
{
    if (!try_mount_on(directory(path), path, call)) {
        std::string const reason = std::strerror(errno);
        m_steps.report(WarningReport { "no " + call.type + " on " + path + ": " + reason, remedy });
    }
}

}
