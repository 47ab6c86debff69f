// What the window knows beside its views: which log it shows, of which scenario, and what it tells the presenter.

#include "tests/support/Catch.h"
#include "tests/support/SampleTraces.h"
#include "visual/app/PresenterNotes.h"
#include "visual/app/ShownLog.h"
#include "visual/app/ShownScenario.h"

#include <nlohmann/json.hpp>

using namespace drydock;

namespace {

trace::Publisher pen(trace::EventLog& log)
{
    static testing::HandClock const clock;
    return { log, clock, {} };
}

}

TEST_CASE("ShownLog: what has been drawn is no news, what has been added is", "[visual][app]")
{
    auto const log = std::make_shared<trace::EventLog>();
    app::ShownLog shown;
    shown.show(log);
    pen(*log).publish(trace::PhaseBegan { .index = 0 });
    CHECK(shown.look(nullptr));
    CHECK_FALSE(shown.is_drawn());
    shown.drawn();
    CHECK(shown.is_drawn());
    CHECK_FALSE(shown.look(nullptr));
    pen(*log).publish(trace::PhaseBegan { .index = 1 });
    CHECK(shown.look(nullptr));
    CHECK(shown.number() == 1); // still the same log
    CHECK(&shown.timeline().log() == log.get());

    shown.show(std::make_shared<trace::EventLog>());
    shown.look(nullptr);
    CHECK(shown.number() == 2);
    CHECK(&shown.timeline().log() == &shown.log());
    CHECK_FALSE(shown.is_drawn());
}

TEST_CASE("ShownScenario: a part begins where the log of that very scenario says so", "[visual][app]")
{
    scenario::Scenario scenario;
    scenario.id = "second";
    scenario.phases = { { .run = { "docker ps" }, .show = { "docker images" } } };
    app::ShownScenario const shown(scenario, {}, app::Coursework());
    trace::EventLog log;
    pen(log).publish(trace::ScenarioBegan { .id = "first" });
    pen(log).publish(trace::PhaseBegan { .index = 1 });
    CHECK_FALSE(shown.beginning_of(1, log, log.size()));
    pen(log).publish(trace::ScenarioBegan { .id = "second" });
    pen(log).publish(trace::PhaseBegan { .index = 0 });
    pen(log).publish(trace::PhaseBegan { .index = 1 });
    CHECK_FALSE(shown.beginning_of(1, log, log.size() - 1));
    CHECK(shown.beginning_of(1, log, log.size()) == 4);

    view::History history { .branches = { {} } };
    history.branches[0].turns.resize(2);
    CHECK(shown.attempts(history) == 0); // they are the scenario's own
    history.branches[0].turns.resize(5);
    CHECK(shown.attempts(history) == 3);
}

TEST_CASE("PresenterNotes: the line has what the class sees and what only the teacher reads", "[visual][app]")
{
    trace::EventLog log;
    auto publisher = pen(log);
    publisher.publish(trace::ScenarioBegan { .id = "s", .title = "The lesson" });
    publisher.publish(trace::PhaseBegan { .index = 1, .name = "Start", .say = "A container starts." });
    publisher.publish(trace::PredictionAsked { .id = "p", .question = "How many?" });
    publisher.publish(trace::PredictionResolved { .id = "other", .answer = "7", .why = "no" });
    publisher.publish(trace::PredictionResolved { .id = "p", .answer = "2", .why = "There are two" });
    timeline::Timeline timeline(log);
    view::Player player;
    auto const line = [&](scenario::Scenario const* scenario) {
        auto const text
            = app::notes_line({ .player = player, .scenario = scenario, .title = "trace.jsonl", .blackout = true },
                std::chrono::seconds(65));
        CHECK(text.ends_with("}\n"));
        return nlohmann::json::parse(text);
    };
    auto const before = line(nullptr);
    CHECK(before == nlohmann::json { { "title", "trace.jsonl" }, { "clock", 65 }, { "black", true } });

    player.open(log, timeline);
    player.to_end();
    scenario::Scenario scenario;
    scenario.phases.resize(3);
    scenario.phases[1].notes = "Ask first.";
    auto const told = line(&scenario);
    CHECK(told["title"] == "The lesson");
    CHECK(told["phase"] == 2);
    CHECK(told["phases"] == 3);
    CHECK(told["say"] == "A container starts.");
    CHECK(told["notes"] == "Ask first.");
    CHECK(told["question"] == "How many?");
    CHECK(told["answer"] == "2. There are two");
    CHECK_FALSE(line(nullptr).contains("notes")); // of a trace only the trace is known
}
