#pragma once

// What the embedded hub offers: busybox, and greeter in two versions that share all layers but one.

#include "tools/make-images/Recipe.h"

#include "sim/core/Result.h"

#include <filesystem>

namespace drydock::tools {

// `busybox` is the statically linked program; its applets are asked of itself.
Result<std::vector<Recipe>> all_recipes(std::filesystem::path const& busybox);

}
