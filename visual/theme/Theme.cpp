#include "visual/theme/Theme.h"

#include "sim/core/Verify.h"

namespace drydock::theme {

namespace {

constexpr Color black = hex(0x000000), white = hex(0xffffff);

// Okabe and Ito's fills are the same in every theme; what is thin needs a variant that stands out from the surface.
constexpr std::array<CategoryColors, 7> categories(std::array<std::uint32_t, 7> strokes)
{
    return { {
        { hex(0x56b4e9), black, hex(strokes[0]) },
        { hex(0xe69f00), black, hex(strokes[1]) },
        { hex(0x009e73), black, hex(strokes[2]) },
        { hex(0xcc79a7), black, hex(strokes[3]) },
        { hex(0x0072b2), white, hex(strokes[4]) },
        { hex(0xd55e00), black, hex(strokes[5]) },
        { hex(0xf0e442), black, hex(strokes[6]) },
    } };
}

constexpr Theme dark_theme {
    .name = "dark",
    .dark = true,
    .stage = hex(0x0f141b),
    .surface = hex(0x171e28),
    .raised = hex(0x1f2835),
    .line = hex(0x2d3948),
    .text = hex(0xe6ebf2),
    .dim_text = hex(0x93a1b3),
    .accent = hex(0x56b4e9),
    .on_accent = hex(0x0b1016),
    .focus = hex(0xf0e442),
    .categories = categories({ 0x56b4e9, 0xe69f00, 0x1fb088, 0xcc79a7, 0x3d9bdc, 0xf07a2b, 0xf0e442 }),
    .tint = 0.15f,
    .tint_border = 0.60f,
    .gradient = 0.05f,
    .border_width = 1,
    .shadow_alpha = { 0, .50f, .58f, .65f },
    .unlit = .60f,
};

constexpr Theme light_theme {
    .name = "light",
    .dark = false,
    .stage = hex(0xf4f6f9),
    .surface = hex(0xffffff),
    .raised = hex(0xedf1f6),
    .line = hex(0xd5dde7),
    .text = hex(0x17202b),
    .dim_text = hex(0x566474),
    .accent = hex(0x0072b2),
    .on_accent = white,
    .focus = hex(0x0072b2),
    .categories = categories({ 0x1c6ea4, 0x8f5b00, 0x00694d, 0x93406d, 0x00568a, 0xa84a00, 0x6a6100 }),
    .tint = 0.16f,
    .tint_border = 0.70f,
    .gradient = 0.03f,
    .border_width = 1,
    .shadow_alpha = { 0, .16f, .22f, .28f },
    .unlit = .70f,
};

// A projector in a lit room lifts black to grey and washes out every soft step: white ground, strong lines, black
// text, and borders where the other themes let a shadow speak.
constexpr Theme projector_theme {
    .name = "projector",
    .dark = false,
    .stage = white,
    .surface = white,
    .raised = hex(0xe6ecf3),
    .line = hex(0x76879b),
    .text = hex(0x05080c),
    .dim_text = hex(0x38444f),
    .accent = hex(0x00568a),
    .on_accent = white,
    .focus = hex(0x8a3500),
    .categories = categories({ 0x115785, 0x6e4600, 0x00523c, 0x742d54, 0x00436c, 0x863a00, 0x524b00 }),
    .tint = 0.24f,
    .tint_border = 1.0f,
    .gradient = 0,
    .border_width = 1.5f,
    .shadow_alpha = { 0, .10f, .12f, .16f },
    .unlit = .60f,
};

}

std::string_view to_string(Category category)
{
    switch (category) {
    case Category::Process: return "process";
    case Category::Storage: return "storage";
    case Category::Network: return "network";
    case Category::Memory: return "memory";
    case Category::Registry: return "registry";
    case Category::Alert: return "alert";
    case Category::Selection: return "selection";
    }
    VERIFY(!"a category without a name");
}

Shadow Theme::shadow(Elevation elevation) const
{
    auto const alpha = shadow_alpha[static_cast<std::size_t>(elevation)];
    switch (elevation) {
    case Elevation::Flat: return { 0, 0, 0 };
    case Elevation::Card: return { 4, 22, alpha };
    case Elevation::Container: return { 7, 43, alpha };
    case Elevation::Spotlight: return { 12, 64, alpha };
    }
    VERIFY(!"an elevation without a shadow");
}

Theme const& theme(ThemeName name)
{
    switch (name) {
    case ThemeName::Dark: return dark_theme;
    case ThemeName::Light: return light_theme;
    case ThemeName::Projector: return projector_theme;
    }
    VERIFY(!"a theme without data");
}

}
