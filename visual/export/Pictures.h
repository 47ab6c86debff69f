#pragma once

// Pictures and texts become files here.

#include "sim/core/Result.h"
#include "visual/canvas/Surface.h"

#include <filesystem>
#include <string_view>

namespace drydock::exporting {

Result<void> write_png(std::filesystem::path const&, canvas::Surface const&);
Result<void> write_text(std::filesystem::path const&, std::string_view);

}
