#include "sim/words/Language.h"
#include "visual/view/TimelineTrack.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace drydock::view {

namespace {

using namespace canvas;
using namespace theme::space;
using words::tr;

constexpr float ruler_height = 20, fork_row = 26;
// Below this height there is room for the bands alone.
constexpr float tall_from = 170;

class TimelineView {
public:
    TimelineView(Canvas const& canvas, Rect const& rect, Context& context)
        : m_canvas(canvas)
        , m_theme(canvas.theme())
        , m_player(context.state.player)
        , m_context(context)
        , m_state(context.state.timeline)
        , m_index(context.state.index)
        , m_tall(rect.height >= tall_from)
        , m_rect(rect.inset(wide, 0).without_bottom(tight))
        , m_track(
              context.state, m_rect.without_top(m_tall ? control_height + tight : 0.0f).without_left(timeline_names))
    {
    }

    void draw()
    {
        if (m_player.beat() == nullptr)
            return;
        if (m_tall)
            draw_tools(m_rect.top_part(control_height));
        auto room = m_rect.without_top(m_rect.height - m_track.rect().height);
        Clip const clip(m_canvas, room.outset(tight));
        take_mouse(); // before anything is drawn, so that the hints come to lie on top
        draw_ranges();
        if (m_tall) {
            draw_timeline_ruler(m_canvas, m_track.row(room.top_part(ruler_height)), m_track, m_context);
            room = room.without_top(ruler_height);
            draw_timeline_marks(m_canvas, m_track.row(room.top_part(ruler_height)), m_track, m_context);
            room = room.without_top(ruler_height + hair);
        }
        draw_timeline_beats(m_canvas, room.top_part(ruler_height), m_track, m_context);
        room = room.without_top(draw_timeline_forks(
            m_canvas, room.without_top(ruler_height + hair).top_part(fork_row), m_track, m_context));
        auto const pointer = m_hand.hovered ? std::optional(m_hand.pointer) : std::nullopt;
        m_hovered_span = draw_timeline_bands(m_canvas, room.without_top(ruler_height), m_track, m_context,
            m_tall ? BandStyle::Rows : BandStyle::Flat, pointer);
        draw_cursors();
        if (m_hand.double_clicked && m_hovered_span != nullptr)
            look_closer_at(*m_hovered_span);
        if (m_hand.hovered && !m_hand.held && !m_hand.clicked)
            draw_hover(m_hand);
    }

private:
    std::uint64_t cursor_records() const { return m_player.choreography().pacing().records_at(m_player.story()); }

    void draw_tools(Rect rect)
    {
        auto const asked = text_field(m_canvas, "timeline.query", rect.left_part(190), m_state.query,
            { .placeholder = tr("Find a span"), .icon = theme::Icon::Search });
        if (asked.submitted)
            go_to_next_match();
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
        for (auto const& key : order_of_bands(m_index)) {
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

    // Enter goes from one span of that name to the next, and begins anew behind the last.
    void go_to_next_match()
    {
        auto const& spans = m_index.spans();
        auto const matches = [&](trace::SpanRun const& span) { return title_contains(span.title, m_state.query); };
        auto const later = std::find_if(spans.begin(), spans.end(),
            [&](trace::SpanRun const& span) { return span.first_record >= cursor_records() && matches(span); });
        auto const found = later != spans.end() ? later : std::find_if(spans.begin(), spans.end(), matches);
        if (found == spans.end())
            return;
        m_player.pause();
        m_player.seek(m_player.choreography().pacing().story_at(found->first_record + 1));
        auto const place = m_track.axis().at(found->first_record);
        if (place < m_track.shown().begin || place > m_track.shown().end)
            show_stretch(m_context.state,
                panned(m_track.shown(), place - m_track.shown().begin - m_track.shown().length() / 3,
                    m_track.axis().length()));
    }

    // A double click shows that span alone, with some room around it.
    void look_closer_at(trace::SpanRun const& span)
    {
        auto const end = std::min(span.last_record, m_index.records() - 1) + 1;
        Stretch const own { m_track.axis().at(span.first_record), m_track.axis().at(end) };
        show_stretch(
            m_context.state, zoomed(own, 1.2, own.begin + own.length() / 2, m_track.axis().length(), least_stretch));
    }

    void draw_ranges()
    {
        if (m_state.loop) {
            auto const from = m_track.x_of_records(m_state.loop->first),
                       to = m_track.x_of_records(m_state.loop->second + 1);
            auto const band = intersected(
                { from, m_track.rect().y, std::max(2.0f, to - from), m_track.rect().height }, m_track.rect());
            fill(m_canvas, band, 0, m_theme.accent.faded(0.10f));
            fill(m_canvas, band.top_part(3), 0, m_theme.accent);
        }
        if (m_state.second) {
            auto const a = m_track.x_of_records(*m_state.second), b = m_track.x_of_records(cursor_records());
            fill(m_canvas,
                intersected(
                    { std::min(a, b), m_track.rect().y, std::abs(b - a), m_track.rect().height }, m_track.rect()),
                0, m_theme[theme::Category::Selection].fill.faded(0.08f));
        }
    }

    void draw_cursors()
    {
        if (m_state.second)
            draw_cursor(m_track.x_of_records(*m_state.second), m_theme[theme::Category::Selection].stroke, "B");
        auto const x = m_state.scale == TimeScale::Story ? m_track.x_of(m_player.story())
                                                         : m_track.x_of_records(cursor_records());
        draw_cursor(x, m_theme[theme::Category::Alert].stroke, m_state.second ? "A" : "");
    }

    void draw_cursor(float x, theme::Color color, std::string_view letter)
    {
        if (x < m_track.rect().x - 1 || x > m_track.rect().right() + 1)
            return;
        line(m_canvas, { x, m_track.rect().y + 8 }, { x, m_track.rect().bottom() }, color, 2);
        if (!letter.empty()) {
            Rect const flag { x - 9, m_track.rect().y - 2, 18, 18 };
            fill(m_canvas, flag, theme::radius::bar, color);
            return text_in(m_canvas, flag, letter, theme::Style::Strong, m_theme.surface, Align::Center);
        }
        m_canvas.list().AddTriangleFilled(m_canvas.device({ x - 7, m_track.rect().y }),
            m_canvas.device({ x + 7, m_track.rect().y }), m_canvas.device({ x, m_track.rect().y + 10 }),
            m_canvas.ink(color));
    }

    void take_mouse()
    {
        auto const area = m_track.rect().outset(4);
        auto const hand = touch(m_canvas, "timeline.track", area, Reach::MouseOnly);
        auto const x = std::clamp(hand.pointer.x, m_track.rect().x, m_track.rect().right());
        auto const held = hands();
        if (hand.hovered && held.wheel != 0)
            show_stretch(m_context.state,
                zoomed(m_track.shown(), std::pow(0.8, held.wheel), m_track.place_at(x), m_track.axis().length(),
                    least_stretch));
        if (hand.hovered && held.wheel_aside != 0)
            show_stretch(m_context.state,
                panned(m_track.shown(), -held.wheel_aside * m_track.shown().length() / 12, m_track.axis().length()));
        m_track.show(shown_stretch(m_context.state));
        if (!hand.held && !hand.clicked)
            m_state.drawing = false;
        if (hand.held || hand.clicked)
            take_drag(x, hand, held);
        m_hand = hand;
    }

    void take_drag(float x, Response const& hand, Hands const& held)
    {
        auto const records = m_track.records_at(x);
        if (held.alt) {
            m_state.second = std::clamp<std::uint64_t>(records, 1, m_player.log().size());
        } else if (held.shift) {
            if (!std::exchange(m_state.drawing, hand.held))
                m_state.drag_from = records;
            auto const [from, to] = std::minmax(m_state.drag_from, records);
            m_state.loop = { from, to };
        } else if (m_state.scale == TimeScale::Story) {
            m_player.seek(std::clamp(m_track.place_at(x), 0.0, m_player.length()));
        } else {
            m_player.seek(m_player.choreography().pacing().story_at(records));
        }
    }

    // What lies under the pointer: a span with its numbers, else what that moment looks like.
    void draw_hover(Response const& hand)
    {
        auto const x = std::clamp(hand.pointer.x, m_track.rect().x, m_track.rect().right());
        line(m_canvas, { x, m_track.rect().y }, { x, m_track.rect().bottom() }, m_theme.dim_text, 1, Stroke::Dashed);
        if (m_hovered_span != nullptr && m_tall)
            return hint(m_canvas, span_area(hand), span_words(*m_hovered_span));
        auto const place = m_state.scale == TimeScale::Story
            ? m_track.place_at(x)
            : m_player.choreography().pacing().story_at(m_track.records_at(x));
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
    bool m_tall;
    Rect m_rect;
    TimelineTrack m_track;
    Response m_hand; // on the track
    trace::SpanRun const* m_hovered_span { nullptr };
};

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
