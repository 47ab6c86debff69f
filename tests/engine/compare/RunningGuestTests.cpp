#include "engine/compare/Contenders.h"
#include "engine/compare/RunningGuest.h"
#include "engine/compare/Subprocess.h"
#include "engine/vmm/Kernels.h"
#include "sim/time/LiveScheduler.h"
#include "tests/engine/compare/BuiltPrograms.h"
#include "tests/support/Catch.h"
#include "tests/support/Events.h"
#include "tests/support/TemporaryDirectory.h"

#include <unistd.h>

#include <iostream>

using namespace drydock;
using namespace drydock::compare;

namespace {

std::vector<std::string> phases_of(tests::RecordedEvents const& events)
{
    std::vector<std::string> names;
    for (auto const& reached : events.of<trace::GuestPhaseReached>())
        names.push_back(reached.phase);
    return names;
}

std::size_t place_of(std::vector<std::string> const& names, std::string_view name)
{
    return static_cast<std::size_t>(std::find(names.begin(), names.end(), name) - names.begin());
}

// A machine whose program prints a line and ends ("line"), or lasts ("idle").
GuestPlan plan_for(Rung rung, Ladder const& ladder, Workplace const& place, std::string const& mode)
{
    GuestPlan plan { .id = { "vm-1" },
        .name = "guest",
        .rung = rung,
        .files = { .drydock = place.drydock, .kernel = {}, .initramfs = place.initramfs(mode) },
        .image = "yardstick",
        .tree = 7 };
    if (ladder.kernel)
        plan.files.kernel = *ladder.kernel;
    return plan;
}

}

TEST_CASE("Running guest: what its monitor does not tell is read while it starts", "[engine][compare]")
{
    auto const ladder = probe_ladder();
    for (auto const rung : { Rung::UserModeLinux, Rung::QemuSoftware, Rung::QemuKvm, Rung::OwnMonitor }) {
        if (!ladder.works(rung)) {
            std::cout << "skipped: " << to_string(rung) << " does not work here\n";
            continue;
        }
        CAPTURE(std::string(to_string(rung)));
        tests::TemporaryDirectory const directory;
        auto const place = REQUIRE_OK(prepare_workplace(directory.path(), tests::built_programs() / "drydock", ladder));
        auto const before = process_tree(::getpid()).size();
        LiveScheduler const clock;
        tests::RecordedEvents events;
        std::string console;
        auto plan = plan_for(rung, ladder, place, "line");
        plan.console = [&](std::string_view text) { console += text; };
        auto guest = REQUIRE_OK(RunningGuest::start(plan, events.publisher(), clock));
        auto const ready = REQUIRE_OK(guest->wait_until_ready(std::chrono::seconds(300)));
        CHECK(ready > Duration(0));
        REQUIRE_OK(guest->wait(std::chrono::seconds(300)));
        CHECK(guest->has_ended());
        CHECK_THAT(console, Catch::Contains("drydock-yardstick: ahoy"));
        auto const phases = phases_of(events);
        CAPTURE(phases);
        CHECK(place_of(phases, "kernel") < place_of(phases, "init"));
        CHECK(place_of(phases, "init") < place_of(phases, "app"));
        CHECK(place_of(phases, "app") < phases.size());
        CHECK(place_of(phases, "first output") < phases.size());
        if (rung == Rung::QemuSoftware || rung == Rung::QemuKvm) {
            CHECK(place_of(phases, "firmware") < place_of(phases, "boot loader"));
            CHECK(place_of(phases, "boot loader") < place_of(phases, "kernel"));
        }
        auto const kernels = events.of<trace::GuestKernelLoaded>();
        REQUIRE(kernels.size() == 1);
        CHECK(kernels[0].size > 1'000'000);
        CHECK(kernels[0].initramfs == std::filesystem::file_size(plan.files.initramfs));
        CHECK(events.of<trace::GuestMemoryMapped>().back().what == "image yardstick");
        CHECK(events.of<trace::GuestMachineStopped>().size() == 1);
        guest.reset();
        CHECK(process_tree(::getpid()).size() == before);
    }
}

TEST_CASE("Running guest: one that is stopped says why, and leaves neither a process nor a file", "[engine][compare]")
{
    auto const ladder = probe_ladder();
    auto const rung = ladder.best().rung;
    if (rung == Rung::Model) {
        std::cout << "skipped: no guest can run here\n";
        CHECK_FALSE(RunningGuest::start({}, trace::Publisher(), LiveScheduler()));
        return;
    }
    tests::TemporaryDirectory const directory;
    auto const place = REQUIRE_OK(prepare_workplace(directory.path(), tests::built_programs() / "drydock", ladder));
    auto const before = process_tree(::getpid()).size();
    LiveScheduler const clock;
    tests::RecordedEvents events;
    auto const own = directory.path() / "own";
    std::filesystem::create_directory(own);
    auto plan = plan_for(rung, ladder, place, "idle");
    std::filesystem::copy_file(plan.files.initramfs, own / "initramfs");
    plan.files.initramfs = own / "initramfs";
    plan.directory = own;
    {
        auto const guest = REQUIRE_OK(RunningGuest::start(plan, events.publisher(), clock));
        REQUIRE_OK(guest->wait_until_ready(std::chrono::seconds(300)));
        CHECK_FALSE(guest->has_ended());
        CHECK_FALSE(guest->wait(std::chrono::milliseconds(10)));
        guest->stop("the test is over");
        CHECK(guest->has_ended());
        guest->stop("again");
    }
    auto const stopped = events.of<trace::GuestMachineStopped>();
    REQUIRE(stopped.size() == 1);
    CHECK(stopped[0].reason == "the test is over");
    CHECK(process_tree(::getpid()).size() == before);
    CHECK_FALSE(std::filesystem::exists(own));
}

TEST_CASE("Running guest: one that does not get up says so", "[engine][compare]")
{
    auto const ladder = probe_ladder();
    if (!ladder.works(Rung::UserModeLinux)) {
        std::cout << "skipped: User-Mode Linux is not installed\n";
        return;
    }
    tests::TemporaryDirectory const directory;
    std::ofstream(directory.path() / "nothing") << "no archive";
    LiveScheduler const clock;
    tests::RecordedEvents events;
    GuestPlan plan { .id = { "vm-1" }, .name = "guest", .rung = Rung::UserModeLinux, .files = {} };
    plan.files.initramfs = directory.path() / "nothing";
    auto const guest = REQUIRE_OK(RunningGuest::start(plan, events.publisher(), clock));
    auto const ready = guest->wait_until_ready(std::chrono::seconds(300));
    // Its panic is output as well; what ends is told as ended.
    static_cast<void>(ready);
    REQUIRE_OK(guest->wait(std::chrono::seconds(300)));
    CHECK(events.of<trace::GuestMachineStopped>().size() == 1);
    CHECK(place_of(phases_of(events), "init") == phases_of(events).size());
}
