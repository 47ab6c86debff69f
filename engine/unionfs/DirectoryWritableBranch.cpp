#include "engine/unionfs/DirectoryWritableBranch.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>

namespace drydock::unionfs {

namespace {

timespec to_timespec(std::optional<std::int64_t> time)
{
    if (!time)
        return { 0, UTIME_OMIT };
    auto const nanoseconds = ((*time % nanoseconds_per_second) + nanoseconds_per_second)
        % nanoseconds_per_second; // also right before 1970
    return { (*time - nanoseconds) / nanoseconds_per_second, nanoseconds };
}

Result<void> set_times(Place const& at, std::optional<std::int64_t> atime, std::optional<std::int64_t> mtime)
{
    if (!atime && !mtime)
        return {};
    timespec const times[2] { to_timespec(atime), to_timespec(mtime) };
    if (::utimensat(at.parent, at.name.c_str(), times, AT_SYMLINK_NOFOLLOW) != 0)
        return failed("utimensat(2)", errno);
    return {};
}

enum class At : std::uint8_t { Nothing, Whiteout, Directory, Other };

At what_is_at(Place const& at)
{
    struct stat s { };
    if (::fstatat(at.parent, at.name.c_str(), &s, AT_SYMLINK_NOFOLLOW) != 0)
        return At::Nothing;
    if (S_ISCHR(s.st_mode) && s.st_rdev == 0)
        return At::Whiteout;
    return S_ISDIR(s.st_mode) ? At::Directory : At::Other;
}

Result<void> make_whiteout_at(Place const& at)
{
    if (::mknodat(at.parent, at.name.c_str(), S_IFCHR, makedev(0, 0)) != 0)
        return failed("mknodat(2)", errno);
    return {};
}

Result<void> rename_at(Place const& from, Place const& to, unsigned flags)
{
    if (::renameat2(from.parent, from.name.c_str(), to.parent, to.name.c_str(), flags) != 0)
        return failed("renameat2(2)", errno);
    return {};
}

// Takes the whiteouts out of a directory that holds nothing else.
Result<void> remove_whiteouts(Place const& at)
{
    os::Fd const directory(::openat(at.parent, at.name.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
    if (!directory)
        return failed("openat(2)", errno);
    Place child { nullptr, directory.get(), {} };
    auto const names = TRY(names_in(directory.get()));
    for (auto const& name : names) {
        child.name = name;
        if (what_is_at(child) != At::Whiteout)
            return fail(Error::from_errno("rmdir(2)", ENOTEMPTY));
    }
    for (auto const& name : names)
        ::unlinkat(directory.get(), name.c_str(), 0);
    return {};
}

Result<void> remove_directory_at(Place const& at)
{
    if (::unlinkat(at.parent, at.name.c_str(), AT_REMOVEDIR) == 0)
        return {};
    if (errno != ENOTEMPTY)
        return failed("rmdir(2)", errno);
    TRY(remove_whiteouts(at));
    if (::unlinkat(at.parent, at.name.c_str(), AT_REMOVEDIR) != 0)
        return failed("rmdir(2)", errno);
    return {};
}

Result<void> write_all(int fd, std::string_view bytes, std::uint64_t offset)
{
    while (!bytes.empty()) {
        auto const written = ::pwrite(fd, bytes.data(), bytes.size(), static_cast<off_t>(offset));
        if (written < 0 && errno == EINTR)
            continue;
        if (written < 0)
            return failed("pwrite(2)", errno);
        bytes.remove_prefix(static_cast<std::size_t>(written));
        offset += static_cast<std::uint64_t>(written);
    }
    return {};
}

// As far as the kernel copies between the two files itself, sharing the blocks where the filesystem can.
std::uint64_t copied_by_kernel(int from, int to, std::uint64_t size)
{
    off64_t read = 0;
    off64_t written = 0;
    while (from >= 0 && static_cast<std::uint64_t>(written) < size) {
        auto const rest = size - static_cast<std::uint64_t>(written);
        auto const count = ::copy_file_range(from, &read, to, &written, rest, 0);
        if (count == 0 || (count < 0 && errno != EINTR))
            break; // EXDEV, EOPNOTSUPP: reading and writing works between any two
    }
    return static_cast<std::uint64_t>(written);
}

Result<void> copy_content(content::ReadableFile const& from, int to, Atomic atomic)
{
    auto const size = from.size();
    auto const copied = copied_by_kernel(from.descriptor(), to, size);
    std::string buffer(std::min<std::uint64_t>(size - copied, 1 << 20), '\0');
    for (auto offset = copied; offset < size;) {
        auto const got = TRY(from.read_at(offset, buffer));
        if (got == 0)
            return fail(ErrorKind::Corrupt, "the content ends before its size");
        TRY(write_all(to, std::string_view(buffer).substr(0, got), offset));
        offset += got;
    }
    // The kernel's overlayfs does so too (unless mounted `volatile`): a name must not outlive its content.
    if (atomic == Atomic::EveryObject && size > 0 && ::fdatasync(to) != 0)
        return failed("fdatasync(2)", errno);
    return {};
}

class OpenDirectoryFile final : public WritableFile {
public:
    OpenDirectoryFile(os::Fd fd, bool owners_in_xattrs)
        : m_fd(std::move(fd))
        , m_owners_in_xattrs(owners_in_xattrs)
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
            return failed("pread(2)", errno);
        return static_cast<std::size_t>(got);
    }
    int descriptor() const override { return m_fd.get(); }
    Result<void> write_at(std::uint64_t offset, std::string_view bytes) override
    {
        return write_all(m_fd.get(), bytes, offset);
    }
    Result<void> truncate(std::uint64_t size) override
    {
        if (::ftruncate(m_fd.get(), static_cast<off_t>(size)) != 0)
            return failed("ftruncate(2)", errno);
        return {};
    }
    Result<void> sync() override
    {
        if (::fsync(m_fd.get()) != 0)
            return failed("fsync(2)", errno);
        return {};
    }
    Result<Attributes> attributes() const override { return attributes_of_descriptor(m_fd.get(), m_owners_in_xattrs); }
    Result<void> change(MetadataChange const& change) override
    {
        auto wanted = TRY(attributes());
        wanted.mode = change.mode.value_or(wanted.mode);
        wanted.uid = change.uid.value_or(wanted.uid);
        wanted.gid = change.gid.value_or(wanted.gid);
        auto const text = stat_text(wanted);
        if (m_owners_in_xattrs && ::fsetxattr(m_fd.get(), stat_xattr, text.data(), text.size(), 0) != 0)
            return failed("fsetxattr(2)", errno);
        if (!m_owners_in_xattrs && (change.uid || change.gid) && ::fchown(m_fd.get(), wanted.uid, wanted.gid) != 0)
            return failed("fchown(2)", errno);
        if (!m_owners_in_xattrs && ::fchmod(m_fd.get(), wanted.mode) != 0)
            return failed("fchmod(2)", errno);
        timespec const times[2] { to_timespec(change.atime), to_timespec(change.mtime) };
        if (::futimens(m_fd.get(), times) != 0)
            return failed("futimens(2)", errno);
        return {};
    }

private:
    os::Fd m_fd;
    bool m_owners_in_xattrs;
};

// What is really set where the wanted mode stands in an xattr: this process must be able to open the file, and no
// file of an ordinary user may become setuid on the host.
std::uint32_t real_mode(FileType type, std::uint32_t mode)
{
    return (mode & 0777) | (type == FileType::Directory ? 0700U : 0600U);
}

}

// ---- Opening ----

Result<std::shared_ptr<DirectoryWritableBranch>> DirectoryWritableBranch::open(
    std::filesystem::path const& upper, std::filesystem::path const& work, Owners owners, Atomic atomic)
{
    auto tree = TRY_WITH("opening the upper directory", DirectoryBranch::open(upper));
    std::error_code error;
    for (auto const& left_over : std::filesystem::directory_iterator(work, error))
        std::filesystem::remove_all(left_over.path(), error);
    auto work_directory = TRY_WITH("opening the work directory", Beneath::open(work));
    auto branch = std::shared_ptr<DirectoryWritableBranch>(
        new DirectoryWritableBranch(std::move(tree), std::move(work_directory), atomic));
    TRY(branch->decide_owners(owners));
    return branch;
}

Result<void> DirectoryWritableBranch::decide_owners(Owners owners)
{
    if (owners_in_xattrs())
        return {}; // as this tree was begun
    auto const probe = next_work_place();
    if (::mkdirat(probe.parent, probe.name.c_str(), 0700) != 0)
        return failed("mkdirat(2)", errno);
    bool const permitted = ::fchownat(probe.parent, probe.name.c_str(), 1, 1, AT_SYMLINK_NOFOLLOW) == 0;
    ::unlinkat(probe.parent, probe.name.c_str(), AT_REMOVEDIR);
    if (permitted && owners == Owners::AsPermitted)
        return {};
    auto const root = TRY(place(""));
    m_tree->keep_owners_in_xattrs();
    auto attributes = TRY(m_tree->look_up("")).attributes;
    return set_wanted_stat(root, attributes);
}

Place DirectoryWritableBranch::next_work_place()
{
    return { nullptr, m_work.root(), "new-" + std::to_string(m_next_name++) };
}

// ---- Making ----

Result<Vacancy> DirectoryWritableBranch::make(std::string const& path, NewObject const& object)
{
    auto const target = TRY(place(path));
    if (!object.unseen)
        return make_at(target, object);
    struct stat directory { };
    if (::fstatat(target.parent, "", &directory, AT_EMPTY_PATH) != 0)
        return failed("fstatat(2)", errno);
    auto const vacancy = TRY(make_at(target, object));
    timespec const times[2] { directory.st_atim, directory.st_mtim };
    if (::utimensat(target.parent, ".", times, 0) != 0)
        return failed("utimensat(2)", errno);
    return vacancy;
}

Result<Vacancy> DirectoryWritableBranch::make_at(Place const& target, NewObject const& object)
{
    bool const plain = m_atomic == Atomic::TheWholeTree || (!object.content && object.xattrs.empty() && !object.mtime);
    if (plain) {
        auto const created = create(target, object);
        if (created)
            return Vacancy::Nothing;
        if (created.error().errno_code() != EEXIST)
            return fail(created.error());
    }
    auto const at = what_is_at(target);
    if (at != At::Nothing && at != At::Whiteout)
        return fail(Error::from_errno("open(2)", EEXIST));
    auto const aside = next_work_place();
    TRY(create(aside, object));
    if (at == At::Whiteout)
        return move_over_whiteout(aside, target, object.type);
    TRY(rename_at(aside, target, RENAME_NOREPLACE));
    return Vacancy::Nothing;
}

Result<Vacancy> DirectoryWritableBranch::move_over_whiteout(Place const& from, Place const& to, FileType type)
{
    if (type != FileType::Directory) {
        TRY(rename_at(from, to, 0));
        return Vacancy::Whiteout;
    }
    if (::lsetxattr(from.through_proc().c_str(), "user.overlay.opaque", "y", 1, 0) != 0)
        return failed("lsetxattr(2)", errno);
    TRY(rename_at(from, to, RENAME_EXCHANGE)); // a directory cannot replace a file in one step
    ::unlinkat(from.parent, from.name.c_str(), 0);
    return Vacancy::Whiteout;
}

Result<void> DirectoryWritableBranch::create(Place const& at, NewObject const& object)
{
    char const* const name = at.name.c_str();
    bool const stand_in = owners_in_xattrs() && object.type != FileType::Directory && object.type != FileType::Symlink;
    if (object.type == FileType::Directory) {
        if (::mkdirat(at.parent, name, 0700) != 0)
            return failed("mkdirat(2)", errno);
    } else if (object.type == FileType::Symlink) {
        if (::symlinkat(object.target.c_str(), at.parent, name) != 0)
            return failed("symlinkat(2)", errno);
    } else if (object.type == FileType::Regular || stand_in) {
        os::Fd const fd(::openat(at.parent, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
        if (!fd)
            return failed("openat(2)", errno);
        if (auto copied = object.content ? copy_content(*object.content, fd.get(), m_atomic) : Result<void> {};
            !copied) {
            ::unlinkat(at.parent, name, 0);
            return copied;
        }
    } else if (::mknodat(at.parent, name, file_type_bits(object.type) | 0600,
                   makedev(object.device_major, object.device_minor))
        != 0) {
        return failed("mknodat(2)", errno);
    }
    auto filled = fill(at, object);
    if (!filled)
        ::unlinkat(at.parent, name, object.type == FileType::Directory ? AT_REMOVEDIR : 0);
    return filled;
}

// Owner, xattrs, mode, times, in this order: chown(2) clears setuid and security.capability.
Result<void> DirectoryWritableBranch::fill(Place const& at, NewObject const& object)
{
    Attributes const wanted { .type = object.type,
        .mode = object.mode,
        .uid = object.uid,
        .gid = object.gid,
        .device_major = object.device_major,
        .device_minor = object.device_minor };
    if (owners_in_xattrs())
        TRY(set_wanted_stat(at, wanted));
    else if (::fchownat(at.parent, at.name.c_str(), object.uid, object.gid, AT_SYMLINK_NOFOLLOW) != 0)
        return failed("fchownat(2)", errno);
    for (auto const& [name, value] : object.xattrs) {
        if (::lsetxattr(at.through_proc().c_str(), name.c_str(), value.data(), value.size(), 0) == 0)
            continue;
        // As overlayfs: what the upper filesystem cannot hold is left behind; nor can an ordinary user set
        // security.* and trusted.*.
        if (errno != EOPNOTSUPP && !(errno == EPERM && owners_in_xattrs()))
            return failed("lsetxattr(2)", errno);
    }
    if (object.type != FileType::Symlink && !owners_in_xattrs()
        && ::fchmodat(at.parent, at.name.c_str(), object.mode, 0) != 0)
        return failed("fchmodat(2)", errno);
    return set_times(at, object.atime, object.mtime);
}

// A symlink can hold no user.* xattr (xattr(7)), so its owner stays root's in such a tree.
Result<void> DirectoryWritableBranch::set_wanted_stat(Place const& at, Attributes const& wanted)
{
    if (wanted.type == FileType::Symlink)
        return {};
    if (::fchmodat(at.parent, at.name.c_str(), real_mode(wanted.type, wanted.mode), 0) != 0)
        return failed("fchmodat(2)", errno);
    auto const text = stat_text(wanted);
    if (::lsetxattr(at.through_proc().c_str(), stat_xattr, text.data(), text.size(), 0) != 0)
        return failed("lsetxattr(2)", errno);
    return {};
}

Result<void> DirectoryWritableBranch::make_whiteout(std::string const& path)
{
    Forgetting const forgetting(m_tree->beneath(), path);
    auto const target = TRY(place(path));
    if (make_whiteout_at(target))
        return {};
    auto const aside = next_work_place();
    bool const over_directory = what_is_at(target) == At::Directory;
    if (over_directory) {
        auto const entries = TRY(m_tree->list(path));
        for (auto const& [name, found] : entries) {
            if (found.lookup == Lookup::Present)
                return fail(Error::from_errno("rmdir(2)", ENOTEMPTY));
        }
    }
    TRY(make_whiteout_at(aside));
    TRY(rename_at(aside, target, over_directory ? RENAME_EXCHANGE : 0U));
    return over_directory ? remove_directory_at(aside) : Result<void> {};
}

Result<void> DirectoryWritableBranch::make_opaque(std::string const& path)
{
    auto const target = TRY(place(path));
    if (::lsetxattr(target.through_proc().c_str(), "user.overlay.opaque", "y", 1, 0) != 0)
        return failed("lsetxattr(2)", errno);
    return {};
}

// ---- Moving and removing ----

Result<void> DirectoryWritableBranch::remove(std::string const& path)
{
    Forgetting const forgetting(m_tree->beneath(), path);
    auto const target = TRY(place(path));
    if (::unlinkat(target.parent, target.name.c_str(), 0) == 0)
        return {};
    return errno == EISDIR ? remove_directory_at(target) : failed("unlinkat(2)", errno);
}

Result<void> DirectoryWritableBranch::rename(std::string const& from, std::string const& to, Vacancy left_behind)
{
    Forgetting const moved(m_tree->beneath(), from);
    Forgetting const replaced(m_tree->beneath(), to);
    auto const source = TRY(place(from));
    auto const target = TRY(place(to));
    auto const at_target = what_is_at(target);
    if (at_target == At::Whiteout && what_is_at(source) == At::Directory) {
        TRY(rename_at(source, target, RENAME_EXCHANGE)); // and the whiteout now stands at the source
        if (left_behind == Vacancy::Nothing)
            ::unlinkat(source.parent, source.name.c_str(), 0);
        return {};
    }
    if (at_target == At::Directory) {
        // Opaque first: between the two steps nothing that was deleted must shine through.
        TRY(make_opaque(to));
        TRY(remove_whiteouts(target));
    }
    if (left_behind == Vacancy::Nothing)
        return rename_at(source, target, 0);
    auto renamed = rename_at(source, target, RENAME_WHITEOUT);
    if (renamed || renamed.error().errno_code() != EINVAL)
        return renamed;
    TRY(rename_at(source, target, 0)); // a filesystem without RENAME_WHITEOUT
    return make_whiteout_at(source);
}

Result<Vacancy> DirectoryWritableBranch::link(std::string const& existing, std::string const& path)
{
    auto const source = TRY(place(existing));
    auto const target = TRY(place(path));
    if (::linkat(source.parent, source.name.c_str(), target.parent, target.name.c_str(), 0) == 0)
        return Vacancy::Nothing;
    if (errno != EEXIST || what_is_at(target) != At::Whiteout)
        return failed("linkat(2)", errno);
    auto const aside = next_work_place();
    if (::linkat(source.parent, source.name.c_str(), aside.parent, aside.name.c_str(), 0) != 0)
        return failed("linkat(2)", errno);
    TRY(rename_at(aside, target, 0));
    return Vacancy::Whiteout;
}

// ---- Metadata ----

Result<void> DirectoryWritableBranch::change(std::string const& path, MetadataChange const& change)
{
    auto const target = TRY(place(path));
    if (change.mode || change.uid || change.gid) {
        auto wanted = TRY(m_tree->look_up(path)).attributes;
        wanted.mode = change.mode.value_or(wanted.mode);
        wanted.uid = change.uid.value_or(wanted.uid);
        wanted.gid = change.gid.value_or(wanted.gid);
        if (owners_in_xattrs()) {
            TRY(set_wanted_stat(target, wanted));
        } else {
            if ((change.uid || change.gid)
                && ::fchownat(target.parent, target.name.c_str(), wanted.uid, wanted.gid, AT_SYMLINK_NOFOLLOW) != 0)
                return failed("fchownat(2)", errno);
            // Also after a plain chown, which clears bits that the caller may have meant to keep.
            if (wanted.type != FileType::Symlink && ::fchmodat(target.parent, target.name.c_str(), wanted.mode, 0) != 0)
                return failed("fchmodat(2)", errno);
        }
    }
    return set_times(target, change.atime, change.mtime);
}

Result<void> DirectoryWritableBranch::set_xattr(
    std::string const& path, std::string const& name, std::string_view value)
{
    auto const target = TRY(place(path));
    if (::lsetxattr(target.through_proc().c_str(), name.c_str(), value.data(), value.size(), 0) != 0)
        return failed("lsetxattr(2)", errno);
    return {};
}

Result<void> DirectoryWritableBranch::remove_xattr(std::string const& path, std::string const& name)
{
    auto const target = TRY(place(path));
    if (::lremovexattr(target.through_proc().c_str(), name.c_str()) != 0)
        return failed("lremovexattr(2)", errno);
    return {};
}

// ---- Open files ----

Result<std::shared_ptr<WritableFile>> DirectoryWritableBranch::open_for_writing(std::string const& path)
{
    auto fd = TRY(m_tree->beneath().open_at(path, O_RDWR));
    return std::make_shared<OpenDirectoryFile>(std::move(fd), owners_in_xattrs());
}

Space DirectoryWritableBranch::space() const
{
    struct statvfs s { };
    if (::fstatvfs(m_tree->beneath().root(), &s) != 0)
        return {};
    return { s.f_blocks * s.f_frsize, s.f_bavail * s.f_frsize };
}

Result<void> DirectoryWritableBranch::sync() const
{
    // syncfs(2) wants a descriptor that is really open; the root's is O_PATH.
    os::Fd const root(::openat(m_tree->beneath().root(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!root || ::syncfs(root.get()) != 0)
        return failed("syncfs(2)", errno);
    return {};
}

}
