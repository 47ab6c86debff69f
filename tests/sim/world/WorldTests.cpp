#include "sim/world/World.h"
#include "tests/support/Catch.h"
#include "tests/support/Generate.h"

#include <map>

using namespace drydock;
using namespace drydock::world;

namespace {

HostId const home { "laptop" }; // where all of it happens

World fold(std::vector<trace::Event> const& events)
{
    World world;
    for (auto const& event : events) {
        auto record = testing::record_of(event);
        record.sequence = world.applied;
        record.origin = std::make_shared<trace::Origin const>(trace::Origin { home, ActorId { "daemon" } });
        apply(world, record);
    }
    return world;
}

Digest const layer = Digest::of("layer");
Digest const image = Digest::of("image");
ContainerId const box { std::string(64, 'a') };

trace::ContainerCreated created(ContainerId const& id, std::string name)
{
    return { id, std::move(name), "busybox", image, { "sh" }, "host" };
}

// An event that changes what another one made needs that other one first. What is needed stands here, so that an event
// without effect cannot hide behind an empty World.
std::vector<trace::Event> what_precedes(trace::Event const& event)
{
    return event.visit([](auto const& e) -> std::vector<trace::Event> {
        using E = std::decay_t<decltype(e)>;
        if constexpr (std::is_same_v<E, trace::ActorLeft>)
            return { trace::ActorAppeared { e.actor, {}, {}, {}, {} } };
        else if constexpr (std::is_same_v<E, trace::SpanEnded>)
            return { trace::SpanBegan { e.span, {}, {}, {}, {} } };
        else if constexpr (std::is_same_v<E, trace::CommandPrinted> || std::is_same_v<E, trace::CommandFinished>)
            return { trace::CommandEntered { e.client, "x" } };
        else if constexpr (std::is_same_v<E, trace::ConnectionClosed>)
            return { trace::ConnectionOpened { e.connection, {}, {}, {} } };
        else if constexpr (std::is_same_v<E, trace::ResponseSent>)
            return { trace::RequestReceived { e.exchange, {}, {}, {}, {}, {}, {}, {} } };
        else if constexpr (std::is_same_v<E, trace::DigestVerified>)
            return { trace::BlobTransferStarted { e.digest, 1, {}, {}, 0 } };
        else if constexpr (std::is_same_v<E, trace::BlobRemoved>)
            return { trace::BlobStored { e.digest, 1 } };
        else if constexpr (std::is_same_v<E, trace::LayerRemoved>)
            return { trace::LayerIndexed { e.diff_id, layer, 1, 1 } };
        else if constexpr (std::is_same_v<E, trace::ImageUntagged>)
            return { trace::ImageTagged { e.reference, e.image } };
        else if constexpr (std::is_same_v<E, trace::ImageRemoved>)
            return { trace::ImageTagged { "x", e.image } };
        else if constexpr (std::is_same_v<E, trace::UnionUnmounted>)
            return { trace::UnionMounted { e.container, {}, {}, {} } };
        else if constexpr (std::is_same_v<E, trace::FileRemoved>)
            return { trace::FileCreated { e.container, e.path, {} } };
        else if constexpr (std::is_same_v<E, trace::FileRenamed>)
            return { trace::FileCreated { e.container, e.from, {} } };
        else if constexpr (std::is_same_v<E, trace::BuildStepFinished>)
            return { trace::BuildStepBegan { e.step, e.step, 1, e.instruction } };
        else if constexpr (std::is_same_v<E, trace::VolumeRemoved>)
            return { trace::VolumeCreated { e.volume, {}, {} } };
        else if constexpr (std::is_same_v<E, trace::NetworkRemoved>)
            return { trace::NetworkCreated { e.network, {}, {}, {}, {} } };
        else if constexpr (std::is_same_v<E, trace::NetworkDisconnected>)
            return { trace::NetworkConnected { e.container, e.network, {}, {} } };
        else if constexpr (std::is_same_v<E, trace::HypervisorStopped>)
            return { trace::HypervisorStarted { e.host, {}, 2 } };
        else if constexpr (std::is_same_v<E, trace::PortUnpublished>)
            return { trace::PortPublished { e.container, e.protocol, {}, e.host_port, e.container_port } };
        else if constexpr (std::is_same_v<E, trace::FaultHealed>)
            return { trace::FaultInjected { e.kind, e.object } };
        else if constexpr (std::is_same_v<E, trace::PhaseEnded>)
            return { trace::PhaseBegan { e.index, "p", "say", { "x" } } };
        else if constexpr (std::is_same_v<E, trace::PredictionResolved>)
            return { trace::PredictionAsked { e.id, {}, {} } };
        else
            return {};
    });
}

// Seen as a whole, a World that differs only in these has not changed.
World without_counters(World world)
{
    world.applied = 0;
    world.time = {};
    return world;
}

}

TEST_CASE("World: no event type is without effect", "[sim][world]")
{
    Random random(3);
    for (auto const& event : testing::one_of_each(random)) {
        CAPTURE(trace::name_of(event));
        auto events = what_precedes(event);
        auto const before = fold(events);
        events.push_back(event);
        CHECK_FALSE(without_counters(fold(events)) == without_counters(before));
    }
}

TEST_CASE("World: an event about something unknown is taken in stride", "[sim][world]")
{
    Random random(5);
    auto const events = testing::one_of_each(random);
    auto const world = fold(std::vector<trace::Event>(events.rbegin(), events.rend()));
    CHECK(world.applied == events.size());
}

TEST_CASE("World: a stopped container keeps its sheet and loses what the kernel gave", "[sim][world]")
{
    auto const world = fold({ created(box, "a"), trace::WritableLayerCreated { box, "/sheets/a" },
        trace::NamespaceCreated { box, "pid", 4026532201, 4026531836 },
        trace::ProcessStarted { box, 1, 4711, 0, 4700, { "sh" } }, trace::ContainerStarted { box },
        trace::FileCopiedUp { box, "/etc/motd", 1, layer, 12 }, trace::ContainerExited { box, 0 } });
    auto const& container = world.containers.at(box);
    CHECK(container.state == ContainerState::Exited);
    CHECK(container.has_sheet);
    CHECK(container.sheet.at("/etc/motd").mark == SheetMark::CopiedUp);
    CHECK(container.namespaces.empty());
    CHECK(container.processes.empty());
}

TEST_CASE("World: a list of processes brings the forked ones, and those it lacks have ended", "[sim][world]")
{
    auto const world = fold({ created(box, "a"), trace::ProcessStarted { box, 1, 4711, 0, 4700, { "sh" } },
        trace::ProcessStarted { box, 7, 4720, 0, 4719, { "top" } }, trace::ProcessExited { box, 7, 3, 0 },
        trace::ProcessStarted { box, 8, 4730, 0, 4729, { "gone" } },
        trace::ProcessesListed { box, { { 1, 4711, 0, 4700, "sh" }, { 9, 4740, 1, 4711, "sleep 9" } } } });
    auto const& processes = world.containers.at(box).processes;
    REQUIRE(processes.size() == 3);
    CHECK(processes.at(7).exit_code == 3); // its end was told, so it is remembered
    CHECK(processes.at(9).parent == 1);
    CHECK(processes.at(9).host_parent == 4711);
    CHECK_FALSE(processes.contains(8));
}

TEST_CASE("World: a directory that is removed takes its whiteouts along, and not its neighbours", "[sim][world]")
{
    auto const world
        = fold({ created(box, "a"), trace::FileCreated { box, "/d", "directory" }, trace::WhiteoutMade { box, "/d/x" },
            trace::FileCreated { box, "/d-e", "symlink" }, trace::FileRemoved { box, "/d" } });
    auto const& sheet = world.containers.at(box).sheet;
    REQUIRE(sheet.size() == 1);
    CHECK(sheet.at("/d-e").type == "symlink");
}

TEST_CASE("World: a removed container leaves the stage with the next command", "[sim][world]")
{
    std::vector<trace::Event> events { created(box, "a"), trace::ContainerRemoved { box } };
    CHECK(fold(events).containers.at(box).state == ContainerState::Removed);
    CHECK(find_container(fold(events), home, "a") == nullptr);
    events.push_back(trace::CommandEntered { ActorId { "client" }, "docker ps" });
    CHECK(fold(events).containers.empty());
}

TEST_CASE("World: a container that a new daemon finds has nothing of what ran before", "[sim][world]")
{
    auto const world = fold({ created(box, "web"), trace::WritableLayerCreated { box, "/upper" },
        trace::UnionMounted { box, "fuse", { layer }, "/merged" }, trace::FileCreated { box, "/lost", "file" },
        trace::ProcessStarted { box, 1, 100, 0, 99, { "sh" } }, trace::ContainerStarted { box }, created(box, "web"),
        trace::WritableLayerCreated { box, "/upper" }, trace::FileCreated { box, "/kept", "file" } });
    auto const& container = world.containers.at(box);
    CHECK(container.state == ContainerState::Created);
    CHECK(container.processes.empty());
    CHECK_FALSE(container.mounted);
    CHECK(container.has_sheet);
    REQUIRE(container.sheet.size() == 1);
    CHECK(container.sheet.begin()->first == "/kept");
}

TEST_CASE("World: a tag moves from one image to another", "[sim][world]")
{
    auto const other = Digest::of("other image");
    auto const world = fold({ trace::ImageTagged { "app:latest", image }, trace::ImageTagged { "app:latest", other } });
    CHECK(host_of(world, home).images.at(image).tags.empty());
    REQUIRE(find_image(host_of(world, home), "app") != nullptr);
    CHECK(find_image(host_of(world, home), "app")->id == other);
}

TEST_CASE("World: renaming a directory takes along what lies in it, and nothing beside it", "[sim][world]")
{
    auto const world = fold({ trace::FileCreated { box, "/a", "directory" }, trace::FileCreated { box, "/a/x", "file" },
        trace::FileCreated { box, "/ab", "file" }, trace::FileRenamed { box, "/a", "/b" } });
    auto const& sheet = world.containers.at(box).sheet;
    CHECK(sheet.contains("/b"));
    CHECK(sheet.contains("/b/x"));
    CHECK(sheet.contains("/ab"));
    CHECK(sheet.size() == 3);
}

TEST_CASE("World: a resumed transfer counts only the bytes that came now", "[sim][world]")
{
    auto const world = fold({ trace::BlobTransferStarted { layer, 100, {}, {}, 40 },
        trace::BlobBytesArrived { layer, 70, 100 }, trace::BlobBytesArrived { layer, 100, 100 } });
    CHECK(world.bytes_transferred == 60);
}

TEST_CASE("World: output belongs to the command that runs, and its end is bounded", "[sim][world]")
{
    ActorId const client { "client" };
    auto const world = fold({ trace::CommandEntered { client, "one" }, trace::CommandPrinted { client, false, "1" },
        trace::CommandFinished { client, "one", 0 }, trace::CommandEntered { client, "two" },
        trace::CommandPrinted { client, false, std::string(20000, 'x') } });
    REQUIRE(world.commands.size() == 2);
    CHECK(world.commands[0].output == "1");
    CHECK(world.commands[0].exit_code == 0);
    CHECK(world.commands[1].output.size() == World::output_kept);
}

TEST_CASE("find_container: a prefix counts only where it is unique", "[sim][world]")
{
    ContainerId const ab { "ab" + std::string(62, '0') };
    ContainerId const ac { "ac" + std::string(62, '0') };
    auto const world = fold({ created(ab, "web"), created(ac, "db") });
    CHECK(find_container(world, home, "a") == nullptr);
    CHECK(find_container(world, home, "") == nullptr);
    REQUIRE(find_container(world, home, "ab") != nullptr);
    CHECK(find_container(world, home, "db")->id == ac);
}

TEST_CASE("World: what a build has removed is gone when its next step begins", "[sim][world]")
{
    std::vector<trace::Event> events { trace::BuildContextReceived { 1, 100, {} },
        trace::BuildStepBegan { 1, 2, 1, "RUN a" }, created(box, "a"), trace::ContainerRemoved { box } };
    CHECK(fold(events).containers.contains(box));
    events.push_back(trace::BuildStepBegan { 2, 2, 2, "RUN b" });
    auto const world = fold(events);
    CHECK(world.containers.empty());
    REQUIRE(world.build);
    CHECK(world.build->begun.size() == 2);
}

TEST_CASE("World: what a machine has is its own", "[sim][world]")
{
    World world;
    auto const happened = [&](char const* host, trace::Event const& event) {
        auto record = testing::record_of(event);
        record.sequence = world.applied;
        record.origin = std::make_shared<trace::Origin const>(trace::Origin { HostId { host }, ActorId { "daemon" } });
        apply(world, record);
    };
    happened("laptop", trace::ImageTagged { "app:1", image });
    happened("test", trace::ImageTagged { "app:1", layer });
    happened("test", created(box, "web"));
    auto const& laptop = host_of(world, HostId { "laptop" });
    auto const& test = host_of(world, HostId { "test" });
    CHECK(find_image(laptop, "app:1")->id == image);
    CHECK(find_image(test, "app:1")->id == layer);
    CHECK(find_container(world, laptop.id, "web") == nullptr);
    CHECK(find_container(world, test.id, "web") != nullptr);
    CHECK(host_of(world, HostId { "nowhere" }).images.empty());
}

TEST_CASE("World: a stopped guest machine stays to be looked at until the next is made", "[sim][world]")
{
    GuestMachineId const first { "vm-1" };
    std::vector<trace::Event> events { trace::GuestMachineCreated { first, "guest", "monitor", 1 << 20, 1 },
        trace::GuestExitsCounted { first, "IO", 0x3f8, true, 3 },
        trace::GuestExitsCounted { first, "IO", 0x3f8, true, 5 },
        trace::GuestExitsCounted { first, "HLT", -1, false, 1 }, trace::GuestConsoleWritten { first, "ahoy\n" },
        trace::GuestMachineStopped { first, "it halted", 6 } };
    auto const machine = fold(events).guest_machines.at(first);
    CHECK(machine.exits.size() == 2);
    CHECK(machine.exits.at({ "IO", 0x3f8, true }) == 5); // a count so far, not one more
    CHECK(machine.console == "ahoy\n");
    CHECK(machine.stopped == "it halted");
    CHECK(machine.host == home);
    events.push_back(trace::GuestMachineCreated { GuestMachineId { "vm-2" }, "guest", "monitor", 1 << 20, 1 });
    CHECK(fold(events).guest_machines.size() == 1);
}
