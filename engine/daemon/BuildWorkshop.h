#pragma once

// The daemon as a build sees it: images from the store or a registry, sheets and containers like any other's.

#include "engine/build/Workshop.h"
#include "engine/daemon/Engine.h"
#include "engine/registry/RegistryClient.h"

namespace drydock::daemon {

struct WorkshopOptions {
    bool always_pull { false };
    HostConfig host; // limits and network of the containers
    std::function<void(image::TransferProgress const&)> progress;
    std::function<Result<std::optional<registry::Credentials>>(std::string const& registry)> credentials;
};

class BuildWorkshop final : public build::Workshop {
public:
    BuildWorkshop(Engine&, WorkshopOptions);
    ~BuildWorkshop() override;

    Result<image::Image> base(std::string const& reference) override;
    std::optional<image::Image> made_before(
        std::optional<oci::Digest> const& parent, std::string const& created_by) const override;
    std::vector<image::Image> made_from(std::optional<oci::Digest> const& parent) const override;
    Result<std::uint64_t> size_of(oci::DiffId const& layer) const override { return m_engine.layers->size(layer); }
    Result<image::Image> store(oci::ImageConfig const&, std::vector<oci::Descriptor> layers,
        std::optional<oci::Digest> const& parent) override;
    Result<std::unique_ptr<unionfs::UnionMount const>> files_of(image::Image const&) override;
    Result<std::unique_ptr<build::Sheet>> sheet(std::optional<image::Image> const& on) override;
    Result<std::unique_ptr<build::StepContainer>> container(image::Image const&, build::StepPlan const&) override;
    content::Storage& storage() override;
    std::string scratch_key() override;
    Timestamp now() const override;
    bool cancelled() const override { return m_gone.stop_requested(); }

    // Who asked has gone: what runs is killed, and no further step begins.
    void cancel();

private:
    class OwnSheet;
    class RunContainer;
    void runs_now(std::shared_ptr<Container>);

    Engine& m_engine;
    WorkshopOptions m_options;
    std::unique_ptr<image::ImageStore::Hold> m_hold; // of the layers that the build stands on
    std::string m_scratch;                           // prefix of its temporary files
    std::uint64_t m_next_scratch { 0 };
    std::stop_source m_gone; // who asked
    std::mutex m_mutex;
    std::shared_ptr<Container> m_running;
};

// Sweeps what builds of a daemon that crashed left.
void sweep_builds(content::Storage&);

// RegistryRequests.cpp: pulls as `docker pull` does.
Result<image::PullResult> pull_by_name(Engine&, oci::Reference const&, oci::Platform const&,
    std::optional<registry::Credentials>, std::function<void(image::TransferProgress const&)> const& progress,
    std::stop_token const& stop);

}
