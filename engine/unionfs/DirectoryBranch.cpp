#include "engine/unionfs/DirectoryBranch.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>

#include <algorithm>
#include <array>
#include <cstdio>

namespace drydock::unionfs {

namespace {

FileType type_of(std::uint32_t mode)
{
    switch (mode & S_IFMT) {
    case S_IFDIR: return FileType::Directory;
    case S_IFLNK: return FileType::Symlink;
    case S_IFCHR: return FileType::CharDevice;
    case S_IFBLK: return FileType::BlockDevice;
    case S_IFIFO: return FileType::Fifo;
    case S_IFSOCK: return FileType::Socket;
    default: return FileType::Regular;
    }
}

std::int64_t nanoseconds(timespec const& t)
{
    return t.tv_sec * nanoseconds_per_second + t.tv_nsec;
}

Attributes attributes_of(struct stat const& s)
{
    return { .type = type_of(s.st_mode),
        .mode = s.st_mode & 07777,
        .uid = s.st_uid,
        .gid = s.st_gid,
        .size = static_cast<std::uint64_t>(s.st_size),
        .mtime = nanoseconds(s.st_mtim),
        .atime = nanoseconds(s.st_atim),
        .ctime = nanoseconds(s.st_ctim),
        .links = s.st_nlink,
        .inode = s.st_ino,
        .device_major = major(s.st_rdev),
        .device_minor = minor(s.st_rdev) };
}

// The owner of a tree kept by an ordinary user is root as the container sees it, as in its user namespace.
void apply_kept_owner(std::optional<std::string> const& text, Attributes& attributes)
{
    attributes.uid = 0;
    attributes.gid = 0;
    if (text)
        apply_stat_text(*text, attributes);
}

class DirectoryFile final : public content::ReadableFile {
public:
    explicit DirectoryFile(os::Fd fd)
        : m_fd(std::move(fd))
    {
    }
    std::uint64_t size() const override
    {
        struct stat s { };
        return ::fstat(m_fd.get(), &s) == 0 ? static_cast<std::uint64_t>(s.st_size) : 0;
    }
    Result<std::size_t> read_at(std::uint64_t offset, std::span<char> buffer) const override
    {
        auto const got = ::pread(m_fd.get(), buffer.data(), buffer.size(), static_cast<off_t>(offset));
        if (got < 0)
            return fail(Error::from_errno("pread(2)", errno));
        return static_cast<std::size_t>(got);
    }
    int descriptor() const override { return m_fd.get(); }

private:
    os::Fd m_fd;
};

bool is_absence(Error const& error)
{
    // ELOOP: a symlink stands in the middle (RESOLVE_NO_SYMLINKS); a branch follows none.
    return error.errno_code() == ENOENT || error.errno_code() == ENOTDIR || error.errno_code() == ELOOP;
}

}

std::uint32_t file_type_bits(FileType type)
{
    switch (type) {
    case FileType::Directory: return S_IFDIR;
    case FileType::Symlink: return S_IFLNK;
    case FileType::CharDevice: return S_IFCHR;
    case FileType::BlockDevice: return S_IFBLK;
    case FileType::Fifo: return S_IFIFO;
    case FileType::Socket: return S_IFSOCK;
    case FileType::Regular:
    case FileType::HardLink: return S_IFREG;
    }
    return S_IFREG;
}

std::string stat_text(Attributes const& a)
{
    std::array<char, 96> text {};
    auto const length = std::snprintf(text.data(), text.size(), "%o %u %u %u %u", file_type_bits(a.type) | a.mode,
        a.uid, a.gid, a.device_major, a.device_minor);
    return std::string(text.data(), static_cast<std::size_t>(length));
}

void apply_stat_text(std::string const& text, Attributes& attributes)
{
    unsigned mode = 0;
    unsigned uid = 0;
    unsigned gid = 0;
    unsigned major_number = 0;
    unsigned minor_number = 0;
    if (std::sscanf(text.c_str(), "%o %u %u %u %u", &mode, &uid, &gid, &major_number, &minor_number) != 5)
        return;
    if ((type_of(mode) == FileType::Directory) != (attributes.type == FileType::Directory))
        return; // no xattr makes a directory of a file
    attributes.type = type_of(mode);
    attributes.mode = mode & 07777;
    attributes.uid = uid;
    attributes.gid = gid;
    attributes.device_major = major_number;
    attributes.device_minor = minor_number;
}

Attributes attributes_of_descriptor(int descriptor, bool owners_in_xattrs)
{
    struct stat s { };
    ::fstat(descriptor, &s);
    auto attributes = attributes_of(s);
    if (owners_in_xattrs)
        apply_kept_owner(get_xattr(descriptor, stat_xattr), attributes);
    return attributes;
}

Result<std::shared_ptr<DirectoryBranch>> DirectoryBranch::open(std::filesystem::path const& root)
{
    auto beneath = TRY(Beneath::open(root));
    auto branch = std::shared_ptr<DirectoryBranch>(new DirectoryBranch(std::move(beneath)));
    branch->m_owners_in_xattrs = get_xattr(TRY(branch->m_beneath.place("")).through_proc(), stat_xattr).has_value();
    return branch;
}

Result<Found> DirectoryBranch::examine(Place const& place) const
{
    struct stat s { };
    if (::fstatat(place.parent, place.name.c_str(), &s, AT_SYMLINK_NOFOLLOW) != 0) {
        if (errno == ENOENT)
            return Found {};
        return fail(Error::from_errno("fstatat(2)", errno));
    }
    if (S_ISCHR(s.st_mode) && s.st_rdev == 0)
        return Found { .lookup = Lookup::WhitedOut };
    Found found { .lookup = Lookup::Present, .attributes = attributes_of(s) };
    if (m_owners_in_xattrs)
        apply_kept_owner(get_xattr(place.through_proc(), stat_xattr), found.attributes);
    if (found.attributes.type == FileType::Directory)
        found.opaque = get_xattr(place.through_proc(), "user.overlay.opaque") == "y";
    return found;
}

Result<Found> DirectoryBranch::look_up(std::string const& path) const
{
    auto const place = m_beneath.place(path);
    if (!place) {
        if (is_absence(place.error()))
            return Found {};
        return fail(place.error());
    }
    return examine(*place);
}

Result<std::vector<std::pair<std::string, Found>>> DirectoryBranch::list(std::string const& path) const
{
    auto const directory = TRY(m_beneath.open_at(path, O_RDONLY | O_DIRECTORY));
    auto names = TRY(names_in(directory.get()));
    std::sort(names.begin(), names.end());
    std::vector<std::pair<std::string, Found>> entries;
    entries.reserve(names.size());
    Place place { nullptr, directory.get(), {} };
    for (auto& name : names) {
        place.name = std::move(name);
        auto found = TRY(examine(place));
        if (found.lookup != Lookup::Absent)
            entries.emplace_back(std::move(place.name), found);
    }
    return entries;
}

Result<std::shared_ptr<content::ReadableFile const>> DirectoryBranch::open(std::string const& path) const
{
    // O_NONBLOCK: a fifo that stands here would hold us until somebody writes.
    return std::make_shared<DirectoryFile const>(TRY(m_beneath.open_at(path, O_RDONLY | O_NONBLOCK)));
}

Result<std::string> DirectoryBranch::read_link(std::string const& path) const
{
    auto const place = TRY(m_beneath.place(path));
    std::string target(4096, '\0'); // PATH_MAX
    auto const length = ::readlinkat(place.parent, place.name.c_str(), target.data(), target.size());
    if (length < 0)
        return fail(Error::from_errno("readlinkat(2)", errno));
    target.resize(static_cast<std::size_t>(length));
    return target;
}

Result<std::map<std::string, std::string>> DirectoryBranch::xattrs(std::string const& path) const
{
    auto const place = TRY(m_beneath.place(path));
    auto const name_by_proc = place.through_proc();
    auto const names = list_xattrs(name_by_proc);
    if (!names && errno == EOPNOTSUPP)
        return std::map<std::string, std::string> {};
    if (!names)
        return fail(Error::from_errno("llistxattr(2)", errno));
    std::map<std::string, std::string> xattrs;
    for (std::size_t at = 0; at < names->size(); at = names->find('\0', at) + 1) {
        std::string name = names->c_str() + at;
        if (is_overlays_own(name) || name == stat_xattr)
            continue;
        if (auto value = get_xattr(name_by_proc, name.c_str()))
            xattrs.emplace(std::move(name), std::move(*value));
    }
    return xattrs;
}

}
