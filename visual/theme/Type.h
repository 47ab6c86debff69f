#pragma once

// The type scale: seven styles, each with a face and an em size in logical pixels. Viewers sit up to eight screen
// heights away from a projected picture, so no style is smaller than 1/50 of its height.

#include "visual/theme/FontFiles.h"

#include <array>
#include <cstdint>
#include <string_view>

namespace drydock::theme {

enum class Style : std::uint8_t { Caption, Body, Strong, Heading, Title, Narration, Mono };

inline constexpr std::array all_styles { Style::Caption, Style::Body, Style::Strong, Style::Heading, Style::Title,
    Style::Narration, Style::Mono };

struct TypeStyle {
    std::string_view name;
    Face face;
    float em;      // logical pixels
    float leading; // distance of two base lines, in em
};

TypeStyle const& type_style(Style);

// Ascent plus descent over em, from the face's own hhea table; Dear ImGui means this sum when it says "size".
float line_to_em(Face);

// One preset for a room, one for a desk; either is multiplied with the screen's own scale.
enum class Density : std::uint8_t { Projector, Desk };
float density_factor(Density);

// Device pixels per logical pixel for a screen of this height, in quarters so that glyphs stay crisp.
float scale_for_height(float device_pixels);

}
