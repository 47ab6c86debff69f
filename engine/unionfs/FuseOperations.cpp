#include "engine/unionfs/FuseOperations.h"

#include "engine/unionfs/DirectoryBranch.h"

#include <algorithm>
#include <cerrno>
#include <iterator>
#include <span>

#define FUSE_USE_VERSION 312
#include <fcntl.h>
#include <fuse_lowlevel.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>

namespace drydock::unionfs {

namespace {

constexpr double for_ever = 365.0 * 24 * 3600; // seconds

FileType file_type(mode_t mode)
{
    switch (mode & S_IFMT) {
    case S_IFCHR: return FileType::CharDevice;
    case S_IFBLK: return FileType::BlockDevice;
    case S_IFIFO: return FileType::Fifo;
    case S_IFSOCK: return FileType::Socket;
    default: return FileType::Regular;
    }
}

timespec to_timespec(std::int64_t time)
{
    auto const nanoseconds = ((time % nanoseconds_per_second) + nanoseconds_per_second) % nanoseconds_per_second;
    return { (time - nanoseconds) / nanoseconds_per_second, nanoseconds };
}

std::int64_t to_nanoseconds(timespec const& time)
{
    return time.tv_sec * nanoseconds_per_second + time.tv_nsec;
}

struct stat to_stat(Attributes const& a)
{
    struct stat s { };
    s.st_ino = a.inode;
    s.st_mode = file_type_bits(a.type) | a.mode;
    // A directory may begin to merge, and then has 1, while the kernel remembers the count of before: it is still
    // right, as the kernel forgets it when a directory is made, moved or removed in there.
    s.st_nlink = a.links;
    s.st_uid = a.uid;
    s.st_gid = a.gid;
    s.st_rdev = makedev(a.device_major, a.device_minor);
    s.st_size = static_cast<off_t>(a.size);
    s.st_blksize = 4096;
    s.st_blocks = static_cast<blkcnt_t>((a.size + 511) / 512);
    s.st_atim = to_timespec(a.atime);
    s.st_mtim = to_timespec(a.mtime);
    s.st_ctim = to_timespec(a.ctime);
    return s;
}

fuse_entry_param to_entry(TreeEntry const& entry)
{
    fuse_entry_param e {};
    e.ino = entry.id;
    e.attr = to_stat(entry.attributes);
    e.attr_timeout = for_ever;
    e.entry_timeout = for_ever;
    return e;
}

void put_handle(fuse_file_info* info, Handle& handle)
{
    static_assert(sizeof info->fh >= sizeof(Handle*));
    info->fh = reinterpret_cast<std::uintptr_t>(&handle);
}

Handle& handle_of(fuse_file_info const* info)
{
    // libfuse keeps this number for a server to find its own object by.
    // NOLINTNEXTLINE(performance-no-int-to-ptr)
    return *reinterpret_cast<Handle*>(static_cast<std::uintptr_t>(info->fh));
}

FuseConnection& connection_of(fuse_req_t request)
{
    return *static_cast<FuseConnection*>(fuse_req_userdata(request));
}

Tree& tree_of(fuse_req_t request)
{
    return connection_of(request).tree();
}

void reply_error(fuse_req_t request, Error const& error)
{
    fuse_reply_err(request, error.errno_code() != 0 ? error.errno_code() : EIO);
}

void reply_done(fuse_req_t request, Result<void> const& result)
{
    if (result)
        fuse_reply_err(request, 0);
    else
        reply_error(request, result.error());
}

void reply_entry(fuse_req_t request, Result<TreeEntry> const& entry)
{
    if (!entry)
        return reply_error(request, entry.error());
    auto const e = to_entry(*entry);
    fuse_reply_entry(request, &e);
}

void reply_attributes(fuse_req_t request, Result<Attributes> const& attributes)
{
    if (!attributes)
        return reply_error(request, attributes.error());
    auto const s = to_stat(*attributes);
    fuse_reply_attr(request, &s, for_ever);
}

// Owner and mode as the kernel sends them: the umask is applied already.
NewObject new_object(fuse_req_t request, FileType type, mode_t mode)
{
    auto const* const context = fuse_req_ctx(request);
    NewObject object;
    object.type = type;
    object.mode = mode & 07777;
    object.uid = context->uid;
    object.gid = context->gid;
    return object;
}

// ---- The connection ----

void on_init(void*, fuse_conn_info* connection)
{
    auto const wish = [&](unsigned capability, bool wanted) {
        connection->want &= ~capability;
        if (wanted)
            connection->want |= connection->capable & capability;
    };
    wish(FUSE_CAP_ATOMIC_O_TRUNC, true); // else a file would be copied up only to be emptied
    wish(FUSE_CAP_CACHE_SYMLINKS, true);
    wish(FUSE_CAP_READDIRPLUS, true);
    wish(FUSE_CAP_READDIRPLUS_AUTO, true);
    wish(FUSE_CAP_PARALLEL_DIROPS, true);
    // Pages go when we say so; else every write would throw them away, as it changes st_mtime.
    wish(FUSE_CAP_EXPLICIT_INVAL_DATA, true);
    wish(FUSE_CAP_AUTO_INVAL_DATA, false);
    // Written through: a full disk must fail the write(2), not a later close(2), and events keep their order.
    wish(FUSE_CAP_WRITEBACK_CACHE, false);
    wish(FUSE_CAP_HANDLE_KILLPRIV, false);
    wish(FUSE_CAP_SPLICE_READ | FUSE_CAP_SPLICE_WRITE | FUSE_CAP_SPLICE_MOVE, false);
}

void on_lookup(fuse_req_t request, fuse_ino_t parent, char const* name)
{
    auto const entry = tree_of(request).look_up(parent, name, Tree::Remember::Yes);
    if (entry || entry.error().errno_code() != ENOENT)
        return reply_entry(request, entry);
    fuse_entry_param absent {}; // number 0: the kernel may remember that there is nothing
    absent.entry_timeout = for_ever;
    fuse_reply_entry(request, &absent);
}

void on_forget(fuse_req_t request, fuse_ino_t id, std::uint64_t times)
{
    tree_of(request).forget(id, times);
    fuse_reply_none(request);
}

void on_forget_multi(fuse_req_t request, std::size_t count, fuse_forget_data* forgets)
{
    for (std::size_t i = 0; i < count; ++i)
        tree_of(request).forget(forgets[i].ino, forgets[i].nlookup);
    fuse_reply_none(request);
}

// ---- Metadata ----

void on_getattr(fuse_req_t request, fuse_ino_t id, fuse_file_info*)
{
    reply_attributes(request, tree_of(request).attributes(id));
}

Result<Attributes> set_attributes(
    Tree& tree, fuse_ino_t id, struct stat const& wanted, int which, fuse_file_info const* info)
{
    MetadataChange change;
    if ((which & FUSE_SET_ATTR_MODE) != 0)
        change.mode = wanted.st_mode & 07777;
    if ((which & FUSE_SET_ATTR_UID) != 0)
        change.uid = wanted.st_uid;
    if ((which & FUSE_SET_ATTR_GID) != 0)
        change.gid = wanted.st_gid;
    if ((which & FUSE_SET_ATTR_SIZE) != 0) {
        TRY(tree.truncate(id, static_cast<std::uint64_t>(wanted.st_size)));
        if (info != nullptr)
            handle_of(info).wrote = true;
        else
            tree.publish_written(id);
    } else { // a truncation sets the times itself
        // Where "now" is meant, the kernel sends its own clock's reading.
        if ((which & FUSE_SET_ATTR_ATIME) != 0)
            change.atime = to_nanoseconds(wanted.st_atim);
        if ((which & FUSE_SET_ATTR_MTIME) != 0)
            change.mtime = to_nanoseconds(wanted.st_mtim);
    }
    if (change.mode || change.uid || change.gid || change.atime || change.mtime)
        TRY(tree.change(id, change));
    return tree.attributes(id);
}

void on_setattr(fuse_req_t request, fuse_ino_t id, struct stat* wanted, int which, fuse_file_info* info)
{
    reply_attributes(request, set_attributes(tree_of(request), id, *wanted, which, info));
}

void on_readlink(fuse_req_t request, fuse_ino_t id)
{
    auto const target = tree_of(request).read_link(id);
    if (target)
        fuse_reply_readlink(request, target->c_str());
    else
        reply_error(request, target.error());
}

void on_statfs(fuse_req_t request, fuse_ino_t)
{
    auto const space = tree_of(request).space();
    struct statvfs s { };
    s.f_bsize = s.f_frsize = 4096;
    s.f_blocks = space.capacity / 4096;
    s.f_bfree = s.f_bavail = space.free / 4096;
    s.f_namemax = 255;
    fuse_reply_statfs(request, &s);
}

// getxattr(2) and listxattr(2): size 0 asks how much there is.
void reply_sized(fuse_req_t request, std::string_view value, std::size_t size)
{
    if (size == 0)
        fuse_reply_xattr(request, value.size());
    else if (value.size() > size)
        fuse_reply_err(request, ERANGE);
    else
        fuse_reply_buf(request, value.data(), value.size());
}

void on_getxattr(fuse_req_t request, fuse_ino_t id, char const* name, std::size_t size)
{
    auto const xattrs = tree_of(request).xattrs(id);
    if (!xattrs)
        return reply_error(request, xattrs.error());
    auto const found = xattrs->find(name);
    if (found == xattrs->end())
        fuse_reply_err(request, std::string_view(name).starts_with("system.") ? EOPNOTSUPP : ENODATA);
    else
        reply_sized(request, found->second, size);
}

void on_listxattr(fuse_req_t request, fuse_ino_t id, std::size_t size)
{
    auto const xattrs = tree_of(request).xattrs(id);
    if (!xattrs)
        return reply_error(request, xattrs.error());
    std::string names;
    for (auto const& [name, value] : *xattrs)
        names += name + '\0';
    reply_sized(request, names, size);
}

void on_setxattr(fuse_req_t request, fuse_ino_t id, char const* name, char const* value, std::size_t size, int flags)
{
    auto& tree = tree_of(request);
    if (flags != 0) {
        auto const xattrs = tree.xattrs(id);
        bool const exists = xattrs && xattrs->contains(name);
        if (exists && (flags & XATTR_CREATE) != 0)
            return void(fuse_reply_err(request, EEXIST));
        if (!exists && (flags & XATTR_REPLACE) != 0)
            return void(fuse_reply_err(request, ENODATA));
    }
    reply_done(request, tree.set_xattr(id, name, { value, size }));
}

void on_removexattr(fuse_req_t request, fuse_ino_t id, char const* name)
{
    reply_done(request, tree_of(request).remove_xattr(id, name));
}

// ---- Names ----

void make(fuse_req_t request, fuse_ino_t parent, char const* name, NewObject object)
{
    reply_entry(request, tree_of(request).make(parent, name, std::move(object), Tree::Remember::Yes));
}

void on_mknod(fuse_req_t request, fuse_ino_t parent, char const* name, mode_t mode, dev_t device)
{
    auto object = new_object(request, file_type(mode), mode);
    object.device_major = major(device);
    object.device_minor = minor(device);
    if (S_ISCHR(mode) && device == 0)
        return void(fuse_reply_err(request, EPERM)); // it would be a whiteout, as on overlayfs
    make(request, parent, name, std::move(object));
}

void on_mkdir(fuse_req_t request, fuse_ino_t parent, char const* name, mode_t mode)
{
    make(request, parent, name, new_object(request, FileType::Directory, mode));
}

void on_symlink(fuse_req_t request, char const* target, fuse_ino_t parent, char const* name)
{
    auto object = new_object(request, FileType::Symlink, 0777);
    object.target = target;
    make(request, parent, name, std::move(object));
}

void on_link(fuse_req_t request, fuse_ino_t id, fuse_ino_t parent, char const* name)
{
    reply_entry(request, tree_of(request).link(id, parent, name, Tree::Remember::Yes));
}

void on_unlink(fuse_req_t request, fuse_ino_t parent, char const* name)
{
    reply_done(request, tree_of(request).remove(parent, name, Removal::File));
}

void on_rmdir(fuse_req_t request, fuse_ino_t parent, char const* name)
{
    reply_done(request, tree_of(request).remove(parent, name, Removal::Directory));
}

void on_rename(fuse_req_t request, fuse_ino_t parent, char const* name, fuse_ino_t new_parent, char const* new_name,
    unsigned flags)
{
    if ((flags & ~static_cast<unsigned>(RENAME_NOREPLACE)) != 0)
        return void(fuse_reply_err(request, EINVAL)); // as filesystems without RENAME_EXCHANGE and RENAME_WHITEOUT
    auto const if_exists = flags == 0 ? IfTargetExists::Replace : IfTargetExists::Fail;
    reply_done(request, tree_of(request).rename(parent, name, new_parent, new_name, if_exists));
}

// ---- Files ----

void on_open(fuse_req_t request, fuse_ino_t id, fuse_file_info* info)
{
    auto const use = (info->flags & O_ACCMODE) == O_RDONLY ? OpenFor::Reading : OpenFor::Writing;
    auto const truncate = (info->flags & O_TRUNC) != 0 ? Truncate::Yes : Truncate::No;
    auto const opened = tree_of(request).open(id, truncate == Truncate::Yes ? OpenFor::Writing : use, truncate);
    if (!opened)
        return reply_error(request, opened.error());
    auto& handle = connection_of(request).open_file(id);
    handle.wrote = truncate == Truncate::Yes;
    put_handle(info, handle);
    info->keep_cache = 1;
    fuse_reply_open(request, info);
}

void on_create(fuse_req_t request, fuse_ino_t parent, char const* name, mode_t mode, fuse_file_info* info)
{
    auto& tree = tree_of(request);
    auto const entry = tree.create(parent, name, new_object(request, FileType::Regular, mode), Tree::Remember::Yes);
    if (!entry)
        return reply_error(request, entry.error());
    put_handle(info, connection_of(request).open_file(entry->id));
    info->keep_cache = 1;
    auto const e = to_entry(*entry);
    fuse_reply_create(request, &e, info);
}

void on_read(fuse_req_t request, fuse_ino_t id, std::size_t size, off_t offset, fuse_file_info*)
{
    thread_local std::vector<char> buffer;
    buffer.resize(std::max(buffer.size(), size));
    auto const got = tree_of(request).read(id, static_cast<std::uint64_t>(offset), std::span(buffer).first(size));
    if (got)
        fuse_reply_buf(request, buffer.data(), *got);
    else
        reply_error(request, got.error());
}

void on_write(
    fuse_req_t request, fuse_ino_t id, char const* bytes, std::size_t size, off_t offset, fuse_file_info* info)
{
    auto const written = tree_of(request).write(id, static_cast<std::uint64_t>(offset), { bytes, size });
    if (!written)
        return reply_error(request, written.error());
    handle_of(info).wrote = true;
    fuse_reply_write(request, size);
}

void on_fsync(fuse_req_t request, fuse_ino_t id, int, fuse_file_info*)
{
    reply_done(request, tree_of(request).sync(id));
}

void on_release(fuse_req_t request, fuse_ino_t, fuse_file_info* info)
{
    connection_of(request).release(handle_of(info));
    fuse_reply_err(request, 0);
}

// ---- Directories ----

void on_opendir(fuse_req_t request, fuse_ino_t id, fuse_file_info* info)
{
    put_handle(info, connection_of(request).open_directory(id));
    info->cache_readdir = 1;
    info->keep_cache = 1;
    fuse_reply_open(request, info);
}

// What the directory holds, with "." and "..", taken when the reader stands at its beginning.
Result<void> take_listing(Tree& tree, fuse_ino_t id, off_t offset, Handle& directory)
{
    if (directory.listed && offset != 0)
        return {};
    auto names = TRY(tree.list(id));
    auto const parent = TRY(tree.parent(id));
    auto const own = TRY(tree.attributes(id));
    auto const parents = TRY(tree.attributes(parent));
    directory.names.clear();
    directory.names.push_back({ ".", id, FileType::Directory, own.inode, true });
    directory.names.push_back({ "..", parent, FileType::Directory, parents.inode, true });
    std::move(names.begin(), names.end(), std::back_inserter(directory.names));
    directory.listed = true;
    return {};
}

enum class Plus : std::uint8_t { No, Yes };

// Number 0: the kernel learns the name, and nothing to remember of it.
fuse_entry_param name_alone(ListedName const& listed)
{
    fuse_entry_param e {};
    e.attr.st_ino = listed.inode;
    e.attr.st_mode = file_type_bits(listed.type);
    return e;
}

// Appends what has room; how many bytes it took, or would have taken.
std::size_t add_name(fuse_req_t request, std::span<char> room, ListedName const& listed, off_t next, Plus plus)
{
    auto const* const name = listed.name.c_str();
    auto e = name_alone(listed);
    if (plus == Plus::No)
        return fuse_add_direntry(request, room.data(), room.size(), name, &e.attr, next);
    auto const need = fuse_add_direntry_plus(request, nullptr, 0, name, &e, next);
    if (need > room.size())
        return need;
    // An entry given with its number counts as looked up. What the kernel knows it need not learn again, and "." and
    // ".." never count (fuse_lowlevel.h, readdirplus).
    if (!listed.remembered) {
        if (auto const entry = tree_of(request).entry(listed.id, Tree::Remember::Yes))
            e = to_entry(*entry);
    }
    return fuse_add_direntry_plus(request, room.data(), room.size(), name, &e, next);
}

void reply_listing(
    fuse_req_t request, fuse_ino_t id, std::size_t size, off_t offset, fuse_file_info const* info, Plus plus)
{
    auto& directory = handle_of(info);
    if (auto const taken = take_listing(tree_of(request), id, offset, directory); !taken)
        return reply_error(request, taken.error());
    std::vector<char> buffer(size);
    std::size_t used = 0;
    for (auto i = static_cast<std::size_t>(offset); i < directory.names.size(); ++i) {
        auto const room = std::span(buffer).subspan(used);
        auto const took = add_name(request, room, directory.names[i], static_cast<off_t>(i + 1), plus);
        if (took > room.size())
            break;
        used += took;
    }
    fuse_reply_buf(request, buffer.data(), used);
}

void on_readdir(fuse_req_t request, fuse_ino_t id, std::size_t size, off_t offset, fuse_file_info* info)
{
    reply_listing(request, id, size, offset, info, Plus::No);
}

void on_readdirplus(fuse_req_t request, fuse_ino_t id, std::size_t size, off_t offset, fuse_file_info* info)
{
    reply_listing(request, id, size, offset, info, Plus::Yes);
}

// What is missing here the kernel does itself after asking once: flush, access, locks, seeking holes.
fuse_lowlevel_ops operations()
{
    fuse_lowlevel_ops o {};
    o.init = on_init;
    o.lookup = on_lookup;
    o.forget = on_forget;
    o.forget_multi = on_forget_multi;
    o.getattr = on_getattr;
    o.setattr = on_setattr;
    o.readlink = on_readlink;
    o.statfs = on_statfs;
    o.getxattr = on_getxattr;
    o.listxattr = on_listxattr;
    o.setxattr = on_setxattr;
    o.removexattr = on_removexattr;
    o.mknod = on_mknod;
    o.mkdir = on_mkdir;
    o.symlink = on_symlink;
    o.link = on_link;
    o.unlink = on_unlink;
    o.rmdir = on_rmdir;
    o.rename = on_rename;
    o.open = on_open;
    o.create = on_create;
    o.read = on_read;
    o.write = on_write;
    o.fsync = on_fsync;
    o.release = on_release;
    o.opendir = on_opendir;
    o.readdir = on_readdir;
    o.readdirplus = on_readdirplus;
    o.releasedir = on_release;
    return o;
}

}

fuse_lowlevel_ops const& fuse_operations()
{
    static auto const table = operations();
    return table;
}

// ---- Handles ----

FuseConnection::~FuseConnection()
{
    for (auto const& [handle, owner] : m_handles)
        end(*handle);
}

Handle& FuseConnection::open_file(NodeId id)
{
    auto handle = std::make_unique<Handle>();
    handle->id = id;
    handle->is_file = true;
    return add(std::move(handle));
}

Handle& FuseConnection::open_directory(NodeId id)
{
    auto handle = std::make_unique<Handle>();
    handle->id = id;
    return add(std::move(handle));
}

Handle& FuseConnection::add(std::unique_ptr<Handle> handle)
{
    std::lock_guard const lock(m_mutex);
    auto& result = *handle;
    m_handles.emplace(&result, std::move(handle));
    return result;
}

void FuseConnection::release(Handle& handle)
{
    end(handle);
    std::lock_guard const lock(m_mutex);
    m_handles.erase(&handle);
}

void FuseConnection::end(Handle const& handle)
{
    if (!handle.is_file)
        return;
    if (handle.wrote)
        m_tree.publish_written(handle.id);
    m_tree.close(handle.id);
}

}
