#include "sim/words/Language.h"
#include "visual/stage/Names.h"
#include "visual/view/Views.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <cmath>
#include <map>

namespace drydock::view {

namespace {

using namespace canvas;
using namespace theme::space;
using words::say;
using words::tr;

constexpr float names_width = 104, ruler_height = 20, lane_least = 20, row_height = 19;
// Below this height there is room for the lanes alone.
constexpr float tall_from = 170;
// Spans narrower than this are drawn together.
constexpr float foldable = 2.5f;

theme::Category category_of(trace::ActorRole role)
{
    switch (role) {
    case trace::ActorRole::Registry: return theme::Category::Registry;
    case trace::ActorRole::Runtime: return theme::Category::Storage;
    case trace::ActorRole::Client: return theme::Category::Network;
    case trace::ActorRole::Daemon:
    case trace::ActorRole::Process: return theme::Category::Process;
    }
    return theme::Category::Process;
}

bool title_contains(std::string_view title, std::string_view wanted)
{
    auto const same = [](char a, char b) {
        return std::tolower(static_cast<unsigned char>(a)) == std::tolower(static_cast<unsigned char>(b));
    };
    return std::search(title.begin(), title.end(), wanted.begin(), wanted.end(), same) != title.end();
}

// "0.35 s", "240 µs": how far from the beginning, no finer than the ruler.
std::string place_text(double seconds)
{
    return seconds <= 0 ? "0" : human_duration(Duration(std::llround(seconds * 1e9)));
}

class TimelineView {
public:
    TimelineView(Canvas const& canvas, Rect const& rect, Context& context)
        : m_canvas(canvas)
        , m_theme(canvas.theme())
        , m_player(context.state.player)
        , m_context(context)
        , m_state(context.state.timeline)
        , m_index(context.state.index)
        , m_axis(timeline_axis(context.state))
        , m_shown(shown_stretch(context.state))
        , m_tall(rect.height >= tall_from)
        , m_rect(rect.inset(wide, 0).without_bottom(tight))
    {
    }

    void draw()
    {
        if (m_player.beat() == nullptr)
            return;
        if (m_tall) {
            draw_tools(m_rect.top_part(control_height));
            m_rect = m_rect.without_top(control_height + tight);
        }
        m_track = m_rect.without_left(names_width);
        Clip const clip(m_canvas, m_rect.outset(tight));
        take_mouse(); // before anything is drawn, so that the hints come to lie on top
        auto room = m_rect;
        if (m_tall) {
            draw_ruler(m_track.top_part(ruler_height));
            room = room.without_top(ruler_height);
            draw_marks({ m_track.x, room.y, m_track.width, ruler_height });
            room = room.without_top(ruler_height + hair);
        }
        draw_ranges();
        draw_beats(room.top_part(ruler_height));
        draw_bands(room.without_top(ruler_height));
        draw_cursors();
        if (m_hover)
            draw_hover(*m_hover);
    }

private:
    float x_of(double place) const
    {
        return m_track.x
            + static_cast<float>((place - m_shown.begin) / std::max(1e-12, m_shown.length())) * m_track.width;
    }
    float x_of_records(std::uint64_t records) const { return x_of(m_axis.at(records)); }
    double place_at(float x) const
    {
        return m_shown.begin + static_cast<double>((x - m_track.x) / m_track.width) * m_shown.length();
    }
    std::uint64_t records_at_x(float x) const { return m_axis.records_at(std::max(0.0, place_at(x))); }
    std::uint64_t cursor_records() const { return m_player.choreography().pacing().records_at(m_player.story()); }

    // ---- The row of tools ----

    void draw_tools(Rect rect)
    {
        text_field(m_canvas, "timeline.query", rect.left_part(190), m_state.query,
            { .placeholder = tr("Find a span"), .icon = theme::Icon::Search });
        rect = rect.without_left(190 + snug);
        auto const place = [&](theme::Icon sign, Action action, bool active = false) {
            action_button(m_canvas, rect.right_part(control_height), sign, action, m_context, active);
            rect = rect.without_right(control_height + hair);
        };
        place(theme::Icon::Compress, Action::TallTimeline);
        place(theme::Icon::Exchange, Action::SecondCursor, m_state.second.has_value());
        place(theme::Icon::Repeat, Action::LoopRange, m_state.loop.has_value());
        place(theme::Icon::Expand, Action::TimelineFit, m_state.shown.has_value());
        std::array<std::string_view, 2> const scales { tr("Story"), tr("Clock") };
        auto scale = static_cast<std::size_t>(m_state.scale);
        if (segmented(m_canvas, "timeline.axis", rect.right_part(150).moved(-hair, 0), scales, scale))
            m_context.ask(Action::TimelineScale);
        rect = rect.without_right(150 + snug);
        for (auto const& key : order_of_bands()) {
            auto const& name = m_index.bands().at(key).name;
            auto const width = chip_button_width(m_canvas.measure(), name);
            if (rect.width < width)
                break;
            auto const chip = Rect::centered({ rect.x + width / 2, rect.center().y }, { width, chip_height });
            if (chip_button(m_canvas, "timeline.band." + key, chip, name, category_of(m_index.bands().at(key).role),
                    !m_state.without.contains(key))
                && m_state.without.erase(key) == 0)
                m_state.without.insert(key);
            rect = rect.without_left(width + tight);
        }
    }

    // Clients first, then daemons, what they start, registries: as they stand on the stage.
    std::vector<std::string> order_of_bands() const
    {
        std::vector<std::string> keys;
        for (auto const& [key, band] : m_index.bands()) {
            if (!band.lanes.empty())
                keys.push_back(key);
        }
        auto const rank = [&](std::string const& key) {
            switch (m_index.bands().at(key).role) {
            case trace::ActorRole::Client: return 0;
            case trace::ActorRole::Daemon: return 1;
            case trace::ActorRole::Runtime:
            case trace::ActorRole::Process: return 2;
            case trace::ActorRole::Registry: return 3;
            }
            return 4;
        };
        std::stable_sort(keys.begin(), keys.end(), [&](auto const& a, auto const& b) { return rank(a) < rank(b); });
        return keys;
    }

    // ---- Ruler, marks, beats ----

    // Ticks with their time, over a strip that tells how much was published when.
    void draw_ruler(Rect const& row)
    {
        draw_density(row);
        auto const distance = tick_distance(m_shown.length(), static_cast<int>(m_track.width / 110));
        auto const first = std::ceil(m_shown.begin / distance);
        for (int i = 0; i < 64; ++i) {
            auto const place = (first + i) * distance;
            if (place > m_shown.end)
                break;
            auto const x = x_of(place);
            line(m_canvas, { x, row.y + 4 }, { x, row.bottom() }, m_theme.dim_text.faded(0.6f));
            text_in(m_canvas, { x + 4, row.y, 96, row.height - 3 }, place_text(place), theme::Style::Caption,
                m_theme.dim_text);
        }
        text_in(m_canvas, { m_rect.x, row.y, names_width - tight, row.height },
            m_state.scale == TimeScale::Story ? tr("story time") : tr("true time"), theme::Style::Caption,
            m_theme.dim_text);
    }

    void draw_density(Rect const& row)
    {
        constexpr float column = 4;
        auto before = records_at_x(row.x);
        for (float x = row.x; x < row.right(); x += column) {
            auto const after = records_at_x(x + column);
            auto const count = static_cast<float>(after - std::min(before, after));
            auto const height = std::min(row.height, 3 * std::log2(1 + count));
            if (count > 0)
                fill(m_canvas, { x, row.bottom() - height, column - 1, height }, 0, m_theme.accent.faded(0.22f));
            before = after;
        }
    }

    // Phases of the scenario, commands, faults. Names as far as the next mark leaves room.
    void draw_marks(Rect const& row)
    {
        auto const& marks = m_index.marks();
        auto const first = std::partition_point(
            marks.begin(), marks.end(), [&](auto const& mark) { return x_of_records(mark.record) < row.x - 200; });
        float free_from = row.x - 200;
        for (auto mark = first; mark != marks.end(); ++mark) {
            auto const x = x_of_records(mark->record);
            if (x > row.right())
                break;
            if (x < free_from + foldable)
                continue;
            auto const next
                = std::next(mark) == marks.end() ? row.right() + 400 : x_of_records(std::next(mark)->record);
            draw_mark(row, *mark, x, next);
            free_from = x;
        }
    }

    void draw_mark(Rect const& row, TimelineMark const& mark, float x, float next)
    {
        bool const is_phase = mark.kind == TimelineMark::Kind::Phase;
        bool const is_trouble = mark.kind == TimelineMark::Kind::Fault;
        auto const sign = is_phase                      ? theme::Icon::Bookmark
            : is_trouble                                ? theme::Icon::Warning
            : mark.kind == TimelineMark::Kind::Restored ? theme::Icon::Undo
                                                        : theme::Icon::Terminal;
        auto const color = is_trouble ? m_theme[theme::Category::Alert].stroke
            : is_phase                ? m_theme.accent
                                      : m_theme.text;
        icon(m_canvas, { x + 7, row.center().y }, sign, color, 12);
        Rect const words { std::max(x + 18, m_track.x), row.y, next - std::max(x + 18, m_track.x) - tight, row.height };
        if (words.width > 30)
            text_in(m_canvas, words, mark.text, is_phase ? theme::Style::Strong : theme::Style::Caption,
                is_phase ? m_theme.text : m_theme.dim_text);
        auto const hand = touch(
            m_canvas, fmt::format("timeline.mark.{}", mark.record), { x, row.y, 16, row.height }, Reach::MouseOnly);
        if (hand.clicked)
            m_player.seek(m_player.choreography().pacing().story_at(mark.record + 1));
        hint(m_canvas, hand, mark.text);
    }

    // Every beat a segment: what has been shown is lit, holds are marked.
    void draw_beats(Rect const& whole)
    {
        auto const row = Rect { m_track.x, whole.y, m_track.width, whole.height }.inset(0, 6);
        auto const& beats = m_player.choreography().beats();
        auto const begin_of = [&](stage::Beat const& beat) {
            return m_state.scale == TimeScale::Story ? x_of(beat.begin) : x_of_records(beat.first_record);
        };
        auto const end_of = [&](stage::Beat const& beat) {
            return m_state.scale == TimeScale::Story ? x_of(beat.end) : x_of_records(beat.end_record);
        };
        auto beat
            = std::partition_point(beats.begin(), beats.end(), [&](stage::Beat const& b) { return end_of(b) < row.x; });
        while (beat != beats.end() && begin_of(*beat) < row.right()) {
            auto const x = begin_of(*beat);
            // Many that are too small to be told apart are one segment.
            auto const next = std::partition_point(
                std::next(beat), beats.end(), [&](stage::Beat const& b) { return begin_of(b) < x + foldable; });
            auto const& last = *std::prev(next);
            Rect const segment { x, row.y, std::max(1.0f, end_of(last) - x - 2), row.height };
            bool const shown = beat->begin <= m_player.story();
            fill(m_canvas, segment, 3, shown ? m_theme.accent.faded(0.75f) : m_theme.line);
            if (last.holds)
                disc(m_canvas, { segment.right(), row.center().y }, 5, m_theme.accent);
            beat = next;
        }
        text_in(m_canvas, { m_rect.x, whole.y, names_width - tight, whole.height }, tr("beats"), theme::Style::Caption,
            m_theme.dim_text);
    }

    // ---- Bands: who did what ----

    void draw_bands(Rect const& room)
    {
        std::vector<std::string> keys;
        for (auto const& key : order_of_bands()) {
            if (!m_state.without.contains(key))
                keys.push_back(key);
        }
        if (keys.empty())
            return;
        if (m_tall)
            return draw_tall_bands(keys, room);
        auto const most = static_cast<std::size_t>(std::max(1.0f, room.height / (lane_least + 4)));
        if (keys.size() > most)
            keys.resize(most);
        auto const places = canvas::rows(room, static_cast<int>(keys.size()), hair);
        for (std::size_t i = 0; i < keys.size(); ++i)
            draw_flat_band(m_index.bands().at(keys[i]), places[i].top_part(26));
    }

    // Room for the lanes alone: what is nested is drawn into its parent, whose name stands over both.
    void draw_flat_band(SpanBand const& band, Rect const& row)
    {
        draw_ground(band, row);
        for (auto const& lane : band.lanes) {
            for (std::size_t nesting = 0; nesting < lane.size(); ++nesting) {
                auto const inset = std::min(6.0f, static_cast<float>(nesting) * 3);
                draw_row(
                    lane[nesting], band, track_of(row).inset(0, inset), nesting == 0 && &lane == &band.lanes.front());
            }
        }
    }

    // Every lane and every nesting a row of its own, as far as there is room.
    void draw_tall_bands(std::vector<std::string> const& keys, Rect room)
    {
        std::size_t wanted = 0;
        for (auto const& key : keys)
            wanted += rows_of(m_index.bands().at(key)).size();
        auto const gaps = static_cast<float>(keys.size()) * hair;
        auto const free = static_cast<std::size_t>(std::max(1.0f, (room.height - gaps) / row_height));
        for (auto const& key : keys) {
            auto const& band = m_index.bands().at(key);
            auto rows = rows_of(band);
            if (wanted > free) // each gets its share, at least one
                rows.resize(std::clamp<std::size_t>(rows.size() * free / wanted, 1, rows.size()));
            auto const height = static_cast<float>(rows.size()) * row_height;
            if (room.height < row_height)
                break;
            auto const place = room.top_part(height);
            draw_ground(band, place);
            for (std::size_t i = 0; i < rows.size(); ++i)
                draw_row(*rows[i], band,
                    Rect { m_track.x, place.y + static_cast<float>(i) * row_height, m_track.width, row_height }.inset(
                        0, 1),
                    true);
            room = room.without_top(height + hair);
        }
    }

    static std::vector<std::vector<std::size_t> const*> rows_of(SpanBand const& band)
    {
        std::vector<std::vector<std::size_t> const*> rows;
        for (auto const& lane : band.lanes) {
            for (auto const& row : lane)
                rows.push_back(&row);
        }
        return rows;
    }

    Rect track_of(Rect const& row) const { return { m_track.x, row.y, m_track.width, row.height }; }

    void draw_ground(SpanBand const& band, Rect const& row)
    {
        text_in(m_canvas, Rect { m_rect.x, row.y, names_width - tight, std::min(row.height, 26.0f) }, band.name,
            theme::Style::Caption, m_theme.dim_text);
        fill(m_canvas, track_of(row), theme::radius::bar, m_theme.raised);
    }

    // One row of spans that follow each other. What is too narrow is folded: only what is drawn is looked at.
    void draw_row(std::vector<std::size_t> const& row, SpanBand const& band, Rect const& place, bool with_names)
    {
        auto const& spans = m_index.spans();
        auto const first_record = records_at_x(m_track.x);
        auto at = std::partition_point(
            row.begin(), row.end(), [&](std::size_t i) { return end_of(spans[i]) < first_record; });
        while (at != row.end()) {
            auto const& span = spans[*at];
            auto const left = x_of_records(span.first_record);
            if (left > m_track.right())
                return;
            auto const right = x_of_records(end_of(span) + 1);
            if (right - left >= foldable) {
                if (span.depth <= m_player.depth() || m_tall)
                    draw_span(
                        span, band, { left, place.y, std::max(3.0f, right - left - 1), place.height }, with_names);
                ++at;
                continue;
            }
            auto const beyond = records_at_x(left + foldable + 0.5f);
            auto const next = std::partition_point(
                std::next(at), row.end(), [&](std::size_t i) { return spans[i].first_record < beyond; });
            draw_fold(band, left, static_cast<std::size_t>(next - at), place);
            at = next;
        }
    }

    static std::uint64_t end_of(trace::SpanRun const& span) { return span.last_record; }

    void draw_fold(SpanBand const& band, float x, std::size_t count, Rect const& place)
    {
        auto const height = place.height * std::min(1.0f, 0.4f + 0.1f * static_cast<float>(count));
        fill(m_canvas, { x, place.bottom() - height, foldable, height }, 0,
            m_theme[category_of(band.role)].fill.faded(m_state.query.empty() ? 0.75f : 0.3f));
    }

    void draw_span(trace::SpanRun const& span, SpanBand const& band, Rect const& box, bool with_name)
    {
        auto const& colors = m_theme[category_of(band.role)];
        bool const failed = !span.succeeded.value_or(true);
        auto const& shade = failed ? m_theme[theme::Category::Alert] : colors;
        bool const wanted = m_state.query.empty() || title_contains(span.title, m_state.query);
        auto const strength = !wanted ? 0.18f : span.nesting == 0 ? 0.75f : 1.0f;
        fill(m_canvas, box, theme::radius::bar, shade.fill.faded(strength));
        // The name stays in sight while any of its span is.
        auto const seen = intersected(box, m_track);
        if (with_name && seen.width > 44)
            text_in(m_canvas, seen.inset(6, 0), span.title, theme::Style::Caption,
                wanted && strength > 0.5f ? shade.on_fill : m_theme.dim_text);
        if (m_hover && box.contains(m_hover->pointer))
            m_hovered_span = &span;
    }

    // ---- Cursors and hands ----

    void draw_ranges()
    {
        if (m_state.loop) {
            auto const from = x_of_records(m_state.loop->first), to = x_of_records(m_state.loop->second + 1);
            Rect const band { from, m_track.y, std::max(2.0f, to - from), m_track.height };
            fill(m_canvas, band, 0, m_theme.accent.faded(0.10f));
            fill(m_canvas, band.top_part(3), 0, m_theme.accent);
        }
        if (m_state.second) {
            auto const a = x_of_records(*m_state.second), b = x_of_records(cursor_records());
            fill(m_canvas, { std::min(a, b), m_track.y, std::abs(b - a), m_track.height }, 0,
                m_theme[theme::Category::Selection].fill.faded(0.08f));
        }
    }

    void draw_cursors()
    {
        if (m_state.second)
            draw_cursor(x_of_records(*m_state.second), m_theme[theme::Category::Selection].stroke, "B");
        auto const x = m_state.scale == TimeScale::Story ? x_of(m_player.story()) : x_of_records(cursor_records());
        draw_cursor(x, m_theme[theme::Category::Alert].stroke, m_state.second ? "A" : "");
    }

    void draw_cursor(float x, theme::Color color, std::string_view letter)
    {
        if (x < m_track.x - 1 || x > m_track.right() + 1)
            return;
        line(m_canvas, { x, m_track.y + 8 }, { x, m_track.bottom() }, color, 2);
        if (!letter.empty()) {
            Rect const flag { x - 9, m_track.y - 2, 18, 18 };
            fill(m_canvas, flag, theme::radius::bar, color);
            return text_in(m_canvas, flag, letter, theme::Style::Strong, m_theme.surface, Align::Center);
        }
        m_canvas.list().AddTriangleFilled(m_canvas.device({ x - 7, m_track.y }), m_canvas.device({ x + 7, m_track.y }),
            m_canvas.device({ x, m_track.y + 10 }), m_canvas.ink(color));
    }

    void take_mouse()
    {
        auto const area = m_track.outset(4);
        auto const hand = touch(m_canvas, "timeline.track", area, Reach::MouseOnly);
        auto const x = std::clamp(hand.pointer.x, m_track.x, m_track.right());
        auto const held = hands();
        if (hand.hovered && held.wheel != 0)
            show_stretch(m_context.state,
                zoomed(m_shown, std::pow(0.8, held.wheel), place_at(x), m_axis.length(), least_stretch));
        if (hand.hovered && held.wheel_aside != 0)
            show_stretch(m_context.state, panned(m_shown, -held.wheel_aside * m_shown.length() / 12, m_axis.length()));
        m_shown = shown_stretch(m_context.state);
        if (!hand.held && !hand.clicked)
            m_state.drawing = false;
        if (hand.held || hand.clicked)
            take_drag(x, hand, held);
        else if (hand.hovered)
            m_hover = hand;
    }

    void take_drag(float x, Response const& hand, Hands const& held)
    {
        auto const records = records_at_x(x);
        if (held.alt) {
            m_state.second = std::clamp<std::uint64_t>(records, 1, m_player.log().size());
        } else if (held.shift) {
            if (!std::exchange(m_state.drawing, hand.held))
                m_state.drag_from = records;
            auto const [from, to] = std::minmax(m_state.drag_from, records);
            m_state.loop = { from, to };
        } else if (m_state.scale == TimeScale::Story) {
            m_player.seek(std::clamp(place_at(x), 0.0, m_player.length()));
        } else {
            m_player.seek(m_player.choreography().pacing().story_at(records));
        }
    }

    // What lies under the pointer: a span with its numbers, else what that moment looks like.
    void draw_hover(Response const& hand)
    {
        auto const x = std::clamp(hand.pointer.x, m_track.x, m_track.right());
        line(m_canvas, { x, m_track.y }, { x, m_track.bottom() }, m_theme.dim_text, 1, Stroke::Dashed);
        if (m_hovered_span != nullptr && m_tall)
            return hint(m_canvas, span_area(hand), span_words(*m_hovered_span));
        auto const place = m_state.scale == TimeScale::Story
            ? place_at(x)
            : m_player.choreography().pacing().story_at(records_at_x(x));
        draw_preview(x, std::clamp(place, 0.0, m_player.length()));
    }

    Response span_area(Response hand) const
    {
        hand.rect = { hand.pointer.x - 4, hand.pointer.y - 8, 8, 16 };
        return hand;
    }

    std::string span_words(trace::SpanRun const& span) const
    {
        auto const took = span.succeeded ? human_duration(span.end - span.begin) : std::string(tr("still running"));
        auto words = fmt::format("{}   {}", span.title, took);
        if (!span.error.empty())
            words += "   " + span.error.substr(0, 60);
        return words;
    }

    // What that moment looks like, small, with its caption.
    void draw_preview(float x, double at)
    {
        constexpr float width = 360, picture = 150, height = picture + 64, factor = 0.28f;
        auto const left = std::clamp(x - width / 2, tight, m_canvas.size().width - width - tight);
        Rect const box { left, m_canvas.size().height - m_state.height - height - tight, width, height };
        canvas::Overlay const overlay(m_canvas, "timeline.preview", box, OverlayKind::Floating);
        auto const& on = overlay.canvas();
        card(on, box, { .elevation = theme::Elevation::Spotlight });
        stage::Look const look { .view = { { 0, 0, width / factor, picture / factor }, m_player.depth() },
            .unlit = m_theme.unlit,
            .reduced_motion = true,
            .selected = {} };
        auto scene = m_player.scene(at, look, stage::ruler_of(on.measure()));
        std::erase_if(scene.primitives, [](auto const& primitive) { return primitive.id == "caption"; });
        {
            Clip const clip(on, box.top_part(picture));
            stage::draw(scene, on.moved(box.origin()).zoomed(factor, { 0, 0 }));
        }
        paragraph(on, box.bottom_part(60).inset(normal, tight), scene.caption, theme::Style::Caption, m_theme.text,
            Align::Start, 2);
    }

    Canvas const& m_canvas;
    theme::Theme const& m_theme;
    Player& m_player;
    Context& m_context;
    TimelineState& m_state;
    LogIndex const& m_index;
    TimelineAxis m_axis;
    Stretch m_shown;
    bool m_tall;
    Rect m_rect;
    Rect m_track;
    std::optional<Response> m_hover;
    trace::SpanRun const* m_hovered_span { nullptr };
};

}

TimelineAxis timeline_axis(State const& state)
{
    return { state.timeline.scale, state.player.choreography().pacing(), state.index.times() };
}

Stretch shown_stretch(State const& state)
{
    auto const all = timeline_axis(state).length();
    return state.timeline.shown.value_or(Stretch { 0, std::max(all, 1e-3) });
}

void show_stretch(State& state, Stretch const& stretch)
{
    auto const all = timeline_axis(state).length();
    // All of it stays all of it when the log grows.
    bool const whole = stretch.length() >= all * 0.999;
    state.timeline.shown = whole ? std::nullopt : std::optional(stretch);
}

void change_scale(State& state)
{
    auto const before = timeline_axis(state);
    auto const shown = state.timeline.shown;
    auto& scale = state.timeline.scale;
    scale = scale == TimeScale::Story ? TimeScale::Clock : TimeScale::Story;
    if (!shown)
        return;
    auto const after = timeline_axis(state);
    Stretch const wanted { after.at(before.records_at(shown->begin)), after.at(before.records_at(shown->end)) };
    show_stretch(state, zoomed(wanted, 1, wanted.begin, after.length(), least_stretch));
}

std::pair<std::uint64_t, std::uint64_t> part_around(State const& state, std::uint64_t records)
{
    auto const& marks = state.index.marks();
    auto const has_phases = std::any_of(
        marks.begin(), marks.end(), [](auto const& mark) { return mark.kind == TimelineMark::Kind::Phase; });
    auto const wanted = has_phases ? TimelineMark::Kind::Phase : TimelineMark::Kind::Typed;
    std::pair<std::uint64_t, std::uint64_t> part { 0, state.index.records() };
    for (auto const& mark : marks) {
        if (mark.kind != wanted)
            continue;
        if (mark.record < records)
            part.first = mark.record;
        else if (part.second == state.index.records())
            part.second = mark.record - 1;
    }
    return part;
}

void draw_timeline(Canvas const& canvas, Rect const& rect, Context& context)
{
    TimelineView(canvas, rect, context).draw();
}

// The upper edge of the dock can be pulled.
void draw_dock_handle(Canvas const& canvas, Rect const& rect, Context& context)
{
    auto const hand = touch(canvas, "dock.handle", rect, Reach::MouseOnly);
    if (hand.held)
        context.state.timeline.height -= hand.dragged.y;
    if (hand.double_clicked)
        context.ask(Action::TallTimeline);
    if (hand.warmth > 0)
        fill(canvas, Rect::centered(rect.center(), { 64, 3 }), 1.5f, canvas.theme().accent.faded(hand.warmth));
}

}
