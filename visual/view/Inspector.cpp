#include "sim/words/Language.h"
#include "sim/words/Words.h"
#include "visual/stage/Names.h"
#include "visual/view/Column.h"
#include "visual/view/Describe.h"
#include "visual/view/Exchanges.h"
#include "visual/view/ObjectMenu.h"
#include "visual/view/Views.h"

#include <fmt/format.h>

namespace drydock::view {

namespace {

using namespace canvas;
using namespace theme::space;
using words::say;
using words::tr;

constexpr std::size_t told_in_words = 6, told_raw = 12;

// What is selected, or the event that the moment is about.
class InspectorView {
public:
    InspectorView(Canvas const& canvas, Context& context)
        : m_canvas(canvas)
        , m_theme(canvas.theme())
        , m_context(context)
        , m_state(context.state)
        , m_moment(moment_of(context))
        , m_id(m_state.selected)
        , m_description(view::describe(m_id, m_moment))
    {
        if (m_description.kind.empty()) {
            m_id = stage::record_id(m_state.player.beat()->lead);
            m_description = view::describe(m_id, m_moment);
        }
        if (auto const* record = selected_record())
            m_mentions = std::span(&record->sequence, 1);
        else
            m_mentions = m_state.mentions.of(subject_of(m_id, m_moment.world), m_moment.log, m_moment.records);
    }

    void draw(Rect const& rect)
    {
        auto inside = rect.inset(normal, snug);
        text_in(m_canvas, inside.top_part(22), m_description.kind, theme::Style::Caption, m_theme.dim_text);
        text_in(m_canvas, inside.without_top(20).top_part(30), m_description.name, theme::Style::Heading, m_theme.text,
            Align::Start, Cut::Middle);
        inside = inside.without_top(58);
        std::array<std::string_view, 4> const tabs { tr("Words"), tr("Fields"), tr("Raw"), tr("Proof") };
        segmented(m_canvas, "inspector.tab", inside.top_part(control_height), tabs, m_state.inspector_tab);
        if (can_act_on_it()) {
            draw_menu_button(inside.bottom_part(control_height));
            inside = inside.without_bottom(control_height + tight);
        }
        ScrollArea area(
            m_canvas, fmt::format("inspector.{}", m_state.inspector_tab), inside.without_top(control_height + snug));
        Column column(area.canvas(), area.width());
        switch (m_state.inspector_tab) {
        case 0: draw_words(column); break;
        case 1: draw_fields(column); break;
        case 2: draw_raw(column); break;
        default: draw_proofs(column);
        }
        area.set_content_height(column.y());
    }

private:
    // What the right button does on the stage, for those who do not try the right button.
    bool can_act_on_it() const
    {
        auto const& input = m_context.input;
        return input.live && input.terminal != nullptr && input.terminal->available && m_id == m_state.selected
            && !menu_of(m_id, m_moment.world).empty();
    }

    void draw_menu_button(Rect const& place)
    {
        auto const& action = info_of(Action::Menu);
        if (button(m_canvas, "inspector.menu", place, tr(action.label),
                { .icon = theme::Icon::Bolt, .chord = chord_of(Action::Menu) }))
            m_context.ask(Action::Menu);
    }

    trace::Record const* selected_record() const
    {
        if (!m_id.starts_with("record:"))
            return nullptr;
        return &m_moment.log[std::stoull(m_id.substr(7))];
    }

    void draw_words(Column& column)
    {
        for (auto const& sentence : m_description.words)
            column.words(sentence);
        if (selected_record() != nullptr || m_mentions.empty())
            return;
        column.title(tr("What happened to it last"));
        auto const shown = std::min(told_in_words, m_mentions.size());
        for (std::size_t i = 0; i < shown; ++i) {
            auto const record = m_mentions[m_mentions.size() - 1 - i];
            if (column.sentence_link(fmt::format("inspector.happened.{}", i),
                    words::sentence(m_moment.log[record].event, m_moment.world)))
                m_state.selected = stage::record_id(record);
        }
        if (m_mentions.size() > shown)
            column.note(say("and {} events before", m_mentions.size() - shown));
    }

    void draw_fields(Column& column)
    {
        for (auto const& field : m_description.fields)
            column.field(field.name, field.value);
        if (m_description.fields.empty())
            column.note(tr("It has none."));
    }

    void draw_raw(Column& column)
    {
        if (m_id.starts_with("exchange:"))
            return draw_http(column);
        auto const shown = std::min(told_raw, m_mentions.size());
        for (std::size_t i = 0; i < shown; ++i) {
            auto const record = m_mentions[m_mentions.size() - 1 - i];
            auto const& event = m_moment.log[record].event;
            column.note(say("record {}, {}", record, trace::name_of(event)));
            column.json(fmt::format("inspector.raw.{}", record), json_lines(trace::to_json(event)),
                m_state.folded_records[record]);
        }
        if (m_mentions.size() > shown)
            column.note(say("and {} records before", m_mentions.size() - shown));
        if (m_mentions.empty())
            column.note(tr("No record speaks of it: it is a place, not a thing."));
    }

    void draw_http(Column& column)
    {
        auto const* run = m_moment.index.exchange(ExchangeId { m_id.substr(9) });
        ExchangeView const exchange(*run, m_moment.log, m_moment.index, m_moment.records);
        auto const& request = exchange.request();
        column.mono(
            fmt::format("{} {} HTTP/1.1\n{}\n{}", request.method, request.target, request.headers, request.body), 60);
        if (auto const* response = exchange.response())
            column.mono(fmt::format("HTTP/1.1 {} {}\n{}\n{}", response->status, response->reason, response->headers,
                            response->body),
                60);
    }

    void draw_proofs(Column& column)
    {
        auto const means = m_context.input.proofs;
        for (std::size_t i = 0; i < m_description.proofs.size(); ++i)
            draw_proof(column, i);
        if (m_description.proofs.empty())
            column.note(tr("There is nothing outside of Drydock that shows this."));
        else if (means == ProofMeans::Nothing)
            column.note(tr("This was recorded elsewhere, so nothing is run for it. The commands can be copied."));
        else if (means == ProofMeans::Client)
            column.note(tr("The world is simulated: what the client asks can be run; only a live container can be "
                           "looked at from outside."));
        draw_source(column);
    }

    void draw_proof(Column& column, std::size_t index)
    {
        auto const& proof = m_description.proofs[index];
        auto const means = m_context.input.proofs;
        auto const* last = m_context.input.proof;
        bool const is_last = last != nullptr && last->object == m_id && last->index == index;
        column.text(proof.claim, theme::Style::Body, m_theme.text);
        column.gap(hair);
        if (column.command(fmt::format("inspector.copy.{}", index), proof.command))
            m_context.commands.push_back(CopyText { proof.command });
        column.gap(hair);
        bool const possible
            = means == ProofMeans::Shell || (means == ProofMeans::Client && is_client_command(proof.command));
        if (possible) {
            bool const runs = is_last && last->running;
            auto const label = runs ? tr("Running …") : is_last ? tr("Run again") : tr("Run it");
            ButtonLook const look { .icon = theme::Icon::Play, .enabled = !runs };
            auto const place
                = column.take(control_height).left_part(button_width(column.canvas().measure(), label, look));
            if (button(column.canvas(), fmt::format("inspector.run.{}", index), place, label, look))
                m_context.commands.push_back(RunProof { m_id, index });
            column.gap(tight);
        }
        if (is_last && !last->running)
            draw_output(column, *last);
        column.gap(snug);
    }

    void draw_output(Column& column, ProofRun const& run)
    {
        bool const good = run.exit_code == 0;
        auto const& stroke = m_theme[good ? theme::Category::Network : theme::Category::Alert].stroke;
        auto const top = column.y();
        if (run.output.empty())
            column.note(tr("It printed nothing."));
        for (auto rest = std::string_view(run.output); !rest.empty();) {
            auto const end = std::min(rest.find('\n'), rest.size());
            column.text(without_columns(rest.substr(0, end)), theme::Style::Mono, m_theme.text, 12);
            rest.remove_prefix(std::min(end + 1, rest.size()));
        }
        fill(column.canvas(), { -8, top, 3, column.y() - top }, 1, stroke);
        if (run.cut)
            column.note(tr("Only its beginning is shown."));
        if (!run.exit_code)
            column.note(tr("It did not end within 10 seconds."));
        else if (!good)
            column.note(say("Exit status {}", *run.exit_code));
    }

    // The line of Drydock that published the last event about it: the code is the last proof.
    void draw_source(Column& column)
    {
        if (m_mentions.empty())
            return;
        auto const& record = m_moment.log[m_mentions.back()];
        column.gap(tight);
        column.title(tr("The code that did it and said so"));
        column.note(
            say("{}, published as {}", trace::name_of(record.event), words::sentence(record.event, m_moment.world)));
        auto const where = fmt::format("{}:{}", record.source.file, record.source.line);
        if (column.command("inspector.copy.source", where))
            m_context.commands.push_back(CopyText { where });
        column.gap(tight);
        auto const* excerpt = m_context.input.source_at;
        bool const given
            = excerpt != nullptr && excerpt->file == record.source.file && excerpt->line == record.source.line;
        if (!given) {
            m_context.commands.push_back(ShowSource { record.source.file, record.source.line });
            return;
        }
        if (excerpt->lines.empty())
            return column.note(tr("The source is not on this machine."));
        for (std::size_t i = 0; i < excerpt->lines.size(); ++i)
            draw_source_line(column, *excerpt, i);
    }

    void draw_source_line(Column& column, SourceExcerpt const& excerpt, std::size_t i)
    {
        constexpr float numbers = 40;
        auto const& canvas = column.canvas();
        auto const number = excerpt.first + static_cast<std::uint32_t>(i);
        auto const& whole = excerpt.lines[i];
        auto const text = std::string_view(whole).substr(std::min(whole.size(), common_indent(excerpt)));
        auto const indent = 6 * static_cast<float>(std::min(text.find_first_not_of(' '), text.size()));
        auto const words = text.substr(std::min(text.find_first_not_of(' '), text.size()));
        auto const left = numbers + tight + indent;
        auto const height = std::max(Measure::line_height(theme::Style::Mono),
            paragraph_height(canvas.measure(), theme::Style::Mono, words, column.width() - left));
        auto const row = column.take(height);
        if (number == excerpt.line)
            fill(canvas, row, theme::radius::bar, m_theme.accent.faded(0.18f));
        text_in(canvas, row.top_part(Measure::line_height(theme::Style::Mono)).left_part(numbers),
            std::to_string(number), theme::Style::Mono, m_theme.dim_text, Align::End);
        paragraph(canvas, row.without_left(left), words, theme::Style::Mono, m_theme.text);
    }

    static std::size_t common_indent(SourceExcerpt const& excerpt)
    {
        auto common = std::string::npos;
        for (auto const& line : excerpt.lines) {
            if (auto const first = line.find_first_not_of(' '); first != std::string::npos)
                common = std::min(common, first);
        }
        return common == std::string::npos ? 0 : common;
    }

    Canvas const& m_canvas;
    theme::Theme const& m_theme;
    Context& m_context;
    State& m_state;
    Moment m_moment;
    std::string m_id;
    Description m_description;
    std::span<std::uint64_t const> m_mentions; // records that speak of it
};

}

Moment moment_of(Context& context)
{
    auto& player = context.state.player;
    return { player.world(), player.log(), context.state.index, player.records() };
}

void draw_inspector(Canvas const& canvas, Rect const& rect, Context& context)
{
    panel(canvas, rect, Side::Left);
    if (context.state.player.beat() != nullptr)
        InspectorView(canvas, context).draw(rect);
}

}
