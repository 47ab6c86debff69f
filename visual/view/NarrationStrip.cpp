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

struct Told { // by the author
    std::string_view name, say;
};

// The World forgets what was said when a part is over; whoever reads its still has not.
std::optional<Told> told_at(State const& state)
{
    auto const& world = state.player.world();
    if (!world.scenario)
        return std::nullopt;
    if (auto const& variation = world.scenario->variation)
        return Told { words::tr(variation->name), words::tr(variation->say) };
    auto const& marks = state.index.marks();
    for (auto mark = marks.rbegin(); mark != marks.rend(); ++mark) {
        if (mark->record >= state.player.records() || mark->kind != TimelineMark::Kind::Phase)
            continue;
        auto const* phase = state.player.log()[mark->record].event.get_if<trace::PhaseBegan>();
        return phase == nullptr ? std::nullopt : std::optional(Told { words::tr(phase->name), words::tr(phase->say) });
    }
    return std::nullopt;
}

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
    if (auto const told = told_at(state)) {
        strip.heading = told->name;
        strip.say = told->say;
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
    if (state.player.beat() == nullptr)
        return 0;
    if (!state.player.world().scenario)
        return line + 2 * snug;
    auto const lines = std::clamp(std::ceil(longest_caption / (inner_width(room) * left_share)), 2.0f, 4.0f);
    return Measure::line_height(theme::Style::Strong) + hair + lines * line + 2 * snug;
}

void draw_narration_strip(Canvas const& canvas, Rect const& place, State const& state)
{
    if (state.player.beat() == nullptr)
        return;
    auto const strip = strip_of(place, state);
    panel(canvas, place, Side::Top);
    auto const inside = place.inset(wide, snug);
    if (!state.player.world().scenario) {
        text_in(canvas, inside, strip.happens, theme::Style::Body, canvas.theme().dim_text);
    } else {
        auto const line = Measure::line_height(theme::Style::Strong);
        auto const left = inside.left_part(strip.left);
        if (!strip.heading.empty())
            canvas.mark("narration.say", left);
        text_in(canvas, left.top_part(line), strip.heading, theme::Style::Strong, canvas.theme().accent);
        paragraph(canvas, left.without_top(line + hair), strip.say, theme::Style::Body, canvas.theme().text);
        paragraph(canvas, inside.right_part(strip.right), strip.happens, theme::Style::Body, canvas.theme().dim_text);
    }
    canvas.mark("narration", place);
}

}
