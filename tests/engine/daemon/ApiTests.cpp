// The answers of the Engine API themselves.

#include "House.h"

using namespace drydock;
using tests::House;

TEST_CASE("API: every route with and without a version, none beyond 1.50 or below 1.24", "[engine][daemon]")
{
    House house;
    CHECK(house.send("GET", "/version").status == 200);
    CHECK(house.send("GET", "/v1.24/version").status == 200);
    CHECK(house.send("GET", "/v1.50/version").status == 200);
    CHECK(house.message(house.send("GET", "/v1.99/version"))
        == "client version 1.99 is too new. Maximum supported API version is 1.50");
    CHECK(house.send("GET", "/v1.23/version").status == 400);
    auto unknown = house.send("GET", "/v1.50/nosuch");
    CHECK(unknown.status == 404);
    CHECK(house.message(std::move(unknown)) == "page not found");
}

TEST_CASE("API: _ping tells the version by HEAD and by GET", "[engine][daemon]")
{
    House house;
    auto const head = house.send("HEAD", "/_ping");
    CHECK(head.status == 200);
    CHECK(head.headers.get("Api-Version") == "1.50");
    CHECK(head.headers.get("Builder-Version") == "1");
    auto got = house.send("GET", "/_ping");
    CHECK(REQUIRE_OK(got.body->read_all(10)) == "OK");
}

TEST_CASE("API: a refusal is {\"message\"} with exactly application/json", "[engine][daemon]")
{
    House house;
    auto missing = house.send("GET", "/containers/nosuch/json");
    CHECK(missing.status == 404);
    CHECK(missing.headers.get("Content-Type") == "application/json");
    CHECK(house.message(std::move(missing)) == "No such container: nosuch");
}

TEST_CASE("API: a broken create body is the client's fault and has no effect", "[engine][daemon]")
{
    House house;
    auto const body
        = GENERATE(as<std::string> {}, "{", "[]", "7", R"({"Image":7})", R"({"Image":"small","Env":"x","Cmd":{}})",
            R"({"Image":"small","HostConfig":[]})", R"({"Image":"small","HostConfig":{"Memory":"1"}})",
            R"({"Image":"small","WorkingDir":"relative"})", R"({"Image":"small","StopSignal":"BAD"})");
    CAPTURE(body);
    CHECK(house.send("POST", "/containers/create", body).status == 400);
    CHECK(house.send("POST", "/containers/create", std::string(100, '[')).status == 400);
    CHECK(house.get("/containers/json?all=1").empty());
    CHECK(house.storage->list("containers").empty());
}

TEST_CASE("API: what a container is given of the host is kept and shown", "[engine][daemon]")
{
    House house;
    auto const host = R"({"Privileged":true,"GroupAdd":["audio"],"Sysctls":{"net.core.somaxconn":"9"},)"
                      R"("Devices":[{"PathOnHost":"/dev/fuse","PathInContainer":"","CgroupPermissions":"rw"}]})";
    auto const made = house.send(
        "POST", "/containers/create?name=given", R"({"Image":"small","HostConfig":)" + std::string(host) + "}");
    REQUIRE(made.status == 201);
    auto const shown = house.get("/containers/given/json")["HostConfig"];
    CHECK(shown["Privileged"] == true);
    CHECK(shown["GroupAdd"] == nlohmann::json { "audio" });
    CHECK(shown["Sysctls"] == nlohmann::json { { "net.core.somaxconn", "9" } });
    CHECK(shown["Devices"][0]["PathInContainer"] == "/dev/fuse");
    auto const bad = GENERATE(as<std::string> {}, R"([{"PathOnHost":"dev/fuse"}])",
        R"([{"PathOnHost":"/dev/fuse","CgroupPermissions":"x"}])", R"([{}])");
    CAPTURE(bad);
    auto const refused
        = house.send("POST", "/containers/create", R"({"Image":"small","HostConfig":{"Devices":)" + bad + "}}");
    CHECK(refused.status == 400);
}

TEST_CASE("API: what this version cannot do is refused and not passed over", "[engine][daemon]")
{
    House house;
    auto const host = GENERATE(as<std::string> {}, R"({"PidMode":"hosts"})", R"({"PidMode":"container:"})",
        R"({"UTSMode":"container:x"})", R"({"UsernsMode":"private"})", R"({"IpcMode":"public"})");
    CAPTURE(host);
    auto refused = house.send("POST", "/containers/create", R"({"Image":"small","HostConfig":)" + host + "}");
    CHECK(refused.status == 400);
    CHECK(house.message(std::move(refused)).find("invalid ") == 0);
}

TEST_CASE("API: limits that contradict each other and drivers that are not there are refused in docker's words",
    "[engine][daemon]")
{
    House house;
    auto const [host, words] = GENERATE(table<std::string, std::string>({
        { R"({"Memory":67108864,"MemorySwap":1000000})", "Minimum memoryswap limit should be larger" },
        { R"({"MemorySwap":1000000})", "You should always set the Memory limit" },
        { R"({"Memory":67108864,"MemoryReservation":70000000})", "can not be less than memory reservation" },
        { R"({"NanoCpus":1000000000,"CpuQuota":1})", "Conflicting options: Nano CPUs and CPU Quota" },
        { R"({"NanoCpus":99000000000})", "range of CPUs is from 0.01 to 1.00" },
        { R"({"NanoCpus":-1})", "range of CPUs is from 0.01 to 1.00" },
        { R"({"OomScoreAdj":5000})", "range for oom score adj" },
        { R"({"Runtime":"nosuch"})", "unknown or invalid runtime name: nosuch" },
        { R"({"DeviceRequests":[{"Capabilities":[["gpu"]]}]})", "with capabilities: [[gpu]]" },
        { R"({"VolumeDriver":"nosuch"})", "error looking up volume plugin nosuch" },
        { R"({"LogConfig":{"Type":"json-file","Config":{"nosuch":"1"}}})", "unknown log opt 'nosuch'" },
        { R"({"LogConfig":{"Type":"local","Config":{"labels":"a"}}})",
            "unknown log opt 'labels' for log driver local" },
        { R"({"LogConfig":{"Config":{"mode":"zz"}}})", "logger: logging mode not supported: zz" },
        { R"({"LogConfig":{"Config":{"max-buffer-size":"1m"}}})", "only supported with 'mode=non-blocking'" },
        { R"({"SecurityOpt":["nosuch"]})", "invalid --security-opt" },
    }));
    CAPTURE(host);
    auto refused = house.send("POST", "/containers/create", R"({"Image":"small","HostConfig":)" + host + "}");
    CHECK(refused.status == 400);
    CHECK(house.message(std::move(refused)).find(words) != std::string::npos);
}

TEST_CASE("API: a hardware address is asked for with the container or with its network", "[engine][daemon]")
{
    House house;
    auto const body = GENERATE(as<std::string> {},
        R"({"Image":"small","Cmd":["sleep"],"MacAddress":"02:42:ac:11:99:99"})",
        R"({"Image":"small","Cmd":["sleep"],"NetworkingConfig":{"EndpointsConfig":{"default":{"MacAddress":"02:42:AC:11:99:99"}}}})");
    CAPTURE(body);
    REQUIRE(house.send("POST", "/containers/create?name=carded", body).status == 201);
    REQUIRE(house.send("POST", "/containers/carded/start").status == 204);
    CHECK(house.get("/containers/carded/json")["NetworkSettings"]["MacAddress"] == "02:42:ac:11:99:99");
    house.send("DELETE", "/containers/carded?force=1");
    REQUIRE(house
                .send("POST", "/containers/create?name=bad",
                    R"({"Image":"small","Cmd":["sleep"],"MacAddress":"01:42:ac:11:99:99"})")
                .status
        == 201);
    auto refused = house.send("POST", "/containers/bad/start"); // of a group's
    CHECK(house.message(std::move(refused)).find("invalid MAC address") != std::string::npos);
}

TEST_CASE("API: an option without effect is warned of, and shown as it was asked for", "[engine][daemon]")
{
    House house;
    auto made = house.send("POST", "/containers/create?name=idle",
        R"({"Image":"small","HostConfig":{"CpuShares":5,"CpusetCpus":"0","Memory":67108864,"MemorySwap":-1}})");
    CHECK(made.status == 201);
    CHECK(nlohmann::json::parse(REQUIRE_OK(made.body->read_all(1 << 16)))["Warnings"].size() == 2);
    auto const host = house.get("/containers/idle/json")["HostConfig"];
    CHECK(host["CpuShares"] == 5);
    CHECK(host["CpusetCpus"] == "0");
    CHECK(host["MemorySwap"] == -1);
}

TEST_CASE("API: an event of this very second is found by a bound that has a fraction", "[engine][daemon]")
{
    House house;
    auto const from = house.scheduler.now();
    house.type("create --name late small echo");
    house.scheduler.sleep_for(std::chrono::milliseconds(10));
    auto const text = [](Timestamp time) {
        return std::to_string(time.nanoseconds / 1'000'000'000) + "."
            + std::to_string(1'000'000'000 + time.nanoseconds % 1'000'000'000).substr(1);
    };
    auto answer = house.send("GET", "/events?since=" + text(from) + "&until=" + text(house.scheduler.now()));
    CHECK(REQUIRE_OK(answer.body->read_all(1 << 16)).find("\"create\"") != std::string::npos);
}

TEST_CASE("API: ps refuses filters about containers and ports that cannot be", "[engine][daemon]")
{
    House house;
    CHECK(house.send("GET", R"(/containers/json?filters={"before":["nosuch"]})").status == 404);
    CHECK(house.send("GET", R"(/containers/json?filters={"publish":["zz"]})").status == 400);
}

TEST_CASE("API: a container tells whose namespaces it has", "[engine][daemon]")
{
    House house;
    auto const made = house.send("POST", "/containers/create?name=sharing",
        R"({"Image":"small","HostConfig":{"PidMode":"host","IpcMode":"shareable","UTSMode":"host","UsernsMode":"host"}})");
    REQUIRE(made.status == 201);
    auto const host = house.get("/containers/sharing/json")["HostConfig"];
    CHECK(host["PidMode"] == "host");
    CHECK(host["IpcMode"] == "shareable");
    CHECK(host["UTSMode"] == "host");
    CHECK(host["UsernsMode"] == "host");
    CHECK(house.send("POST", "/containers/create?name=plain", R"({"Image":"small"})").status == 201);
    CHECK(house.get("/containers/plain/json")["HostConfig"]["IpcMode"] == "private");
    auto clash = house.send(
        "POST", "/containers/create", R"({"Image":"small","Hostname":"x","HostConfig":{"UTSMode":"host"}})");
    CHECK(house.message(std::move(clash)) == "conflicting options: hostname and the UTS mode");
}

TEST_CASE("API: a network that is not there fails the start and not the create", "[engine][daemon]")
{
    House house;
    CHECK(house
              .send("POST", "/containers/create?name=netless",
                  R"({"Image":"small","HostConfig":{"NetworkMode":"nosuchnet"}})")
              .status
        == 201);
    auto refused = house.send("POST", "/containers/netless/start");
    CHECK(refused.status == 400);
    CHECK(house.message(std::move(refused)).find("network nosuchnet not found") != std::string::npos);
    CHECK(house.get("/containers/netless/json")["State"]["Status"] == "created");
}

TEST_CASE("API: names follow docker's rule", "[engine][daemon]")
{
    House house;
    auto const name = GENERATE(as<std::string> {}, "bad%2Fname", "-x", "x", "a%20b");
    CAPTURE(name);
    CHECK(house.send("POST", "/containers/create?name=" + name, R"({"Image":"small"})").status == 400);
}

TEST_CASE("API: a container is found by id, name and unique beginning", "[engine][daemon]")
{
    House house;
    REQUIRE(house.type("create --name web small").status == 0);
    std::string const id = house.get("/containers/web/json")["Id"];
    CHECK(id.size() == 64);
    CHECK(house.get("/containers/" + id + "/json")["Name"] == "/web");
    CHECK(house.get("/containers/" + id.substr(0, 5) + "/json")["Name"] == "/web");
    CHECK(house.get("/containers/web/json")["Config"]["Hostname"] == id.substr(0, 12));
}

TEST_CASE("API: lists filter, and refuse filters they do not know", "[engine][daemon]")
{
    House house;
    REQUIRE(house.type("create --name web -l tier=front small").status == 0);
    REQUIRE(house.type("create --name db -l tier=back small").status == 0);
    auto const names = [&](std::string const& filters) {
        std::string all;
        for (auto const& each : house.get("/containers/json?all=1&filters=" + http::percent_encode(filters)))
            all += each["Names"][0].get<std::string>();
        return all;
    };
    CHECK(names(R"({"name":{"web":true}})") == "/web");
    CHECK(names(R"({"name":["web","db"]})") == "/db/web");
    CHECK(names(R"({"label":{"tier=back":true}})") == "/db");
    CHECK(names(R"({"label":{"tier":true},"name":["web"]})") == "/web");
    CHECK(names(R"({"status":{"running":true}})").empty());
    CHECK(names(R"({"since":{"web":true}})") == "/db");
    CHECK(
        house.message(house.send("GET", "/containers/json?filters=%7B%22zz%22%3A%5B%5D%7D")) == "invalid filter 'zz'");
    CHECK(house.message(house.send("GET", "/containers/json?filters=%7B")) == "invalid filter");
}

TEST_CASE("API: an image in use is not removed", "[engine][daemon]")
{
    House house;
    REQUIRE(house.type("create small").status == 0);
    auto const kept = house.send("DELETE", "/images/small");
    CHECK(kept.status == 409);
    CHECK(house.get("/images/json").size() == 1);
}

TEST_CASE("API: wait does not count an exit that lies in the past", "[engine][daemon]")
{
    House house;
    REQUIRE(house.type("run --name job small exit 3").status == 3);
    CHECK(house.type("wait job").out == "3\n");
    auto waiting = house.send("POST", "/containers/job/wait?condition=next-exit"); // its headers are here at once
    REQUIRE(house.type("start job").status == 0);
    CHECK(REQUIRE_OK(waiting.body->read_all(100)) == "{\"StatusCode\":3}\n");
    CHECK(house.send("POST", "/containers/job/wait?condition=nonsense").status == 400);
}

TEST_CASE("API: events are docker's, in docker's order", "[engine][daemon]")
{
    House house;
    REQUIRE(house.type("run --rm --name job small exit 0").status == 0);
    auto const now = house.scheduler.now().nanoseconds / 1'000'000'000;
    auto events = house.send("GET", "/events?since=1&until=" + std::to_string(now + 1));
    std::string actions;
    std::istringstream lines(REQUIRE_OK(events.body->read_all(1 << 20)));
    for (std::string line; std::getline(lines, line);)
        actions += nlohmann::json::parse(line)["Action"].get<std::string>() + " ";
    CHECK(actions == "create attach connect start die disconnect destroy ");
}

TEST_CASE("API: events are filtered by how a name or an id begins", "[engine][daemon]")
{
    House house;
    REQUIRE(house.type("create --name export small").status == 0);
    REQUIRE(house.type("create --name other small").status == 0);
    auto const now = house.scheduler.now().nanoseconds / 1'000'000'000;
    auto const kind = GENERATE(as<std::string> {}, "container", "network"); // which dockerd does not ask for
    auto events = house.send(
        "GET", "/events?since=1&until=" + std::to_string(now + 1) + "&filters=%7B%22" + kind + "%22:%5B%22ex%22%5D%7D");
    auto const text = REQUIRE_OK(events.body->read_all(1 << 20));
    CHECK(std::count(text.begin(), text.end(), '\n') == 1);
    CHECK(text.find("\"name\":\"export\"") != std::string::npos);
}

TEST_CASE("API: the events tell of a container before they tell of its parts", "[engine][daemon]")
{
    House house;
    REQUIRE(house.type("run --rm small echo hi").status == 0);
    std::vector<std::string_view> told;
    for (std::uint64_t i = 0; i < house.log.size(); ++i) {
        auto const name = trace::name_of(house.log[i].event);
        if (name == "ContainerCreated" || name == "WritableLayerCreated" || name == "ContainerStarted")
            told.push_back(name);
    }
    CHECK(told == std::vector<std::string_view> { "ContainerCreated", "WritableLayerCreated", "ContainerStarted" });
}

TEST_CASE("API: a client that hangs up while it waits is let go at once", "[engine][daemon]")
{
    House house;
    REQUIRE(house.type("run -d -i --name waiting small sleep").status == 0);
    REQUIRE(house.type("create -i --name never small sleep").status == 0);
    std::string const upgrade = " HTTP/1.1\r\nHost: docker\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n";
    std::string const plain = " HTTP/1.1\r\nHost: docker\r\n\r\n";
    auto const request = GENERATE_COPY("GET /events" + plain, "POST /containers/waiting/wait" + plain,
        "GET /containers/waiting/logs?stdout=1&follow=1" + plain, "GET /drydock/trace?from=1000000" + plain,
        "POST /containers/waiting/attach?stream=1&stdout=1" + upgrade,
        "POST /containers/waiting/attach?stream=1&stdout=1&stdin=1" + upgrade,
        "POST /containers/never/attach?stream=1&stdout=1&stdin=1" + upgrade);
    CAPTURE(request);
    {
        std::vector<std::unique_ptr<network::ByteStream>> clients;
        for (int i = 0; i < 50; ++i) {
            clients.push_back(REQUIRE_OK(house.network.connect({ "laptop" }, house.endpoint)));
            REQUIRE_OK(clients.back()->write_all(request));
        }
        house.scheduler.sleep_for(std::chrono::seconds(1));
        CHECK(house.events<trace::ConnectionOpened>().size() >= house.events<trace::ConnectionClosed>().size() + 50);
    }
    house.scheduler.sleep_for(std::chrono::seconds(1));
    CHECK(house.events<trace::ConnectionClosed>().size() == house.events<trace::ConnectionOpened>().size());
}

TEST_CASE("API: a half-close of an attached connection ends the input alone", "[engine][daemon]")
{
    House house;
    REQUIRE(house.type("create -i --name copy small cat").status == 0);
    auto const stream = REQUIRE_OK(house.network.connect({ "laptop" }, house.endpoint));
    REQUIRE_OK(stream->write_all("POST /containers/copy/attach?stream=1&stdout=1&stdin=1 HTTP/1.1\r\nHost: docker\r\n"
                                 "Connection: Upgrade\r\nUpgrade: tcp\r\n\r\nlast words"));
    stream->shutdown_write();
    house.scheduler.sleep_for(std::chrono::seconds(1));
    REQUIRE(house.type("start copy").status == 0);
    std::string answer;
    char buffer[4096];
    while (auto const size = REQUIRE_OK(stream->read_some(buffer)))
        answer.append(buffer, size);
    CHECK(answer.ends_with("last words"));
}

TEST_CASE("API: what a client sent before it hung up is the container's input still", "[engine][daemon]")
{
    House house;
    REQUIRE(house.type("create -i --name copy small cat").status == 0);
    REQUIRE(house.type("start copy").status == 0);
    {
        auto const stream = REQUIRE_OK(house.network.connect({ "laptop" }, house.endpoint));
        REQUIRE_OK(stream->write_all("POST /containers/copy/attach?stream=1&stdin=1 HTTP/1.1\r\nHost: docker\r\n"
                                     "Connection: Upgrade\r\nUpgrade: tcp\r\n\r\nlast words\n"));
        char answer[4096];
        REQUIRE(REQUIRE_OK(stream->read_some(answer)) > 0);
    }
    CHECK(house.type("wait copy").out == "0\n");
    CHECK(house.type("logs copy").out == "last words\n");
}

TEST_CASE(
    "API: an image can be removed by force from under a stopped container, which keeps its layers", "[engine][daemon]")
{
    House house;
    REQUIRE(house.type("create --name kept small exit 5").status == 0);
    auto const removed = house.type("rmi -f small");
    CHECK(removed.status == 0);
    CHECK(removed.out.find("Untagged: small:latest\nDeleted: sha256:") == 0);
    CHECK(house.get("/images/json").empty());
    CHECK(house.storage->list("layers").size() == 1);
    SECTION("it starts, and the layers go with it")
    {
        CHECK(house.type("start -a kept").status == 5);
        CHECK(house.type("rm kept").status == 0);
        CHECK(house.storage->list("layers").empty());
    }
    SECTION("also after the daemon has been started anew")
    {
        house.close();
        house.open();
        CHECK(house.type("start -a kept").status == 5);
    }
}

TEST_CASE("API: an image of a running container loses its name by force, and nothing else", "[engine][daemon]")
{
    House house;
    REQUIRE(house.type("create --name old small exit 0").status == 0);
    REQUIRE(house.type("run -d --name busy small sleep").status == 0);
    std::string const id = house.get("/images/small/json")["Id"];
    CHECK(house.message(house.send("DELETE", "/images/" + id + "?force=1"))
              .find("(cannot be forced) - image is being used by running container ")
        != std::string::npos);
    CHECK(house.type("rmi -f small").out == "Untagged: small:latest\n");
    CHECK(house.get("/images/json").size() == 1);
}
