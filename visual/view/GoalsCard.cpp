// What is to be reached, and for each goal that is not: why not yet. Below, on demand, the hints: a nudge first, the
// command last. At the stage's lower left, away from what the lesson shows.

#include "sim/words/Language.h"
#include "sim/words/Told.h"
#include "visual/stage/Names.h"
#include "visual/view/Views.h"

#include <fmt/format.h>

namespace drydock::view {

namespace {

using namespace canvas;
using namespace theme::space;

constexpr float goals_width = 540, mark_room = 26;

// Draws one below the other, or only measures.
class GoalsCard {
public:
    GoalsCard(Canvas const& canvas, Context& context, world::Scenario const& scenario)
        : m_canvas(canvas)
        , m_theme(canvas.theme())
        , m_context(context)
        , m_scenario(scenario)
    {
    }

    float height() { return walk({ 0, 0, goals_width, 2000 }, false); }
    void draw(Rect const& box) { walk(box, true); }

private:
    float walk(Rect const& box, bool draws)
    {
        m_draws = draws;
        m_rest = box.inset(wide, normal);
        if (m_context.state.goals_open)
            goals();
        hints();
        return m_rest.y - box.y + normal;
    }

    void goals()
    {
        title(words::tr("Goals"), words::tr("G closes"));
        for (auto const& goal : m_scenario.goals) {
            if (m_draws)
                icon(m_canvas, { m_rest.x + 8, m_rest.y + 11 }, goal.met ? theme::Icon::Check : theme::Icon::Bullseye,
                    goal.met ? m_theme[theme::Category::Network].stroke : m_theme.dim_text);
            text(goal.text, theme::Style::Body, goal.met ? m_theme.dim_text : m_theme.text);
            if (!goal.met && !goal.why_not.empty())
                text(words::say("Not yet: {}", words::told(goal.why_not)), theme::Style::Caption, m_theme.dim_text);
            m_rest = m_rest.without_top(tight);
        }
    }

    void hints()
    {
        auto const* hints = m_context.input.hints;
        auto const shown = m_context.state.hints_shown;
        if (hints == nullptr || hints->empty())
            return;
        bool const is_due
            = shown < hints->size() && m_context.input.attempts >= (*hints)[shown].after_attempts && !all_met();
        if (shown == 0) {
            if (m_context.state.goals_open)
                note(words::tr("H gives a hint"), is_due ? m_theme.accent : m_theme.dim_text);
            return;
        }
        auto const& hint = (*hints)[std::min(shown, hints->size()) - 1];
        title(words::say("Hint {} of {}", shown, hints->size()),
            shown == hints->size() ? words::tr("H closes") : words::tr("H says more"));
        if (m_draws)
            icon(m_canvas, { m_rest.x + 8, m_rest.y + 11 }, theme::Icon::Lightbulb, m_theme.accent);
        text(hint.text, theme::Style::Body, m_theme.text);
    }

    bool all_met() const
    {
        return std::all_of(m_scenario.goals.begin(), m_scenario.goals.end(), [](auto const& goal) { return goal.met; });
    }
    void title(std::string_view left, std::string_view right)
    {
        if (m_draws) {
            text_in(m_canvas, m_rest.top_part(22), left, theme::Style::Strong, m_theme.accent);
            text_in(m_canvas, m_rest.top_part(22), right, theme::Style::Caption, m_theme.dim_text, Align::End);
        }
        m_rest = m_rest.without_top(28);
    }
    void note(std::string_view what, theme::Color color)
    {
        if (m_draws)
            text_in(m_canvas, m_rest.top_part(22), what, theme::Style::Caption, color);
        m_rest = m_rest.without_top(24);
    }
    void text(std::string_view what, theme::Style style, theme::Color color)
    {
        auto const room = m_rest.without_left(mark_room);
        auto const height = paragraph_height(m_canvas.measure(), style, what, room.width);
        if (m_draws)
            paragraph(m_canvas, room.top_part(height), what, style, color);
        m_rest = m_rest.without_top(height + hair);
    }

    Canvas const& m_canvas;
    theme::Theme const& m_theme;
    Context& m_context;
    world::Scenario const& m_scenario;
    Rect m_rest;
    bool m_draws { false };
};

}

void draw_goals(Canvas const& canvas, Rect const& stage, Context& context)
{
    auto& state = context.state;
    if ((!state.goals_open && state.hints_shown == 0) || state.player.beat() == nullptr)
        return;
    auto const& scenario = state.player.world().scenario;
    if (!scenario)
        return;
    GoalsCard measured(canvas, context, *scenario);
    auto const height = std::min(measured.height(), stage.height - 2 * normal);
    Rect const box { stage.x + wide, stage.bottom() - height - normal, goals_width, height };
    canvas::Overlay const overlay(canvas, "goals", box, OverlayKind::Floating);
    card(overlay.canvas(), box, { .elevation = theme::Elevation::Spotlight });
    GoalsCard(overlay.canvas(), context, *scenario).draw(box);
    canvas.mark("goals", box);
}

}
