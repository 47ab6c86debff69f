#include "visual/theme/Fonts.h"

#include "visual/theme/Icons.h"

#include <imgui_freetype.h>

#include <algorithm>
#include <cmath>
#include <vector>

namespace drydock::theme {

namespace {

// Pairs of first and last code point, as Dear ImGui wants them; zero ends a list.
using Ranges = std::vector<ImWchar>;

// Latin, the typographer's marks, super- and subscripts, the euro, arrows, and the signs of mathematics.
Ranges const& latin_and_signs()
{
    static Ranges const ranges { 0x20, 0x7e, 0xa0, 0x17f, 0x2010, 0x2027, 0x2030, 0x205e, 0x2070, 0x209c, 0x20ac,
        0x20ac, 0x2122, 0x2122, 0x2190, 0x2199, 0x21a9, 0x21aa, 0x21b0, 0x21b5, 0x21d0, 0x21d4, 0x21e7, 0x21e7, 0x2205,
        0x2212, 0x221e, 0x221e, 0x2248, 0x2265, 0x2318, 0x2318, 0x2325, 0x2325, 0x232b, 0x232b, 0x23ce, 0x23ce, 0 };
    return ranges;
}

// What terminals draw frames, bars and trees with.
Ranges const& boxes_and_shapes()
{
    static Ranges const ranges { 0x2190, 0x2199, 0x2205, 0x2265, 0x2500, 0x259f, 0x25a0, 0x25ff, 0x2713, 0x2717, 0 };
    return ranges;
}

Ranges const& icons()
{
    static Ranges const ranges = [] {
        Ranges result;
        for (auto const icon : all_icons) {
            result.push_back(static_cast<ImWchar>(icon));
            result.push_back(static_cast<ImWchar>(icon));
        }
        result.push_back(0);
        return result;
    }();
    return ranges;
}

float baked_size(Face face, float em, float scale)
{
    return std::round(em * line_to_em(face) * scale);
}

ImFont* add_font(ImFontAtlas& atlas, Face face, float size, Ranges const& ranges, bool merge)
{
    ImFontConfig config;
    config.FontDataOwnedByAtlas = false;
    config.MergeMode = merge;
    config.OversampleH = 1;
    config.PixelSnapH = true;
    // Keeps the shapes and gives even widths; full hinting squeezes the monospaced face.
    config.FontBuilderFlags = ImGuiFreeTypeBuilderFlags_LightHinting;
    auto const data = font_file(face);
    // The atlas only reads what it does not own; its interface merely predates const.
    auto* const bytes = const_cast<std::byte*>(data.data());
    return atlas.AddFontFromMemoryTTF(bytes, static_cast<int>(data.size()), size, &config, ranges.data());
}

// Full inside, nothing at the rim, and flat at both ends: (1-d)²(1+2d).
float falloff(float distance)
{
    auto const d = std::clamp(distance, 0.0f, 1.0f);
    return (1 - d) * (1 - d) * (1 + 2 * d);
}

}

Fonts::Fonts(float scale)
    : m_scale(scale)
{
    m_atlas.FontBuilderIO = ImGuiFreeType::GetBuilderForFreeType();
    // Body first: the first font is what Dear ImGui's own widgets use.
    bake(Style::Body);
    for (auto const style : all_styles) {
        if (style != Style::Body)
            bake(style);
    }
    // A free texel all around, or bilinear sampling would bleed a neighbour into the rim.
    auto const rect = m_atlas.AddCustomRectRegular(shadow_texels + 2, shadow_texels + 2);
    m_atlas.Build();
    bake_shadow(rect);
}

void Fonts::bake(Style style)
{
    auto const& type = type_style(style);
    auto* const font = add_font(m_atlas, type.face, baked_size(type.face, type.em, m_scale), latin_and_signs(), false);
    m_fonts[static_cast<std::size_t>(style)] = font;
    // What a face lacks comes from the other one; glyphs that are there already stay.
    auto const other = type.face == Face::Mono ? Face::Regular : Face::Mono;
    auto const& missing = type.face == Face::Mono ? latin_and_signs() : boxes_and_shapes();
    if (type.face == Face::Mono)
        add_font(m_atlas, Face::Mono, baked_size(Face::Mono, type.em, m_scale), boxes_and_shapes(), true);
    add_font(m_atlas, other, baked_size(other, type.em, m_scale), missing, true);
    add_font(m_atlas, Face::Icons, baked_size(Face::Icons, type.em * 1.1f, m_scale), icons(), true);
}

void Fonts::bake_shadow(int custom_rect)
{
    unsigned char* pixels = nullptr;
    int width = 0, height = 0;
    m_atlas.GetTexDataAsAlpha8(&pixels, &width, &height);
    auto const& rect = *m_atlas.GetCustomRectByIndex(custom_rect);
    auto const left = rect.X + 1, top = rect.Y + 1;
    auto const beyond_core = [](int texel) {
        auto const from_rim = static_cast<float>(std::min(texel, shadow_texels - 1 - texel)) + 0.5f;
        return std::max(0.0f, 1.0f - from_rim / shadow_falloff);
    };
    for (int y = 0; y < shadow_texels; ++y) {
        for (int x = 0; x < shadow_texels; ++x) {
            auto const coverage = falloff(std::hypot(beyond_core(x), beyond_core(y)));
            pixels[(top + y) * width + left + x] = static_cast<unsigned char>(std::lround(coverage * 255.0f));
        }
    }
    auto const at = [&](int x, int y) {
        return ImVec2(
            static_cast<float>(x) / static_cast<float>(width), static_cast<float>(y) / static_cast<float>(height));
    };
    m_shadow = { at(left, top), at(left + shadow_texels, top + shadow_texels) };
}

ImFont& Fonts::font_for(Face face, float pixels) const
{
    ImFont* best = nullptr;
    for (auto const style : all_styles) {
        if (type_style(style).face != face)
            continue;
        auto& candidate = font(style);
        auto const found = best && best->FontSize >= pixels;
        auto const better = found ? candidate.FontSize >= pixels && candidate.FontSize < best->FontSize
                                  : !best || candidate.FontSize > best->FontSize;
        if (better)
            best = &candidate;
    }
    return best ? *best : font(Style::Body);
}

}
