#include "sim/words/Language.h"
#include "visual/view/Views.h"

#include <algorithm>

namespace drydock::view {

namespace {

using namespace canvas;

// In presenter mode everything in the middle is larger, so its room is that much smaller.
constexpr float presenter_zoom = 1.15f;
// Below this height, where the dock was pulled up, a view is drawn smaller: words over words serve nobody.
constexpr float least_height = 460, least_zoom = 0.8f;
// Less room than this is not laid out: however large everything else is asked to be, the stage then shrinks as a whole.
constexpr Size least_room { 940, 516 };

void mark_objects(Canvas const& canvas, stage::Scene const& scene)
{
    for (auto const& primitive : scene.primitives) {
        if (std::holds_alternative<stage::CardShape>(primitive.shape))
            canvas.mark("stage." + primitive.id, primitive.rect);
    }
}

}

Presented zoomed_to(Canvas const& whole, Rect const& rect, float zoom)
{
    return { whole.zoomed(zoom, { 0, 0 }), { rect.x / zoom, rect.y / zoom, rect.width / zoom, rect.height / zoom } };
}

Presented presented(Canvas const& whole, Rect const& rect, State const& state)
{
    return zoomed_to(
        whole, rect, state.presenter ? presenter_zoom : std::clamp(rect.height / least_height, least_zoom, 1.0f));
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
    auto const [canvas, room] = zoomed_to(whole, rect, stage_zoom(rect, state.presenter));
    stage::Look const look { .view = { room, state.player.depth() },
        .unlit = whole.theme().unlit,
        .reduced_motion = state.reduced_motion,
        .selected = state.selected };
    auto const scene = state.player.scene(state.player.story(), look, stage::ruler_of(whole.measure()));
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
