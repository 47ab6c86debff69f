// One picture per theme with every token, shape and widget in it: the place to judge the look, and the first to break
// when something about it changes.

#include "tests/support/Pictures.h"
#include "visual/canvas/Easing.h"
#include "visual/canvas/Widgets.h"
#include "visual/platform/Offscreen.h"

using namespace drydock;
using namespace drydock::canvas;
using theme::Category;
using theme::Icon;
using theme::Style;

namespace {

void draw_top_bar(Canvas const& canvas, Rect const& area)
{
    auto const& theme = canvas.theme();
    panel(canvas, area, Side::Bottom);
    text_in(canvas, area.inset(24, 0), "Drydock", Style::Heading, theme.text);
    icon(canvas, { 132, area.center().y }, Icon::Right, theme.dim_text, theme::icon_size::small);
    text_in(canvas, area.without_left(152), "docker run nginx — step 4 of 9: mount the overlay", Style::Body,
        theme.dim_text);
}

void draw_layer(Canvas const& canvas, Rect const& area, Category category, std::string_view name,
    std::string_view digest, std::string_view size)
{
    auto const& theme = canvas.theme();
    card(canvas, area, { .stripe = category });
    auto const inner = area.inset(20, 7);
    text_in(canvas, inner.top_part(22), name, Style::Strong, theme.text);
    text_in(canvas, inner.bottom_part(22), digest, Style::Mono, theme.dim_text);
    text_in(canvas, inner, size, Style::Caption, theme.dim_text, Align::End);
}

void draw_layers(Canvas const& canvas, Rect const& area)
{
    struct Layer {
        Category category;
        char const *name, *digest, *size;
    };
    constexpr std::array layers { Layer { Category::Memory, "conf + entrypoint", "sha256:77aa10", "12 kB" },
        Layer { Category::Network, "nginx binaries", "sha256:d03e5b", "4.1 MB" },
        Layer { Category::Storage, "apt: libc, openssl", "sha256:41be77", "31.2 MB" },
        Layer { Category::Process, "debian:12 rootfs", "sha256:9f1c0a", "74.8 MB" } };
    auto const boxes = rows(area, layers.size(), 10);
    for (std::size_t i = 0; i < layers.size(); ++i)
        draw_layer(canvas, boxes[i], layers[i].category, layers[i].name, layers[i].digest, layers[i].size);
}

void draw_namespaces(Canvas const& canvas, Rect const& area, Stroke border)
{
    constexpr std::array names { "pid", "mnt", "net", "uts", "ipc", "user" };
    constexpr std::array kinds { Category::Process, Category::Storage, Category::Network, Category::Memory,
        Category::Alert, Category::Registry };
    std::size_t i = 0;
    for (auto const& row : rows(area, 2, 8)) {
        for (auto const& cell : columns(row, 3, 8)) {
            chip_in(canvas, cell, names[i], kinds[i], { .border = border, .style = Style::Mono });
            ++i;
        }
    }
}

void draw_container(Canvas const& canvas, Rect const& area, std::string_view name, std::string_view state,
    StateMark mark, float memory, CardLook const& look)
{
    auto const& theme = canvas.theme();
    card(canvas, area, look);
    auto const inner = area.inset(16);
    state_mark(canvas, { inner.x + 12, inner.y + 18 }, mark, 9);
    text_in(canvas, { inner.x + 36, inner.y, inner.width - 36, 20 }, name, Style::Strong, theme.text);
    text_in(canvas, { inner.x + 36, inner.y + 20, inner.width - 36, 20 }, state, Style::Caption, theme.dim_text);
    draw_namespaces(canvas, { inner.x, inner.y + 50, inner.width, 80 }, look.border);
    text_in(canvas, { inner.x, inner.y + 142, inner.width, 20 }, "memory 38 / 128 MB", Style::Caption, theme.dim_text);
    meter(canvas, { inner.x, inner.y + 166, inner.width, 8 }, memory, Category::Memory, 0.85f);
    text_in(canvas, { inner.x, inner.y + 180, inner.width, 20 }, "cpu 12 %", Style::Caption, theme.dim_text);
    meter(canvas, { inner.x, inner.y + 204, inner.width, 8 }, 0.12f, Category::Process);
}

void draw_samples(Canvas const& canvas, Rect const& area)
{
    auto const& theme = canvas.theme();
    panel(canvas, area, Side::Top);
    auto const inner = area.inset(32, 12);
    float x = inner.x;
    for (auto const category : theme::all_categories)
        x = chip(canvas, { x, inner.y }, theme::to_string(category), category, { .icon = theme::icon_of(category) })
                .right()
            + 10;
    x += 16;
    for (auto const mark :
        { StateMark::Created, StateMark::Running, StateMark::Paused, StateMark::Stopped, StateMark::Dead }) {
        state_mark(canvas, { x, inner.y + 14 }, mark);
        x += 30;
    }
    auto const second = inner.y + 42;
    x = inner.x;
    for (auto const& [word, stroke] : { std::pair("live", Stroke::Solid), std::pair("simulated", Stroke::Dotted),
             std::pair("modelled", Stroke::Dashed) })
        x = tag(canvas, { x, second }, word, stroke).right() + 10;
    for (auto const* const key : { "Ctrl", "K", "Space", "→", "?" })
        x += key_cap(canvas, { x + 10, second - 1 }, key) + 10;
    std::array const course { 0.1f, 0.2f, 0.15f, 0.5f, 0.7f, 0.4f, 0.45f, 0.9f, 0.6f, 0.65f };
    sparkline(canvas, { x + 30, second - 4, 120, 30 }, course, Category::Process);
    card(canvas, { x + 190, second - 4, 60, 32 }, { .inactive = true });
    card(canvas, { x + 266, second - 4, 60, 32 }, { .selected = true });
    card(canvas, { x + 342, second - 4, 60, 32 }, { .elevation = theme::Elevation::Flat, .tint = Category::Registry });
    text(canvas, { inner.x, second + 36 }, "Title: one kernel", Style::Title, theme.text);
    text(canvas, { inner.x + 280, second + 24 }, "Narration 40", Style::Narration, theme.text);
    paragraph(canvas, { inner.x + 570, second + 36, 330, 70 },
        "A paragraph wraps at words → and says when there is more of it than its box has room for, as here and "
        "nowhere else, truly.",
        Style::Body, theme.text, Align::Start, 2);
    text_in(canvas, { inner.x + 930, second + 36, 286, 24 }, "/var/lib/drydock/blobs/sha256/77aa10b2c4d6", Style::Mono,
        theme.text, Align::Start, Cut::Middle);
    text_in(canvas, { inner.x + 930, second + 58, 286, 24 }, "├─ Größe ≥ 5 µs · “quoted” ✓", Style::Mono,
        theme[Category::Network].stroke);
}

void draw_widgets(Canvas const& canvas, Rect const& area)
{
    constexpr float top = 0, height = control_height;
    auto const at = [&](float x, float width) { return Rect { area.x + x, area.y + top, width, height }; };
    button(canvas, "primary", at(0, 104), "Play", { .emphasis = Emphasis::Primary, .icon = Icon::Play });
    button(canvas, "normal", at(116, 112), "Compare…");
    button(canvas, "quiet", at(240, 84), "Cancel", { .emphasis = Emphasis::Quiet });
    button(canvas, "disabled", at(336, 84), "Undo", { .enabled = false });
    icon_button(canvas, "back", at(436, 36), Icon::StepBack);
    icon_button(canvas, "active", at(478, 36), Icon::Eye, { .active = true });
    icon_button(canvas, "forward", at(520, 36), Icon::StepForward, { .emphasis = Emphasis::Quiet });
    bool on = true, off = false;
    toggle(canvas, "on", at(576, 110), "Follow", on);
    toggle(canvas, "off", at(694, 100), "Loop", off);
    constexpr std::array<std::string_view, 3> depths { "Role", "Object", "Metal" };
    std::size_t depth = 1;
    segmented(canvas, "depth", at(800, 230), depths, depth);
    float part = 0.4f;
    slider(canvas, "speed", at(1046, 170), part);

    Rect const second { area.x, area.y + 44, area.width, height };
    std::string words = "docker run --rm -it busybox", nothing;
    text_field(canvas, "command", second.left_part(330), words, { .style = Style::Mono, .icon = Icon::Terminal });
    text_field(canvas, "search", second.without_left(346).left_part(220), nothing,
        { .placeholder = "Search commands", .icon = Icon::Search });
    auto const chip_width = chip_button_width(canvas.measure(), "network");
    Rect const filter { area.x + 582, second.y + 2, chip_width, chip_height };
    chip_button(canvas, "filter.on", filter, "network", Category::Network, true);
    chip_button(canvas, "filter.off", filter.moved(chip_width + 10, 0), "storage", Category::Storage, false);
    canvas.interaction().focus("focused");
    canvas.interaction().show_ring(true);
    button(canvas, "focused", { area.x + 834, second.y, 110, height }, "Focused");
    icon_button(canvas, "hinted", { area.x + 966, second.y, 36, height }, Icon::Download);
    Response const hinted { .rect = { area.x + 1080, second.y - 4, 36, 0 }, .focused = true };
    hint(canvas, hinted, "Command palette", Chord::parse("Ctrl+K"));
}

void draw_gallery(Canvas& canvas)
{
    auto const& theme = canvas.theme();
    stage_ground(canvas, canvas.bounds());
    draw_top_bar(canvas, { 0, 0, 1280, 56 });
    text(canvas, { 56, 74 }, "Image nginx:1.25", Style::Heading, theme.text);
    draw_layers(canvas, { 56, 112, 300, 246 });
    auto const way = Wire::between({ 56, 176, 300, 54 }, { 470, 200, 330, 60 });
    wire(canvas, way, Category::Process, 0.6f);
    token(canvas, way.at(0.6f), Category::Process, Icon::Cube);
    draw_container(canvas, { 470, 112, 330, 246 }, "web-1", "running • pid 1 (host 4711)", StateMark::Running, 0.3f,
        { .elevation = theme::Elevation::Container });
    draw_container(canvas, { 840, 112, 330, 246 }, "api-1", "created • modelled", StateMark::Created, 0.62f,
        { .elevation = theme::Elevation::Container, .border = Stroke::Dashed });
    wire(canvas, Wire::between({ 800, 150, 1, 60 }, { 840, 210, 1, 60 }), Category::Network, 1, Stroke::Double);
    pulse(canvas, { 840, 112, 330, 246 }, 14, theme.accent, 0.4f);
    card(canvas, { 56, 390, 1168, 60 });
    icon(canvas, { 84, 411 }, Icon::Server, theme.text);
    text_in(canvas, { 104, 400, 600, 22 }, "Host kernel 6.1", Style::Strong, theme.text);
    text_in(canvas, { 104, 421, 900, 22 }, "one kernel, shared by every container • namespaces • cgroup v2 • overlayfs",
        Style::Caption, theme.dim_text);
    draw_samples(canvas, { 0, 472, 1280, 248 });
    draw_widgets(canvas, { 32, 628, 1216, 80 });
}

}

TEST_CASE("Gallery: every token and shape looks as approved", "[visual][gallery]")
{
    platform::Offscreen offscreen;
    for (auto const name : theme::all_themes) {
        auto const& theme = theme::theme(name);
        offscreen.set_theme(theme);
        auto const surface = offscreen.render(1280, 720, 1, draw_gallery);
        CHECK_PICTURE("tests/visual/gallery/gallery-" + std::string(theme.name) + ".png", surface);
    }
}
