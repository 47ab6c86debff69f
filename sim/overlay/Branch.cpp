#include "sim/overlay/Branch.h"

#include "sim/overlay/Lookup.h"

namespace drydock::overlay {

namespace {

Kind kind_of(std::string_view type)
{
    if (type == "file" || type == "hard link")
        return Kind::File;
    if (type == "directory")
        return Kind::Directory;
    if (type == "symlink")
        return Kind::Symlink;
    return type == "whiteout" ? Kind::Whiteout : Kind::Other;
}

}

std::string_view next_component(std::string_view& path)
{
    while (path.starts_with('/'))
        path.remove_prefix(1);
    auto const component = path.substr(0, path.find('/'));
    path.remove_prefix(component.size());
    return component;
}

Branch::Branch()
{
    m_nodes.push_back({ .object = { .kind = Kind::Directory } });
}

Branch Branch::of_layer(trace::LayerListed const& listed)
{
    Branch branch;
    for (auto const& member : listed.members) {
        if (member.type == "opaque")
            branch.m_nodes[branch.directory(member.path)].object.opaque = true;
        else
            branch.add(member.path, { .kind = kind_of(member.type), .size = member.size, .mode = member.mode });
    }
    return branch;
}

Branch Branch::of_sheet(std::map<std::string, world::SheetEntry> const& sheet, std::span<Branch const* const> layers)
{
    Branch branch;
    for (auto const& [path, entry] : sheet) {
        auto const below = look_up(layers, path);
        switch (entry.mark) {
        case world::SheetMark::Whiteout: branch.add(path, { .kind = Kind::Whiteout }); break;
        case world::SheetMark::Opaque: branch.add(path, { .kind = Kind::Directory, .opaque = true }); break;
        case world::SheetMark::Created:
        case world::SheetMark::CopiedUp: {
            // A file that was copied up and moved since has nothing below its new name.
            auto const as_below = below.object.is_present() ? below.object.kind : Kind::File;
            auto const kind = entry.type.empty() ? as_below : kind_of(entry.type);
            branch.add(path, { .kind = kind, .size = kind == Kind::File ? entry.size : 0 });
        }
        }
    }
    return branch;
}

// An image's tar may say both of one name: that it hides what lies below and what stands there instead. Then only what
// is below goes, as engine/unionfs has it.
void Branch::become(Node& node, Object const& object)
{
    bool const hides = node.object.kind == Kind::Whiteout || node.object.opaque;
    if (object.kind == Kind::Whiteout && node.object.is_present()) {
        node.object.opaque = true;
        return;
    }
    node.object = object;
    node.object.opaque = object.opaque || (hides && object.kind != Kind::Whiteout);
    if (object.kind != Kind::Directory)
        node.children.clear();
}

void Branch::add(std::string_view path, Object object)
{
    auto const slash = path.rfind('/');
    auto const name = slash == std::string_view::npos ? path : path.substr(slash + 1);
    if (name.empty()) {
        if (object.kind == Kind::Directory)
            become(m_nodes.front(), object);
        return;
    }
    auto const parent = directory(slash == std::string_view::npos ? std::string_view {} : path.substr(0, slash));
    auto const index = make(parent, name); // before the node is referred to: nodes move
    become(m_nodes[index], object);
}

std::uint32_t Branch::directory(std::string_view path)
{
    std::uint32_t at = 0;
    for (auto name = next_component(path); !name.empty(); name = next_component(path)) {
        at = make(at, name);
        if (m_nodes[at].object.kind != Kind::Directory)
            become(m_nodes[at], { .kind = Kind::Directory });
    }
    return at;
}

std::uint32_t Branch::make(std::uint32_t parent, std::string_view name)
{
    auto const found = m_nodes[parent].children.find(name);
    if (found != m_nodes[parent].children.end())
        return found->second;
    auto const index = static_cast<std::uint32_t>(m_nodes.size());
    m_nodes[parent].children.emplace(name, index);
    m_nodes.emplace_back();
    return index;
}

Branch::Node const* Branch::child(Node const& directory, std::string_view name) const
{
    auto const found = directory.children.find(name);
    return found == directory.children.end() ? nullptr : &m_nodes[found->second];
}

Branch::Node const* Branch::find(std::string_view path) const
{
    auto const* at = &root();
    for (auto name = next_component(path); at != nullptr && !name.empty(); name = next_component(path))
        at = child(*at, name);
    return at;
}

}
