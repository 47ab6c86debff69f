#pragma once

// The measures everything is built from, in units of a 1280x720 screen ("logical" pixels, scale 1). Whoever needs
// another distance, radius or duration takes the nearest of these; none is invented at the place of use.

#include <chrono>
#include <cstdint>

namespace drydock::theme {

// Distances: an 8-pixel rhythm with two half steps.
namespace space {
inline constexpr float hair = 4, tight = 8, snug = 12, normal = 16, wide = 24, broad = 32, huge = 48, vast = 64;
}

namespace radius {
inline constexpr float bar = 4, control = 6, card = 10, container = 14;
}

namespace icon_size {
inline constexpr float small = 14, normal = 16, large = 20, hero = 32;
}

// The regions of a 1280x720 window; see docs/look.md.
namespace region {
inline constexpr float top_bar = 56, inspector = 320, timeline = 168, minimap = 48, margin = 32, gutter = 24;
inline constexpr float narration_width = 720;
}

// How long things take. Closed forms of time use them; nothing counts frames.
namespace motion {
using std::chrono::milliseconds;
inline constexpr milliseconds hover { 120 }, press { 100 }, panel_enter { 240 }, panel_leave { 160 }, camera { 300 },
    beat { 600 }, transfer_shortest { 800 }, transfer_longest { 1200 }, stagger { 40 }, stagger_total { 320 },
    anticipation { 120 };
}

// What lies behind a modal card keeps this opacity; what is unlit on the stage, Theme::unlit.
inline constexpr float veiled = 0.35f;

// How high something floats over the stage, which its shadow tells.
enum class Elevation : std::uint8_t { Flat, Card, Container, Spotlight };

}
