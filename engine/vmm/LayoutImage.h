#pragma once

// An image, merged into one tree: what a guest machine starts from is what a container of the same image sees. It comes
// from an OCI layout, or from where a daemon keeps its own.

#include "engine/content/Storage.h"
#include "engine/unionfs/UnionMount.h"
#include "sim/oci/Manifest.h"

#include <filesystem>
#include <memory>
#include <string>

namespace drydock::vmm {

struct LayoutImage {
    oci::ImageConfig config;
    std::shared_ptr<unionfs::UnionMount> root; // read-only
};

// `name` as index.json has it, with or without "library/" and ":latest"; NotFound lists the names there are.
Result<LayoutImage> open_layout_image(
    std::filesystem::path const& layout, std::string const& name, trace::Publisher const&);

// The image with that ID, from a daemon's storage, which outlives it. Reading it publishes nothing.
Result<LayoutImage> open_stored_image(content::Storage&, oci::Digest const& id);

}
