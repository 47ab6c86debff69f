#include "sim/core/Units.h"
#include "sim/words/Language.h"
#include "visual/view/Views.h"

#include <fmt/format.h>

namespace drydock::view {

namespace {

using namespace canvas;
using namespace theme::space;

// "Beat 7 of 27", and how much true time the shown part took: a minute of story is a few milliseconds of a kernel.
std::string where_are_we(Player& player)
{
    auto const* beat = player.beat();
    if (beat == nullptr)
        return {};
    auto const& log = player.log();
    auto const took = log[beat->end_record - 1].time - log[0].time;
    return words::say("beat {} of {}   true time {}", player.beat_index() + 1, player.choreography().beats().size(),
        human_duration(took));
}

void draw_depths(Canvas const& canvas, Rect const& rect, Context& context)
{
    std::array<std::string_view, 3> const labels { words::tr("1 Roles"), words::tr("2 Objects"), words::tr("3 Metal") };
    auto chosen = static_cast<std::size_t>(context.state.player.depth()) - 1;
    if (segmented(canvas, "depth", rect, labels, chosen))
        context.ask(chosen == 0 ? Action::DepthRole : chosen == 1 ? Action::DepthObject : Action::DepthMetal);
}

std::string speed_text(double speed)
{
    return speed >= 1 ? fmt::format("{:.0f}×", speed) : speed == 0.5 ? "½×" : "¼×";
}

// Back in time, large and labelled: not of the picture, of the engine itself.
float draw_history(Canvas const& canvas, Rect const& room, Context& context)
{
    auto const* history = context.input.history;
    if (history == nullptr || history->branches.empty())
        return 0;
    bool const has_room = room.width > 560;
    float right = room.right();
    auto const place = [&](Action action, std::string_view label, theme::Icon icon, bool enabled) {
        ButtonLook const look { .emphasis = Emphasis::Quiet,
            .icon = icon,
            .hint = info_of(action).label,
            .chord = chord_of(action),
            .enabled = enabled };
        auto const width = has_room ? button_width(canvas.measure(), label, look) : control_height;
        right -= width;
        Rect const box { right, room.center().y - control_height / 2, width, control_height };
        bool const pressed = has_room ? button(canvas, info_of(action).id, box, label, look)
                                      : icon_button(canvas, info_of(action).id, box, icon, look);
        if (pressed)
            context.ask(action);
        right -= hair;
    };
    bool const engine_elsewhere = context.input.branch != history->engine || !context.state.player.at_end();
    place(Action::Restart, words::tr("Reset"), theme::Icon::Refresh, true);
    place(Action::Redo, words::tr("Redo"), theme::Icon::Repeat, history->can_redo);
    place(Action::Undo, words::tr("Undo"), theme::Icon::Undo, history->can_undo);
    if (engine_elsewhere && !context.state.player.playing())
        place(Action::GoOnFromHere, words::tr("Go on from here"), theme::Icon::Branch, true);
    return room.right() - right;
}

}

void draw_transport(Canvas const& canvas, Rect const& rect, Context& context)
{
    auto& player = context.state.player;
    auto const middle = rect.center().y;
    float x = rect.x + wide;
    auto const place = [&](theme::Icon icon, Action action, bool active = false) {
        action_button(
            canvas, { x, middle - control_height / 2, control_height, control_height }, icon, action, context, active);
        x += control_height + hair;
    };
    place(theme::Icon::ToStart, Action::ToStart);
    place(theme::Icon::StepBack, Action::PreviousBeat);
    place(player.playing() ? theme::Icon::Pause : theme::Icon::Play, Action::PlayPause, player.playing());
    place(theme::Icon::StepForward, Action::NextBeat);
    place(theme::Icon::ToEnd, Action::ToEnd);
    place(theme::Icon::Minus, Action::Slower);
    text_in(canvas, { x, rect.y, 34, rect.height }, speed_text(player.speed()), theme::Style::Strong,
        canvas.theme().text, Align::Center);
    x += 34 + hair;
    place(theme::Icon::Plus, Action::Faster);
    if (context.input.live)
        place(theme::Icon::FastForward, Action::Follow, player.following());
    x += snug;
    float const depths = 290;
    draw_depths(canvas, { rect.right() - wide - depths, middle - control_height / 2, depths, control_height }, context);
    Rect const room { x, rect.y, rect.right() - wide - depths - normal - x, rect.height };
    auto const left_over = room.without_right(draw_history(canvas, room, context));
    auto note = player.held() ? words::say("Space goes on") : where_are_we(player);
    if (canvas.measure().width(theme::Style::Caption, note) > left_over.width) // the number is what one looks for
        note = fmt::format("{} / {}", player.beat_index() + 1, player.choreography().beats().size());
    text_in(canvas, left_over, note, theme::Style::Caption,
        player.held() ? canvas.theme().accent : canvas.theme().dim_text);
}

}
