#include "engine/unionfs/UnionMount.h"

#include "engine/unionfs/Changes.h"
#include "engine/unionfs/UnionMountImpl.h"

#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <deque>

namespace drydock::unionfs {

namespace {

constexpr int max_symlinks = 40; // path_resolution(7)

using Components = std::deque<std::string>;

Components components_of(std::string_view path)
{
    Components components;
    while (!path.empty()) {
        auto const slash = path.find('/');
        if (slash != 0)
            components.emplace_back(path.substr(0, slash));
        path.remove_prefix(slash == std::string_view::npos ? path.size() : slash + 1);
    }
    return components;
}

enum class LastSymlink : std::uint8_t { Named, Followed };

// A walk along a path, as path_resolution(7) has it, inside the mount: ".." at the root stays there.
class Walk {
public:
    explicit Walk(Tree& tree)
        : m_tree(tree)
    {
    }

    Result<NodeId> to(std::string_view path, LastSymlink last)
    {
        m_rest = components_of(path);
        while (!m_rest.empty())
            TRY(step(last));
        return m_at;
    }
    Result<NodeId> to_directory(std::string_view path)
    {
        auto const id = TRY(to(path, LastSymlink::Followed));
        return m_at_directory ? Result<NodeId>(id) : failed("openat(2)", ENOTDIR);
    }

private:
    Result<void> step(LastSymlink last)
    {
        auto const name = std::move(m_rest.front());
        m_rest.pop_front();
        if (name == "." || name == "..") {
            if (!m_at_directory)
                return failed("openat(2)", ENOTDIR);
            m_at = name == "." ? m_at : TRY(m_tree.parent(m_at));
            return {};
        }
        auto const entry = TRY(m_tree.look_up(m_at, name));
        bool const is_last = m_rest.empty();
        if (entry.attributes.type != FileType::Symlink || (is_last && last == LastSymlink::Named)) {
            m_at = entry.id;
            m_at_directory = entry.attributes.type == FileType::Directory;
            return {};
        }
        if (++m_symlinks > max_symlinks)
            return failed("openat(2)", ELOOP);
        auto const target = TRY(m_tree.read_link(entry.id));
        if (target.starts_with('/'))
            m_at = root_node;
        auto const components = components_of(target);
        m_rest.insert(m_rest.begin(), components.begin(), components.end());
        return {};
    }

    Tree& m_tree;
    NodeId m_at { root_node };
    bool m_at_directory { true };
    Components m_rest;
    int m_symlinks { 0 };
};

Result<NodeId> find(Tree& tree, std::string const& path)
{
    return Walk(tree).to(path, LastSymlink::Named);
}

// Where something is to be made, moved or removed: an existing directory and a name in it.
struct Target {
    NodeId parent;
    std::string name;
};

Result<Target> target(Tree& tree, std::string_view path, int errno_for_root)
{
    while (path.ends_with('/'))
        path.remove_suffix(1);
    auto const slash = path.rfind('/');
    auto const name = slash == std::string_view::npos ? path : path.substr(slash + 1);
    if (name.empty() || name == "." || name == "..")
        return failed("openat(2)", errno_for_root);
    auto const directory = slash == std::string_view::npos ? std::string_view {} : path.substr(0, slash);
    return Target { TRY(Walk(tree).to_directory(directory)), std::string(name) };
}

NewObject new_object(FileType type, std::uint32_t mode, Caller caller)
{
    NewObject object;
    object.type = type;
    object.mode = mode & ~caller.umask;
    object.uid = caller.uid;
    object.gid = caller.gid;
    return object;
}

Result<Target> make(Tree& tree, std::string const& path, NewObject object)
{
    auto at = TRY(target(tree, path, EEXIST));
    TRY(tree.make(at.parent, at.name, std::move(object)));
    return at;
}

}

UnionMount::UnionMount(Stack stack, ContainerId container, trace::Publisher publisher)
    : m_impl(std::make_unique<Impl>(std::move(stack), std::move(container), std::move(publisher)))
{
}

UnionMount::~UnionMount() = default;

// ---- Reading ----

Result<Attributes> UnionMount::stat(std::string const& path) const
{
    return m_impl->tree.attributes(TRY(find(m_impl->tree, path)));
}

Result<std::vector<DirectoryEntry>> UnionMount::list(std::string const& path) const
{
    std::vector<DirectoryEntry> entries;
    auto const directory = TRY(find(m_impl->tree, path));
    for (auto& listed : TRY(m_impl->tree.list(directory))) {
        auto const entry = TRY(m_impl->tree.entry(listed.id));
        entries.push_back({ std::move(listed.name), entry.attributes });
    }
    return entries;
}

Result<std::string> UnionMount::read_link(std::string const& path) const
{
    return m_impl->tree.read_link(TRY(find(m_impl->tree, path)));
}

Result<std::string> UnionMount::resolve(std::string const& path) const
{
    return m_impl->tree.path(TRY(Walk(m_impl->tree).to(path, LastSymlink::Followed)));
}

namespace {

// Open for the length of a call.
class Opened {
public:
    static Result<Opened> open(Tree& tree, std::string const& path, OpenFor use)
    {
        auto const id = TRY(find(tree, path));
        TRY(tree.open(id, use));
        return Opened(tree, id);
    }
    ~Opened()
    {
        if (m_tree != nullptr)
            m_tree->close(m_id);
    }
    Opened(Opened&& other) noexcept
        : m_tree(std::exchange(other.m_tree, nullptr))
        , m_id(other.m_id)
    {
    }
    Opened& operator=(Opened&&) = delete;
    NodeId id() const { return m_id; }

private:
    Opened(Tree& tree, NodeId id)
        : m_tree(&tree)
        , m_id(id)
    {
    }
    Tree* m_tree;
    NodeId m_id;
};

}

Result<std::size_t> UnionMount::read(std::string const& path, std::uint64_t offset, std::span<char> buffer) const
{
    auto const file = TRY(Opened::open(m_impl->tree, path, OpenFor::Reading));
    return m_impl->tree.read(file.id(), offset, buffer);
}

Result<std::string> UnionMount::read_all(std::string const& path, std::uint64_t limit) const
{
    auto const file = TRY(Opened::open(m_impl->tree, path, OpenFor::Reading));
    auto const size = TRY(m_impl->tree.attributes(file.id())).size;
    if (size > limit)
        return fail(ErrorKind::LimitExceeded, path + " is larger than " + human_size(limit));
    std::string content(size, '\0');
    content.resize(TRY(m_impl->tree.read(file.id(), 0, content)));
    return content;
}

Result<std::map<std::string, std::string>> UnionMount::xattrs(std::string const& path) const
{
    return m_impl->tree.xattrs(TRY(find(m_impl->tree, path)));
}

Result<std::int64_t> UnionMount::provider(std::string const& path) const
{
    auto const at = TRY(target(m_impl->tree, path, EBUSY));
    return m_impl->tree.provider(at.parent, at.name);
}

Result<std::vector<Change>> UnionMount::changes() const
{
    return changes_of(m_impl->stack);
}

// ---- Changing ----

Result<void> UnionMount::create(std::string const& path, std::uint32_t mode, Caller caller)
{
    auto const at = TRY(make(m_impl->tree, path, new_object(FileType::Regular, mode, caller)));
    m_impl->changed(at.parent, at.name);
    return {};
}

Result<void> UnionMount::write(std::string const& path, std::uint64_t offset, std::string_view bytes)
{
    auto const file = TRY(Opened::open(m_impl->tree, path, OpenFor::Writing));
    TRY(m_impl->tree.write(file.id(), offset, bytes));
    m_impl->tree.publish_written(file.id());
    m_impl->changed(file.id());
    return {};
}

Result<void> UnionMount::truncate(std::string const& path, std::uint64_t size)
{
    auto const id = TRY(find(m_impl->tree, path));
    TRY(m_impl->tree.truncate(id, size));
    m_impl->tree.publish_written(id);
    m_impl->changed(id);
    return {};
}

Result<void> UnionMount::make_directory(std::string const& path, std::uint32_t mode, Caller caller)
{
    auto const at = TRY(make(m_impl->tree, path, new_object(FileType::Directory, mode, caller)));
    m_impl->changed(at.parent, at.name);
    return {};
}

Result<void> UnionMount::make_symlink(std::string const& path, std::string const& link_target, Caller caller)
{
    if (link_target.empty())
        return failed("symlink(2)", ENOENT);
    auto object = new_object(FileType::Symlink, 0777, { caller.uid, caller.gid, 0 });
    object.target = link_target;
    auto const at = TRY(make(m_impl->tree, path, std::move(object)));
    m_impl->changed(at.parent, at.name);
    return {};
}

Result<void> UnionMount::make_node(
    std::string const& path, FileType type, std::uint32_t mode, std::uint32_t major, std::uint32_t minor, Caller caller)
{
    auto object = new_object(type, mode, caller);
    object.device_major = major;
    object.device_minor = minor;
    auto const at = TRY(make(m_impl->tree, path, std::move(object)));
    m_impl->changed(at.parent, at.name);
    return {};
}

Result<void> UnionMount::link(std::string const& existing, std::string const& path)
{
    auto const source = TRY(find(m_impl->tree, existing));
    auto const at = TRY(target(m_impl->tree, path, EEXIST));
    TRY(m_impl->tree.link(source, at.parent, at.name));
    m_impl->changed(source);
    m_impl->changed(at.parent, at.name);
    return {};
}

Result<void> UnionMount::unlink(std::string const& path)
{
    auto const at = TRY(target(m_impl->tree, path, EISDIR));
    TRY(m_impl->tree.remove(at.parent, at.name, Removal::File));
    m_impl->changed(at.parent, at.name);
    return {};
}

Result<void> UnionMount::remove_directory(std::string const& path)
{
    auto const at = TRY(target(m_impl->tree, path, EBUSY));
    TRY(m_impl->tree.remove(at.parent, at.name, Removal::Directory));
    m_impl->changed(at.parent, at.name);
    return {};
}

Result<void> UnionMount::rename(std::string const& from, std::string const& to)
{
    auto const source = TRY(target(m_impl->tree, from, EBUSY));
    auto const destination = TRY(target(m_impl->tree, to, EBUSY));
    TRY(m_impl->tree.rename(source.parent, source.name, destination.parent, destination.name));
    m_impl->changed(source.parent, source.name);
    m_impl->changed(destination.parent, destination.name);
    return {};
}

Result<void> UnionMount::change_mode(std::string const& path, std::uint32_t mode)
{
    return m_impl->change(TRY(find(m_impl->tree, path)), { .mode = mode & 07777 });
}

Result<void> UnionMount::change_owner(std::string const& path, std::uint32_t uid, std::uint32_t gid)
{
    auto const id = TRY(find(m_impl->tree, path));
    auto const before = TRY(m_impl->tree.attributes(id));
    MetadataChange change { .uid = uid, .gid = gid };
    // chown(2): a file with a new owner is not setuid any more, whoever asked.
    if (before.type != FileType::Directory && before.type != FileType::Symlink) {
        std::uint32_t const lost = (before.mode & S_IXGRP) != 0 ? S_ISUID | S_ISGID : S_ISUID;
        if ((before.mode & lost) != 0)
            change.mode = before.mode & ~lost;
    }
    return m_impl->change(id, change);
}

Result<void> UnionMount::set_times(std::string const& path, std::int64_t atime, std::int64_t mtime)
{
    return m_impl->change(TRY(find(m_impl->tree, path)), { .atime = atime, .mtime = mtime });
}

Result<void> UnionMount::set_xattr(std::string const& path, std::string const& name, std::string_view value)
{
    return m_impl->tree.set_xattr(TRY(find(m_impl->tree, path)), name, value);
}

Result<void> UnionMount::remove_xattr(std::string const& path, std::string const& name)
{
    return m_impl->tree.remove_xattr(TRY(find(m_impl->tree, path)), name);
}

}
