#include "sim/scenario/Proof.h"

#include <fmt/format.h>

#include <algorithm>

namespace drydock::scenario {

namespace {

using Lines = std::vector<std::string>;

// The first goal that is not met after `lines` have run on a fresh engine; empty where all are.
Result<std::string> first_unmet(Scenario const& scenario, EngineFactory const& make, Lines const& lines)
{
    auto const engine = TRY(make());
    for (auto const& line : scenario.setup())
        engine->run(line);
    for (auto const& line : lines)
        engine->run(line);
    Judge judge(*engine);
    for (auto const& goal : scenario.goals) {
        if (auto const verdict = judge.judge(goal); !verdict.met)
            return fmt::format("\"{}\": {}", goal.text, verdict.why_not);
    }
    return std::string {};
}

Lines without(Lines lines, std::size_t index)
{
    lines.erase(lines.begin() + static_cast<std::ptrdiff_t>(index));
    return lines;
}

Lines with(Lines lines, std::string const& extra)
{
    lines.push_back(extra);
    return lines;
}

class Prover {
public:
    Prover(Scenario const& scenario, EngineFactory const& make)
        : m_scenario(scenario)
        , m_make(make)
    {
    }

    Result<void> must_meet(std::string claim, Lines const& lines)
    {
        auto const unmet = TRY(first_unmet(m_scenario, m_make, lines));
        m_trials.push_back({ std::move(claim), unmet.empty(), unmet });
        return {};
    }

    Result<void> must_fail(std::string claim, Lines const& lines)
    {
        auto const unmet = TRY(first_unmet(m_scenario, m_make, lines));
        m_trials.push_back({ std::move(claim), !unmet.empty(), unmet.empty() ? "every goal is met all the same" : "" });
        return {};
    }

    // A choice that the run answers with must be there, or nobody could be right.
    Result<void> must_offer_the_answers()
    {
        auto const engine = TRY(m_make());
        Judge judge(*engine);
        for (auto const& phase : m_scenario.phases) {
            std::vector<Judge::Before> before;
            for (auto const& prediction : m_scenario.predictions)
                before.push_back(judge.before(prediction));
            for (auto const* lines : { &phase.run, &phase.show }) {
                for (auto const& line : *lines)
                    engine->run(line);
            }
            for (std::size_t i = 0; i < before.size(); ++i) {
                auto const& prediction = m_scenario.predictions[i];
                if (prediction.phase == phase.name && !prediction.choices.empty())
                    offers(prediction, judge.answer(prediction, before[i]));
            }
        }
        return {};
    }

    // After the solution, since that is where the learner meets it.
    Result<void> must_show_the_variation(Lines const& solution)
    {
        auto const engine = TRY(m_make());
        for (auto const& line : m_scenario.setup())
            engine->run(line);
        for (auto const& line : solution)
            engine->run(line);
        for (auto const& line : m_scenario.variation->run)
            engine->run(line);
        auto const verdict = Judge(*engine).judge({ m_scenario.variation->name, m_scenario.variation->all });
        m_trials.push_back({ fmt::format("the variation \"{}\" shows what it says", m_scenario.variation->name),
            verdict.met, verdict.why_not });
        return {};
    }

    std::vector<Trial> trials() && { return std::move(m_trials); }

private:
    void offers(Prediction const& prediction, std::string const& answer)
    {
        bool const offered
            = std::find(prediction.choices.begin(), prediction.choices.end(), answer) != prediction.choices.end();
        m_trials.push_back({ fmt::format("the answer to \"{}\" is among its choices", prediction.question), offered,
            offered ? "" : "the run answers " + answer });
    }

    Scenario const& m_scenario;
    EngineFactory const& m_make;
    std::vector<Trial> m_trials;
};

}

Result<std::vector<Trial>> prove(Scenario const& scenario, EngineFactory const& make)
{
    Prover prover(scenario, make);
    auto const solution = scenario.solution();
    if (scenario.goals.empty()) // a demonstration
        return std::move(prover).trials();
    TRY(prover.must_fail("the start state does not meet the goals yet", {}));
    TRY(prover.must_meet("the solution meets every goal", solution));
    for (std::size_t i = 0; i < solution.size() && solution.size() > 1; ++i)
        TRY(prover.must_fail(fmt::format("without `{}` a goal is not met", solution[i]), without(solution, i)));
    if (scenario.check) {
        for (auto const& alternative : scenario.check->alternatives)
            TRY(prover.must_meet(fmt::format("`{}` meets every goal too", fmt::join(alternative, "; ")), alternative));
        for (auto const& extra : scenario.check->tolerates)
            TRY(prover.must_meet(fmt::format("`{}` beside the solution does no harm", extra), with(solution, extra)));
    }
    TRY(prover.must_offer_the_answers());
    if (scenario.variation)
        TRY(prover.must_show_the_variation(solution));
    return std::move(prover).trials();
}

}
