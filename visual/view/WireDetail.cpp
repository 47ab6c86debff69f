#include "sim/words/Language.h"
#include "sim/words/Words.h"
#include "visual/stage/Names.h"
#include "visual/view/Column.h"
#include "visual/view/Exchanges.h"
#include "visual/view/WireParts.h"

#include <algorithm>
#include <array>

namespace drydock::view {

using namespace canvas;
using namespace theme::space;
using words::say;
using words::tr;

theme::Color color_of_status(theme::Theme const& theme, std::optional<std::int64_t> status)
{
    if (!status)
        return theme.dim_text;
    return *status >= 400 ? theme[theme::Category::Alert].stroke : theme.text;
}

std::string short_name(ActorId const& id, world::World const& world)
{
    auto name = words::name_of(id, world);
    if (name.starts_with("The "))
        name.front() = 't';
    return name;
}

std::string elapsed_text(std::int64_t nanoseconds)
{
    return human_duration(Duration(nanoseconds));
}

namespace {

// One exchange, opened.
class WireDetail {
public:
    WireDetail(Canvas const& canvas, Context& context, std::size_t index)
        : m_canvas(canvas)
        , m_theme(canvas.theme())
        , m_context(context)
        , m_state(context.state)
        , m_index(index)
        , m_exchange(context.state.index.exchanges()[index], context.state.player.log(), context.state.index,
              context.state.player.records())
    {
        auto& wire = m_state.wire;
        auto const id = exchange_id(m_exchange.run().id);
        if (wire.open != id) {
            wire.open = id;
            wire.folded_request.clear();
            wire.folded_answer.clear();
        }
    }

    void draw(Rect const& rect)
    {
        fill(m_canvas, rect, theme::radius::card, m_theme.surface);
        outline(m_canvas, rect, theme::radius::card, m_theme.line, m_theme.border_width);
        auto inside = rect.inset(normal, snug);
        draw_head(inside.top_part(66));
        inside = inside.without_top(74);
        draw_buttons(inside.top_part(control_height));
        inside = inside.without_top(control_height + snug);
        std::array<std::string_view, 3> const tabs { tr("Request"), tr("Answer"), tr("What it did") };
        segmented(m_canvas, "wire.tab", inside.top_part(control_height), tabs, m_state.wire.tab);
        ScrollArea area(m_canvas, fmt::format("wire.detail.{}.{}", m_exchange.run().id.value, m_state.wire.tab),
            inside.without_top(control_height + tight));
        Column column(area.canvas(), area.width());
        switch (m_state.wire.tab) {
        case 0: draw_request(column); break;
        case 1: draw_answer(column); break;
        default: draw_deeds(column);
        }
        area.set_content_height(column.y());
    }

private:
    world::World const& world() const { return m_state.player.world(); }

    void draw_head(Rect const& rect)
    {
        auto const& request = m_exchange.request();
        auto const line = request.method + " " + words::short_target(request.target);
        text_in(m_canvas, rect.top_part(28).without_right(control_height), line, theme::Style::Heading, m_theme.text,
            Align::Start, Cut::Middle);
        auto sentence = say("{} asks {} to {}.", words::name_of(request.from, world()), short_name(request.to, world()),
            words::purpose_of(request.method, request.target));
        if (!sentence.empty() && sentence.front() == 't')
            sentence.front() = 'T';
        text_in(m_canvas, rect.without_top(28).top_part(20), sentence, theme::Style::Caption, m_theme.text);
        auto const took = m_exchange.took();
        auto const timing = took
            ? say("Asked at {}, answered after {}", elapsed_text(m_exchange.asked_after()), elapsed_text(*took))
            : say("Asked at {}, not answered yet", elapsed_text(m_exchange.asked_after()));
        text_in(m_canvas, rect.without_top(47).top_part(18), timing, theme::Style::Caption, m_theme.dim_text);
        Rect const close { rect.right() - control_height + tight, rect.y - hair, control_height, control_height };
        if (icon_button(m_canvas, "wire.close", close, theme::Icon::Close,
                { .emphasis = Emphasis::Quiet, .hint = tr("Close") })) {
            m_state.selected.clear();
            m_state.wire.open.clear();
        }
    }

    void draw_buttons(Rect rect)
    {
        auto const& request = m_exchange.request();
        auto const place = [&](float width) {
            auto const part = rect.left_part(width);
            rect = rect.without_left(width + tight);
            return part;
        };
        auto const measure = m_canvas.measure();
        ButtonLook const curl { .icon = theme::Icon::Copy, .hint = tr("A command that sends the same request") };
        if (button(m_canvas, "wire.curl", place(button_width(measure, tr("Copy as curl"), curl)), tr("Copy as curl"),
                curl))
            m_context.commands.push_back(CopyText { curl_line(request, m_exchange.endpoint()) });
        ButtonLook const there { .icon = theme::Icon::Clock, .hint = tr("Shows the moment in which it was asked") };
        if (button(m_canvas, "wire.moment", place(button_width(measure, tr("That moment"), there)), tr("That moment"),
                there)) {
            m_state.player.pause();
            m_state.player.seek(m_state.player.choreography().pacing().story_at(m_exchange.run().asked + 1));
        }
    }

    void draw_cause(Column& column)
    {
        auto const& run = m_exchange.run();
        auto const& log = m_state.player.log();
        if (run.command) {
            column.note(tr("Because somebody typed"));
            column.text(
                log[*run.command].event.get_if<trace::CommandEntered>()->line, theme::Style::Mono, m_theme.text, 3);
            column.gap(tight);
        }
        if (run.cause)
            link_to(column, "wire.cause", *run.cause);
        if (run.command || run.cause)
            column.gap(tight);
    }

    void link_to(Column& column, std::string const& name, std::size_t other)
    {
        auto const& run = m_state.index.exchanges()[other];
        ExchangeView const exchange(run, m_state.player.log(), m_state.index, m_state.player.records());
        auto label = exchange.request().method + " " + words::short_target(exchange.request().target);
        if (exchange.response() != nullptr)
            label += fmt::format("  {}", exchange.response()->status);
        if (column.link(name, label))
            m_state.selected = exchange_id(run.id);
    }

    void draw_headers(Column& column, std::string_view headers)
    {
        while (!headers.empty()) {
            auto const end = std::min(headers.find('\n'), headers.size());
            auto line = headers.substr(0, end);
            if (line.ends_with('\r'))
                line.remove_suffix(1);
            if (!line.empty())
                column.text(line, theme::Style::Mono, m_theme.dim_text, 4);
            headers.remove_prefix(std::min(end + 1, headers.size()));
        }
        column.gap(tight);
    }

    void draw_request(Column& column)
    {
        auto const& request = m_exchange.request();
        draw_cause(column);
        column.text(request.method + " " + request.target, theme::Style::Mono, m_theme.text, 8);
        draw_headers(column, request.headers);
        draw_body(column, "wire.request", request.body, m_state.wire.folded_request);
        if (request.body.empty())
            column.note(tr("It carries no JSON."));
    }

    void draw_answer(Column& column)
    {
        auto const* response = m_exchange.response();
        if (response == nullptr)
            return column.words(tr("There is no answer yet."));
        column.text(fmt::format("{} {}", response->status, response->reason), theme::Style::Mono,
            color_of_status(m_theme, response->status), 2);
        draw_headers(column, response->headers);
        draw_body(column, "wire.answer", response->body, m_state.wire.folded_answer);
        if (m_exchange.is_stream())
            draw_frames(column);
        else if (response->body.empty())
            column.note(response->body_size == 0
                    ? std::string(tr("It has no body."))
                    : say("{} follow: no JSON, so they are not kept.", human_size(response->body_size)));
    }

    void draw_body(Column& column, std::string_view name, std::string const& body, std::set<std::size_t>& folded)
    {
        if (body.empty())
            return;
        column.json(name, json_lines(body), folded);
        if (body.size() >= body_kept)
            column.note(tr("Only the first 4 KiB of it are kept."));
    }

    // What a stream carried, as far as events tell: the writes of the container that it is about.
    void draw_frames(Column& column)
    {
        auto const& log = m_state.player.log();
        auto const& target = m_exchange.request().target;
        std::size_t frames = 0;
        for (auto i = m_exchange.run().asked + 1; i < m_exchange.end_record(); ++i) {
            auto const* output = log[i].event.get_if<trace::OutputWritten>();
            bool const about = output != nullptr
                && (target.find(output->container.value) != std::string::npos
                    || target.find("/" + words::name_of(output->container, world()) + "/") != std::string::npos);
            if (!about || ++frames > 100)
                continue;
            column.note(say("{} on {}, at {}", human_size(output->size), output->to_stderr ? "stderr" : "stdout",
                elapsed_text(m_state.index.time_of(i))));
            column.mono(output->text, 12);
        }
        if (frames == 0)
            column.note(tr("The body is a stream. What it led to stands under “What it did”."));
        else
            column.note(tr("The body is a stream of such frames; of each, the first 4 KiB are kept."));
    }

    void draw_deeds(Column& column)
    {
        auto const& index = m_state.index;
        auto const records = m_state.player.records();
        std::size_t led_to = 0;
        for (std::size_t i = m_index + 1; i < index.exchanges().size() && index.exchanges()[i].asked < records; ++i) {
            if (index.exchanges()[i].cause != m_index)
                continue;
            if (led_to == 0)
                column.title(tr("It led to these requests"));
            if (++led_to <= 200)
                link_to(column, fmt::format("wire.led.{}", led_to), i);
        }
        if (led_to > 0)
            column.gap(snug);
        draw_events(column);
    }

    void draw_events(Column& column)
    {
        auto& wire = m_state.wire;
        auto const end = m_exchange.end_record();
        auto const key = fmt::format("{} {}", wire.open, end);
        if (wire.inside_for != key) {
            wire.inside
                = records_inside(m_exchange.run(), m_state.player.log(), m_state.index, m_state.player.records());
            wire.inside_for = key;
        }
        auto const& log = m_state.player.log();
        auto const depth = std::max(m_state.player.depth(), trace::Depth::Object);
        std::size_t shown = 0;
        column.title(tr("What happened on its behalf"));
        for (auto const record : wire.inside) {
            if (trace::depth_of(log[record].event) > depth)
                continue;
            if (++shown > 300)
                break;
            auto const after = m_state.index.time_of(record) - m_exchange.asked_after();
            if (column.sentence_link(fmt::format("wire.event.{}", record),
                    fmt::format("+{}  {}", elapsed_text(after), words::sentence(log[record].event, world())))) {
                m_state.selected = stage::record_id(record);
                m_state.inspector = true;
            }
        }
        if (shown == 0)
            column.note(tr("No event but the request and its answer."));
    }

    Canvas const& m_canvas;
    theme::Theme const& m_theme;
    Context& m_context;
    State& m_state;
    std::size_t m_index;
    ExchangeView m_exchange;
};

}

void draw_exchange(Canvas const& canvas, Rect const& rect, Context& context, std::size_t index)
{
    WireDetail(canvas, context, index).draw(rect);
}

}
