#include "sim/core/Programs.h"
#include "tests/support/Catch.h"
#include "visual/view/Completion.h"

using namespace drydock;
using view::complete;

namespace {

world::World two_hosts()
{
    world::World world;
    world.machines = { HostId { "laptop" }, HostId { "test" } };
    world.shown = HostId { "laptop" };
    auto const image = oci::Digest::of("image");
    world.hosts[HostId { "laptop" }].images.insert(
        { image, world::Image { .id = image, .layers = {}, .tags = { "greeter:1", "greeter:2" } } });
    world.hosts[HostId { "laptop" }].volumes["data"] = {};
    for (auto const* name : { "ann", "annabel" }) {
        ContainerId const id { name };
        world.containers[id] = { .id = id, .host = HostId { "laptop" }, .name = name };
    }
    world.containers[ContainerId { "gone" }] = { .id = ContainerId { "gone" },
        .host = HostId { "laptop" },
        .name = "gone",
        .state = world::ContainerState::Removed };
    world.containers[ContainerId { "bob" }] = { .id = ContainerId { "bob" }, .host = HostId { "test" }, .name = "bob" };
    ActorId const hub { "registry:hub" };
    world.actors[hub] = { hub, HostId { "hub" }, trace::ActorRole::Registry, "Docker Hub", "" };
    return world;
}

}

TEST_CASE("Completion: programs, commands and their verbs", "[visual][view]")
{
    auto const world = two_hosts();
    CHECK(complete("doc", world).line == "docker ");
    CHECK(complete("te", world).line == "test$ ");
    CHECK(complete("docker pul", world).line == "docker pull ");
    CHECK(complete("docker r", world).line == "docker r");
    CHECK(
        complete("docker r", world).candidates == std::vector<std::string> { "rename", "restart", "rm", "rmi", "run" });
    CHECK(complete("docker volume cr", world).line == "docker volume create ");
    CHECK(complete("ls ", world).candidates.empty());
    CHECK(complete("una", world).line == "uname ");
    CHECK(complete("", world).candidates.size() == programs_of_a_machine.size() + 2); // and two prompts
}

TEST_CASE("Completion: names of what there is, on the host where one types", "[visual][view]")
{
    auto const world = two_hosts();
    CHECK(complete("docker stop a", world).line == "docker stop ann");
    CHECK(complete("docker stop anna", world).line == "docker stop annabel ");
    CHECK(complete("docker rm g", world).candidates.empty());
    CHECK(complete("docker run -d g", world).line == "docker run -d greeter:");
    CHECK(complete("test$ docker logs ", world).line == "test$ docker logs bob ");
    CHECK(complete("docker volume rm ", world).line == "docker volume rm data ");
}

TEST_CASE("Completion: what can be broken", "[visual][view]")
{
    auto const world = two_hosts();
    CHECK(complete("drydock br", world).line == "drydock break ");
    CHECK(complete("drydock v", world).line == "drydock vm ");
    CHECK(complete("drydock vm hypervisor st", world).candidates == std::vector<std::string> { "start", "stop" });
    CHECK(complete("drydock break registry ", world).line == "drydock break registry hub ");
    CHECK(complete("drydock break link laptop ", world).candidates
        == std::vector<std::string> { "hub", "laptop", "test" });
    CHECK(complete("drydock mend blob ", world).line == "drydock mend blob greeter:");
}
