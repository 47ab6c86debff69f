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
    CHECK(what_made("RUN /bin/sh -c apk add curl # buildkit") == "RUN apk add curl");
    CHECK(what_made("COPY run.sh /bin/sh -c # buildkit").starts_with("COPY"));
    CHECK(what_made("ADD rootfs.tar.gz /") == "ADD rootfs.tar.gz /");
    CHECK(what_made("") == "layer");
}

TEST_CASE("Stacks: the steps of a build are no images to look at, until something stands on them", "[visual][stage]")
{
    auto const digest = [](std::string const& name) { return oci::Digest::of(name); };
    world::World world;
    world.shown = HostId { "laptop" };
    auto& host = world.hosts[world.shown];
    host.id = world.shown;
    auto const add = [&](std::string const& name, std::vector<oci::Digest> layers, std::vector<std::string> tags) {
        host.images.insert_or_assign(
            digest(name), world::Image { .id = digest(name), .layers = std::move(layers), .tags = std::move(tags) });
    };
    auto const titles = [&] {
        std::vector<std::string> all;
        for (auto const& stack : stage::stacks_of(world, trace::Depth::Role))
            all.push_back(stack.lid.title);
        return all;
    };
    using Titles = std::vector<std::string>;
    add("run", { digest("base"), digest("made") }, {});
    CHECK(titles() == Titles { "image" }); // the build has come to here
    add("copy", { digest("base"), digest("made"), digest("copied") }, {});
    CHECK(titles() == Titles { "image" });
    add("cmd", { digest("base"), digest("made"), digest("copied") }, { "app:1" });
    CHECK(titles() == Titles { "app:1" });
    CHECK(stage::is_step(host.images.at(digest("run")), host));
    add("old", { digest("base"), digest("other") }, {}); // lost its name to app:1: docker images lists it as <none>
    CHECK(titles().size() == 2);
    auto& probe = world.containers[ContainerId { "c1" }];
    probe.host = world.shown;
    probe.name = "probe";
    probe.image = digest("run");
    CHECK(titles().size() == 3);
}
