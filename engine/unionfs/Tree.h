#pragma once

// The merged tree as a table of nodes, numbered like inodes: what the FUSE server speaks in. A node knows its names,
// whether the writable branch has it, and which layers below do. UnionMount's paths are a walk over this table.
//
// The rules are those of fs/overlayfs: look_up merges, copy_up lifts, create_in/unlink/rename keep whiteouts and
// opaque marks right. A path is the same in every branch that takes part: only what stands purely in the writable
// branch can be moved as a directory, so no layer is ever asked under another name (redirect_dir=off).

#include "engine/unionfs/UnionMount.h"
#include "engine/unionfs/WritableBranch.h"

#include <functional>
#include <mutex>
#include <optional>
#include <unordered_map>

namespace drydock::unionfs {

using NodeId = std::uint64_t;          // never reused
inline constexpr NodeId root_node = 1; // as FUSE_ROOT_ID
inline constexpr NodeId no_node = 0;

enum class OpenFor : std::uint8_t { Reading, Writing };
enum class Truncate : std::uint8_t { No, Yes };
enum class IfTargetExists : std::uint8_t { Replace, Fail };
enum class Removal : std::uint8_t { File, Directory };

struct TreeEntry {
    NodeId id { no_node };
    Attributes attributes;
};

// What getdents(2) tells of one name.
struct ListedName {
    std::string name;
    NodeId id { no_node };
    FileType type { FileType::Regular };
    std::uint64_t inode { 0 };
    bool remembered { false }; // by the kernel
};

class Tree {
public:
    Tree(Stack, ContainerId, trace::Publisher);

    // Yes: the caller (the kernel's dentry cache) keeps the number until it calls forget.
    enum class Remember : std::uint8_t { No, Yes };
    // Publishes PathLookedUp the first time; afterwards the name is known.
    Result<TreeEntry> look_up(NodeId parent, std::string const& name, Remember = Remember::No);
    void forget(NodeId, std::uint64_t times);

    Result<Attributes> attributes(NodeId);
    // Sorted by name. The branches are asked once for each directory: afterwards every name of it is known.
    Result<std::vector<ListedName>> list(NodeId);
    Result<TreeEntry> entry(NodeId, Remember = Remember::No); // what else there is to know of a listed name
    Result<std::string> read_link(NodeId);
    Result<std::map<std::string, std::string>> xattrs(NodeId);
    Result<NodeId> parent(NodeId);    // the root is its own
    Result<std::string> path(NodeId); // "/etc/motd"

    // Files are used between open and close; writing copies up. Reading and writing take no lock of the tree.
    Result<void> open(NodeId, OpenFor, Truncate = Truncate::No);
    void close(NodeId);
    void publish_written(NodeId); // FileWritten: once for everything that one opening wrote
    Result<std::size_t> read(NodeId, std::uint64_t offset, std::span<char> buffer);
    Result<void> write(NodeId, std::uint64_t offset, std::string_view bytes);
    Result<void> truncate(NodeId, std::uint64_t size);
    Result<void> sync(NodeId);

    Result<TreeEntry> make(NodeId parent, std::string const& name, NewObject, Remember = Remember::No);
    // A new file, open for writing from the start.
    Result<TreeEntry> create(NodeId parent, std::string const& name, NewObject, Remember = Remember::No);
    Result<TreeEntry> link(NodeId existing, NodeId parent, std::string const& name, Remember = Remember::No);
    Result<void> remove(NodeId parent, std::string const& name, Removal);
    Result<void> rename(NodeId from_parent, std::string const& from, NodeId to_parent, std::string const& to,
        IfTargetExists = IfTargetExists::Replace);
    Result<void> change(NodeId, MetadataChange);
    Result<void> set_xattr(NodeId, std::string const& name, std::string_view value);
    Result<void> remove_xattr(NodeId, std::string const& name);

    // The search for a name, made and published anew; the branch that answered.
    Result<std::int64_t> provider(NodeId parent, std::string const& name);
    Space space() const;
    bool read_only() const { return m_stack.writable == nullptr; }

private:
    struct Name {
        NodeId parent { no_node };
        std::string name;
        bool operator==(Name const&) const = default;
    };
    // What the branches say of one name, from the top down.
    struct Search {
        std::vector<std::int64_t> visited;
        std::int64_t answered { -1 };
        std::int64_t whited_out { -1 };
        Attributes attributes; // of the topmost
        bool upper { false };
        std::vector<std::uint32_t> lower;
        bool ended { false };

        void consider(std::int64_t branch, Found const&);
    };
    struct Node {
        NodeId id { no_node };
        FileType type { FileType::Regular };
        bool upper { false };             // the writable branch has it
        std::vector<std::uint32_t> lower; // layers that have it, topmost first; of a file at most one
        std::vector<Name> names;          // several for hard links of the writable branch, none for an orphan
        std::uint64_t shown_inode { 0 };  // st_ino
        std::uint64_t upper_inode { 0 };  // where several names may lead to it
        std::uint64_t remembered { 0 };   // by the kernel
        std::uint64_t opened { 0 };
        std::shared_ptr<content::ReadableFile const> layer_file; // while open, before copy-up
        std::shared_ptr<WritableFile> upper_file;                // while open
        std::optional<Attributes> layer_attributes;              // before copy-up: a layer never changes
        std::optional<Attributes> last_attributes;               // of an orphan without upper_file
        std::unique_ptr<Search> unpublished; // seen in a listing only; published when somebody asks for the name
        std::unordered_map<std::string, NodeId> children; // known so far; no_node: known to be absent
        bool knows_all { false };                         // the names that are there are all among them

        bool is_directory() const { return type == FileType::Directory; }
        bool pure_upper() const { return upper && lower.empty(); }
        bool merges() const { return is_directory() && lower.size() + (upper ? 1 : 0) > 1; }
    };
    using Lock = std::lock_guard<std::mutex>;

    // All below expect the lock to be held.
    Result<Node*> node(NodeId);
    Result<Node*> directory(NodeId);
    Result<Node*> child(Node& parent, std::string const& name); // null where there is none
    Search search(Node const& parent, std::string const& path) const;
    Result<std::vector<std::pair<std::string, Search>>> merged(Node const&) const;
    Result<void> learn_all(Node& directory);
    Node& adopt(Node& parent, std::string const& name, Search const&);
    Node& new_node(FileType);
    void know(Node& parent, std::string const& name, Node&);
    void know_absent(Node& parent, std::string const& name);
    void lose_name(Node&, Node& parent, std::string const& name);
    void drop_if_unused(Node&);
    void publish_search(std::string const& path, Search const&) const;
    template <class E> void publish(E event) const { m_publisher.publish(std::move(event)); }

    std::string path_of(Node const&) const; // "etc/motd"
    std::string path_in(Node const& parent, std::string const& name) const;
    std::vector<std::int64_t> branches_of(Node const&) const;
    Branch const& branch(std::int64_t number) const;
    Branch const& provider_of(Node const&) const;
    Attributes shown(Node const&, Attributes) const;
    Result<Attributes> attributes_of(Node const&) const;
    Result<TreeEntry> entry_of(Node&, Remember) const;
    Result<Node*> make_node(NodeId parent, std::string const& name, NewObject);
    Result<void> start_using(Node&, Truncate);
    Result<std::shared_ptr<WritableFile>> writable_file(Node&);
    Result<std::shared_ptr<content::ReadableFile const>> readable_file(Node&);

    Result<void> ensure_writable() const;
    Result<void> copy_up(Node&, std::function<void(NewObject&)> const& alter = {});
    bool in_layers_below(Node const& parent, std::string const& path) const;
    Result<bool> is_empty(Node&);
    bool is_within(Node const&, NodeId ancestor);
    // False: nothing is to be done.
    Result<bool> allow_rename(Node const& source, Node* target, Node& from, Node& to);
    void describe_change(std::string const& path, Attributes const& before, MetadataChange const&) const;

    Stack m_stack;
    ContainerId m_container;
    trace::Publisher m_publisher;
    mutable std::mutex m_mutex;
    std::unordered_map<NodeId, Node> m_nodes;               // pointers to its values stay valid
    std::unordered_map<std::uint64_t, NodeId> m_hard_links; // of the writable branch, by its inode
    std::map<std::pair<std::uint32_t, std::uint64_t>, std::uint64_t> m_layer_links; // (layer, inode) -> st_ino
    std::size_t m_known_absent { 0 };
    NodeId m_next { root_node };
};

}
