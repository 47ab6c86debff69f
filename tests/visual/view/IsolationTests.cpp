#include "tests/support/Catch.h"
#include "tests/support/Pictures.h"
#include "tests/visual/view/Desk.h"
#include "tests/visual/view/Looks.h"
#include "visual/stage/Names.h"
#include "visual/view/Capabilities.h"
#include "visual/view/Isolation.h"

using namespace drydock;
using testing::SampleTrace;
using tests::chord;
using tests::Desk;
using view::Wall;

namespace {

struct TwoContainers {
    TwoContainers()
        : timeline(log)
    {
        SampleTrace(log).the_read_write_layer();
        index.extend(log);
    }
    std::vector<view::IsolationTopic> topics(std::set<std::string> const& peeled = {})
    {
        auto const& world = timeline.world_at(log.size());
        return view::isolation_of(world.containers.at(SampleTrace::box("c1")), world, index, peeled);
    }
    trace::EventLog log;
    timeline::Timeline timeline;
    view::LogIndex index;
};

// Container a (c1) with a shell that has forked, and a program that `docker exec` brought in.
void list_processes(trace::EventLog& log)
{
    auto const a = SampleTrace::box("c1");
    SampleTrace(log).daemon(trace::ProcessesListed { a,
        { { 1, 4711, 0, 4710, "sleep 3600" }, { 8, 4790, 1, 4711, "sh -c work" }, { 9, 4791, 8, 4790, "sleep 60" },
            { 12, 4803, 0, 4802, "sh" } } });
}

view::IsolationTopic const& topic(std::vector<view::IsolationTopic> const& all, std::string_view kind)
{
    return *std::find_if(all.begin(), all.end(), [&](auto const& t) { return t.kind == kind; });
}

}

TEST_CASE("Isolation: inside there is one process, on the host there are both", "[visual][view]")
{
    TwoContainers two;
    auto const all = two.topics();
    auto const& pid = topic(all, "pid");
    CHECK(pid.wall == Wall::Own);
    REQUIRE(pid.inside.lines.size() == 1);
    CHECK(pid.inside.lines[0].key == "1");
    REQUIRE(pid.outside.lines.size() == 2);
    CHECK(pid.outside.lines[0].key == "4711");
    CHECK(pid.outside.lines[1].key == "4755");
    CHECK(pid.inode != pid.host_inode);
    CHECK(pid.host_inode == 4026531836);
}

TEST_CASE("Isolation: both process trees have the same order, each with its own numbers", "[visual][view]")
{
    TwoContainers two;
    list_processes(two.log);
    two.index.extend(two.log);
    auto const all = two.topics();
    auto const told = [](view::IsolationSide const& side) {
        std::vector<std::string> lines;
        for (auto const& line : side.lines)
            lines.push_back(std::string(static_cast<std::size_t>(line.depth), '>') + line.key + " " + line.tail);
        return lines;
    };
    CHECK(told(topic(all, "pid").inside)
        == std::vector<std::string> { "1 ppid 0", ">8 ppid 1", ">>9 ppid 8", "12 ppid 0" });
    CHECK(told(topic(all, "pid").outside)
        == std::vector<std::string> {
            "4711 ppid 4710", ">4790 ppid 4711", ">>4791 ppid 4790", "4803 ppid 4802", "4755 ppid 4754" });
}

TEST_CASE("Isolation: processes that are each other's parents in a broken trace are left out", "[visual][view]")
{
    TwoContainers two;
    SampleTrace(two.log).daemon(trace::ProcessesListed {
        SampleTrace::box("c1"), { { 1, 4711, 0, 4710, "sh" }, { 2, 4712, 3, 4713, "a" }, { 3, 4713, 2, 4712, "b" } } });
    two.index.extend(two.log);
    CHECK(topic(two.topics(), "pid").inside.lines.size() == 1);
}

TEST_CASE("Isolation: a wall that is taken away shows what the host sees, and says nothing it does not know",
    "[visual][view]")
{
    TwoContainers two;
    auto const all = two.topics({ "pid", "uts", "mnt" });
    CHECK(topic(all, "pid").wall == Wall::Peeled);
    CHECK(topic(all, "pid").inside.lines.size() == 2);
    CHECK(topic(all, "uts").inside.lines[0].key == "laptop");
    CHECK(topic(all, "mnt").inside.lines.empty()); // no event tells the host's mounts
    CHECK_FALSE(topic(all, "mnt").inside.note.empty());
    CHECK(topic(all, "net").wall == Wall::Own);
}

TEST_CASE("Isolation: root inside is the user it is mapped to", "[visual][view]")
{
    TwoContainers two;
    auto const all = two.topics();
    CHECK(topic(all, "user").inside.lines[0].key == "0 root");
    CHECK(topic(all, "user").outside.lines[0].key == "1000");
}

TEST_CASE("Isolation: without a user namespace root is root", "[visual][view]")
{
    trace::EventLog log;
    SampleTrace sample(log);
    sample.appear();
    sample.create("c1", "a", "busybox", { "sh" });
    sample.daemon(trace::NamespaceCreated { SampleTrace::box("c1"), "pid", 7, 8 });
    view::LogIndex index;
    index.extend(log);
    timeline::Timeline timeline(log);
    auto const& world = timeline.world_at(log.size());
    auto const all = view::isolation_of(world.containers.at(SampleTrace::box("c1")), world, index, { "user" });
    CHECK(topic(all, "user").wall == Wall::Shared); // there is nothing to peel
    CHECK(topic(all, "user").outside.lines[0].key == "0 root");
}

TEST_CASE("Isolation: the container started last is shown, until one is selected", "[visual][view]")
{
    TwoContainers two;
    auto const& world = two.timeline.world_at(two.log.size());
    CHECK(view::isolated_container("", world, two.index)->name == "b");
    CHECK(view::isolated_container(stage::process_id(SampleTrace::box("c1"), 1), world, two.index)->name == "a");
    CHECK(view::isolated_container("", world::World {}, two.index) == nullptr);
}

TEST_CASE("Capabilities: each of the 41 stands there once", "[visual][view]")
{
    std::set<std::string_view> names;
    for (auto const& capability : view::capabilities) {
        CHECK(names.insert(capability.name).second);
        CHECK_FALSE(capability.allows.empty());
    }
}

TEST_CASE("Isolation view: a chip takes a wall away and puts it back", "[visual][view]")
{
    Desk desk(&SampleTrace::the_read_write_layer);
    desk.driver.press(chord("End"));
    desk.driver.press(chord("Ctrl+3"));
    desk.driver.run(2);
    CHECK(desk.driver.interaction().find("isolation.pid.out.1"));
    REQUIRE_OK(desk.driver.click("isolation.wall.pid"));
    CHECK(desk.screen.state().peeled == std::set<std::string> { "pid" });
    REQUIRE_OK(desk.driver.click("isolation.all"));
    CHECK(desk.screen.state().peeled.empty());
    REQUIRE_OK(desk.driver.click("isolation.container.a"));
    desk.driver.run(2);
    REQUIRE_OK(desk.driver.click("isolation.pid.in.0"));
    CHECK(desk.screen.state().selected == stage::process_id(SampleTrace::box("c1"), 1));
    CHECK(desk.screen.state().inspector);
}

TEST_CASE("Isolation view: what a container uses is measured when it is asked for", "[visual][view]")
{
    Desk desk(&SampleTrace::the_read_write_layer);
    desk.driver.press(chord("End"));
    desk.driver.press(chord("Ctrl+3"));
    desk.driver.run(2);
    REQUIRE_OK(desk.driver.click("isolation.wall.cgroup")); // it is scrolled to
    desk.driver.run(3);
    REQUIRE_OK(desk.driver.click("isolation.measure"));
    REQUIRE(desk.asked_for<view::RunCommandLine>() != nullptr);
    CHECK(desk.asked_for<view::RunCommandLine>()->text == "docker stats --no-stream b");
}

TEST_CASE("Isolation view: what a program has forked is listed when somebody asks", "[visual][view][pictures]")
{
    Desk desk(&SampleTrace::the_read_write_layer);
    list_processes(desk.log);
    desk.driver.press(chord("End"));
    desk.driver.press(chord("Ctrl+3"));
    desk.driver.run(2);
    REQUIRE_OK(desk.driver.click("isolation.container.a"));
    desk.driver.run(2);
    CHECK_PICTURE("tests/visual/view/pictures/isolation-processes.png", desk.driver.picture());
    REQUIRE_OK(desk.driver.click("isolation.list"));
    REQUIRE(desk.asked_for<view::RunCommandLine>() != nullptr);
    CHECK(desk.asked_for<view::RunCommandLine>()->text == "docker top a");
}

TEST_CASE("Isolation view: as it looks", "[visual][view][pictures]")
{
    Desk desk(&SampleTrace::the_read_write_layer);
    desk.driver.press(chord("End"));
    desk.driver.press(chord("Ctrl+3"));
    desk.driver.run(2);
    tests::check_looks(desk, "isolation");
}

TEST_CASE("Isolation view: Down goes from topic to topic, to what its root may", "[visual][view][pictures]")
{
    Desk desk(&SampleTrace::the_read_write_layer);
    desk.driver.press(chord("End"));
    desk.driver.press(chord("Ctrl+3"));
    for (int i = 0; i < 20; ++i)
        desk.driver.press(chord("Down"));
    CHECK(desk.screen.state().topic == "privileges");
    desk.driver.press(chord("Up"));
    CHECK(desk.screen.state().topic == "mnt");
    desk.driver.press(chord("Down"));
    REQUIRE_OK(desk.driver.click("isolation.wall.pid"));
    desk.driver.run(2);
    CHECK_PICTURE("tests/visual/view/pictures/isolation-shared.png", desk.driver.picture());
    for (int i = 0; i < 20; ++i)
        desk.driver.press(chord("Down"));
    desk.driver.run(2);
    CHECK_PICTURE("tests/visual/view/pictures/isolation-privileges.png", desk.driver.picture());
}
