#pragma once

// Which images there are and what they are called. An image is a config blob (its digest is the image ID) and the
// layers the config names; a tag is a movable flag on it. References are written leaf first (blobs, layers, config,
// tag last: HARDENING R3), so a crash never leaves a tag that points at nothing.
//
//   images/<config hex>     JSON: manifest digest, where it came from
//   tags/<escaped reference>  JSON: image ID

#include "engine/content/ContentStore.h"
#include "engine/layer/LayerStore.h"
#include "sim/oci/Manifest.h"
#include "sim/oci/Reference.h"

#include <set>

namespace drydock::image {

struct Image {
    oci::Digest id; // digest of the config
    oci::ImageConfig config;
    std::vector<oci::Descriptor> layers; // as they travel, bottom first
    std::optional<oci::Digest> manifest; // digest under which a registry knows it
    std::vector<std::string> tags; // familiar form, sorted
    std::vector<std::string> repo_digests; // "busybox@sha256:…", sorted
    std::uint64_t size { 0 }; // bytes of the uncompressed layers
};

struct Removal { // one line of `docker rmi`
    bool untagged { false };
    std::string text; // a reference or an image ID
};

class ImageStore {
public:
    static Result<std::unique_ptr<ImageStore>> open(
        content::Storage&, content::ContentStore&, layer::LayerStore&, trace::Publisher);

    std::vector<Image> list() const; // newest first, then by id
    // By reference, full ID, or unique ID prefix (with or without "sha256:"). NotFound "No such image: x:latest".
    Result<Image> find(std::string const& name) const;
    // All blobs and layers must be in their stores. Publishes ImageStored (once an image) and ImageTagged.
    Result<Image> add(oci::Digest const& config, std::vector<oci::Descriptor> layers, std::optional<oci::Digest> manifest,
        std::optional<oci::Reference> const& reference);
    Result<void> tag(oci::Digest const& image, oci::Reference const&);
    // Removes the tag, and the image with its last one. `in_use` says which image a container holds (Conflict). Sweeps
    // blobs and layers that no image uses.
    Result<std::vector<Removal>> remove(
        std::string const& name, bool force, std::function<std::optional<std::string>(oci::Digest const&)> const& in_use);
    // Removes what no image refers to: leftovers of a crash.
    Result<void> sweep();

private:
    ImageStore(content::Storage&, content::ContentStore&, layer::LayerStore&, trace::Publisher);
    struct Impl;
    std::shared_ptr<Impl> m_impl;
};

}
