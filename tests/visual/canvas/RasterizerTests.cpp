#include "tests/support/Catch.h"
#include "visual/canvas/Draw.h"
#include "visual/canvas/Rasterizer.h"
#include "visual/platform/Frame.h"

using namespace drydock;
using namespace drydock::canvas;

namespace {

constexpr theme::Color red { 255, 0, 0 }, black {};

// Draws on a frame of its own in device pixels.
class Drawing {
public:
    Drawing(int width, int height, std::function<void(ImDrawList&, Canvas&)> draw)
        : m_width(width)
        , m_height(height)
        , m_data(&m_frame.run(width, height, 1, 0, 0.016f, [&](Canvas& canvas) { draw(canvas.list(), canvas); }))
    {
    }

    Coverage coverage() { return Coverage::of(m_frame.fonts(1).atlas()); }
    ImDrawData const& data() const { return *m_data; }

    Surface whole()
    {
        Surface surface(m_width, m_height);
        rasterize(*m_data, coverage(), surface);
        return surface;
    }

    Surface in_bands(int rows)
    {
        Surface surface(m_width, m_height);
        for (int y = 0; y < m_height; y += rows)
            rasterize_band(*m_data, coverage(), surface, y, y + rows);
        return surface;
    }

private:
    platform::Frame m_frame;
    int m_width, m_height;
    ImDrawData const* m_data;
};

int count(Surface const& surface, theme::Color color)
{
    int found = 0;
    for (int y = 0; y < surface.height(); ++y)
        found += static_cast<int>(std::count(surface.row(y).begin(), surface.row(y).end(), color.packed()));
    return found;
}

void draw_everything(ImDrawList& list, Canvas& canvas)
{
    stage_ground(canvas, canvas.bounds());
    card(canvas, { 20.3f, 20.7f, 200, 120 }, { .stripe = theme::Category::Storage, .border = Stroke::Dashed });
    card(canvas, { 240, 10, 150, 200 }, { .elevation = theme::Elevation::Container, .selected = true });
    wire(canvas, Wire::between({ 20, 20, 200, 120 }, { 300, 200, 50, 50 }), theme::Category::Network, 0.7f);
    token(canvas, { 260, 140 }, theme::Category::Memory, theme::Icon::Cube);
    text(canvas, { 31.4f, 33.3f }, "Crisp text, größer", theme::Style::Heading, canvas.theme().text);
    text(canvas.zoomed(1.37f, {}), { 31, 60 }, "Zoomed text", theme::Style::Body, canvas.theme().dim_text);
    list.AddTriangleFilled({ 10.2f, 200.1f }, { 90.7f, 150.3f }, { 130.9f, 290.8f }, 0x80ff8040);
    list.AddRectFilledMultiColor({ 150, 220 }, { 230, 290 }, 0xff0000ff, 0xff00ff00, 0xffff0000, 0x00ffffff);
}

}

TEST_CASE("Rasterizer: a rectangle covers exactly the pixels whose centres lie inside", "[visual][canvas]")
{
    Drawing whole(16, 16, [](ImDrawList& list, Canvas&) { list.AddRectFilled({ 2, 3 }, { 6, 5 }, red.packed()); });
    CHECK(count(whole.whole(), red) == 4 * 2);
    CHECK(whole.whole().at(2, 3) == red);
    CHECK(whole.whole().at(6, 3) == black);

    // 2.5 lies on the centre of pixel 2, which the left edge owns and the right edge does not.
    Drawing half(16, 16, [](ImDrawList& list, Canvas&) { list.AddRectFilled({ 2.5f, 3 }, { 6.5f, 5 }, red.packed()); });
    CHECK(half.whole().at(2, 3) == red);
    CHECK(half.whole().at(6, 3) == black);
}

TEST_CASE("Rasterizer: neighbouring triangles neither overlap nor leave a gap", "[visual][canvas]")
{
    // A fan around a centre, once crooked, once so that the sides run through pixel centres; half transparent, so that
    // a pixel drawn twice shows.
    auto const centre = GENERATE(Point { 13.3f, 17.9f }, Point { 16.5f, 16.5f }, Point { 10.5f, 16.5f });
    auto const half_red = red.faded(0.5f).packed();
    Drawing fan(33, 33, [&](ImDrawList& list, Canvas&) {
        list.Flags = 0; // no softened rims
        std::array const corners { ImVec2(0, 0), ImVec2(33, 0), ImVec2(33, 33), ImVec2(0, 33) };
        for (std::size_t i = 0; i < 4; ++i)
            list.AddTriangleFilled({ centre.x, centre.y }, corners[i], corners[(i + 1) % 4], half_red);
    });
    CHECK(count(fan.whole(), theme::Color { 128, 0, 0 }) == 33 * 33);
}

TEST_CASE("Rasterizer: winding does not matter", "[visual][canvas]")
{
    auto const triangle = [](bool turned) {
        return Drawing(32, 32, [turned](ImDrawList& list, Canvas&) {
            list.Flags = 0;
            ImVec2 const a { 3.2f, 4.1f }, b { 28.7f, 9.3f }, c { 11.9f, 30.4f };
            list.AddTriangleFilled(a, turned ? c : b, turned ? b : c, red.packed());
        }).whole();
    };
    CHECK(count(triangle(false), red) > 200);
    CHECK(triangle(false) == triangle(true));
}

TEST_CASE("Rasterizer: nothing is drawn outside of a clip rectangle", "[visual][canvas]")
{
    Drawing clipped(32, 32, [](ImDrawList& list, Canvas&) {
        list.PushClipRect({ 8, 8 }, { 12, 20 });
        list.AddRectFilled({ 0, 0 }, { 32, 32 }, red.packed());
        list.AddCircleFilled({ 10, 14 }, 30, red.packed());
        list.PopClipRect();
    });
    CHECK(count(clipped.whole(), red) == 4 * 12);
    CHECK(clipped.whole().at(8, 8) == red);
    CHECK(clipped.whole().at(12, 8) == black);
}

TEST_CASE("Rasterizer: blending rounds to the nearest level", "[visual][canvas]")
{
    auto const alpha = GENERATE(0, 1, 2, 51, 127, 128, 200, 254, 255);
    theme::Color const ink { 255, 100, 3, static_cast<std::uint8_t>(alpha) };
    Drawing one(4, 4, [&](ImDrawList& list, Canvas&) { list.AddRectFilled({ 0, 0 }, { 4, 4 }, ink.packed()); });
    auto const level = [&](int channel) { return static_cast<int>(std::lround(channel * alpha / 255.0)); };
    auto const got = one.whole().at(1, 1);
    CAPTURE(alpha);
    CHECK(int { got.red } == level(255));
    CHECK(int { got.green } == level(100));
    CHECK(int { got.blue } == level(3));
    CHECK(got.alpha == 255);
}

TEST_CASE("Rasterizer: a glyph on whole pixels is the atlas's own texels", "[visual][canvas]")
{
    Drawing letter(40, 40, [](ImDrawList&, Canvas& canvas) {
        text(canvas, { 4, 4 }, "g", theme::Style::Heading, { 255, 255, 255 });
    });
    auto const picture = letter.whole();
    auto const coverage = letter.coverage();
    int differing = 0, lit = 0;
    auto const& list = *letter.data().CmdLists[0];
    auto const& first = list.VtxBuffer[0];
    auto const& last = list.VtxBuffer[2];
    auto const u = static_cast<int>(std::lround(first.uv.x * static_cast<float>(coverage.width)));
    auto const v = static_cast<int>(std::lround(first.uv.y * static_cast<float>(coverage.height)));
    for (int y = static_cast<int>(first.pos.y); y < static_cast<int>(last.pos.y); ++y) {
        for (int x = static_cast<int>(first.pos.x); x < static_cast<int>(last.pos.x); ++x) {
            auto const texel = coverage.texels[(v + y - static_cast<int>(first.pos.y)) * coverage.width + u + x
                - static_cast<int>(first.pos.x)];
            differing += picture.at(x, y).red != texel;
            lit += texel > 128;
        }
    }
    CHECK(lit > 20);
    CHECK(differing == 0);
}

TEST_CASE("Rasterizer: drawn in bands of any height it is the same picture", "[visual][canvas]")
{
    Drawing everything(400, 300, draw_everything);
    auto const whole = everything.whole();
    auto const rows = GENERATE(1, 7, 64, 150, 299);
    CAPTURE(rows);
    CHECK(everything.in_bands(rows) == whole);
}

TEST_CASE("Rasterizer: two frames of the same drawing are the same bytes", "[visual][canvas]")
{
    CHECK(Drawing(400, 300, draw_everything).whole() == Drawing(400, 300, draw_everything).whole());
}

TEST_CASE("Rasterizer: more than 65,536 vertices in one list are drawn", "[visual][canvas]")
{
    Drawing many(256, 256, [](ImDrawList& list, Canvas&) {
        for (int i = 0; i < 256 * 256; ++i) {
            ImVec2 const at { static_cast<float>(i % 256), static_cast<float>(i / 256) };
            list.AddRectFilled(at, { at.x + 1, at.y + 1 }, red.packed());
        }
    });
    CHECK(count(many.whole(), red) == 256 * 256);
}
