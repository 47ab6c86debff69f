// Every figure of the comparison that was told by now: what was measured, what the model says, what publications say.

#include "sim/words/Language.h"
#include "visual/view/CompareParts.h"
#include "visual/view/EmptyState.h"

#include <fmt/format.h>

namespace drydock::view {

namespace {

using namespace canvas;
using namespace theme::space;
using words::say;
using words::tr;

constexpr float table_row = 28;

// Figures that answer one question and may be compared, the first being what the others are times of.
struct FigureTable {
    std::string what;
    std::vector<std::pair<std::string, Told>> rows; // by subject
};

std::vector<FigureTable> tables_of(std::vector<trace::MeasurementTaken> const& all)
{
    std::vector<FigureTable> tables;
    for (auto const& taken : all) {
        auto const it = told(taken);
        auto const table = std::find_if(tables.begin(), tables.end(), [&](FigureTable const& t) {
            auto const& first = t.rows.front().second;
            return t.what == taken.what && first.from == it.from && first.run == it.run;
        });
        if (table == tables.end()) {
            tables.push_back({ taken.what, { { taken.subject, it } } });
            continue;
        }
        // The story of a modelled boot tells again what its table told.
        auto& rows = table->rows;
        auto const row
            = std::find_if(rows.begin(), rows.end(), [&](auto const& known) { return known.first == taken.subject; });
        if (row == rows.end())
            rows.emplace_back(taken.subject, it);
    }
    return tables;
}

class Tables {
public:
    Tables(Canvas const& canvas, float width)
        : m_canvas(canvas)
        , m_theme(canvas.theme())
        , m_width(width)
    {
    }

    float y() const { return m_y; }

    void draw(FigureTable const& table, std::size_t number)
    {
        auto const& [base_name, base] = table.rows.front();
        bool const divided = table.rows.size() > 1 && ratio_text(base, base, "").has_value();
        auto const title
            = divided ? say("{}, in multiples of: {}", tr(table.what), tr(base_name)) : std::string(tr(table.what));
        text_in(m_canvas, take(34), title, theme::Style::Strong, m_theme.text);
        double most = 0;
        for (auto const& row : table.rows)
            most = std::max(most, row.second.figure.value);
        for (std::size_t i = 0; i < table.rows.size(); ++i) {
            auto const rect = take(table_row);
            if (m_canvas.is_visible(rect))
                draw_row(rect, table.rows[i], divided ? &table.rows.front() : nullptr, most,
                    fmt::format("compare.figure.{}.{}", number, i));
        }
        m_y += normal;
    }

private:
    Rect take(float height)
    {
        Rect const rect { 0, m_y, m_width, height };
        m_y += height;
        return rect;
    }

    void draw_row(Rect const& rect, std::pair<std::string, Told> const& row,
        std::pair<std::string, Told> const* baseline, double most, std::string const& name)
    {
        auto const& [subject, it] = row;
        // Where there is little room, the words go before the bars.
        bool const bars = rect.width > 1000;
        auto const label = rect.width * 0.34f, figure = std::max(180.0f, rect.width * 0.18f);
        auto const ratio = bars ? rect.width * 0.3f : rect.width - label - figure;
        text_in(m_canvas, rect.left_part(label - tight), tr(subject), theme::Style::Body, m_theme.text);
        draw_figure(m_canvas, rect.without_left(label).left_part(figure - tight), name, it);
        if (baseline != nullptr) {
            if (auto const words = ratio_text(it, baseline->second, tr(baseline->first)); words && &row != baseline)
                text_in(m_canvas, rect.without_left(label + figure).left_part(ratio - tight), *words,
                    theme::Style::Caption, m_theme.dim_text);
        }
        if (!bars)
            return;
        auto const room = rect.without_left(label + figure + ratio).inset(0, 8);
        auto const part = most > 0 ? static_cast<float>(it.figure.value / most) : 0.0f;
        Rect const bar { room.x, room.y, std::max(1.5f, room.width * part), room.height };
        auto const& color = m_theme[theme::Category::Process];
        if (it.from == trace::Provenance::Live)
            fill(m_canvas, bar, 2, color.fill);
        else
            outline(m_canvas, bar, 2, color.stroke, 1, badge_stroke(it.from));
    }

    Canvas const& m_canvas;
    theme::Theme const& m_theme;
    float m_width;
    float m_y { 0 };
};

}

void draw_compare_tables(Canvas const& canvas, Rect const& rect, Context& context)
{
    auto const tables = tables_of(context.state.player.world().measurements);
    if (tables.empty())
        return draw_empty_state(canvas, rect,
            { tr("No figure was taken yet"),
                tr("drydock compare measures on this machine whatever can be measured here, and with --record writes a "
                   "trace that this view shows."),
                {} },
            context);
    ScrollArea area(canvas, "compare.tables", rect);
    Tables pen(area.canvas(), area.width());
    for (std::size_t i = 0; i < tables.size(); ++i)
        pen.draw(tables[i], i);
    area.set_content_height(pen.y());
}

}
