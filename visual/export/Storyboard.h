#pragma once

// A lesson on paper: a directory with stills and captions, the questions where they are asked, the answers on the last
// page. Markdown, which pandoc and every forge turn into pages.

#include "visual/export/Camera.h"
#include "visual/export/Recording.h"

#include <filesystem>

namespace drydock::exporting {

// A still of every beat, or of how each phase ends: the handout of a class.
enum class StillEach : std::uint8_t { Beat, Phase };

// Writes storyboard.md and 001.png, 002.png, … into the directory, which is made where it is missing.
Result<void> write_storyboard(trace::EventLog const&, Camera&, std::string const& title, StillEach,
    std::filesystem::path const&, Progress const&);

}
