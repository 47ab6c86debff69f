#include "tests/sim/kernel/KernelBench.h"
#include "tests/support/Catch.h"

using namespace drydock;
using namespace drydock::kernel;

namespace {

std::uint64_t all_but(Capability missing)
{
    return ~(std::uint64_t { 1 } << static_cast<unsigned>(missing));
}

}

// That a line fails without one capability and works with all shows which one the kernel asks for.
TEST_CASE("Kernel: each capability is asked for where Linux asks for it", "[sim][kernel]")
{
    auto const [capability, script] = GENERATE(table<Capability, std::string>({
        { Capability::Chown, "touch f; chown 1000 f" },
        { Capability::DacOverride, "echo x > f; chown 1000 f; chmod 600 f; echo y >> f" },
        { Capability::Fowner, "touch f; chown 1000 f; chmod 600 f" },
        { Capability::Fowner, "touch /tmp/f; chown 1000 /tmp /tmp/f; rm /tmp/f" }, // the sticky bit
        { Capability::SetGid, "su ana -c true" },
        { Capability::SetUid, "su ana -c true" },
        { Capability::SysChroot, "chroot / true" },
        { Capability::SysAdmin, "hostname other" },
        { Capability::SysAdmin, "mkdir m; mount -t tmpfs none m" },
        { Capability::Mknod, "mknod n c 1 3" },
        { Capability::NetRaw, "ping -c 1 127.0.0.1" },
    }));
    CAPTURE(script);
    KernelBench with;
    CHECK(with.sh(script).status.code == 0);
    KernelBench without;
    auto const refused = without.sh(script, [c = capability](Process& process) { process.bounding = all_but(c); });
    CHECK(refused.status.code != 0);
    CHECK_THAT(refused.errors,
        Catch::Contains("Operation not permitted") || Catch::Contains("Permission denied")
            || Catch::Contains("permission denied"));
}

TEST_CASE("Kernel: a process of another user's is ended with CAP_KILL only", "[sim][kernel]")
{
    auto const script = "su ana -c 'sleep 100' & sleep 1; for p in $(ps | grep '[s]leep 100' | cut -c1-5); do kill $p; "
                        "done; wait; echo over";
    KernelBench with;
    auto const allowed = with.sh(script); // the shell of su may have gone with its child
    CHECK(allowed.errors.find("not permitted") == std::string::npos);
    CHECK(allowed.output == "over\n");
    KernelBench without;
    auto const refused = without.sh(script, [](Process& process) { process.bounding = all_but(Capability::Kill); });
    CHECK_THAT(refused.errors, Catch::Contains("Operation not permitted"));
}

TEST_CASE("Kernel: who changes root sees no way back, and who changes user keeps no power", "[sim][kernel]")
{
    KernelBench bench;
    auto const outcome = bench.sh("mkdir -p /jail/bin; cp /bin/busybox /jail/bin; cd /jail/bin; "
                                  "for a in sh ls pwd cat; do ln -s busybox $a; done; ln -s /outside /jail/link; "
                                  "echo secret > /outside; chroot /jail sh -c 'cd ../../..; pwd; ls; cat /link'; "
                                  "su ana -c 'chown ana /jail'");
    CHECK(outcome.output == "/\nbin\nlink\n");
    CHECK_THAT(outcome.errors, Catch::Contains("can't open '/link': No such file or directory"));
    CHECK_THAT(outcome.errors, Catch::Contains("chown: /jail: Operation not permitted"));
}

TEST_CASE("Kernel: what its parent leaves behind on the machine itself is reaped", "[sim][kernel]")
{
    KernelBench bench;
    bench.scheduler.run_until_idle([&] {
        auto& process = bench.kernel.clone(bench.kernel.host_namespaces(), {});
        auto const pid = process.host_pid;
        bench.kernel.start(process, { { "parent" }, [](System& system) {
                                         (void)system.fork({ "child" }, [](System& child) {
                                             (void)child.sleep(std::chrono::seconds(5));
                                             return 0;
                                         });
                                         return 0;
                                     } });
        (void)bench.kernel.wait(pid);
        auto const& host = *bench.kernel.host_namespaces().at(NamespaceKind::Pid);
        CHECK(bench.kernel.members(host).size() == 1);
        bench.scheduler.sleep_for(std::chrono::seconds(10));
        CHECK(bench.kernel.members(host).empty());
    });
}

TEST_CASE("Kernel: all processes of a cgroup are killed at once", "[sim][kernel]")
{
    KernelBench bench;
    bench.scheduler.run_until_idle([&] {
        auto& process = bench.kernel.clone(bench.kernel.host_namespaces(), {});
        auto const cgroup = process.cgroup;
        auto const pid = process.host_pid;
        bench.kernel.start(process, { { "parent" }, [](System& system) {
                                         (void)system.fork({ "child" }, [](System& child) {
                                             (void)child.sleep(std::chrono::hours(1));
                                             return 0;
                                         });
                                         (void)system.sleep(std::chrono::hours(1));
                                         return 0;
                                     } });
        bench.scheduler.sleep_for(std::chrono::seconds(1));
        CHECK(bench.kernel.members(*cgroup).size() == 2);
        bench.kernel.kill_all(*cgroup);
        CHECK(bench.kernel.wait(pid).signal == sigkill);
        CHECK(bench.kernel.members(*cgroup).empty());
    });
}
