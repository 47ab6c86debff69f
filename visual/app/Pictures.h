#pragma once

// A still for each step of a trace, drawn without a display.

#include "sim/core/Result.h"
#include "sim/trace/EventLog.h"

#include <filesystem>

namespace drydock::app {

// Writes 001.png, 002.png, … into `directory` (made where it is missing); how many.
Result<std::size_t> write_pictures(trace::EventLog const&, std::filesystem::path const& directory, int depth);

}
