// What is broken on purpose: the consequences are the engine's own, in both worlds.

#include "engine/lab/Lab.h"
#include "engine/runtime/Probe.h"
#include "sim/world/World.h"
#include "tests/support/Catch.h"
#include "tests/support/TemporaryDirectory.h"

#include <unistd.h>

#include <iostream>

using namespace drydock;

namespace {

class Desk {
public:
    Desk(lab::World world, scenario::Cast cast = {})
    {
        lab::Options options {
            .world = world, .images = DRYDOCK_IMAGES, .init_program = DRYDOCK_INIT, .cast = std::move(cast)
        };
        if (world == lab::World::Live)
            options.data_root = m_root.path() / "data";
        m_lab = REQUIRE_OK(lab::Lab::open(std::move(options), m_log));
    }
    int type(std::string const& line, std::string const& host = {})
    {
        m_printed.clear();
        auto const on = host.empty() ? m_lab->hosts().front() : HostId { host };
        return m_lab->run(on, line, { .write = [this](bool, std::string_view text) { m_printed += text; } });
    }
    bool says(std::string const& text) const
    {
        bool const found = m_printed.find(text) != std::string::npos;
        if (!found)
            std::cerr << "instead of \"" << text << "\": " << m_printed << "\n";
        return found;
    }
    std::vector<trace::FaultInjected> faults() const
    {
        world::World world;
        for (std::uint64_t i = 0; i < m_log.size(); ++i)
            world::apply(world, m_log[i]);
        return world.faults;
    }

private:
    tests::TemporaryDirectory m_root;
    trace::EventLog m_log;
    std::unique_ptr<lab::Lab> m_lab;
    std::string m_printed;
};

bool live_is_possible()
{
    auto const findings = runtime::probe(DRYDOCK_INIT);
    bool const possible = findings && !runtime::obstacle_to_live(*findings);
    if (!possible)
        std::cerr << "skipped in the live world: no containers here\n";
    return possible;
}

std::vector<lab::World> worlds()
{
    std::vector<lab::World> list { lab::World::Simulated };
    if (live_is_possible())
        list.push_back(lab::World::Live);
    return list;
}

}

TEST_CASE("Faults: a registry that is down refuses, and pulls again when it is mended", "[system][lab]")
{
    for (auto const world : worlds()) {
        Desk desk(world);
        CHECK(desk.type("drydock break registry docker.io") == 0);
        CHECK(desk.faults().at(0).kind == "registry down");
        CHECK(desk.faults().at(0).object == "registry:hub");
        CHECK(desk.type("docker pull busybox") != 0);
        CHECK(desk.says("refused"));
        CHECK(desk.type("drydock break registry hub") == 1);
        CHECK(desk.says("down already"));
        CHECK(desk.type("drydock mend registry hub") == 0);
        CHECK(desk.faults().empty());
        CHECK(desk.type("docker pull busybox") == 0);
    }
}

TEST_CASE("Faults: a corrupt blob is refused by its digest", "[system][lab]")
{
    for (auto const world : worlds()) {
        Desk desk(world);
        CHECK(desk.type("drydock break blob busybox") == 0);
        CHECK(desk.type("docker pull busybox") != 0);
        CHECK(desk.says("sha256"));
        CHECK(desk.type("docker images -q") == 0);
        CHECK(desk.type("drydock mend blob busybox") == 0);
        CHECK(desk.type("docker pull busybox") == 0);
    }
}

TEST_CASE("Faults: on a full disk nothing is stored, and nothing is lost", "[system][lab]")
{
    for (auto const world : worlds()) {
        Desk desk(world);
        CHECK(desk.type("docker run -d --name kept busybox sleep 1000") == 0);
        CHECK(desk.type("drydock break disk laptop") == 0);
        CHECK(desk.type("docker pull greeter:1") != 0);
        CHECK(desk.says("No space left on device"));
        CHECK(desk.type("docker ps") == 0);
        CHECK(desk.says("kept"));
        CHECK(desk.type("drydock mend disk laptop") == 0);
        CHECK(desk.type("docker pull greeter:1") == 0);
    }
}

TEST_CASE("Faults: without its daemon a client can do nothing; its containers have died with it", "[system][lab]")
{
    for (auto const world : worlds()) {
        Desk desk(world);
        CHECK(desk.type("docker run -d --name ann busybox sleep 1000") == 0);
        CHECK(desk.type("drydock break daemon laptop") == 0);
        CHECK(desk.type("docker ps") != 0);
        CHECK(desk.says("Cannot connect to the Docker daemon"));
        CHECK(desk.type("drydock mend daemon laptop") == 0);
        CHECK(desk.type("docker ps -a") == 0);
        CHECK(desk.says("Exited (137)"));
        CHECK(desk.type("docker start ann") == 0);
    }
}

TEST_CASE("Faults: whoever has no rights to the socket is refused by it, and nothing else happens", "[system][lab]")
{
    for (auto const world : worlds()) {
        Desk desk(world);
        CHECK(desk.type("docker run -d --name ann busybox sleep 1000") == 0);
        CHECK(desk.type("drydock break rights laptop") == 0);
        CHECK(desk.faults().at(0).kind == "rights taken");
        CHECK(desk.type("docker ps") == 1);
        CHECK(desk.says("permission denied while trying to connect to the Docker daemon socket at unix://"));
        CHECK(desk.type("curl --unix-socket /var/run/docker.sock http://localhost/_ping") == 7);
        CHECK(desk.type("drydock break rights laptop") == 1); // they are gone already
        CHECK(desk.type("drydock mend rights laptop") == 0);
        CHECK(desk.type("docker top ann") == 0); // it has been running all the time
    }
}

TEST_CASE("Faults: over a cut link nothing arrives", "[system][lab]")
{
    scenario::Cast const cast { .hosts = { { .name = "laptop" }, { .name = "test" } } };
    for (auto const world : worlds()) {
        if (world == lab::World::Live && ::geteuid() != 0)
            continue; // one machine has no link
        Desk desk(world, cast);
        CHECK(desk.type("drydock break link laptop hub") == 0);
        CHECK(desk.faults().at(0).object == "hub - laptop");
        if (world == lab::World::Simulated) { // the live world's kernel hopes for two minutes
            CHECK(desk.type("docker pull busybox") != 0);
            CHECK(desk.says("No route to host"));
        }
        CHECK(desk.type("docker pull busybox", "test") == 0);
        CHECK(desk.type("drydock mend link hub laptop") == 0);
        CHECK(desk.type("docker pull busybox") == 0);
    }
}

TEST_CASE("Faults: what cannot be broken is said plainly", "[system][lab]")
{
    Desk desk(lab::World::Simulated);
    CHECK(desk.type("drydock break") == 2);
    CHECK(desk.says("Usage"));
    CHECK(desk.type("drydock break moon laptop") == 2);
    CHECK(desk.type("drydock break registry nowhere") == 1);
    CHECK(desk.says("no registry is called nowhere"));
    CHECK(desk.type("drydock break link laptop") == 1);
    CHECK(desk.type("drydock break blob deadbeef") == 1);
    CHECK(desk.type("drydock mend disk laptop") == 1);
    CHECK(desk.type("drydock break daemon nobody") == 1);
    CHECK(desk.faults().empty());
}
