#include "sim/kernel/System.h"

#include "sim/kernel/MemoryFileSystem.h"
#include "sim/kernel/Paths.h"
#include "sim/kernel/Programs.h"
#include "sim/kernel/Sockets.h"

#include <algorithm>
#include <cerrno>
#include <sstream>

namespace drydock::kernel {

namespace {

constexpr int symlink_limit = 40; // path_resolution(7)
constexpr std::size_t stdio_buffer = 4096;
constexpr Duration call_cost = std::chrono::microseconds(2); // about what a small system call costs on Linux

tl::unexpected<Error> error(std::string_view call, int code)
{
    return fail(Error::from_errno(call, code));
}

bool is_below(std::string const& path, std::string const& mount)
{
    return mount == "/" || path == mount || (path.starts_with(mount) && path[mount.size()] == '/');
}

// As one sees it whose "/" is `root`.
std::string below_root(std::string const& path, std::string const& root)
{
    if (root == "/" || !is_below(path, root))
        return path;
    return path == root ? "/" : path.substr(root.size());
}

}

// ---- Paths ----

System::Location System::locate(std::string const& full) const
{
    auto const& mounts = m_process.namespaces.at(NamespaceKind::Mnt)->mounts;
    Mount const* best = nullptr;
    for (auto const& mount : mounts) {
        // Of two at the same place the later one covers the earlier.
        if (is_below(full, mount.target) && (best == nullptr || mount.target.size() >= best->target.size()))
            best = &mount;
    }
    if (best == nullptr)
        return { .file_system = nullptr, .path = {}, .full = full };
    auto inner = best->target == "/" ? full : full.substr(best->target.size());
    return { best->file_system, inner.empty() ? "/" : inner, full, best->read_only };
}

Result<System::Location> System::resolve(std::string const& path, Follow follow, std::string_view call) const
{
    return resolve_below(m_process.root, path, follow, call);
}

// `root` is where "/" leads, and where ".." stops.
Result<System::Location> System::resolve_below(
    std::string const& root, std::string const& path, Follow follow, std::string_view call) const
{
    if (path.empty())
        return error(call, ENOENT);
    std::string current = path.front() == '/' ? root : m_process.working_directory;
    auto todo = path_components(path);
    bool const wants_directory = path.back() == '/';
    std::reverse(todo.begin(), todo.end());
    int links = 0;
    while (!todo.empty()) {
        auto const name = std::move(todo.back());
        todo.pop_back();
        if (name == "..") {
            if (current != root)
                current = directory_name(current);
            continue;
        }
        auto next = join_path(current, name);
        bool const is_last = todo.empty();
        auto const location = locate(next);
        if (location.file_system == nullptr)
            return error(call, ENOENT);
        auto const found = location.file_system->stat(location.path);
        if (!found && !(is_last && found.error().errno_code() == ENOENT))
            return tl::unexpected(found.error());
        if (found && found->type == FileType::Symlink && (!is_last || follow == Follow::Yes || wants_directory)) {
            if (++links > symlink_limit)
                return error(call, ELOOP);
            auto const target = TRY(location.file_system->read_link(location.path));
            auto more = path_components(target);
            todo.insert(todo.end(), more.rbegin(), more.rend());
            if (target.starts_with('/'))
                current = root;
            continue;
        }
        bool const is_directory = found && found->type == FileType::Directory;
        if (found && !is_directory && (!is_last || wants_directory))
            return error(call, ENOTDIR);
        if (is_directory && !is_last && !may(*found, Access::Execute))
            return error(call, EACCES);
        current = std::move(next);
    }
    auto location = locate(current);
    if (location.file_system == nullptr)
        return error(call, ENOENT);
    return location;
}

Result<System::Location> System::resolve_for_change(std::string const& path, std::string_view call) const
{
    auto location = TRY(resolve(path, Follow::No, call));
    if (location.read_only)
        return error(call, EROFS);
    auto const directory = TRY(resolve_below("/", directory_name(location.full), Follow::Yes, call));
    auto const attributes = TRY(directory.file_system->stat(directory.path));
    if (!may(attributes, Access::Write))
        return error(call, EACCES);
    return location;
}

// In a directory with the sticky bit everybody removes what is theirs; inode(7).
Result<System::Location> System::resolve_for_removal(std::string const& path, std::string_view call) const
{
    auto location = TRY(resolve_for_change(path, call));
    auto const found = location.file_system->stat(location.path);
    auto const directory = TRY(resolve_below("/", directory_name(location.full), Follow::Yes, call));
    auto const around = TRY(directory.file_system->stat(directory.path));
    auto const uid = owner().uid;
    if (found && (around.mode & 01000U) != 0 && found->uid != uid && around.uid != uid
        && !m_process.can(Capability::Fowner))
        return error(call, EPERM);
    return location;
}

bool System::may(Attributes const& attributes, Access access) const
{
    auto const bit = static_cast<std::uint32_t>(access);
    bool const is_directory = attributes.type == FileType::Directory;
    // Executing needs some x bit all the same.
    if (m_process.can(Capability::DacOverride))
        return access != Access::Execute || is_directory || (attributes.mode & 0111) != 0;
    if (m_process.can(Capability::DacReadSearch)
        && (access == Access::Read || (access == Access::Execute && is_directory)))
        return true;
    if (attributes.uid == m_process.owner.uid)
        return (attributes.mode >> 6U & bit) != 0;
    if (attributes.gid == m_process.owner.gid)
        return (attributes.mode >> 3U & bit) != 0;
    return (attributes.mode & bit) != 0;
}

// ---- Descriptors ----

int System::add_file(std::shared_ptr<OpenFile> file)
{
    std::lock_guard lock(m_kernel.mutex());
    int fd = 0;
    while (m_process.files.contains(fd))
        ++fd;
    m_process.files[fd] = std::move(file);
    return fd;
}

Result<std::shared_ptr<OpenFile>> System::file(int fd, std::string_view call) const
{
    std::lock_guard lock(m_kernel.mutex());
    auto const found = m_process.files.find(fd);
    if (found == m_process.files.end())
        return error(call, EBADF);
    return found->second;
}

Result<int> System::open(std::string const& path, OpenFlags flags, std::uint32_t mode)
{
    m_kernel.finish_call(m_process, call_cost);
    auto const location = TRY(resolve(path, Follow::Yes, "open(2)"));
    auto found = location.file_system->stat(location.path);
    if (!found && flags.create && found.error().errno_code() == ENOENT) {
        TRY(resolve_for_change(location.full, "open(2)"));
        TRY(location.file_system->create(location.path, mode & ~m_process.umask, owner()));
        found = location.file_system->stat(location.path);
        flags.truncate = false;
    } else if (found) {
        if (flags.write && found->type == FileType::Directory)
            return error("open(2)", EISDIR);
        if ((flags.read && !may(*found, Access::Read)) || (flags.write && !may(*found, Access::Write)))
            return error("open(2)", EACCES);
    }
    if (!found)
        return tl::unexpected(found.error());
    return add_file(TRY(open_location(location, *found, flags)));
}

Result<std::shared_ptr<OpenFile>> System::open_location(
    Location const& location, Attributes const& attributes, OpenFlags flags)
{
    if (attributes.type == FileType::CharDevice) {
        auto device = make_device(attributes.device_major, attributes.device_minor);
        if (device == nullptr)
            return error("open(2)", m_process.cgroup->all_devices ? ENXIO : EPERM);
        return device;
    }
    if (attributes.type == FileType::BlockDevice || attributes.type == FileType::Fifo)
        return error("open(2)", m_process.cgroup->all_devices ? ENXIO : EPERM);
    if (flags.write && location.read_only)
        return error("open(2)", EROFS);
    if (flags.truncate && attributes.size > 0)
        TRY(location.file_system->truncate(location.path, 0));
    return make_file(location.file_system, location.path, { flags.read, flags.write, flags.append });
}

Result<std::size_t> System::read(int fd, std::span<char> buffer)
{
    auto const source = TRY(file(fd, "read(2)"));
    m_kernel.finish_call(m_process, call_cost);
    return source->read(&m_process, buffer);
}

Result<void> System::write(int fd, std::string_view bytes)
{
    auto const sink = TRY(file(fd, "write(2)"));
    auto written = sink->write(&m_process, bytes);
    if (!written && written.error().errno_code() == EPIPE)
        (void)m_kernel.signal(m_process.host_pid, sigpipe);
    m_kernel.count_bytes(bytes.size());
    m_kernel.finish_call(m_process, call_cost);
    return written;
}

void System::close(int fd)
{
    std::shared_ptr<OpenFile> closed; // its end takes the kernel's mutex itself
    std::lock_guard lock(m_kernel.mutex());
    if (auto const found = m_process.files.find(fd); found != m_process.files.end()) {
        closed = std::move(found->second);
        m_process.files.erase(found);
    }
}

Result<void> System::duplicate(int from, int to)
{
    auto source = TRY(file(from, "dup2(2)"));
    std::lock_guard lock(m_kernel.mutex());
    m_process.files[to].swap(source); // what was there ends after the lock
    return {};
}

std::pair<int, int> System::pipe()
{
    auto pipe = make_pipe(m_kernel);
    auto const reader = add_file(std::move(pipe.reader));
    return { reader, add_file(std::move(pipe.writer)) };
}

// ---- Sockets ----

Result<int> System::listen(std::uint16_t port)
{
    m_kernel.finish_call(m_process, call_cost);
    auto const& net = m_process.namespaces.at(NamespaceKind::Net);
    if (port < net->first_free_port && !m_process.can(Capability::NetBindService))
        return error("bind(2)", EACCES);
    return add_file(TRY(listen_on(m_kernel, net, port)));
}

// A raw socket, raw(7). BusyBox 1.35 does not try the datagram socket of icmp(7), which net.ipv4.ping_group_range
// opens.
Result<void> System::open_ping_socket() const
{
    m_kernel.finish_call(m_process, call_cost);
    return m_process.can(Capability::NetRaw) ? Result<void>() : error("socket(2)", EPERM);
}

Result<int> System::accept(int fd)
{
    auto const listener = std::dynamic_pointer_cast<ListeningSocket>(TRY(file(fd, "accept(2)")));
    if (listener == nullptr)
        return error("accept(2)", ENOTSOCK);
    auto connection = TRY(listener->accept(&m_process));
    m_kernel.finish_call(m_process, call_cost);
    return add_file(std::move(connection));
}

Result<int> System::connect(std::uint32_t address, std::uint16_t port)
{
    m_kernel.finish_call(m_process, call_cost);
    return add_file(TRY(connect_from(m_kernel, m_process.namespaces.at(NamespaceKind::Net), address, port)));
}

void System::shutdown_write(int fd)
{
    auto const found = file(fd, "shutdown(2)");
    if (auto const socket = found ? std::dynamic_pointer_cast<StreamSocket>(*found) : nullptr)
        socket->shutdown_write();
}

std::optional<std::uint32_t> System::resolve_host(std::string const& name)
{
    if (auto const number = network::parse_address(name))
        return number;
    auto const hosts = read_file("/etc/hosts").value_or(std::string());
    std::istringstream lines(hosts);
    for (std::string line; std::getline(lines, line);) {
        std::istringstream words(line.substr(0, line.find('#')));
        std::string address;
        words >> address;
        for (std::string known; words >> known;) {
            auto const number = network::parse_address(address);
            if (known == name && number)
                return number;
        }
    }
    return look_up_from(m_kernel, *m_process.namespaces.at(NamespaceKind::Net), name);
}

std::optional<Duration> System::round_trip(std::uint32_t address)
{
    return round_trip_from(m_kernel, m_process.namespaces.at(NamespaceKind::Net), address);
}

std::vector<Interface> System::interfaces() const
{
    std::lock_guard const lock(m_kernel.mutex());
    return m_process.namespaces.at(NamespaceKind::Net)->interfaces;
}

std::map<int, std::shared_ptr<OpenFile>> System::files() const
{
    std::lock_guard lock(m_kernel.mutex());
    return m_process.files;
}

void System::set_files(std::map<int, std::shared_ptr<OpenFile>> files)
{
    std::lock_guard lock(m_kernel.mutex());
    m_process.files.swap(files);
}

Result<std::string> System::read_all(int fd)
{
    std::string all;
    std::array<char, 16384> buffer {};
    auto const held = m_process.memory;
    while (auto const count = TRY(read(fd, buffer))) {
        all.append(buffer.data(), count);
        hold_memory(held + all.size());
    }
    hold_memory(held);
    return all;
}

Result<std::string> System::read_file(std::string const& path)
{
    auto const fd = TRY(open(path, open_to_read));
    auto content = read_all(fd);
    close(fd);
    return content;
}

// ---- The tree of files ----

Result<Attributes> System::stat(std::string const& path, Follow follow)
{
    m_kernel.finish_call(m_process, call_cost);
    auto const location = TRY(resolve(path, follow, "stat(2)"));
    return location.file_system->stat(location.path);
}

Result<std::vector<DirectoryEntry>> System::list(std::string const& path)
{
    m_kernel.finish_call(m_process, call_cost);
    auto const location = TRY(resolve(path, Follow::Yes, "open(2)"));
    auto const attributes = TRY(location.file_system->stat(location.path));
    if (!may(attributes, Access::Read))
        return error("open(2)", EACCES);
    auto entries = TRY(location.file_system->list(location.path));
    // A mount point shows even where the tree below it has no such directory.
    for (auto const& mount : m_process.namespaces.at(NamespaceKind::Mnt)->mounts) {
        if (mount.target == "/" || directory_name(mount.target) != location.full)
            continue;
        auto const name = base_name(mount.target);
        auto const mounted = TRY(mount.file_system->stat("/"));
        auto const at = std::lower_bound(entries.begin(), entries.end(), name,
            [](DirectoryEntry const& entry, std::string const& n) { return entry.name < n; });
        if (at != entries.end() && at->name == name)
            at->attributes = mounted;
        else
            entries.insert(at, { name, mounted });
    }
    return entries;
}

Result<std::string> System::read_link(std::string const& path)
{
    m_kernel.finish_call(m_process, call_cost);
    auto const location = TRY(resolve(path, Follow::No, "readlink(2)"));
    return location.file_system->read_link(location.path);
}

Result<std::string> System::real_path(std::string const& path)
{
    auto const location = TRY(resolve(path, Follow::Yes, "realpath(3)"));
    TRY(location.file_system->stat(location.path));
    return below_root(location.full, m_process.root);
}

Result<void> System::make_directory(std::string const& path, std::uint32_t mode)
{
    m_kernel.finish_call(m_process, call_cost);
    auto location = TRY(resolve(path, Follow::No, "mkdir(2)"));
    if (location.file_system->stat(location.path))
        return error("mkdir(2)", EEXIST);
    location = TRY(resolve_for_change(path, "mkdir(2)"));
    return location.file_system->make_directory(location.path, mode & ~m_process.umask & 07777, owner());
}

Result<void> System::make_symlink(std::string const& path, std::string const& target)
{
    m_kernel.finish_call(m_process, call_cost);
    auto const location = TRY(resolve_for_change(path, "symlink(2)"));
    return location.file_system->make_symlink(location.path, target, owner());
}

Result<void> System::make_node(std::string const& path, Attributes node)
{
    m_kernel.finish_call(m_process, call_cost);
    auto const location = TRY(resolve(path, Follow::No, "mknod(2)"));
    if (location.file_system->stat(location.path))
        return error("mknod(2)", EEXIST);
    TRY(resolve_for_change(path, "mknod(2)"));
    if (node.type != FileType::Fifo && !m_process.can(Capability::Mknod))
        return error("mknod(2)", EPERM);
    node.mode &= ~m_process.umask;
    node.uid = owner().uid;
    node.gid = owner().gid;
    return location.file_system->make_node(location.path, node);
}

Result<void> System::link(std::string const& existing, std::string const& path)
{
    m_kernel.finish_call(m_process, call_cost);
    auto const source = TRY(resolve(existing, Follow::No, "link(2)"));
    auto const location = TRY(resolve_for_change(path, "link(2)"));
    if (source.file_system != location.file_system)
        return error("link(2)", EXDEV);
    return location.file_system->link(source.path, location.path);
}

Result<void> System::unlink(std::string const& path)
{
    m_kernel.finish_call(m_process, call_cost);
    auto const location = TRY(resolve_for_removal(path, "unlink(2)"));
    return location.file_system->unlink(location.path);
}

Result<void> System::remove_directory(std::string const& path)
{
    m_kernel.finish_call(m_process, call_cost);
    auto const location = TRY(resolve_for_removal(path, "rmdir(2)"));
    if (location.path == "/")
        return error("rmdir(2)", EBUSY); // a mount point
    return location.file_system->remove_directory(location.path);
}

Result<void> System::rename(std::string const& from, std::string const& to)
{
    m_kernel.finish_call(m_process, call_cost);
    auto const source = TRY(resolve_for_removal(from, "rename(2)"));
    auto const target = TRY(resolve_for_removal(to, "rename(2)"));
    if (source.file_system != target.file_system)
        return error("rename(2)", EXDEV);
    return source.file_system->rename(source.path, target.path);
}

Result<void> System::change_mode(std::string const& path, std::uint32_t mode)
{
    m_kernel.finish_call(m_process, call_cost);
    auto const location = TRY(resolve(path, Follow::Yes, "chmod(2)"));
    auto const attributes = TRY(location.file_system->stat(location.path));
    if (location.read_only)
        return error("chmod(2)", EROFS);
    if (owner().uid != attributes.uid && !m_process.can(Capability::Fowner))
        return error("chmod(2)", EPERM);
    return location.file_system->change_mode(location.path, mode);
}

Result<void> System::change_owner(std::string const& path, Owner new_owner, Follow follow)
{
    m_kernel.finish_call(m_process, call_cost);
    auto const location = TRY(resolve(path, follow, "chown(2)"));
    auto const attributes = TRY(location.file_system->stat(location.path));
    if (location.read_only)
        return error("chown(2)", EROFS);
    // The owner may give a file to a group of its own, and nobody may give one away.
    bool const is_owner = owner().uid == attributes.uid;
    bool const same_group = new_owner.gid == attributes.gid || new_owner.gid == owner().gid;
    if (!m_process.can(Capability::Chown) && !(is_owner && new_owner.uid == attributes.uid && same_group))
        return error("chown(2)", EPERM);
    return location.file_system->change_owner(location.path, new_owner);
}

Result<void> System::set_mtime(std::string const& path, std::int64_t mtime)
{
    m_kernel.finish_call(m_process, call_cost);
    auto const location = TRY(resolve(path, Follow::Yes, "utimensat(2)"));
    auto const attributes = TRY(location.file_system->stat(location.path));
    if (location.read_only)
        return error("utimensat(2)", EROFS);
    if (owner().uid != attributes.uid && !m_process.can(Capability::Fowner) && !may(attributes, Access::Write))
        return error("utimensat(2)", EACCES);
    return location.file_system->set_mtime(location.path, mtime);
}

Result<void> System::change_directory(std::string const& path)
{
    m_kernel.finish_call(m_process, call_cost);
    auto const location = TRY(resolve(path, Follow::Yes, "chdir(2)"));
    auto const attributes = TRY(location.file_system->stat(location.path));
    if (attributes.type != FileType::Directory)
        return error("chdir(2)", ENOTDIR);
    if (!may(attributes, Access::Execute))
        return error("chdir(2)", EACCES);
    m_process.working_directory = location.full;
    return {};
}

std::string System::working_directory() const
{
    return below_root(m_process.working_directory, m_process.root);
}

Result<void> System::change_root(std::string const& path)
{
    m_kernel.finish_call(m_process, call_cost);
    auto const location = TRY(resolve(path, Follow::Yes, "chroot(2)"));
    auto const attributes = TRY(location.file_system->stat(location.path));
    if (attributes.type != FileType::Directory)
        return error("chroot(2)", ENOTDIR);
    if (!m_process.can(Capability::SysChroot))
        return error("chroot(2)", EPERM);
    m_process.root = location.full;
    return {};
}

Result<void> System::mount(
    std::string const& source, std::string const& target, std::string const& type, std::string const& flags)
{
    m_kernel.finish_call(m_process, call_cost);
    if (!m_process.can(Capability::SysAdmin))
        return error("mount(2)", EPERM);
    auto const location = TRY(resolve(target, Follow::Yes, "mount(2)"));
    auto const attributes = TRY(location.file_system->stat(location.path));
    if (attributes.type != FileType::Directory)
        return error("mount(2)", ENOTDIR);
    if (type != "tmpfs")
        return error("mount(2)", type.empty() ? EINVAL : ENODEV);
    m_kernel.mount(m_process,
        { .source = source,
            .target = location.full,
            .type = type,
            .flags = flags,
            .file_system = std::make_shared<MemoryFileSystem>(m_kernel.scheduler(), 01777),
            .read_only = flags == "ro" || flags.starts_with("ro,") });
    return {};
}

Result<void> System::unmount(std::string const& target)
{
    m_kernel.finish_call(m_process, call_cost);
    if (!m_process.can(Capability::SysAdmin))
        return error("umount(2)", EPERM);
    auto const location = TRY(resolve(target, Follow::Yes, "umount(2)"));
    std::lock_guard const lock(m_kernel.mutex());
    auto& mounts = m_process.namespaces.at(NamespaceKind::Mnt)->mounts;
    // The one on top, and not the root.
    auto const found = std::find_if(
        mounts.rbegin(), mounts.rend(), [&](Mount const& mount) { return mount.target == location.full; });
    if (found == mounts.rend())
        return error("umount(2)", EINVAL);
    if (location.full == "/")
        return error("umount(2)", EBUSY);
    mounts.erase(std::next(found).base());
    return {};
}

// ---- Processes ----

Result<std::int64_t> System::fork(Args args, std::function<int(System&)> child)
{
    flush(); // else both would write what is buffered
    auto const started = m_kernel.fork(m_process, { std::move(args), std::move(child) });
    m_kernel.finish_call(m_process, call_cost);
    return TRY(started)->pid;
}

Result<std::string> System::find_program(std::string const& name)
{
    if (name.find('/') != std::string::npos)
        return name;
    auto path = get_env("PATH").value_or("/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin");
    bool denied = false;
    for (path += ':'; !path.empty(); path.erase(0, path.find(':') + 1)) {
        auto const directory = path.substr(0, path.find(':'));
        auto const candidate = join_path(directory.empty() ? "." : directory, name);
        auto const found = stat(candidate);
        if (!found || found->type == FileType::Directory)
            continue;
        if (may(*found, Access::Execute))
            return candidate;
        denied = true;
    }
    return error("execvp(3)", denied ? EACCES : ENOENT);
}

// "#!interpreter argument": the interpreter gets the script's path; see execve(2).
Result<Args> System::interpret(std::string const& path, Args args)
{
    auto const fd = TRY(open(path, open_to_read));
    std::array<char, 256> head {}; // BINPRM_BUF_SIZE
    auto const read_head = read(fd, head);
    close(fd);
    std::string_view text(head.data(), TRY(Result<std::size_t>(read_head)));
    if (!text.starts_with("#!"))
        return text.starts_with("\x7f"
                                "ELF")
            ? Result<Args>(std::move(args))
            : Result<Args>(error("execve(2)", ENOEXEC));
    text = text.substr(2, text.find('\n') - 2);
    text.remove_prefix(std::min(text.find_first_not_of(" \t"), text.size()));
    text = text.substr(0, text.find_last_not_of(" \t\r") + 1);
    auto const space = text.find_first_of(" \t");
    Args interpreted { std::string(text.substr(0, space)) };
    if (space != std::string_view::npos)
        interpreted.emplace_back(text.substr(text.find_first_not_of(" \t", space)));
    interpreted.push_back(path);
    interpreted.insert(interpreted.end(), args.begin() + 1, args.end());
    return interpreted;
}

Result<System::Loaded> System::load(std::string const& path, Args const& args)
{
    auto const require_executable = [&](std::string const& file) -> Result<void> {
        auto const attributes = TRY(stat(file));
        if (attributes.type != FileType::Regular || !may(attributes, Access::Execute))
            return error("execve(2)", EACCES);
        return {};
    };
    TRY(require_executable(path));
    auto command_line = TRY(interpret(path, args));
    if (command_line != args) { // a script
        TRY(require_executable(command_line.front()));
        TRY(interpret(command_line.front(), { command_line.front() }));
    }
    // One busybox holds all the applets and goes by the name it is called with.
    auto called = command_line;
    if (base_name(called.front()) == "busybox" && called.size() > 1)
        called.erase(called.begin());
    auto name = base_name(called.front());
    if (name.starts_with('-')) // a login shell
        name.erase(0, 1);
    auto const program = programs().find(name);
    if (program == programs().end())
        return error("execve(2)", ENOEXEC);
    return Loaded { program->second, std::move(command_line), std::move(called) };
}

int System::run(Loaded const& loaded)
{
    flush();
    {
        std::lock_guard lock(m_kernel.mutex());
        m_process.args = loaded.command_line;
        m_process.capabilities = owner().uid == 0 ? m_process.bounding : 0;
        for (auto& disposition : m_process.dispositions) {
            if (disposition == Disposition::Handled)
                disposition = Disposition::Default;
        }
    }
    m_kernel.finish_call(m_process, std::chrono::microseconds(300)); // what execve(2) and the loader take
    System fresh(m_kernel, m_process);
    int const status = loaded.program(fresh, loaded.called);
    fresh.flush();
    return status;
}

Result<int> System::execute(std::string const& path, Args const& args)
{
    return run(TRY(load(path, args)));
}

Result<Kernel::Waited> System::wait(std::int64_t pid, Kernel::Block block)
{
    flush();
    return m_kernel.wait_child(m_process, pid, block);
}

Result<void> System::kill(std::int64_t pid, int signal)
{
    auto sent = m_kernel.kill(m_process, pid, signal);
    m_kernel.finish_call(m_process, call_cost);
    return sent;
}

Result<void> System::become(Owner wanted)
{
    m_kernel.finish_call(m_process, call_cost);
    if (wanted.gid != owner().gid && !m_process.can(Capability::SetGid))
        return error("setgid(2)", EPERM);
    if (wanted.uid != owner().uid && !m_process.can(Capability::SetUid))
        return error("setuid(2)", EPERM);
    m_process.owner = wanted;
    if (wanted.uid != 0)
        m_process.capabilities = 0; // "Effect of user ID changes on capabilities"
    return {};
}

void System::set_disposition(int signal, Disposition disposition)
{
    std::lock_guard lock(m_kernel.mutex());
    m_process.dispositions[static_cast<std::size_t>(signal)] = disposition;
}

std::optional<int> System::take_signal()
{
    std::lock_guard lock(m_kernel.mutex());
    if (m_process.pending.empty())
        return std::nullopt;
    int const signal = m_process.pending.front();
    m_process.pending.pop_front();
    return signal;
}

Result<void> System::sleep(Duration duration)
{
    flush();
    auto const until = now() + duration;
    std::unique_lock lock(m_kernel.mutex());
    while (now() < until) {
        m_kernel.block(lock, &m_process, *m_process.wakeup, until);
        if (!m_process.pending.empty())
            return error("nanosleep(2)", EINTR);
    }
    return {};
}

std::string System::hostname() const
{
    std::lock_guard lock(m_kernel.mutex());
    return m_process.namespaces.at(NamespaceKind::Uts)->hostname;
}

Result<void> System::set_hostname(std::string hostname)
{
    if (!m_process.can(Capability::SysAdmin))
        return error("sethostname(2)", EPERM);
    m_kernel.set_hostname(m_process, std::move(hostname));
    return {};
}

std::optional<std::string> System::get_env(std::string_view name) const
{
    for (auto const& entry : m_process.env) {
        if (entry.size() > name.size() && entry.starts_with(name) && entry[name.size()] == '=')
            return entry.substr(name.size() + 1);
    }
    return std::nullopt;
}

// ---- Standard output ----

void System::print(std::string_view text)
{
    m_output += text;
    if (m_output.size() >= stdio_buffer)
        flush();
}

void System::flush()
{
    if (!m_output.empty())
        (void)write(1, std::exchange(m_output, {}));
}

void System::complain(std::string_view text)
{
    flush();
    (void)write(2, text);
}

}
