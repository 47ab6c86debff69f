#pragma once

// Pull: a name becomes an image. Ask the registry what the tag means, fetch manifest and config, fetch the layers we
// do not have, verify everything, and only then let the tag point at it.

#include "engine/image/ImageStore.h"
#include "engine/registry/RegistryClient.h"

namespace drydock::image {

// One line of docker's progress stream. `id` is the first 12 hex digits of a layer's blob digest, or empty.
struct PullProgress {
    std::string id;
    std::string status;          // "Pulling fs layer", "Downloading", "Verifying Checksum", "Pull complete" …
    std::uint64_t current { 0 }; // bytes; both 0 where the status has no measure
    std::uint64_t total { 0 };
};

struct PullResult {
    Image image;
    oci::Digest manifest;
    bool newer { true }; // false: everything was here and the tag pointed at it
    std::uint64_t bytes_transferred { 0 };
    std::uint64_t bytes_skipped { 0 };
};

class Puller {
public:
    Puller(Scheduler&, content::ContentStore&, layer::LayerStore&, ImageStore&, trace::Publisher);
    Result<PullResult> pull(registry::RegistryClient&, oci::Reference const&, oci::Platform const&,
        std::function<void(PullProgress const&)> const& progress);

private:
    struct Impl;
    std::shared_ptr<Impl> m_impl;
};

}
