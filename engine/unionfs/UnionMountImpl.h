#pragma once

// What UnionMount and FuseServer share: the tree, and a way to tell the kernel that something changed behind its back
// (`docker cp` into a running container), since it keeps what it knows for as long as it likes.

#include "engine/unionfs/Tree.h"

namespace drydock::unionfs {

class KernelCaches {
public:
    virtual ~KernelCaches() = default;
    virtual void invalidate(NodeId) = 0; // attributes and content
    virtual void invalidate(NodeId parent, std::string const& name) = 0;
};

struct UnionMount::Impl {
    Impl(Stack s, ContainerId container, trace::Publisher publisher)
        : stack(s)
        , tree(std::move(s), std::move(container), std::move(publisher))
    {
    }

    void serve_to(KernelCaches* caches)
    {
        std::lock_guard const lock(m_mutex);
        m_caches = caches;
    }
    void changed(NodeId id)
    {
        std::lock_guard const lock(m_mutex);
        if (m_caches != nullptr)
            m_caches->invalidate(id);
    }
    void changed(NodeId parent, std::string const& name)
    {
        std::lock_guard const lock(m_mutex);
        if (m_caches != nullptr) {
            m_caches->invalidate(parent);
            m_caches->invalidate(parent, name);
        }
    }

    Result<void> change(NodeId id, MetadataChange const& change)
    {
        TRY(tree.change(id, change));
        changed(id);
        return {};
    }

    Stack stack;
    Tree tree;

private:
    std::mutex m_mutex;
    KernelCaches* m_caches { nullptr }; // null: no kernel mount
};

}
