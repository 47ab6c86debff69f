#pragma once

// A theme is data: which colour each role has, how strong shadows and tints are. Roles, never colours, are named where
// something is drawn. The categories mean the same everywhere (Okabe and Ito's palette, safe for colour-blind eyes)
// and always come with an icon or a shape, never by colour alone.

#include "visual/theme/Color.h"
#include "visual/theme/Tokens.h"

#include <array>
#include <cstdint>
#include <string_view>

namespace drydock::theme {

enum class Category : std::uint8_t {
    Process, // processes, CPU
    Storage, // layers, files, disks
    Network,
    Memory,    // memory, cgroups
    Registry,  // registries and what travels to and from them
    Alert,     // errors, and the time cursor
    Selection, // outline only, never a fill
};

inline constexpr std::array all_categories { Category::Process, Category::Storage, Category::Network, Category::Memory,
    Category::Registry, Category::Alert, Category::Selection };

std::string_view to_string(Category);

struct CategoryColors {
    Color fill;    // saturated areas: bars, stripes, tokens
    Color on_fill; // text upon it
    Color stroke;  // thin lines, icons and text upon the surfaces
};

struct Shadow {
    float offset_y;
    float spread;
    float alpha;
};

struct Theme {
    std::string_view name;
    bool dark;
    Color stage, surface, raised, line, text, dim_text, accent, on_accent, focus;
    std::array<CategoryColors, 7> categories;
    float tint;        // opacity of a category's fill behind text
    float tint_border; // opacity of the border around it
    float gradient;    // how much lighter a card's top is than its foot
    float border_width;
    std::array<float, 4> shadow_alpha; // by Elevation
    float unlit; // opacity of what is not the centre of attention; still legible, see docs/look.md

    CategoryColors const& operator[](Category category) const { return categories[static_cast<std::size_t>(category)]; }
    Shadow shadow(Elevation) const;
};

enum class ThemeName : std::uint8_t { Dark, Light, Projector };
inline constexpr std::array all_themes { ThemeName::Dark, ThemeName::Light, ThemeName::Projector };

Theme const& theme(ThemeName);

}
