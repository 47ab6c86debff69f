// What a daemon finds that starts after another was killed.

#include "House.h"

#include "sim/world/World.h"

using namespace drydock;
using tests::House;

namespace {

// The same bytes, as another process would find them.
class Kept final {
public:
    std::shared_ptr<content::Storage> storage { content::make_memory_storage() };
};

std::string config_of(House& house, std::string const& name)
{
    std::string const id = house.get("/containers/" + name + "/json")["Id"];
    return "containers/" + id + "/config.json";
}

world::World world_of(House const& house)
{
    world::World world;
    for (std::uint64_t i = 0; i < house.log.size(); ++i)
        world::apply(world, house.log[i]);
    return world;
}

// What of a World lies on a disk: not the way there, and not what only running processes have.
world::Host kept_of(world::Host host)
{
    for (auto& [id, layer] : host.layers)
        layer.listed = layer.listed ? std::optional<std::uint64_t>(0) : std::nullopt;
    for (auto& [digest, blob] : host.blobs)
        blob = {
            .digest = digest, .size = blob.size, .received = blob.received, .from = {}, .to = {}, .state = blob.state
        };
    return host;
}

std::map<ContainerId, world::Container> kept_of(std::map<ContainerId, world::Container> const& containers)
{
    std::map<ContainerId, world::Container> kept;
    for (auto const& [id, container] : containers) {
        if (container.state == world::ContainerState::Removed)
            continue;
        auto& its = kept[id];
        its.id = container.id;
        its.host = container.host;
        its.name = container.name;
        its.reference = container.reference;
        its.image = container.image;
        its.command = container.command;
        its.hostname = container.hostname;
        its.state = container.state;
        its.exit_code = container.exit_code;
        its.has_sheet = container.has_sheet;
        its.sheet_location = container.sheet_location;
    }
    return kept;
}

}

TEST_CASE("Daemon: containers and names outlive it", "[engine][daemon]")
{
    Kept const kept;
    {
        House house(kept.storage);
        REQUIRE(house.type("run --name job small exit 3").status == 3);
    }
    House house(kept.storage);
    auto const state = house.get("/containers/job/json")["State"];
    CHECK(state["Status"] == "exited");
    CHECK(state["ExitCode"] == 3);
    CHECK(house.type("start job").status == 0);
}

TEST_CASE("Daemon: who watches one that starts learns what an earlier one left", "[engine][daemon]")
{
    Kept const kept;
    {
        House const house(kept.storage); // fills the image in, without a word
    }
    world::World before;
    {
        House house(kept.storage);
        REQUIRE(house.type("tag small:latest greeter:1").status == 0);
        REQUIRE(house.type("create --name waits -h there small").status == 0);
        REQUIRE(house.type("run --name job small exit 3").status == 3);
        REQUIRE(house.type("rename job done").status == 0);
        REQUIRE(house.type("commit -m added -c 'CMD echo' done made:2").status == 0);
        REQUIRE(house.type("run -d --name ran made:2 sleep").status == 0);
        REQUIRE(house.type("rmi greeter:1").status == 0);
        REQUIRE(house.type("run --rm small exit 1").status == 1);
        REQUIRE(house.type("volume create stuff").status == 0);
        REQUIRE(house.type("network create inner").status == 0);
        house.close();
        before = world_of(house);
    }
    House const house(kept.storage);
    auto const after = world_of(house);
    auto const& host = after.hosts.at({ "laptop" });
    REQUIRE(host.images.size() == 2);
    REQUIRE(after.containers.size() == 3);
    auto const was = kept_of(before.hosts.at({ "laptop" }));
    auto const is = kept_of(host);
    CHECK(is.images == was.images);
    CHECK(is.layers == was.layers);
    CHECK(is.blobs == was.blobs);
    CHECK(is.volumes == was.volumes);
    CHECK(is.networks == was.networks);
    CHECK(kept_of(after.containers) == kept_of(before.containers));
}

TEST_CASE("Daemon: what ran when it was killed comes back as exited with 137, with --rm not at all", "[engine][daemon]")
{
    Kept const kept;
    {
        House house(kept.storage);
        REQUIRE(house.type("run -d --name stays small sleep").status == 0);
        REQUIRE(house.type("run -d --rm --name goes small sleep").status == 0);
        auto const stays = config_of(house, "stays");
        auto const goes = config_of(house, "goes");
        auto const running = REQUIRE_OK(kept.storage->read(stays));
        auto const with_rm = REQUIRE_OK(kept.storage->read(goes));
        house.close();
        // As the records stood when the power went.
        REQUIRE_OK(kept.storage->write_atomically(stays, running));
        REQUIRE_OK(kept.storage->write_atomically(goes, with_rm));
    }
    House house(kept.storage);
    auto const list = house.get("/containers/json?all=1");
    REQUIRE(list.size() == 1);
    CHECK(list[0]["Names"][0] == "/stays");
    auto const world = world_of(house);
    REQUIRE(world.containers.size() == 1);
    CHECK(world.containers.begin()->second.state == world::ContainerState::Exited);
    CHECK(world.containers.begin()->second.exit_code == 137);
    CHECK(house.get("/containers/stays/json")["State"]["ExitCode"] == 137);
    CHECK(kept.storage->list("containers").size() == 1);
}

TEST_CASE("Daemon: a tree without a record is an intent that came to nothing, and is swept", "[engine][daemon]")
{
    Kept const kept;
    {
        House house(kept.storage);
        REQUIRE(house.type("create --name job small").status == 0);
        REQUIRE_OK(kept.storage->write_atomically("containers/" + std::string(64, '2') + "/upper/file", "x"));
    }
    House house(kept.storage);
    CHECK(house.get("/containers/json?all=1").size() == 1);
    CHECK(kept.storage->list("containers").size() == 1);
}

TEST_CASE("Daemon: the container of a build's step goes with a daemon that was killed", "[engine][daemon]")
{
    Kept const kept;
    {
        House house(kept.storage);
        REQUIRE(house.type("create --name step small").status == 0);
        REQUIRE(house.type("create --name mine small").status == 0);
        auto const key = config_of(house, "step"); // containers/<id>/config.json
        auto const id = key.substr(11, key.find('/', 11) - 11);
        REQUIRE_OK(kept.storage->write_atomically("builds/1234/step-" + id, ""));
    }
    House house(kept.storage);
    auto const left = house.get("/containers/json?all=1");
    REQUIRE(left.size() == 1);
    CHECK(left[0]["Names"][0] == "/mine");
    CHECK(kept.storage->list("containers").size() == 1);
    CHECK(kept.storage->list("builds").empty());
}

TEST_CASE("Daemon: a create that the disk refuses leaves nothing, not even the name", "[engine][daemon]")
{
    Kept const kept;
    {
        House const house(kept.storage); // fills the image in
    }
    House house(kept.storage);
    REQUIRE(house.type("create --name probe small").status == 0);
    REQUIRE(house.type("rm probe").status == 0);
    CHECK(kept.storage->list("containers").empty());
    CHECK(house.type("create --name probe small").status == 0);
}
