#pragma once

// A colour is sRGB bytes plus alpha. Contrast follows WCAG 2.1; colours are mixed in OKLab, where half way between two
// colours looks half way (Björn Ottosson, "A perceptual color space for image processing").

#include <compare>
#include <cstdint>

namespace drydock::theme {

struct Color {
    std::uint8_t red { 0 };
    std::uint8_t green { 0 };
    std::uint8_t blue { 0 };
    std::uint8_t alpha { 255 };

    auto operator<=>(Color const&) const = default;

    // `opacity` 0 to 1, on top of what the colour has.
    Color faded(float opacity) const;
    // As Dear ImGui packs it: red in the lowest byte.
    std::uint32_t packed() const;
};

constexpr Color hex(std::uint32_t rgb)
{
    return { static_cast<std::uint8_t>(rgb >> 16), static_cast<std::uint8_t>(rgb >> 8),
        static_cast<std::uint8_t>(rgb) };
}

// What the eye gets where `top` lies on an opaque `bottom`.
Color over(Color top, Color bottom);
Color mix(Color from, Color to, float amount);

// WCAG 2.1 "relative luminance" and "contrast ratio" (1 to 21) of opaque colours.
double relative_luminance(Color);
double contrast(Color, Color);

}
