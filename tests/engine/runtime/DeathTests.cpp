// Who dies with whom: docs/decisions/0003-containers-die-with-the-daemon.md.

#include "tests/engine/runtime/ContainerFixture.h"

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include <array>
#include <csignal>
#include <fstream>
#include <iostream>
#include <sstream>

using namespace drydock;
using drydock::tests::Containers;

namespace fs = std::filesystem;

namespace {

pid_t parent_of(std::int64_t pid)
{
    std::ifstream file("/proc/" + std::to_string(pid) + "/status");
    for (std::string line; std::getline(file, line);) {
        if (line.starts_with("PPid:"))
            return std::stoi(line.substr(5));
    }
    return -1;
}

os::Fd watch(std::int64_t pid)
{
    os::Fd fd(static_cast<int>(::syscall(SYS_pidfd_open, static_cast<pid_t>(pid), 0)));
    REQUIRE(fd);
    return fd;
}

// A pidfd becomes readable when its process has ended.
void await_end(os::Fd const& pidfd)
{
    pollfd watched { pidfd.get(), POLLIN, 0 };
    while (::poll(&watched, 1, -1) != 1) { }
}

// This very program, running the test case of that tag; its standard output comes through `output`.
pid_t start_self(char const* tag, os::Fd const& output)
{
    posix_spawn_file_actions_t actions;
    ::posix_spawn_file_actions_init(&actions);
    ::posix_spawn_file_actions_adddup2(&actions, output.get(), 1);
    std::string name = "victim";
    std::string test = tag;
    std::array<char*, 3> arguments { name.data(), test.data(), nullptr };
    pid_t pid = -1;
    REQUIRE(::posix_spawn(&pid, "/proc/self/exe", &actions, nullptr, arguments.data(), environ) == 0);
    ::posix_spawn_file_actions_destroy(&actions);
    return pid;
}

struct Victim {
    std::int64_t container { 0 };
    std::int64_t monitor { 0 };
    std::string directory;
};

std::string read_line(os::Fd const& from)
{
    std::string line;
    for (char c = 0; c != '\n'; line += c)
        REQUIRE(::read(from.get(), &c, 1) == 1);
    return line;
}

// After what the test framework has to say.
Victim read_victim(os::Fd const& from)
{
    auto line = read_line(from);
    while (!line.starts_with("victim "))
        line = read_line(from);
    Victim victim;
    std::istringstream(line.substr(7)) >> victim.container >> victim.monitor >> victim.directory;
    return victim;
}

}

TEST_CASE("Victim: an engine that waits to be killed", "[.victim]")
{
    ::prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0); // where the test itself fails
    runtime::LiveOptions options;
    options.reserve = 0;
    Containers containers(options);
    auto const process = REQUIRE_OK(containers.launch(containers.shell("sleep 1000 & sleep 1000")));
    std::cout << "\nvictim " << process->host_pid() << " " << parent_of(process->host_pid()) << " "
              << containers.image().parent_path().string() << std::endl;
    static_cast<void>(process->wait());
}

TEST_CASE("Death: a container goes with an engine that is killed", "[runtime]")
{
    std::array<int, 2> ends {};
    REQUIRE(::pipe2(ends.data(), O_CLOEXEC) == 0);
    os::Fd const read_end(ends[0]);
    os::Fd write_end(ends[1]);
    auto const engine = start_self("[.victim]", write_end);
    write_end.reset();
    auto const victim = read_victim(read_end);
    auto const container = watch(victim.container);
    auto const monitor = watch(victim.monitor);

    REQUIRE(::kill(engine, SIGKILL) == 0);
    REQUIRE(::waitpid(engine, nullptr, 0) == engine);
    await_end(container);
    await_end(monitor);

    // What is left are empty cgroups, which the next engine removes.
    static_cast<void>(runtime::Cgroups::discover());
    auto const cgroups = tests::Census::take_cgroups("drydock-" + std::to_string(engine));
    CHECK(cgroups == std::set<std::string> {});
    // So does the directory of mode 0 that overlayfs works in.
    fs::remove(fs::path(victim.directory) / "container1" / "work" / "work");
    fs::remove_all(victim.directory);
}

TEST_CASE("Death: a container goes with a monitor that is killed, and its end is told", "[runtime]")
{
    Containers containers;
    auto const process = REQUIRE_OK(containers.launch(containers.shell("echo ready; sleep 1000")));
    containers.await_output("ready");
    REQUIRE(::kill(parent_of(process->host_pid()), SIGKILL) == 0);
    auto const status = process->wait();
    CHECK(status.code == 137);
    CHECK(status.signal == SIGKILL);
}

TEST_CASE("Death: a container goes with its handle", "[runtime]")
{
    Containers containers;
    auto process = REQUIRE_OK(containers.launch(containers.shell("sleep 1000")));
    auto const container = watch(process->host_pid());
    process.reset();
    await_end(container);
    CHECK(containers.events<trace::ProcessExited>().at(0).signal == SIGKILL);
}
