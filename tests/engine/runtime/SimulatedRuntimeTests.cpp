#include "engine/runtime/SimulatedRuntime.h"
#include "engine/unionfs/MemoryWritableBranch.h"
#include "sim/kernel/Programs.h"
#include "sim/time/VirtualScheduler.h"
#include "tests/support/Catch.h"

#include <algorithm>

using namespace drydock;
using namespace drydock::runtime;
using namespace std::chrono_literals;

namespace {

struct Bench {
    trace::EventLog log;
    VirtualScheduler scheduler { 1, Timestamp { 1'700'000'000'000'000'000 } };
    kernel::Kernel kernel { scheduler, "laptop" };
    SimulatedRuntime runtime { kernel, scheduler };
    trace::Publisher publisher { log, scheduler,
        { HostId { "laptop" }, ActorId { "daemon" }, trace::Provenance::Simulated } };
    std::string output;
    std::string errors;

    std::shared_ptr<unionfs::UnionMount> root()
    {
        unionfs::Stack stack;
        stack.writable = std::make_shared<unionfs::MemoryWritableBranch>(scheduler);
        auto mount = std::make_shared<unionfs::UnionMount>(std::move(stack), ContainerId { "c" }, trace::Publisher());
        unionfs::Caller const root_user { .uid = 0, .gid = 0, .umask = 0 };
        REQUIRE_OK(mount->make_directory("/bin", 0755, root_user));
        REQUIRE_OK(mount->make_directory("/etc", 0755, root_user));
        for (auto const& [name, program] : kernel::programs()) {
            if (name != "busybox")
                REQUIRE_OK(mount->make_symlink("/bin/" + name, "busybox", root_user));
        }
        put(*mount, "/bin/busybox",
            "\x7f"
            "ELF",
            0755);
        put(*mount, "/bin/server",
            "\x7f"
            "ELF",
            0755);
        put(*mount, "/plain", "text", 0644);
        put(*mount, "/etc/passwd", "root:x:0:0::/root:/bin/sh\nana:x:1000:1000::/:/bin/sh\n", 0644);
        return mount;
    }
    static void put(unionfs::UnionMount& mount, std::string const& path, std::string const& text, std::uint32_t mode)
    {
        REQUIRE_OK(mount.create(path, mode, { .uid = 0, .gid = 0, .umask = 0 }));
        REQUIRE_OK(mount.write(path, 0, text));
    }
    LaunchSpec spec(std::vector<std::string> args)
    {
        LaunchSpec spec;
        spec.container = ContainerId { std::string(64, 'c') };
        spec.hostname = "box";
        spec.args = std::move(args);
        spec.root = root();
        return spec;
    }
    OutputSink sink()
    {
        return { [this](bool to_stderr, std::string_view bytes) { (to_stderr ? errors : output) += bytes; } };
    }
    ExitStatus run(LaunchSpec spec, std::function<void(ContainerProcess&)> meanwhile = {})
    {
        ExitStatus status;
        REQUIRE(scheduler.run_until_idle([&] {
            auto process = REQUIRE_OK(runtime.launch(std::move(spec), sink(), publisher));
            if (meanwhile)
                meanwhile(*process);
            status = process->wait();
        }));
        return status;
    }
    std::vector<std::string> event_names() const
    {
        std::vector<std::string> names;
        for (std::uint64_t i = 0; i < log.size(); ++i) {
            auto const name = std::string(name_of(log[i].event));
            if (name != "SpanBegan" && name != "SpanEnded" && name != "SyscallMade"
                && (names.empty() || names.back() != name))
                names.push_back(name);
        }
        return names;
    }
};

}

TEST_CASE("SimulatedRuntime: a launch tells each step in the order of a live one", "[engine][runtime]")
{
    Bench bench;
    auto const status = bench.run(bench.spec({ "sh", "-c", "echo hi; cat /etc/hostname; echo err >&2; exit 3" }));
    CHECK(status.code == 3);
    CHECK(bench.output == "hi\nbox\n");
    CHECK(bench.errors == "err\n");
    auto names = bench.event_names();
    names.erase(std::remove(names.begin(), names.end(), "OutputWritten"), names.end());
    CHECK(names
        == std::vector<std::string> { "NamespaceCreated", "UnionMounted", "HostnameSet", "MountMade", "RootPivoted",
            "PrivilegesDropped", "ProcessStarted", "ProcessExited" });
    for (std::uint64_t i = 0; i < bench.log.size(); ++i)
        CHECK(bench.log[i].origin->provenance == trace::Provenance::Simulated);
}

TEST_CASE("SimulatedRuntime: what cannot run says why in docker's words", "[engine][runtime]")
{
    auto const [command, kind, words] = GENERATE(table<std::string, ErrorKind, std::string>({
        { "nosuch", ErrorKind::NotFound, "exec: \"nosuch\": executable file not found in $PATH" },
        { "/nosuch", ErrorKind::NotFound, "no such file or directory" },
        { "/plain", ErrorKind::Forbidden, "permission denied" },
        { "server", ErrorKind::Forbidden, "exec format error" },
    }));
    CAPTURE(command);
    Bench bench;
    REQUIRE(bench.scheduler.run_until_idle([&, c = command, k = kind, w = words] {
        auto const process = bench.runtime.launch(bench.spec({ c }), bench.sink(), bench.publisher);
        REQUIRE_FALSE(process);
        CHECK(process.error().kind() == k);
        CHECK_THAT(process.error().message(), Catch::Contains(w));
    }));
}

TEST_CASE("SimulatedRuntime: user, working directory and environment are the asked ones", "[engine][runtime]")
{
    Bench bench;
    auto spec = bench.spec({ "sh", "-c", "id; pwd; echo $A; touch /x" });
    spec.user = "ana";
    spec.working_dir = "/srv/app";
    spec.env = { "A=b" };
    bench.run(spec);
    CHECK(bench.output == "uid=1000(ana) gid=1000\n/srv/app\nb\n");
    CHECK_THAT(bench.errors, Catch::Contains("Permission denied"));
}

TEST_CASE("SimulatedRuntime: a read-only root takes no writes", "[engine][runtime]")
{
    Bench bench;
    auto spec = bench.spec({ "sh", "-c", "echo x > /f; echo ok > /dev/shm/f && cat /dev/shm/f" });
    spec.read_only_root = true;
    bench.run(spec);
    CHECK(bench.output == "ok\n");
    CHECK_THAT(bench.errors, Catch::Contains("Read-only file system"));
}

TEST_CASE("SimulatedRuntime: signals, pause and a second process work on a running container", "[engine][runtime]")
{
    Bench bench;
    auto const status = bench.run(bench.spec({ "sleep", "1000" }), [&](ContainerProcess& process) {
        CHECK(process.members().size() == 1);
        auto guest = REQUIRE_OK(bench.runtime.execute(
            process, bench.spec({ "sh", "-c", "ps; hostname; exit 7" }), bench.sink(), bench.publisher));
        CHECK(guest->wait().code == 7);
        REQUIRE_OK(process.signal(15));
        bench.scheduler.sleep_for(10s);
        CHECK(process.running());
        REQUIRE_OK(process.pause());
        bench.scheduler.sleep_for(10s);
        REQUIRE_OK(process.resume());
        REQUIRE_OK(process.signal(9));
    });
    CHECK(status.code == 137);
    CHECK(status.signal == 9);
    CHECK_THAT(bench.output, Catch::Contains("    1 root      0:00 sleep 1000") && Catch::Contains("box\n"));
}

TEST_CASE("SimulatedRuntime: a forked process has its parent on both sides, what came in has none", "[engine][runtime]")
{
    Bench bench;
    bench.run(bench.spec({ "sh", "-c", "sleep 900 & wait" }), [&](ContainerProcess& process) {
        auto guest
            = REQUIRE_OK(bench.runtime.execute(process, bench.spec({ "sleep", "800" }), bench.sink(), bench.publisher));
        bench.scheduler.sleep_for(1s);
        std::map<std::string, ContainerProcess::Member> by_command;
        for (auto const& member : process.members())
            by_command[member.command] = member;
        REQUIRE(by_command.contains("sleep 900"));
        CHECK(by_command["sleep 900"].parent == 1);
        CHECK(by_command["sleep 900"].host_parent == process.host_pid());
        CHECK(by_command["sleep 800"].parent == 0);
        CHECK(by_command["sleep 800"].host_parent == 0);
        REQUIRE_OK(process.signal(9));
    });
}

TEST_CASE("SimulatedRuntime: standard input reaches the program, a terminal echoes and prompts", "[engine][runtime]")
{
    Bench bench;
    auto spec = bench.spec({ "cat" });
    spec.open_stdin = true;
    bench.run(spec, [](ContainerProcess& process) {
        REQUIRE_OK(process.write_stdin("typed\n"));
        process.close_stdin();
    });
    CHECK(bench.output == "typed\n");
    Bench terminal;
    auto interactive = terminal.spec({ "sh" });
    interactive.open_stdin = interactive.tty = true;
    auto const status = terminal.run(interactive, [&](ContainerProcess& process) {
        terminal.scheduler.sleep_for(1s);
        REQUIRE_OK(process.write_stdin("echo hi\r"));
        terminal.scheduler.sleep_for(1s);
        REQUIRE_OK(process.write_stdin("exit 4\r"));
    });
    CHECK(status.code == 4);
    CHECK(terminal.output == "/ # echo hi\r\nhi\r\n/ # exit 4\r\n");
    Bench nobody; // as `docker run -d busybox sh`: no input, no terminal, no prompt
    CHECK(nobody.run(nobody.spec({ "sh" }), [](ContainerProcess&) {}).code == 0);
    CHECK(nobody.output.empty());
}

TEST_CASE("SimulatedRuntime: who keeps more than the limit is ended for want of memory", "[engine][runtime]")
{
    std::string const script = GENERATE("x=a; while true; do x=$x$x; done", "tail /dev/zero", "x=$(yes)", "x=abc");
    Bench bench;
    auto spec = bench.spec({ "sh", "-c", script });
    spec.limits.memory = 8 << 20;
    auto const status = bench.run(spec, [](ContainerProcess&) {});
    CAPTURE(script);
    CHECK(status.out_of_memory == (script != "x=abc"));
    CHECK(status.code == (script == "x=abc" ? 0 : 137));
}

TEST_CASE("SimulatedRuntime: a container that is let go of is killed", "[engine][runtime]")
{
    Bench bench;
    REQUIRE(bench.scheduler.run_until_idle([&] {
        auto process = REQUIRE_OK(bench.runtime.launch(bench.spec({ "sleep", "1000" }), bench.sink(), bench.publisher));
        process.reset();
    }));
    CHECK(bench.kernel.members(*bench.kernel.host_namespaces().at(kernel::NamespaceKind::Pid)).empty());
    CHECK(bench.scheduler.now().nanoseconds < 1'700'000'001'000'000'000);
}
