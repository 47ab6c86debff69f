#include "engine/runtime/Reserve.h"
#include "sim/time/VirtualScheduler.h"
#include "tests/support/Catch.h"

#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

using namespace drydock;
using namespace std::chrono_literals;

namespace {

// Monitors that were started, by whichever thread of this process.
std::ptrdiff_t monitors()
{
    std::ptrdiff_t count = 0;
    for (auto const& thread : std::filesystem::directory_iterator("/proc/self/task")) {
        std::ifstream file(thread.path() / "children");
        count += std::distance(std::istream_iterator<std::string>(file), {});
    }
    return count;
}

}

TEST_CASE("Reserve: is filled in a quiet moment, and under way only when it runs low", "[runtime]")
{
    auto const program = REQUIRE_OK(runtime::InitProgram::load(DRYDOCK_INIT));
    runtime::Cgroups const cgroups; // none: as on a machine without any
    auto const others = monitors();
    VirtualScheduler scheduler { 1, Timestamp { 1'000'000'000 } };
    scheduler.run_until_idle([&] {
        runtime::Reserve reserve(program, cgroups, scheduler, 4);
        std::vector<runtime::Standby> taken;
        auto const take = [&] { taken.push_back(REQUIRE_OK(reserve.take())); };
        auto const after = [&](Duration time) {
            scheduler.sleep_for(time);
            return monitors() - others;
        };
        CHECK(after(1s) == 4);

        take();
        CHECK(after(1ms) == 4); // three are left, which will do for now
        take();
        CHECK(after(1ms) == 4);
        take();
        CHECK(after(1ms) == 7); // one was left: all three at once

        take();
        CHECK(after(1ms) == 7);
        CHECK(after(1s) == 8); // nobody came meanwhile

        for (int i = 0; i < 6; ++i) // more than there are
            take();
        CHECK(after(1s) == 14);
    });
    CHECK(monitors() == others);
}
