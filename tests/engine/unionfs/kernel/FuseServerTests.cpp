#include "engine/unionfs/FuseServer.h"
#include "tests/engine/unionfs/PrivateMounts.h"
#include "tests/engine/unionfs/Stacks.h"
#include "tests/support/TemporaryDirectory.h"

#include <cstdlib>
#include <fstream>

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
