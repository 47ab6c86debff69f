// The menu at an object, opened with the right button: what can be done to it, as command lines.

#include "sim/words/Language.h"
#include "visual/view/ObjectMenu.h"
#include "visual/view/Views.h"

#include <fmt/format.h>

#include <algorithm>

namespace drydock::view {

namespace {

using namespace canvas;
using namespace theme::space;

constexpr float menu_width = 420, menu_row = 52;

void draw_item(Canvas const& canvas, Rect const& row, std::size_t index, MenuItem const& item, Context& context)
{
    auto const& theme = canvas.theme();
    auto const hand = touch(canvas, fmt::format("menu.{}", index), row);
    if (hand.warmth > 0 || hand.focused)
        fill(
            canvas, row, theme::radius::control, theme.raised.faded(std::max(hand.warmth, hand.focused ? 1.0f : 0.0f)));
    focus_ring(canvas, hand, theme::radius::control);
    auto const inside = row.inset(snug, hair);
    auto const& alert = theme[theme::Category::Alert];
    icon(canvas, { inside.x + 8, inside.y + 14 }, item.breaks ? theme::Icon::Bolt : theme::Icon::Terminal,
        item.breaks ? alert.stroke : theme.accent);
    auto const words = inside.without_left(wide);
    text_in(canvas, words.top_part(26), item.label, theme::Style::Strong, theme.text);
    text_in(canvas, words.without_top(24), item.line, theme::Style::Mono, theme.dim_text);
    if (!hand.clicked)
        return;
    context.commands.push_back(RunCommandLine { item.line });
    context.state.player.follow();
    context.state.menu_of.clear();
}

}

void draw_menu(Canvas const& canvas, Rect const& stage, Context& context)
{
    auto& state = context.state;
    if (state.menu_of.empty() || state.player.beat() == nullptr)
        return;
    bool const can_act = context.input.terminal != nullptr && context.input.terminal->available && context.input.live;
    auto const items = menu_of(state.menu_of, state.player.world());
    if (items.empty() || !can_act) {
        state.menu_of.clear();
        return;
    }
    auto const mark = canvas.interaction().find("stage." + state.menu_of);
    auto const at = state.menu_at ? *state.menu_at : mark ? mark->center() : stage.center();
    auto const height = static_cast<float>(items.size()) * menu_row + 2 * tight;
    Rect const box { std::clamp(at.x, stage.x + tight, std::max(stage.x, stage.right() - menu_width - tight)),
        std::clamp(at.y, stage.y + tight, std::max(stage.y + tight, stage.bottom() - height - tight)), menu_width,
        height };
    canvas::Overlay const overlay(canvas, "menu", box, OverlayKind::Modal);
    auto const& on = overlay.canvas();
    card(on, box, { .elevation = theme::Elevation::Spotlight });
    auto rest = box.inset(tight, tight);
    for (std::size_t i = 0; i < items.size(); ++i) {
        draw_item(on, rest.top_part(menu_row), i, items[i], context);
        rest = rest.without_top(menu_row);
    }
    if (overlay.dismissed())
        state.menu_of.clear();
}

}
