#include "visual/app/ShownScenario.h"

namespace drydock::app {

ShownScenario::ShownScenario(scenario::Scenario shown, std::filesystem::path its_folder, Coursework const& coursework)
    : scenario(std::move(shown))
    , folder(std::move(its_folder))
    , offer { .next = scenario.next, .variation = scenario.variation ? scenario.variation->name : std::string() }
{
    if (auto const* next = coursework.after(scenario.id); next != nullptr) {
        offer.next_lesson = next->id;
        offer.next_title = next->title;
    }
    for (auto const& hint : scenario.hints)
        hints.push_back({ hint.text, hint.flash, hint.after_failures });
    for (auto const& phase : scenario.phases)
        m_scripted += phase.run.size() + phase.show.size();
}

std::int64_t ShownScenario::attempts(view::History const& history) const
{
    auto const turns = history.branches.empty() ? 0 : history.branches[history.engine].turns.size();
    return static_cast<std::int64_t>(turns - std::min(turns, m_scripted));
}

std::optional<std::uint64_t> ShownScenario::beginning_of(
    std::int64_t part, trace::EventLog const& log, std::uint64_t records) const
{
    bool is_its_own = false;
    for (std::uint64_t i = 0; i < records; ++i) {
        if (auto const* began = log[i].event.get_if<trace::ScenarioBegan>())
            is_its_own = began->id == scenario.id;
        auto const* phase = log[i].event.get_if<trace::PhaseBegan>();
        if (is_its_own && phase != nullptr && phase->index == part)
            return i;
    }
    return std::nullopt;
}

}
