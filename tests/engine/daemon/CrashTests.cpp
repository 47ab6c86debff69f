// What a daemon finds that starts after another was killed.

#include "House.h"

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
    CHECK(house.get("/containers/stays/json")["State"]["ExitCode"] == 137);
    CHECK(kept.storage->list("containers").size() == 1);
}

TEST_CASE("Daemon: a tree without a record and an intent that came to nothing are swept", "[engine][daemon]")
{
    Kept const kept;
    {
        House house(kept.storage);
        REQUIRE(house.type("create --name job small").status == 0);
        auto record = nlohmann::json::parse(REQUIRE_OK(kept.storage->read(config_of(house, "job"))));
        record["State"]["Status"] = "creating";
        REQUIRE_OK(
            kept.storage->write_atomically("containers/" + std::string(64, '1') + "/config.json", record.dump()));
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
