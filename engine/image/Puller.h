#pragma once

// Pull: a name becomes an image. Ask the registry what the tag means, fetch manifest and config, fetch the layers we
// do not have, verify everything, and only then let the tag point at it.

#include "engine/image/ImageStore.h"
#include "engine/image/Progress.h"
#include "engine/layer/Limits.h"
#include "engine/registry/RegistryClient.h"

#include <stop_token>

namespace drydock::image {

struct PullResult {
    Image image;
    oci::Digest manifest;
    bool newer { true }; // false: everything was here and the tag pointed at it
    std::uint64_t bytes_transferred { 0 };
    std::uint64_t bytes_skipped { 0 };
};

class Puller {
public:
    // `image_bytes`: what the layers of one image may unpack to (HARDENING T6).
    Puller(Scheduler&, content::ContentStore&, layer::LayerStore&, ImageStore&, trace::Publisher,
        std::uint64_t image_bytes = layer::limits::image_bytes);
    // Cancelled where `stop` comes first: then nothing is left but what the next pull goes on from. The client should
    // have the same token, so that it does not wait for its registry.
    Result<PullResult> pull(registry::RegistryClient&, oci::Reference const&, oci::Platform const&,
        Progress const& progress, std::stop_token stop = {});

private:
    struct Impl;
    std::shared_ptr<Impl> m_impl;
};

}
