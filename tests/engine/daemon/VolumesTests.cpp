// Volumes, restart policies and health checks, by what is typed.

#include "House.h"

#include "engine/daemon/ContainerConfig.h"
#include "tests/support/Tars.h"

using namespace drydock;
using tests::House;

TEST_CASE("docker volume: create, list, inspect, remove, prune", "[engine][daemon][client]")
{
    House house;
    CHECK(house.type("volume create data").out == "data\n");
    CHECK(house.type("volume create data").out == "data\n"); // the same one
    CHECK(house.events<trace::VolumeCreated>().size() == 1);
    CHECK(house.type("volume ls").out == "DRIVER    VOLUME NAME\nlocal     data\n");
    CHECK(house.type("volume inspect --format {{.Driver}} data").out == "local\n");
    CHECK(house.type("volume inspect nosuch").err == "Error response from daemon: get nosuch: no such volume\n");
    CHECK(house.type("volume create a/b").status == 1);
    REQUIRE(house.type("create --name user -v data:/d small sleep").status == 0);
    auto const in_use = house.type("volume rm data");
    CHECK(in_use.status == 1);
    CHECK(in_use.err.find("remove data: volume is in use - [") != std::string::npos);
    CHECK(house.type("volume ls -q -f dangling=true").out.empty());
    house.type("rm user");
    CHECK(house.type("volume prune -f").out == "Total reclaimed space: 0B\n"); // named ones stay
    CHECK(house.type("volume prune -a -f").out == "Deleted Volumes:\ndata\n\nTotal reclaimed space: 0B\n");
    CHECK(house.events<trace::VolumeRemoved>().size() == 1);
}

TEST_CASE("volumes: what one container's path holds, another's holds too", "[engine][daemon]")
{
    House house;
    REQUIRE(house.type("create --name box_a -v shared:/data small sleep").status == 0);
    REQUIRE(house.type("create --name box_b -v shared:/other:ro small sleep").status == 0);
    REQUIRE(house.type("cp - box_a:/data", tests::tar_of({ { "f", "from a" } })).status == 0);
    CHECK(house.type("cp box_b:/other/f -").out.find("from a") != std::string::npos);
    CHECK(house.type("cp - box_b:/other", tests::tar_of({ { "g", "" } })).err.find("read-only") != std::string::npos);
    CHECK(house.type("diff box_a").out.empty()); // the volume is no part of the container
    house.type("start box_a");
    auto const mounted = house.events<trace::VolumeMounted>();
    REQUIRE(mounted.size() == 1);
    CHECK(mounted[0].source == "shared");
    CHECK(mounted[0].target == "/data");
}

TEST_CASE("volumes: --volumes-from shares what another container has", "[engine][daemon]")
{
    House house;
    REQUIRE(house.type("create --name keeper -v shared:/data -v /own small sleep").status == 0);
    auto const create = [&](std::string const& from) {
        return house.send("POST",
            "/containers/create?name=heir" + std::to_string(house.get("/containers/json?all=1").size()),
            R"({"Image":"small","Cmd":["sleep"],"HostConfig":{"VolumesFrom":[")" + from + R"("]}})");
    };
    REQUIRE(create("keeper:ro").status == 201);
    auto const mounts = house.get("/containers/heir1/json")["Mounts"];
    REQUIRE(mounts.size() == 2);
    CHECK(mounts[0]["RW"] == false);
    CHECK(mounts[0]["Name"] == house.get("/containers/keeper/json")["Mounts"][0]["Name"]);
    CHECK(create("keeper:zz").status == 400);
    CHECK(create("nosuch").status == 400); // 404 would make a client pull the image
    house.type("rm -v heir1");             // what it only borrowed stays
    CHECK(house.get("/volumes")["Volumes"].size() == 2);
}

TEST_CASE("volumes: an anonymous one goes with its container by rm -v and --rm, and stays otherwise",
    "[engine][daemon][client]")
{
    House house;
    house.type("create --name box_a -v /data small sleep");
    house.type("create --name box_b -v /data small sleep");
    house.type("run --rm -v /data small echo hi");
    CHECK(house.get("/volumes")["Volumes"].size() == 2);
    house.type("rm -v box_a");
    house.type("rm box_b");
    CHECK(house.get("/volumes")["Volumes"].size() == 1);
    CHECK(house.type("volume prune -f").out.starts_with("Deleted Volumes:\n"));
    CHECK(house.get("/volumes")["Volumes"].empty());
}

TEST_CASE("volumes and mounts come back with the daemon", "[engine][daemon]")
{
    House house;
    house.type("create --name box_a -v data:/d --tmpfs /t:size=1m small sleep");
    house.close();
    house.open();
    auto const mounts = house.get("/containers/box_a/json")["Mounts"];
    REQUIRE(mounts.size() == 2);
    CHECK(house.type("volume ls -q").out == "data\n");
}

TEST_CASE(
    "restart policy: on-failure tries again with a back-off, and gives up after its number", "[engine][daemon][client]")
{
    House house;
    REQUIRE(house.type("run -d --name again --restart on-failure:2 small exit 3").status == 0);
    CHECK(house.type("wait again").out == "3\n");
    auto const scheduled = house.events<trace::RestartScheduled>();
    REQUIRE(scheduled.size() == 2);
    CHECK(scheduled[0].delay == 100);
    CHECK(scheduled[1].delay == 200);
    CHECK(scheduled[1].policy == "on-failure:2");
    auto const state = house.get("/containers/again/json");
    CHECK(state["RestartCount"] == 2);
    CHECK(state["State"]["Status"] == "exited");
    CHECK(house.type("run --rm --restart always small echo").status == 125);
}

TEST_CASE("restart policy: a container that was stopped stays so; one that ran comes back with the daemon",
    "[engine][daemon][client]")
{
    House house;
    house.type("run -d --name on --restart unless-stopped small sleep");
    house.type("run -d --name off --restart unless-stopped small sleep");
    house.type("run -d --name always --restart always small sleep");
    house.type("run -d --name plain small sleep");
    for (auto const* name : { "off", "always" })
        house.type(std::string("stop -t 0 ") + name);
    CHECK(house.events<trace::RestartScheduled>().empty());
    house.close();
    house.open();
    house.scheduler.sleep_for(std::chrono::seconds(1));
    CHECK(house.type("ps --format {{.Names}}").out == "always\non\n");
}

TEST_CASE("health check: the answers of its command become the container's health", "[engine][daemon]")
{
    House house;
    auto const create = [&](std::string const& name, std::string const& test) {
        auto const body = R"({"Image":"small","Cmd":["sleep"],"Healthcheck":{"Test":)" + test
            + R"(,"Interval":1000000000,"Timeout":1000000000,"Retries":2}})";
        REQUIRE(house.send("POST", "/containers/create?name=" + name, body).status == 201);
        REQUIRE(house.send("POST", "/containers/" + name + "/start").status == 204);
    };
    create("good", R"(["CMD","echo","fine"])");
    create("bad", R"(["CMD","exit","1"])");
    create("slow", R"(["CMD-SHELL","never ends"])");
    CHECK(house.get("/containers/good/json")["State"]["Health"]["Status"] == "starting");
    house.scheduler.sleep_for(std::chrono::seconds(10));
    auto const health = house.get("/containers/good/json")["State"]["Health"];
    CHECK(health["Status"] == "healthy");
    CHECK(health["Log"][0]["Output"] == "fine\n");
    CHECK(health["Log"].size() == 5);
    CHECK(house.get("/containers/bad/json")["State"]["Health"]["Status"] == "unhealthy");
    auto const slow = house.get("/containers/slow/json")["State"]["Health"];
    CHECK(slow["Status"] == "unhealthy");
    CHECK(slow["Log"][0]["Output"] == "Health check exceeded timeout (1000ms)");
    CHECK(house.type("ps --filter health=healthy --format {{.Status}}").out == "Up 10 seconds (healthy)\n");
    CHECK(house.send("POST", "/containers/create", R"({"Image":"small","Cmd":["x"],"Healthcheck":{"Test":["WHAT"]}})")
              .status
        == 400);
}

TEST_CASE("docker update: what changes is told, null and zero change nothing", "[engine][daemon][client]")
{
    House house;
    REQUIRE(house.type("create --name box -m 64m small sleep").status == 0);
    CHECK(house.type("update -m 32m --restart always box").out == "box\n");
    CHECK(house.type("update -m 1g box").err.find("update the memoryswap at the same time") != std::string::npos);
    CHECK(house.type("update --cpu-shares 300 box").err.find("--cpu-shares has no effect") != std::string::npos);
    CHECK(house.get("/containers/box/json")["HostConfig"]["CpuShares"] == 300);
    CHECK(house.send("POST", "/containers/box/update", R"({"PidsLimit":null,"Memory":0,"RestartPolicy":null})").status
        == 200);
    auto const host = house.get("/containers/box/json")["HostConfig"];
    CHECK(host["Memory"] == 32 << 20);
    CHECK(host["RestartPolicy"]["Name"] == "always");
    auto const updated = house.events<trace::ContainerUpdated>();
    REQUIRE(updated.size() == 3);
    CHECK(updated[0].what.find("restart always") != std::string::npos);
    CHECK(updated[2].what.empty());
    CHECK(house.send("POST", "/containers/box/update", R"({"Memory":1})").status == 400);
}

TEST_CASE("docker system df, container prune: what is used, and what is given back", "[engine][daemon][client]")
{
    House house;
    house.type("run --name done small echo hi");
    CHECK(house.get("/system/df")["Containers"].size() == 1);
    CHECK(house.type("system df").out.starts_with("TYPE"));
    auto const details = house.type("system df -v").out;
    CHECK(details.starts_with("Images space usage:\n\nREPOSITORY   TAG       IMAGE ID"));
    CHECK(details.find("Exited (0) ") != std::string::npos);
    CHECK(house.type("system df -v --format '{{range .Images}}{{.Repository}} {{.SharedSize}} {{.Containers}}{{end}}'")
              .out
        == "small 0B 1\n");
    REQUIRE(house.type("commit -c 'LABEL a=b' done other").status == 0); // stands on the same layer
    CHECK(house.get("/system/df?type=image")["Images"][0]["SharedSize"].get<int>() > 0);
    CHECK(house.get("/system/df?type=image")["Containers"].empty());
    house.type("rmi other");
    auto const pruned = house.type("container prune -f");
    CHECK(pruned.out.starts_with("Deleted Containers:\n"));
    CHECK(house.get("/containers/json?all=1").empty());
    CHECK(house.type("builder prune -f").out == "Total reclaimed space: 0B\n");
    CHECK(house.type("system prune", "n\n").out
        == "WARNING! This will remove:\n  - all stopped containers\n"
           "  - all networks not used by at least one container\n  - all dangling images\n  - unused build cache\n\n"
           "Are you sure you want to continue? [y/N] ");
}

TEST_CASE("prune: what has a label can be spared", "[engine][daemon][client]")
{
    House house;
    REQUIRE(house.type("create --name keep --label precious small echo").status == 0);
    REQUIRE(house.type("create --name go small echo").status == 0);
    CHECK(house.type("container prune -f --filter label!=precious").status == 0);
    CHECK(house.type("ps -a --format {{.Names}}").out == "keep\n");
}

TEST_CASE("image prune -a: an image in use loses all its names but the last", "[engine][daemon][client]")
{
    House house;
    REQUIRE(house.type("create --name user small echo").status == 0);
    house.type("tag small again:1");
    CHECK(house.type("image prune -a -f").out.find("untagged: ") != std::string::npos);
    CHECK(house.get("/images/json")[0]["RepoTags"].size() == 1);
}

TEST_CASE(
    "health: an image's check reaches its containers, unless they bring their own or want none", "[engine][daemon]")
{
    oci::ImageConfig image;
    image.healthcheck = oci::Healthcheck { .test = { "CMD-SHELL", "test -e /ok" },
        .interval = std::chrono::seconds(5),
        .timeout = {},
        .start_period = {},
        .start_interval = {},
        .retries = 2 };
    daemon::ContainerConfig taken;
    daemon::inherit(taken, image);
    CHECK(taken.healthcheck == *image.healthcheck);
    CHECK(taken.healthcheck.is_on());
    daemon::ContainerConfig own;
    own.healthcheck.test = { "CMD", "true" };
    daemon::inherit(own, image);
    CHECK(own.healthcheck.test == std::vector<std::string> { "CMD", "true" });
    daemon::ContainerConfig none;
    none.healthcheck.test = { "NONE" };
    daemon::inherit(none, image);
    CHECK_FALSE(none.healthcheck.is_on());
}
