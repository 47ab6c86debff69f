#include "tests/support/Catch.h"
#include "visual/stage/Stacks.h"

using namespace drydock;
using stage::what_made;

TEST_CASE("Stacks: a line of history is told as its author wrote it", "[visual][stage]")
{
    CHECK(what_made("/bin/sh -c echo hi > /x") == "RUN echo hi > /x");
    CHECK(what_made("|1 A=b /bin/sh -c echo $A") == "RUN echo $A");
    CHECK(what_made("/bin/sh -c #(nop)  ENV A=b") == "ENV A=b");
    CHECK(what_made("/bin/sh -c #(nop) COPY file:1234 in /app/ ") == "COPY file:1234 in /app/ ");
    CHECK(what_made("/bin/sh -c #(nop) ADD dir:" + std::string(64, 'a') + " in /app/")
        == "ADD dir:aaaaaaaaaaaa in /app/");
    CHECK(what_made("RUN /bin/sh -c apk add curl # buildkit") == "RUN apk add curl");
    CHECK(what_made("COPY run.sh /bin/sh -c # buildkit").starts_with("COPY"));
    CHECK(what_made("ADD rootfs.tar.gz /") == "ADD rootfs.tar.gz /");
    CHECK(what_made("") == "layer");
}

TEST_CASE("Stacks: what a build left on its way is no image of its own", "[visual][stage]")
{
    HostId const host { "laptop" };
    auto const digest = [](std::string const& name) { return oci::Digest::of(name); };
    world::World world;
    world.hosts[host].id = host;
    auto& images = world.hosts[host].images;
    auto const add = [&](std::string const& name, std::vector<std::string> const& layers, std::size_t history) {
        world::Image image { .id = digest(name) };
        for (auto const& layer : layers)
            image.layers.push_back(digest(layer));
        image.history.resize(history);
        return &images.emplace(image.id, image).first->second;
    };
    auto* const base = add("base", { "a" }, 1);
    add("step 1", { "a", "b" }, 2);
    auto* const config_only = add("step 2", { "a", "b" }, 3);
    auto* const last = add("step 3", { "a", "b", "c" }, 4);
    auto const finished = [&] { return stage::finished_images(world, host); };
    base->tags = { "base:latest" };
    CHECK(finished() == std::vector<world::Image const*> { base, last });
    last->tags = { "app:latest" };
    CHECK(finished() == std::vector<world::Image const*> { base, last });
    ContainerId const box { "c1" };
    world.containers[box] = { .id = box, .host = host, .image = config_only->id };
    CHECK(finished() == std::vector<world::Image const*> { base, config_only, last });
    world.containers[box].state = world::ContainerState::Removed;
    CHECK(finished() == std::vector<world::Image const*> { base, last });
}
