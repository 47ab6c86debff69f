#pragma once

// A picture in memory: rows of RGBA bytes, top row first, always opaque.

#include "sim/core/Result.h"
#include "visual/theme/Color.h"

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace drydock::canvas {

class Surface {
public:
    Surface() = default;
    Surface(int width, int height, theme::Color ground = {});

    int width() const { return m_width; }
    int height() const { return m_height; }

    // A pixel is packed as theme::Color::packed(): in memory red, green, blue, alpha on a little-endian machine.
    std::span<std::uint32_t> row(int y);
    std::span<std::uint32_t const> row(int y) const;
    std::span<std::byte const> bytes() const { return std::as_bytes(std::span(m_pixels)); }
    theme::Color at(int x, int y) const;

    bool operator==(Surface const&) const = default;

private:
    int m_width { 0 };
    int m_height { 0 };
    std::vector<std::uint32_t> m_pixels;
};

std::vector<std::byte> encode_png(Surface const&);
Result<Surface> decode_png(std::span<std::byte const>);

}
