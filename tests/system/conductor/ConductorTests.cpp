// Undo, redo, forks and goals over a whole engine, in both worlds, as the window asks for them.

#include "engine/runtime/Probe.h"
#include "tests/support/Catch.h"
#include "tests/support/TemporaryDirectory.h"
#include "visual/app/Conductor.h"

#include <chrono>
#include <iostream>
#include <thread>

using namespace drydock;

namespace {

constexpr std::string_view lesson = R"(
schema = 1
id = "two-sheets"
title = "Two sheets"
summary = "A container, and what is done to it."
minutes = 1
topics = ["rw-layer"]
misconceptions = ["M3"]

[[phase]]
name = "Start"
say = "A container starts."
run = ["docker run -d --name ann greeter:1 sleep 1000"]

[[goal]]
text = "ann greets you"
all = [{ container = "ann", state = "running" }, { file = "ann", path = "/etc/greeting", contains = "Bonjour" }]

[variation]
name = "Without ann"
say = "Ann is removed, and its sheet with it."
run = ["docker rm -f ann", "docker run -d --name ann greeter:1 sleep 1000"]
shows = "A new container begins with an empty sheet."
all = [{ sheet = "ann", path = "/etc/greeting", mark = "absent" }]

[check]
solution = ["docker exec ann sh -c 'echo Bonjour > /etc/greeting'"]
)";

scenario::Scenario sound_lesson()
{
    auto loaded = scenario::load(lesson);
    for (auto const& problem : loaded.problems)
        FAIL(problem.to_string("lesson"));
    return *loaded.scenario;
}

// A window's hands and eyes on a Conductor.
class Desk {
public:
    explicit Desk(lab::World world)
        : m_conductor({ .world = world, .installation = { DRYDOCK_IMAGES, DRYDOCK_INIT, {} } })
    {
        m_conductor.open(sound_lesson(), {});
        wait("the lesson", [this] { return turns() == 1 && goals_told() >= 1; });
    }

    app::Conductor* operator->() { return &m_conductor; }
    app::Conductor::State const& look()
    {
        m_conductor.look(m_state);
        return m_state;
    }
    std::size_t turns()
    {
        auto const& history = look().history;
        return history.branches.empty() ? 0 : history.branches[history.engine].turns.size();
    }
    void type(std::string const& line)
    {
        auto const before = turns();
        m_conductor.run(line);
        wait(line, [&] { return turns() == before + 1; });
    }
    void move(std::string const& what, std::function<void()> const& ask)
    {
        auto const before = look().run;
        ask();
        wait(what, [&] { return look().run != before && look().history.engine < look().history.branches.size(); });
    }
    world::World world()
    {
        world::World world;
        auto const& log = *look().log;
        for (std::uint64_t i = 0; i < log.size(); ++i)
            world::apply(world, log[i]);
        return world;
    }
    world::Container const* container(world::World const& world, std::string const& name) const
    {
        return world::find_container(world, world.shown, name);
    }
    std::size_t goals_told()
    {
        auto const world = this->world();
        return world.scenario ? world.scenario->goals.size() : 0;
    }
    bool goal_met()
    {
        auto const world = this->world();
        return world.scenario && !world.scenario->goals.empty() && world.scenario->goals.front().met;
    }
    // What the engine itself says, not the log.
    std::string answer(std::string const& line)
    {
        auto const before = look().terminal.lines.size();
        type(line);
        wait("the output", [&] { return look().terminal.lines.size() > before + 1; });
        return plain_text(m_state.terminal.lines[before + 1].runs);
    }
    void wait(std::string const& what, std::function<bool()> const& done)
    {
        auto const patience = std::chrono::steady_clock::now() + std::chrono::seconds(60);
        while (!done()) {
            for (auto const& notice : look().notices)
                INFO(notice);
            if (std::chrono::steady_clock::now() > patience)
                FAIL("waited in vain for " << what);
            std::this_thread::sleep_for(std::chrono::milliseconds(5));
        }
    }

private:
    app::Conductor m_conductor;
    app::Conductor::State m_state;
};

bool live_is_possible()
{
    auto const findings = runtime::probe(DRYDOCK_INIT);
    auto const obstacle = findings ? runtime::obstacle_to_live(*findings) : std::nullopt;
    if (findings && !obstacle)
        return true;
    std::cerr << "skipped: " << (findings ? obstacle->detail : findings.error().message()) << "\n";
    return false;
}

void take_back_and_forth(lab::World world)
{
    Desk desk(world);
    CHECK_FALSE(desk.goal_met());
    desk.type("docker exec ann sh -c 'echo Bonjour > /etc/greeting'");
    desk.wait("the goal", [&] { return desk.goal_met(); });
    desk.type("docker rm -f ann");
    desk.wait("the goal", [&] { return !desk.goal_met(); });
    auto const all = desk.look().log->size(); // at least: what ends in the background may follow

    // Undo: ann is back with its read-write layer, and the goal with it.
    desk.move("undo", [&] { desk->undo(); });
    desk.wait("the goal", [&] { return desk.goal_met(); });
    CHECK(desk.answer("docker exec ann cat /etc/greeting") == "Bonjour");
    auto const undone = desk.world();
    REQUIRE(desk.container(undone, "ann") != nullptr);
    CHECK(desk.container(undone, "ann")->state == world::ContainerState::Running);
    CHECK(desk.container(undone, "ann")->sheet.contains("/etc/greeting"));
    CHECK(desk.container(undone, "ann")->remade == (world == lab::World::Live));
    REQUIRE(undone.restored);
    CHECK(undone.restored->moment == "docker exec ann sh -c 'echo Bonjour > /etc/greeting'");

    // The branch that was left is whole, and the new one begins as it did.
    auto const history = desk.look().history;
    REQUIRE(history.branches.size() == 2);
    CHECK(history.engine == 1);
    CHECK(history.branches[0].log->size() >= all);
    CHECK(history.branches[1].forked_at == history.branches[0].turns[2].records);
    for (std::uint64_t i = 0; i < history.branches[1].forked_at; ++i)
        REQUIRE((*history.branches[0].log)[i].event == (*history.branches[1].log)[i].event);

    // Back to the moment before anything was typed, from the branch that was left.
    desk.move("going back", [&] { desk->go_back(0, history.branches[0].turns[1].records); });
    CHECK(desk.answer("docker exec ann cat /etc/greeting") != "Bonjour");
    CHECK_FALSE(desk.goal_met());

    // Undo twice and redo twice end where they began.
    desk.type("docker exec ann sh -c 'echo Bonjour again > /etc/greeting'");
    desk.move("undo", [&] { desk->undo(); });
    desk.move("undo", [&] { desk->undo(); });
    CHECK_FALSE(desk.goal_met());
    desk.move("redo", [&] { desk->redo(); });
    desk.move("redo", [&] { desk->redo(); });
    desk.wait("the goal", [&] { return desk.goal_met(); });
    CHECK_FALSE(desk.look().history.can_redo);
    CHECK(desk.answer("docker exec ann cat /etc/greeting") == "Bonjour again");
}

// What is broken on purpose is told, leaves the goals as they were told, and is gone when it is taken back.
void break_and_take_back(lab::World world)
{
    Desk desk(world);
    desk->take_variation_back(); // there is nothing to take back yet
    desk.type("docker exec ann sh -c 'echo Bonjour > /etc/greeting'");
    desk.wait("the goal", [&] { return desk.goal_met(); });
    CHECK_FALSE(desk.look().varied);
    desk->play_variation();
    desk.wait("the variation", [&] { return desk.look().varied; });
    auto const broken = desk.world();
    REQUIRE(broken.scenario->variation);
    CHECK(broken.scenario->variation->name == "Without ann");
    CHECK(broken.scenario->variation_shows == "A new container begins with an empty sheet.");
    CHECK(desk.goal_met());
    CHECK(desk.turns() == 4);
    CHECK(desk.container(broken, "ann")->sheet.empty());

    desk.move("taking it back", [&] { desk->take_variation_back(); });
    desk.wait("the goal", [&] { return desk.goal_met(); });
    auto const mended = desk.world();
    CHECK_FALSE(desk.look().varied);
    CHECK_FALSE(mended.scenario->variation);
    CHECK(mended.scenario->succeeded == true);
    CHECK(desk.turns() == 2);
    CHECK(desk.answer("docker exec ann cat /etc/greeting") == "Bonjour");
    CHECK(desk.look().history.branches.size() == 2); // what was broken can still be looked at

    desk->play_variation(); // again, from here
    desk.wait("the variation", [&] { return desk.look().varied; });
}

}

TEST_CASE("Conductor: the simulated engine is broken on purpose and mended", "[system][conductor]")
{
    break_and_take_back(lab::World::Simulated);
}

TEST_CASE("Conductor: the live engine is broken on purpose and mended", "[system][conductor]")
{
    if (live_is_possible())
        break_and_take_back(lab::World::Live);
}

TEST_CASE("Conductor: the simulated engine goes back, forks and goes on", "[system][conductor]")
{
    take_back_and_forth(lab::World::Simulated);
}

TEST_CASE("Conductor: the live engine goes back, forks and goes on", "[system][conductor]")
{
    if (live_is_possible())
        take_back_and_forth(lab::World::Live);
}

TEST_CASE("Conductor: nothing is undone before anything was done", "[system][conductor]")
{
    Desk desk(lab::World::Simulated);
    desk.move("undo", [&] { desk->undo(); });
    CHECK(desk.turns() == 0);
    CHECK_FALSE(desk.look().history.can_undo);
    auto const run = desk.look().run;
    desk->undo();
    desk.type("docker ps");
    CHECK(desk.look().run == run);
    desk->go_back(77, 0);
    desk.type("docker ps");
    CHECK(desk.look().run == run);
}
