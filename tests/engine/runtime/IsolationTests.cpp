// What a container may not do, and what a hostile image cannot make us do (the numbers are those of the CVE list).

#include "tests/engine/runtime/ContainerFixture.h"

#include <sys/stat.h>

#include <algorithm>
#include <fstream>

using namespace drydock;
using drydock::tests::Containers;
using drydock::tests::is_root;

namespace fs = std::filesystem;

TEST_CASE("Isolation: no descriptor of the engine's is open in a container (CVE-2024-21626)", "[runtime]")
{
    Containers containers;
    // 3 is the directory that ls itself reads.
    CHECK(containers.run(containers.program({ "ls", "/proc/self/fd" })).out == "0\n1\n2\n3\n");
}

TEST_CASE("Isolation: a working directory outside the container is refused (CVE-2024-21626)", "[runtime]")
{
    Containers containers;
    auto const number = GENERATE(range(0, 24));
    auto spec = containers.program({ "pwd" });
    spec.working_dir = "/proc/self/fd/" + std::to_string(number);
    auto const process = containers.launch(spec);
    CHECK_FALSE(process);
}

namespace {

// Where nothing would keep it from the devices that it makes nodes for, a container may make none.
bool withholds_mknod(Containers const& containers)
{
    auto const warnings = containers.events<trace::WarningRaised>();
    return std::any_of(warnings.begin(), warnings.end(),
        [](auto const& warning) { return warning.what.starts_with("containers may make no devices here"); });
}

}

TEST_CASE("Isolation: docker's fourteen capabilities and not one more", "[runtime]")
{
    Containers containers;
    auto const run = containers.run(containers.shell("grep -E 'Cap|NoNew|Seccomp:' /proc/self/status"));
    std::string const set = withholds_mknod(containers) ? "00000000a00425fb\n" : "00000000a80425fb\n";
    CHECK(run.out
        == "CapInh:\t0000000000000000\nCapPrm:\t" + set + "CapEff:\t" + set + "CapBnd:\t" + set
            + "CapAmb:\t0000000000000000\nNoNewPrivs:\t1\nSeccomp:\t2\n");
    auto const dropped = containers.events<trace::PrivilegesDropped>().at(0);
    CHECK(dropped.kept.size() == (withholds_mknod(containers) ? 13 : 14));
    CHECK(dropped.no_new_privileges);
    CHECK(dropped.filtered_syscalls > 50);
}

TEST_CASE("Isolation: capabilities can be added and dropped by name", "[runtime]")
{
    Containers containers;
    auto spec = containers.shell("grep CapEff /proc/self/status");
    spec.cap_drop = { "ALL" };
    spec.cap_add = { "NET_ADMIN", "cap_chown" };
    CHECK(containers.run(spec).out == "CapEff:\t0000000000001001\n");
    spec = containers.shell("true");
    spec.cap_add = { "EVERYTHING" };
    auto const process = containers.launch(spec);
    REQUIRE_FALSE(process);
    CHECK(process.error().kind() == ErrorKind::InvalidInput);
}

TEST_CASE("Isolation: another user than root has no capabilities at all", "[runtime]")
{
    Containers containers;
    auto spec = containers.shell("grep CapEff /proc/self/status");
    spec.user = "alice";
    CHECK(containers.run(spec).out == "CapEff:\t0000000000000000\n");
}

TEST_CASE("Isolation: no mounts and no namespaces from inside", "[runtime]")
{
    Containers containers;
    auto const run = containers.run(
        containers.shell("mount -t tmpfs t /tmp || echo no mount; unshare -U true || echo no unshare"));
    CHECK(run.out == "no mount\nno unshare\n");
    CHECK(run.err.find("Operation not permitted") != std::string::npos);
}

TEST_CASE("Isolation: what tells about the host is masked, what changes it is read-only", "[runtime]")
{
    Containers containers;
    auto const run = containers.run(containers.shell("head -c 4 /proc/kcore | wc -c; ls /sys/firmware | wc -l;"
                                                     " echo 1 > /proc/sys/kernel/printk || echo read-only;"
                                                     " echo x > /sys/kernel/x || echo read-only too"));
    CHECK(run.out == "0\n0\nread-only\nread-only too\n");
}

TEST_CASE("Isolation: the devices are there and are what they seem", "[runtime]")
{
    Containers containers;
    auto const run = containers.run(containers.shell(
        "for d in null zero full random urandom tty; do test -c /dev/$d || echo missing $d; done;"
        " head -c 3 /dev/zero | wc -c; echo x > /dev/full || echo full; echo gone > /dev/null; ls /dev/pts /dev/shm;"
        " echo out > /dev/stdout"));
    CHECK(run.out == "3\nfull\n/dev/pts:\nptmx\n\n/dev/shm:\nout\n");
}

TEST_CASE("Isolation: a container sees its own processes only", "[runtime]")
{
    Containers containers;
    CHECK(containers.run(containers.shell("echo /proc/[0-9]* $$")).out == "/proc/1 1\n");
}

TEST_CASE("Isolation: the loopback interface is up and there is no other", "[runtime]")
{
    Containers containers;
    auto const run = containers.run(containers.shell("ip -o link | wc -l; ip link show lo"));
    CHECK(run.out.starts_with("1\n"));
    CHECK(run.out.find("LOOPBACK,UP") != std::string::npos);
}

TEST_CASE("Isolation: a read-only root takes no writes", "[runtime]")
{
    Containers containers;
    auto spec = containers.shell("touch /file || echo refused; echo x > /dev/shm/y && echo shm");
    spec.read_only_root = true;
    CHECK(containers.run(spec).out == "refused\nshm\n");
}

TEST_CASE(
    "Isolation: an image whose mount points are symlinks is refused (CVE-2019-19921, CVE-2026-41579)", "[runtime]")
{
    Containers containers;
    auto const point = GENERATE(as<std::string> {}, "proc", "dev", "sys");
    fs::remove(containers.image() / point);
    fs::create_directory_symlink("/tmp", containers.image() / point);
    auto const process = containers.launch(containers.program({ "true" }));
    REQUIRE_FALSE(process);
    CHECK(process.error().kind() == ErrorKind::InvalidInput);
    CHECK(process.error().message() == "the image has a symlink at or above /" + point + "; refusing to mount there");
}

TEST_CASE("Isolation: a symlink in /etc leads nowhere outside", "[runtime]")
{
    Containers containers;
    auto const outside = containers.image().parent_path() / "outside";
    fs::create_directories(outside);
    fs::create_symlink(outside / "hosts", containers.image() / "etc/hosts"); // absolute: inside, it names nothing
    fs::create_symlink("../../../../../../../../../../resolv.conf", containers.image() / "etc/resolv.conf");
    auto const run = containers.run(containers.shell("cat /resolv.conf | wc -c"));
    CHECK(run.status.code == 0);
    CHECK(fs::is_empty(outside));
    CHECK(run.out != "0\n");
    CHECK(containers.events<trace::WarningRaised>().size() >= 1);
}

TEST_CASE("Isolation: a fifo for /etc/passwd does not stop the engine", "[runtime]")
{
    Containers containers;
    fs::remove(containers.image() / "etc/passwd");
    REQUIRE(::mkfifo((containers.image() / "etc/passwd").c_str(), 0644) == 0);
    CHECK(containers.run(containers.shell("exit 5")).status.code == 5);
}

TEST_CASE("Isolation: the engine's program cannot be written through /proc (CVE-2019-5736)", "[runtime]")
{
    Containers containers;
    // A script with drydock-init itself as interpreter: what is executing then is our own file.
    std::ofstream(containers.image() / "script") << "#!/proc/self/exe\n";
    fs::permissions(containers.image() / "script", fs::perms::all);
    auto const process = containers.launch(containers.program({ "/script" }));
    // Executed that way it finds no engine on its control socket, and ends.
    if (process)
        static_cast<void>((*process)->wait());
    auto const size = fs::file_size(DRYDOCK_INIT);
    auto const other = REQUIRE_OK(containers.launch(containers.shell("sleep 1000")));
    CHECK(fs::file_size(DRYDOCK_INIT) == size);
}

TEST_CASE("Isolation: a process limit stops a fork bomb", "[runtime]")
{
    if (!is_root())
        return; // no controller is delegated to an ordinary user here
    Containers containers;
    auto spec = containers.shell("for i in $(seq 1 40); do sleep 1000 & done; echo all");
    spec.limits.pids = 20;
    auto const run = containers.run(spec);
    CHECK(run.out.find("all") == std::string::npos);
    CHECK(run.err.find("fork") != std::string::npos);
    auto const groups = containers.events<trace::CgroupCreated>();
    CHECK(std::any_of(groups.begin(), groups.end(), [](auto const& g) { return g.limits == "20 processes"; }));
}

TEST_CASE("Isolation: a memory limit ends what takes more", "[runtime]")
{
    if (!is_root())
        return; // as above
    Containers containers;
    // A file in shared memory is the container's own memory.
    auto spec = containers.shell("head -c 60000000 /dev/zero > /dev/shm/a; echo $?; sh -c 'x=$(head -c 60000000 "
                                 "/dev/zero | cat -v); echo kept'");
    spec.limits.memory = 24 << 20;
    auto const run = containers.run(spec);
    CHECK(run.out.find("kept") == std::string::npos);
}

TEST_CASE("Isolation: a node that a container makes opens no device but those that it was given", "[runtime]")
{
    if (!is_root() || !tests::has_fuse()) {
        WARN("skipped: takes root and /dev/fuse");
        return;
    }
    Containers containers;
    std::string const open
        = "mknod /mine c 10 229 || exit 3; (exec 3</mine) && echo opened; (exec 3>/mine) && echo written";
    auto const without = containers.run(containers.shell(open));
    if (withholds_mknod(containers)) {
        CHECK(without.status.code == 3);
        return;
    }
    CHECK(without.out.empty());
    CHECK(without.err.find("Operation not permitted") != std::string::npos);
    auto spec = containers.shell(open + "; ls -l /dev/yours | head -c 1");
    spec.devices = { { "/dev/fuse", "/dev/yours", "r" } };
    CHECK(containers.run(spec).out == "opened\nc");
}

TEST_CASE("Isolation: a device that is none is not given", "[runtime]")
{
    Containers containers;
    auto spec = containers.program({ "true" });
    spec.devices = { { GENERATE(as<std::string> {}, "/dev/nosuch", "/tmp"), "/dev/yours", "rwm" } };
    auto const process = containers.launch(spec);
    REQUIRE_FALSE(process);
    CHECK(process.error().message().find("error gathering device information") != std::string::npos);
}

TEST_CASE("Isolation: a kernel parameter of the container's own is set, one of the host's is refused", "[runtime]")
{
    Containers containers;
    auto const show = containers.shell("cat /proc/sys/net/ipv4/ip_default_ttl /proc/sys/kernel/shmmax");
    auto spec = show;
    spec.sysctls = { { "net.ipv4.ip_default_ttl", "77" }, { "kernel.shmmax", "123456" } };
    CHECK(containers.run(spec).out == "77\n123456\n");
    auto const name = GENERATE(as<std::string> {}, "kernel.core_pattern", "net/../kernel/core_pattern", "vm.swappiness",
        "kernel", "", "/net/core/somaxconn");
    CAPTURE(name);
    spec.sysctls = { { name, "1" } };
    auto const process = containers.launch(spec);
    REQUIRE_FALSE(process);
    CHECK(process.error().kind() == ErrorKind::InvalidInput);
}

TEST_CASE("Isolation: --privileged has every capability, no filter and nothing masked", "[runtime]")
{
    if (!is_root()) {
        WARN("skipped: takes root");
        return;
    }
    Containers containers;
    auto spec = containers.shell("grep Seccomp: /proc/self/status; mkdir /m && mount -t tmpfs none /m && echo mounted; "
                                 "ls /proc/acpi 2>/dev/null | head -c 0; test -c /dev/fuse && echo fuse");
    spec.privileged = true;
    spec.unconfined = true;
    auto const run = containers.run(spec);
    CHECK(run.out.starts_with("Seccomp:\t0\nmounted\n"));
    CHECK(run.out.ends_with("fuse\n") == tests::has_fuse());
    auto const mounts = containers.events<trace::MountMade>();
    CHECK(std::none_of(mounts.begin(), mounts.end(), [](auto const& mount) { return mount.target == "/proc/kcore"; }));
}

TEST_CASE("Isolation: supplementary groups by name and number", "[runtime]")
{
    Containers containers;
    auto spec = containers.shell("id -G");
    spec.groups = { "wheel", "4711" };
    if (!is_root()) {
        CHECK_FALSE(containers.launch(spec));
        return;
    }
    CHECK(containers.run(spec).out == "0 10 4711\n");
    spec.groups = { "nobody-knows" };
    auto const process = containers.launch(spec);
    REQUIRE_FALSE(process);
    CHECK(process.error().message().find("unable to find group nobody-knows") != std::string::npos);
}
