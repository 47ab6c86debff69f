#include "visual/stage/Choreography.h"

#include "sim/words/Words.h"

#include <algorithm>

namespace drydock::stage {

namespace {

constexpr std::size_t largest_group = 12;

// Deeper down there is more to see and each thing is smaller news.
double tempo(trace::Depth depth)
{
    switch (depth) {
    case trace::Depth::Role: return 1;
    case trace::Depth::Object: return 0.8;
    case trace::Depth::Metal: return 0.6;
    }
    return 1;
}

}

void Choreography::extend(trace::EventLog const& log)
{
    for (auto const size = log.size(); m_world.applied < size;)
        take(log, m_world.applied);
}

void Choreography::take(trace::EventLog const& log, std::uint64_t sequence)
{
    auto const& record = log[sequence];
    world::apply(m_world, record);
    auto cue = cue_of(record.event, m_world);
    bool const leads = cue.leads_from && *cue.leads_from <= m_depth;
    bool const same_group
        = leads && !cue.group.empty() && cue.group == m_group && m_group_records.size() < largest_group;
    if (same_group && !m_beats.empty())
        join_group(log, record, std::move(cue));
    else if (leads || m_beats.empty()) {
        if (!leads)
            cue.focus.clear(); // the trace has to begin with something; what leads next takes it over
        begin_beat(record, std::move(cue));
    }
    auto& beat = m_beats.back();
    beat.end_record = sequence + 1;
    beat.holds = beat.holds || record.event.is<trace::PhaseEnded>() || record.event.is<trace::PredictionAsked>()
        || record.event.is<trace::LessonIntroduced>();
    pace_last();
}

void Choreography::begin_beat(trace::Record const& record, Cue cue)
{
    m_group = cue.group;
    m_group_records = { record.sequence };
    Beat beat;
    beat.lead = beat.first_record = record.sequence;
    beat.motion = cue.motion * tempo(m_depth);
    beat.caption = words::sentence(record.event, m_world);
    beat.focus = std::move(cue.focus);
    beat.mover = std::move(cue.mover);
    beat.provenance = record.origin->provenance;
    m_beats.push_back(std::move(beat));
    m_pacing.append(record.sequence + 1, 1);
}

void Choreography::join_group(trace::EventLog const& log, trace::Record const& record, Cue cue)
{
    auto& beat = m_beats.back();
    m_group_records.push_back(record.sequence);
    std::vector<trace::Event const*> events;
    for (auto const sequence : m_group_records)
        events.push_back(&log[sequence].event);
    beat.caption = words::sentence(events, m_world);
    for (auto& id : cue.focus) {
        if (std::find(beat.focus.begin(), beat.focus.end(), id) == beat.focus.end())
            beat.focus.push_back(std::move(id));
    }
}

void Choreography::pace_last()
{
    auto& beat = m_beats.back();
    m_pacing.change_last(beat.end_record, beat.motion + reading_time(beat.caption));
    beat.begin = m_pacing.steps().back().begin;
    beat.end = m_pacing.steps().back().end;
}

// Between 0.6 and 2 seconds, at about sixty characters a second: a caption repeats what has just been seen.
double Choreography::reading_time(std::string const& caption) const
{
    return tempo(m_depth) * std::clamp(0.4 + static_cast<double>(caption.size()) / 60, 0.6, 2.0);
}

}
