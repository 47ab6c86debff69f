#include "sim/scenario/Player.h"

#include <fmt/format.h>

namespace drydock::scenario {

namespace {

void ask_predictions(Scenario const& scenario, Phase const& phase, trace::Publisher const& publisher)
{
    for (auto const& prediction : scenario.predictions) {
        if (prediction.phase == phase.name)
            publisher.publish(trace::PredictionAsked { prediction.id, prediction.question, prediction.choices });
    }
}

void resolve_predictions(
    Scenario const& scenario, Phase const& phase, std::uint64_t since, Judge& judge, trace::Publisher const& publisher)
{
    for (auto const& prediction : scenario.predictions) {
        if (prediction.phase == phase.name)
            publisher.publish(
                trace::PredictionResolved { prediction.id, judge.measure(prediction.measure, since), prediction.why });
    }
}

bool evaluate_goals(Scenario const& scenario, Judge& judge, trace::Publisher const& publisher, Played& played)
{
    bool all = true;
    for (auto const& goal : scenario.goals) {
        auto const verdict = judge.judge(goal);
        publisher.publish(trace::GoalEvaluated { goal.text, verdict.met, verdict.why_not });
        if (!verdict.met)
            played.failures.push_back(fmt::format("\"{}\" is not met: {}", goal.text, verdict.why_not));
        all = all && verdict.met;
    }
    return all;
}

}

Played play(
    Scenario const& scenario, Engine& engine, trace::Publisher const& publisher, std::function<bool()> const& go_on)
{
    Played played;
    Judge judge(engine);
    publisher.publish(trace::ScenarioBegan { scenario.id, scenario.title });
    bool complete = true;
    for (std::size_t i = 0; i < scenario.phases.size(); ++i) {
        complete = go_on();
        if (!complete)
            break;
        auto const& phase = scenario.phases[i];
        auto const index = static_cast<std::int64_t>(i);
        publisher.publish(trace::PhaseBegan { index, phase.name, phase.say, phase.focus });
        ask_predictions(scenario, phase, publisher);
        auto const since = engine.log().size();
        for (auto const* lines : { &phase.run, &phase.show }) {
            for (auto const& line : *lines)
                engine.run(line);
        }
        resolve_predictions(scenario, phase, since, judge, publisher);
        publisher.publish(trace::PhaseEnded { index });
    }
    bool const met = evaluate_goals(scenario, judge, publisher, played);
    // A lesson's goals wait for the learner; a demonstration's are reached by its own phases.
    bool const learner_acts = !scenario.setup().empty();
    played.succeeded = complete && (met || learner_acts);
    publisher.publish(trace::ScenarioEnded { scenario.id, played.succeeded });
    return played;
}

}
