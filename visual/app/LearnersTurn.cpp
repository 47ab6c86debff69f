#include "visual/app/LearnersTurn.h"

#include "sim/words/Language.h"

#include <fmt/format.h>

#include <algorithm>
#include <iostream>

namespace drydock::app {

namespace {

std::optional<std::string> line_typed(std::string_view prompt)
{
    fmt::print("{} ", prompt);
    std::fflush(stdout);
    std::string line;
    if (!std::getline(std::cin, line))
        return std::nullopt;
    return line;
}

}

LearnersTurn::LearnersTurn(
    scenario::Scenario const& scenario, scenario::Engine& engine, trace::Publisher publisher, TextTwin& twin)
    : m_scenario(scenario)
    , m_engine(engine)
    , m_publisher(std::move(publisher))
    , m_twin(twin)
    , m_judge(engine)
{
    for (auto const& goal : scenario.goals)
        m_verdicts.push_back(m_judge.judge(goal));
}

// Whether all are met now; says of each what has changed.
bool LearnersTurn::judge()
{
    bool all = true, changed = false;
    for (std::size_t i = 0; i < m_verdicts.size(); ++i) {
        auto const verdict = m_judge.judge(m_scenario.goals[i]);
        all = all && verdict.met;
        if (verdict.met != m_verdicts[i].met || verdict.why_not != m_verdicts[i].why_not) {
            m_publisher.publish(trace::GoalEvaluated { m_scenario.goals[i].text, verdict.met, verdict.why_not });
            changed = true;
        }
        m_verdicts[i] = verdict;
    }
    if (all && changed)
        m_publisher.publish(trace::ScenarioEnded { m_scenario.id, true });
    m_twin.follow(m_engine.log());
    return all;
}

void LearnersTurn::give_hint()
{
    if (m_scenario.hints.empty())
        return;
    auto const& hint = m_scenario.hints[std::min(m_hints++, m_scenario.hints.size() - 1)];
    fmt::print("  {}\n", words::tr(hint.text));
}

void LearnersTurn::take()
{
    if (judge())
        return;
    fmt::print("\n{}\n", words::tr("Your turn: type commands; \"hint\" gives a hint, an empty line ends."));
    do {
        auto const line = line_typed("$");
        if (!line || line->empty())
            return;
        if (*line == "hint")
            give_hint();
        else
            m_engine.run(*line);
        m_twin.follow(m_engine.log());
    } while (!judge());
}

void LearnersTurn::end(bool asks)
{
    if (!m_scenario.next.empty())
        fmt::print("\n{}\n", words::tr("Try next"));
    for (auto const& sentence : m_scenario.next)
        fmt::print("  {}\n", words::tr(sentence));
    if (!m_scenario.variation || !judge())
        return;
    if (asks) {
        auto const answer = line_typed("\n"
            + words::say(
                "Break it on purpose: {}? Enter does it, n leaves it.", words::tr(m_scenario.variation->name)));
        if (!answer || !answer->empty())
            return;
    }
    scenario::play_variation(m_scenario, m_engine, m_publisher);
    m_twin.follow(m_engine.log());
}

}
