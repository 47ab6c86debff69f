#include "sim/overlay/Biography.h"
#include "tests/sim/overlay/Listings.h"
#include "tests/support/Catch.h"
#include "tests/support/Events.h"

using namespace drydock;
using namespace drydock::overlay;
using tests::layer;
using tests::stack_of;

TEST_CASE("Biography: layers bring, replace and delete a path, bottom first", "[sim][overlay]")
{
    auto const one = layer({ { "/d", "directory" }, { "/d/f", "file", 5 } });
    auto const two = layer({ { "/d", "directory" }, { "/d/f", "file", 6 } });
    auto const three = layer({ { "/d", "whiteout" } });
    auto const four = layer({ { "/d", "directory" }, { "/d/f", "file", 7 } });
    auto const stack = stack_of(four, three, two, one);
    CHECK(layers_biography("/d/f", stack)
        == std::vector<LifeEvent> { { Deed::Brought, 0, {}, 5 }, { Deed::Replaced, 1, {}, 6 }, { Deed::Deleted, 2 },
            { Deed::Brought, 3, {}, 7 } });
    // That layer two lists the directory again is no news of it.
    CHECK(layers_biography("/d", stack)
        == std::vector<LifeEvent> { { Deed::Brought, 0 }, { Deed::Deleted, 2 }, { Deed::Brought, 3 } });
    CHECK(layers_biography("/nowhere", stack).empty());
}

TEST_CASE("Biography: an opaque directory and a file in the way delete what was in it", "[sim][overlay]")
{
    auto const bottom = layer({ { "/d/f", "file", 5 } });
    for (auto const* const type : { "opaque", "file" }) {
        CAPTURE(type);
        auto const life = layers_biography("/d/f", stack_of(layer({ { "/d", type } }), bottom));
        REQUIRE(life.size() == 2);
        CHECK(life[1] == LifeEvent { Deed::Deleted, 1 });
    }
}

TEST_CASE("Biography: what a container did to a path is told with its records, up to the moment", "[sim][overlay]")
{
    tests::RecordedEvents events;
    auto const pen = events.publisher();
    ContainerId const c { "c" };
    pen.publish(trace::FileCopiedUp { c, "/etc/motd", 1, oci::Digest::of("x"), 5 });
    pen.publish(trace::FileWritten { ContainerId { "other" }, "/etc/motd", 1 });
    pen.publish(trace::FileWritten { c, "/etc/motd", 9 });
    pen.publish(trace::MetadataChanged { c, "/etc/motd", "mode 644 -> 600" });
    pen.publish(trace::FileRenamed { c, "/etc", "/old" });
    pen.publish(trace::FileWritten { c, "/etc/motd.d", 1 });
    auto const& log = events.log();
    CHECK(container_biography("/etc/motd", c, log, log.size())
        == std::vector<LifeEvent> { { Deed::CopiedUp, {}, 0, 5 }, { Deed::Written, {}, 2, 9 },
            { Deed::Changed, {}, 3, 0, "mode 644 -> 600" }, { Deed::Renamed, {}, 4, 0, "/old/motd" } });
    CHECK(container_biography("/old/motd", c, log, log.size())
        == std::vector<LifeEvent> { { Deed::Renamed, {}, 4, 0, "/etc/motd" } });
    CHECK(container_biography("/etc/motd", c, log, 1).size() == 1);
    pen.publish(trace::EngineRestored { 1, "docker run", false });
    CHECK(container_biography("/etc/motd", c, log, log.size())
        == std::vector<LifeEvent> { { Deed::CopiedUp, {}, 0, 5 }, { Deed::TakenBack, {}, 6 } });
}
