#include "tests/sim/kernel/KernelBench.h"
#include "tests/support/Catch.h"

using namespace drydock;
using namespace drydock::kernel;
using namespace std::chrono_literals;

namespace {

// What `docker stop` does: TERM, patience, KILL.
std::function<void(Process&)> stop_after(KernelBench& bench, Duration patience)
{
    return [&bench, patience](Process& process) {
        auto const pid = process.host_pid;
        bench.scheduler.sleep_for(5s);
        REQUIRE_OK(bench.kernel.signal(pid, sigterm));
        bench.scheduler.sleep_for(patience);
        if (bench.kernel.is_running(pid))
            REQUIRE_OK(bench.kernel.signal(pid, sigkill));
    };
}

}

TEST_CASE("Kernel: PID 1 without a handler ignores SIGTERM, but not a SIGKILL from outside", "[sim][kernel]")
{
    KernelBench bench;
    auto const outcome = bench.sh("sleep 1000", stop_after(bench, 10s));
    CHECK(outcome.status.code == 137);
    CHECK(outcome.status.signal == sigkill);
    CHECK(bench.scheduler.now().nanoseconds - 1'700'000'000'000'000'000 >= Duration(15s).count());
}

TEST_CASE("Kernel: PID 1 with a trap ends when it is asked to", "[sim][kernel]")
{
    KernelBench bench;
    auto const script = GENERATE(as<std::string> {}, "trap 'exit 42' TERM; while true; do sleep 1; done",
        "trap 'exit 42' TERM; sleep 1000 & wait");
    CAPTURE(script);
    auto const outcome = bench.sh(script, stop_after(bench, 10s));
    CHECK(outcome.status.code == 42);
    CHECK(outcome.status.signal == 0);
}

TEST_CASE("Kernel: nobody inside can kill PID 1, and others die of what they do not handle", "[sim][kernel]")
{
    KernelBench bench;
    auto const outcome
        = bench.sh("sleep 100 & kill $!; wait $!; echo $?; kill -9 1; sh -c 'kill -9 1; kill 1'; echo alive; exit 4");
    CHECK(outcome.output == "143\nalive\n");
    CHECK(outcome.status.code == 4);
}

TEST_CASE("Kernel: when PID 1 ends, all its namespace ends", "[sim][kernel]")
{
    KernelBench bench;
    auto const outcome = bench.sh("sleep 1000 & sh -c 'sleep 1000 & sleep 1000' & sleep 1; echo over");
    CHECK(outcome.output == "over\n");
    CHECK(bench.kernel.members(*bench.kernel.host_namespaces().at(NamespaceKind::Pid)).empty());
    CHECK(bench.scheduler.now().nanoseconds - 1'700'000'000'000'000'000 < Duration(2s).count());
}

TEST_CASE("Kernel: a cgroup has as many processes as it may, and no more", "[sim][kernel]")
{
    KernelBench bench;
    auto const few = [&](Process& process) { bench.kernel.limit(*process.cgroup, 3, 0); };
    auto const outcome = bench.sh("sleep 0.1; for i in 1 2 3 4; do sleep 1 & echo $i; done; wait", few);
    CHECK(outcome.output.find("1\n2\n") == 0);
    CHECK(outcome.output.find("3") == std::string::npos);
    CHECK(outcome.status.code == 2);
}

TEST_CASE("Kernel: what holds more memory than its cgroup may have is killed", "[sim][kernel]")
{
    KernelBench bench;
    std::shared_ptr<Cgroup> cgroup;
    auto const little = [&](Process& process) {
        cgroup = process.cgroup;
        bench.kernel.limit(*cgroup, 0, 1 << 20);
    };
    auto const outcome = bench.sh("sleep 0.1; x=aaaaaaaaaaaaaaaa; while true; do x=$x$x; done", little);
    CHECK(outcome.status.signal == sigkill);
    CHECK(bench.kernel.has_run_out_of_memory(*cgroup));
    // Without a limit the machine itself has no more at some time.
    CHECK(bench.sh("x=aaaaaaaaaaaaaaaa; while true; do x=$x$x; done").status.code == 137);
}

TEST_CASE("Kernel: a program that never ends is killed once its calls are used up", "[sim][kernel]")
{
    KernelBench bench;
    bench.kernel.allow_calls(5000);
    auto const script = GENERATE(as<std::string> {}, "while true; do :; done", "while true; do sleep 1; echo x; done",
        "while true; do sleep 1000 & done", "yes");
    CAPTURE(script);
    CHECK(bench.sh(script).status.code == 137);
    CHECK(bench.kernel.calls_are_used_up());
    bench.kernel.allow_calls(5000);
    CHECK(bench.sh("echo again").output == "again\n");
}

TEST_CASE("Kernel: a process sees its namespaces: its own pids, hostname and mounts", "[sim][kernel]")
{
    KernelBench bench;
    auto const outcome = bench.sh("echo $$; hostname; hostname x; ps; mount",
        [](Process& process) { process.bounding = 0; }); // a container's root is not the machine's
    CHECK_THAT(outcome.output, Catch::StartsWith("1\nbox\n"));
    CHECK_THAT(outcome.output, Catch::Contains("    1 root      0:00 sh -c"));
    CHECK_THAT(outcome.output, Catch::Contains("root on / type memory (rw)"));
    CHECK_THAT(outcome.errors, Catch::Contains("Operation not permitted"));
}

TEST_CASE("Kernel: an orphan becomes a child of PID 1; one that nobody waits for stays a zombie", "[sim][kernel]")
{
    KernelBench bench;
    auto const outcome = bench.sh("sh -c 'sleep 2 & exit 0'; exec sh -c 'sleep 5; ps; :' ");
    CHECK_THAT(outcome.output, Catch::Contains("[sleep]"));
}

TEST_CASE("Kernel: a frozen cgroup stands still while time goes on", "[sim][kernel]")
{
    KernelBench bench;
    auto const outcome = bench.sh("sleep 2; date +%s", [&](Process& process) {
        auto const cgroup = process.cgroup;
        bench.scheduler.sleep_for(1s);
        bench.kernel.freeze(*cgroup, true);
        bench.scheduler.sleep_for(60s);
        bench.kernel.freeze(*cgroup, false);
    });
    CHECK(std::stoll(outcome.output) >= 1'700'000'061);
    CHECK(std::stoll(outcome.output) < 1'700'000'063);
}

TEST_CASE("Kernel: STOP stops and CONT goes on", "[sim][kernel]")
{
    KernelBench bench;
    auto const outcome = bench.sh("(sleep 1; date +%s) & kill -STOP $!; sleep 30; kill -CONT $!; wait");
    CHECK(std::stoll(outcome.output) >= 1'700'000'030);
}

TEST_CASE("Kernel: an endless program ends with its reader", "[sim][kernel]")
{
    KernelBench bench;
    CHECK(bench.sh("yes | head -n 1000 | wc -l").output == "1000\n");
    CHECK(bench.sh("yes > /dev/full; echo $?").output == "1\n");
}

TEST_CASE("Kernel: a busy loop takes time, and others run beside it", "[sim][kernel]")
{
    KernelBench bench;
    auto const outcome = bench.sh("while :; do :; done & sleep 1; kill $!; wait $!; echo $?");
    CHECK(outcome.output == "143\n");
}

TEST_CASE("Kernel: scripts run their interpreter; real machine code is refused, saying so", "[sim][kernel]")
{
    KernelBench bench;
    bench.root->put_file("/hello", "#!/bin/sh -e\necho $0 $1\nfalse\necho never\n", 0755);
    bench.root->put_file("/server",
        "\x7f"
        "ELF real",
        0755);
    bench.root->put_file("/lost", "#!/no/such\n", 0755);
    auto const outcome = bench.sh("/hello arg; echo $?; /server; echo $?; /lost; echo $?; busybox echo applet");
    CHECK(outcome.output == "/hello arg\n1\n126\n127\napplet\n");
    CHECK_THAT(outcome.errors, Catch::Contains("real machine code"));
}

TEST_CASE("Kernel: an ordinary user may not do what root may", "[sim][kernel]")
{
    KernelBench bench;
    bench.root->put_file("/secret", "x", 0600);
    auto const outcome = bench.sh("whoami; id", [](Process& process) { process.owner = { 1000, 1000 }; });
    CHECK(outcome.output == "ana\nuid=1000(ana) gid=1000(ana)\n");
    auto const denied
        = bench.sh("cat /secret; echo x > /new; echo ok > /tmp/mine; cat /tmp/mine; kill 1; chown root /tmp/mine",
            [](Process& process) {
                process.owner = { 1000, 1000 };
            });
    CHECK(denied.output == "ok\n");
    CHECK_THAT(denied.errors, Catch::Contains("cat: can't open '/secret': Permission denied"));
    CHECK_THAT(denied.errors, Catch::Contains("can't create /new: Permission denied"));
}

TEST_CASE("Kernel: the shell reads commands from standard input", "[sim][kernel]")
{
    KernelBench bench;
    bench.input_text = "echo one\nif true\nthen echo two\nfi\nexit 5\n";
    auto const outcome = bench.sh("exec sh");
    CHECK(outcome.output == "one\ntwo\n");
    CHECK(outcome.status.code == 5);
}
