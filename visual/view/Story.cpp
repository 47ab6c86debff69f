// The author's words below a view that has no place of its own for them: the part that is on, what is said about it,
// and the beat's sentence. The stage has a card for the one and shows the other at its objects.

#include "sim/words/Language.h"
#include "visual/view/Views.h"

#include <algorithm>

namespace drydock::view {

namespace {

using namespace canvas;
using namespace theme::space;

struct Told {
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

constexpr float name_width = 210, sentence_height = 22;

}

float story_height(Canvas const& canvas, float width, State const& state)
{
    if (state.view == MainView::Stage || !state.player.is_open() || state.player.beat() == nullptr)
        return 0;
    auto const told = told_at(state);
    if (!told)
        return 0;
    auto const words = paragraph_height(
        canvas.measure(), theme::Style::Body, told->say.empty() ? "x" : told->say, width - name_width - 2 * wide);
    return words + sentence_height + 2 * snug;
}

void draw_story(Canvas const& canvas, Rect const& rect, Context& context)
{
    auto const told = rect.height < 1 ? std::nullopt : told_at(context.state);
    if (!told)
        return;
    auto const& theme = canvas.theme();
    panel(canvas, rect, Side::Top);
    canvas.mark("story", rect);
    auto const inside = rect.inset(wide, snug);
    paragraph(
        canvas, inside.left_part(name_width - normal), told->name, theme::Style::Strong, theme.accent, Align::Start, 2);
    auto const words = inside.without_left(name_width);
    paragraph(canvas, words, told->say, theme::Style::Body, theme.text);
    text_in(canvas, words.bottom_part(sentence_height), context.state.player.beat()->caption, theme::Style::Caption,
        theme.dim_text);
}

}
