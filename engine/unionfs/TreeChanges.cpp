#include "engine/unionfs/Changes.h"
#include "engine/unionfs/Tree.h"

#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>

namespace drydock::unionfs {

// The half of the tree that changes things. Each function follows its namesake in fs/overlayfs/{dir,copy_up}.c, and
// checks in the order in which the kernel's VFS does, so that a program gets the same errno.

namespace {

bool may_have_user_xattrs(FileType type) // xattr(7), "User extended attributes"
{
    return type == FileType::Regular || type == FileType::Directory;
}

}

Result<void> Tree::ensure_writable() const
{
    return m_stack.writable ? Result<void> {} : failed("open(2)", EROFS);
}

// ---- Copy-up ----

// Lifts the object into the writable branch, its directories first. Whoever looks meanwhile sees the old or the new.
// `alter` makes of the copy what it is to be in the same step.
Result<void> Tree::copy_up(Node& node, std::function<void(NewObject&)> const& alter)
{
    if (node.upper)
        return {};
    TRY(ensure_writable());
    if (node.names.empty())
        return failed("open(2)", ENOENT);
    auto& parent = m_nodes.at(node.names.front().parent);
    TRY(copy_up(parent));
    auto const path = path_of(node);
    auto const& source = provider_of(node);
    auto const attributes = TRY(attributes_of(node));
    auto image = TRY_WITH("copying up /" + path, image_of(source, path, attributes));
    image.unseen = true;
    if (alter)
        alter(image);
    TRY_WITH("copying up /" + path, m_stack.writable->make(path, image));

    auto const layer = node.lower.front();
    node.upper = true;
    node.layer_attributes.reset();
    node.layer_file.reset();
    if (!node.is_directory()) {
        node.lower.clear();
        node.shown_inode = node.id; // a link of the layer is broken here
    }
    if (node.opened > 0)
        node.upper_file = TRY(m_stack.writable->open_for_writing(path));
    // A plain directory below has no digest; that of nothing stands for it.
    static auto const nothing = oci::Digest::of(std::string_view {});
    auto const diff_id = layer < m_stack.diff_ids.size() ? m_stack.diff_ids[layer].digest : nothing;
    auto const bytes = image.content ? image.content->size() : 0;
    publish(trace::FileCopiedUp { m_container, "/" + path, layer + 1, diff_id, bytes });
    return {};
}

// ---- Making ----

Result<Tree::Node*> Tree::make_node(NodeId parent_id, std::string const& name, NewObject object)
{
    auto& parent = *TRY(directory(parent_id));
    if (TRY(child(parent, name)) != nullptr)
        return failed("open(2)", EEXIST);
    TRY(copy_up(parent));
    auto const parent_attributes = TRY(attributes_of(parent));
    if ((parent_attributes.mode & S_ISGID) != 0) { // inode(7): a set-group-ID directory gives its group on
        object.gid = parent_attributes.gid;
        object.mode |= object.type == FileType::Directory ? S_ISGID : 0;
    }
    auto const path = path_in(parent, name);
    auto const vacancy = TRY(m_stack.writable->make(path, object));
    auto& made = new_node(object.type);
    made.upper = true;
    made.knows_all = made.is_directory(); // that there is nothing
    know(parent, name, made);
    publish(trace::FileCreated { m_container, "/" + path, std::string(word_for(object.type)) });
    if (made.is_directory() && vacancy == Vacancy::Whiteout)
        publish(trace::DirectoryMadeOpaque { m_container, "/" + path });
    return &made;
}

Result<TreeEntry> Tree::make(NodeId parent, std::string const& name, NewObject object, Remember remember)
{
    Lock const lock(m_mutex);
    return entry_of(*TRY(make_node(parent, name, std::move(object))), remember);
}

Result<TreeEntry> Tree::create(NodeId parent, std::string const& name, NewObject object, Remember remember)
{
    Lock const lock(m_mutex);
    auto& made = *TRY(make_node(parent, name, std::move(object)));
    TRY(start_using(made, Truncate::No));
    return entry_of(made, remember);
}

Result<TreeEntry> Tree::link(NodeId existing, NodeId parent_id, std::string const& name, Remember remember)
{
    Lock const lock(m_mutex);
    auto& object = *TRY(node(existing));
    auto& parent = *TRY(directory(parent_id));
    if (TRY(child(parent, name)) != nullptr)
        return failed("link(2)", EEXIST);
    TRY(ensure_writable());
    if (object.is_directory())
        return failed("link(2)", EPERM);
    if (object.names.empty())
        return failed("link(2)", ENOENT);
    TRY(copy_up(object));
    TRY(copy_up(parent));
    auto const path = path_in(parent, name);
    TRY(m_stack.writable->link(path_of(object), path));
    know(parent, name, object);
    object.upper_inode = TRY(m_stack.writable->look_up(path)).attributes.inode;
    m_hard_links[object.upper_inode] = object.id;
    publish(trace::FileCreated { m_container, "/" + path, std::string(word_for(FileType::HardLink)) });
    return entry_of(object, remember);
}

// ---- Removing ----

// Whether `path` would show through from a layer if the writable branch had nothing there.
bool Tree::in_layers_below(Node const& parent, std::string const& path) const
{
    for (auto const layer : parent.lower) {
        auto const found = m_stack.layers[layer]->look_up(path).value_or(Found {});
        if (found.lookup != Lookup::Absent)
            return found.lookup == Lookup::Present;
    }
    return false;
}

Result<bool> Tree::is_empty(Node& directory)
{
    TRY(learn_all(directory));
    auto const& names = directory.children;
    return std::all_of(names.begin(), names.end(), [](auto const& name) { return name.second == no_node; });
}

Result<void> Tree::remove(NodeId parent_id, std::string const& name, Removal removal)
{
    Lock const lock(m_mutex);
    TRY(ensure_writable());
    auto& parent = *TRY(directory(parent_id));
    auto* const object = TRY(child(parent, name));
    std::string_view const call = removal == Removal::Directory ? "rmdir(2)" : "unlink(2)";
    if (object == nullptr)
        return failed(call, ENOENT);
    if (object->is_directory() != (removal == Removal::Directory))
        return failed(call, object->is_directory() ? EISDIR : ENOTDIR);
    if (object->is_directory() && !TRY(is_empty(*object)))
        return failed(call, ENOTEMPTY);
    TRY(copy_up(parent));

    auto const path = path_in(parent, name);
    bool const shows_through = in_layers_below(parent, path);
    auto last = TRY(attributes_of(*object));
    if (shows_through)
        TRY(m_stack.writable->make_whiteout(path));
    else
        TRY(m_stack.writable->remove(path));
    publish(trace::FileRemoved { m_container, "/" + path });
    if (shows_through)
        publish(trace::WhiteoutMade { m_container, "/" + path });
    last.links = object->is_directory() ? 0 : last.links - 1;
    if (object->names.size() == 1)
        object->last_attributes = last;
    if (last.links == 0 && object->upper_inode != 0)
        m_hard_links.erase(object->upper_inode); // the filesystem may give the number to another file now
    lose_name(*object, parent, name);
    return {};
}

// ---- Renaming ----

bool Tree::is_within(Node const& node, NodeId ancestor)
{
    auto const* at = &node;
    while (at->id != ancestor && at->id != root_node)
        at = &m_nodes.at(at->names.front().parent);
    return at->id == ancestor;
}

Result<bool> Tree::allow_rename(Node const& source, Node* target, Node& from, Node& to)
{
    if (is_within(to, source.id))
        return failed("rename(2)", EINVAL); // a directory cannot go into itself
    if (target != nullptr && is_within(from, target->id))
        return failed("rename(2)", ENOTEMPTY);
    if (target == &source)
        return false; // two names of one file: rename(2) does nothing
    if (target != nullptr && source.is_directory() != target->is_directory())
        return failed("rename(2)", source.is_directory() ? ENOTDIR : EISDIR);
    // Its layers' part cannot be moved, and overlayfs without redirect_dir does not copy whole trees up: mv(1) does.
    if (source.is_directory() && !source.pure_upper())
        return failed("rename(2)", EXDEV);
    if (target != nullptr && target->is_directory() && !TRY(is_empty(*target)))
        return failed("rename(2)", ENOTEMPTY);
    return true;
}

Result<void> Tree::rename(NodeId from_parent, std::string const& from_name, NodeId to_parent,
    std::string const& to_name, IfTargetExists if_target_exists)
{
    Lock const lock(m_mutex);
    TRY(ensure_writable());
    auto& from = *TRY(directory(from_parent));
    auto& to = *TRY(directory(to_parent));
    auto* const source = TRY(child(from, from_name));
    if (source == nullptr)
        return failed("rename(2)", ENOENT);
    auto* const target = TRY(child(to, to_name));
    if (target != nullptr && if_target_exists == IfTargetExists::Fail)
        return failed("rename(2)", EEXIST);
    if (!TRY(allow_rename(*source, target, from, to)))
        return {};
    TRY(copy_up(*source));
    TRY(copy_up(to));

    auto const old_path = path_in(from, from_name);
    auto const new_path = path_in(to, to_name);
    bool const shows_through = in_layers_below(from, old_path);
    // In a directory that merges with layers, it must not begin to merge with what they have under the new name.
    bool const must_be_opaque
        = source->is_directory() && !to.lower.empty() && !TRY(m_stack.writable->look_up(old_path)).opaque;
    if (must_be_opaque)
        TRY(m_stack.writable->make_opaque(old_path));
    auto last = target != nullptr ? TRY(attributes_of(*target)) : Attributes {};
    TRY(m_stack.writable->rename(old_path, new_path, shows_through ? Vacancy::Whiteout : Vacancy::Nothing));

    publish(trace::FileRenamed { m_container, "/" + old_path, "/" + new_path });
    if (shows_through)
        publish(trace::WhiteoutMade { m_container, "/" + old_path });
    if (must_be_opaque)
        publish(trace::DirectoryMadeOpaque { m_container, "/" + new_path });
    if (target != nullptr) {
        last.links = target->is_directory() ? 0 : last.links - 1;
        if (target->names.size() == 1)
            target->last_attributes = last;
        if (last.links == 0 && target->upper_inode != 0)
            m_hard_links.erase(target->upper_inode);
        lose_name(*target, to, to_name);
    }
    know(to, to_name, *source); // first, or nothing would hold the node
    lose_name(*source, from, from_name);
    return {};
}

// ---- Metadata ----

void Tree::describe_change(std::string const& path, Attributes const& before, MetadataChange const& change) const
{
    auto const say = [&](std::string what) { publish(trace::MetadataChanged { m_container, path, std::move(what) }); };
    if (change.mode && *change.mode != before.mode)
        say(fmt::format("mode {:o} -> {:o}", before.mode, *change.mode));
    if (change.uid || change.gid)
        say(fmt::format("owner {}:{} -> {}:{}", before.uid, before.gid, change.uid.value_or(before.uid),
            change.gid.value_or(before.gid)));
    if (change.atime || change.mtime)
        say("times");
}

Result<void> Tree::change(NodeId id, MetadataChange change)
{
    Lock const lock(m_mutex);
    TRY(ensure_writable());
    auto& object = *TRY(node(id));
    if (change.mode && object.type == FileType::Symlink)
        return failed("chmod(2)", EOPNOTSUPP); // a symlink has no mode of its own, symlink(7)
    auto const before = TRY(attributes_of(object));
    if (object.names.empty()) {
        if (!object.upper_file)
            return failed("chmod(2)", ENOENT);
        return object.upper_file->change(change);
    }
    // A copy with another owner loses what chown(2) takes away; its mode and times it can have from the start.
    if (object.upper || change.uid || change.gid) {
        TRY(copy_up(object));
        TRY(m_stack.writable->change(path_of(object), change));
    } else {
        TRY(copy_up(object, [&](NewObject& copy) {
            copy.mode = change.mode.value_or(copy.mode);
            copy.atime = change.atime ? change.atime : copy.atime;
            copy.mtime = change.mtime ? change.mtime : copy.mtime;
        }));
    }
    describe_change("/" + path_of(object), before, change);
    return {};
}

Result<void> Tree::set_xattr(NodeId id, std::string const& name, std::string_view value)
{
    Lock const lock(m_mutex);
    TRY(ensure_writable());
    auto& object = *TRY(node(id));
    if (name.starts_with("user.") && !may_have_user_xattrs(object.type))
        return failed("setxattr(2)", EPERM);
    // Access control lists would have to be honoured when the kernel checks permissions; we keep none.
    if (is_overlays_own(name) || name.starts_with("user.drydock.") || name.starts_with("system."))
        return failed("setxattr(2)", EOPNOTSUPP);
    TRY(copy_up(object));
    auto const path = path_of(object);
    TRY(m_stack.writable->set_xattr(path, name, value));
    publish(trace::MetadataChanged { m_container, "/" + path, "xattr " + name });
    return {};
}

Result<void> Tree::remove_xattr(NodeId id, std::string const& name)
{
    Lock const lock(m_mutex);
    TRY(ensure_writable());
    auto& object = *TRY(node(id));
    if (object.names.empty())
        return failed("removexattr(2)", ENOENT);
    if (name.starts_with("user.") && !may_have_user_xattrs(object.type))
        return failed("removexattr(2)", EPERM);
    if (!TRY(provider_of(object).xattrs(path_of(object))).contains(name))
        return failed("removexattr(2)", ENODATA); // and nothing is copied up for it
    TRY(copy_up(object));
    auto const path = path_of(object);
    TRY(m_stack.writable->remove_xattr(path, name));
    publish(trace::MetadataChanged { m_container, "/" + path, "xattr " + name + " removed" });
    return {};
}

}
