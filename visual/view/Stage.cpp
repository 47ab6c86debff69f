#include "sim/words/Language.h"
#include "visual/view/Views.h"

#include <algorithm>

namespace drydock::view {

namespace {

using namespace canvas;

// In presenter mode everything on the stage is larger, so its room is that much smaller.
constexpr float presenter_zoom = 1.15f;
// Less room than this is not laid out: however large everything else is asked to be, the stage then shrinks as a whole.
constexpr Size least_room { 940, 516 };

Rect shrunk(Rect const& rect, float factor)
{
    return { rect.x / factor, rect.y / factor, rect.width / factor, rect.height / factor };
}

void mark_objects(Canvas const& canvas, stage::Scene const& scene)
{
    for (auto const& primitive : scene.primitives) {
        if (std::holds_alternative<stage::CardShape>(primitive.shape))
            canvas.mark("stage." + primitive.id, primitive.rect);
    }
}

}

float stage_zoom(Rect const& room, bool presenter)
{
    return std::min(
        { presenter ? presenter_zoom : 1.0f, room.width / least_room.width, room.height / least_room.height });
}

void draw_stage(Canvas const& whole, Rect const& rect, Context& context)
{
    stage_ground(whole, rect);
    auto& state = context.state;
    Clip const clip(whole, rect);
    auto const zoom = stage_zoom(rect, state.presenter);
    auto const canvas = whole.zoomed(zoom, { 0, 0 });
    stage::Look const look { .view = { shrunk(rect, zoom), state.player.depth() },
        .unlit = whole.theme().unlit,
        .reduced_motion = state.reduced_motion,
        .selected = state.selected };
    auto const scene = state.player.scene(state.player.story(), look, stage::ruler_of(whole.measure()));
    stage::draw(scene, canvas);
    mark_objects(canvas, scene);

    auto const hand = touch(canvas, "stage", look.view.room, Reach::MouseOnly);
    if (hand.clicked) {
        state.selected = stage::object_at(scene, hand.pointer);
        if (!state.selected.empty())
            state.inspector = true;
    }
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
