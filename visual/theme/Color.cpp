#include "visual/theme/Color.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace drydock::theme {

namespace {

// The transfer function of sRGB, IEC 61966-2-1.
double to_linear(std::uint8_t byte)
{
    auto const value = byte / 255.0;
    return value <= 0.04045 ? value / 12.92 : std::pow((value + 0.055) / 1.055, 2.4);
}

std::uint8_t to_byte(double linear)
{
    auto const value = std::clamp(linear, 0.0, 1.0);
    auto const encoded = value <= 0.0031308 ? value * 12.92 : 1.055 * std::pow(value, 1.0 / 2.4) - 0.055;
    return static_cast<std::uint8_t>(std::lround(encoded * 255.0));
}

using Lab = std::array<double, 3>;

Lab to_oklab(Color color)
{
    auto const r = to_linear(color.red), g = to_linear(color.green), b = to_linear(color.blue);
    auto const l = std::cbrt(0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b);
    auto const m = std::cbrt(0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b);
    auto const s = std::cbrt(0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b);
    return { 0.2104542553 * l + 0.7936177850 * m - 0.0040720468 * s,
        1.9779984951 * l - 2.4285922050 * m + 0.4505937099 * s,
        0.0259040371 * l + 0.7827717662 * m - 0.8086757660 * s };
}

Color from_oklab(Lab const& lab)
{
    auto const cube = [](double value) { return value * value * value; };
    auto const l = cube(lab[0] + 0.3963377774 * lab[1] + 0.2158037573 * lab[2]);
    auto const m = cube(lab[0] - 0.1055613458 * lab[1] - 0.0638541728 * lab[2]);
    auto const s = cube(lab[0] - 0.0894841775 * lab[1] - 1.2914855480 * lab[2]);
    return { to_byte(4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s),
        to_byte(-1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s),
        to_byte(-0.0041960863 * l - 0.7034186147 * m + 1.7076147010 * s) };
}

std::uint8_t blend(std::uint8_t top, std::uint8_t bottom, std::uint8_t alpha)
{
    return static_cast<std::uint8_t>((top * alpha + bottom * (255 - alpha) + 127) / 255);
}

}

Color Color::faded(float opacity) const
{
    auto result = *this;
    result.alpha = static_cast<std::uint8_t>(std::lround(static_cast<float>(alpha) * std::clamp(opacity, 0.0f, 1.0f)));
    return result;
}

std::uint32_t Color::packed() const
{
    return std::uint32_t { red } | std::uint32_t { green } << 8 | std::uint32_t { blue } << 16
        | std::uint32_t { alpha } << 24;
}

Color over(Color top, Color bottom)
{
    return { blend(top.red, bottom.red, top.alpha), blend(top.green, bottom.green, top.alpha),
        blend(top.blue, bottom.blue, top.alpha) };
}

Color mix(Color from, Color to, float amount)
{
    auto const k = static_cast<double>(std::clamp(amount, 0.0f, 1.0f));
    if (k == 0.0 || from == to)
        return from;
    if (k == 1.0)
        return to;
    auto const a = to_oklab(from), b = to_oklab(to);
    auto result = from_oklab({ a[0] + (b[0] - a[0]) * k, a[1] + (b[1] - a[1]) * k, a[2] + (b[2] - a[2]) * k });
    result.alpha = static_cast<std::uint8_t>(std::lround(from.alpha + (to.alpha - from.alpha) * k));
    return result;
}

double relative_luminance(Color color)
{
    return 0.2126 * to_linear(color.red) + 0.7152 * to_linear(color.green) + 0.0722 * to_linear(color.blue);
}

double contrast(Color one, Color other)
{
    auto const a = relative_luminance(one), b = relative_luminance(other);
    return (std::max(a, b) + 0.05) / (std::min(a, b) + 0.05);
}

}
