#pragma once

// Push: an image goes to a registry, layer by layer, and last of all its manifest. What the registry has already does
// not travel again, and what travels are the very blobs that the store keeps: the image has the same digests there.

#include "engine/image/ImageStore.h"
#include "engine/image/Progress.h"
#include "engine/registry/RegistryClient.h"

#include <stop_token>

namespace drydock::image {

struct PushResult {
    oci::Digest manifest;
    std::uint64_t manifest_size { 0 };
    std::uint64_t bytes_transferred { 0 };
    std::uint64_t bytes_skipped { 0 }; // in the registry already, or mounted there
};

class Pusher {
public:
    Pusher(Scheduler&, content::ContentStore&, ImageStore&, trace::Publisher);
    // Pushes what the reference (with a tag) names here. NotFound "An image does not exist locally with the tag: x".
    // Publishes ManifestPushed; RegistryClient says how each blob came there.
    // Cancelled, with nothing new in the registry but blobs, where `stop` comes first.
    Result<PushResult> push(
        registry::RegistryClient&, oci::Reference const&, Progress const& progress, std::stop_token stop = {});

private:
    Scheduler& m_scheduler;
    content::ContentStore& m_content;
    ImageStore& m_images;
    trace::Publisher m_publisher;
};

// The manifest under which an image travels: the one it came with, or one that is made for it. An image that was built
// here has docker's media types where its layers have, else OCI's.
Result<registry::Document> manifest_of(content::ContentStore const&, Image const&);

}
