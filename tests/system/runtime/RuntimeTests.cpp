// drydock runtime from the outside, as an engine calls it: a bundle with this machine's busybox, and the operations of
// the OCI runtime specification in the right and in the wrong order. A call that takes longer than a minute has hung.

#include "engine/os/ReadText.h"
#include "tests/support/Catch.h"
#include "tests/support/TemporaryDirectory.h"

#include <nlohmann/json.hpp>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>
#include <iostream>

using namespace drydock;
using nlohmann::json;

namespace {

struct Said {
    int status { 0 };
    std::string out;
    std::string err;
};

bool possible()
{
    auto const* const obstacle = ::geteuid() != 0 ? "making containers of bundles by path takes root here"
        : ::access("/bin/busybox", X_OK) != 0     ? "there is no /bin/busybox"
        : std::system("unshare -m -p -i -u -n -f true 2>/dev/null") != 0 ? "namespaces cannot be made here"
                                                                         : "";
    if (*obstacle != '\0')
        std::cout << "skipped: " << obstacle << "\n";
    return *obstacle == '\0';
}

class Shop {
public:
    Shop()
    {
        std::filesystem::create_directories(bundle() / "rootfs/bin");
        std::filesystem::copy("/bin/busybox", bundle() / "rootfs/bin/busybox");
        for (char const* name : { "sh", "sleep", "cat", "echo", "true", "hostname", "id", "grep", "touch" })
            std::filesystem::create_symlink("busybox", bundle() / "rootfs/bin" / name);
        REQUIRE(call("spec --bundle " + bundle().string()).status == 0);
        m_config = json::parse(os::read_text(bundle() / "config.json"));
        configure([](json& config) { config["process"]["args"] = { "sleep", "1000" }; });
    }
    ~Shop()
    {
        for (char const* id : { "one", "two" })
            call(std::string("delete --force ") + id);
    }
    Shop(Shop const&) = delete;
    Shop& operator=(Shop const&) = delete;

    std::filesystem::path bundle() const { return m_directory.path() / "bundle"; }
    std::filesystem::path path(std::string const& name) const { return m_directory.path() / name; }

    template <class Change> void configure(Change const& change)
    {
        change(m_config);
        write_config(m_config.dump());
    }
    void write_config(std::string const& text) const { std::ofstream(bundle() / "config.json") << text; }

    // Output goes to files: a container that lives on would keep a pipe open.
    Said call(std::string const& arguments) const
    {
        auto const command = "timeout -k 1 60 " DRYDOCK " runtime --root " + path("state").string() + " " + arguments
            + " </dev/null >" + path("out").string() + " 2>" + path("err").string();
        auto const status = std::system(command.c_str());
        return { WEXITSTATUS(status), os::read_text(path("out")), os::read_text(path("err")) };
    }
    Said create(std::string const& id) const { return call("create --bundle " + bundle().string() + " " + id); }
    Said run() const { return call("run --bundle " + bundle().string() + " one"); }
    json state(std::string const& id) const
    {
        auto const said = call("state " + id);
        INFO(said.err);
        REQUIRE(said.status == 0);
        return json::parse(said.out);
    }

private:
    tests::TemporaryDirectory m_directory;
    json m_config;
};

void refuses(Said const& said, std::string const& words)
{
    INFO(said.err);
    CHECK(said.status == 1);
    CHECK(said.err.find(words) != std::string::npos);
}

}

TEST_CASE("A container is created, started, killed and deleted, and its state says so")
{
    if (!possible())
        return;
    Shop shop;
    auto const created
        = shop.call("create --bundle " + shop.bundle().string() + " --pid-file " + shop.path("pid").string() + " one");
    INFO(created.err);
    REQUIRE(created.status == 0);
    auto const state = shop.state("one");
    CHECK(state["status"] == "created");
    CHECK(state["ociVersion"] == "1.0.2");
    CHECK(state["bundle"] == shop.bundle().string());
    CHECK(std::to_string(state["pid"].get<int>()) == os::read_text(shop.path("pid")));

    REQUIRE(shop.call("start one").status == 0);
    CHECK(shop.state("one")["status"] == "running");
    CHECK(os::read_text("/proc/" + os::read_text(shop.path("pid")) + "/cmdline")
        == std::string("sleep\0"
                       "1000\0",
            11));

    REQUIRE(shop.call("kill one KILL").status == 0);
    while (shop.state("one")["status"] != "stopped") { }
    CHECK(shop.call("delete one").status == 0);
    refuses(shop.call("state one"), "does not exist");
    CHECK(shop.call("list --quiet").out.empty());
}

TEST_CASE("The program of a created container has not executed yet")
{
    if (!possible())
        return;
    Shop shop;
    shop.configure([](json& config) {
        config["process"]["args"] = { "touch", "/been-here" };
        config["root"]["readonly"] = false;
    });
    REQUIRE(shop.create("one").status == 0);
    CHECK_FALSE(std::filesystem::exists(shop.bundle() / "rootfs/been-here"));
    REQUIRE(shop.call("start one").status == 0);
    while (shop.state("one")["status"] != "stopped") { }
    CHECK(std::filesystem::exists(shop.bundle() / "rootfs/been-here"));
}

TEST_CASE("What comes in the wrong order is refused and changes nothing")
{
    if (!possible())
        return;
    Shop shop;
    for (char const* command : { "start one", "kill one KILL", "delete one", "exec one true", "pause one" })
        refuses(shop.call(command), "container \"one\" does not exist");
    CHECK(shop.call("delete --force one").status == 0);
    refuses(shop.call("state ../one"), "invalid container id");

    REQUIRE(shop.create("one").status == 0);
    refuses(shop.create("one"), "exists already");
    refuses(shop.call("delete one"), "not stopped: created");
    REQUIRE(shop.call("start one").status == 0);
    refuses(shop.call("start one"), "already running");
    refuses(shop.call("delete one"), "not stopped: running");
    refuses(shop.call("resume one"), "not paused");
    refuses(shop.call("kill one NOPE"), "unknown signal \"NOPE\"");
    CHECK(shop.state("one")["status"] == "running");

    CHECK(shop.call("delete --force one").status == 0);
    refuses(shop.call("state one"), "does not exist");
}

TEST_CASE("Containers of one id under two roots do not share their cgroups")
{
    if (!possible())
        return;
    Shop shop;
    Shop other;
    for (auto const* each : { &shop, &other }) {
        REQUIRE(each->create("one").status == 0);
        REQUIRE(each->call("start one").status == 0);
    }
    CHECK(json::parse(other.call("ps --format json one").out).size() == 1);
    CHECK(shop.call("delete --force one").status == 0);
    CHECK(other.state("one")["status"] == "running");
}

TEST_CASE("A cgroup that holds processes already is refused, and they live on")
{
    if (!possible())
        return;
    Shop shop;
    auto const group = "drydock-test-" + std::to_string(::getpid());
    shop.configure([&](json& config) { config["linux"]["cgroupsPath"] = "/" + group; });
    REQUIRE(shop.create("one").status == 0);
    if (std::system(("find /sys/fs/cgroup -maxdepth 2 -name " + group + " | grep -q .").c_str()) != 0)
        return; // none can be made here
    refuses(shop.create("two"), "holds processes already");
    CHECK(shop.state("one")["status"] == "created");
}

TEST_CASE("Limits of block devices and of huge pages stand in the cgroup, in the words of its version")
{
    if (!possible())
        return;
    Shop shop;
    auto const group = "drydock-limits-" + std::to_string(::getpid());
    shop.configure([&](json& config) {
        config["linux"]["cgroupsPath"] = "/" + group;
        config["linux"]["resources"] = { { "hugepageLimits", { { { "pageSize", "2MB" }, { "limit", 4194304 } } } },
            { "blockIO", { { "weight", 300 } } }, { "memory", { { "limit", 33554432 }, { "kernelTCP", 16777216 } } } };
    });
    auto const created = shop.create("one");
    INFO(created.err);
    REQUIRE(created.status == 0);
    auto const agrees = [&](std::string const& file, std::string const& text) {
        for (char const* hierarchy : { "blkio", "hugetlb", "memory", "unified", "" }) {
            auto const path = std::filesystem::path("/sys/fs/cgroup") / hierarchy / group / file;
            if (std::filesystem::exists(path))
                CHECK(os::read_text(path) == text);
        }
    };
    agrees("blkio.bfq.weight", "300\n");
    agrees("io.bfq.weight", "default 300\n");
    agrees("hugetlb.2MB.limit_in_bytes", "4194304\n");
    agrees("hugetlb.2MB.max", "4194304\n");
    agrees("memory.kmem.tcp.limit_in_bytes", "16777216\n");
    shop.configure([](json& config) { config["linux"]["resources"]["hugepageLimits"][0]["pageSize"] = "../x"; });
    refuses(shop.create("two"), "hugepageLimits[0].pageSize");
}

TEST_CASE("More programs run in a running container, and their exit status comes out")
{
    if (!possible())
        return;
    Shop shop;
    REQUIRE(shop.create("one").status == 0);
    REQUIRE(shop.call("start one").status == 0);
    auto const said = shop.call("exec --env A=b --cwd /bin --user 7:8 one sh -c 'echo $A $PWD; id; hostname; exit 3'");
    CHECK(said.status == 3);
    CHECK(said.out == "b /bin\nuid=7 gid=8\ndrydock\n");
    refuses(shop.call("exec one nosuch"), "executable file not found");
    CHECK(std::system(("grep -q sleep /proc/$(" DRYDOCK " runtime --root " + shop.path("state").string()
              + " ps --format json one | tr -d '[]')/cmdline")
                          .c_str())
        == 0);
    // A process that never became a program must not keep the container from ending.
    REQUIRE(shop.call("kill one KILL").status == 0);
    while (shop.state("one")["status"] != "stopped") { }
}

TEST_CASE("run gives back the program's output and status, and leaves nothing")
{
    if (!possible())
        return;
    Shop shop;
    shop.configure([](json& config) {
        config["process"]["args"] = { "sh", "-c",
            "id; hostname; touch /x; grep -E '^(CapEff|NoNewPrivs)' /proc/self/status; cat /proc/keys; exit 5" };
        config["process"]["user"] = { { "uid", 5 }, { "gid", 6 }, { "additionalGids", { 7 } } };
    });
    auto const said = shop.run();
    INFO(said.err);
    CHECK(said.status == 5);
    CHECK(said.out == "uid=5 gid=6 groups=7\ndrydock\nCapEff:\t0000000000000000\nNoNewPrivs:\t1\n");
    CHECK(said.err.find("/x: Read-only file system") != std::string::npos);
    CHECK(std::filesystem::is_empty(shop.path("state")));
}

TEST_CASE("The root of a user namespace needs no way to its own root file system")
{
    if (!possible() || std::system("unshare -U true 2>/dev/null") != 0)
        return;
    Shop shop;
    std::filesystem::permissions(shop.bundle().parent_path(), std::filesystem::perms::owner_all);
    for (char const* name : { "proc", "dev", "sys" })
        std::filesystem::create_directory(shop.bundle() / "rootfs" / name);
    shop.configure([](json& config) {
        config["process"]["args"] = { "sh", "-c", "id -u; echo here" };
        config["linux"]["namespaces"].push_back({ { "type", "user" } });
        config["linux"]["uidMappings"] = { { { "containerID", 0 }, { "hostID", 1000 }, { "size", 1000 } } };
        config["linux"]["gidMappings"] = config["linux"]["uidMappings"];
    });
    auto const said = shop.run();
    INFO(said.err);
    CHECK(said.status == 0);
    CHECK(said.out == "0\nhere\n");
}

TEST_CASE("A filter of config.json's answers for its system calls alone")
{
    if (!possible())
        return;
    Shop shop;
    shop.configure([](json& config) {
        config["process"]["args"] = { "sh", "-c", "echo before; hostname; touch /tmp-file; echo after" };
        config["root"]["readonly"] = false;
        config["linux"]["seccomp"] = { { "defaultAction", "SCMP_ACT_ALLOW" },
            { "syscalls", { { { "names", { "uname" } }, { "action", "SCMP_ACT_ERRNO" }, { "errnoRet", 95 } } } } };
    });
    auto const said = shop.run();
    INFO(said.err);
    CHECK(said.out.starts_with("before\n"));
    CHECK(said.out.find("drydock") == std::string::npos);
    CHECK(said.out.ends_with("after\n"));
    CHECK(std::filesystem::exists(shop.bundle() / "rootfs/tmp-file"));
}

TEST_CASE("A filter older than the launcher's own system calls does not keep the program from running")
{
    if (!possible())
        return;
    Shop shop;
    shop.configure([](json& config) {
        config["process"]["args"] = { "echo", "found" };
        config["process"]["noNewPrivileges"] = false; // the filter is in place while the program is looked for
        config["linux"]["seccomp"] = { { "defaultAction", "SCMP_ACT_ALLOW" },
            { "syscalls", { { { "names", { "faccessat2", "close_range" } }, { "action", "SCMP_ACT_ERRNO" } } } } };
    });
    auto const said = shop.run();
    INFO(said.err);
    CHECK(said.out == "found\n");
}

TEST_CASE("Hooks run at their turns with the state on standard input, and one that fails ends the container")
{
    if (!possible())
        return;
    Shop shop;
    auto const log = shop.path("log").string();
    auto const hook = [&](char const* name) {
        return json::array({ { { "path", "/bin/sh" },
            { "args",
                { "sh", "-c",
                    std::string("echo ") + name + " $(grep -oE '\"(id|status)\": \"[a-z]+' | tr -d '\" ') >>"
                        + log } } } });
    };
    shop.configure([&](json& config) {
        config["process"]["args"] = { "true" };
        for (char const* name : { "prestart", "createRuntime", "poststart", "poststop" })
            config["hooks"][name] = hook(name);
    });
    CHECK(shop.run().status == 0);
    CHECK(os::read_text(log)
        == "prestart id:one status:created\ncreateRuntime id:one status:creating\n"
           "poststart id:one status:running\npoststop id:one status:stopped\n");

    shop.configure([&](json& config) {
        config["hooks"]["prestart"][0]["args"] = { "sh", "-c", "echo no good; exit 9" };
    });
    refuses(shop.create("one"), "prestart hook /bin/sh: exit status 9: no good");
    refuses(shop.call("state one"), "does not exist");
}

TEST_CASE("A config.json that is wrong is refused with the field's name, and nothing stays")
{
    if (!possible())
        return;
    Shop shop;
    auto const expect = [&](char const* words, auto const& change) {
        auto config = json::parse(os::read_text(shop.bundle() / "config.json"));
        auto const good = config.dump();
        change(config);
        shop.write_config(config.dump());
        refuses(shop.create("one"), words);
        refuses(shop.call("state one"), "does not exist");
        shop.write_config(good);
    };
    expect("process.args is empty", [](json& c) { c["process"]["args"] = json::array(); });
    expect("process.args is not a list", [](json& c) { c["process"]["args"] = 7; });
    expect("process.user.uid", [](json& c) { c["process"]["user"]["uid"] = -1; });
    expect("process.cwd", [](json& c) { c["process"]["cwd"] = "bin"; });
    expect("process.rlimits[0].type", [](json& c) { c["process"]["rlimits"][0]["type"] = "RLIMIT_X"; });
    expect("process.capabilities.bounding", [](json& c) { c["process"]["capabilities"]["bounding"] = { "CAP_X" }; });
    expect("process.apparmorProfile is not supported", [](json& c) { c["process"]["apparmorProfile"] = "x"; });
    expect("process.terminal", [](json& c) { c["process"]["terminal"] = true; });
    expect("root.path", [](json& c) { c["root"]["path"] = "nowhere"; });
    expect("root.path is the root of the host", [](json& c) { c["root"]["path"] = "/"; });
    expect("linux.namespaces", [](json& c) { c["linux"]["namespaces"] = json::array(); });
    expect("linux.namespaces[0].type", [](json& c) { c["linux"]["namespaces"][0]["type"] = "time"; });
    expect("linux.sysctl.kernel.panic", [](json& c) { c["linux"]["sysctl"]["kernel.panic"] = "1"; });
    expect("linux.sysctl.net/../kernel/panic", [](json& c) { c["linux"]["sysctl"]["net/../kernel/panic"] = "1"; });
    expect("linux.intelRdt is not supported", [](json& c) { c["linux"]["intelRdt"] = json::object(); });
    expect("mounts[0].destination", [](json& c) { c["mounts"][0].erase("destination"); });
    expect("mounts[0].options is not supported: idmap", [](json& c) { c["mounts"][0]["options"] = { "idmap" }; });
    expect("hooks.poststop[0].path", [](json& c) { c["hooks"]["poststop"] = { { { "path", "true" } } }; });
    expect("ociVersion", [](json& c) { c["ociVersion"] = "9"; });
    shop.write_config(std::string(100, '[') + std::string(100, ']'));
    refuses(shop.create("one"), "config.json nests deeper than 64 levels");
    shop.write_config("{\"a\":1,\"a\":2}");
    refuses(shop.create("one"), "twice");
    refuses(shop.call("--systemd-cgroup create one"), "--systemd-cgroup is not supported");
}

TEST_CASE("A root file system whose /proc or /dev leads elsewhere gets no mount there")
{
    if (!possible())
        return;
    Shop shop;
    auto const outside = shop.path("outside");
    std::filesystem::create_directories(outside);
    std::filesystem::create_symlink(outside, shop.bundle() / "rootfs/proc");
    refuses(shop.create("one"), "symlink at or above /proc");
    std::filesystem::remove(shop.bundle() / "rootfs/proc");

    std::filesystem::create_symlink(outside, shop.bundle() / "rootfs/dev");
    shop.configure([](json& config) { config["process"]["args"] = { "true" }; });
    shop.run(); // the link is followed inside the root, if at all
    CHECK(std::filesystem::is_empty(outside));
}

TEST_CASE("Called drydock-runtime, the program is the runtime")
{
    if (!possible())
        return;
    Shop shop;
    std::filesystem::create_symlink(DRYDOCK, shop.path("drydock-runtime"));
    CHECK(std::system((shop.path("drydock-runtime").string() + " --version | grep -q 'spec: 1.0.2'").c_str()) == 0);
}
