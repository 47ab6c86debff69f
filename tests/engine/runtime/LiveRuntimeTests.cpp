#include "tests/engine/runtime/ContainerFixture.h"

#include <algorithm>
#include <csignal>
#include <fstream>

using namespace drydock;
using drydock::tests::Containers;
using drydock::tests::is_root;

namespace fs = std::filesystem;

TEST_CASE("LiveRuntime: a program runs in its own root and its output arrives whole", "[runtime]")
{
    Containers containers;
    auto const run = containers.run(containers.shell("echo out; echo err >&2; hostname; cat /etc/hostname; exit 7"));
    CHECK(run.out == "out\ntestbox\ntestbox\n");
    CHECK(run.err == "err\n");
    CHECK(run.status.code == 7);
    CHECK(run.status.signal == 0);
}

TEST_CASE("LiveRuntime: wait returns after the last byte of a long output", "[runtime]")
{
    Containers containers;
    auto const run = containers.run(containers.shell("seq 1 200000"));
    CHECK(run.out.size() == 1288895);
    CHECK(run.out.ends_with("\n200000\n"));
}

TEST_CASE("LiveRuntime: a killed program reports 128 and its signal", "[runtime]")
{
    Containers containers;
    auto const process = REQUIRE_OK(containers.launch(containers.program({ "sleep", "1000" })));
    CHECK(process->running());
    REQUIRE_OK(process->signal(SIGKILL));
    auto const status = process->wait();
    CHECK(status.code == 137);
    CHECK(status.signal == SIGKILL);
    CHECK_FALSE(process->running());
    CHECK_FALSE(process->signal(SIGTERM));
    REQUIRE(containers.events<trace::SignalSent>().size() == 1);
    CHECK(containers.events<trace::SignalSent>()[0].name == "SIGKILL");
}

TEST_CASE("LiveRuntime: SIGTERM ends a PID 1 that handles it, with the status it chooses", "[runtime]")
{
    Containers containers;
    auto const process = REQUIRE_OK(
        containers.launch(containers.shell("trap 'exit 42' TERM; echo ready; while :; do sleep 0.01; done")));
    containers.await_output("ready");
    REQUIRE_OK(process->signal(SIGTERM));
    CHECK(process->wait().code == 42);
}

TEST_CASE("LiveRuntime: SIGTERM passes a PID 1 by that has no handler for it", "[runtime]")
{
    Containers containers;
    auto spec = containers.shell("echo ready; read line; exit 3");
    spec.open_stdin = true;
    auto const process = REQUIRE_OK(containers.launch(spec));
    containers.await_output("ready");
    REQUIRE_OK(process->signal(SIGTERM));
    REQUIRE_OK(process->signal(SIGKILL));
    CHECK(process->wait().signal == SIGKILL);
}

TEST_CASE("LiveRuntime: what may not run says so in docker's words", "[runtime]")
{
    Containers containers;
    std::ofstream(containers.image() / "script") << "#!/nowhere\n";
    fs::permissions(containers.image() / "script", fs::perms::all);
    std::ofstream(containers.image() / "noise") << "neither a script nor a program\n";
    fs::permissions(containers.image() / "noise", fs::perms::all);
    struct Case {
        std::string command;
        ErrorKind kind;
        std::string message;
    };
    auto const [command, kind, message] = GENERATE(values<Case>({
        { "nosuchcmd", ErrorKind::NotFound, "exec: \"nosuchcmd\": executable file not found in $PATH" },
        { "", ErrorKind::NotFound, "exec: \"\": executable file not found in $PATH" },
        { "/nosuch", ErrorKind::NotFound, "exec: \"/nosuch\": stat /nosuch: no such file or directory" },
        { "/etc/passwd", ErrorKind::Forbidden, "exec: \"/etc/passwd\": permission denied" },
        { "/etc", ErrorKind::Forbidden, "exec: \"/etc\": is a directory" },
        { "/script", ErrorKind::NotFound, "exec /script: no such file or directory" },
        { "/noise", ErrorKind::Forbidden, "exec /noise: exec format error" },
    }));
    auto const process = containers.launch(containers.program({ command }));
    REQUIRE_FALSE(process);
    CHECK(process.error().message() == message);
    CHECK(process.error().kind() == kind);
}

TEST_CASE("LiveRuntime: stdin reaches the program and ends when it is closed", "[runtime]")
{
    Containers containers;
    auto spec = containers.shell("cat; echo done");
    spec.open_stdin = true;
    auto const process = REQUIRE_OK(containers.launch(spec));
    REQUIRE_OK(process->write_stdin("some bytes\n"));
    containers.await_output("some bytes\n");
    process->close_stdin();
    CHECK(process->wait().code == 0);
    CHECK(containers.out() == "some bytes\ndone\n");
    CHECK_FALSE(process->write_stdin("too late"));
}

TEST_CASE("LiveRuntime: without stdin the program reads an empty one", "[runtime]")
{
    Containers containers;
    CHECK(containers.run(containers.shell("cat; echo end; readlink /proc/self/fd/0")).out == "end\n/dev/null\n");
}

TEST_CASE("LiveRuntime: writing to a program that has closed its stdin is an error and no signal", "[runtime]")
{
    Containers containers;
    auto spec = containers.shell("exec <&-; echo closed; sleep 1000");
    spec.open_stdin = true;
    auto const process = REQUIRE_OK(containers.launch(spec));
    containers.await_output("closed");
    auto const written = process->write_stdin("x");
    REQUIRE_FALSE(written);
    CHECK(written.error().errno_code() == EPIPE);
}

TEST_CASE("LiveRuntime: a terminal is the container's own, with the size that was asked for", "[runtime]")
{
    Containers containers;
    auto spec = containers.shell("tty; stty size; echo on-stderr >&2; read line; stty size");
    spec.tty = true;
    spec.open_stdin = true;
    spec.rows = 33;
    spec.columns = 111;
    auto const process = REQUIRE_OK(containers.launch(spec));
    containers.await_output("on-stderr\r\n");
    CHECK(containers.out() == "/dev/pts/0\r\n33 111\r\non-stderr\r\n");
    CHECK(containers.err().empty());
    REQUIRE_OK(process->resize(40, 120));
    REQUIRE_OK(process->write_stdin("\n"));
    CHECK(process->wait().code == 0);
    CHECK(containers.out().ends_with("40 120\r\n"));
}

TEST_CASE("LiveRuntime: users are the container's own", "[runtime]")
{
    Containers containers;
    auto spec = containers.shell("id -u; id -g; id -G; echo $HOME; touch /tmp/mine");
    fs::permissions(containers.image() / "tmp", fs::perms::all);
    spec.user = "alice";
    auto const run = containers.run(spec);
    // An unprivileged daemon may give up its groups, but not choose others.
    CHECK(run.out == (is_root() ? "1000\n1001\n1001 10\n/home/alice\n" : "1000\n1001\n1001\n/home/alice\n"));
    CHECK(run.err.empty());
    CHECK(run.status.code == 0);
}

TEST_CASE("LiveRuntime: an unknown user is refused by name", "[runtime]")
{
    Containers containers;
    auto spec = containers.shell("id");
    spec.user = "bob";
    auto const process = containers.launch(spec);
    REQUIRE_FALSE(process);
    CHECK(process.error().message() == "unable to find user bob: no matching entries in passwd file");
}

TEST_CASE("LiveRuntime: a missing working directory is made", "[runtime]")
{
    Containers containers;
    auto spec = containers.shell("pwd");
    spec.working_dir = "/srv/app/data";
    CHECK(containers.run(spec).out == "/srv/app/data\n");
}

TEST_CASE("LiveRuntime: only PATH and HOME are added to the environment", "[runtime]")
{
    Containers containers;
    auto spec = containers.program({ "env" });
    spec.env = { "COLOR=blue" };
    CHECK(containers.run(spec).out
        == "COLOR=blue\nPATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin\nHOME="
            + std::string("/root\n"));
}

TEST_CASE("LiveRuntime: another process joins a running container", "[runtime]")
{
    Containers containers;
    auto const process = REQUIRE_OK(containers.launch(containers.shell("echo ready; sleep 1000")));
    containers.await_output("ready");

    // It waits for a word, so that it is still there to be asked for its pid.
    auto spec = containers.shell("read word; hostname; kill -TERM $$");
    spec.container = {};
    spec.open_stdin = true;
    auto const guest = REQUIRE_OK(containers.execute(*process, spec));
    REQUIRE_OK(guest->write_stdin("go\n"));
    // No PID 1, so a signal without handler does end it.
    CHECK(guest->wait().code == 143);
    CHECK(containers.out() == "ready\ntestbox\n");
    CHECK(process->running());
    auto const started = containers.events<trace::ProcessStarted>();
    REQUIRE(started.size() == 2);
    CHECK(started[0].pid == 1);
    CHECK(started[1].pid > 1);
    for (auto const& each : started) {
        CHECK(each.parent == 0); // drydock-init is outside
        CHECK(each.host_parent > 0);
    }
    CHECK(started[0].host_parent != started[1].host_parent);

    auto const missing = containers.execute(*process, containers.program({ "nosuchcmd" }));
    REQUIRE_FALSE(missing);
    CHECK(missing.error().kind() == ErrorKind::NotFound);
}

TEST_CASE("LiveRuntime: a joining process may have a terminal and a user", "[runtime]")
{
    Containers containers;
    auto const process = REQUIRE_OK(containers.launch(containers.shell("echo ready; sleep 1000")));
    containers.await_output("ready");
    auto spec = containers.shell("tty; id -u");
    spec.tty = true;
    spec.user = "1000";
    auto const guest = REQUIRE_OK(containers.execute(*process, spec));
    CHECK(guest->wait().code == 0);
    CHECK(containers.out() == "ready\n/dev/pts/0\r\n1000\r\n");
}

TEST_CASE("LiveRuntime: a guest ends with its container", "[runtime]")
{
    Containers containers;
    auto const process = REQUIRE_OK(containers.launch(containers.shell("echo ready; sleep 1000")));
    containers.await_output("ready");
    auto const guest = REQUIRE_OK(containers.execute(*process, containers.program({ "sleep", "1000" })));
    REQUIRE_OK(process->signal(SIGKILL));
    CHECK(process->wait().code == 137);
    CHECK(guest->wait().code == 137);
}

TEST_CASE("LiveRuntime: members lists every process, PID 1 first", "[runtime]")
{
    Containers containers;
    auto const process = REQUIRE_OK(containers.launch(containers.shell("sleep 1001 & sleep 1002 & echo ready; wait")));
    containers.await_output("ready");
    auto const guest = REQUIRE_OK(containers.execute(*process, containers.program({ "sleep", "1003" })));
    // A process that has just been forked still shows its parent's command.
    std::vector<runtime::ContainerProcess::Member> members;
    auto const runs = [&](std::string const& command) {
        return std::any_of(members.begin(), members.end(), [&](auto const& m) { return m.command == command; });
    };
    do
        members = process->members();
    while (!runs("sleep 1001") || !runs("sleep 1002") || !runs("sleep 1003"));
    CHECK(members.size() == 4);
    CHECK(members[0].host_pid == process->host_pid());
    CHECK(members[0].pid == 1);
    for (auto const& member : members) {
        CAPTURE(member.command);
        bool const forked = member.command == "sleep 1001" || member.command == "sleep 1002";
        CHECK(member.parent == (forked ? 1 : 0)); // the shell and what came in have theirs outside
        CHECK((member.host_parent == process->host_pid()) == forked);
    }
}

TEST_CASE("LiveRuntime: a paused container stands still until it is resumed", "[runtime]")
{
    Containers containers;
    auto spec = containers.shell("while read line; do echo got $line; done");
    spec.open_stdin = true;
    auto const process = REQUIRE_OK(containers.launch(spec));
    REQUIRE_OK(process->write_stdin("one\n"));
    containers.await_output("got one\n");
    REQUIRE_OK(process->pause());
    REQUIRE_OK(process->write_stdin("two\n"));
    // A stopped process is in state T, a frozen one is not running on any processor: neither can have answered by the
    // time that another container has started and ended.
    containers.run(containers.program({ "true" }));
    CHECK(containers.out() == "got one\n");
    REQUIRE_OK(process->resume());
    containers.await_output("got two\n");
}

TEST_CASE("LiveRuntime: a paused container can be killed", "[runtime]")
{
    Containers containers;
    auto const process = REQUIRE_OK(containers.launch(containers.shell("echo ready; sleep 1000")));
    containers.await_output("ready");
    REQUIRE_OK(process->pause());
    REQUIRE_OK(process->signal(SIGKILL));
    CHECK(process->wait().code == 137);
}

TEST_CASE("LiveRuntime: the events tell how the container was made", "[runtime]")
{
    Containers containers;
    containers.run(containers.program({ "true" }));

    std::vector<std::string> kinds;
    for (auto const& made : containers.events<trace::NamespaceCreated>()) {
        kinds.push_back(made.kind);
        CAPTURE(made.kind);
        CHECK(made.inode != 0);
        CHECK(made.inode != made.host_inode);
    }
    std::vector<std::string> expected { "mnt", "pid", "uts", "ipc", "net", "cgroup" };
    if (!is_root())
        expected.insert(expected.begin(), "user");
    CHECK(kinds == expected);
    CHECK(containers.events<trace::RootPivoted>().size() == 1);
    CHECK(containers.events<trace::HostnameSet>().at(0).hostname == "testbox");
    CHECK(containers.events<trace::UnionMounted>().at(0).driver == "overlay");
    CHECK(containers.events<trace::ProcessStarted>().size() == 1);
    CHECK(containers.events<trace::ProcessExited>().size() == 1);
    CHECK(containers.events<trace::IdsMapped>().size() == (is_root() ? 0 : 3));
    auto const mounts = containers.events<trace::MountMade>();
    CHECK(std::any_of(
        mounts.begin(), mounts.end(), [](auto const& m) { return m.target == "/proc" && m.type == "proc"; }));

    std::vector<std::string> spans;
    for (auto const& span : containers.events<trace::SpanBegan>())
        spans.push_back(span.operation);
    CHECK(spans == std::vector<std::string> { "launch", "namespaces", "root", "privileges", "execute" });
    for (auto const& ended : containers.events<trace::SpanEnded>())
        CHECK(ended.succeeded);
}

TEST_CASE("LiveRuntime: a failed launch names its step, and its spans have failed", "[runtime]")
{
    Containers containers;
    auto spec = containers.program({ "true" });
    spec.overlay->lower = { "/nonexistent" };
    auto const process = containers.launch(spec);
    REQUIRE_FALSE(process);
    CHECK(process.error().message() == "mounting the overlay: mount(2): No such file or directory");
    CHECK(process.error().kind() == ErrorKind::Io);
    auto const spans = containers.events<trace::SpanEnded>();
    CHECK(std::count_if(spans.begin(), spans.end(), [](auto const& s) { return !s.succeeded; }) == 2);
    auto const calls = containers.events<trace::SyscallMade>();
    REQUIRE_FALSE(calls.empty());
    CHECK(calls.back().error == ENOENT);
}

TEST_CASE("LiveRuntime: the names of many layers may be longer than a page", "[runtime]")
{
    Containers containers;
    auto spec = containers.program({ "cat", "/name" });
    auto const layers = containers.image().parent_path() / std::string(150, 'x');
    for (int i = 0; i < 40; ++i) {
        auto const layer = layers / std::to_string(i);
        fs::create_directories(layer);
        std::ofstream(layer / "name") << i << "\n";
        spec.overlay->lower.insert(spec.overlay->lower.begin() + i, layer);
    }
    CHECK(containers.run(spec).out == "0\n");
}

TEST_CASE("LiveRuntime: fifty containers leave nothing behind", "[runtime]")
{
    Containers containers;
    for (int i = 0; i < 50; ++i)
        CHECK(containers.run(containers.program({ "true" })).status.code == 0);
}

TEST_CASE("LiveRuntime: containers start side by side", "[runtime]")
{
    Containers containers;
    std::vector<std::unique_ptr<runtime::ContainerProcess>> processes;
    std::vector<std::unique_ptr<Task>> tasks;
    std::mutex mutex;
    std::vector<runtime::LaunchSpec> specs;
    for (int i = 0; i < 8; ++i)
        specs.push_back(containers.shell("exit " + std::to_string(i)));
    std::array<int, 8> codes {};
    for (std::size_t i = 0; i < 8; ++i) {
        tasks.push_back(containers.scheduler.spawn("launch", [&, i] {
            auto process = containers.launch(specs[i]);
            codes.at(i) = process ? (*process)->wait().code : -1;
        }));
    }
    for (auto& task : tasks)
        task->join();
    CHECK(codes == std::array { 0, 1, 2, 3, 4, 5, 6, 7 });
}

TEST_CASE("LiveRuntime: a container lives on our own union filesystem", "[runtime]")
{
    if (!tests::has_fuse())
        return;
    Containers containers;
    auto spec = containers.on_fuse(
        containers.shell("cat /etc/group | head -n 1; echo new > /etc/motd; cat /etc/motd; rm /etc/passwd; ls /etc"));
    auto const run = containers.run(spec);
    CHECK(run.out == "root:x:0:\nnew\ngroup\nhostname\nhosts\nmotd\nresolv.conf\n");
    CHECK(run.err.empty());
    CHECK(fs::exists(containers.image() / "etc/passwd"));
    CHECK(containers.events<trace::UnionMounted>().at(0).driver == "fuse");
    CHECK(containers.events<trace::UnionUnmounted>().size() == 1);
    CHECK(containers.events<trace::WhiteoutMade>().at(0).path == "/etc/passwd");
}

TEST_CASE("LiveRuntime: a launch that fails on our union filesystem leaves nothing", "[runtime]")
{
    if (!tests::has_fuse())
        return;
    Containers containers;
    auto const process = containers.launch(containers.on_fuse(containers.program({ "nosuchcmd" })));
    REQUIRE_FALSE(process);
    CHECK(process.error().kind() == ErrorKind::NotFound);
}

TEST_CASE("LiveRuntime: a container on our union filesystem can be killed at work", "[runtime]")
{
    if (!tests::has_fuse())
        return;
    Containers containers;
    auto const process = REQUIRE_OK(
        containers.launch(containers.on_fuse(containers.shell("while :; do echo x > /tmp/a; cat /tmp/a; done"))));
    containers.await_output("x\nx\n");
    REQUIRE_OK(process->signal(SIGKILL));
    CHECK(process->wait().code == 137);
}
