#include "engine/unionfs/FuseServer.h"
#include "tests/engine/unionfs/PrivateMounts.h"
#include "tests/engine/unionfs/Stacks.h"
#include "tests/support/Events.h"
#include "tests/support/TemporaryDirectory.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <fstream>
#include <thread>

using namespace drydock;
using namespace drydock::tests;
using namespace drydock::unionfs;

namespace {

int run_shell(std::filesystem::path const& in, std::string const& script)
{
    auto const file = in / "script";
    std::ofstream(file) << "set -e\n" << script;
    return std::system(("cd " + in.string() + " && sh -x ./script >log 2>&1").c_str());
}

std::string log_of(std::filesystem::path const& in)
{
    std::ifstream log(in / "log");
    return { std::istreambuf_iterator<char>(log), {} };
}

struct Fixture {
    TemporaryDirectory directory;
    LiveScheduler clock;
    trace::EventLog log;
    std::shared_ptr<UnionMount> mount;
    std::string at { directory.path() / "m" };

    explicit Fixture(LayerBuilder const& layer)
        : mount(std::make_shared<UnionMount>(stack_of({ layer }, std::make_shared<MemoryWritableBranch>(clock)),
            ContainerId { "c" }, trace::Publisher(log, clock, { HostId { "h" }, ActorId { "kernel" } })))
    {
        std::filesystem::create_directory(at);
    }
    template <class E> std::vector<E> events() const { return tests::events_of<E>(log); }
};

std::string content_of(std::string const& path)
{
    std::ifstream file(path);
    return { std::istreambuf_iterator<char>(file), {} };
}

std::size_t lines_of(char const* path)
{
    std::ifstream file(path);
    return static_cast<std::size_t>(std::count(std::istreambuf_iterator<char>(file), {}, '\n'));
}

std::size_t threads()
{
    std::filesystem::directory_iterator const tasks("/proc/self/task");
    return static_cast<std::size_t>(std::distance(begin(tasks), end(tasks)));
}

}

TEST_CASE("FuseServer: a shell script does its file work on a union of layers", "[engine][unionfs]")
{
    if (!have_fuse())
        return;
    TemporaryDirectory directory;
    std::filesystem::create_directory(directory.path() / "m");
    LiveScheduler clock;
    LayerBuilder lower;
    lower.directory("etc").file("etc/motd", "hello\n").file("etc/passwd", "root:x:0:0\n").symlink("link", "etc/motd");
    lower.file("bin/tool", "#!/bin/sh\necho tool ran\n", 0755).directory("old").file("old/a", "a").file("old/b", "b");
    auto mount = std::make_shared<UnionMount>(
        stack_of({ lower }, std::make_shared<MemoryWritableBranch>(clock)), ContainerId { "c" }, trace::Publisher());
    auto const fuse = REQUIRE_OK(FuseMount::mount(directory.path() / "m", mount));
    auto const status = run_shell(directory.path(), R"sh(
cd m
test "$(cat link)" = hello
echo changed >> etc/motd
test "$(cat etc/motd)" = "hello
changed"
test "$(./bin/tool)" = "tool ran"
mkdir -p a/b/c && echo x > a/b/c/f && mv a/b/c/f a/g && rmdir -p a/b/c 2>/dev/null || true
test "$(cat a/g)" = x
rm -r old && mkdir old && test -z "$(ls old)"
ln a/g hard && test "$(stat -c %h hard)" = 2 && rm a/g && test "$(cat hard)" = x
chmod 600 etc/passwd && test "$(stat -c %a:%u etc/passwd)" = 600:0
exec 3<> tmp; rm tmp; echo gone >&3; exec 3>&-
mkfifo fifo && test -p fifo
dd if=/dev/zero of=big bs=1M count=5 2>/dev/null && truncate -s 3M big && test "$(stat -c %s big)" = 3145728
mkdir dir1 && mv dir1 dir2 && test -d dir2
mv etc etc2 && test -f etc2/motd && test ! -e etc
find . | sort
)sh");
    INFO(log_of(directory.path()));
    CHECK(status == 0);
    CHECK(REQUIRE_OK(mount->read_all("/etc2/motd")) == "hello\nchanged\n");
}

TEST_CASE("FuseServer: leaves neither a thread nor a mount", "[engine][unionfs]")
{
    if (!have_fuse())
        return;
    auto const threads_before = threads();
    auto const mounts_before = lines_of("/proc/thread-self/mountinfo");
    {
        Fixture const f(LayerBuilder().file("a", "x"));
        auto const fuse = REQUIRE_OK(FuseMount::mount(f.at, f.mount));
        CHECK(content_of(f.at + "/a") == "x");
        CHECK(threads() > threads_before);
        CHECK(lines_of("/proc/thread-self/mountinfo") == mounts_before + 1);
    }
    CHECK(threads() == threads_before);
    CHECK(lines_of("/proc/thread-self/mountinfo") == mounts_before);
}

TEST_CASE("FuseServer: ends under a mount that is still there, which answers ENOTCONN then", "[engine][unionfs]")
{
    if (!have_fuse())
        return;
    Fixture const f(LayerBuilder().file("a", "x"));
    os::Fd device(::open("/dev/fuse", O_RDWR | O_CLOEXEC));
    auto const options = FuseServer::mount_options(device.get());
    REQUIRE(::mount("drydock", f.at.c_str(), "fuse.drydock", 0, options.c_str()) == 0);
    auto server = REQUIRE_OK(FuseServer::serve(std::move(device), f.mount));
    CHECK(content_of(f.at + "/a") == "x");
    server.reset();
    CHECK(::access((f.at + "/b").c_str(), F_OK) == -1);
    CHECK(errno == ENOTCONN);
    CHECK(::umount2(f.at.c_str(), MNT_DETACH) == 0);
}

TEST_CASE("FuseServer: refuses a descriptor that is no mounted /dev/fuse", "[engine][unionfs]")
{
    Fixture const f(LayerBuilder().file("a", "x"));
    CHECK_FALSE(FuseServer::serve(os::Fd(::open("/dev/null", O_RDWR | O_CLOEXEC)), f.mount));
}

TEST_CASE("FuseServer: publishes one write for one opening, however many chunks arrive", "[engine][unionfs]")
{
    if (!have_fuse())
        return;
    Fixture const f(LayerBuilder().file("etc/log", "old\n"));
    auto fuse = REQUIRE_OK(FuseMount::mount(f.at, f.mount));
    {
        std::ofstream file(f.at + "/etc/log", std::ios::app);
        for (int i = 0; i < 40; ++i)
            file << std::string(100'000, 'x') << std::flush;
    }
    fuse.reset(); // after which every release has arrived
    auto const written = f.events<trace::FileWritten>();
    REQUIRE(written.size() == 1);
    CHECK(written[0].path == "/etc/log");
    CHECK(written[0].size == 4'000'004);
    REQUIRE(f.events<trace::FileCopiedUp>().size() == 2);
    CHECK(f.events<trace::FileCopiedUp>()[1].bytes == 4);
    CHECK(f.events<trace::PathLookedUp>().size() == 2);
}

TEST_CASE("FuseServer: a file opened to be replaced is not copied up first", "[engine][unionfs]")
{
    if (!have_fuse())
        return;
    Fixture const f(LayerBuilder().file("large", std::string(1 << 20, 'x')));
    auto const fuse = REQUIRE_OK(FuseMount::mount(f.at, f.mount));
    std::ofstream(f.at + "/large") << "small";
    REQUIRE(f.events<trace::FileCopiedUp>().size() == 1);
    CHECK(f.events<trace::FileCopiedUp>()[0].bytes == 0);
    CHECK(content_of(f.at + "/large") == "small");
}

TEST_CASE("FuseServer: the kernel is told what changes behind its back", "[engine][unionfs]")
{
    if (!have_fuse())
        return;
    Fixture const f(LayerBuilder().file("a", "before").file("gone", ""));
    auto const fuse = REQUIRE_OK(FuseMount::mount(f.at, f.mount));
    CHECK(content_of(f.at + "/a") == "before");
    CHECK_FALSE(std::filesystem::exists(f.at + "/new"));
    CHECK(std::filesystem::exists(f.at + "/gone"));

    REQUIRE_OK(f.mount->write("/a", 0, "after and longer"));
    REQUIRE_OK(f.mount->create("/new", 0644, {}));
    REQUIRE_OK(f.mount->unlink("/gone"));
    CHECK(content_of(f.at + "/a") == "after and longer");
    CHECK(std::filesystem::exists(f.at + "/new"));
    CHECK_FALSE(std::filesystem::exists(f.at + "/gone"));
}

TEST_CASE("FuseServer: a file that is open works on after its name has gone", "[engine][unionfs]")
{
    if (!have_fuse())
        return;
    Fixture const f(LayerBuilder().file("layer", "from the layer"));
    auto const fuse = REQUIRE_OK(FuseMount::mount(f.at, f.mount));
    os::Fd const own(::open((f.at + "/own").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
    os::Fd const layer(::open((f.at + "/layer").c_str(), O_RDONLY | O_CLOEXEC));
    REQUIRE(::unlink((f.at + "/own").c_str()) == 0);
    REQUIRE(::unlink((f.at + "/layer").c_str()) == 0);
    CHECK(::pwrite(own.get(), "hello", 5, 0) == 5);
    CHECK(::fchmod(own.get(), 0640) == 0);
    struct stat s { };
    REQUIRE(::fstat(own.get(), &s) == 0);
    CHECK(s.st_nlink == 0);
    CHECK(s.st_size == 5);
    CHECK((s.st_mode & 0777) == 0640);
    std::string text(14, '\0');
    CHECK(::pread(layer.get(), text.data(), text.size(), 0) == 14);
    CHECK(text == "from the layer");
}

TEST_CASE(
    "FuseServer: a directory has two links and one for each directory in it, and 1 once it merges", "[engine][unionfs]")
{
    if (!have_fuse())
        return;
    Fixture const f(LayerBuilder().directory("below").directory("below/a"));
    auto const fuse = REQUIRE_OK(FuseMount::mount(f.at, f.mount));
    auto const links = [&](char const* name) {
        struct stat s { };
        REQUIRE(::stat((f.at + name).c_str(), &s) == 0);
        return s.st_nlink;
    };
    auto const make = [&](char const* name) { REQUIRE(::mkdir((f.at + name).c_str(), 0755) == 0); };
    make("/from");
    make("/to");
    make("/from/moved");
    CHECK(links("/from") == 3);
    CHECK(links("/to") == 2);
    REQUIRE(::rename((f.at + "/from/moved").c_str(), (f.at + "/to/moved").c_str()) == 0);
    CHECK(links("/from") == 2);
    CHECK(links("/to") == 3);
    REQUIRE(::rmdir((f.at + "/to/moved").c_str()) == 0);
    CHECK(links("/to") == 2);
    CHECK(links("/below") == 3);
    make("/below/b");
    CHECK(links("/below") == 1);
}

TEST_CASE("FuseServer: several programs work side by side", "[engine][unionfs]")
{
    if (!have_fuse())
        return;
    Fixture const f(LayerBuilder().file("shared", std::string(100'000, 's')));
    auto const fuse = REQUIRE_OK(FuseMount::mount(f.at, f.mount));
    std::atomic<int> failures { 0 };
    {
        std::vector<std::jthread> programs;
        for (int program = 0; program < 4; ++program) {
            programs.emplace_back([&, program] {
                for (int i = 0; i < 100; ++i) {
                    auto const name = f.at + "/p" + std::to_string(program) + "-" + std::to_string(i);
                    std::ofstream(name) << name;
                    std::filesystem::rename(name, name + "x");
                    failures += content_of(name + "x") != name;
                    failures += content_of(f.at + "/shared").size() != 100'000;
                    failures += !std::filesystem::remove(name + "x");
                }
            });
        }
    }
    CHECK(failures == 0);
    CHECK(REQUIRE_OK(f.mount->list("/")).size() == 1);
}
