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
    LegendLine { theme::Category::Storage, words::key("layers, files; solid: read-only, white: read-write") },
    LegendLine { theme::Category::Network, words::key("requests, namespaces") },
    LegendLine { theme::Category::Registry, words::key("registry, what comes from it") },
    LegendLine { theme::Category::Memory, words::key("simulated or modelled, not observed") },
    LegendLine { theme::Category::Alert, words::key("errors, whiteouts, the time cursor") },
};

constexpr int key_columns = 3;
constexpr std::size_t keys_in_column = (actions.size() + key_columns - 1) / key_columns;
constexpr float key_row = 26, keys_height = static_cast<float>(keys_in_column) * key_row;

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
    auto rest = rect;
    for (auto const& entry : legend) {
        auto const line = rest.top_part(control_height);
        icon(canvas, { line.x + 10, line.center().y }, theme::icon_of(entry.category), theme[entry.category].stroke);
        text_in(canvas, line.without_left(38), words::tr(entry.text), theme::Style::Body, theme.text);
        rest = rest.without_top(control_height + tight);
    }
}

}

void draw_help(Canvas const& canvas, Context& context)
{
    auto const box = Rect::centered(canvas.bounds().center(),
        { std::min(1180.0f, canvas.size().width - wide), std::min(keys_height + 104, canvas.size().height - normal) });
    canvas::Overlay const overlay(canvas, "help", box, OverlayKind::Modal);
    auto const& on = overlay.canvas();
    card(on, box, { .elevation = theme::Elevation::Spotlight });
    auto inside = box.inset(broad, wide);
    std::array<std::string_view, 2> const pages { words::tr("Keys"), words::tr("What stands for what") };
    segmented(on, "help.page", inside.top_part(control_height).left_part(420), pages, context.state.help_page);
    auto const below = inside.without_top(control_height + normal);
    if (context.state.help_page == 0)
        draw_keys(on, below);
    else
        draw_legend(on, below);
    Rect const close { box.right() - control_height - snug, box.y + snug, control_height, control_height };
    if (icon_button(
            on, "help.close", close, theme::Icon::Close, { .emphasis = Emphasis::Quiet, .hint = words::tr("Close") })
        || overlay.dismissed())
        context.state.overlay = Overlay::None;
}

}
