#include "engine/compare/Comparison.h"
#include "engine/compare/Subprocess.h"
#include "tests/engine/compare/BuiltPrograms.h"
#include "tests/sim/machine/ModelFile.h"
#include "tests/support/Catch.h"
#include "tests/support/Events.h"
#include "tests/support/TemporaryDirectory.h"

#include <algorithm>
#include <filesystem>
#include <iostream>
#include <set>
#include <thread>

using namespace drydock;
using namespace drydock::compare;

namespace {

Row const* find(std::vector<Row> const& rows, std::string_view what, std::string_view subject)
{
    for (auto const& row : rows) {
        if (row.what == what && row.subject == subject)
            return &row;
    }
    return nullptr;
}

}

TEST_CASE("Compare: the median is the middle, or between the two middle ones", "[engine][compare]")
{
    CHECK(median_of({ 3 }) == 3);
    CHECK(median_of({ 9, 1, 2 }) == 2);
    CHECK(median_of({ 4, 1, 3, 2 }) == 2.5);
}

TEST_CASE("Subprocess: the moment of a line, what was said, and the end", "[engine][compare]")
{
    auto program = REQUIRE_OK(Subprocess::start({ "sh", "-c", "echo one; echo two; exit 3" }));
    auto const moment = REQUIRE_OK(program.wait_for("two", std::chrono::seconds(20)));
    CHECK(moment >= program.started());
    CHECK(REQUIRE_OK(program.wait(std::chrono::seconds(20))) == 3);
    CHECK(program.output() == "one\ntwo\n");
    auto silent = REQUIRE_OK(Subprocess::start({ "sh", "-c", "echo other" }));
    auto const none = silent.wait_for("two", std::chrono::seconds(20));
    REQUIRE_FALSE(none);
    CHECK(none.error().message().find("other") != std::string::npos);
    CHECK_FALSE(Subprocess::start({ "/nowhere/program" }));
}

TEST_CASE("Subprocess: what descends from it ends with it, and its memory is counted", "[engine][compare]")
{
    pid_t pid = 0;
    std::vector<pid_t> tree;
    {
        auto program = REQUIRE_OK(Subprocess::start({ "sh", "-c", "sleep 600 & sleep 600 & echo ready; wait" }));
        REQUIRE_OK(program.wait_for("ready", std::chrono::seconds(20)));
        pid = program.pid();
        tree = process_tree(pid);
        CHECK(tree.size() == 3);
        CHECK(proportional_memory(tree) > 16 * 1024);
        CHECK(proportional_memory(tree) > proportional_memory({ pid }));
    }
    for (auto const process : tree) {
        CAPTURE(process);
        // What has been sent SIGKILL ends soon, not at once; what is dead may wait for its new parent to notice.
        auto const runs = [&] { return std::filesystem::exists("/proc/" + std::to_string(process) + "/exe"); };
        auto const patience = std::chrono::steady_clock::now() + std::chrono::seconds(20);
        while (runs() && std::chrono::steady_clock::now() < patience)
            std::this_thread::sleep_for(std::chrono::milliseconds(5));
        CHECK_FALSE(runs());
    }
}

TEST_CASE("Ladder: each rung says what there is or why not, and the best is the first that works", "[engine][compare]")
{
    auto const ladder = probe_ladder();
    REQUIRE(ladder.rungs.size() == 5);
    CHECK(ladder.rungs.back().works);
    for (auto const& rung : ladder.rungs) {
        CAPTURE(std::string(to_string(rung.rung)));
        CHECK_FALSE(rung.detail.empty());
        if (&rung == &ladder.best())
            break;
        CHECK_FALSE(rung.works);
    }
    CHECK(ladder.works(ladder.best().rung));
    CHECK_FALSE(machine_command(Rung::Model, {}));
}

TEST_CASE("Ladder: a kernel that is named counts, and one that interprets is no rung", "[engine][compare]")
{
    auto const ladder = probe_ladder("/some/kernel");
    REQUIRE(ladder.kernel);
    CHECK(*ladder.kernel == "/some/kernel");
    if (ladder.kvm_opens && ladder.kvm_rate < 50e6)
        CHECK_FALSE(ladder.works(Rung::OwnMonitor));
}

TEST_CASE(
    "Compare: a one-line change of an image is smaller than that of a machine, by every baseline", "[engine][compare]")
{
    tests::TemporaryDirectory const directory;
    auto const place = REQUIRE_OK(prepare_workplace(directory.path(), tests::built_programs() / "drydock", {}));
    auto const rows = REQUIRE_OK(measure_change(place));
    REQUIRE(rows.size() == 4);
    auto const value = [&](std::string_view subject) {
        auto const* row = find(rows, "bytes to ship a one-line change", subject);
        REQUIRE(row != nullptr);
        return row->median.value;
    };
    auto const layers = value("container: changed layers");
    CHECK(layers > 300); // manifest and config travel too
    CHECK(layers < 3000);
    CHECK(value("virtual machine: whole image") > value("virtual machine: compressed image"));
    CHECK(value("virtual machine: compressed image") > value("virtual machine: block difference, compressed"));
    CHECK(value("virtual machine: block difference, compressed") > 0);
}

TEST_CASE(
    "Compare: kernel memory that grew no more than it wavers is told as a bound, never as nothing", "[engine][compare]")
{
    constexpr std::uint64_t kilobyte = 1024;
    auto const grown = grown_kernel_memory("runc", { 1000 * kilobyte, kilobyte }, { 1400 * kilobyte, kilobyte }, 4);
    CHECK_FALSE(grown.bound);
    CHECK(grown.median.value == 100 * kilobyte);
    auto const lost = grown_kernel_memory("runc", { 1000 * kilobyte, 20 * kilobyte }, { 980 * kilobyte, 0 }, 4);
    CHECK(lost.bound);
    CHECK(lost.median.value == 10 * kilobyte); // what wavers, and what has gone meanwhile
    tests::RecordedEvents events;
    publish({ grown, lost }, "run-1", events.publisher());
    CHECK(events.of<trace::MeasurementTaken>().size() == 1);
}

TEST_CASE("Compare: a figure of the model or of a publication never passes as measured", "[engine][compare]")
{
    auto const model = tests::model();
    for (auto const& row : modelled_rows(model)) {
        CAPTURE(row.subject);
        CHECK(row.median.kind == FigureKind::Modelled);
        CHECK(row.median.source.starts_with("model: "));
    }
    auto const quoted = quoted_rows(model);
    REQUIRE_FALSE(quoted.empty());
    tests::RecordedEvents events;
    publish(quoted, "quoted", events.publisher());
    auto const told = events.of<trace::MeasurementTaken>();
    REQUIRE(told.size() == quoted.size());
    CHECK(told[0].kind == FigureKind::Quoted);
    CHECK(told[0].unit == "ns");
    CHECK(told[0].value == 125'000'000); // Firecracker
}

namespace {

// What comparisons have put there, this one and others that were killed.
std::set<std::string> scratch_directories()
{
    std::set<std::string> names;
    for (auto const& entry : std::filesystem::directory_iterator(std::filesystem::temp_directory_path())) {
        if (auto name = entry.path().filename().string(); name.starts_with("drydock-compare-"))
            names.insert(std::move(name));
    }
    return names;
}

}

TEST_CASE("Compare: everybody who is here is measured in one run, and nothing is left", "[engine][compare][slow]")
{
    auto const before = process_tree(::getpid()).size();
    auto const scratch_before = scratch_directories();
    tests::RecordedEvents events;
    auto const report
        = REQUIRE_OK(compare_here({ .drydock = tests::built_programs() / "drydock", .rounds = 1 }, events.publisher()));
    auto const* process = find(report.rows, "time to first line", "process");
    REQUIRE(process != nullptr);
    CHECK(process->median.value > 0);
    CHECK(process->median.value < 5);
    auto const* memory = find(report.rows, "memory each", "process");
    REQUIRE(memory != nullptr);
    CHECK(memory->median.value > 4096);
    CHECK(find(report.rows, "system call (getppid)", "process") != nullptr);
    auto const figures = std::ranges::count_if(report.rows, [](auto const& row) { return !row.bound; });
    CHECK(
        events.of<trace::MeasurementTaken>().size() == static_cast<std::size_t>(figures)); // a bound is no measurement
    for (auto const& told : events.of<trace::MeasurementTaken>())
        CHECK(told.run == report.run);
    for (auto const& absent : report.absent)
        std::cout << "not here: " << absent.name << ": " << absent.why << "\n";
    CHECK(process_tree(::getpid()).size() == before);
    CHECK(scratch_directories() == scratch_before);
}
