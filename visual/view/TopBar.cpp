#include "sim/words/Language.h"
#include "sim/words/Words.h"
#include "visual/view/Views.h"

#include <fmt/format.h>

namespace drydock::view {

namespace {

using namespace canvas;
using namespace theme::space;

// Where the facts on the screen come from: solid for what was observed, dashed for what was not.
void draw_provenance(Canvas const& canvas, float& right, float middle, Context& context)
{
    auto const* beat = context.state.player.beat();
    if (beat == nullptr)
        return;
    bool const live = beat->provenance == trace::Provenance::Live;
    auto const word = words::word_for(beat->provenance);
    auto const size = chip_size(canvas.measure(), word, { .icon = live ? theme::Icon::Bolt : theme::Icon::Code });
    right -= size.width;
    chip_in(canvas, { right, middle - chip_height / 2, size.width, chip_height }, word,
        live ? theme::Category::Network : theme::Category::Memory,
        { .icon = live ? theme::Icon::Bolt : theme::Icon::Code, .border = live ? Stroke::Solid : Stroke::Dashed });
    canvas.mark("provenance", { right, middle - chip_height / 2, size.width, chip_height });
    right -= normal;
}

// The name of the lesson is the way to the others.
void open_course_at(Rect const& rect, Canvas const& canvas, Context& context)
{
    if (context.input.course == nullptr)
        return;
    auto const& info = info_of(Action::Course);
    auto const hand = touch(canvas, info.id, rect);
    if (hand.warmth > 0)
        line(canvas, { rect.x, rect.bottom() }, { rect.right(), rect.bottom() },
            canvas.theme().accent.faded(hand.warmth), 1.5f);
    focus_ring(canvas, hand, theme::radius::control);
    hint(canvas, hand, words::tr(info.label), chord_of(Action::Course));
    if (hand.clicked)
        context.ask(Action::Course);
}

// "Anatomy of docker run  ›  Pull the image"
void draw_title(Canvas const& canvas, Rect const& room, Context& context)
{
    auto const& theme = canvas.theme();
    float x = room.x;
    x += text(canvas, { x, room.center().y - 14 }, "Drydock", theme::Style::Heading, theme.text) + normal;
    std::string title = context.input.source;
    std::string phase;
    if (context.state.player.is_open()) {
        if (auto const& scenario = context.state.player.world().scenario) {
            title = words::tr(scenario->title);
            phase = words::tr(scenario->phase_name);
        }
    }
    if (title.empty())
        return;
    icon(canvas, { x + 4, room.center().y }, theme::Icon::Right, theme.dim_text, theme::icon_size::small);
    x += wide;
    auto const wanted = canvas.measure().width(theme::Style::Body, title) + 4;
    auto const width = std::min(wanted, room.right() - x);
    text_in(canvas, { x, room.y, width, room.height }, title, theme::Style::Body, theme.text);
    open_course_at({ x, room.center().y - 14, width, 28 }, canvas, context);
    x += width + normal;
    if (phase.empty() || room.right() - x < 120)
        return;
    icon(canvas, { x, room.center().y }, theme::Icon::Right, theme.dim_text, theme::icon_size::small);
    x += normal;
    text_in(canvas, { x, room.y, room.right() - x, room.height }, phase, theme::Style::Body, theme.dim_text);
}

}

// Which view of the moment is shown; where there is no room for words, they are left to the keys.
void draw_views(Canvas const& canvas, float& right, float middle, Context& context)
{
    std::array<std::string_view, 6> const names { words::tr("Stage"), words::tr("Union"), words::tr("Isolation"),
        words::tr("Wire"), words::tr("Build"), words::tr("Compare") };
    constexpr float width = 500;
    if (canvas.size().width < 1180)
        return;
    right -= width;
    auto chosen = static_cast<std::size_t>(context.state.view);
    if (segmented(canvas, "view", { right, middle - control_height / 2, width, control_height }, names, chosen)) {
        context.state.view = static_cast<MainView>(chosen);
        context.state.view_chosen = true;
    }
    right -= normal;
}

void draw_top_bar(Canvas const& canvas, Rect const& rect, Context& context)
{
    panel(canvas, rect, Side::Bottom);
    auto const inside = rect.inset(wide, 0);
    auto const middle = rect.center().y;
    float right = inside.right();
    auto const place = [&](theme::Icon icon, Action action, bool active = false) {
        right -= control_height;
        action_button(canvas, { right, middle - control_height / 2, control_height, control_height }, icon, action,
            context, active);
        right -= hair;
    };
    place(theme::Icon::Help, Action::Help, context.state.overlay == Overlay::Help);
    place(theme::Icon::Info, Action::Inspector, context.state.inspector);
    place(theme::Icon::Terminal, Action::TerminalPanel, context.state.dock == DockTab::Terminal);
    place(context.input.theme == theme::ThemeName::Dark ? theme::Icon::Moon : theme::Icon::Sun, Action::NextTheme);
    place(theme::Icon::Desktop, Action::Presenter, context.state.presenter);
    place(theme::Icon::Search, Action::Palette, context.state.overlay == Overlay::Palette);
    right -= tight;
    draw_provenance(canvas, right, middle, context);
    draw_views(canvas, right, middle, context);
    draw_title(canvas, { inside.x, rect.y, right - inside.x, rect.height }, context);
}

}
