// The shipped scenarios on the whole engine, in both worlds.

#include "engine/lab/Lab.h"
#include "engine/runtime/Probe.h"
#include "sim/scenario/Player.h"
#include "sim/trace/TraceFile.h"
#include "tests/support/Catch.h"
#include "tests/support/LeakCheck.h"
#include "tests/support/TemporaryDirectory.h"

#include <fstream>
#include <iostream>
#include <sstream>

using namespace drydock;

namespace {

// A lab as the engine that scenarios are played on.
class LabEngine final : public scenario::Engine {
public:
    static Result<std::unique_ptr<scenario::Engine>> open(lab::Options options)
    {
        auto engine = std::make_unique<LabEngine>();
        options.images = DRYDOCK_IMAGES;
        options.init_program = DRYDOCK_INIT;
        engine->m_lab = TRY(lab::Lab::open(std::move(options), engine->m_log));
        return engine;
    }
    int run(std::string const& line) override
    {
        auto const typed = scenario::parse_typed_line(line);
        return m_lab->run(host_called(std::string(typed.host)), std::string(typed.command),
            { .write = [this](bool, std::string_view text) { m_printed += text; } });
    }
    trace::EventLog const& log() const override { return m_log; }
    HostId host_called(std::string const& name) const override
    {
        return name.empty() ? m_lab->hosts().front() : HostId { name };
    }
    Result<std::string> read_file(HostId const& host, std::string const& container, std::string const& path) override
    {
        return m_lab->read_file(host, container, path);
    }
    Result<std::string> look(HostId const& host, std::string const& path) override { return m_lab->look(host, path); }
    Clock const& clock() const { return m_lab->clock(); }
    trace::EventLog& own_log() { return m_log; }
    std::string const& printed() const { return m_printed; }

private:
    trace::EventLog m_log;
    std::unique_ptr<lab::Lab> m_lab;
    std::string m_printed;
};

scenario::Scenario shipped(std::string const& name)
{
    std::ifstream file("scenarios/" + name + ".toml");
    std::stringstream content;
    content << file.rdbuf();
    auto loaded = scenario::load(content.str());
    REQUIRE(loaded.scenario);
    return *loaded.scenario;
}

std::string failures(scenario::Played const& played)
{
    std::string all;
    for (auto const& failure : played.failures)
        all += failure + "\n";
    return all;
}

scenario::Played play_on(scenario::Engine& engine, scenario::Scenario const& scenario)
{
    auto& lab = dynamic_cast<LabEngine&>(engine);
    return scenario::play(
        scenario, engine, { lab.own_log(), lab.clock(), { {}, ActorId { "scenario" }, trace::Provenance::Simulated } });
}

std::string trace_of_simulated_run(std::string const& name, std::uint64_t seed)
{
    auto const scenario = shipped(name);
    auto const engine
        = REQUIRE_OK(LabEngine::open({ .world = lab::World::Simulated, .seed = seed, .cast = scenario.cast }));
    auto const played = play_on(*engine, scenario);
    INFO(failures(played));
    CHECK(played.succeeded);
    std::ostringstream trace;
    REQUIRE_OK(trace::TraceWriter(trace).write_new(engine->log()));
    return trace.str();
}

std::string obstacle()
{
    auto const findings = REQUIRE_OK(runtime::probe(DRYDOCK_INIT));
    auto const found = runtime::obstacle_to_live(findings);
    return found ? found->subject + ": " + found->detail : "";
}

}

TEST_CASE("Simulated: the same seed gives the same trace, byte for byte", "[system][lab]")
{
    auto const name = GENERATE(as<std::string> {}, "anatomy-of-docker-run", "the-read-write-layer", "behind-the-wall");
    CAPTURE(name);
    auto const once = trace_of_simulated_run(name, 7);
    CHECK(once.size() > 10'000);
    CHECK((once == trace_of_simulated_run(name, 7)));
    CHECK((once != trace_of_simulated_run(name, 8)));
}

TEST_CASE("Simulated: every seed reaches every goal", "[system][lab]")
{
    auto const seed = GENERATE(range(1, 20));
    CAPTURE(seed);
    trace_of_simulated_run("the-read-write-layer", static_cast<std::uint64_t>(seed));
}

TEST_CASE("Live: the shipped scenarios reach their goals and leave nothing behind", "[system][lab]")
{
    if (auto const why = obstacle(); !why.empty()) {
        std::cerr << "skipped, because the live world does not work here: " << why << "\n";
        return;
    }
    using Driver = daemon::StorageDriver;
    auto const [name, driver] = GENERATE(table<std::string, Driver>({ { "anatomy-of-docker-run", Driver::Fuse },
        { "anatomy-of-docker-run", Driver::Overlay }, { "the-read-write-layer", Driver::Fuse },
        { "the-read-write-layer", Driver::Overlay }, { "behind-the-wall", Driver::Fuse } }));
    CAPTURE(name, static_cast<int>(driver));
    tests::LeakCheck const leaks;
    {
        tests::TemporaryDirectory const root;
        auto const engine = REQUIRE_OK(LabEngine::open(
            { .world = lab::World::Live, .data_root = root.path(), .driver = driver, .cast = shipped(name).cast }));
        auto const played = play_on(*engine, shipped(name));
        INFO(failures(played) << dynamic_cast<LabEngine&>(*engine).printed());
        CHECK(played.succeeded);
    }
    CHECK(leaks.leftovers() == "");
}

namespace {

struct Line {
    std::string typed;
    int status;
    std::string printed; // part of what it prints
};

void check_lines(LabEngine& lab, std::vector<Line> const& lines)
{
    for (auto const& line : lines) {
        auto const before = lab.printed().size();
        auto const status = lab.run(line.typed);
        auto const printed = lab.printed().substr(before);
        CAPTURE(line.typed, printed);
        CHECK(status == line.status);
        CHECK_THAT(printed, Catch::Contains(line.printed));
    }
}

// What networks let through is the same in both worlds, in BusyBox's own words.
std::vector<Line> const network_lines {
    { "docker network create front", 0, "" },
    { "docker run -d --name web --network front -p 18080:80 busybox sh -c "
      "'mkdir /www; echo ahoy > /www/index.html; exec httpd -f -p 80 -h /www'",
        0, "" },
    { "docker run --rm --network front busybox sh -c 'until wget -qO- http://web/; do sleep 0.1; done'", 0, "ahoy" },
    { "docker run --rm --network front busybox wget -qO- http://web/no", 1, "404 Not Found" },
    { "docker run --rm --network front busybox nc web 81 ", 1, "Connection refused" },
    { "docker run --rm --network front busybox ping -c 1 web", 0, "1 packets transmitted, 1 packets received" },
    { "docker run --rm busybox wget -qO- http://localhost/", 1, "Connection refused" },
    { "docker run --rm --network none busybox wget -qO- http://172.31.255.1/", 1, "Network is unreachable" },
    { "docker run --rm busybox sh -c 'set -- $(ip route); wget -qO- http://$3:18080/'", 0, "ahoy" }, // the gateway
    { "docker exec web wget -qO- http://127.0.0.1/", 0, "ahoy" },
    { "docker run --rm --network container:web busybox wget -qO- http://127.0.0.1/", 0, "ahoy" },
    { "docker run -d --name echo --network front busybox nc -l -p 9000 -e sh -c 'read x; echo got $x'", 0, "" },
    { "docker run --rm --network front busybox sh -c 'until echo hi | nc echo 9000; do sleep 0.1; done'", 0, "got hi" },
    { "docker rm -f web", 0, "" },
    { "docker run --rm --network front busybox wget -qO- http://web/", 1, "bad address 'web'" },
};

// What root may do in a container is what its capabilities say, in both kernels, in BusyBox's own words.
std::vector<Line> const capability_lines {
    { "docker run --rm busybox sh -c 'touch f; chown 1000 f; stat -c %u f'", 0, "1000" },
    { "docker run --rm --cap-drop ALL busybox sh -c 'touch f; chown 1000 f'", 1, "chown: f: Operation not permitted" },
    { "docker run --rm --cap-drop ALL busybox sh -c 'touch f; chown 0 f && chmod 600 f && stat -c %a f'", 0, "600" },
    { "docker run --rm --cap-drop ALL --cap-add CHOWN busybox sh -c 'touch f; chown 1000 f; stat -c %u f'", 0, "1000" },
    { "docker run --rm --cap-drop CHOWN busybox sh -c 'touch f; chgrp 12 f'", 1, "chgrp: f: Operation not permitted" },
    { "docker run --rm --cap-drop FOWNER busybox sh -c 'touch f; chown 1000 f; chmod 600 f'", 1,
        "chmod: f: Operation not permitted" },
    { "docker run --rm --cap-drop DAC_OVERRIDE busybox sh -c 'echo x > f; chown 1000 f; chmod 600 f; cat f'", 1,
        "cat: can't open 'f': Permission denied" },
    { "docker run --rm --cap-drop DAC_OVERRIDE --cap-add DAC_READ_SEARCH busybox sh -c "
      "'echo x > f; chown 1000 f; chmod 600 f; cat f; echo y >> f'",
        1, "can't create f: Permission denied" },
    { "docker run --rm --cap-drop MKNOD busybox mknod n c 1 3", 1, "mknod: n: Operation not permitted" },
    { "docker run --rm busybox sh -c 'mknod n c 1 3 && echo x > n && stat -c %F n'", 0, "character special file" },
    { "docker run --rm busybox sh -c 'mknod n b 7 0 && cat n'", 1, "Operation not permitted" },
    { "docker run --rm --cap-drop SYS_CHROOT busybox chroot /bin true", 1,
        "chroot: can't change root directory to '/bin': Operation not permitted" },
    { "docker run --rm busybox sh -c 'mkdir -p /jail/bin; cp /bin/busybox /jail/bin; ln -s busybox /jail/bin/sh; "
      "ln -s busybox /jail/bin/ls; chroot /jail sh -c \"cd ..; ls /\"'",
        0, "bin\n" },
    { "docker run --rm --cap-drop SETGID busybox su -s /bin/sh -c id nobody", 1,
        "su: can't set groups: Operation not permitted" },
    { "docker run --rm --cap-drop SETUID busybox su -s /bin/sh -c id nobody", 1,
        "su: setuid: Operation not permitted" },
    { "docker run --rm busybox su -s /bin/sh -c 'id -u' nobody", 0, "65534" },
    { "docker run --rm --cap-drop KILL busybox sh -c 'su -s /bin/sh -c \"sleep 9\" nobody & "
      "until ps | grep [s]leep | grep -q nobody; do sleep 0.1; done; "
      "for p in $(ps | grep [s]leep | grep nobody | cut -c1-5); do kill $p; done'",
        1, "Operation not permitted" },
    { "docker run --rm -u 1000 busybox sh -c 'kill 1'", 0, "" }, // its own, and PID 1 heeds no default signal
    { "docker run --rm busybox hostname other", 1, "hostname: sethostname: Operation not permitted" },
    { "docker run --rm busybox mount -t tmpfs tmpfs /mnt", 1, "permission denied (are you root?)" },
    { "docker run --rm --privileged busybox sh -c 'hostname other; hostname; mkdir /m; mount -t tmpfs mine /m; mount'",
        0, "mine on /m type tmpfs" },
    { "docker run --rm --privileged busybox sh -c 'hostname other; hostname'", 0, "other" },
    { "docker run --rm --cap-drop NET_RAW busybox ping -c 1 127.0.0.1", 1, "ping: permission denied (are you root?)" },
    { "docker run --rm --cap-drop ALL --cap-add NET_RAW busybox ping -c 1 127.0.0.1", 0, "1 packets received" },
    // In a network namespace of its own everybody may listen on any port; the host keeps its low ones.
    { "docker run --rm --cap-drop ALL --network host busybox nc -l -p 81", 1, "nc: bind: Permission denied" },
    { "docker run --rm --cap-drop ALL busybox sh -c 'nc -l -p 81 & "
      "until echo hi | nc 127.0.0.1 81; do sleep 0.1; done; wait'",
        0, "hi" },
};

// Whose namespaces a container has: --pid, --ipc, --uts, --userns.
std::vector<Line> const namespace_lines {
    { "docker run -d --name donor --hostname donor --ipc shareable busybox sh -c "
      "'echo from-the-donor > /dev/shm/word; exec sleep 1000'",
        0, "" },
    { "docker run -d --name loner busybox sleep 1000", 0, "" },
    { "docker run --rm --pid container:donor busybox ps", 0, "sleep 1000" },
    { "docker run --rm --pid container:donor busybox sh -c 'kill -0 1 && ps | grep -c ps'", 0, "" },
    { "docker run --rm --ipc container:donor busybox cat /dev/shm/word", 0, "from-the-donor" },
    { "docker run --rm --ipc container:loner busybox true", 125, "non-shareable IPC" },
    { "docker run --rm --ipc none busybox ls /dev/shm", 1, "No such file or directory" },
    { "docker run --rm --ipc private busybox ls -A /dev/shm", 0, "" },
    { "docker run --rm --pid container:nosuch busybox true", 125, "No such container: nosuch" },
    { "docker run --rm --pid bad busybox true", 125, "invalid PID mode" },
    { "docker run --rm --uts host --hostname x busybox true", 125, "conflicting options: hostname and the UTS mode" },
    { "docker run -d --name wide --pid host --ipc host --uts host --userns host busybox sleep 2000", 0, "" },
    { "docker inspect -f '{{.HostConfig.PidMode}} {{.HostConfig.IpcMode}} {{.HostConfig.UTSMode}} "
      "{{.HostConfig.UsernsMode}}' wide",
        0, "host host host host" },
    { "docker exec wide ps", 0, "sleep 1000" }, // all that runs on the machine
    { "docker top wide", 0, "sleep 2000" },     // but its own alone
    { "docker run --rm --pid container:wide busybox ps", 0, "sleep 1000" },
    { "docker pause wide", 0, "" },
    { "docker unpause wide", 0, "" },
    // What it has started ends with it, although no pid namespace does.
    { "docker run --rm --pid host busybox sh -c 'sleep 3000 & echo started'", 0, "started" },
    { "docker run --rm --pid host busybox sh -c '! ps | grep \"[s]leep 3000\"'", 0, "" },
    { "docker stop -t 0 donor", 0, "" },
    { "docker run --rm --pid container:donor busybox true", 125, "failed to join PID namespace: container" },
    { "docker rm -f wide loner donor", 0, "" },
};

// A container learns names when it comes onto its first network that has some, and not before.
std::vector<Line> const late_network_lines {
    { "docker network create back", 0, "" },
    { "docker run -d --name db --network back busybox sleep 1000", 0, "" },
    { "docker run -d --name app busybox sleep 1000", 0, "" },
    { "docker exec app ping -c 1 db", 1, "bad address 'db'" },
    { "docker network connect back app", 0, "" },
    { "docker exec app ping -c 1 db", 0, "1 packets received" },
    { "docker exec db ping -c 1 app", 0, "1 packets received" },
    { "docker exec app cat /etc/resolv.conf", 0, "nameserver 127.0.0.11" },
    { "docker exec app grep -c app /etc/hosts", 1, "0" }, // it goes by its id
    { "docker network disconnect back app", 0, "" },
    { "docker exec app ping -c 1 db", 1, "bad address 'db'" },
    { "docker network disconnect bridge app", 0, "" },
    { "docker inspect -f '{{len .NetworkSettings.Networks}}' app", 0, "0" },
    { "docker network connect back app", 0, "" },
    { "docker exec app ping -q -c 1 db", 0, "1 packets received" },
    { "docker restart -t 0 app", 0, "" },
    { "docker exec app ping -c 2 db", 0, "2 packets received" },
    { "docker run --name kept -v /data busybox sh -c 'echo mine > /data/word'", 0, "" },
    { "docker run --rm --volumes-from kept busybox cat /data/word", 0, "mine" },
    { "docker run --rm --volumes-from kept:ro busybox sh -c 'echo x > /data/word'", 1, "Read-only file system" },
    { "docker rm -f app db kept", 0, "" },
};

// Skips what takes root, where there is none.
std::unique_ptr<scenario::Engine> engine_with_networks(lab::World world, std::filesystem::path const& data_root)
{
    if (auto const why = world == lab::World::Live ? obstacle() : std::string();
        !why.empty() || (world == lab::World::Live && ::geteuid() != 0)) {
        std::cerr << "skipped, because it takes root in the live world " << why << "\n";
        return nullptr;
    }
    return REQUIRE_OK(LabEngine::open({ .world = world, .data_root = data_root }));
}

}

TEST_CASE("Both worlds: what root may do is what its capabilities say", "[system][lab]")
{
    auto const world = GENERATE(lab::World::Simulated, lab::World::Live);
    CAPTURE(static_cast<int>(world));
    tests::TemporaryDirectory const root;
    if (auto const engine = engine_with_networks(world, root.path()))
        check_lines(dynamic_cast<LabEngine&>(*engine), capability_lines);
}

TEST_CASE("Both worlds: a container may have the namespaces of the host or of another container", "[system][lab]")
{
    auto const world = GENERATE(lab::World::Simulated, lab::World::Live);
    CAPTURE(static_cast<int>(world));
    tests::TemporaryDirectory const root;
    auto const engine = engine_with_networks(world, root.path());
    if (engine == nullptr)
        return;
    check_lines(dynamic_cast<LabEngine&>(*engine), namespace_lines);
    std::map<std::string, std::size_t> joined;
    for (std::uint64_t i = 0; i < engine->log().size(); ++i) {
        if (auto const* event = engine->log()[i].event.get_if<trace::NamespaceJoined>())
            ++joined[event->kind];
    }
    CHECK(joined
        == std::map<std::string, std::size_t> { { "ipc", 1 }, { "pid", 2 } }); // --pid container:wide is the host's
}

TEST_CASE("Both worlds: a running container that comes onto a network learns its names", "[system][lab]")
{
    auto const world = GENERATE(lab::World::Simulated, lab::World::Live);
    CAPTURE(static_cast<int>(world));
    tests::TemporaryDirectory const root;
    if (auto const engine = engine_with_networks(world, root.path()))
        check_lines(dynamic_cast<LabEngine&>(*engine), late_network_lines);
}

TEST_CASE("Both worlds: what networks let through, and what not", "[system][lab]")
{
    auto const world = GENERATE(lab::World::Simulated, lab::World::Live);
    CAPTURE(static_cast<int>(world));
    tests::TemporaryDirectory const root;
    if (auto const engine = engine_with_networks(world, root.path()))
        check_lines(dynamic_cast<LabEngine&>(*engine), network_lines);
}

TEST_CASE("The built-in client: what is inspected and listed by which name", "[system][lab]")
{
    auto const engine = REQUIRE_OK(LabEngine::open({ .world = lab::World::Simulated }));
    check_lines(dynamic_cast<LabEngine&>(*engine),
        {
            { "docker run --name tom busybox true", 0, "" },
            { "docker inspect -f '{{.Name}}' tom", 0, "/tom" },
            { "docker container inspect -f '{{.Name}}' tom", 0, "/tom" },
            { "docker image inspect tom", 1, "No such image: tom:latest" },
            { "docker container inspect busybox", 1, "No such container: busybox" },
            { "docker images --digests", 0, "DIGEST" },
            { "docker images --digests", 0, "latest    sha256:" },
            { "docker create --name low --cap-drop all --cap-add net_raw busybox", 0, "" },
            { "docker inspect -f '{{json .HostConfig.CapDrop}} {{json .HostConfig.CapAdd}}' low", 0,
                "[\"ALL\"] [\"CAP_NET_RAW\"]" },
            { "docker rm $(docker ps -q --filter name=low -a)", 0, "" },
            { "docker ps -a", 0, "tom" },
            { "docker inspect low", 1, "No such object: low" },
            { "docker ps $(uname -r)", 2, "only docker's commands can stand in $( )" },
            { "docker ps $(docker ps $(docker ps))", 2, "no $( ) can stand in another" },
            { "docker commit tom mine:1", 0, "sha256:" },
            { "docker images --digests mine", 0, "mine         1         <none>    " },
            { "docker images --format '{{.Repository}}:{{.Tag}}' --filter reference=mine", 0, "mine:1" },
            { "docker images --format 'table {{.Repository}}\\t{{.CreatedAt}}' mine", 0, "REPOSITORY   CREATED AT" },
            { "docker history --format '{{.Size}}|{{.CreatedBy}}' mine:1", 0, "B|" },
            { "docker history -q --no-trunc mine:1", 0, "sha256:" },
            { "docker history -H=false mine:1", 0, "CREATED AT" },
            { "docker ps -a --format '{{.Names}} {{.Networks}} {{upper .State}}'", 0, "tom bridge EXITED" },
            { "docker ps -a --format '{{json .}}'", 0, "\"Names\":\"tom\"" },
            { "docker inspect --type network bridge -f '{{.Driver}}'", 0, "bridge" },
            { "docker inspect --type volume tom", 1, "no such volume" },
            { "docker inspect -f '{{range $name, $net := .NetworkSettings.Networks}}{{$name}} "
              "{{$net.MacAddress}}{{end}}' "
              "tom",
                0, "bridge" },
            { "docker network ls --format '{{.Name}}/{{.Internal}}'", 0, "bridge/false" },
            { "docker version --format '{{.Server.Os}}'", 0, "linux" },
        });
}

TEST_CASE("Simulated: a container reaches other machines by name, as far as the network goes", "[system][lab]")
{
    auto const engine = REQUIRE_OK(LabEngine::open({ .world = lab::World::Simulated,
        .cast = { .hosts = { { .name = "laptop" }, { .name = "test" } }, .registries = {} } }));
    auto& lab = dynamic_cast<LabEngine&>(*engine);
    CHECK(lab.run("docker run -d -p 8080:80 busybox sh -c 'echo ahoy > /index.html; exec httpd -f -h /'") == 0);
    CHECK(lab.run("test$ docker run --rm busybox wget -qO- http://laptop:8080/") == 0);
    CHECK_THAT(lab.printed(), Catch::EndsWith("ahoy\n"));
    CHECK(lab.run("test$ docker run --rm busybox ping -c 1 laptop") == 0);
    CHECK_THAT(lab.printed(), Catch::Contains("1 packets received"));
    CHECK(lab.run("test$ docker run --rm busybox wget -qO- http://prod/") == 1);
    CHECK_THAT(lab.printed(), Catch::EndsWith("bad address 'prod'\n"));
    CHECK(lab.run("test$ docker run --rm --network host busybox wget -qO- http://laptop:81/") == 1);
    CHECK_THAT(lab.printed(), Catch::Contains("Connection refused"));
}

TEST_CASE("Live: a daemon that is killed comes back with what it had acknowledged", "[system][lab]")
{
    // The store is what survives; a lab that is simply destroyed stops its containers first, so the record is read as a
    // killed daemon would leave it: by a second lab on a copy of the directory.
    if (auto const why = obstacle(); !why.empty()) {
        std::cerr << "skipped, because the live world does not work here: " << why << "\n";
        return;
    }
    tests::TemporaryDirectory const root;
    tests::TemporaryDirectory const copy;
    std::error_code error;
    {
        auto const engine = REQUIRE_OK(LabEngine::open({ .world = lab::World::Live, .data_root = root.path() }));
        REQUIRE(engine->run("docker run -d --name kept busybox sleep 1000") == 0);
        std::filesystem::copy(root.path() / "daemon", copy.path() / "daemon",
            std::filesystem::copy_options::recursive | std::filesystem::copy_options::copy_symlinks, error);
        REQUIRE_FALSE(error);
    }
    auto const engine = REQUIRE_OK(LabEngine::open({ .world = lab::World::Live, .data_root = copy.path() }));
    REQUIRE(engine->run("docker ps -a --format '{{.Names}} {{.Status}}'") == 0);
    auto const& printed = dynamic_cast<LabEngine&>(*engine).printed();
    CHECK(printed.find("kept Exited (137)") != std::string::npos);
    CHECK(engine->run("docker start kept") == 0);
    CHECK(engine->run("docker rm -f kept") == 0);
}

TEST_CASE("Live: two labs in one process do not take each other's cgroups", "[system][lab]")
{
    if (auto const why = obstacle(); !why.empty()) {
        std::cerr << "skipped, because the live world does not work here: " << why << "\n";
        return;
    }
    tests::LeakCheck const leaks;
    {
        tests::TemporaryDirectory const roots[2];
        std::vector<std::unique_ptr<scenario::Engine>> labs;
        for (auto const& root : roots)
            labs.push_back(REQUIRE_OK(LabEngine::open({ .world = lab::World::Live, .data_root = root.path() })));
        for (int round = 0; round < 3; ++round) {
            for (auto const& lab : labs) {
                auto const status = lab->run("docker run --rm busybox true");
                INFO(dynamic_cast<LabEngine&>(*lab).printed());
                CHECK(status == 0);
            }
        }
    }
    CHECK(leaks.leftovers() == "");
}
