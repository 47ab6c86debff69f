#include "sim/words/Language.h"
#include "sim/words/Words.h"
#include "visual/stage/Names.h"
#include "visual/view/Exchanges.h"
#include "visual/view/WireParts.h"

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
        auto const newest = shown.empty() ? std::nullopt : std::optional(shown.back());
        bool const moved = std::exchange(m_state.wire.newest, newest) != newest;
        if (m_reveal)
            area.reveal({ 0, wire_row * static_cast<float>(*m_reveal), 10, wire_row });
        else if (moved && !selected_index())
            area.scroll_to_end(); // however one came to the moment
    }

    // The exchange that is selected, if it has been asked by now.
    std::optional<std::size_t> selected_index() const
    {
        auto const& index = m_state.index;
        // An event of the open exchange that is looked at leaves it open.
        auto const& id = m_state.selected.starts_with("record:") ? m_state.wire.open : m_state.selected;
        if (!id.starts_with("exchange:"))
            return {};
        auto const* run = index.exchange(ExchangeId { id.substr(9) });
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
        } else if (is_of_the_beat(run)) {
            fill(canvas, row, theme::radius::bar, m_theme.accent.faded(0.1f));
            fill(canvas, row.left_part(3), 1.5f, m_theme.accent);
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

    // Whether it is asked or answered in what is shown now.
    bool is_of_the_beat(ExchangeRun const& run) const
    {
        auto const& beat = *m_state.player.beat();
        auto const is_in
            = [&](std::uint64_t record) { return record >= beat.first_record && record < beat.end_record; };
        return is_in(run.asked) || (run.answered && is_in(*run.answered));
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
    State& m_state;
    trace::EventLog const& m_log;
    std::uint64_t m_records;
    bool m_beside { false };
    std::optional<std::size_t> m_reveal;
};

}

void draw_wire(Canvas const& canvas, Rect const& rect, Context& context)
{
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
        draw_exchange(canvas, below.without_left(width + snug), context, *still_open);
}

}
