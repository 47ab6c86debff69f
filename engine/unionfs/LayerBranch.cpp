#include "engine/unionfs/LayerBranch.h"

#include <algorithm>
#include <cerrno>

namespace drydock::unionfs {

namespace {

// image-spec layer.md, "Whiteouts".
constexpr std::string_view whiteout_prefix = ".wh.";
constexpr std::string_view opaque_marker = ".wh..wh..opq";

// Takes the first component off the front.
std::string_view next_component(std::string_view& path)
{
    auto const slash = path.find('/');
    auto const component = path.substr(0, slash);
    path.remove_prefix(slash == std::string_view::npos ? path.size() : slash + 1);
    return component;
}

// One member's content inside the tar.
class Member final : public content::ReadableFile {
public:
    Member(std::shared_ptr<layer::Layer const> layer, layer::Entry const& entry)
        : m_layer(std::move(layer))
        , m_entry(entry)
    {
    }
    std::uint64_t size() const override { return m_entry.size; }
    Result<std::size_t> read_at(std::uint64_t offset, std::span<char> buffer) const override
    {
        if (offset >= m_entry.size)
            return std::size_t { 0 };
        auto const count = std::min<std::uint64_t>(buffer.size(), m_entry.size - offset);
        return m_layer->tar->read_at(m_entry.offset + offset, buffer.first(count));
    }

private:
    std::shared_ptr<layer::Layer const> m_layer;
    layer::Entry const& m_entry;
};

bool is_whiteout_device(layer::Entry const& entry)
{
    return entry.type == FileType::CharDevice && entry.device_major == 0 && entry.device_minor == 0;
}

}

Result<std::shared_ptr<LayerBranch const>> LayerBranch::create(std::shared_ptr<layer::Layer const> layer)
{
    auto branch = std::shared_ptr<LayerBranch>(new LayerBranch(std::move(layer)));
    for (auto const& entry : branch->m_layer->entries)
        TRY(branch->add(entry));
    branch->count_links();
    return branch;
}

// ---- Building the tree ----

Result<void> LayerBranch::add(layer::Entry const& entry)
{
    std::string_view const path = entry.path;
    if (path.empty()) {
        if (entry.type == FileType::Directory)
            m_nodes[0].entry = &entry;
        return {};
    }
    // An image may not bring the kernel's form of a whiteout: hiding is said with .wh. names only.
    if (is_whiteout_device(entry))
        return {};
    auto const slash = path.rfind('/');
    auto const parent = directory(slash == std::string_view::npos ? "" : path.substr(0, slash));
    auto const name = slash == std::string_view::npos ? path : path.substr(slash + 1);
    if (name.starts_with(whiteout_prefix)) {
        add_whiteout(parent, name);
        return {};
    }
    if (entry.type != FileType::HardLink) {
        become(child(parent, name), &entry, new_inode());
        return {};
    }
    auto const* const target = find(entry.link);
    if (target == nullptr || target->lookup != Lookup::Present || target->is_directory())
        return fail(
            ErrorKind::Corrupt, "hard link " + entry.path + " to " + entry.link + ", which is not in the layer");
    auto const [object, inode] = std::pair(target->entry, target->inode); // child() may move the nodes
    become(child(parent, name), object, inode);
    return {};
}

void LayerBranch::add_whiteout(Index parent, std::string_view name)
{
    if (name == opaque_marker) {
        m_nodes[parent].opaque = true;
        return;
    }
    auto const hidden = name.substr(whiteout_prefix.size());
    if (hidden.empty() || hidden == "." || hidden == ".." || hidden.starts_with(whiteout_prefix))
        return; // other marks of aufs; they hide nothing
    if (m_nodes[parent].children.contains(hidden))
        m_nodes[m_nodes[parent].children[hidden]].opaque = true; // this layer brings one itself: only lower ones go
    else
        m_nodes[child(parent, hidden)].lookup = Lookup::WhitedOut;
}

// The last entry of a name wins; a directory that comes twice keeps its children.
void LayerBranch::become(Index index, layer::Entry const* entry, Index inode)
{
    auto& node = m_nodes[index];
    if (node.lookup == Lookup::WhitedOut)
        node.opaque = true;
    node.lookup = Lookup::Present;
    node.entry = entry;
    node.inode = inode;
    if (!node.is_directory())
        node.children.clear();
}

// The directory `path`, made where the tar does not name it, and instead of a file that an earlier entry put there.
LayerBranch::Index LayerBranch::directory(std::string_view path)
{
    Index at = 0;
    while (!path.empty()) {
        at = child(at, next_component(path));
        if (!m_nodes[at].is_directory())
            become(at, nullptr, new_inode());
    }
    return at;
}

LayerBranch::Index LayerBranch::child(Index parent, std::string_view name)
{
    auto const [place, is_new] = m_nodes[parent].children.try_emplace(name, static_cast<Index>(m_nodes.size()));
    auto const index = place->second;
    if (is_new)
        m_nodes.push_back({ .inode = new_inode() });
    return index;
}

LayerBranch::Index LayerBranch::new_inode()
{
    m_links.push_back(0);
    return static_cast<Index>(m_links.size() - 1);
}

// Of what can still be reached: an entry that another one replaced counts no more.
void LayerBranch::count_links()
{
    m_links.assign(m_links.size(), 0);
    m_links[0] = 2;
    std::vector<Index> directories { 0 };
    while (!directories.empty()) {
        auto const& directory = m_nodes[directories.back()];
        directories.pop_back();
        for (auto const& [name, index] : directory.children) {
            auto const& node = m_nodes[index];
            ++m_links[node.inode];
            if (node.is_directory()) {
                ++m_links[node.inode];      // its own "."
                ++m_links[directory.inode]; // its ".."
                directories.push_back(index);
            }
        }
    }
}

// ---- Reading ----

LayerBranch::Node const* LayerBranch::find(std::string_view path) const
{
    auto const* at = &m_nodes[0];
    while (!path.empty()) {
        auto const child = at->children.find(next_component(path));
        if (child == at->children.end())
            return nullptr;
        at = &m_nodes[child->second];
    }
    return at;
}

Result<LayerBranch::Node const*> LayerBranch::existing(std::string const& path) const
{
    auto const* const node = find(path);
    if (node == nullptr || node->lookup != Lookup::Present)
        return fail(Error::from_errno("stat(2)", ENOENT));
    return node;
}

Found LayerBranch::found(Node const& node) const
{
    if (node.lookup != Lookup::Present)
        return { .lookup = node.lookup };
    Found result { .lookup = Lookup::Present, .opaque = node.opaque };
    result.attributes.type = FileType::Directory;
    result.attributes.mode = 0755;
    if (node.entry != nullptr) {
        auto const& e = *node.entry;
        result.attributes = { .type = e.type,
            .mode = e.mode,
            .uid = e.uid,
            .gid = e.gid,
            .size = e.type == FileType::Symlink ? e.link.size() : e.size,
            .mtime = e.mtime,
            .atime = e.mtime,
            .ctime = e.mtime,
            .device_major = e.device_major,
            .device_minor = e.device_minor };
    }
    result.attributes.links = m_links[node.inode];
    result.attributes.inode = node.inode;
    return result;
}

Result<Found> LayerBranch::look_up(std::string const& path) const
{
    auto const* const node = find(path);
    return node == nullptr ? Found {} : found(*node);
}

Result<std::vector<std::pair<std::string, Found>>> LayerBranch::list(std::string const& path) const
{
    auto const* const directory = TRY(existing(path));
    std::vector<std::pair<std::string, Found>> entries;
    entries.reserve(directory->children.size());
    for (auto const& [name, index] : directory->children)
        entries.emplace_back(name, found(m_nodes[index]));
    return entries;
}

Result<std::shared_ptr<content::ReadableFile const>> LayerBranch::open(std::string const& path) const
{
    auto const* const node = TRY(existing(path));
    if (node->is_directory() || node->entry->type != FileType::Regular)
        return fail(Error::from_errno("open(2)", EINVAL));
    return std::make_shared<Member const>(m_layer, *node->entry);
}

Result<std::string> LayerBranch::read_link(std::string const& path) const
{
    auto const* const node = TRY(existing(path));
    if (node->entry == nullptr || node->entry->type != FileType::Symlink)
        return fail(Error::from_errno("readlink(2)", EINVAL));
    return node->entry->link;
}

Result<std::map<std::string, std::string>> LayerBranch::xattrs(std::string const& path) const
{
    auto const* const node = TRY(existing(path));
    if (node->entry == nullptr)
        return std::map<std::string, std::string> {};
    auto xattrs = node->entry->xattrs;
    std::erase_if(xattrs, [](auto const& x) { return is_overlays_own(x.first); });
    return xattrs;
}

}
