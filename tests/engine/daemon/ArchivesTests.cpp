// Files out of a container and into one, through the API and our client.

#include "House.h"

#include "tests/support/Tars.h"

using namespace drydock;
using tests::House;

TEST_CASE("docker cp: a tar goes in by stdin and comes out on stdout", "[engine][daemon][client]")
{
    House house;
    REQUIRE(house.type("create --name box small sleep").status == 0);
    auto const in = house.type("cp - box:/", tests::tar_of({ { "etc/new", "text\n" } }));
    CAPTURE(in.err);
    REQUIRE(in.status == 0);
    auto const out = house.type("cp box:/etc -");
    CHECK(out.status == 0);
    CHECK(out.out.size() % 512 == 0);
    CHECK(out.out.find("etc/new") != std::string::npos);
    CHECK(out.out.find("text\n") != std::string::npos);
    auto const copied = house.events<trace::FilesCopied>();
    REQUIRE(copied.size() == 2);
    CHECK(copied[0].into);
    CHECK(copied[0].entries == 1);
    CHECK_FALSE(copied[1].into);
    CHECK(copied[1].path == "/etc");
    CHECK(house.type("diff box").out == "A /etc\nA /etc/new\n");
}

TEST_CASE("archive: what is not there, is no directory or is no tar is refused in docker's words", "[engine][daemon]")
{
    House house;
    REQUIRE(house.type("create --name box small sleep").status == 0);
    auto const missing = house.type("cp box:/nosuch -");
    CHECK(missing.status == 1);
    CHECK(missing.err == "Error response from daemon: Could not find the file /nosuch in container box\n");
    CHECK(house.send("HEAD", "/containers/box/archive?path=%2Fnosuch").status == 404);
    CHECK(house.send("PUT", "/containers/box/archive?path=%2Fnosuch").status == 404);
    CHECK(house.message(house.send("PUT", "/containers/box/archive?path=%2Fmotd"))
        == "extraction point is not a directory");
    CHECK(house.type("cp - box:/", std::string(600, 'x')).status == 1);
    CHECK(house.type("diff box").out.empty()); // a bad archive changes nothing
    CHECK(house.type("cp a b").err.find("must specify at least one container source") != std::string::npos);
    REQUIRE(house.type("create --name sealed --read-only small sleep").status == 0);
    CHECK(
        house.type("cp - sealed:/", tests::tar_of({ { "f", "" } })).err.find("marked read-only") != std::string::npos);
}

TEST_CASE("archive: the stat header is base64 of Go's view of the file", "[engine][daemon]")
{
    House house;
    REQUIRE(house.type("create --name box small sleep").status == 0);
    auto const response = house.send("HEAD", "/containers/box/archive?path=motd");
    REQUIRE(response.status == 200);
    // {"name":"motd","size":3,"mode":420, …
    CHECK(response.headers.get("X-Docker-Container-Path-Stat")
              .value_or("")
              .starts_with("eyJuYW1lIjoibW90ZCIsInNpemUiOjMsIm1vZGUiOjQyMCwi"));
}

TEST_CASE("docker export: the whole tree as one tar", "[engine][daemon][client]")
{
    House house;
    REQUIRE(house.type("create --name box small sleep").status == 0);
    auto const exported = house.type("export box");
    CHECK(exported.status == 0);
    CHECK(exported.out.starts_with("motd"));
    REQUIRE(house.events<trace::ContainerExported>().size() == 1);
    CHECK(house.events<trace::ContainerExported>()[0].bytes == exported.out.size());
}
