// Be the daemon: the learner performs the next step of a recorded `docker run`; any order that is possible is accepted.

#include "sim/words/Language.h"
#include "visual/view/Views.h"

#include <fmt/format.h>

namespace drydock::view {

namespace {

using namespace canvas;
using namespace theme::space;

constexpr float step_row = 34, card_width = 860;

class DaemonCard {
public:
    DaemonCard(Canvas const& canvas, Rect const& box, Context& context)
        : m_canvas(canvas)
        , m_theme(canvas.theme())
        , m_context(context)
        , m_game(*context.state.daemon_game)
    {
        card(m_canvas, box, { .elevation = theme::Elevation::Spotlight });
        auto inside = box.inset(wide, normal);
        text_in(m_canvas, inside.top_part(30), words::tr("You are the daemon"), theme::Style::Heading, m_theme.text);
        text_in(
            m_canvas, inside.top_part(30), words::tr("Esc ends"), theme::Style::Caption, m_theme.dim_text, Align::End);
        text_in(m_canvas, inside.without_top(30).top_part(24),
            words::tr("A client has asked you to run a container. What do you do next?"), theme::Style::Body,
            m_theme.dim_text);
        inside = inside.without_top(64);
        draw_verdict(inside.bottom_part(52));
        inside = inside.without_bottom(60);
        auto const halves = columns(inside, 2, wide);
        draw_done(halves[0]);
        draw_left(halves[1]);
    }

private:
    void draw_done(Rect const& column)
    {
        text_in(m_canvas, column.top_part(24), words::tr("Done"), theme::Style::Strong, m_theme.accent);
        ScrollArea area(m_canvas, "daemon.done", column.without_top(28));
        float y = 0;
        for (std::size_t i = 0; i < m_game.done().size(); ++i) {
            Rect const row { 0, y, area.width(), step_row };
            text_in(area.canvas(), row.left_part(28), std::to_string(i + 1), theme::Style::Caption, m_theme.dim_text);
            text_in(area.canvas(), row.without_left(30), m_game.steps()[m_game.done()[i]].label, theme::Style::Body,
                m_theme.text);
            y += step_row;
        }
        if (m_game.done().empty())
            text_in(area.canvas(), { 0, 0, area.width(), step_row }, words::tr("nothing yet"), theme::Style::Body,
                m_theme.dim_text);
        area.set_content_height(y);
        area.scroll_to_end();
    }

    void draw_left(Rect const& column)
    {
        text_in(m_canvas, column.top_part(24), words::tr("What is left"), theme::Style::Strong, m_theme.accent);
        ScrollArea area(m_canvas, "daemon.left", column.without_top(28));
        float y = 0;
        std::optional<std::size_t> chosen;
        for (auto const step : m_game.left()) {
            if (button(area.canvas(), fmt::format("daemon.step.{}", step), { 2, y + 2, area.width() - 4, step_row - 4 },
                    m_game.steps()[step].label))
                chosen = step;
            y += step_row;
        }
        area.set_content_height(y);
        // The stage goes along, as far as the run did it in the same order.
        if (chosen && m_game.choose(*chosen))
            m_context.state.player.seek_to_record(m_game.steps()[*chosen].record);
    }

    void draw_verdict(Rect const& row)
    {
        if (m_game.over()) {
            auto const words = m_game.mistakes() == 0
                ? words::say("The container runs, and you have not made one mistake.")
                : words::say("The container runs. {} would have failed on the way.",
                    words::counted(m_game.mistakes(), words::key("step"), words::key("steps")));
            paragraph(m_canvas, row, words, theme::Style::Strong, m_theme[theme::Category::Network].stroke);
        } else if (!m_game.complaint().empty()) {
            icon(m_canvas, { row.x + 8, row.y + 11 }, theme::Icon::Warning, m_theme[theme::Category::Alert].stroke);
            paragraph(m_canvas, row.without_left(26), m_game.complaint(), theme::Style::Body,
                m_theme[theme::Category::Alert].stroke, Align::Start, 2);
        }
    }

    Canvas const& m_canvas;
    theme::Theme const& m_theme;
    Context& m_context;
    DaemonGame& m_game;
};

}

void draw_daemon_game(Canvas const& canvas, Rect const& stage, Context& context)
{
    auto& state = context.state;
    if (!state.daemon_game)
        return;
    auto const width = std::min(card_width, stage.width - 2 * normal);
    auto const wanted = 190 + step_row * static_cast<float>(state.daemon_game->steps().size());
    auto const box = Rect::centered(stage.center(), { width, std::min(wanted, stage.height - 2 * snug) });
    canvas::Overlay const overlay(canvas, "daemon-game", box, OverlayKind::Modal);
    DaemonCard(overlay.canvas(), box, context);
    if (overlay.dismissed())
        state.daemon_game.reset();
}

}
