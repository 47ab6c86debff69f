#include "tests/support/Catch.h"
#include "visual/theme/Fonts.h"
#include "visual/theme/Icons.h"

using namespace drydock;
using namespace drydock::theme;

namespace {
Fonts& fonts()
{
    static Fonts fonts(1);
    return fonts;
}
}

TEST_CASE("Fonts: each face's file is embedded and is a font", "[visual][theme]")
{
    for (auto const face : { Face::Regular, Face::Medium, Face::SemiBold, Face::DisplayBold, Face::DisplaySemiBold,
             Face::Mono, Face::Icons }) {
        auto const file = font_file(face);
        REQUIRE(file.size() > 10'000);
        std::string const magic(reinterpret_cast<char const*>(file.data()), 4);
        CHECK((magic == "OTTO" || magic == std::string("\0\1\0\0", 4)));
    }
}

TEST_CASE("Fonts: sizes are em sizes times the face's own line height", "[visual][theme]")
{
    CHECK(fonts().font(Style::Body).FontSize == 19);
    CHECK(fonts().font(Style::Mono).FontSize == 20);
    CHECK(fonts().font(Style::Narration).FontSize == 48);
}

TEST_CASE("Fonts: every style has Latin, arrows, frames and all icons", "[visual][theme]")
{
    constexpr std::array<ImWchar, 14> signs { 'A', 0xe4, 0x17e, 0x2014, 0x2026, 0x201c, 0x2022, 0x2192, 0x2265, 0xb5,
        0x2500, 0x2514, 0x2588, 0x2713 };
    for (auto const style : all_styles) {
        CAPTURE(type_style(style).name);
        for (auto const sign : signs) {
            CAPTURE(sign);
            CHECK(fonts().font(style).FindGlyphNoFallback(sign));
        }
        for (auto const icon : all_icons) {
            CAPTURE(static_cast<int>(icon));
            CHECK(fonts().font(style).FindGlyphNoFallback(static_cast<ImWchar>(icon)));
        }
    }
}

TEST_CASE("Fonts: digits are as wide as each other in the monospaced face", "[visual][theme]")
{
    auto const& mono = fonts().font(Style::Mono);
    for (ImWchar c = '0'; c <= 'f'; ++c)
        CHECK(mono.GetCharAdvance(c) == mono.GetCharAdvance('0'));
}

TEST_CASE("Fonts: the shadow is full inside, gone at the rim, and alone in its place", "[visual][theme]")
{
    unsigned char* texels = nullptr;
    int width = 0, height = 0;
    fonts().atlas().GetTexDataAsAlpha8(&texels, &width, &height);
    auto const area = fonts().shadow();
    auto const left = static_cast<int>(std::lround(area.begin.x * static_cast<float>(width)));
    auto const top = static_cast<int>(std::lround(area.begin.y * static_cast<float>(height)));
    auto const at = [&](int x, int y) { return int { texels[(top + y) * width + left + x] }; };
    CHECK(at(32, 32) == 255);
    CHECK(at(0, 0) == 0);
    CHECK(at(0, 32) <= 1);
    CHECK(at(-1, 32) == 0);
    CHECK(at(Fonts::shadow_texels, 32) == 0);
    for (int x = 1; x < 32; ++x)
        CHECK(at(x, 32) >= at(x - 1, 32));
}

TEST_CASE("Fonts: enlarging text takes a larger bake of the same face where there is one", "[visual][theme]")
{
    CHECK(&fonts().font_for(Face::SemiBold, 22) == &fonts().font(Style::Heading));
    CHECK(&fonts().font_for(Face::SemiBold, 10) == &fonts().font(Style::Strong));
    CHECK(&fonts().font_for(Face::Mono, 100) == &fonts().font(Style::Mono));
}

TEST_CASE("Fonts: at 4K the atlas still fits into a texture that every GPU has", "[visual][theme]")
{
    Fonts const large(3);
    CHECK(large.atlas().TexWidth <= 4096);
    CHECK(large.atlas().TexHeight <= 4096);
}

TEST_CASE("Icons: their UTF-8 is that of their code points, and none is listed twice", "[visual][theme]")
{
    CHECK(utf8(Icon::Play) == "\xef\x81\x8b"); // U+F04B
    for (std::size_t i = 0; i < all_icons.size(); ++i) {
        for (std::size_t k = i + 1; k < all_icons.size(); ++k)
            CHECK(all_icons[i] != all_icons[k]);
    }
}
