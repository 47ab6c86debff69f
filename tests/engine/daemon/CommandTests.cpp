// Our client against our daemon: what is typed, and what comes of it.

#include "House.h"

using namespace drydock;
using tests::House;

TEST_CASE("docker run: prints what the container writes and takes its exit status", "[engine][daemon][client]")
{
    House house;
    auto const hello = house.type("run --rm small echo hello world");
    CHECK(hello.out == "hello world\n");
    CHECK(hello.err.empty());
    CHECK(hello.status == 0);
    CHECK(house.type("run --rm small exit 7").status == 7);
    CHECK(house.get("/containers/json?all=1").empty());
}

TEST_CASE("docker run: a command that is not there or may not run ends with 127 and 126", "[engine][daemon][client]")
{
    House house;
    auto const missing = house.type("run --rm small nosuchcmd");
    CHECK(missing.status == 127);
    CHECK(missing.err.find("executable file not found in $PATH") != std::string::npos);
    CHECK(house.type("run small /etc/passwd").status == 126);
    auto const left = house.get("/containers/json?all=1");
    REQUIRE(left.size() == 1); // the one without --rm, in the state created
    CHECK(left[0]["State"] == "created");
}

TEST_CASE(
    "docker run -i: the end of the input is the container's, its output still arrives", "[engine][daemon][client]")
{
    House house;
    auto const copied = house.type("run -i --rm small cat", "one\ntwo\n");
    CHECK(copied.out == "one\ntwo\n");
    CHECK(copied.status == 0);
}

TEST_CASE("docker run -a: only the streams that were asked for arrive", "[engine][daemon][client]")
{
    House house;
    auto const both = house.type("run --rm small both");
    CHECK(both.out == "out\n");
    CHECK(both.err == "err\n");
    auto const out = house.type("run --rm -a stdout small both");
    CHECK(out.out == "out\n");
    CHECK(out.err.empty());
    auto const err = house.type("run --rm -a STDERR small both");
    CHECK(err.out.empty());
    CHECK(err.err == "err\n");
    CHECK(house.type("run --rm -i -a stdin -a stdout small cat", "typed").out == "typed");
    auto const bad = house.type("run -a nosuch small both");
    CHECK(bad.status == 125);
    CHECK(bad.err.find("valid streams are STDIN, STDOUT and STDERR") != std::string::npos);
    CHECK(house.type("run -d -a stdout small both").err.find("cannot specify both --attach and --detach")
        != std::string::npos);
}

TEST_CASE("docker run -it: the detach keys leave a container that goes on", "[engine][daemon][client]")
{
    House house;
    CHECK(house.type("run -it --name box small cat", "typed\n\x10\x11").status == 0);
    CHECK(house.get("/containers/box/json")["State"]["Running"] == true);
    auto const left = house.type("attach --detach-keys ctrl-a,x box", "more\n\x01x");
    CHECK(left.status == 1);
    CHECK(house.type("logs box").out.ends_with("more\n")); // who leaves a terminal does not close it
    CHECK(left.err == "read escape sequence\n");
    CHECK(house.get("/containers/box/json")["State"]["Running"] == true);
    auto const bad = house.type("run --detach-keys nosuch small echo hi");
    CHECK(bad.status == 125);
    CHECK(bad.err.find("invalid detach keys (nosuch): Unknown character: 'nosuch'") != std::string::npos);
    house.type("rm -f box");
}

TEST_CASE("docker run: what is sent to the client reaches the container, unless --sig-proxy=false",
    "[engine][daemon][client]")
{
    House house;
    auto const run_with_signal = [&](std::string const& line) {
        std::shared_ptr<void> held;
        std::unique_ptr<Task> sender;
        bool caught = false;
        client::Terminal terminal { .write = [](bool, std::string_view) {}, .read = nullptr, .stop_reading = nullptr };
        terminal.catch_signals = [&](std::function<void(std::string const&)> told) {
            caught = true;
            sender = house.scheduler.spawn("signal", [told] { told("TERM"); });
            return std::make_shared<int>(0);
        };
        client::DockerClient docker(
            house.network, house.scheduler, { "laptop" }, house.endpoint, house.publisher("client-terminal"));
        int const status = docker.run(REQUIRE_OK(client::split_words(line)), terminal);
        return std::pair(status, caught);
    };
    CHECK(run_with_signal("run --rm small listen") == std::pair(143, true));
    CHECK(run_with_signal("run --rm --sig-proxy=false small exit 3") == std::pair(3, false));
}

TEST_CASE("docker run --link: another container's address and variables come along", "[engine][daemon][client]")
{
    House house;
    CHECK(house.type("run --link nosuch:db small echo hi").err.find("could not get container for nosuch")
        != std::string::npos);
    REQUIRE(house.type("create --name data -e MOOD=calm --expose 5432 small sleep").status == 0);
    CHECK(house.type("run --rm --link data:db small hosts").err.find("Cannot link to a non running container: /data AS")
        != std::string::npos);
    REQUIRE(house.type("start data").status == 0);
    auto const address = house.get("/containers/data/json")["NetworkSettings"]["IPAddress"].get<std::string>();
    CHECK(house.type("run --rm --link data:db small hosts").out.find(address + "\tdb ") != std::string::npos);
    auto const env = house.type("run --rm --name web --link data:db small env").out;
    for (auto const& line : { "DB_NAME=/web/db\n", "DB_PORT=tcp://",
             "DB_PORT_5432_TCP_ADDR=", "DB_PORT_5432_TCP_PROTO=tcp\n", "DB_ENV_MOOD=calm\n" }) {
        CAPTURE(line);
        CHECK(env.find(line) != std::string::npos);
    }
    REQUIRE(house.type("create --name web --link data small sleep").status == 0);
    house.type("rename data store"); // a link means the container
    CHECK(house.get("/containers/web/json")["HostConfig"]["Links"][0] == "/store:/web/data");
    house.type("rm -f store");
    CHECK(house.get("/containers/web/json")["HostConfig"]["Links"].is_null());
}

TEST_CASE("docker create --platform: an image for another machine is none", "[engine][daemon][client]")
{
    House house;
    CHECK(house.type("create --platform linux/amd64 small echo").status == 0);
    auto refused = house.send("POST", "/containers/create?platform=linux/arm64", R"({"Image":"small"})");
    CHECK(refused.status == 404); // a client pulls the one that suits
    CHECK(house.message(std::move(refused))
        == "image with reference small was found but its platform (linux/amd64) does not match the specified platform "
           "(linux/arm64)");
}

TEST_CASE("docker run: an image that no registry is known for is refused with 125", "[engine][daemon][client]")
{
    House house;
    auto const refused = house.type("run nosuch true");
    CHECK(refused.status == 125);
    CHECK(
        refused.err.starts_with("Unable to find image 'nosuch:latest' locally\ndocker: Error response from daemon: "));
    CHECK(house.events<trace::ImageNotFoundLocally>().size() == 1);
    CHECK(house.type("run --pull never nosuch true").status == 125);
}

TEST_CASE("docker top: what the kernel lists is told as well", "[engine][daemon][client]")
{
    House house;
    REQUIRE(house.type("run -d --name busy small sleep").status == 0);
    auto const shown = house.type("top busy");
    CHECK(shown.out.starts_with("UID"));
    auto const told = house.events<trace::ProcessesListed>();
    REQUIRE(told.size() == 1);
    REQUIRE(told.front().processes.size() == 1);
    CHECK(told.front().processes.front().pid == 1);
    CHECK(shown.out.find(std::to_string(told.front().processes.front().host_pid)) != std::string::npos);
    house.type("rm -f busy");
}

TEST_CASE("docker stop: SIGKILL comes after the timeout, and 137 of it", "[engine][daemon][client]")
{
    House house;
    REQUIRE(house.type("run -d --name deaf small sleep").status == 0);
    CHECK(house.type("stop -t 1 deaf").out == "deaf\n");
    CHECK(house.type("wait deaf").out == "137\n");
    REQUIRE(house.type("run -d --name good small listen").status == 0);
    house.type("stop good");
    CHECK(house.type("wait good").out == "143\n");
    CHECK(house.type("kill good").err.find("is not running") != std::string::npos);
}

TEST_CASE("docker kill: whoever kills a container finds it ended, and may remove it", "[engine][daemon][client]")
{
    House house;
    REQUIRE(house.type("run -d --name slow small linger").status == 0);
    CHECK(house.type("kill slow").out == "slow\n");
    CHECK(house.get("/containers/slow/json")["State"]["ExitCode"] == 137);
    CHECK(house.type("rm slow").out == "slow\n");
}

TEST_CASE("docker ps, rename, rm: states and names", "[engine][daemon][client]")
{
    House house;
    REQUIRE(house.type("run -d --name web small sleep").status == 0);
    auto const clash = house.type("run --name web small exit 0");
    CHECK(clash.status == 125);
    CHECK(
        clash.err.find("Conflict. The container name \"/web\" is already in use by container \"") != std::string::npos);
    CHECK(house.type("ps --format '{{.Names}} {{.Status}}'").out == "web Up Less than a second\n");
    CHECK(house.type("pause web").status == 0);
    CHECK(house.get("/containers/web/json")["State"]["Status"] == "paused");
    CHECK(house.type("unpause web").status == 0);
    CHECK(house.type("rename web site").status == 0);
    CHECK(
        house.type("rm site").err.find("cannot remove container \"site\": container is running") != std::string::npos);
    CHECK(house.type("rm -f site").out == "site\n");
    CHECK(house.type("rm -f site").status == 0);
    CHECK(house.type("ps -aq").out.empty());
}

TEST_CASE("docker logs: replays lines, the last of them, and follows to the end", "[engine][daemon][client]")
{
    House house;
    REQUIRE(house.type("run --name job small echo first").status == 0);
    REQUIRE(house.type("start job").status == 0);
    REQUIRE(house.type("wait job").status == 0);
    CHECK(house.type("logs job").out == "first\nfirst\n");
    CHECK(house.type("logs -n 1 job").out == "first\n");
    CHECK(house.type("logs -f job").out == "first\nfirst\n");
    CHECK(house.type("logs -t job").out.find("2026-11-") == 0);
}

TEST_CASE("docker run --link: a linked container that comes back elsewhere is found there", "[engine][daemon][client]")
{
    House house;
    auto const address_of = [&](std::string const& name) {
        return house.get("/containers/" + name + "/json")["NetworkSettings"]["IPAddress"].get<std::string>();
    };
    REQUIRE(house.type("run -d --name data small sleep").status == 0);
    auto const before = address_of("data");
    REQUIRE(house.type("run -d --name web --link data:db --add-host data:10.9.9.9 small reread").status == 0);
    REQUIRE(house.type("stop -t 0 data").status == 0);
    REQUIRE(house.type("run -d --name squatter small sleep").status == 0);
    REQUIRE(house.type("start data").status == 0);
    REQUIRE(address_of("squatter") == before);
    REQUIRE(house.type("kill web").status == 0);
    auto const hosts = house.type("logs web").out;
    CHECK(hosts.find(address_of("data") + "\tdb ") != std::string::npos);
    CHECK(hosts.find(before + "\tdb ") == std::string::npos);
    CHECK(hosts.find("10.9.9.9\tdata\n") != std::string::npos); // no line of the link's
}

TEST_CASE("docker run -p: a port that is taken is told in docker's words", "[engine][daemon][client]")
{
    House house;
    auto const says = [&](std::string const& line, std::string const& name, std::string const& why) {
        auto const typed = house.type(line);
        CAPTURE(typed.err);
        CHECK(typed.status == 125);
        CHECK(typed.err.find("Error response from daemon: driver failed programming external connectivity on endpoint "
                  + name + " (")
            != std::string::npos);
        CHECK(typed.err.find("): " + why + "\n") != std::string::npos);
    };
    REQUIRE(house.type("run -d --name web -p 8080:80 small sleep").status == 0);
    says("run -p 8080:80 --name two small sleep", "two", "Bind for 0.0.0.0:8080 failed: port is already allocated");
    auto const listener = REQUIRE_OK(
        house.network.listen({ "laptop" }, { network::Endpoint::Kind::Tcp, {}, "0.0.0.0", 9090 })); // the host's own
    says("run -p 9090:80 --name three small sleep", "three",
        "Error starting userland proxy: listen tcp4 0.0.0.0:9090: bind: address already in use");
    auto refused = house.send("POST", "/containers/create",
        R"({"Image":"small","HostConfig":{"PortBindings":{"80/tcp":[{"HostIp":"10.9.9.9x","HostPort":"1"}]}}})");
    CHECK(refused.status == 400);
    CHECK(house.message(std::move(refused)) == "invalid IP address: 10.9.9.9x");
}

TEST_CASE("docker exec: runs beside the container and hands its status on", "[engine][daemon][client]")
{
    House house;
    REQUIRE(house.type("run -d --name web small sleep").status == 0);
    auto const echoed = house.type("exec web echo hi");
    CHECK(echoed.out == "hi\n");
    CHECK(echoed.status == 0);
    CHECK(house.type("exec web exit 4").status == 4);
    CHECK(house.type("exec -i web cat", "x").out == "x");
    auto const missing = house.type("exec web nosuchcmd");
    CHECK(missing.status == 127);
    CHECK(missing.out.find("executable file not found in $PATH") != std::string::npos);
}

TEST_CASE("docker: wrong usage is answered in docker's words", "[engine][client]")
{
    House house;
    CHECK(house.type("foo").err == "docker: unknown command: docker foo\n\nRun 'docker --help' for more information\n");
    auto const unknown = house.type("ps --foo");
    CHECK(unknown.status == 125);
    CHECK(unknown.err
        == "unknown flag: --foo\n\nUsage:  docker ps [OPTIONS]\n\nRun 'docker ps --help' for more information\n");
    auto const none = house.type("rm");
    CHECK(none.status == 1);
    CHECK(none.err
        == "docker: 'docker rm' requires at least 1 argument\n\nUsage:  docker rm [OPTIONS] CONTAINER "
           "[CONTAINER...]\n\nSee 'docker rm --help' for more information\n");
    CHECK(house.type("run --memory abc small")
              .err.starts_with("invalid argument \"abc\" for \"-m, --memory\" flag: invalid size: 'abc'\n"));
}

TEST_CASE("docker: the same seed gives the same trace", "[engine][daemon][client]")
{
    auto const names = [] {
        House house;
        house.type("run --rm small echo hi");
        std::vector<std::string> all;
        for (std::uint64_t i = 0; i < house.log.size(); ++i)
            all.emplace_back(trace::name_of(house.log[i].event));
        return all;
    };
    CHECK(names() == names());
}
