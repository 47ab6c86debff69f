#include "sim/words/Language.h"
#include "visual/view/Views.h"

#include <fmt/format.h>

#include <algorithm>

namespace drydock::view {

namespace {

using namespace canvas;
using namespace theme::space;

world::Prediction const* open_prediction(world::World const& world)
{
    if (!world.scenario || world.scenario->predictions.empty())
        return nullptr;
    auto const& last = world.scenario->predictions.back();
    return last.answer ? nullptr : &last;
}

}

// Asked before it is shown: commit first, then watch.
void draw_prediction(Canvas const& canvas, Rect const& stage, Context& context)
{
    auto& state = context.state;
    if (!state.player.held() || state.player.beat() == nullptr || draw_sort(canvas, stage, context))
        return;
    auto const* prediction = open_prediction(state.player.world());
    if (prediction == nullptr)
        return;
    auto const& theme = canvas.theme();
    constexpr float width = 560;
    auto const question
        = paragraph_height(canvas.measure(), theme::Style::Heading, words::tr(prediction->question), width - 2 * wide);
    auto const rows = static_cast<float>(prediction->choices.size());
    auto const box = Rect::centered(
        stage.center(), { width, question + rows * (control_height + tight) + control_height + 4 * wide });
    canvas::Overlay const overlay(canvas, "prediction", box, OverlayKind::Floating);
    auto const& on = overlay.canvas();
    card(on, box, { .elevation = theme::Elevation::Spotlight });
    auto inside = box.inset(wide, wide);
    text_in(on, inside.top_part(20), words::tr("What do you think?"), theme::Style::Caption, theme.accent);
    inside = inside.without_top(wide);
    paragraph(on, inside, words::tr(prediction->question), theme::Style::Heading, theme.text);
    inside = inside.without_top(question + snug);
    auto const& chosen = state.answers[prediction->id];
    for (std::size_t i = 0; i < prediction->choices.size(); ++i) {
        auto const& choice = prediction->choices[i];
        if (button(on, fmt::format("prediction.{}", i), inside.top_part(control_height), words::tr(choice),
                { .emphasis = chosen == choice ? Emphasis::Primary : Emphasis::Normal })) {
            context.commands.push_back(AnswerPrediction { prediction->id, choice });
            state.answers[prediction->id] = choice;
        }
        inside = inside.without_top(control_height + tight);
    }
    if (button(on, "prediction.go-on", inside.top_part(control_height).right_part(140),
            state.answers[prediction->id].empty() ? words::tr("Skip") : words::tr("Show me"),
            { .emphasis = state.answers[prediction->id].empty() ? Emphasis::Quiet : Emphasis::Primary,
                .icon = theme::Icon::Play,
                .chord = chord_of(Action::PlayPause) }))
        context.ask(Action::PlayPause);
}

}
