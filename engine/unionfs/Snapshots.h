#pragma once

// Layers extracted into directories, for the kernel's overlayfs (`--storage-driver overlay`): one directory for each
// layer, made once, in the form that overlayfs mounts with `userxattr`. A directory under its final name is whole: it
// is filled aside, synced and renamed; what a crash left aside is swept when the store is opened.
//
//   <root>/<diff-id hex>/    one extracted layer
//   <root>/new/              in the making

#include "engine/layer/LayerStore.h"

#include <filesystem>
#include <mutex>
#include <span>

namespace drydock::unionfs {

class Snapshots {
public:
    static Result<std::unique_ptr<Snapshots>> open(std::filesystem::path const& root);

    // The layer's directory; extracts it the first time. Nothing in a layer can reach outside (openat2(2)).
    Result<std::filesystem::path> directory_of(std::shared_ptr<layer::Layer const> const&);
    // The lowerdirs for a stack of layers, topmost first. Those below an opaque root are left out, since the kernel
    // does not look for that mark on a layer's root.
    Result<std::vector<std::filesystem::path>> lower(std::span<std::shared_ptr<layer::Layer const> const>);
    Result<void> remove(oci::DiffId const&); // fine if absent

private:
    explicit Snapshots(std::filesystem::path root)
        : m_root(std::move(root))
    {
    }
    Result<void> extract(std::shared_ptr<layer::Layer const> const&, std::filesystem::path const& target);

    std::filesystem::path m_root;
    std::mutex m_mutex;
};

}
