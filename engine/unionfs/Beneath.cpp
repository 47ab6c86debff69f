#include "engine/unionfs/Beneath.h"

#include <dirent.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/syscall.h>
#include <sys/xattr.h>

#include <cerrno>
#include <memory>

namespace drydock::unionfs {

namespace {

Result<os::Fd> open_beneath(int root, char const* path, int flags)
{
    open_how how {};
    how.flags = static_cast<__u64>(flags | O_CLOEXEC);
    how.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS;
    for (;;) {
        auto const number = ::syscall(SYS_openat2, root, path, &how, sizeof how);
        if (number >= 0)
            return os::Fd(static_cast<int>(number));
        // EAGAIN: the kernel saw a rename beside it and could not rule out an escape (openat2(2)).
        if (errno != EAGAIN && errno != EINTR)
            return fail(Error::from_errno("openat2(2)", errno));
    }
}

template <class Call> std::optional<std::string> read_xattr(Call const& call)
{
    std::string value(256, '\0');
    auto size = call(value.data(), value.size());
    if (size < 0 && errno == ERANGE) {
        value.resize(65536); // XATTR_SIZE_MAX and XATTR_LIST_MAX, xattr(7)
        size = call(value.data(), value.size());
    }
    if (size < 0)
        return std::nullopt;
    value.resize(static_cast<std::size_t>(size));
    return value;
}

}

std::string Place::through_proc() const
{
    return "/proc/self/fd/" + std::to_string(parent) + "/" + name;
}

Result<Beneath> Beneath::open(std::filesystem::path const& root)
{
    int const number = ::open(root.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (number < 0)
        return fail(Error::from_errno("open(2)", errno).with_context(root.string()));
    return Beneath(os::Fd(number));
}

Result<Place> Beneath::place(std::string const& path) const
{
    auto const slash = path.rfind('/');
    if (slash == std::string::npos)
        return Place { nullptr, root(), path.empty() ? "." : path };
    std::lock_guard const lock(m_last->mutex);
    if (auto const parent = std::string_view(path).substr(0, slash); !m_last->fd || m_last->path != parent) {
        m_last->fd.reset();
        m_last->path = parent;
        m_last->fd
            = std::make_shared<os::Fd const>(TRY(open_beneath(root(), m_last->path.c_str(), O_PATH | O_DIRECTORY)));
    }
    return Place { m_last->fd, m_last->fd->get(), path.substr(slash + 1) };
}

void Beneath::forget(std::string const& path) const
{
    std::lock_guard const lock(m_last->mutex);
    auto const& kept = m_last->path;
    if (kept.starts_with(path) && (kept.size() == path.size() || kept[path.size()] == '/'))
        m_last->fd.reset();
}

Result<os::Fd> Beneath::open_at(std::string const& path, int flags) const
{
    return open_beneath(root(), path.empty() ? "." : path.c_str(), flags | O_NOFOLLOW);
}

Result<std::vector<std::string>> names_in(int directory)
{
    // The stream gets its own descriptor: closedir(3) closes it.
    int const own = ::openat(directory, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (own < 0)
        return fail(Error::from_errno("openat(2)", errno));
    std::unique_ptr<DIR, int (*)(DIR*)> const stream(::fdopendir(own), ::closedir);
    std::vector<std::string> names;
    errno = 0;
    while (auto const* entry = ::readdir(stream.get())) {
        std::string name = entry->d_name;
        if (name != "." && name != "..")
            names.push_back(std::move(name));
    }
    if (errno != 0)
        return fail(Error::from_errno("readdir(3)", errno));
    return names;
}

std::optional<std::string> get_xattr(std::string const& path, char const* name)
{
    return read_xattr([&](char* value, std::size_t size) { return ::lgetxattr(path.c_str(), name, value, size); });
}

std::optional<std::string> list_xattrs(std::string const& path)
{
    return read_xattr([&](char* names, std::size_t size) { return ::llistxattr(path.c_str(), names, size); });
}

std::optional<std::string> get_xattr(int descriptor, char const* name)
{
    return read_xattr([&](char* value, std::size_t size) { return ::fgetxattr(descriptor, name, value, size); });
}

}
