#pragma once

// An OCI image layout (image-spec image-layout.md) of one image with one layer, made from a tar that comes from
// somewhere else: how a distribution's root file system becomes a base image. Same tar and config, same digests.

#include "engine/content/Storage.h"
#include "sim/oci/Manifest.h"

#include <functional>

namespace drydock::image {

// Gives the next piece of the tar, an empty one at the end.
using TarPieces = std::function<Result<std::string>()>;

// `config` is completed by the layer's DiffId and its line of history. `tag` is the name in index.json, "bookworm".
Result<void> write_base_layout(content::Storage& layout, TarPieces const&, oci::ImageConfig config,
    std::string const& created_by, std::string const& tag);

}
