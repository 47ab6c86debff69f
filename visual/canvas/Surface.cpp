#include "visual/canvas/Surface.h"

#include "sim/core/Verify.h"

#include <stb_image.h>
#include <stb_image_write.h>

#include <cstring>
#include <memory>

namespace drydock::canvas {

Surface::Surface(int width, int height, theme::Color ground)
    : m_width(width)
    , m_height(height)
{
    VERIFY(width >= 0 && height >= 0);
    m_pixels.assign(static_cast<std::size_t>(width) * static_cast<std::size_t>(height), ground.packed() | 0xff000000u);
}

std::span<std::uint32_t> Surface::row(int y)
{
    VERIFY(y >= 0 && y < m_height);
    return std::span(m_pixels).subspan(
        static_cast<std::size_t>(y) * static_cast<std::size_t>(m_width), static_cast<std::size_t>(m_width));
}

std::span<std::uint32_t const> Surface::row(int y) const
{
    return const_cast<Surface&>(*this).row(y);
}

theme::Color Surface::at(int x, int y) const
{
    auto const pixel = row(y)[static_cast<std::size_t>(x)];
    return { static_cast<std::uint8_t>(pixel), static_cast<std::uint8_t>(pixel >> 8),
        static_cast<std::uint8_t>(pixel >> 16), static_cast<std::uint8_t>(pixel >> 24) };
}

std::vector<std::byte> encode_png(Surface const& surface)
{
    std::vector<std::byte> result;
    auto const append = [](void* context, void* data, int size) {
        auto const* const begin = static_cast<std::byte const*>(data);
        auto& out = *static_cast<std::vector<std::byte>*>(context);
        out.insert(out.end(), begin, begin + size);
    };
    auto const done = stbi_write_png_to_func(
        append, &result, surface.width(), surface.height(), 4, surface.bytes().data(), surface.width() * 4);
    VERIFY(done != 0);
    return result;
}

Result<Surface> decode_png(std::span<std::byte const> bytes)
{
    int width = 0, height = 0, channels = 0;
    auto const* const data = reinterpret_cast<stbi_uc const*>(bytes.data());
    std::unique_ptr<stbi_uc, decltype(&stbi_image_free)> const pixels(
        stbi_load_from_memory(data, static_cast<int>(bytes.size()), &width, &height, &channels, 4), stbi_image_free);
    if (!pixels)
        return fail(ErrorKind::Corrupt, std::string("not a PNG picture: ") + stbi_failure_reason());
    Surface result(width, height);
    for (int y = 0; y < height; ++y) {
        auto const row = result.row(y);
        std::memcpy(row.data(), pixels.get() + static_cast<std::size_t>(y) * row.size_bytes(), row.size_bytes());
    }
    return result;
}

}
