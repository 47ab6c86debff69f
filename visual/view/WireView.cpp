#include "sim/words/Language.h"
#include "sim/words/Words.h"
#include "visual/stage/Names.h"
#include "visual/view/Column.h"
#include "visual/view/Exchanges.h"
#include "visual/view/Views.h"

#include <algorithm>
#include <cmath>

namespace drydock::view {

namespace {

using namespace canvas;
using namespace theme::space;
using words::say;
using words::tr;

constexpr float wire_row = 28, list_beside = 400;

theme::Category category_of_method(std::string_view method)
{
    if (method == "GET" || method == "HEAD")
        return theme::Category::Network;
    return method == "DELETE" ? theme::Category::Alert : theme::Category::Storage;
}

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

std::string size_text(ExchangeView const& exchange)
{
    auto const* response = exchange.response();
    if (response == nullptr)
        return {};
    if (exchange.is_stream())
        return std::string(tr("stream"));
    return human_size(response->body_size);
}

class WireList {
public:
    WireList(Canvas const& canvas, Context& context)
        : m_canvas(canvas)
        , m_theme(canvas.theme())
        , m_context(context)
        , m_state(context.state)
        , m_log(context.state.player.log())
        , m_records(context.state.player.records())
    {
        auto& wire = m_state.wire;
        auto const key = fmt::format("{} {} {}", m_records, wire.filter.text, wire.filter.without.size());
        if (wire.shown_for != key) {
            wire.shown = exchanges_shown(m_state.index, m_log, m_records, wire.filter);
            wire.shown_for = key;
        }
    }

    void draw_tools(Rect rect)
    {
        auto& filter = m_state.wire.filter;
        auto const field = std::min(280.0f, rect.width * 0.34f);
        auto const response = text_field(m_canvas, "wire.query", rect.left_part(field), filter.text,
            { .placeholder = tr("Path, status or body"), .icon = theme::Icon::Search });
        if (response.down)
            step(+1);
        if (response.up)
            step(-1);
        rect = rect.without_left(field + snug);
        auto const counted = say("{} of {}", m_state.wire.shown.size(), asked());
        auto const width = m_canvas.measure().width(theme::Style::Caption, counted) + 2;
        text_in(m_canvas, rect.right_part(width), counted, theme::Style::Caption, m_theme.dim_text);
        rect = rect.without_right(width + snug);
        for (auto const& actor : actors()) {
            auto const label = short_name(actor, world());
            auto const wanted = chip_button_width(m_canvas.measure(), label);
            if (rect.width < wanted)
                break;
            auto const place = Rect::centered({ rect.x + wanted / 2, rect.center().y }, { wanted, chip_height });
            if (chip_button(m_canvas, "wire.actor." + actor.value, place, label, theme::Category::Network,
                    !filter.without.contains(actor))) {
                if (filter.without.erase(actor) == 0)
                    filter.without.insert(actor);
                m_state.wire.shown_for.clear();
            }
            rect = rect.without_left(wanted + tight);
        }
    }

    void draw(Rect const& rect, bool beside)
    {
        m_beside = beside;
        fill(m_canvas, rect, theme::radius::card, m_theme.surface);
        outline(m_canvas, rect, theme::radius::card, m_theme.line, m_theme.border_width);
        auto const inside = rect.inset(snug, tight);
        draw_heads(inside.top_part(wire_row).without_right(14));
        take_keys();
        ScrollArea area(m_canvas, "wire.list", inside.without_top(wire_row));
        auto const& shown = m_state.wire.shown;
        auto const& canvas = area.canvas();
        area.set_content_height(wire_row * static_cast<float>(shown.size()));
        // Only what is in sight is looked at: a pull may have asked a thousand times.
        auto const top = canvas.logical(canvas.list().GetClipRectMin()).y;
        auto const bottom = canvas.logical(canvas.list().GetClipRectMax()).y;
        auto const first = static_cast<std::size_t>(std::max(0.0f, std::floor(top / wire_row)));
        auto const end = static_cast<std::size_t>(std::max(0.0f, std::ceil(bottom / wire_row)));
        for (auto i = first; i < std::min(end, shown.size()); ++i)
            draw_row(canvas, { 0, wire_row * static_cast<float>(i), area.width(), wire_row }, shown[i]);
        if (m_reveal)
            area.reveal({ 0, wire_row * static_cast<float>(*m_reveal), 10, wire_row });
        else if (!selected_index() && m_state.player.playing())
            area.scroll_to_end();
    }

    // The exchange that is selected, if it has been asked by now.
    std::optional<std::size_t> selected_index() const
    {
        auto const& index = m_state.index;
        if (!m_state.selected.starts_with("exchange:"))
            return {};
        auto const* run = index.exchange(ExchangeId { m_state.selected.substr(9) });
        if (run == nullptr || run->asked >= m_records)
            return {};
        return static_cast<std::size_t>(run - index.exchanges().data());
    }

private:
    world::World const& world() const { return m_state.player.world(); }

    std::size_t asked() const
    {
        auto const& all = m_state.index.exchanges();
        auto const end = std::partition_point(
            all.begin(), all.end(), [&](ExchangeRun const& run) { return run.asked < m_records; });
        return static_cast<std::size_t>(end - all.begin());
    }

    // Those that have asked or were asked, in the order of their ids.
    std::set<ActorId> actors() const
    {
        std::set<ActorId> found;
        for (auto const& [id, actor] : world().actors) {
            bool const speaks = actor.role == trace::ActorRole::Client || actor.role == trace::ActorRole::Daemon
                || actor.role == trace::ActorRole::Registry;
            if (speaks)
                found.insert(id);
        }
        return found;
    }

    struct Cells {
        Rect time, ends, method, path, status, size, took;
    };
    Cells cells(Rect row) const
    {
        row = row.inset(hair, 0);
        Cells c;
        auto const left = [&](float width) {
            auto const part = row.left_part(width);
            row = row.without_left(width + tight);
            return part;
        };
        auto const right = [&](float width) {
            auto const part = row.right_part(width);
            row = row.without_right(width + tight);
            return part;
        };
        if (!m_beside) {
            c.time = left(84);
            c.ends = left(std::clamp(row.width * 0.26f, 150.0f, 260.0f));
        }
        c.method = left(72);
        if (!m_beside) {
            c.took = right(84);
            c.size = right(84);
        }
        c.status = right(52);
        c.path = row;
        return c;
    }

    void draw_heads(Rect const& row)
    {
        auto const c = cells(row);
        auto const head = [&](Rect const& cell, std::string_view words, Align align = Align::Start) {
            text_in(m_canvas, cell, words, theme::Style::Caption, m_theme.dim_text, align);
        };
        if (!m_beside) {
            head(c.time, tr("At"), Align::End);
            head(c.ends, tr("Who asks whom"));
            head(c.size, tr("Answer"), Align::End);
            head(c.took, tr("After"), Align::End);
        }
        head(c.method, tr("Method"));
        head(c.path, tr("Path"));
        head(c.status, tr("Status"), Align::End);
        line(m_canvas, { row.x, row.bottom() - 2 }, { row.right() + 14, row.bottom() - 2 }, m_theme.line);
    }

    void draw_row(Canvas const& canvas, Rect const& row, std::size_t index)
    {
        auto const& run = m_state.index.exchanges()[index];
        ExchangeView const exchange(run, m_log, m_state.index, m_records);
        auto const& request = exchange.request();
        auto const id = exchange_id(run.id);
        auto const hand = touch(canvas, "wire.row." + run.id.value, row, Reach::MouseOnly);
        if (m_state.selected == id) {
            fill(canvas, row, theme::radius::bar, m_theme.accent.faded(0.16f));
            outline(canvas, row.inset(1), theme::radius::bar, m_theme[theme::Category::Selection].stroke, 1.5f);
        } else if (hand.warmth > 0) {
            fill(canvas, row, theme::radius::bar, m_theme.text.faded(0.07f * hand.warmth));
        }
        if (hand.clicked)
            m_state.selected = m_state.selected == id ? "" : id;
        auto c = cells(row);
        auto const status = exchange.response() ? std::optional(exchange.response()->status) : std::nullopt;
        if (!m_beside) {
            text_in(canvas, c.time, elapsed_text(exchange.asked_after()), theme::Style::Caption, m_theme.dim_text,
                Align::End);
            text_in(canvas, c.ends, short_name(request.from, world()) + " → " + short_name(request.to, world()),
                theme::Style::Caption, m_theme.text);
            text_in(canvas, c.size, size_text(exchange), theme::Style::Caption, m_theme.dim_text, Align::End);
            text_in(canvas, c.took, exchange.took() ? elapsed_text(*exchange.took()) : "…", theme::Style::Caption,
                m_theme.dim_text, Align::End);
        }
        text_in(
            canvas, c.method, request.method, theme::Style::Mono, m_theme[category_of_method(request.method)].stroke);
        auto const depth = std::min<std::size_t>(cause_depth(run, m_state.index), 4);
        if (depth > 0) {
            c.path = c.path.without_left(16 * static_cast<float>(depth));
            Point const corner { c.path.x - 10, row.center().y };
            line(canvas, { corner.x, row.y }, corner, m_theme.dim_text, 1.5f);
            line(canvas, corner, { corner.x + 7, corner.y }, m_theme.dim_text, 1.5f);
        }
        text_in(canvas, c.path, words::short_target(request.target), theme::Style::Mono, m_theme.text, Align::Start,
            Cut::Middle);
        text_in(canvas, c.status, status ? std::to_string(*status) : "…", theme::Style::Mono,
            color_of_status(m_theme, status), Align::End);
    }

    void take_keys()
    {
        if (m_state.overlay != Overlay::None || m_canvas.interaction().has_focus("wire.query"))
            return;
        if (pressed_or_repeated(Chord::of(Key::Down)))
            step(+1);
        if (pressed_or_repeated(Chord::of(Key::Up)))
            step(-1);
    }

    void step(int by)
    {
        auto const& shown = m_state.wire.shown;
        if (shown.empty())
            return;
        auto const now = selected_index();
        auto const found = now ? std::find(shown.begin(), shown.end(), *now) : shown.end();
        auto const last = static_cast<std::ptrdiff_t>(shown.size()) - 1;
        auto const wanted = found == shown.end() ? (by > 0 ? 0 : last)
                                                 : std::clamp<std::ptrdiff_t>(found - shown.begin() + by, 0, last);
        m_reveal = static_cast<std::size_t>(wanted);
        m_state.selected = exchange_id(m_state.index.exchanges()[shown[*m_reveal]].id);
    }

    Canvas const& m_canvas;
    theme::Theme const& m_theme;
    Context& m_context;
    State& m_state;
    trace::EventLog const& m_log;
    std::uint64_t m_records;
    bool m_beside { false };
    std::optional<std::size_t> m_reveal;
};

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
                { .emphasis = Emphasis::Quiet, .hint = tr("Close") }))
            m_state.selected.clear();
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
            if (column.link(fmt::format("wire.event.{}", record),
                    fmt::format("+{}  {}", elapsed_text(after), words::sentence(log[record].event, world())),
                    theme::Icon::Bolt))
                m_state.selected = stage::record_id(record);
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

void draw_wire(Canvas const& canvas, Rect const& rect, Context& context)
{
    stage_ground(canvas, rect);
    auto const inside = rect.inset(wide, snug);
    WireList list(canvas, context);
    list.draw_tools(inside.top_part(control_height));
    auto const below = inside.without_top(control_height + tight);
    auto const open = list.selected_index();
    if (!open)
        return list.draw(below, false);
    auto const width = std::min(list_beside, below.width * 0.42f);
    list.draw(below.left_part(width), true);
    if (auto const still_open = list.selected_index())
        WireDetail(canvas, context, *still_open).draw(below.without_left(width + snug));
}

}
