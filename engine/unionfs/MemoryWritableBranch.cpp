#include "engine/unionfs/MemoryWritableBranch.h"

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <unordered_map>

namespace drydock::unionfs {

namespace {

struct Object;
using ObjectPointer = std::shared_ptr<Object>; // null in a directory: a whiteout

// The bytes that objects hold, shared by a branch and its open files.
using Usage = std::shared_ptr<std::atomic<std::uint64_t>>;

struct Object {
    Object() = default;
    Object(Object const&) = delete;
    Object& operator=(Object const&) = delete;
    ~Object() { *used -= content.size(); } // when neither a name nor an open file holds it any more

    Usage used;
    Attributes attributes;
    bool opaque { false };
    std::string content; // or the target of a symlink
    std::map<std::string, std::string> xattrs;
    std::map<std::string, ObjectPointer> children;
};

ObjectPointer make_object(Usage const& used)
{
    auto object = std::make_shared<Object>();
    object->used = used;
    return object;
}

bool only_whiteouts(Object const& directory)
{
    return std::all_of(directory.children.begin(), directory.children.end(), [](auto& c) { return !c.second; });
}

bool is_directory(ObjectPointer const& object)
{
    return object && object->attributes.type == FileType::Directory;
}

Found found(ObjectPointer const& object)
{
    if (!object)
        return { .lookup = Lookup::WhitedOut };
    return { .lookup = Lookup::Present, .attributes = object->attributes, .opaque = object->opaque };
}

}

struct MemoryWritableBranch::State {
    State(Clock const& c, std::uint64_t bytes)
        : clock(c)
        , capacity(bytes)
    {
        root->attributes = new_attributes({ .type = FileType::Directory, .mode = 0755 });
    }

    // A place for a name: an existing directory, and the name in it.
    struct Slot {
        ObjectPointer parent;
        std::string name;
        auto find() const { return parent->children.find(name); }
        bool taken() const { return find() != parent->children.end() && find()->second; }
        bool whited_out() const { return find() != parent->children.end() && !find()->second; }
    };

    Attributes new_attributes(NewObject const& object)
    {
        auto const now = clock.now().nanoseconds;
        return { .type = object.type,
            .mode = object.mode,
            .uid = object.uid,
            .gid = object.gid,
            .mtime = object.mtime.value_or(now),
            .atime = object.atime.value_or(now),
            .ctime = now,
            .links = object.type == FileType::Directory ? 2U : 1U,
            .inode = next_inode++,
            .device_major = object.device_major,
            .device_minor = object.device_minor };
    }

    ObjectPointer walk(std::string_view path) const
    {
        auto at = root;
        while (!path.empty() && at) {
            auto const slash = path.find('/');
            auto const child = at->children.find(std::string(path.substr(0, slash)));
            at = child == at->children.end() ? nullptr : child->second;
            path.remove_prefix(slash == std::string_view::npos ? path.size() : slash + 1);
        }
        return at;
    }
    Result<ObjectPointer> existing(std::string const& path) const
    {
        auto object = walk(path);
        return object ? Result<ObjectPointer>(object) : failed("stat(2)", ENOENT);
    }
    Result<Slot> slot(std::string const& path) const
    {
        auto const slash = path.rfind('/');
        auto parent = walk(slash == std::string::npos ? "" : path.substr(0, slash));
        if (!is_directory(parent))
            return failed("openat2(2)", ENOENT);
        return Slot { parent, slash == std::string::npos ? path : path.substr(slash + 1) };
    }

    std::uint64_t free() const { return capacity - used->load(); }
    Result<void> resize(Object& object, std::uint64_t size)
    {
        auto const old = object.content.size();
        if (size > old && size - old > free())
            return failed("write(2)", ENOSPC);
        object.content.resize(size);
        *used += size - old;
        object.attributes.size = size;
        return {};
    }
    void modified(Object& object) { object.attributes.mtime = object.attributes.ctime = clock.now().nanoseconds; }
    void apply(MetadataChange const& change, Attributes& attributes) const
    {
        attributes.mode = change.mode.value_or(attributes.mode);
        attributes.uid = change.uid.value_or(attributes.uid);
        attributes.gid = change.gid.value_or(attributes.gid);
        attributes.atime = change.atime.value_or(attributes.atime);
        attributes.mtime = change.mtime.value_or(attributes.mtime);
        attributes.ctime = clock.now().nanoseconds;
    }
    void lose_name(Object& object) const
    {
        object.attributes.links = object.attributes.type == FileType::Directory ? 0 : object.attributes.links - 1;
        object.attributes.ctime = clock.now().nanoseconds;
    }
    // Puts `object` (null: a whiteout) under the slot's name and returns what was there.
    ObjectPointer put(Slot const& slot, ObjectPointer object)
    {
        auto& place = slot.parent->children[slot.name];
        count_subdirectory(*slot.parent, place, -1);
        count_subdirectory(*slot.parent, object, +1);
        modified(*slot.parent);
        return std::exchange(place, std::move(object));
    }
    void erase(Slot const& slot)
    {
        put(slot, nullptr);
        slot.parent->children.erase(slot.name);
    }
    static void count_subdirectory(Object& parent, ObjectPointer const& child, int change)
    {
        if (is_directory(child))
            parent.attributes.links += static_cast<std::uint64_t>(change);
    }

    Clock const& clock;
    std::uint64_t capacity;
    Usage used { std::make_shared<std::atomic<std::uint64_t>>(0) };
    std::uint64_t next_inode { 1 };
    ObjectPointer root { make_object(used) };
    std::mutex mutex;
};

namespace {

using State = MemoryWritableBranch::State;

// A file of the branch, open. It holds the object, so content lives on without a name.
class MemoryFile final : public WritableFile {
public:
    MemoryFile(std::shared_ptr<State> state, ObjectPointer object)
        : m_state(std::move(state))
        , m_object(std::move(object))
    {
    }
    ~MemoryFile() override
    {
        std::lock_guard const lock(m_state->mutex);
        m_object.reset();
    }
    MemoryFile(MemoryFile const&) = delete;
    MemoryFile& operator=(MemoryFile const&) = delete;

    std::uint64_t size() const override
    {
        std::lock_guard const lock(m_state->mutex);
        return m_object->content.size();
    }
    Result<std::size_t> read_at(std::uint64_t offset, std::span<char> buffer) const override
    {
        std::lock_guard const lock(m_state->mutex);
        auto const& content = m_object->content;
        if (offset >= content.size())
            return std::size_t { 0 };
        return content.copy(buffer.data(), buffer.size(), offset);
    }
    Result<void> write_at(std::uint64_t offset, std::string_view bytes) override
    {
        std::lock_guard const lock(m_state->mutex);
        if (offset > m_state->capacity || bytes.size() > m_state->capacity)
            return failed("write(2)", ENOSPC);
        TRY(m_state->resize(*m_object, std::max<std::uint64_t>(m_object->content.size(), offset + bytes.size())));
        std::copy(bytes.begin(), bytes.end(), m_object->content.begin() + static_cast<std::ptrdiff_t>(offset));
        m_state->modified(*m_object);
        return {};
    }
    Result<void> truncate(std::uint64_t size) override
    {
        std::lock_guard const lock(m_state->mutex);
        TRY(m_state->resize(*m_object, size));
        m_state->modified(*m_object);
        return {};
    }
    Result<void> sync() override { return {}; }
    Result<Attributes> attributes() const override
    {
        std::lock_guard const lock(m_state->mutex);
        return m_object->attributes;
    }
    Result<void> change(MetadataChange const& change) override
    {
        std::lock_guard const lock(m_state->mutex);
        m_state->apply(change, m_object->attributes);
        return {};
    }

private:
    std::shared_ptr<State> m_state;
    ObjectPointer m_object;
};

using Copies = std::unordered_map<Object const*, ObjectPointer>;

ObjectPointer copy_of(ObjectPointer const& object, Usage const& used, Copies& copies)
{
    if (!object)
        return nullptr;
    if (auto const copy = copies.find(object.get()); copy != copies.end())
        return copy->second; // hard links stay hard links
    auto const copy = make_object(used);
    copies.emplace(object.get(), copy);
    copy->attributes = object->attributes;
    copy->opaque = object->opaque;
    copy->content = object->content;
    *used += copy->content.size();
    copy->xattrs = object->xattrs;
    for (auto const& [name, child] : object->children)
        copy->children.emplace(name, copy_of(child, used, copies));
    return copy;
}

}

MemoryWritableBranch::MemoryWritableBranch(Clock const& clock, std::uint64_t capacity)
    : m_state(std::make_shared<State>(clock, capacity))
{
}

MemoryWritableBranch::~MemoryWritableBranch() = default;

std::shared_ptr<MemoryWritableBranch> MemoryWritableBranch::copy() const
{
    std::lock_guard const lock(m_state->mutex);
    auto result = std::make_shared<MemoryWritableBranch>(m_state->clock, m_state->capacity);
    Copies copies;
    result->m_state->root = copy_of(m_state->root, result->m_state->used, copies);
    result->m_state->next_inode = m_state->next_inode;
    return result;
}

// ---- Reading ----

Result<Found> MemoryWritableBranch::look_up(std::string const& path) const
{
    std::lock_guard const lock(m_state->mutex);
    if (path.empty())
        return found(m_state->root);
    auto const slot = m_state->slot(path);
    if (!slot || slot->find() == slot->parent->children.end())
        return Found {};
    return found(slot->find()->second);
}

Result<std::vector<std::pair<std::string, Found>>> MemoryWritableBranch::list(std::string const& path) const
{
    std::lock_guard const lock(m_state->mutex);
    auto const directory = TRY(m_state->existing(path));
    if (!is_directory(directory))
        return failed("getdents(2)", ENOTDIR);
    std::vector<std::pair<std::string, Found>> entries;
    for (auto const& [name, child] : directory->children)
        entries.emplace_back(name, found(child));
    return entries;
}

Result<std::shared_ptr<content::ReadableFile const>> MemoryWritableBranch::open(std::string const& path) const
{
    std::lock_guard const lock(m_state->mutex);
    return std::make_shared<MemoryFile const>(m_state, TRY(m_state->existing(path)));
}

Result<std::string> MemoryWritableBranch::read_link(std::string const& path) const
{
    std::lock_guard const lock(m_state->mutex);
    auto const object = TRY(m_state->existing(path));
    if (object->attributes.type != FileType::Symlink)
        return failed("readlink(2)", EINVAL);
    return object->content;
}

Result<std::map<std::string, std::string>> MemoryWritableBranch::xattrs(std::string const& path) const
{
    std::lock_guard const lock(m_state->mutex);
    return TRY(m_state->existing(path))->xattrs;
}

Space MemoryWritableBranch::space() const
{
    std::lock_guard const lock(m_state->mutex);
    return { m_state->capacity, m_state->free() };
}

// ---- Making ----

Result<Vacancy> MemoryWritableBranch::make(std::string const& path, NewObject const& wanted)
{
    std::string content = wanted.target;
    if (wanted.content && wanted.content->size() > space().free)
        return failed("write(2)", ENOSPC);
    if (wanted.content) {
        content.resize(wanted.content->size());
        if (TRY(wanted.content->read_at(0, content)) != content.size())
            return fail(ErrorKind::Corrupt, "the content ends before its size");
    }
    std::lock_guard const lock(m_state->mutex);
    auto const slot = TRY(m_state->slot(path));
    if (slot.taken())
        return failed("open(2)", EEXIST);
    if (content.size() > m_state->free())
        return failed("write(2)", ENOSPC);
    auto const vacancy = slot.whited_out() ? Vacancy::Whiteout : Vacancy::Nothing;
    auto object = make_object(m_state->used);
    object->attributes = m_state->new_attributes(wanted);
    object->attributes.size = content.size();
    object->opaque = wanted.type == FileType::Directory && vacancy == Vacancy::Whiteout;
    object->xattrs = wanted.xattrs;
    object->content = std::move(content);
    *m_state->used += object->content.size();
    auto const before = slot.parent->attributes;
    m_state->put(slot, std::move(object));
    if (wanted.unseen) {
        slot.parent->attributes.atime = before.atime;
        slot.parent->attributes.mtime = before.mtime;
    }
    return vacancy;
}

Result<void> MemoryWritableBranch::make_whiteout(std::string const& path)
{
    std::lock_guard const lock(m_state->mutex);
    auto const slot = TRY(m_state->slot(path));
    if (slot.taken() && is_directory(slot.find()->second) && !only_whiteouts(*slot.find()->second))
        return failed("rmdir(2)", ENOTEMPTY);
    if (auto const old = m_state->put(slot, nullptr))
        m_state->lose_name(*old);
    return {};
}

Result<void> MemoryWritableBranch::make_opaque(std::string const& path)
{
    std::lock_guard const lock(m_state->mutex);
    TRY(m_state->existing(path))->opaque = true;
    return {};
}

Result<Vacancy> MemoryWritableBranch::link(std::string const& existing, std::string const& path)
{
    std::lock_guard const lock(m_state->mutex);
    auto const object = TRY(m_state->existing(existing));
    auto const slot = TRY(m_state->slot(path));
    if (slot.taken())
        return failed("link(2)", EEXIST);
    auto const vacancy = slot.whited_out() ? Vacancy::Whiteout : Vacancy::Nothing;
    ++object->attributes.links;
    object->attributes.ctime = m_state->clock.now().nanoseconds;
    m_state->put(slot, object);
    return vacancy;
}

// ---- Moving and removing ----

Result<void> MemoryWritableBranch::remove(std::string const& path)
{
    std::lock_guard const lock(m_state->mutex);
    auto const slot = TRY(m_state->slot(path));
    if (!slot.taken())
        return failed("unlink(2)", ENOENT);
    auto const object = slot.find()->second;
    if (is_directory(object) && !only_whiteouts(*object))
        return failed("rmdir(2)", ENOTEMPTY);
    m_state->erase(slot);
    m_state->lose_name(*object);
    return {};
}

Result<void> MemoryWritableBranch::rename(std::string const& from, std::string const& to, Vacancy left_behind)
{
    std::lock_guard const lock(m_state->mutex);
    auto const source = TRY(m_state->slot(from));
    auto const target = TRY(m_state->slot(to));
    if (!source.taken())
        return failed("rename(2)", ENOENT);
    auto object = source.find()->second;
    if (target.taken() && is_directory(target.find()->second) && !only_whiteouts(*target.find()->second))
        return failed("rename(2)", ENOTEMPTY);
    if (left_behind == Vacancy::Whiteout)
        m_state->put(source, nullptr);
    else
        m_state->erase(source);
    object->attributes.ctime = m_state->clock.now().nanoseconds;
    if (auto const replaced = m_state->put(target, std::move(object)))
        m_state->lose_name(*replaced);
    return {};
}

// ---- Metadata ----

Result<void> MemoryWritableBranch::change(std::string const& path, MetadataChange const& change)
{
    std::lock_guard const lock(m_state->mutex);
    m_state->apply(change, TRY(m_state->existing(path))->attributes);
    return {};
}

Result<void> MemoryWritableBranch::set_xattr(std::string const& path, std::string const& name, std::string_view value)
{
    std::lock_guard const lock(m_state->mutex);
    auto const object = TRY(m_state->existing(path));
    object->xattrs.insert_or_assign(name, std::string(value));
    object->attributes.ctime = m_state->clock.now().nanoseconds;
    return {};
}

Result<void> MemoryWritableBranch::remove_xattr(std::string const& path, std::string const& name)
{
    std::lock_guard const lock(m_state->mutex);
    auto const object = TRY(m_state->existing(path));
    if (object->xattrs.erase(name) == 0)
        return failed("removexattr(2)", ENODATA);
    object->attributes.ctime = m_state->clock.now().nanoseconds;
    return {};
}

Result<std::shared_ptr<WritableFile>> MemoryWritableBranch::open_for_writing(std::string const& path)
{
    std::lock_guard const lock(m_state->mutex);
    return std::make_shared<MemoryFile>(m_state, TRY(m_state->existing(path)));
}

}
