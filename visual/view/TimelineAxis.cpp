#include "visual/view/TimelineAxis.h"

#include <algorithm>
#include <cmath>

namespace drydock::view {

namespace {
constexpr double per_second = 1e9;
}

TimelineAxis::TimelineAxis(TimeScale scale, timeline::Pacing const& pacing, std::vector<std::int64_t> const& times)
    : m_scale(scale)
    , m_pacing(&pacing)
    , m_times(&times)
{
}

double TimelineAxis::length() const
{
    if (m_scale == TimeScale::Story)
        return m_pacing->length();
    return m_times->empty() ? 0 : static_cast<double>(m_times->back()) / per_second;
}

double TimelineAxis::at(std::uint64_t records) const
{
    if (m_scale == TimeScale::Story)
        return m_pacing->story_at(records);
    if (records == 0 || m_times->empty())
        return 0;
    return static_cast<double>((*m_times)[std::min<std::size_t>(records, m_times->size()) - 1]) / per_second;
}

std::uint64_t TimelineAxis::records_at(double place) const
{
    if (m_scale == TimeScale::Story)
        return m_pacing->steps().empty() ? 0 : m_pacing->records_at(place);
    auto const nanoseconds = static_cast<std::int64_t>(std::llround(place * per_second));
    auto const after = std::upper_bound(m_times->begin(), m_times->end(), nanoseconds);
    return static_cast<std::uint64_t>(after - m_times->begin());
}

Stretch zoomed(Stretch const& now, double factor, double around, double all, double least)
{
    auto const length = std::clamp(now.length() * factor, std::min(least, all), all);
    auto const part = now.length() <= 0 ? 0 : (around - now.begin) / now.length();
    auto const begin = std::clamp(around - part * length, 0.0, all - length);
    return { begin, begin + length };
}

Stretch panned(Stretch const& now, double by, double all)
{
    auto const begin = std::clamp(now.begin + by, 0.0, std::max(0.0, all - now.length()));
    return { begin, begin + now.length() };
}

double tick_distance(double shown, int most)
{
    auto const least = shown / std::max(1, most);
    if (least <= 0)
        return 1;
    auto const power = std::pow(10.0, std::floor(std::log10(least)));
    for (auto const step : { 1.0, 2.0, 5.0 }) {
        if (step * power >= least)
            return step * power;
    }
    return 10 * power;
}

}
