#include "sim/scenario/Recorder.h"
#include "tests/support/Catch.h"

using namespace drydock;
using namespace drydock::scenario;

namespace {

world::World harbour()
{
    world::World world;
    world.machines = { HostId { "laptop" } };
    world.shown = HostId { "laptop" };
    return world;
}

void add_container(world::World& world, std::string const& name, world::ContainerState state)
{
    ContainerId const id { name + std::string(64 - name.size(), '0') };
    world.containers[id] = { .id = id, .host = HostId { "laptop" }, .name = name, .reference = "busybox:latest" };
    world.containers[id].state = state;
}

Scenario loaded(std::string const& text)
{
    auto result = load(text);
    for (auto const& problem : result.problems)
        FAIL(problem.to_string("recorded") << "\n" << text);
    return *result.scenario;
}

}

TEST_CASE("Recorder: what was done becomes a scenario with goals from what has changed", "[sim][scenario]")
{
    Recording recording { .title = "My \"first\" try!", .before = harbour(), .after = harbour() };
    add_container(recording.before, "old", world::ContainerState::Exited);
    add_container(recording.after, "ann", world::ContainerState::Running);
    auto& ann = recording.after.containers.begin()->second;
    ann.sheet["/etc"].mark = world::SheetMark::CopiedUp;
    ann.sheet["/etc/greeting"].mark = world::SheetMark::CopiedUp;
    ann.sheet["/etc/motd"].mark = world::SheetMark::Whiteout;
    recording.phases = { { "", { "docker run -d --name ann busybox sh -c 'echo \"hi\\n\" > /etc/greeting'" } },
        { "Nothing", {} }, { "Tidy", { "docker rm old" } } };

    auto const scenario = loaded(record(recording));
    CHECK(scenario.id == "my-first-try");
    CHECK(scenario.title == "My \"first\" try!");
    REQUIRE(scenario.phases.size() == 2);
    CHECK(scenario.phases[0].run == recording.phases[0].lines);
    CHECK(scenario.phases[1].name == "Tidy");
    std::vector<std::string> texts;
    for (auto const& goal : scenario.goals)
        texts.push_back(goal.text);
    CHECK(texts
        == std::vector<std::string> {
            "ann is running", "ann has /etc/greeting of its own", "ann has /etc/motd of its own", "old is gone" });
}

TEST_CASE("Recorder: the cast comes along, and without any change there is a goal all the same", "[sim][scenario]")
{
    Recording recording { .title = "...", .before = harbour(), .after = harbour() };
    recording.cast.hosts = { { .name = "laptop" }, { .name = "test", .tcp = true } };
    recording.cast.registries
        = { { .name = "reg.corp", .user = "ann", .password = "secret", .reachable_from = { "test" } } };
    recording.phases = { { "Look", { "test$ docker ps" } } };
    auto const scenario = loaded(record(recording));
    CHECK(scenario.id == "recorded");
    CHECK(scenario.cast == recording.cast);
    REQUIRE(scenario.goals.size() == 1);
    CHECK(std::get<EventSeen>(scenario.goals[0].all.at(0)).like.event == "CommandEntered");
}
