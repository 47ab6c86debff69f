// What the keys do to the timeline: which stretch of it is in sight, on which scale, what is looped.

#include "visual/view/Views.h"

#include <algorithm>

namespace drydock::view {

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

void Screen::perform_on_timeline(Action action)
{
    auto& timeline = m_state.timeline;
    auto& player = m_state.player;
    auto const axis = timeline_axis(m_state);
    auto const all = axis.length();
    auto const now = axis.at(player.choreography().pacing().records_at(player.story()));
    auto const shown = shown_stretch(m_state);
    if (action == Action::TallTimeline)
        timeline.height = timeline.height < dock_tall ? dock_tall : dock_low;
    else if (action == Action::TimelineIn)
        show_stretch(m_state, zoomed(shown, 0.7, std::clamp(now, shown.begin, shown.end), all, least_stretch));
    else if (action == Action::TimelineOut)
        show_stretch(m_state, zoomed(shown, 1 / 0.7, std::clamp(now, shown.begin, shown.end), all, least_stretch));
    else if (action == Action::TimelineLeft)
        show_stretch(m_state, panned(shown, -shown.length() / 8, all));
    else if (action == Action::TimelineRight)
        show_stretch(m_state, panned(shown, shown.length() / 8, all));
    else if (action == Action::TimelineFit)
        timeline.shown.reset();
    else if (action == Action::TimelineScale)
        change_scale(m_state);
    else if (action == Action::LoopRange)
        timeline.loop = timeline.loop ? std::nullopt : std::optional(part_around(m_state, player.records()));
    else if (timeline.second == player.records())
        timeline.second.reset();
    else
        timeline.second = player.records();
}

// What was about to leave the range begins it again.
void Screen::keep_in_loop(bool was_playing)
{
    auto& player = m_state.player;
    if (!m_state.timeline.loop || !was_playing)
        return;
    auto const& pacing = player.choreography().pacing();
    auto const [from, to] = *m_state.timeline.loop;
    auto const end = to >= player.log().size() ? player.length() : pacing.story_at(to + 1);
    if (player.story() < end - 1e-3)
        return;
    player.seek(pacing.story_at(from));
    player.play();
}

}
