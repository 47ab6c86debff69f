#pragma once

// Draws what Dear ImGui would have a GPU draw: triangles with a colour at each vertex, sampled from the one 8-bit font
// atlas, clipped and blended. Everything that decides which pixel gets which value is integer arithmetic, so a picture
// is the same bytes with any compiler, and the same whether it is drawn whole or in bands.

#include "visual/canvas/Surface.h"

struct ImDrawData;
struct ImFontAtlas;

namespace drydock::canvas {

// The atlas as the rasterizer reads it: one byte of coverage per texel.
struct Coverage {
    std::uint8_t const* texels { nullptr };
    int width { 0 };
    int height { 0 };
    float white_u { 0 }, white_v { 0 }; // where coverage is full: what is not textured points there

    static Coverage of(ImFontAtlas&);
};

// Draws onto `surface`, whose pixel (0,0) is the data's DisplayPos. Only rows from `first_row` up to and without
// `end_row` are touched.
void rasterize(ImDrawData const&, Coverage const&, Surface&);
void rasterize_band(ImDrawData const&, Coverage const&, Surface&, int first_row, int end_row);

}
