#pragma once

// What the kernel asks for, answered from the Tree: one function for each request of libfuse's low-level interface.
// Node numbers go over the wire as they are; what an open(2) needs to remember is a Handle.

#include "engine/unionfs/Tree.h"

#include <atomic>
#include <memory>

struct fuse_lowlevel_ops;

namespace drydock::unionfs {

// One open(2) of a file, or of a directory with what it held then.
struct Handle {
    NodeId id { no_node };
    bool is_file { false };
    std::atomic<bool> wrote { false };
    bool listed { false };
    std::vector<ListedName> names;
};

// The user data of a session.
class FuseConnection {
public:
    explicit FuseConnection(Tree& tree)
        : m_tree(tree)
    {
    }
    // The last releases get lost when the kernel takes the mount away, so what is still open ends here.
    ~FuseConnection();
    FuseConnection(FuseConnection const&) = delete;
    FuseConnection& operator=(FuseConnection const&) = delete;

    Tree& tree() { return m_tree; }
    Handle& open_file(NodeId);
    Handle& open_directory(NodeId);
    void release(Handle&);

private:
    Handle& add(std::unique_ptr<Handle>);
    void end(Handle const&);

    Tree& m_tree;
    std::mutex m_mutex;
    std::unordered_map<Handle*, std::unique_ptr<Handle>> m_handles;
};

fuse_lowlevel_ops const& fuse_operations();

}
