#pragma once

// `docker commit`, and the part of it that a build needs after each RUN and COPY.

#include "engine/daemon/Engine.h"
#include "engine/image/NewLayer.h"

namespace drydock::daemon {

// Writes down what a container changed as a layer, kept by `hold`; nothing where it changed nothing. Publishes
// LayerCommitted.
Result<std::optional<image::MadeLayer>> layer_of_changes(
    Engine&, ContainerRecord const&, image::ImageStore::Hold& hold);

// The `changes` of a commit or an import, Dockerfile instructions, upon a config.
struct Call;
Result<void> apply_changes(Call&, oci::ImageConfig&);

// Stores a config as an image made from `parent`.
Result<image::Image> store_image(Engine&, oci::ImageConfig const&, std::vector<oci::Descriptor> layers,
    std::optional<oci::Digest> const& parent, image::ImageStore::Hold& hold);

}
