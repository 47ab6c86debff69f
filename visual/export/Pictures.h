#pragma once

// Pictures become files here.

#include "sim/core/Result.h"
#include "visual/canvas/Surface.h"

#include <filesystem>

namespace drydock::exporting {

Result<void> write_png(std::filesystem::path const&, canvas::Surface const&);

}
