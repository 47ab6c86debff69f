#include "sim/words/Language.h"
#include "visual/view/Describe.h"
#include "visual/view/Views.h"

#include <fmt/format.h>

namespace drydock::view {

namespace {

using namespace canvas;
using namespace theme::space;

// Draws one below the other, and counts how far down it has come.
class Column {
public:
    Column(Canvas const& canvas, float width)
        : m_canvas(canvas)
        , m_width(width)
    {
    }
    float y() const { return m_y; }

    void words(std::string const& text)
    {
        m_y += paragraph(m_canvas, { 0, m_y, m_width, 1000 }, text, theme::Style::Body, m_canvas.theme().text) + snug;
    }
    void field(trace::FieldText const& field)
    {
        auto const& theme = m_canvas.theme();
        m_y += paragraph(
            m_canvas, { 0, m_y, m_width, 40 }, field.name, theme::Style::Caption, theme.dim_text, Align::Start, 1);
        auto const value = field.value.empty() ? std::string("–") : field.value;
        m_y += paragraph(m_canvas, { 0, m_y, m_width, 1000 }, value, theme::Style::Mono, theme.text, Align::Start, 4)
            + tight;
    }
    void raw(std::string const& line)
    {
        m_y += paragraph(m_canvas, { 0, m_y, m_width, 2000 }, line, theme::Style::Mono, m_canvas.theme().dim_text,
                   Align::Start, 24)
            + snug;
    }
    void proof(Proof const& proof, std::size_t index, Context& context)
    {
        auto const& theme = m_canvas.theme();
        m_y += paragraph(m_canvas, { 0, m_y, m_width, 200 }, proof.claim, theme::Style::Body, theme.text) + hair;
        auto const inside = m_width - 2 * snug - control_height;
        auto const height = std::max(control_height,
            paragraph_height(m_canvas.measure(), theme::Style::Mono, proof.command, inside) + 2 * tight);
        Rect const box { 0, m_y, m_width, height };
        fill(m_canvas, box, theme::radius::control, theme.raised);
        paragraph(m_canvas, { snug, m_y + tight, inside, height }, proof.command, theme::Style::Mono, theme.text);
        Rect const copy { box.right() - control_height - hair, m_y + (height - control_height) / 2, control_height,
            control_height };
        if (icon_button(m_canvas, fmt::format("inspector.copy.{}", index), copy, theme::Icon::Copy,
                { .emphasis = Emphasis::Quiet, .hint = words::tr("Copy the command") }))
            context.commands.push_back(CopyText { proof.command });
        m_y += height + normal;
    }
    void empty(std::string const& text)
    {
        m_y += paragraph(m_canvas, { 0, m_y, m_width, 200 }, text, theme::Style::Body, m_canvas.theme().dim_text);
    }

private:
    Canvas const& m_canvas;
    float m_width;
    float m_y { 0 };
};

Description described(Context& context)
{
    auto& player = context.state.player;
    auto const& world = player.world();
    auto description = describe(context.state.selected, world, player.log(), player.records());
    if (description.kind.empty() && player.beat() != nullptr)
        return describe_record(player.log()[player.beat()->lead], world);
    return description;
}

void draw_tab(Column& column, Description const& description, Context& context)
{
    switch (context.state.inspector_tab) {
    case 0:
        for (auto const& sentence : description.words)
            column.words(sentence);
        break;
    case 1:
        for (auto const& field : description.fields)
            column.field(field);
        break;
    case 2:
        for (auto const& line : description.raw)
            column.raw(line);
        break;
    default:
        for (std::size_t i = 0; i < description.proofs.size(); ++i)
            column.proof(description.proofs[i], i, context);
        if (description.proofs.empty())
            column.empty(words::say("There is nothing outside of Drydock that shows this."));
    }
}

}

void draw_inspector(Canvas const& canvas, Rect const& rect, Context& context)
{
    panel(canvas, rect, Side::Left);
    if (context.state.player.beat() == nullptr)
        return;
    auto const& theme = canvas.theme();
    auto const description = described(context);
    auto inside = rect.inset(normal, snug);
    text_in(canvas, inside.top_part(22), description.kind, theme::Style::Caption, theme.dim_text);
    text_in(canvas, inside.without_top(20).top_part(30), description.name, theme::Style::Heading, theme.text);
    inside = inside.without_top(58);
    std::array<std::string_view, 4> const tabs { words::tr("Words"), words::tr("Fields"), words::tr("Raw"),
        words::tr("Proof") };
    segmented(canvas, "inspector.tab", inside.top_part(control_height), tabs, context.state.inspector_tab);
    ScrollArea area(
        canvas, fmt::format("inspector.{}", context.state.inspector_tab), inside.without_top(control_height + snug));
    Column column(area.canvas(), area.width());
    draw_tab(column, description, context);
    area.set_content_height(column.y());
}

}
