#include "sim/words/Language.h"
#include "visual/view/TimelineTrack.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

namespace drydock::view {

float TimelineTrack::x_of(double place) const
{
    return m_rect.x + static_cast<float>((place - m_shown.begin) / std::max(1e-12, m_shown.length())) * m_rect.width;
}

double TimelineTrack::place_at(float x) const
{
    return m_shown.begin + static_cast<double>((x - m_rect.x) / m_rect.width) * m_shown.length();
}

std::uint64_t TimelineTrack::records_at(float x) const
{
    return m_axis.records_at(std::max(0.0, place_at(x)));
}

namespace {

using namespace canvas;
using namespace theme::space;
using words::tr;

// "1.15 s", "240 µs": as fine as the ruler's ticks are apart, in the unit of the largest.
std::string place_text(double seconds, double largest, double distance)
{
    struct Unit {
        double seconds;
        std::string_view name;
    };
    static constexpr std::array<Unit, 3> units { { { 1, "s" }, { 1e-3, "ms" }, { 1e-6, "µs" } } };
    auto const unit = std::find_if(
        units.begin(), std::prev(units.end()), [&](Unit const& candidate) { return largest >= candidate.seconds; });
    auto const digits = std::clamp(-static_cast<int>(std::floor(std::log10(distance / unit->seconds))), 0, 9);
    return seconds <= 0 ? "0" : fmt::format("{:.{}f} {}", seconds / unit->seconds, digits, unit->name);
}

class TimelineRuler {
public:
    TimelineRuler(Canvas const& canvas, TimelineTrack const& track, Context& context)
        : m_canvas(canvas)
        , m_theme(canvas.theme())
        , m_track(track)
        , m_player(context.state.player)
        , m_state(context.state.timeline)
        , m_index(context.state.index)
    {
    }

    // Ticks with their time, over a strip that tells how much was published when.
    void draw_ruler(Rect const& row)
    {
        draw_density(row);
        auto const distance = tick_distance(m_track.shown().length(), static_cast<int>(m_track.rect().width / 110));
        auto const first = std::ceil(m_track.shown().begin / distance);
        for (int i = 0; i < 64; ++i) {
            auto const place = (first + i) * distance;
            if (place > m_track.shown().end)
                break;
            auto const x = m_track.x_of(place);
            line(m_canvas, { x, row.y + 4 }, { x, row.bottom() }, m_theme.dim_text.faded(0.6f));
            text_in(m_canvas, { x + 4, row.y, 96, row.height - 3 }, place_text(place, m_track.shown().end, distance),
                theme::Style::Caption, m_theme.dim_text);
        }
        text_in(m_canvas, { m_track.rect().x - timeline_names, row.y, timeline_names - tight, row.height },
            m_state.scale == TimeScale::Story ? tr("story time") : tr("true time"), theme::Style::Caption,
            m_theme.dim_text);
    }

private:
    void draw_density(Rect const& row)
    {
        constexpr float column = 4;
        auto before = m_track.records_at(row.x);
        for (float x = row.x; x < row.right(); x += column) {
            auto const after = m_track.records_at(x + column);
            auto const count = static_cast<float>(after - std::min(before, after));
            auto const height = std::min(row.height, 3 * std::log2(1 + count));
            if (count > 0)
                fill(m_canvas, { x, row.bottom() - height, column - 1, height }, 0, m_theme.accent.faded(0.22f));
            before = after;
        }
    }

public:
    // Phases of the scenario, commands, faults. Names as far as the next mark leaves room.
    void draw_marks(Rect const& row)
    {
        auto const& marks = m_index.marks();
        auto const first = std::partition_point(marks.begin(), marks.end(),
            [&](auto const& mark) { return m_track.x_of_records(mark.record) < row.x - 200; });
        float free_from = row.x - 200;
        for (auto mark = first; mark != marks.end(); ++mark) {
            auto const x = m_track.x_of_records(mark->record);
            if (x > row.right())
                break;
            if (x < free_from + timeline_foldable)
                continue;
            auto const next
                = std::next(mark) == marks.end() ? row.right() + 400 : m_track.x_of_records(std::next(mark)->record);
            draw_mark(row, *mark, x, next);
            free_from = x;
        }
    }

private:
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
        if (x >= m_track.rect().x - 1) // else it began before what is in sight
            icon(m_canvas, { x + 7, row.center().y }, sign, color, 12);
        auto const from = std::max(x + 18, m_track.rect().x);
        Rect const words { from, row.y, std::min(next - tight, m_track.rect().right()) - from, row.height };
        if (words.width > 30)
            text_in(m_canvas, words, mark.text, is_phase ? theme::Style::Strong : theme::Style::Caption,
                is_phase ? m_theme.text : m_theme.dim_text);
        auto const hand = touch(
            m_canvas, fmt::format("timeline.mark.{}", mark.record), { x, row.y, 16, row.height }, Reach::MouseOnly);
        if (hand.clicked)
            m_player.seek(m_player.choreography().pacing().story_at(mark.record + 1));
        hint(m_canvas, hand, mark.text);
    }

public:
    // Every beat a segment: what has been shown is lit, holds are marked.
    void draw_beats(Rect const& whole)
    {
        auto const row = Rect { m_track.rect().x, whole.y, m_track.rect().width, whole.height }.inset(0, 6);
        auto const& beats = m_player.choreography().beats();
        auto const begin_of = [&](stage::Beat const& beat) {
            return m_state.scale == TimeScale::Story ? m_track.x_of(beat.begin)
                                                     : m_track.x_of_records(beat.first_record);
        };
        auto const end_of = [&](stage::Beat const& beat) {
            return m_state.scale == TimeScale::Story ? m_track.x_of(beat.end) : m_track.x_of_records(beat.end_record);
        };
        auto beat
            = std::partition_point(beats.begin(), beats.end(), [&](stage::Beat const& b) { return end_of(b) < row.x; });
        while (beat != beats.end() && begin_of(*beat) < row.right()) {
            auto const x = begin_of(*beat);
            // Many that are too small to be told apart are one segment.
            auto const next = std::partition_point(std::next(beat), beats.end(),
                [&](stage::Beat const& b) { return begin_of(b) < x + timeline_foldable; });
            auto const& last = *std::prev(next);
            Rect const segment { x, row.y, std::max(1.0f, end_of(last) - x - 2), row.height };
            bool const shown = beat->begin <= m_player.story();
            fill(m_canvas, intersected(segment, m_track.rect()), 3, shown ? m_theme.accent.faded(0.75f) : m_theme.line);
            if (last.holds && segment.right() >= row.x)
                disc(m_canvas, { segment.right(), row.center().y }, 5, m_theme.accent);
            beat = next;
        }
        text_in(m_canvas, { m_track.rect().x - timeline_names, whole.y, timeline_names - tight, whole.height },
            tr("beats"), theme::Style::Caption, m_theme.dim_text);
    }

private:
    Canvas const& m_canvas;
    theme::Theme const& m_theme;
    TimelineTrack const& m_track;
    Player& m_player;
    TimelineState const& m_state;
    LogIndex const& m_index;
};

}

void draw_timeline_ruler(Canvas const& canvas, Rect const& row, TimelineTrack const& track, Context& context)
{
    TimelineRuler(canvas, track, context).draw_ruler(row);
}

void draw_timeline_marks(Canvas const& canvas, Rect const& row, TimelineTrack const& track, Context& context)
{
    TimelineRuler(canvas, track, context).draw_marks(row);
}

void draw_timeline_beats(Canvas const& canvas, Rect const& row, TimelineTrack const& track, Context& context)
{
    TimelineRuler(canvas, track, context).draw_beats(row);
}

}
