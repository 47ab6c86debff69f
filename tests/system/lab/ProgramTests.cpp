// What is typed beside docker: a machine's own programs on its own disk, curl, and guest machines; in both worlds.

#include "engine/compare/Ladder.h"
#include "engine/compare/Subprocess.h"
#include "engine/lab/Checkpoint.h"
#include "engine/lab/Lab.h"
#include "engine/runtime/Probe.h"
#include "tests/support/Catch.h"
#include "tests/support/LeakCheck.h"
#include "tests/support/TemporaryDirectory.h"

#include <sys/utsname.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <fstream>
#include <iostream>
#include <thread>

using namespace drydock;

namespace {

// A lab of the world with the folder of a scenario, and one terminal for all of its machines.
class Quay {
public:
    explicit Quay(lab::World world)
    {
        std::filesystem::create_directories(m_root.path() / "scenario/mine/srv");
        std::ofstream(m_root.path() / "scenario/mine/srv/words") << "ahoy from the disk\n";
        std::filesystem::create_directories(m_root.path() / "scenario/beside");
        std::ofstream(m_root.path() / "scenario/beside/Dockerfile") << "FROM busybox\nCMD true\n";
        lab::Options options { .world = world,
            .images = DRYDOCK_IMAGES,
            .init_program = DRYDOCK_INIT,
            .cast = { .hosts = { { .name = "laptop", .disk = "mine" } }, .registries = {} },
            .folder = m_root.path() / "scenario",
            .model = DRYDOCK_MODEL };
        if (world == lab::World::Live)
            options.data_root = data_root();
        m_lab = REQUIRE_OK(lab::Lab::open(std::move(options), m_log));
    }
    int type(std::string const& line)
    {
        m_printed.clear();
        auto const typed = scenario::parse_typed_line(line);
        auto const on = typed.host.empty() ? m_lab->hosts().front() : HostId { std::string(typed.host) };
        return m_lab->run(on, std::string(typed.command),
            { .write = [this](bool, std::string_view text) { m_printed += text; }, .files = m_files });
    }
    std::string const& printed() const { return m_printed; }
    std::filesystem::path data_root() const { return m_root.path() / "data"; }
    trace::EventLog const& log() const { return m_log; }

private:
    tests::TemporaryDirectory m_root;
    trace::EventLog m_log;
    std::unique_ptr<lab::Lab> m_lab;
    std::shared_ptr<client::LocalFiles> m_files { client::memory_files(m_root.path() / "scenario") };
    std::string m_printed;
};

bool live_works()
{
    auto const findings = runtime::probe(DRYDOCK_INIT);
    bool const works = findings && !runtime::obstacle_to_live(*findings);
    if (!works)
        std::cerr << "skipped in the live world: no containers here\n";
    return works;
}

std::vector<lab::World> both_worlds()
{
    std::vector<lab::World> worlds { lab::World::Simulated };
    if (live_works())
        worlds.push_back(lab::World::Live);
    return worlds;
}

struct Typed {
    std::string line;
    int status;
    std::string printed; // part of what it prints
};

std::vector<Typed> const program_lines {
    { "cat /srv/words", 0, "ahoy from the disk\n" },
    { "hostname", 0, "laptop\n" },
    { "echo one > /srv/new && cat /srv/new | wc -l", 0, "1\n" },
    { "cat /srv/new", 0, "one\n" }, // it is a disk: the next program finds what the last one wrote
    { "cat /srv/no", 1, "No such file" },
    { "sh -c 'exit 7'", 7, "" },
    { "grep PRETTY /etc/os-release", 0, "Harbour Linux" },
    { "sh -c nosuch", 127, "not found" },
    { "docker run --rm -v /srv:/data busybox cat /data/words", 0, "ahoy from the disk\n" },
    { "docker run --rm -v /srv:/data busybox sh -c 'echo two > /data/new'", 0, "" },
    { "cat /srv/new", 0, "two\n" },
    { "docker run --rm -v /made/by/docker:/data busybox touch /data/x", 0, "" },
    { "ls /made/by/docker", 0, "x\n" },
    { "docker run --rm --mount type=bind,source=/not/there,target=/data busybox true", 125, "does not exist" },
    { "docker run --rm -v /srv:/data:ro busybox touch /data/x", 1, "Read-only file system" },
};

}

TEST_CASE("Programs: they live on the machine's disk, which its containers bind", "[system][lab]")
{
    for (auto const world : both_worlds()) {
        tests::LeakCheck const leaks;
        {
            Quay quay(world);
            for (auto const& typed : program_lines) {
                auto const status = quay.type(typed.line);
                CAPTURE(static_cast<int>(world), typed.line, quay.printed());
                CHECK(status == typed.status);
                CHECK_THAT(quay.printed(), Catch::Contains(typed.printed));
            }
        }
        CHECK(leaks.leftovers() == "");
    }
}

TEST_CASE("Programs: docker's client has the same disk", "[system][lab]")
{
    std::vector<Typed> const lines {
        { "mkdir -p /srv/app", 0, "" },
        { "echo 'FROM busybox' > /srv/app/Dockerfile", 0, "" },
        { "echo 'COPY words /words' >> /srv/app/Dockerfile", 0, "" },
        { "cp /srv/words /srv/app/words", 0, "" },
        { "docker build -t app /srv/app", 0, "Successfully tagged app:latest" },
        { "docker run --rm app cat /words", 0, "ahoy from the disk" },
        { "echo changed > /srv/app/words", 0, "" },
        { "docker build -t app /srv/app", 0, "Successfully tagged app:latest" },
        { "docker run --rm app cat /words", 0, "changed" },
        { "docker build beside", 0, "Successfully built" }, // in the scenario's folder
        { "docker build /srv/nowhere", 1, "" },
        { "docker save -o /srv/app.tar app", 0, "" },
        { "sh -c 'test -s /srv/app.tar && ls /srv'", 0, "app.tar" },
        { "docker rmi app", 0, "" },
        { "mv /srv/app.tar /again.tar", 0, "" },
        { "docker load -i again.tar", 0, "Loaded image: app:latest" },
        { "docker load -i nowhere.tar", 1, "no such file" },
        { "ln -s /etc/passwd /srv/app/link", 0, "" },
        { "docker run --rm --env-file /srv/env busybox env", 125, "no such file" },
        { "docker run -d --name box busybox sleep 1000", 0, "" },
        { "docker cp /srv/words box:/tmp/inside", 0, "" },
        { "docker exec box cat /tmp/inside", 0, "ahoy from the disk" },
        { "docker cp box:/etc/passwd /srv/", 0, "" },
        { "docker cp box:/etc/passwd /srv/renamed", 0, "" },
        { "cat /srv/passwd /srv/renamed", 0, "root:x:0:0" },
        { "docker cp /srv/app box:/tmp", 0, "" },
        { "docker exec box ls /tmp/app", 0, "Dockerfile" },
        { "docker cp box:/tmp/app /srv/back", 0, "" },
        { "cat /srv/back/Dockerfile", 0, "FROM busybox" },
        { "docker cp /srv/nothing box:/tmp", 1, "no such file or directory" },
        { "docker cp box:/etc/passwd /nowhere/at/all", 1, "does not exist" },
        { "echo GREETING=moin > /srv/env", 0, "" },
        { "docker run --rm --env-file /srv/env busybox env", 0, "GREETING=moin" },
    };
    for (auto const world : both_worlds()) {
        Quay quay(world);
        for (auto const& typed : lines) {
            auto const status = quay.type(typed.line);
            CAPTURE(static_cast<int>(world), typed.line, quay.printed());
            CHECK(status == typed.status);
            CHECK_THAT(quay.printed(), Catch::Contains(typed.printed));
        }
    }
}

TEST_CASE("Programs: the host and its containers have one kernel", "[system][lab]")
{
    for (auto const world : both_worlds()) {
        Quay quay(world);
        CAPTURE(static_cast<int>(world));
        CHECK(quay.type("uname -r") == 0);
        auto const host = quay.printed();
        CHECK(quay.type("docker run --rm busybox uname -r") == 0);
        CHECK_THAT(quay.printed(), Catch::EndsWith("\n" + host));
        if (world == lab::World::Live) {
            utsname name {};
            ::uname(&name);
            CHECK(host == std::string(name.release) + "\n");
        }
    }
}

TEST_CASE("Programs: a command is told as docker's are", "[system][lab]")
{
    Quay quay(lab::World::Simulated);
    auto const before = quay.log().size();
    CHECK(quay.type("cat /srv/words") == 0);
    std::string told;
    for (auto i = before; i < quay.log().size(); ++i)
        told += std::string(trace::name_of(quay.log()[i].event)) + " ";
    CHECK(told == "SpanBegan CommandEntered CommandPrinted CommandFinished SpanEnded ");
}

// A scenario is a stranger's text.
TEST_CASE("Programs: nothing leads from a lab's disk to the machine's own", "[system][lab]")
{
    if (!live_works())
        return;
    tests::TemporaryDirectory const secrets;
    std::ofstream(secrets.path() / "secret") << "of the real machine\n";
    auto const secret = (secrets.path() / "secret").string();
    Quay quay(lab::World::Live);
    REQUIRE(quay.type("docker run -d --name box busybox sleep 1000") == 0);
    std::vector<std::string> const hostile {
        "cat " + secret,
        "cat /../../../../../../.." + secret,
        "cat /proc/1/root" + secret,
        "cat /proc/$PPID/root" + secret,
        "sh -c 'ln -s " + secret + " /srv/out; cat /srv/out'",
        "sh -c 'ln -s " + secrets.path().string() + " /srv/dir; cat /srv/dir/secret'",
        "docker run --rm -v /srv/out:/data busybox cat /data",
        "docker run --rm -v /srv/dir:/data busybox cat /data/secret",
        "docker run --rm -v /srv/../../../.." + secrets.path().string() + ":/data busybox cat /data/secret",
        "docker run --rm -v " + secrets.path().string() + ":/data busybox cat /data/secret",
        "docker cp /srv/dir/secret box:/tmp/out",
        "docker build -f /srv/out /srv",
        "docker load -i /srv/out",
        "docker run --rm --mount type=bind,source=" + secrets.path().string()
            + ",target=/data busybox cat /data/secret",
    };
    for (auto const& line : hostile) {
        auto const status = quay.type(line);
        CAPTURE(line, quay.printed());
        CHECK(status != 0);
        CHECK_THAT(quay.printed(), !Catch::Contains("of the real machine"));
    }
    // A link is copied as a link, and one that is followed stays on the disk.
    CHECK(quay.type("docker cp /srv/out box:/tmp/out") == 0);
    CHECK(quay.type("docker exec box cat /tmp/out") != 0);
    static_cast<void>(quay.type("docker cp box:/etc/passwd /srv/dir/planted"));
    CHECK_FALSE(std::filesystem::exists(secrets.path() / "planted"));
    // Nor does it see, signal or reboot what runs here, or mount anything.
    CHECK(quay.type("sh -c 'kill -0 " + std::to_string(::getpid()) + "'") != 0);
    CHECK(quay.type("sh -c 'mount -t tmpfs none /srv'") != 0);
    CHECK(quay.type("sh -c 'mknod /srv/disk b 8 0 && cat /srv/disk'") != 0);
    CHECK(quay.type("sh -c 'echo c > /proc/sysrq-trigger'") != 0);
    CHECK(quay.type("sh -c 'chroot /proc/1/root true'") != 0);
}

TEST_CASE("Programs: a scenario brings plain files of its own, and not too many", "[system][lab]")
{
    tests::TemporaryDirectory const folder;
    std::filesystem::create_directories(folder.path() / "mine");
    SECTION("a link")
    {
        std::filesystem::create_symlink("/etc/passwd", folder.path() / "mine/link");
    }
    SECTION("too much")
    {
        std::ofstream(folder.path() / "mine/big") << std::string((1 << 20) + 1, 'x');
    }
    SECTION("too many")
    {
        for (int i = 0; i <= 200; ++i)
            std::ofstream(folder.path() / "mine" / std::to_string(i)) << "x";
    }
    std::string disk = "mine";
    SECTION("another folder")
    {
        disk = "../..";
    }
    SECTION("none")
    {
        disk = "yours";
    }
    trace::EventLog log;
    auto const lab
        = REQUIRE_OK(lab::Lab::open({ .world = lab::World::Simulated,
                                        .images = DRYDOCK_IMAGES,
                                        .cast = { .hosts = { { .name = "laptop", .disk = disk } }, .registries = {} },
                                        .folder = folder.path() },
            log));
    std::string printed;
    auto const status
        = lab->run(lab->hosts().front(), "ls /", { .write = [&](bool, std::string_view text) { printed += text; } });
    CHECK(status == 126);
    CHECK_THAT(printed, Catch::StartsWith("drydock: "));
}

TEST_CASE("Programs: one that never ends is ended", "[system][lab]")
{
    Quay quay(lab::World::Simulated);
    CHECK(quay.type("sh -c 'sleep 100000'") == 137);
    CHECK_THAT(quay.printed(), Catch::Contains("it ran for a minute"));
    for (auto const world : both_worlds()) {
        Quay other(world);
        CHECK(other.type("sh -c 'while :; do echo 0123456789012345678901234567890123456789; done'") == 137);
        CHECK(other.printed().size() < 2 << 20);
    }
}

TEST_CASE("Programs: without a scenario, the real machine's programs are not ours to run", "[system][lab]")
{
    if (!live_works())
        return;
    tests::TemporaryDirectory const root;
    trace::EventLog log;
    auto const lab = REQUIRE_OK(lab::Lab::open(
        { .world = lab::World::Live, .data_root = root.path(), .images = DRYDOCK_IMAGES, .init_program = DRYDOCK_INIT },
        log));
    std::string printed;
    client::Terminal const terminal { .write = [&](bool, std::string_view text) { printed += text; } };
    CHECK(lab->run(lab->hosts().front(), "cat /etc/hostname", terminal) == 127);
    CHECK_THAT(printed, Catch::Contains("in a terminal of your own"));
}

TEST_CASE("curl: the daemon answers whoever speaks HTTP", "[system][lab]")
{
    for (auto const world : both_worlds()) {
        Quay quay(world);
        CAPTURE(static_cast<int>(world));
        CHECK(quay.type("docker run -d --name web -p 18081:80 busybox sh -c "
                        "'echo ahoy > /index.html; exec httpd -f -p 80 -h /'")
            == 0);
        std::vector<Typed> const lines {
            { "curl --unix-socket /var/run/docker.sock http://localhost/containers/json", 0, "\"/web\"" },
            { "curl -s --unix-socket /var/run/docker.sock localhost/_ping", 0, "OK" },
            { "curl -si --unix-socket /run/docker.sock http://localhost/v1.41/containers/web/json", 0, "200 OK" },
            { "curl -X POST --unix-socket /var/run/docker.sock http://localhost/containers/web/stop?t=0", 0, "" },
            { "curl -s --unix-socket /var/run/docker.sock http://localhost/containers/web/json", 0, "\"exited\"" },
            { "curl -s --unix-socket /var/run/docker.sock http://localhost/containers/no/json", 0,
                "No such container: no" },
            { "curl -s -H 'Content-Type: application/json' -d '{\"Image\":\"busybox\"}' --unix-socket "
              "/var/run/docker.sock http://localhost/containers/create?name=made",
                0, "\"Id\"" },
            { "curl --unix-socket /etc/passwd http://localhost/", 7, "curl: (7)" },
            { "curl https://localhost/", 1, "Protocol \"https\" not supported" },
            { "curl -o /tmp/x http://localhost/", 2, "option -o" }, { "curl", 2, "no URL" },
            { "docker -H unix:///var/run/docker.sock ps -a", 0, "web" }, // its own daemon, not the real machine's
            { "docker -H unix:///tmp/other.sock ps", 1,
                "Cannot connect to the Docker daemon at unix:///tmp/other.sock" },
            { "curl http://localhost:18081/", 7, "curl: (7)" }, // the container has ended
        };
        for (auto const& typed : lines) {
            auto const status = quay.type(typed.line);
            CAPTURE(typed.line, quay.printed());
            CHECK(status == typed.status);
            CHECK_THAT(quay.printed(), Catch::Contains(typed.printed));
        }
        CHECK(quay.type("docker start web") == 0);
        int status = 1;
        for (int i = 0; i < 50 && status != 0; ++i)
            status = quay.type("curl -s http://localhost:18081/");
        CHECK(quay.printed() == "ahoy\n");
        CHECK(quay.type("drydock break daemon laptop") == 0);
        CHECK(quay.type("curl --unix-socket /var/run/docker.sock http://localhost/_ping") == 7);
    }
}

namespace {

std::vector<trace::Record> records_from(trace::EventLog const& log, std::uint64_t since)
{
    std::vector<trace::Record> records;
    for (auto i = since; i < log.size(); ++i)
        records.push_back(log[i]);
    return records;
}

template <class E> std::vector<E> told(std::vector<trace::Record> const& records)
{
    std::vector<E> events;
    for (auto const& record : records) {
        if (auto const* event = record.event.get_if<E>())
            events.push_back(*event);
    }
    return events;
}

}

TEST_CASE("Guest machines: they need a hypervisor, boot phase by phase, and end with it", "[system][lab]")
{
    for (auto const world : both_worlds()) {
        Quay quay(world);
        CAPTURE(static_cast<int>(world));
        std::vector<Typed> const lines {
            { "drydock vm start one", 1, "start one with drydock vm hypervisor start" },
            { "drydock vm hypervisor stop", 1, "no hypervisor runs here" },
            { "drydock vm hypervisor start --type 3", 2, "of type 1 or 2" },
            { "drydock vm hypervisor start --type 1", 0, "" },
            { "drydock vm hypervisor start", 1, "already" },
            { "drydock vm start one", 0, "one is ready after" },
            { "drydock vm start one", 1, "already in use" },
            { "drydock vm start two --memory 512 --microvm", 0, "ready" },
            { "drydock vm start three --memory 1", 2, "MiB of memory" },
            { "drydock vm start -x", 2, "unknown flag" },
            { "drydock vm start ../x", 2, "no name" },
            { "drydock vm ls", 0, "512 MiB" },
            { "drydock vm stop nobody", 1, "no such machine: nobody" },
            { "drydock vm", 2, "Usage" },
        };
        for (auto const& typed : lines) {
            auto const status = quay.type(typed.line);
            CAPTURE(typed.line, quay.printed());
            CHECK(status == typed.status);
            CHECK_THAT(quay.printed(), Catch::Contains(typed.printed));
        }
        auto const records = records_from(quay.log(), 0);
        auto const made = told<trace::GuestMachineCreated>(records);
        REQUIRE(made.size() == 2);
        CHECK(made[1].memory == 512U << 20);
        auto const phases = told<trace::GuestPhaseReached>(records);
        REQUIRE(phases.size() > 4);
        CHECK(phases.front().phase == "create");
        CHECK(phases.back().phase == "ready");
        std::vector<std::int64_t> ready;
        for (auto const& phase : phases) {
            if (phase.phase == "ready")
                ready.push_back(phase.elapsed);
        }
        REQUIRE(ready.size() == 2);
        CHECK(ready[1] < ready[0]); // a microVM is ready sooner
        for (auto const& record : records) {
            if (trace::name_of(record.event).starts_with("Guest"))
                CHECK(record.origin->provenance == trace::Provenance::Modelled);
        }
        auto const before = quay.log().size();
        CHECK(quay.type("drydock vm hypervisor stop") == 0);
        CHECK(told<trace::GuestMachineStopped>(records_from(quay.log(), before)).size() == 2);
        CHECK(quay.type("drydock vm start one") == 1);
    }
}

TEST_CASE("Guest machines: a modelled one says which image it plays, and how many bytes its tree has", "[system][lab]")
{
    Quay quay(lab::World::Simulated);
    CHECK(quay.type("drydock vm hypervisor start") == 0);
    CHECK(quay.type("drydock vm start none nothing:7") == 1);
    CHECK_THAT(quay.printed(), Catch::Contains("nothing:7"));
    CHECK(quay.type("drydock vm start one greeter:1") == 0);
    CHECK_THAT(quay.printed(), Catch::Contains("(modelled): /app/greet.sh of greeter:1"));
    CHECK(quay.type("docker tag busybox mine:1") == 1); // the daemon has none yet
    CHECK(quay.type("docker pull busybox") == 0);
    CHECK(quay.type("docker tag busybox mine:1") == 0);
    CHECK(quay.type("drydock vm start two mine:1 echo hi") == 0); // one that no layout has
    CHECK_THAT(quay.printed(), Catch::Contains("echo hi of mine:1"));
    std::vector<trace::GuestMemoryMapped> trees;
    for (auto const& record : records_from(quay.log(), 0)) {
        auto const* mapped = record.event.get_if<trace::GuestMemoryMapped>();
        if (mapped == nullptr || mapped->what == "RAM")
            continue;
        CHECK(record.origin->provenance == trace::Provenance::Modelled);
        trees.push_back(*mapped);
    }
    REQUIRE(trees.size() == 2);
    CHECK(trees[0].what == "image greeter:1");
    CHECK(trees[1].what == "image mine:1");
    CHECK(trees[1].size > 100'000); // busybox
    CHECK(trees[0].size > trees[1].size);
}

TEST_CASE("Guest machines: where a kernel can run they are real, and else it is said why not", "[system][lab]")
{
    if (!live_works())
        return;
    tests::TemporaryDirectory const root;
    trace::EventLog log;
    std::string printed;
    client::Terminal const terminal { .write = [&](bool, std::string_view text) { printed += text; } };
    auto const processes = compare::process_tree(::getpid()).size();
    auto lab = REQUIRE_OK(lab::Lab::open({ .world = lab::World::Live,
                                             .data_root = root.path(),
                                             .images = DRYDOCK_IMAGES,
                                             .init_program = DRYDOCK_INIT,
                                             .model = DRYDOCK_MODEL,
                                             .guest_programs = std::filesystem::path(DRYDOCK_INIT).parent_path() },
        log));
    auto const host = lab->hosts().front();
    auto const type = [&](char const* line) {
        printed.clear();
        auto const status = lab->run(host, line, terminal);
        CAPTURE(line, printed);
        CHECK(status == 0);
    };
    type("drydock vm hypervisor start --type 1"); // nobody gets below the system that runs
    CHECK_THAT(printed, Catch::Contains("modelled"));
    type("drydock vm start low");
    CHECK_THAT(printed, Catch::Contains("(modelled)"));
    type("drydock vm hypervisor stop");
    type("drydock vm hypervisor start");
    if (compare::probe_ladder().best().rung == compare::Rung::Model) {
        std::cerr << "skipped: no guest can be real here: " << printed;
        CHECK_THAT(printed, Catch::Contains("modelled: "));
        type("drydock vm start one");
        CHECK_THAT(printed, Catch::Contains("(modelled)"));
        return;
    }
    auto const before = log.size();
    type("drydock vm start one");
    CHECK_THAT(printed, Catch::Contains("(measured"));
    std::vector<std::string> const last { "kernel", "init", "app", "first output" };
    // A busy machine's guest may answer before its app has said a word, and be heard out of order.
    auto const has_reached_all = [&] {
        auto const phases = told<trace::GuestPhaseReached>(records_from(log, before));
        return std::ranges::all_of(last, [&](auto const& wanted) {
            return std::ranges::any_of(phases, [&](auto const& phase) { return phase.phase == wanted; });
        });
    };
    for (int i = 0; i < 600 && !has_reached_all(); ++i)
        std::this_thread::sleep_for(std::chrono::milliseconds(100));
    auto const records = records_from(log, before);
    CHECK(told<trace::GuestMachineCreated>(records).size() == 1);
    for (auto const& record : records) {
        if (trace::name_of(record.event).starts_with("Guest"))
            CHECK(record.origin->provenance == trace::Provenance::Live);
    }
    std::string phases;
    for (auto const& phase : told<trace::GuestPhaseReached>(records))
        phases += phase.phase + " ";
    INFO("reached: " + phases);
    CHECK(has_reached_all());
    CHECK(phases.starts_with("create"));
    type("drydock vm start two --memory 16"); // too little for a kernel
    CHECK_THAT(printed, Catch::Contains("modelled: with less than"));
    type("drydock vm start three busybox echo from its own kernel");
    type("drydock vm ls");
    CHECK_THAT(printed, Catch::Contains("one") && Catch::Contains("three"));
    type("drydock vm stop three");
    type("drydock vm hypervisor stop");
    std::string console;
    for (auto const& wrote : told<trace::GuestConsoleWritten>(records_from(log, before)))
        console += wrote.text;
    CHECK_THAT(console, Catch::Contains("Ahoy from the dry dock!") && Catch::Contains("from its own kernel"));
    auto const stopped = told<trace::GuestMachineStopped>(records_from(log, before));
    REQUIRE(stopped.size() == 3);
    CHECK(stopped[0].reason == "it was stopped");
    for (auto const* line : { "drydock vm hypervisor start", "drydock vm start last" })
        type(line);
    lab.reset();
    CHECK(told<trace::GuestMachineStopped>(records_from(log, before)).back().reason == "the lab was closed");
    CHECK(compare::process_tree(::getpid()).size() == processes);
}

TEST_CASE("Guest machines: in the simulated world a boot takes its time", "[system][lab]")
{
    Quay quay(lab::World::Simulated);
    CHECK(quay.type("drydock vm hypervisor start") == 0);
    auto const before = quay.log().size();
    CHECK(quay.type("drydock vm start one") == 0);
    std::vector<Timestamp> times;
    std::vector<std::int64_t> elapsed;
    for (auto const& record : records_from(quay.log(), before)) {
        if (auto const* reached = record.event.get_if<trace::GuestPhaseReached>()) {
            times.push_back(record.time);
            elapsed.push_back(reached->elapsed);
        }
    }
    REQUIRE(times.size() > 2);
    auto const passed = (times.back() - times.front()).count();
    CHECK(passed >= elapsed.back() - elapsed.front());
    CHECK(passed < elapsed.back() - elapsed.front() + 1'000'000); // what printing takes
}

TEST_CASE("Guest machines: none outlives its lab", "[system][lab]")
{
    tests::TemporaryDirectory const root;
    trace::EventLog log;
    {
        auto const lab = REQUIRE_OK(
            lab::Lab::open({ .world = lab::World::Simulated, .images = DRYDOCK_IMAGES, .model = DRYDOCK_MODEL }, log));
        client::Terminal const terminal { .write = [](bool, std::string_view) {} };
        CHECK(lab->run(lab->hosts().front(), "drydock vm hypervisor start", terminal) == 0);
        CHECK(lab->run(lab->hosts().front(), "drydock vm start one", terminal) == 0);
        CHECK(told<trace::GuestMachineStopped>(records_from(log, 0)).empty());
    }
    CHECK(told<trace::GuestMachineStopped>(records_from(log, 0)).size() == 1);
}

TEST_CASE("Guest machines: a lab that was taken back goes on with those of that moment", "[system][lab]")
{
    if (!live_works())
        return;
    tests::TemporaryDirectory const root;
    trace::EventLog log;
    std::string printed;
    client::Terminal const terminal { .write = [&](bool, std::string_view text) { printed += text; } };
    lab::Options const options { .world = lab::World::Live,
        .data_root = root.path(),
        .images = DRYDOCK_IMAGES,
        .init_program = DRYDOCK_INIT,
        .model = DRYDOCK_MODEL };
    trace::EventLog past;
    {
        auto const lab = REQUIRE_OK(lab::Lab::open(options, log));
        auto const host = lab->hosts().front();
        for (auto const* line : { "drydock vm hypervisor start", "drydock vm start one", "drydock vm start two" })
            CHECK(lab->run(host, line, terminal) == 0);
        CHECK(lab->run(host, "drydock vm stop one", terminal) == 0);
        past.continue_from(log, log.size());
    }
    auto const lab = REQUIRE_OK(lab::Lab::open(options, past));
    lab->resume();
    auto const host = lab->hosts().front();
    printed.clear();
    CHECK(lab->run(host, "drydock vm ls", terminal) == 0);
    CHECK_THAT(printed, Catch::Contains("two") && !Catch::Contains("one"));
    CHECK(lab->run(host, "drydock vm start two", terminal) == 1);
    CHECK(lab->run(host, "drydock vm start one", terminal) == 0);
}

TEST_CASE("Programs: a lab that is taken back has the disks of that moment", "[system][lab]")
{
    if (!live_works())
        return;
    tests::TemporaryDirectory const root;
    std::string printed;
    client::Terminal const terminal { .write = [&](bool, std::string_view text) { printed += text; } };
    lab::Options const options { .world = lab::World::Live,
        .data_root = root.path() / "data",
        .images = DRYDOCK_IMAGES,
        .init_program = DRYDOCK_INIT,
        .folder = root.path() };
    trace::EventLog log;
    {
        auto const lab = REQUIRE_OK(lab::Lab::open(options, log));
        auto const host = lab->hosts().front();
        CHECK(lab->run(host, "mkdir /layers && echo one > /layers/file", terminal) == 0);
        REQUIRE_OK(lab::take_checkpoint(options.data_root, root.path() / "kept"));
        CHECK(lab->run(host, "echo two > /layers/file && touch /srv/new", terminal) == 0);
    }
    REQUIRE_OK(lab::restore_checkpoint(root.path() / "kept", options.data_root));
    auto const lab = REQUIRE_OK(lab::Lab::open(options, log));
    printed.clear();
    CHECK(lab->run(lab->hosts().front(), "cat /layers/file; ls /srv", terminal) == 0);
    CHECK(printed == "one\n");
}
