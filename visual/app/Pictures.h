#pragma once

// A still for each step of a trace, drawn without a display.

#include "sim/core/Result.h"
#include "sim/trace/EventLog.h"
#include "visual/theme/Theme.h"
#include "visual/view/Screen.h"

#include <filesystem>

namespace drydock::app {

struct PictureOptions {
    std::string directory; // empty: no pictures
    theme::ThemeName theme { theme::ThemeName::Dark };
    int height { 720 };          // device pixels; 16:9
    bool whole_window { false }; // with timeline, instead of presenter mode
    std::string view;            // as in named_views(); empty: the scenario's own
};

// Writes 001.png, 002.png, … into the directory (made where it is missing); how many.
Result<std::size_t> write_pictures(trace::EventLog const&, PictureOptions const&, int depth);

}
