#include "sim/timeline/Pacing.h"

#include "sim/core/Verify.h"

#include <algorithm>
#include <cmath>

namespace drydock::timeline {

Step const& Pacing::append(std::uint64_t end_record, double seconds)
{
    auto const first = m_steps.empty() ? 0 : m_steps.back().end_record;
    VERIFY(end_record >= first && seconds > 0);
    m_steps.push_back({ length(), length() + seconds, first, end_record });
    return m_steps.back();
}

void Pacing::change_last(std::uint64_t end_record, double seconds)
{
    VERIFY(!m_steps.empty() && end_record >= m_steps.back().first_record && seconds > 0);
    m_steps.back().end_record = end_record;
    m_steps.back().end = m_steps.back().begin + seconds;
}

std::size_t Pacing::step_at(double story) const
{
    VERIFY(!m_steps.empty());
    auto const after = std::upper_bound(
        m_steps.begin(), m_steps.end(), story, [](double time, Step const& step) { return time < step.begin; });
    return after == m_steps.begin() ? 0 : static_cast<std::size_t>(after - m_steps.begin()) - 1;
}

std::uint64_t Pacing::records_at(double story) const
{
    if (m_steps.empty())
        return 0;
    auto const& step = m_steps[step_at(story)];
    auto const share = std::clamp((story - step.begin) / (step.end - step.begin), 0.0, 1.0);
    auto const records = static_cast<double>(step.end_record - step.first_record);
    // The tolerance makes records_at(story_at(n)) == n in spite of rounding.
    return step.first_record + static_cast<std::uint64_t>(std::floor(share * records + 1e-6));
}

double Pacing::story_at(std::uint64_t count) const
{
    auto const step = std::lower_bound(m_steps.begin(), m_steps.end(), count,
        [](Step const& candidate, std::uint64_t wanted) { return candidate.end_record < wanted; });
    if (step == m_steps.end())
        return length();
    if (count <= step->first_record)
        return step->begin;
    auto const share
        = static_cast<double>(count - step->first_record) / static_cast<double>(step->end_record - step->first_record);
    return step->begin + share * (step->end - step->begin);
}

void Cursor::advance(double seconds, double length)
{
    // A follower who is far behind hurries, so that what happens now is seen soon, but seen.
    constexpr double patience = 8;
    if (following)
        story += seconds * speed * std::max(1.0, (length - story) / patience);
    else if (playing)
        story += seconds * speed;
    if (story >= length) {
        story = length;
        playing = false;
    }
}

void Cursor::seek(double to, double length)
{
    story = std::clamp(to, 0.0, length);
    following = false;
}

void Cursor::faster()
{
    speed = std::min(16.0, speed * 2);
}

void Cursor::slower()
{
    speed = std::max(0.25, speed / 2);
}

}
