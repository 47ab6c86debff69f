#include "sim/words/Language.h"
#include "visual/view/Views.h"

#include <algorithm>

namespace drydock::view {

namespace {

using namespace canvas;
using namespace theme::space;

struct LegendLine {
    theme::Category category;
    std::string_view text;
};

constexpr std::array legend {
    LegendLine { theme::Category::Process, words::key("process, daemon, kernel") },
    LegendLine { theme::Category::Storage, words::key("layers and files") },
    LegendLine { theme::Category::Network, words::key("requests, namespaces") },
    LegendLine { theme::Category::Registry, words::key("registry, what comes from it") },
    LegendLine { theme::Category::Memory, words::key("simulated or modelled, not observed") },
    LegendLine { theme::Category::Alert, words::key("errors, whiteouts, the time cursor") },
};

constexpr int key_columns = 3;
constexpr float legend_row = 26, heading = 32;
constexpr std::size_t keys_in_column = (actions.size() + key_columns - 1) / key_columns;
constexpr float key_row = 24, keys_height = static_cast<float>(keys_in_column) * key_row;

constexpr float help_height = 2 * normal + 2 * heading + keys_height + snug + 2 * legend_row;

void draw_keys(Canvas const& canvas, Rect const& rect)
{
    auto const& theme = canvas.theme();
    auto const cells = columns(rect, key_columns, wide);
    for (std::size_t i = 0; i < actions.size(); ++i) {
        auto const& cell = cells[i / keys_in_column];
        Rect const line { cell.x, cell.y + static_cast<float>(i % keys_in_column) * key_row, cell.width, key_row };
        key_cap(canvas, { line.x, line.y + 1 }, actions[i].keys[0]);
        text_in(canvas, line.without_left(108), words::tr(actions[i].label), theme::Style::Caption, theme.text);
    }
}

void draw_legend(Canvas const& canvas, Rect const& rect)
{
    auto const& theme = canvas.theme();
    auto const cells = columns(rect, 3, wide);
    for (std::size_t i = 0; i < legend.size(); ++i) {
        auto const& cell = cells[i / 2];
        Rect const line { cell.x, cell.y + static_cast<float>(i % 2) * legend_row, cell.width, legend_row };
        icon(canvas, { line.x + 10, line.center().y }, theme::icon_of(legend[i].category),
            theme[legend[i].category].stroke);
        text_in(canvas, line.without_left(34), words::tr(legend[i].text), theme::Style::Caption, theme.text);
    }
}

}

void draw_help(Canvas const& canvas, Context& context)
{
    auto const& theme = canvas.theme();
    auto const box = Rect::centered(canvas.bounds().center(),
        { std::min(1180.0f, canvas.size().width - wide), std::min(help_height, canvas.size().height - normal) });
    canvas::Overlay const overlay(canvas, "help", box, OverlayKind::Modal);
    auto const& on = overlay.canvas();
    card(on, box, { .elevation = theme::Elevation::Spotlight });
    {
        ScrollArea area(on, "help.rows", box.inset(broad, normal));
        auto const& page = area.canvas();
        Rect const whole { 0, 0, area.width(), help_height };
        text_in(page, whole.top_part(28), words::tr("Keys"), theme::Style::Heading, theme.text);
        draw_keys(page, whole.without_top(heading));
        auto const below = whole.without_top(heading + keys_height + snug);
        text_in(page, below.top_part(24), words::tr("What stands for what"), theme::Style::Heading, theme.text);
        draw_legend(page, below.without_top(heading));
        area.set_content_height(help_height - 2 * normal);
    }
    Rect const close { box.right() - control_height - snug, box.y + snug, control_height, control_height };
    if (icon_button(
            on, "help.close", close, theme::Icon::Close, { .emphasis = Emphasis::Quiet, .hint = words::tr("Close") })
        || overlay.dismissed())
        context.state.overlay = Overlay::None;
}

}
