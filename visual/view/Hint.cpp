#include "sim/words/Language.h"
#include "visual/view/Views.h"

#include <fmt/format.h>

namespace drydock::view {

using namespace canvas;
using namespace theme::space;

// On demand: a nudge first, the command last. Where the transport bar begins, away from what the lesson shows.
void draw_hint(Canvas const& canvas, Rect const& stage, Context& context)
{
    auto const* hints = context.input.hints;
    auto const shown = context.state.hints_shown;
    if (hints == nullptr || shown == 0 || shown > hints->size())
        return;
    auto const& theme = canvas.theme();
    constexpr float width = 520, head = 26;
    auto const text = words::tr((*hints)[shown - 1]);
    auto const inner = width - 2 * wide;
    auto const height = head + paragraph_height(canvas.measure(), theme::Style::Body, text, inner) + 2 * normal;
    Rect const box { stage.x + wide, stage.bottom() - height - normal, width, height };
    canvas::Overlay const overlay(canvas, "hint", box, OverlayKind::Floating);
    auto const& on = overlay.canvas();
    card(on, box, { .elevation = theme::Elevation::Spotlight });
    auto const inside = box.inset(wide, normal);
    icon(on, { inside.x + 7, inside.y + 10 }, theme::Icon::Lightbulb, theme.accent);
    bool const last = shown == hints->size();
    text_in(on, inside.top_part(20).without_left(24), words::say("Hint {} of {}", shown, hints->size()),
        theme::Style::Caption, theme.accent);
    text_in(on, inside.top_part(20), last ? words::tr("H closes") : words::tr("H says more"), theme::Style::Caption,
        theme.dim_text, Align::End);
    paragraph(on, inside.without_top(head), text, theme::Style::Body, theme.text);
    canvas.mark("hint", box);
}

}
