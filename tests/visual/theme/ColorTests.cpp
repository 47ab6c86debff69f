#include "tests/support/Catch.h"
#include "visual/theme/Color.h"

using namespace drydock;
using namespace drydock::theme;

TEST_CASE("Color: contrast is WCAG's, 21 for black on white and 1 for equals", "[visual][theme]")
{
    CHECK(contrast(hex(0x000000), hex(0xffffff)) == Approx(21));
    CHECK(contrast(hex(0xffffff), hex(0x000000)) == Approx(21));
    CHECK(contrast(hex(0x123456), hex(0x123456)) == Approx(1));
    CHECK(contrast(hex(0x777777), hex(0xffffff)) == Approx(4.48).margin(0.01)); // WebAIM's well-known grey
}

TEST_CASE("Color: mixing begins and ends at its ends and passes a perceptual middle", "[visual][theme]")
{
    auto const blue = hex(0x0000ff), white = hex(0xffffff);
    CHECK(mix(blue, white, 0) == blue);
    CHECK(mix(blue, white, 1) == white);
    CHECK(mix(blue, blue, 0.5f) == blue);
    // Ottosson's example: half way from blue to white is a light blue, not the purple that sRGB gives.
    auto const middle = mix(blue, white, 0.5f);
    CHECK(middle.green > middle.red);
    auto const grey = mix(hex(0x000000), white, 0.5f);
    CHECK(grey == hex(0x636363));
}

TEST_CASE("Color: laying half a white over black gives half, and alpha packs highest", "[visual][theme]")
{
    CHECK(over(hex(0xffffff).faded(0.5f), hex(0x000000)) == hex(0x808080));
    CHECK(over(hex(0x123456).faded(0), hex(0xabcdef)) == hex(0xabcdef));
    CHECK(Color { 1, 2, 3, 4 }.packed() == 0x04030201u);
    CHECK(hex(0x010203) == Color { 1, 2, 3, 255 });
}
