// What the lesson says, and what happens now, below a view that has no place for captions of its own. On the stage the
// words stand at their objects.

#include "sim/words/Language.h"
#include "visual/view/Views.h"

#include <cmath>

namespace drydock::view {

namespace {

using namespace canvas;
using namespace theme::space;

constexpr float strip_gap = 28, left_share = 0.6f;
constexpr float longest_caption = 1150; // width of 25 words in the body's letters

struct Strip {
    std::string heading, say, happens;
    float left, right; // widths
};

float inner_width(Rect const& room)
{
    return std::max(1.0f, room.width - 2 * wide - strip_gap);
}

Strip strip_of(Rect const& room, State const& state)
{
    auto const inner = inner_width(room);
    Strip strip { .heading = {},
        .say = {},
        .happens = state.player.beat()->caption,
        .left = inner * left_share,
        .right = inner * (1 - left_share) };
    if (auto const& scenario = state.player.world().scenario; scenario && !scenario->phase_name.empty()) {
        strip.heading = words::tr(scenario->phase_name);
        strip.say = words::tr(scenario->say);
    }
    if (strip.happens == strip.say) // the phase's own beat
        strip.happens.clear();
    return strip;
}

}

// The same at every moment: what is above must not jump.
float narration_strip_height(Rect const& room, State const& state)
{
    auto const line = Measure::line_height(theme::Style::Body);
    if (!state.player.world().scenario)
        return line + 2 * snug;
    auto const lines = std::clamp(std::ceil(longest_caption / (inner_width(room) * left_share)), 2.0f, 4.0f);
    return Measure::line_height(theme::Style::Strong) + hair + lines * line + 2 * snug;
}

void draw_narration_strip(Canvas const& canvas, Rect const& place, State const& state)
{
    auto const strip = strip_of(place, state);
    panel(canvas, place, Side::Top);
    auto const inside = place.inset(wide, snug);
    if (!state.player.world().scenario) {
        text_in(canvas, inside, strip.happens, theme::Style::Body, canvas.theme().dim_text);
    } else {
        auto const line = Measure::line_height(theme::Style::Strong);
        auto const left = inside.left_part(strip.left);
        text_in(canvas, left.top_part(line), strip.heading, theme::Style::Strong, canvas.theme().accent);
        paragraph(canvas, left.without_top(line + hair), strip.say, theme::Style::Body, canvas.theme().text);
        paragraph(canvas, inside.right_part(strip.right), strip.happens, theme::Style::Body, canvas.theme().dim_text);
    }
    canvas.mark("narration", place);
}

}
