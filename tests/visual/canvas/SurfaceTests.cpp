#include "tests/support/Catch.h"
#include "visual/canvas/Surface.h"

using namespace drydock;
using namespace drydock::canvas;

TEST_CASE("Surface: a PNG read back is the same picture", "[visual][canvas]")
{
    Surface surface(7, 5, theme::hex(0x123456));
    surface.row(2)[3] = theme::hex(0xff8000).packed();
    auto const png = encode_png(surface);
    CHECK(REQUIRE_OK(decode_png(png)) == surface);
}

TEST_CASE("Surface: it is opaque, and a pixel's bytes are red, green, blue, alpha", "[visual][canvas]")
{
    Surface const surface(1, 1, theme::hex(0x102030).faded(0.5f));
    auto const bytes = surface.bytes();
    REQUIRE(bytes.size() == 4);
    CHECK(bytes[0] == std::byte { 0x10 });
    CHECK(bytes[2] == std::byte { 0x30 });
    CHECK(bytes[3] == std::byte { 0xff });
}

TEST_CASE("Surface: what is no PNG is refused", "[visual][canvas]")
{
    std::array const bytes { std::byte { 'P' }, std::byte { 'N' } };
    auto const result = decode_png(bytes);
    REQUIRE_FALSE(result);
    CHECK(result.error().kind() == ErrorKind::Corrupt);
}
