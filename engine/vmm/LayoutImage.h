#pragma once

// An image of an OCI layout, merged into one tree: what a guest machine starts from is what a container of the same
// image sees.

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

}
