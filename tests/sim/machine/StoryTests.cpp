#include "sim/machine/Story.h"
#include "tests/sim/machine/ModelFile.h"
#include "tests/support/Events.h"

using namespace drydock;
using namespace drydock::machine;

TEST_CASE("Story: a modelled boot is told in the order of its moments, and as modelled", "[sim][machine]")
{
    auto const model = tests::model();
    std::vector<Start> const starts { { &tests::technology(model, "vm-type-1"), 0 },
        { &tests::technology(model, "microvm"), 2 }, { &tests::technology(model, "container"), 0 } };
    trace::EventLog log;
    tell_boot(model, starts, boot(model.host, starts), log, HostId { "server" }, { 1'000'000'000 });
    REQUIRE(log.size() > 8);
    for (std::uint64_t i = 0; i < log.size(); ++i) {
        CHECK(log[i].origin->provenance == trace::Provenance::Modelled);
        CHECK((i == 0 || log[i].time >= log[i - 1].time));
    }
    CHECK(log[0].time.nanoseconds == 1'000'000'000);
    auto const machines = tests::events_of<trace::GuestMachineCreated>(log);
    REQUIRE(machines.size() == 2); // a container is none
    CHECK(machines[1].machine.value == "model-2");
    auto const phases = tests::events_of<trace::GuestPhaseReached>(log);
    CHECK(phases.size() == 6 + 3);
    CHECK(phases.front().phase == "create");
    CHECK(phases.front().elapsed == 0);
    auto const answers = tests::events_of<trace::MeasurementTaken>(log);
    REQUIRE(answers.size() == 3);
    CHECK(answers.front().subject == "Container, with a small engine"); // who answers first
    CHECK(answers.back().subject == "Virtual machine, type 1 hypervisor");
    CHECK(log[log.size() - 1].time.nanoseconds == Approx(1e9 + 10.383e9).epsilon(0.01));
}
