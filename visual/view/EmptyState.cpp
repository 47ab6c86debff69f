#include "visual/view/EmptyState.h"

#include "sim/words/Language.h"

namespace drydock::view {

using namespace canvas;
using namespace theme::space;

void draw_empty_state(Canvas const& canvas, Rect const& rect, EmptyState const& empty, Context& context)
{
    auto const& theme = canvas.theme();
    constexpr float width = 600;
    auto const words = paragraph_height(canvas.measure(), theme::Style::Body, empty.text, width);
    auto box = Rect::centered(rect.center(), { width, 44 + snug + words + normal + control_height + wide });
    text_in(canvas, box.top_part(44), empty.title, theme::Style::Title, theme.text, Align::Center);
    box = box.without_top(44 + snug);
    paragraph(canvas, box, empty.text, theme::Style::Body, theme.dim_text, Align::Center);
    box = box.without_top(words + normal);
    if (empty.command.empty())
        return;
    auto const line = "$ " + empty.command;
    auto const label = words::tr("Type it");
    bool const can_type = context.input.terminal != nullptr && context.input.terminal->available;
    auto const button_room
        = can_type ? button_width(canvas.measure(), label, { .icon = theme::Icon::Terminal }) + snug : 0;
    auto const line_width = canvas.measure().width(theme::Style::Mono, line) + 2 * snug;
    auto const row
        = Rect::centered({ box.center().x, box.y + control_height / 2 }, { line_width + button_room, control_height });
    fill(canvas, row.left_part(line_width), theme::radius::control, theme.raised);
    text_in(canvas, row.left_part(line_width).inset(snug, 0), line, theme::Style::Mono, theme.text);
    if (can_type
        && button(canvas, "empty.type", row.right_part(button_room - snug), label,
            { .emphasis = Emphasis::Primary, .icon = theme::Icon::Terminal })) {
        context.state.input = empty.command;
        if (context.state.dock != DockTab::Terminal)
            context.ask(Action::TerminalPanel);
    }
}

}
