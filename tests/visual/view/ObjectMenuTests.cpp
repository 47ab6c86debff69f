#include "tests/support/Catch.h"
#include "tests/visual/view/Desk.h"
#include "visual/stage/Names.h"
#include "visual/view/ObjectMenu.h"

using namespace drydock;
using view::menu_of;

namespace {

std::vector<std::string> lines(std::vector<view::MenuItem> const& items)
{
    std::vector<std::string> all;
    for (auto const& item : items)
        all.push_back(item.line);
    return all;
}

bool has(std::vector<view::MenuItem> const& items, std::string const& line)
{
    auto const all = lines(items);
    return std::find(all.begin(), all.end(), line) != all.end();
}

}

TEST_CASE("ObjectMenu: what can be done to a container follows its state", "[visual][view]")
{
    world::World world;
    ContainerId const id { std::string(64, 'a') };
    auto& container = world.containers[id] = { .id = id, .name = "ann" };
    container.state = world::ContainerState::Running;
    CHECK(has(menu_of(stage::id_of(id), world), "docker stop ann"));
    CHECK(has(menu_of(stage::sheet_id(id), world), "docker diff ann"));
    CHECK_FALSE(has(menu_of(stage::id_of(id), world), "docker start ann"));
    container.state = world::ContainerState::Paused;
    CHECK(has(menu_of(stage::id_of(id), world), "docker unpause ann"));
    container.state = world::ContainerState::Exited;
    CHECK(has(menu_of(stage::id_of(id), world), "docker rm ann"));
    container.state = world::ContainerState::Removed;
    CHECK(menu_of(stage::id_of(id), world).empty());
    CHECK(menu_of("", world).empty());
    CHECK(menu_of("narration", world).empty());
}

TEST_CASE("ObjectMenu: what is whole can be broken, what is broken can be mended", "[visual][view]")
{
    world::World world;
    world.machines = { HostId { "laptop" }, HostId { "test" } };
    world.shown = HostId { "laptop" };
    ActorId const daemon { "daemon:test" }, hub { "registry:hub" };
    world.actors[daemon] = { daemon, HostId { "test" }, trace::ActorRole::Daemon, "drydockd", "" };
    world.actors[hub] = { hub, HostId { "hub" }, trace::ActorRole::Registry, "Docker Hub", "" };

    CHECK(has(menu_of(stage::id_of(daemon), world), "drydock break daemon test"));
    CHECK(has(menu_of(stage::machine_id(HostId { "test" }), world), "test$ docker ps -a"));
    CHECK(has(menu_of(stage::id_of(hub), world), "drydock break registry hub"));
    CHECK(has(menu_of(stage::id_of(hub), world), "drydock break link laptop hub"));
    ActorId const client { "client:test" };
    world.actors[client] = { client, HostId { "test" }, trace::ActorRole::Client, "docker", "" };
    CHECK(has(menu_of(stage::id_of(client), world), "drydock break rights test"));

    world.faults
        = { { "registry down", "registry:hub" }, { "link cut", "hub - laptop" }, { "disk full", "daemon:test" } };
    CHECK(has(menu_of(stage::id_of(hub), world), "drydock mend registry hub"));
    CHECK(has(menu_of(stage::id_of(hub), world), "drydock mend link laptop hub"));
    CHECK(has(menu_of(stage::id_of(daemon), world), "drydock mend disk test"));
    CHECK(has(menu_of(stage::id_of(daemon), world), "drydock break daemon test"));
}

TEST_CASE("ObjectMenu: the right button opens it, a click types the command", "[visual][view]")
{
    tests::Desk desk;
    desk.input.live = true;
    desk.screen.player().to_end();
    desk.driver.run(3);
    auto const registry = "stage." + stage::id_of(ActorId { "registry:hub" });
    REQUIRE_OK(desk.driver.click(registry, platform::MouseButton::Right));
    desk.driver.run(3);
    CHECK(desk.screen.state().menu_of == stage::id_of(ActorId { "registry:hub" }));
    REQUIRE_OK(desk.driver.click("menu.0"));
    REQUIRE(desk.asked_for<view::RunCommandLine>() != nullptr);
    CHECK(desk.asked_for<view::RunCommandLine>()->text == "drydock break registry hub");
    CHECK(desk.screen.state().menu_of.empty());

    // The same by the keyboard, and nothing to do for a trace from a file.
    desk.screen.state().selected = stage::id_of(ActorId { "registry:hub" });
    desk.driver.press(tests::chord("X"));
    CHECK_FALSE(desk.screen.state().menu_of.empty());
    desk.driver.press(tests::chord("Esc"));
    CHECK(desk.screen.state().menu_of.empty());
    desk.input.live = false;
    desk.driver.press(tests::chord("X"));
    desk.driver.run(2);
    CHECK(desk.screen.state().menu_of.empty());
}
