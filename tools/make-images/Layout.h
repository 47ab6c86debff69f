#pragma once

// Writes an OCI image layout (image-spec image-layout.md): oci-layout, index.json, and every blob under its digest.

#include "tools/make-images/Recipe.h"

#include "sim/core/Result.h"

#include <filesystem>
#include <span>

namespace drydock::tools {

// Replaces what is there; index.json comes last, so a layout that has one is whole.
Result<void> write_layout(std::filesystem::path const& directory, std::span<Recipe const> recipes);

}
