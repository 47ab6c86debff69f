#pragma once

// The file systems of containers: for each one a writable sheet of its own, stacked on the layers of its image.
// Where the sheet lies depends on the storage driver: a directory (fuse, overlay) or memory (simulated).

#include "engine/daemon/Container.h"
#include "engine/daemon/Daemon.h"
#include "engine/layer/LayerStore.h"
#include "engine/unionfs/LayerBranch.h"
#include "engine/unionfs/Snapshots.h"
#include "engine/unionfs/UnionMount.h"

namespace drydock::daemon {

class Roots {
public:
    Roots(StorageDriver, content::Storage&, layer::LayerStore&, Clock const&, trace::Publisher);

    // Makes the writable layer.
    Result<void> make(ContainerId const&);
    // The stack of a container, the same object for everybody who holds it at a time.
    Result<std::shared_ptr<unionfs::UnionMount>> open(ContainerRecord const&);
    // The same for somebody who works on it alone: its changes publish nothing.
    Result<std::unique_ptr<unionfs::UnionMount>> open_quietly(ContainerRecord const&);
    // The same stack for reading only, beside whoever works on it; a look that publishes nothing.
    Result<std::unique_ptr<unionfs::UnionMount>> look_into(ContainerRecord const&);
    // The sheet by itself, and the layers by themselves as one tree; looks that publish nothing.
    Result<std::shared_ptr<unionfs::Branch const>> look_at_sheet(ContainerId const&);
    Result<std::unique_ptr<unionfs::UnionMount>> look_below(ContainerRecord const&);
    // Bytes of the files on the sheet (nothing where it is just going), and of those in the layers below it.
    std::uint64_t size_of_sheet(ContainerId const&);
    std::uint64_t size_below(ContainerRecord const&);
    // What the kernel mounts instead, for the overlay driver.
    Result<std::optional<runtime::OverlayRoot>> overlay(ContainerRecord const&);
    // Forgets a sheet in memory; directories go with the container's own.
    void remove(ContainerId const&);

    std::string location(ContainerId const&) const;
    std::string_view driver_name() const;
    StorageDriver driver() const { return m_driver; }

private:
    Result<void> add_layers(unionfs::Stack&, ContainerRecord const&);
    Result<std::shared_ptr<unionfs::WritableBranch>> sheet(ContainerId const&);
    Result<std::shared_ptr<unionfs::Branch const>> layer_branch(oci::DiffId const&);
    std::filesystem::path directory(ContainerId const&) const;
    char const* work_name() const;
    Result<unionfs::Snapshots*> snapshots();

    StorageDriver m_driver;
    content::Storage& m_storage;
    layer::LayerStore& m_layers;
    Clock const& m_clock;
    trace::Publisher m_publisher;
    std::mutex m_mutex; // guards the maps
    std::map<ContainerId, std::shared_ptr<unionfs::WritableBranch>> m_in_memory;
    std::map<ContainerId, std::weak_ptr<unionfs::UnionMount>> m_open;
    std::map<oci::DiffId, std::weak_ptr<unionfs::LayerBranch const>> m_branches;
    std::unique_ptr<unionfs::Snapshots> m_snapshots; // extracted layers; opened with the first overlay
};

}
