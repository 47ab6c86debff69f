#include "sim/kernel/MemoryFileSystem.h"

#include "sim/core/Verify.h"

#include <algorithm>
#include <cerrno>

namespace drydock::kernel {

namespace {

std::string parent_of(std::string const& path)
{
    auto const slash = path.rfind('/');
    return slash == 0 ? "/" : path.substr(0, slash);
}

std::string prefix_of(std::string const& directory)
{
    return directory == "/" ? directory : directory + "/";
}

}

MemoryFileSystem::MemoryFileSystem(Clock const& clock, std::uint32_t root_mode)
    : m_clock(clock)
{
    put("/", { .type = FileType::Directory, .mode = root_mode, .links = 2 }, {});
}

MemoryFileSystem::MemoryFileSystem(Clock const& clock, std::string content)
    : m_clock(clock)
{
    put("/", {}, std::move(content));
}

MemoryFileSystem::Node& MemoryFileSystem::put(std::string const& path, Attributes attributes, std::string content)
{
    attributes.inode = m_next_inode++;
    attributes.mtime = m_clock.now().nanoseconds;
    attributes.size = content.size();
    auto& node = m_nodes[path] = std::make_shared<Node>(Node { attributes, std::move(content) });
    if (path != "/" && !m_nodes.contains(parent_of(path)))
        put(parent_of(path), { .type = FileType::Directory, .mode = 0755, .links = 2 }, {});
    return *node;
}

void MemoryFileSystem::put_file(std::string const& path, std::string content, std::uint32_t mode)
{
    put(path, { .mode = mode }, std::move(content));
}

void MemoryFileSystem::put_symlink(std::string const& path, std::string const& target)
{
    put(path, { .type = FileType::Symlink, .mode = 0777 }, target);
}

void MemoryFileSystem::put_device(std::string const& path, std::uint32_t major, std::uint32_t minor)
{
    put(path, { .type = FileType::CharDevice, .mode = 0666, .device_major = major, .device_minor = minor }, {});
}

Result<MemoryFileSystem::Node*> MemoryFileSystem::find(std::string const& path, std::string_view call) const
{
    auto const found = m_nodes.find(path);
    if (found != m_nodes.end())
        return found->second.get();
    auto const parent = path == "/" ? m_nodes.end() : m_nodes.find(parent_of(path));
    bool const through_file = parent != m_nodes.end() && parent->second->attributes.type != FileType::Directory;
    return fail(Error::from_errno(call, through_file ? ENOTDIR : ENOENT));
}

Result<MemoryFileSystem::Node*> MemoryFileSystem::add(
    std::string const& path, std::string_view call, Attributes attributes, std::string content)
{
    if (m_nodes.contains(path))
        return fail(Error::from_errno(call, EEXIST));
    auto* const parent = TRY(find(parent_of(path), call));
    if (parent->attributes.type != FileType::Directory)
        return fail(Error::from_errno(call, ENOTDIR));
    parent->attributes.mtime = m_clock.now().nanoseconds;
    if (attributes.type == FileType::Directory)
        ++parent->attributes.links;
    return &put(path, attributes, std::move(content));
}

Result<Attributes> MemoryFileSystem::stat(std::string const& path) const
{
    return TRY(find(path, "stat(2)"))->attributes;
}

Result<std::vector<DirectoryEntry>> MemoryFileSystem::list(std::string const& path) const
{
    if (TRY(find(path, "getdents(2)"))->attributes.type != FileType::Directory)
        return fail(Error::from_errno("getdents(2)", ENOTDIR));
    std::vector<DirectoryEntry> entries;
    auto const prefix = prefix_of(path);
    for (auto at = m_nodes.lower_bound(prefix); at != m_nodes.end() && at->first.starts_with(prefix); ++at) {
        auto const name = at->first.substr(prefix.size());
        if (!name.empty() && name.find('/') == std::string::npos)
            entries.push_back({ name, at->second->attributes });
    }
    return entries;
}

Result<std::string> MemoryFileSystem::read_link(std::string const& path) const
{
    auto* const node = TRY(find(path, "readlink(2)"));
    if (node->attributes.type != FileType::Symlink)
        return fail(Error::from_errno("readlink(2)", EINVAL));
    return node->content;
}

Result<std::size_t> MemoryFileSystem::read(std::string const& path, std::uint64_t offset, std::span<char> buffer) const
{
    auto* const node = TRY(find(path, "read(2)"));
    if (node->attributes.type == FileType::Directory)
        return fail(Error::from_errno("read(2)", EISDIR));
    if (offset >= node->content.size())
        return 0;
    return node->content.copy(buffer.data(), buffer.size(), static_cast<std::size_t>(offset));
}

Result<void> MemoryFileSystem::create(std::string const& path, std::uint32_t mode, Owner owner)
{
    TRY(add(path, "open(2)", { .mode = mode, .uid = owner.uid, .gid = owner.gid }));
    return {};
}

Result<void> MemoryFileSystem::write(std::string const& path, std::uint64_t offset, std::string_view bytes)
{
    auto* const node = TRY(find(path, "write(2)"));
    auto const end = static_cast<std::size_t>(offset) + bytes.size();
    if (node->content.size() < end)
        node->content.resize(end);
    std::copy(bytes.begin(), bytes.end(), node->content.begin() + static_cast<std::ptrdiff_t>(offset));
    node->attributes.size = node->content.size();
    node->attributes.mtime = m_clock.now().nanoseconds;
    return {};
}

Result<void> MemoryFileSystem::truncate(std::string const& path, std::uint64_t size)
{
    auto* const node = TRY(find(path, "truncate(2)"));
    node->content.resize(static_cast<std::size_t>(size));
    node->attributes.size = size;
    node->attributes.mtime = m_clock.now().nanoseconds;
    return {};
}

Result<void> MemoryFileSystem::make_directory(std::string const& path, std::uint32_t mode, Owner owner)
{
    TRY(add(path, "mkdir(2)",
        { .type = FileType::Directory, .mode = mode, .uid = owner.uid, .gid = owner.gid, .links = 2 }));
    return {};
}

Result<void> MemoryFileSystem::make_symlink(std::string const& path, std::string const& target, Owner owner)
{
    TRY(add(
        path, "symlink(2)", { .type = FileType::Symlink, .mode = 0777, .uid = owner.uid, .gid = owner.gid }, target));
    return {};
}

Result<void> MemoryFileSystem::make_node(std::string const& path, Attributes const& attributes)
{
    TRY(add(path, "mknod(2)", attributes));
    return {};
}

Result<void> MemoryFileSystem::link(std::string const& existing, std::string const& path)
{
    auto* const node = TRY(find(existing, "link(2)"));
    if (node->attributes.type == FileType::Directory)
        return fail(Error::from_errno("link(2)", EPERM));
    TRY(add(path, "link(2)", {}));
    m_nodes[path] = m_nodes[existing];
    ++node->attributes.links;
    return {};
}

Result<void> MemoryFileSystem::unlink(std::string const& path)
{
    auto* const node = TRY(find(path, "unlink(2)"));
    if (node->attributes.type == FileType::Directory)
        return fail(Error::from_errno("unlink(2)", EISDIR));
    --node->attributes.links;
    m_nodes.erase(path);
    return {};
}

Result<void> MemoryFileSystem::require_empty(std::string const& path, std::string_view call) const
{
    auto const next = m_nodes.upper_bound(prefix_of(path));
    if (next != m_nodes.end() && next->first.starts_with(prefix_of(path)))
        return fail(Error::from_errno(call, ENOTEMPTY));
    return {};
}

Result<void> MemoryFileSystem::remove_directory(std::string const& path)
{
    auto* const node = TRY(find(path, "rmdir(2)"));
    if (node->attributes.type != FileType::Directory)
        return fail(Error::from_errno("rmdir(2)", ENOTDIR));
    TRY(require_empty(path, "rmdir(2)"));
    --m_nodes[parent_of(path)]->attributes.links;
    m_nodes.erase(path);
    return {};
}

Result<void> MemoryFileSystem::rename(std::string const& from, std::string const& to)
{
    auto* const node = TRY(find(from, "rename(2)"));
    TRY(find(parent_of(to), "rename(2)"));
    if (from == to)
        return {};
    if (to.starts_with(prefix_of(from)))
        return fail(Error::from_errno("rename(2)", EINVAL));
    if (auto const old = m_nodes.find(to); old != m_nodes.end()) {
        bool const onto_directory = old->second->attributes.type == FileType::Directory;
        if (onto_directory != (node->attributes.type == FileType::Directory))
            return fail(Error::from_errno("rename(2)", onto_directory ? EISDIR : ENOTDIR));
        if (onto_directory)
            TRY(remove_directory(to));
        else
            TRY(unlink(to));
    }
    std::vector<std::pair<std::string, std::shared_ptr<Node>>> moved;
    for (auto const& [path, member] : m_nodes) {
        if (path == from || path.starts_with(prefix_of(from)))
            moved.emplace_back(path, member);
    }
    for (auto& [path, member] : moved) {
        m_nodes.erase(path);
        m_nodes[to + path.substr(from.size())] = std::move(member);
    }
    return {};
}

Result<void> MemoryFileSystem::change_mode(std::string const& path, std::uint32_t mode)
{
    TRY(find(path, "chmod(2)"))->attributes.mode = mode & 07777;
    return {};
}

Result<void> MemoryFileSystem::change_owner(std::string const& path, Owner owner)
{
    auto& attributes = TRY(find(path, "chown(2)"))->attributes;
    attributes.uid = owner.uid;
    attributes.gid = owner.gid;
    return {};
}

Result<void> MemoryFileSystem::set_mtime(std::string const& path, std::int64_t mtime)
{
    TRY(find(path, "utimensat(2)"))->attributes.mtime = mtime;
    return {};
}

}
