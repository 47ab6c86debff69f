#include "engine/unionfs/Tree.h"

#include <algorithm>
#include <cerrno>

namespace drydock::unionfs {

namespace {

void without_content(NewObject& copy)
{
    copy.content = nullptr;
}

constexpr std::size_t max_name = 255; // NAME_MAX
// A program may ask for endlessly many names that do not exist; that many of them are kept in mind.
constexpr std::size_t max_known_absent = 65536;

}

Tree::Tree(Stack stack, ContainerId container, trace::Publisher publisher)
    : m_stack(std::move(stack))
    , m_container(std::move(container))
    , m_publisher(std::move(publisher))
{
    Node root;
    root.upper = m_stack.writable != nullptr;
    for (std::uint32_t layer = 0; layer < m_stack.layers.size(); ++layer)
        root.lower.push_back(layer);
    auto const whole = search(root, "");
    auto& node = new_node(FileType::Directory);
    node.upper = root.upper;
    node.lower = whole.lower;
    node.names.push_back({ root_node, "" });
}

// ---- Names ----

void Tree::Search::consider(std::int64_t branch, Found const& found)
{
    visited.push_back(branch);
    if (found.lookup == Lookup::Absent)
        return;
    if (found.lookup == Lookup::WhitedOut) {
        whited_out = branch;
        ended = true;
        return;
    }
    bool const is_directory = found.attributes.type == FileType::Directory;
    ended = !is_directory || found.opaque;
    if (answered >= 0 && !is_directory)
        return; // a file below a directory is hidden, and hides what is below it
    if (answered < 0) {
        answered = branch;
        attributes = found.attributes;
    }
    if (branch == 0)
        upper = true;
    else
        lower.push_back(static_cast<std::uint32_t>(branch - 1));
}

Tree::Search Tree::search(Node const& parent, std::string const& path) const
{
    Search search;
    for (auto const number : branches_of(parent)) {
        // A branch that cannot be read answers like one that has nothing; the layers were verified when they came.
        search.consider(number, branch(number).look_up(path).value_or(Found {}));
        if (search.ended)
            break;
    }
    return search;
}

Result<std::vector<std::pair<std::string, Tree::Search>>> Tree::merged(Node const& directory) const
{
    auto const path = path_of(directory);
    auto const branches = branches_of(directory);
    std::map<std::string, Search> names;
    for (auto const number : branches) {
        auto at = names.begin(); // each list is sorted
        for (auto const& [name, found] : TRY(branch(number).list(path))) {
            at = names.try_emplace(at, name);
            if (!at->second.ended)
                at->second.consider(number, found);
        }
    }
    std::vector<std::pair<std::string, Search>> entries;
    for (auto& [name, search] : names) {
        if (search.answered < 0)
            continue;
        auto const last = search.ended ? search.visited.back() : branches.back();
        search.visited.assign(branches.begin(), std::find(branches.begin(), branches.end(), last) + 1);
        entries.emplace_back(name, std::move(search));
    }
    return entries;
}

Result<Tree::Node*> Tree::node(NodeId id)
{
    auto const found = m_nodes.find(id);
    if (found == m_nodes.end())
        return failed("stat(2)", ENOENT);
    return &found->second;
}

Result<Tree::Node*> Tree::directory(NodeId id)
{
    auto* const directory = TRY(node(id));
    if (!directory->is_directory())
        return failed("openat(2)", ENOTDIR);
    if (directory->names.empty())
        return failed("openat(2)", ENOENT);
    return directory;
}

Result<Tree::Node*> Tree::child(Node& parent, std::string const& name)
{
    if (name.size() > max_name)
        return failed("openat(2)", ENAMETOOLONG);
    Node* child = nullptr;
    if (auto const known = parent.children.find(name); known != parent.children.end()) {
        if (known->second == no_node)
            return nullptr;
        child = &m_nodes.at(known->second);
        if (child->unpublished)
            publish_search(path_in(parent, name), *std::exchange(child->unpublished, nullptr));
        return child;
    }
    auto const path = path_in(parent, name);
    auto const found = search(parent, path);
    if (found.answered >= 0)
        child = &adopt(parent, name, found);
    else
        know_absent(parent, name);
    publish_search(path, found);
    return child;
}

Tree::Node& Tree::new_node(FileType type)
{
    auto const id = m_next++;
    auto& node = m_nodes[id];
    node.id = id;
    node.type = type;
    node.shown_inode = id;
    return node;
}

// Makes the node of a name that was just found, or adds a name to one that is known by another.
Tree::Node& Tree::adopt(Node& parent, std::string const& name, Search const& found)
{
    auto const& attributes = found.attributes;
    bool const linked = attributes.type != FileType::Directory && attributes.links > 1;
    if (linked && found.upper) {
        if (auto const other = m_hard_links.find(attributes.inode); other != m_hard_links.end()) {
            auto& known = m_nodes.at(other->second);
            know(parent, name, known);
            return known;
        }
    }
    auto& node = new_node(attributes.type);
    node.upper = found.upper;
    node.lower = found.lower;
    if (!found.upper)
        node.layer_attributes = attributes;
    if (linked && found.upper) {
        node.upper_inode = attributes.inode;
        m_hard_links[attributes.inode] = node.id;
    } else if (linked) {
        // As overlayfs without an index: the links of a layer are files of their own that show one st_ino until one is
        // copied up, which breaks the link.
        node.shown_inode = m_layer_links.try_emplace({ found.lower.front(), attributes.inode }, node.id).first->second;
    }
    know(parent, name, node);
    return node;
}

void Tree::know(Node& parent, std::string const& name, Node& child)
{
    auto const known = parent.children.try_emplace(name, no_node);
    if (!known.second && known.first->second == no_node)
        --m_known_absent;
    known.first->second = child.id;
    child.names.push_back({ parent.id, name });
}

void Tree::know_absent(Node& parent, std::string const& name)
{
    if (m_known_absent >= max_known_absent) {
        parent.children.erase(name);
        return;
    }
    auto const known = parent.children.try_emplace(name, no_node);
    if (known.second || known.first->second != no_node)
        ++m_known_absent;
    known.first->second = no_node;
}

// The name leads nowhere any more; the node lives on while somebody uses it.
void Tree::lose_name(Node& node, Node& parent, std::string const& name)
{
    std::erase(node.names, Name { parent.id, name });
    know_absent(parent, name);
    drop_if_unused(node);
}

void Tree::drop_if_unused(Node& node)
{
    if (!node.names.empty() || node.remembered != 0 || node.opened != 0)
        return;
    if (auto const link = m_hard_links.find(node.upper_inode); link != m_hard_links.end() && link->second == node.id)
        m_hard_links.erase(link);
    m_known_absent -= node.children.size(); // a directory that was removed is empty: it knows absent names only
    m_nodes.erase(node.id);
}

void Tree::publish_search(std::string const& path, Search const& search) const
{
    publish(trace::PathLookedUp { m_container, "/" + path, search.visited, search.answered, search.whited_out });
}

std::string Tree::path_of(Node const& node) const
{
    if (node.id == root_node || node.names.empty())
        return {};
    auto const& name = node.names.front();
    return path_in(m_nodes.at(name.parent), name.name);
}

std::string Tree::path_in(Node const& parent, std::string const& name) const
{
    auto path = path_of(parent);
    if (!path.empty())
        path += '/';
    return path += name;
}

std::vector<std::int64_t> Tree::branches_of(Node const& node) const
{
    std::vector<std::int64_t> numbers;
    if (node.upper)
        numbers.push_back(0);
    for (auto const layer : node.lower)
        numbers.push_back(layer + 1);
    return numbers;
}

Branch const& Tree::branch(std::int64_t number) const
{
    if (number == 0)
        return *m_stack.writable;
    return *m_stack.layers[static_cast<std::size_t>(number - 1)];
}

Branch const& Tree::provider_of(Node const& node) const
{
    return node.upper ? *m_stack.writable : *m_stack.layers[node.lower.front()];
}

// ---- Asking ----

Result<TreeEntry> Tree::look_up(NodeId parent, std::string const& name, Remember remember)
{
    Lock const lock(m_mutex);
    auto* const parent_node = TRY(directory(parent));
    auto* const found = TRY(child(*parent_node, name));
    if (found == nullptr)
        return failed("stat(2)", ENOENT);
    return entry_of(*found, remember);
}

Result<TreeEntry> Tree::entry_of(Node& node, Remember remember) const
{
    auto const attributes = TRY(attributes_of(node));
    if (remember == Remember::Yes)
        ++node.remembered;
    return TreeEntry { node.id, attributes };
}

void Tree::forget(NodeId id, std::uint64_t times)
{
    Lock const lock(m_mutex);
    auto const found = m_nodes.find(id);
    if (found == m_nodes.end())
        return;
    found->second.remembered -= std::min(times, found->second.remembered);
    drop_if_unused(found->second);
}

Result<TreeEntry> Tree::entry(NodeId id, Remember remember)
{
    Lock const lock(m_mutex);
    auto* const listed = TRY(node(id));
    auto entry = TRY(entry_of(*listed, remember));
    if (remember == Remember::Yes && listed->unpublished) // the kernel will not ask for this name any more
        publish_search(path_of(*listed), *std::exchange(listed->unpublished, nullptr));
    return entry;
}

Attributes Tree::shown(Node const& node, Attributes attributes) const
{
    attributes.inode = node.shown_inode;
    if (node.merges())
        attributes.links = 1; // as overlayfs: counting the subdirectories of all branches is not worth it
    return attributes;
}

Result<Attributes> Tree::attributes_of(Node const& node) const
{
    if (node.upper_file)
        return shown(node, TRY(node.upper_file->attributes()));
    if (node.last_attributes)
        return shown(node, *node.last_attributes);
    if (node.layer_attributes)
        return shown(node, *node.layer_attributes);
    auto const found = node.names.empty() ? Found {} : TRY(provider_of(node).look_up(path_of(node)));
    if (found.lookup != Lookup::Present)
        return failed("stat(2)", ENOENT);
    return shown(node, found.attributes);
}

Result<Attributes> Tree::attributes(NodeId id)
{
    Lock const lock(m_mutex);
    return attributes_of(*TRY(node(id)));
}

// From here on names come and go only through make, link, remove and rename, which keep `children` right.
Result<void> Tree::learn_all(Node& directory)
{
    if (directory.knows_all)
        return {};
    for (auto& [name, found] : TRY(merged(directory))) {
        auto const known = directory.children.find(name);
        if (known != directory.children.end() && known->second != no_node)
            continue;
        auto& child = adopt(directory, name, found);
        child.unpublished = std::make_unique<Search>(std::move(found));
    }
    directory.knows_all = true;
    return {};
}

Result<std::vector<ListedName>> Tree::list(NodeId id)
{
    Lock const lock(m_mutex);
    auto* const parent = TRY(node(id));
    if (!parent->is_directory())
        return failed("getdents(2)", ENOTDIR);
    std::vector<ListedName> listed;
    if (parent->names.empty())
        return listed; // removed while somebody stands in it
    TRY(learn_all(*parent));
    for (auto const& [name, child_id] : parent->children) {
        if (child_id == no_node)
            continue;
        auto const& child = m_nodes.at(child_id);
        listed.push_back({ name, child_id, child.type, child.shown_inode, child.remembered > 0 });
    }
    std::sort(listed.begin(), listed.end(), [](auto const& a, auto const& b) { return a.name < b.name; });
    return listed;
}

Result<std::string> Tree::read_link(NodeId id)
{
    Lock const lock(m_mutex);
    auto* const link = TRY(node(id));
    if (link->type != FileType::Symlink)
        return failed("readlink(2)", EINVAL);
    if (link->names.empty())
        return failed("readlink(2)", ENOENT);
    return provider_of(*link).read_link(path_of(*link));
}

Result<std::map<std::string, std::string>> Tree::xattrs(NodeId id)
{
    Lock const lock(m_mutex);
    auto* const object = TRY(node(id));
    if (object->names.empty())
        return failed("listxattr(2)", ENOENT);
    return provider_of(*object).xattrs(path_of(*object));
}

Result<NodeId> Tree::parent(NodeId id)
{
    Lock const lock(m_mutex);
    auto* const child = TRY(node(id));
    return child->names.empty() ? root_node : child->names.front().parent;
}

Result<std::string> Tree::path(NodeId id)
{
    Lock const lock(m_mutex);
    return "/" + path_of(*TRY(node(id)));
}

Result<std::int64_t> Tree::provider(NodeId parent, std::string const& name)
{
    Lock const lock(m_mutex);
    auto* const directory_node = TRY(directory(parent));
    auto const path = path_in(*directory_node, name);
    auto const found = search(*directory_node, path);
    publish_search(path, found);
    if (found.answered < 0)
        return failed("stat(2)", ENOENT);
    return found.answered;
}

Space Tree::space() const
{
    return m_stack.writable ? m_stack.writable->space() : Space {};
}

// ---- Open files ----

Result<std::shared_ptr<WritableFile>> Tree::writable_file(Node& node)
{
    if (node.upper_file)
        return node.upper_file;
    if (node.names.empty())
        return failed("open(2)", ENOENT);
    return m_stack.writable->open_for_writing(path_of(node));
}

Result<std::shared_ptr<content::ReadableFile const>> Tree::readable_file(Node& node)
{
    if (node.upper_file)
        return node.upper_file;
    if (node.layer_file)
        return node.layer_file;
    if (node.names.empty())
        return failed("open(2)", ENOENT);
    return provider_of(node).open(path_of(node));
}

Result<void> Tree::open(NodeId id, OpenFor use, Truncate truncate)
{
    Lock const lock(m_mutex);
    auto* const file = TRY(node(id));
    if (file->type != FileType::Regular)
        return failed("open(2)", file->is_directory() ? EISDIR : file->type == FileType::Symlink ? ELOOP : EINVAL);
    if (use == OpenFor::Writing) {
        TRY(ensure_writable());
        TRY(copy_up(*file, truncate == Truncate::Yes ? without_content : nullptr));
    }
    return start_using(*file, truncate);
}

Result<void> Tree::start_using(Node& file, Truncate truncate)
{
    if (file.upper) {
        file.upper_file = TRY(writable_file(file));
        if (truncate == Truncate::Yes)
            TRY(file.upper_file->truncate(0));
    } else {
        file.layer_file = TRY(readable_file(file));
    }
    ++file.opened;
    return {};
}

void Tree::close(NodeId id)
{
    Lock const lock(m_mutex);
    auto const found = m_nodes.find(id);
    if (found == m_nodes.end() || --found->second.opened > 0)
        return;
    found->second.upper_file.reset();
    found->second.layer_file.reset();
    drop_if_unused(found->second);
}

void Tree::publish_written(NodeId id)
{
    Lock const lock(m_mutex);
    auto const found = m_nodes.find(id);
    if (found == m_nodes.end() || found->second.names.empty())
        return; // written and removed before it was closed: nobody can see it
    if (auto const attributes = attributes_of(found->second))
        publish(trace::FileWritten { m_container, "/" + path_of(found->second), attributes->size });
}

Result<std::size_t> Tree::read(NodeId id, std::uint64_t offset, std::span<char> buffer)
{
    std::unique_lock lock(m_mutex);
    auto* const object = TRY(node(id));
    auto const file = TRY(readable_file(*object));
    lock.unlock();
    return file->read_at(offset, buffer);
}

Result<void> Tree::write(NodeId id, std::uint64_t offset, std::string_view bytes)
{
    std::unique_lock lock(m_mutex);
    auto* const object = TRY(node(id));
    TRY(copy_up(*object));
    auto const file = TRY(writable_file(*object));
    lock.unlock();
    return file->write_at(offset, bytes);
}

Result<void> Tree::truncate(NodeId id, std::uint64_t size)
{
    std::unique_lock lock(m_mutex);
    TRY(ensure_writable());
    auto* const object = TRY(node(id));
    if (object->type != FileType::Regular)
        return failed("truncate(2)",
            object->is_directory()                  ? EISDIR
                : object->type == FileType::Symlink ? ELOOP
                                                    : EINVAL);
    TRY(copy_up(*object, size == 0 ? without_content : nullptr));
    auto const file = TRY(writable_file(*object));
    lock.unlock();
    return file->truncate(size);
}

Result<void> Tree::sync(NodeId id)
{
    std::unique_lock lock(m_mutex);
    auto* const object = TRY(node(id));
    auto const file = object->upper_file;
    lock.unlock();
    return file ? file->sync() : Result<void> {};
}

}
