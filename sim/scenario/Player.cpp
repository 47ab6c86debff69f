#include "sim/scenario/Player.h"

#include <fmt/format.h>

namespace drydock::scenario {

namespace {

struct AskedPrediction {
    Prediction const* prediction;
    Judge::Before before;
};

std::vector<AskedPrediction> ask_predictions(
    Scenario const& scenario, Phase const& phase, Judge& judge, trace::Publisher const& publisher)
{
    std::vector<AskedPrediction> asked;
    for (auto const& prediction : scenario.predictions) {
        if (prediction.phase != phase.name)
            continue;
        publisher.publish(trace::PredictionAsked { prediction.id, prediction.question, prediction.choices });
        asked.push_back({ &prediction, judge.before(prediction) });
    }
    return asked;
}

void resolve_predictions(std::vector<AskedPrediction> const& asked, Judge& judge, trace::Publisher const& publisher)
{
    for (auto const& [prediction, before] : asked)
        publisher.publish(
            trace::PredictionResolved { prediction->id, judge.answer(*prediction, before), prediction->why });
}

void introduce(Scenario const& scenario, trace::Publisher const& publisher)
{
    if (scenario.parts.empty() && !scenario.analogy)
        return;
    trace::LessonIntroduced lesson;
    for (auto const& part : scenario.parts)
        lesson.parts.push_back({ part.name, part.says });
    if (scenario.analogy) {
        lesson.analogy = scenario.analogy->text;
        lesson.picture = scenario.analogy->picture;
    }
    publisher.publish(lesson);
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

std::string play_variation(Scenario const& scenario, Engine& engine, trace::Publisher const& publisher)
{
    auto const& variation = *scenario.variation;
    publisher.publish(trace::VariationBegan { variation.name, variation.say });
    for (auto const& line : variation.run)
        engine.run(line);
    publisher.publish(trace::VariationEnded { variation.shows });
    return Judge(engine).judge({ variation.name, variation.all }).why_not;
}

void show_the_rest(Scenario const& scenario, Engine& engine, trace::Publisher const& publisher)
{
    if (!scenario.setup().empty()) {
        auto const index = static_cast<std::int64_t>(scenario.phases.size());
        publisher.publish(trace::PhaseBegan { index, "One way to reach the goals",
            "These commands reach the goals. Other ways do as well.", {}, scenario.view });
        for (auto const& line : scenario.solution())
            engine.run(line);
        publisher.publish(trace::PhaseEnded { index });
        Judge judge(engine);
        Played played;
        bool const met = evaluate_goals(scenario, judge, publisher, played);
        publisher.publish(trace::ScenarioEnded { scenario.id, met });
    }
    if (scenario.variation)
        play_variation(scenario, engine, publisher);
}

Played play(
    Scenario const& scenario, Engine& engine, trace::Publisher const& publisher, std::function<bool()> const& go_on)
{
    Played played;
    Judge judge(engine);
    publisher.publish(trace::ScenarioBegan { scenario.id, scenario.title, scenario.view });
    introduce(scenario, publisher);
    bool complete = true;
    for (std::size_t i = 0; i < scenario.phases.size(); ++i) {
        complete = go_on();
        if (!complete)
            break;
        auto const& phase = scenario.phases[i];
        auto const index = static_cast<std::int64_t>(i);
        publisher.publish(trace::PhaseBegan {
            index, phase.name, phase.say, phase.focus, phase.view.empty() ? scenario.view : phase.view });
        auto const asked = ask_predictions(scenario, phase, judge, publisher);
        for (auto const* lines : { &phase.run, &phase.show }) {
            for (auto const& line : *lines)
                engine.run(line);
        }
        resolve_predictions(asked, judge, publisher);
        publisher.publish(trace::PhaseEnded { index });
    }
    bool const met = evaluate_goals(scenario, judge, publisher, played);
    // A lesson's goals wait for the learner; a demonstration's are reached by its own phases.
    bool const learner_acts = !scenario.setup().empty();
    played.succeeded = complete && (met || learner_acts);
    publisher.publish(trace::ScenarioEnded { scenario.id, complete && met });
    return played;
}

}
