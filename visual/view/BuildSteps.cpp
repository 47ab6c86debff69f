#include "sim/words/Language.h"
#include "sim/words/Words.h"
#include "visual/stage/Names.h"
#include "visual/view/BuildParts.h"

#include <fmt/format.h>

namespace drydock::view {

namespace {

using namespace canvas;
using namespace theme::space;

constexpr float step_height = 54, detail_height = 22, stage_height = 30;
constexpr int most_lines = 2; // of a reason or a command

// The reasons that the builder gives, in the language that is on.
std::string reason_words(BuildStepModel const& step)
{
    if (!step.changed.empty())
        return words::say("{} differs from what the earlier build copied", step.changed);
    std::array<std::pair<std::string_view, std::string_view>, 5> const known { {
        { "an earlier build did the same on the same parent",
            words::tr("an earlier build did the same on the same parent") },
        { "no earlier build did this on the same parent", words::tr("no earlier build did this on the same parent") },
        { "a step before it was made anew", words::tr("a step before it was made anew") },
        { "the cache is switched off", words::tr("the cache is switched off") },
        { "it copies other files than the earlier build", words::tr("it copies other files than the earlier build") },
    } };
    for (auto const& [reason, said] : known) {
        if (step.reason == reason)
            return std::string(said);
    }
    return step.reason;
}

std::string outcome_words(BuildStepModel const& step)
{
    switch (step.state) {
    case StepState::Running:
        if (!step.container || !step.container->started)
            return std::string(words::tr("at work"));
        return std::string(
            step.container->exit_code ? words::tr("its container has ended") : words::tr("runs in its container"));
    case StepState::Failed: return std::string(words::tr("failed"));
    case StepState::Begun: return std::string(words::tr("the base: nothing is made"));
    case StepState::Cached:
        return std::string(
            step.layer ? words::tr("from the cache: a layer") : words::tr("from the cache: config only"));
    case StepState::Done: break;
    }
    if (!step.layer)
        return std::string(step.keyword() == "RUN" ? words::tr("ran, and changed no file: no layer")
                                                   : words::tr("config only: no layer"));
    return std::string(
        step.keyword() == "RUN" ? words::tr("ran: what it changed is a layer") : words::tr("files written: a layer"));
}

// "ran, exit 0, removed"
std::string fate_words(BuildContainer const& container)
{
    std::string text(!container.started ? words::tr("never started")
            : container.exit_code       ? words::tr("ran")
                                        : words::tr("runs"));
    if (container.exit_code)
        text += ", " + words::say("exit {}", *container.exit_code);
    if (container.removed)
        text += ", " + std::string(words::tr("removed"));
    return text;
}

// The longest way to say it that fits.
std::string container_words(Measure const& measure, BuildContainer const& container, float width)
{
    auto const fate = fate_words(container);
    auto const whole = words::say("container {}: {}", container.id.short_form(), fate);
    if (measure.width(theme::Style::Caption, whole) <= width)
        return whole;
    return words::say("container: {}", fate);
}

StateMark mark_of(BuildContainer const& container)
{
    if (container.removed || container.exit_code)
        return StateMark::Stopped;
    return container.started ? StateMark::Running : StateMark::Created;
}

struct Detail {
    std::string text;
    theme::Style style { theme::Style::Caption };
};

// What opens below the lit step.
std::vector<Detail> details_of(BuildStepModel const& step)
{
    std::vector<Detail> details;
    if (!step.reason.empty())
        details.push_back({ (step.state == StepState::Cached ? words::say("cached: {}", reason_words(step))
                                                             : words::say("not cached: {}", reason_words(step))) });
    if (step.container && step.keyword() == "RUN")
        details.push_back({ words::command_text(step.container->command), theme::Style::Mono });
    if (step.layer)
        details.push_back({ words::say("layer {}", step.layer->short_form()) });
    return details;
}

class StepRows {
public:
    StepRows(Canvas const& canvas, BuildMoment const& moment, Context& context, float width)
        : m_canvas(canvas)
        , m_theme(canvas.theme())
        , m_moment(moment)
        , m_context(context)
        , m_width(width)
    {
    }
    float height() const { return m_y; }
    Rect const& lit() const { return m_lit; }

    void stage(std::size_t number)
    {
        auto const& stage = m_moment.build.stages[number];
        Rect const row { 0, m_y, m_width, stage_height };
        text_in(m_canvas, row.inset(hair, 0), words::say("Stage {}", stage.name), theme::Style::Strong,
            number == m_moment.lit_stage ? m_theme.text : m_theme.dim_text);
        line(m_canvas, { row.x, row.bottom() - 3 }, { row.right(), row.bottom() - 3 }, m_theme.line);
        m_y += stage_height;
    }

    void step(std::size_t index)
    {
        auto const& step = m_moment.build.steps[index];
        bool const is_lit = index == m_moment.lit;
        auto const details = is_lit ? details_of(step) : std::vector<Detail> {};
        auto extra = step.container ? detail_height : 0;
        for (auto const& detail : details)
            extra += height_of(detail);
        Rect const row { 2, m_y + 2, m_width - 4, step_height + extra }; // the outline of what is lit is inside as well
        m_y += row.height + hair + 2;
        if (is_lit)
            m_lit = row;
        if (!m_canvas.is_visible(row))
            return;
        auto const hand = touch(m_canvas, fmt::format("build.step.{}", step.number), row);
        card(m_canvas, row, { .elevation = theme::Elevation::Flat, .selected = is_lit });
        if (hand.warmth > 0)
            fill(m_canvas, row, theme::radius::card, m_theme.text.faded(0.05f * hand.warmth));
        focus_ring(m_canvas, hand, theme::radius::card);
        if (hand.clicked)
            choose_step(m_moment, index, m_context);
        draw_step(row.inset(snug, hair), step);
        auto below = row.without_top(step_height - hair).inset(snug, 0).without_left(28);
        if (step.container) {
            draw_container(below.top_part(detail_height), *step.container);
            below = below.without_top(detail_height);
        }
        for (auto const& detail : details) {
            paragraph(m_canvas, below, detail.text, detail.style, m_theme.text, Align::Start, most_lines);
            below = below.without_top(height_of(detail));
        }
    }

private:
    float height_of(Detail const& detail) const
    {
        auto const width = m_width - 4 - 2 * snug - 28;
        return std::min(paragraph_height(m_canvas.measure(), detail.style, detail.text, width),
            most_lines * Measure::line_height(detail.style));
    }

    void draw_step(Rect const& inside, BuildStepModel const& step)
    {
        draw_state({ inside.x + 10, inside.y + 14 }, step.state);
        auto const text = inside.without_left(28);
        auto const right = step.layer ? human_size(step.size) : std::string();
        auto const room = right.empty() ? 0 : m_canvas.measure().width(theme::Style::Caption, right) + tight;
        text_in(m_canvas, text.top_part(26).without_right(room), step.instruction, theme::Style::Strong, m_theme.text);
        text_in(m_canvas, text.top_part(26), right, theme::Style::Caption, m_theme.dim_text, Align::End);
        auto const alert = step.state == StepState::Failed;
        text_in(m_canvas, text.without_top(25).top_part(22), outcome_words(step), theme::Style::Caption,
            alert ? m_theme[theme::Category::Alert].stroke : m_theme.dim_text);
    }

    void draw_state(Point middle, StepState state)
    {
        auto const& storage = m_theme[theme::Category::Storage];
        switch (state) {
        case StepState::Running:
            disc(m_canvas, middle, 11, m_theme.accent);
            icon(m_canvas, { middle.x + 1, middle.y }, theme::Icon::Play, m_theme.on_accent, 11);
            return;
        case StepState::Failed:
            disc(m_canvas, middle, 11, m_theme[theme::Category::Alert].fill);
            icon(m_canvas, middle, theme::Icon::Close, m_theme[theme::Category::Alert].on_fill, 12);
            return;
        case StepState::Cached:
            ring(m_canvas, middle, 11, m_theme.dim_text, 1.5f);
            icon(m_canvas, middle, theme::Icon::Repeat, m_theme.dim_text, 12);
            return;
        case StepState::Begun:
            ring(m_canvas, middle, 11, m_theme.dim_text, 1.5f);
            icon(m_canvas, middle, theme::Icon::Down, m_theme.dim_text, 11);
            return;
        case StepState::Done:
            disc(m_canvas, middle, 11, storage.fill);
            icon(m_canvas, middle, theme::Icon::Check, storage.on_fill, 12);
            return;
        }
    }

    // Born for this step alone: of what it was only the changed files stay.
    void draw_container(Rect const& place, BuildContainer const& container)
    {
        state_mark(m_canvas, { place.x + 7, place.center().y }, mark_of(container), 6);
        auto const text = place.without_left(22);
        text_in(m_canvas, text, container_words(m_canvas.measure(), container, text.width), theme::Style::Caption,
            m_theme.text);
    }

    Canvas const& m_canvas;
    theme::Theme const& m_theme;
    BuildMoment const& m_moment;
    Context& m_context;
    float m_width;
    float m_y { 0 };
    Rect m_lit {};
};

}

Rect draw_build_steps(Canvas const& canvas, Rect const& rect, BuildMoment const& moment, Context& context)
{
    auto const& stages = moment.build.stages;
    text_in(canvas, rect.top_part(26), words::tr("Steps"), theme::Style::Strong, canvas.theme().text);
    ScrollArea area(canvas, "build.steps", rect.without_top(28));
    StepRows rows(area.canvas(), moment, context, area.width());
    std::size_t next_stage = 0;
    for (std::size_t i = 0; i < moment.build.steps.size(); ++i) {
        if (next_stage < stages.size() && stages[next_stage].first == i) {
            if (stages.size() > 1)
                rows.stage(next_stage);
            ++next_stage;
        }
        rows.step(i);
    }
    area.set_content_height(rows.height());
    auto const* const lit = moment.step();
    // It grows while more becomes known of it.
    auto const revealed
        = lit == nullptr ? std::pair<std::int64_t, float> {} : std::pair(lit->number, rows.lit().height);
    if (std::exchange(context.state.build_revealed, revealed) != revealed)
        area.reveal(rows.lit().outset(tight));
    auto const at = canvas.logical(area.canvas().device(rows.lit().origin()));
    return { at.x, at.y, rows.lit().width, rows.lit().height };
}

}
