#include "engine/compare/Caretaker.h"
#include "engine/os/Spawn.h"
#include "tests/support/Catch.h"
#include "tests/support/TemporaryDirectory.h"

#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <fstream>
#include <thread>

using namespace drydock;
using namespace drydock::compare;

namespace fs = std::filesystem;

namespace {

bool soon(auto const& holds)
{
    for (int i = 0; i < 400; ++i) {
        if (holds())
            return true;
        std::this_thread::sleep_for(std::chrono::milliseconds(50));
    }
    return false;
}

fs::path guest_directory(tests::TemporaryDirectory const& place)
{
    auto const directory = place.path() / "guest";
    fs::create_directory(directory);
    std::ofstream(directory / "initramfs") << "archive";
    return directory;
}

}

TEST_CASE("Caretaker: whoever is killed leaves neither processes nor files", "[engine][compare]")
{
    tests::TemporaryDirectory const place;
    auto const directory = guest_directory(place);
    ::prctl(PR_SET_CHILD_SUBREAPER, 1); // so that it can be seen here how all of them end
    int ends[2] {};
    REQUIRE(::pipe(ends) == 0);
    auto const victim = ::fork();
    REQUIRE(victim >= 0);
    if (victim == 0) {
        // Two processes in a group of their own, one of which has lost its parent.
        auto const group = os::Spawn({ "sh", "-c", "(sleep 600 &) ; exec sleep 600" }).own_group().start();
        auto const caretaker = Caretaker::watch(*group, directory);
        auto const pid = caretaker ? *group : 0;
        static_cast<void>(::write(ends[1], &pid, sizeof pid));
        for (;;)
            ::pause();
    }
    pid_t group = 0;
    REQUIRE(::read(ends[0], &group, sizeof group) == sizeof group);
    REQUIRE(group > 0);
    CHECK(fs::exists(directory / "initramfs"));
    CHECK(::kill(-group, 0) == 0);
    ::kill(victim, SIGKILL);
    ::waitpid(victim, nullptr, 0);
    CHECK(soon([&] { return ::waitpid(-group, nullptr, WNOHANG) < 0; })); // none of them is left
    CHECK(soon([&] { return !fs::exists(directory); }));
    CHECK(soon([] { return ::waitpid(-1, nullptr, WNOHANG) < 0; })); // and the caretaker has gone
    ::prctl(PR_SET_CHILD_SUBREAPER, 0);
    ::close(ends[0]);
    ::close(ends[1]);
}

TEST_CASE("Caretaker: where all went well it goes without having done anything", "[engine][compare]")
{
    tests::TemporaryDirectory const place;
    auto const directory = guest_directory(place);
    auto const group = REQUIRE_OK(os::Spawn({ "sleep", "600" }).own_group().start());
    {
        auto const caretaker = REQUIRE_OK(Caretaker::watch(group, directory));
    }
    CHECK(::waitpid(-1, nullptr, WNOHANG) == 0); // the sleeper alone is left, and sleeps
    CHECK(fs::exists(directory / "initramfs"));
    ::kill(group, SIGKILL);
    os::wait_for(group);
}
