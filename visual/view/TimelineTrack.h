#pragma once

// Where on the screen a moment lies, for the parts of the timeline: ruler, marks, beats, bands, cursors.

#include "visual/view/Views.h"

#include <optional>
#include <string>
#include <vector>

namespace drydock::view {

class TimelineTrack {
public:
    TimelineTrack(State const& state, canvas::Rect const& rect)
        : m_axis(timeline_axis(state))
        , m_shown(shown_stretch(state))
        , m_rect(rect)
    {
    }

    TimelineAxis const& axis() const { return m_axis; }
    Stretch const& shown() const { return m_shown; }
    void show(Stretch const& stretch) { m_shown = stretch; }
    canvas::Rect const& rect() const { return m_rect; }
    // The same columns of the screen in that row.
    canvas::Rect row(canvas::Rect const& of) const { return { m_rect.x, of.y, m_rect.width, of.height }; }

    float x_of(double place) const;
    float x_of_records(std::uint64_t records) const { return x_of(m_axis.at(records)); }
    double place_at(float x) const;
    std::uint64_t records_at(float x) const;

private:
    TimelineAxis m_axis;
    Stretch m_shown;
    canvas::Rect m_rect;
};

inline constexpr float timeline_names = 104;     // room for names at the left
inline constexpr float timeline_foldable = 2.5f; // what is narrower is drawn together with what follows

// ---- TimelineRuler.cpp ----

// Ticks with their time, over a strip that tells how much was published when.
void draw_timeline_ruler(canvas::Canvas const&, canvas::Rect const& row, TimelineTrack const&, Context&);
// Phases of the scenario, commands, faults.
void draw_timeline_marks(canvas::Canvas const&, canvas::Rect const& row, TimelineTrack const&, Context&);
// Every beat a segment: what has been shown is lit, holds are marked.
void draw_timeline_beats(canvas::Canvas const&, canvas::Rect const& row, TimelineTrack const&, Context&);

// ---- TimelineForks.cpp ----

// The height that it takes; nothing where there is one branch only.
float draw_timeline_forks(canvas::Canvas const&, canvas::Rect const& row, TimelineTrack const&, Context&);

// ---- TimelineBands.cpp: who did what ----

enum class BandStyle : std::uint8_t {
    Flat, // a band is one row, what is nested is drawn into its parent
    Rows, // every lane and every nesting has a row
};
// Clients first, then daemons and registries, as they stand on the stage; last what daemons start.
std::vector<std::string> order_of_bands(LogIndex const&);
theme::Category category_of(trace::ActorRole);
bool title_contains(std::string_view title, std::string_view wanted); // whatever the case of letters
// The span under `pointer`, where there is one.
trace::SpanRun const* draw_timeline_bands(canvas::Canvas const&, canvas::Rect const& room, TimelineTrack const&,
    Context&, BandStyle, std::optional<canvas::Point> pointer);

}
