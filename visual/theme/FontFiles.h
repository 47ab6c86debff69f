#pragma once

// The font files of the distribution's packages, part of the program since the build.

#include <cstddef>
#include <cstdint>
#include <span>

namespace drydock::theme {

enum class Face : std::uint8_t { Regular, Medium, SemiBold, DisplayBold, DisplaySemiBold, Mono, Icons };

std::span<std::byte const> font_file(Face);

}
