// Networks as they are asked for and shown; the simulated world's are numbers only.

#include "House.h"

using namespace drydock;
using tests::House;

TEST_CASE("docker network: create, list, inspect, remove", "[engine][daemon][client]")
{
    House house;
    CHECK(house.type("network ls --format '{{.Name}} {{.Driver}}'").out == "bridge bridge\nhost host\nnone null\n");
    CHECK(house.type("network create --subnet 10.55.0.0/24 net").out.size() == 65);
    auto const created = house.events<trace::NetworkCreated>();
    REQUIRE(created.size() == 4); // the three that are always there were announced at the daemon's start
    CHECK(created[3].name == "net");
    CHECK(created[3].gateway == "10.55.0.1");
    CHECK(house.type("network create bridge").err.find("operation is not permitted") != std::string::npos);
    CHECK(house.send("POST", "/networks/prune?filters=%7B%22until%22%3A%5B%221h%22%5D%7D").status == 200);
    CHECK(house.type("network ls -q").out.size() == 4 * 13); // it is younger than an hour
    CHECK(house.type("network create net").err == "Error response from daemon: network with name net already exists\n");
    CHECK(house.type("network create --subnet 10.55.0.0/16 other").status == 1); // overlaps
    CHECK(house.type("network create --subnet 10.55.0.1/24 other").status == 1);
    CHECK(house.type("network rm bridge").err.find("pre-defined network") != std::string::npos);
    CHECK(house.type("network inspect nosuch").err == "Error response from daemon: network nosuch not found\n");
    house.close();
    house.open();
    CHECK(house.get("/networks/net")["IPAM"]["Config"][0]["Subnet"] == "10.55.0.0/24");
    CHECK(house.type("network prune -f").out == "Deleted Networks:\nnet\n\n");
    CHECK(house.events<trace::NetworkRemoved>().size() == 1);
}

TEST_CASE("networks: a running container has an address, and gives it back at its end", "[engine][daemon]")
{
    House house;
    house.type("network create --subnet 10.55.0.0/24 net");
    REQUIRE(house.type("run -d --name web --network net --network-alias www small sleep").status == 0);
    REQUIRE(house.type("run -d --name plain small sleep").status == 0);
    auto const settings = house.get("/containers/web/json")["NetworkSettings"];
    CHECK(settings["IPAddress"] == "10.55.0.2");
    CHECK(settings["Networks"]["net"]["Gateway"] == "10.55.0.1");
    CHECK(settings["Networks"]["net"]["DNSNames"][0] == "web");
    CHECK(house.get("/networks/net")["Containers"].size() == 1);
    CHECK(house.get("/containers/plain/json")["HostConfig"]["NetworkMode"] == "bridge");
    CHECK(house.type("ps -q --filter network=net").out.size() == 13);
    CHECK(house.type("network rm net").err.find("has active endpoints (name:\"web\"") != std::string::npos);
    REQUIRE(house.type("network connect net plain").status == 0);
    CHECK(house.get("/containers/plain/json")["NetworkSettings"]["Networks"]["net"]["IPAddress"] == "10.55.0.3");
    CHECK(house.type("network connect net plain").status == 1);
    REQUIRE(house.type("network disconnect net plain").status == 0);
    house.type("kill web");
    house.type("wait web");
    CHECK(house.get("/networks/net")["Containers"].empty());
    auto const connected = house.events<trace::NetworkConnected>();
    REQUIRE(connected.size() == 3);
    CHECK(connected[0].address == "10.55.0.2");
    CHECK(connected[0].interface == "eth0");
    CHECK(house.events<trace::NetworkDisconnected>().size() == 2);
}

TEST_CASE("networks: a missing one fails at the start, not at the create", "[engine][daemon]")
{
    House house;
    REQUIRE(house.type("create --name cut --network nosuch small sleep").status == 0);
    CHECK(house.type("start cut").err.find("network nosuch not found") != std::string::npos);
    CHECK(house.get("/containers/cut/json")["State"]["Status"] == "created");
}

TEST_CASE(
    "networks: another container's network is shared by its name, and nothing may contradict it", "[engine][daemon]")
{
    House house;
    REQUIRE(house.type("run -d --name web small sleep").status == 0);
    // Not 404, which would make a client pull the image.
    CHECK(house.send("POST", "/containers/create", R"({"Image":"small","HostConfig":{"NetworkMode":"container:no"}})")
              .status
        == 400);
    auto const conflict = house.send("POST", "/containers/create",
        R"({"Image":"small","Hostname":"x","HostConfig":{"NetworkMode":"container:web"}})");
    CHECK(conflict.status == 400);
    REQUIRE(house.type("create --name beside --network container:web small sleep").status == 0);
    auto const shown = house.get("/containers/beside/json");
    CHECK(shown["HostConfig"]["NetworkMode"]
        == "container:" + house.get("/containers/web/json")["Id"].get<std::string>());
    CHECK(shown["NetworkSettings"]["Networks"].empty());
    CHECK(house.type("start beside").status == 0);
    house.type("kill web");
    house.type("wait web");
    house.type("kill beside");
    house.type("wait beside");
    CHECK(house.type("start beside").err.find("cannot join network of a non running container") != std::string::npos);
}
