#pragma once

// The captions of a trace as subtitles (SubRip, .srt), for players, translators and those who do not hear.

#include "visual/stage/Choreography.h"

#include <span>
#include <string>

namespace drydock::exporting {

std::string subtitles_of(std::span<stage::Beat const>);

}
