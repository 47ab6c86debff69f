#pragma once

// An image layer as a branch. Its index is made into a tree once; whiteouts become marks that hide what lies below
// (never what the same layer brings), `.wh..wh..opq` makes its directory opaque wherever in the tar it stands, hard
// links become one inode. Content is read from its offset in the tar. Share one LayerBranch among all containers.

#include "engine/layer/LayerStore.h"
#include "engine/unionfs/Branch.h"

#include <string_view>

namespace drydock::unionfs {

class LayerBranch final : public Branch {
public:
    // Corrupt where a hard link leads nowhere in this layer.
    static Result<std::shared_ptr<LayerBranch const>> create(std::shared_ptr<layer::Layer const>);

    Result<Found> look_up(std::string const& path) const override;
    Result<std::vector<std::pair<std::string, Found>>> list(std::string const& path) const override;
    Result<std::shared_ptr<content::ReadableFile const>> open(std::string const& path) const override;
    Result<std::string> read_link(std::string const& path) const override;
    Result<std::map<std::string, std::string>> xattrs(std::string const& path) const override;

    layer::Layer const& layer() const { return *m_layer; }

private:
    using Index = std::uint32_t;
    struct Node {
        layer::Entry const* entry { nullptr }; // null: a directory that the tar does not name, or a whiteout
        Lookup lookup { Lookup::Present };
        bool opaque { false };
        Index inode { 0 };
        std::map<std::string_view, Index> children {}; // the names live in the entries' paths

        bool is_directory() const
        {
            return lookup == Lookup::Present && (entry == nullptr || entry->type == FileType::Directory);
        }
    };

    explicit LayerBranch(std::shared_ptr<layer::Layer const> layer)
        : m_layer(std::move(layer))
    {
    }
    Result<void> add(layer::Entry const&);
    void add_whiteout(Index parent, std::string_view name);
    void become(Index node, layer::Entry const*, Index inode);
    Index directory(std::string_view path);
    Index child(Index parent, std::string_view name);
    Index new_inode();
    void count_links();
    Node const* find(std::string_view path) const;
    Result<Node const*> existing(std::string const& path) const;
    Found found(Node const&) const;

    std::shared_ptr<layer::Layer const> m_layer;
    std::vector<Node> m_nodes { Node {} };    // [0] is the root
    std::vector<std::uint64_t> m_links { 2 }; // st_nlink by inode
};

}
