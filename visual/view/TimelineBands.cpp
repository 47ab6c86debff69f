#include "visual/view/TimelineTrack.h"

#include <algorithm>
#include <cctype>

namespace drydock::view {

namespace {

using namespace canvas;
using namespace theme::space;

constexpr float lane_least = 20, row_height = 19;

class TimelineBands {
public:
    TimelineBands(Canvas const& canvas, TimelineTrack const& track, Context& context, BandStyle style,
        std::optional<Point> pointer)
        : m_canvas(canvas)
        , m_theme(canvas.theme())
        , m_track(track)
        , m_player(context.state.player)
        , m_state(context.state.timeline)
        , m_index(context.state.index)
        , m_style(style)
        , m_pointer(pointer)
    {
    }

    trace::SpanRun const* under_pointer() const { return m_under_pointer; }

    void draw_bands(Rect const& room)
    {
        std::vector<std::string> keys;
        for (auto const& key : order_of_bands(m_index)) {
            if (!m_state.without.contains(key))
                keys.push_back(key);
        }
        if (keys.empty())
            return;
        if (m_style == BandStyle::Rows)
            return draw_tall_bands(keys, room);
        auto const most = static_cast<std::size_t>(std::max(1.0f, room.height / (lane_least + 4)));
        if (keys.size() > most)
            keys.resize(most);
        auto const places = canvas::rows(room, static_cast<int>(keys.size()), hair);
        for (std::size_t i = 0; i < keys.size(); ++i)
            draw_flat_band(m_index.bands().at(keys[i]), places[i].top_part(26));
    }

private:
    enum class Part : std::uint8_t { Boxes, Names, Both };

    // Room for the lanes alone: what is nested is drawn into its parent, whose name stands over both.
    void draw_flat_band(SpanBand const& band, Rect const& row)
    {
        draw_ground(band, row);
        for (auto const& lane : band.lanes) {
            for (std::size_t nesting = 0; nesting < lane.size(); ++nesting) {
                auto const inset = std::min(6.0f, static_cast<float>(nesting) * 3);
                draw_row(lane[nesting], band, m_track.row(row).inset(0, inset), Part::Boxes);
            }
        }
        // The outermost name stands over all that is nested in it.
        if (!band.lanes.empty())
            draw_row(band.lanes.front().front(), band, m_track.row(row), Part::Names);
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
                    m_track.row(place.without_top(static_cast<float>(i) * row_height).top_part(row_height)).inset(0, 1),
                    Part::Both);
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

    // One past its last record; one that runs goes on until now.
    std::uint64_t end_of(trace::SpanRun const& span) const
    {
        return std::min(span.last_record, m_index.records() - 1) + 1;
    }

    void draw_ground(SpanBand const& band, Rect const& row)
    {
        text_in(m_canvas,
            Rect { m_track.rect().x - timeline_names, row.y, timeline_names - tight, std::min(row.height, 26.0f) },
            band.name, theme::Style::Caption, m_theme.dim_text);
        fill(m_canvas, m_track.row(row), theme::radius::bar, m_theme.raised);
    }

    // One row of spans that follow each other. What is too narrow is folded: only what is drawn is looked at.
    void draw_row(std::vector<std::size_t> const& row, SpanBand const& band, Rect const& place, Part part)
    {
        auto const& spans = m_index.spans();
        auto const first_record = m_track.records_at(m_track.rect().x);
        auto at = std::partition_point(
            row.begin(), row.end(), [&](std::size_t i) { return spans[i].last_record < first_record; });
        while (at != row.end()) {
            auto const& span = spans[*at];
            auto const left = m_track.x_of_records(span.first_record);
            if (left > m_track.rect().right())
                return;
            auto const right = m_track.x_of_records(end_of(span));
            if (right - left >= timeline_foldable) {
                if (span.depth <= m_player.depth() || m_style == BandStyle::Rows)
                    draw_span(span, band, { left, place.y, std::max(3.0f, right - left - 1), place.height }, part);
                ++at;
                continue;
            }
            auto const beyond = m_track.records_at(left + timeline_foldable + 0.5f);
            auto next = std::partition_point(
                std::next(at), row.end(), [&](std::size_t i) { return spans[i].first_record < beyond; });
            // They follow each other, so the last alone may reach farther than the fold.
            auto const last = std::prev(next);
            if (last != at && m_track.x_of_records(end_of(spans[*last])) > left + 2 * timeline_foldable)
                next = last;
            if (part != Part::Names)
                draw_fold(band, left, static_cast<std::size_t>(next - at), place);
            at = next;
        }
    }

    void draw_fold(SpanBand const& band, float x, std::size_t count, Rect const& place)
    {
        auto const height = place.height * std::min(1.0f, 0.4f + 0.1f * static_cast<float>(count));
        Rect const box { x, place.bottom() - height, timeline_foldable, height };
        fill(m_canvas, intersected(box, m_track.rect()), 0,
            m_theme[category_of(band.role)].fill.faded(m_state.query.empty() ? 0.75f : 0.3f));
    }

    void draw_span(trace::SpanRun const& span, SpanBand const& band, Rect const& box, Part part)
    {
        auto const& colors = m_theme[category_of(band.role)];
        bool const failed = !span.succeeded.value_or(true);
        auto const& shade = failed ? m_theme[theme::Category::Alert] : colors;
        bool const wanted = m_state.query.empty() || title_contains(span.title, m_state.query);
        auto const strength = !wanted ? 0.18f : span.nesting == 0 ? 0.75f : 1.0f;
        // Only what lies on the track: the names stand left of it. A span's own name stays while any of it is in sight.
        auto const seen = intersected(box, m_track.rect());
        if (part != Part::Names)
            fill(m_canvas, seen, theme::radius::bar, shade.fill.faded(strength));
        if (part != Part::Boxes && seen.width > 44)
            text_in(m_canvas, seen.inset(6, 0), span.title, theme::Style::Caption,
                wanted && strength > 0.5f ? shade.on_fill : m_theme.dim_text);
        if (m_pointer && box.contains(*m_pointer))
            m_under_pointer = &span;
    }

    Canvas const& m_canvas;
    theme::Theme const& m_theme;
    TimelineTrack const& m_track;
    Player const& m_player;
    TimelineState const& m_state;
    LogIndex const& m_index;
    BandStyle m_style;
    std::optional<Point> m_pointer;
    trace::SpanRun const* m_under_pointer { nullptr };
};

}

bool title_contains(std::string_view title, std::string_view wanted)
{
    auto const same = [](char a, char b) {
        return std::tolower(static_cast<unsigned char>(a)) == std::tolower(static_cast<unsigned char>(b));
    };
    return std::search(title.begin(), title.end(), wanted.begin(), wanted.end(), same) != title.end();
}

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

std::vector<std::string> order_of_bands(LogIndex const& index)
{
    std::vector<std::string> keys;
    for (auto const& [key, band] : index.bands()) {
        if (!band.lanes.empty())
            keys.push_back(key);
    }
    auto const rank = [&](std::string const& key) {
        switch (index.bands().at(key).role) {
        case trace::ActorRole::Client: return 0;
        case trace::ActorRole::Daemon: return 1;
        case trace::ActorRole::Registry: return 2;
        case trace::ActorRole::Runtime:
        case trace::ActorRole::Process: return 3;
        }
        return 3;
    };
    std::stable_sort(keys.begin(), keys.end(), [&](auto const& a, auto const& b) { return rank(a) < rank(b); });
    return keys;
}

trace::SpanRun const* draw_timeline_bands(Canvas const& canvas, Rect const& room, TimelineTrack const& track,
    Context& context, BandStyle style, std::optional<Point> pointer)
{
    TimelineBands bands(canvas, track, context, style, pointer);
    bands.draw_bands(room);
    return bands.under_pointer();
}

}
