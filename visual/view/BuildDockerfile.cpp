#include "sim/words/Language.h"
#include "visual/view/BuildParts.h"

#include <fmt/format.h>

namespace drydock::view {

namespace {

using namespace canvas;
using namespace theme::space;

constexpr float code_height = 24, gutter = 38;

bool is_comment(std::string const& line)
{
    auto const first = line.find_first_not_of(" \t");
    return first == std::string::npos || line[first] == '#';
}

// Beside each line: whether its step was done, came from the cache, runs or failed.
void draw_line_mark(Canvas const& on, Point middle, StepState state)
{
    auto const& theme = on.theme();
    switch (state) {
    case StepState::Running: icon(on, middle, theme::Icon::Play, theme.accent, 12); break;
    case StepState::Failed: icon(on, middle, theme::Icon::Warning, theme[theme::Category::Alert].stroke, 14); break;
    case StepState::Cached: icon(on, middle, theme::Icon::Repeat, theme.dim_text, 12); break;
    case StepState::Begun:
    case StepState::Done: icon(on, middle, theme::Icon::Check, theme.dim_text, 12); break;
    }
}

void draw_code_line(Canvas const& on, Rect const& row, BuildMoment const& moment, std::int64_t number, Context& context)
{
    auto const& theme = on.theme();
    auto const& text = moment.build.dockerfile[static_cast<std::size_t>(number) - 1];
    auto const* const step = moment.build.step_at_line(number);
    bool const is_lit = step != nullptr && step == moment.step();
    auto const hand = touch(on, fmt::format("build.line.{}", number), row, Reach::MouseOnly);
    if (is_lit) {
        fill(on, row, theme::radius::bar, theme.accent.faded(0.16f));
        fill(on, row.left_part(3), 0, theme.accent);
    } else if (hand.hovered && step != nullptr) {
        fill(on, row, theme::radius::bar, theme.text.faded(0.05f));
    }
    if (hand.clicked && step != nullptr)
        choose_step(moment, static_cast<std::size_t>(step - moment.build.steps.data()), context);
    text_in(on, row.left_part(gutter - 8), std::to_string(number), theme::Style::Mono, theme.dim_text, Align::End);
    auto const room = row.without_left(gutter + hair).without_right(26);
    auto const color = is_comment(text) || step == nullptr ? theme.dim_text : theme.text;
    text_in(on, room, text, theme::Style::Mono, color);
    if (on.measure().width(theme::Style::Mono, text) > room.width)
        hint(on, hand, text);
    if (step != nullptr && step->line == number)
        draw_line_mark(on, { row.right() - 13, row.center().y }, step->state);
}

// Its last words below the line that failed.
float draw_failure(Canvas const& on, Rect const& place, std::string const& error)
{
    auto const& theme = on.theme();
    auto const inside = place.inset(tight, 0).without_left(gutter - tight);
    auto const height = paragraph_height(on.measure(), theme::Style::Caption, error, inside.width);
    fill(on, { place.x + gutter - hair, place.y, place.width - gutter, height + tight }, theme::radius::bar,
        theme[theme::Category::Alert].fill.faded(theme.tint));
    paragraph(on, inside.moved(0, hair), error, theme::Style::Caption, theme.text);
    return height + snug;
}

}

void draw_dockerfile(Canvas const& canvas, Rect const& rect, BuildMoment const& moment, Context& context)
{
    auto const& theme = canvas.theme();
    card(canvas, rect, { .elevation = theme::Elevation::Flat });
    auto const inside = rect.inset(tight, tight);
    text_in(canvas, inside.top_part(24).inset(hair, 0), "Dockerfile", theme::Style::Strong, theme.text);
    auto const place = inside.without_top(28);
    if (moment.build.dockerfile.empty()) {
        paragraph(canvas, place.inset(hair, 0), words::tr("This trace does not tell the file's text."),
            theme::Style::Body, theme.dim_text);
        return;
    }
    ScrollArea area(canvas, "build.dockerfile", place);
    auto const& on = area.canvas();
    auto const* const lit = moment.step();
    float y = 0;
    for (std::int64_t line = 1; line <= std::ssize(moment.build.dockerfile); ++line) {
        Rect const row { 0, y, area.width(), code_height };
        if (on.is_visible(row))
            draw_code_line(on, row, moment, line, context);
        y += code_height;
        auto const* const step = moment.build.step_at_line(line);
        if (step != nullptr && step->state == StepState::Failed && line + 1 == moment.build.end_line(*step))
            y += draw_failure(on, { 0, y, area.width(), 400 }, step->error);
        if (lit != nullptr && step == lit && context.state.build_revealed.first != lit->number)
            area.reveal(row.outset(code_height));
    }
    area.set_content_height(y);
}

}
