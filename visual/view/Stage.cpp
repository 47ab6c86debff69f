#include "sim/words/Language.h"
#include "visual/view/Views.h"

#include <algorithm>

namespace drydock::view {

namespace {

using namespace canvas;

void mark_objects(Canvas const& canvas, stage::Scene const& scene)
{
    for (auto const& primitive : scene.primitives) {
        if (std::holds_alternative<stage::CardShape>(primitive.shape))
            canvas.mark("stage." + primitive.id, primitive.rect);
    }
}

// What is to be seen of a stage that is higher than its place: what is said, which stands beside what it is about; else
// the first that is lit.
Rect told_part(stage::Scene const& scene)
{
    Rect lit;
    for (auto const& primitive : scene.primitives) {
        if (std::holds_alternative<stage::BubbleShape>(primitive.shape))
            return primitive.rect;
        if (lit.is_empty() && std::find(scene.lit.begin(), scene.lit.end(), primitive.id) != scene.lit.end())
            lit = primitive.rect;
    }
    return lit;
}

}

Rect draw_stage(Canvas const& canvas, Rect const& room, Context& context)
{
    auto& state = context.state;
    stage::Look const look { .view = { room, state.player.depth() },
        .unlit = canvas.theme().unlit,
        .reduced_motion = state.reduced_motion,
        .selected = state.selected };
    auto const scene = state.player.scene(state.player.story(), look, stage::ruler_of(canvas.measure()));
    stage::draw(scene, canvas);
    mark_objects(canvas, scene);

    auto const hand = touch(canvas, "stage", look.view.room, Reach::MouseOnly);
    if (hand.menu_asked) {
        state.selected = state.menu_of = stage::object_at(scene, hand.pointer);
        state.menu_at = canvas.in_window({ hand.pointer.x, hand.pointer.y, 1, 1 }).origin();
    }
    if (hand.clicked) {
        state.selected = stage::object_at(scene, hand.pointer);
        if (!state.selected.empty())
            state.inspector = true;
    }
    return told_part(scene);
}

void draw_welcome(Canvas const& canvas, Rect const& rect, Context& context)
{
    auto const& theme = canvas.theme();
    auto const box = Rect::centered(rect.center(), { 560, 150 });
    text_in(canvas, box.top_part(44), words::tr("Nothing has happened yet"), theme::Style::Title, theme.text,
        Align::Center);
    paragraph(canvas, box.without_top(56),
        context.input.terminal != nullptr && context.input.terminal->available
            ? words::tr("Open the terminal with ` and type a docker command, or pick a lesson with Ctrl+K.")
            : words::tr("Pick a lesson with Ctrl+K."),
        theme::Style::Body, theme.dim_text, Align::Center);
}

}
