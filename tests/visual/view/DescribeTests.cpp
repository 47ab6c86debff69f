#include "tests/support/Catch.h"
#include "tests/visual/view/Desk.h"
#include "visual/stage/Names.h"
#include "visual/view/Describe.h"
#include "visual/view/Mentions.h"
#include "visual/view/Shell.h"

#include <fmt/format.h>

using namespace drydock;
using testing::SampleTrace;
using tests::Desk;

namespace {

// What is on the stage at every beat, at every depth.
void check_everything_on_stage(void (SampleTrace::*play)())
{
    Desk desk(play);
    view::Mentions mentions;
    theme::Fonts const fonts(1);
    for (auto const depth : { trace::Depth::Role, trace::Depth::Metal }) {
        desk.screen.player().set_depth(depth);
        for (auto const& beat : desk.screen.player().choreography().beats()) {
            auto const& world = desk.timeline.world_at(beat.end_record);
            view::Moment const moment { world, desk.log, desk.screen.state().index, beat.end_record };
            auto const laid
                = stage::layout(world, { { 0, 0, 1280, 516 }, depth }, stage::ruler_of(canvas::Measure(fonts)));
            for (auto const& node : laid.nodes) {
                CAPTURE(node.id, beat.caption);
                auto const description = view::describe(node.id, moment);
                CHECK_FALSE(description.kind.empty());
                CHECK_FALSE(description.words.empty());
                bool const is_place = node.kind == stage::NodeKind::Store || node.kind == stage::NodeKind::Narration
                    || (node.kind == stage::NodeKind::Wire && node.phase == stage::Phase::Expected);
                if (!is_place)
                    CHECK_FALSE(mentions.of(view::subject_of(node.id, world), desk.log, beat.end_record).empty());
            }
        }
    }
}

}

TEST_CASE("Describe: whatever stands on the stage has words and records", "[visual][view]")
{
    check_everything_on_stage(&SampleTrace::anatomy_of_docker_run);
    check_everything_on_stage(&SampleTrace::the_read_write_layer);
    check_everything_on_stage(&SampleTrace::race);
    check_everything_on_stage(&SampleTrace::a_guest_boots);
}

TEST_CASE("Describe: every event has a sentence, its origin and its fields", "[visual][view]")
{
    Desk desk;
    view::Moment const moment { desk.timeline.world_at(desk.log.size()), desk.log, desk.screen.state().index,
        desk.log.size() };
    for (std::uint64_t i = 0; i < desk.log.size(); ++i) {
        auto const description = view::describe(stage::record_id(i), moment);
        CAPTURE(i, description.name);
        CHECK(description.words.size() == 2);
        CHECK_FALSE(description.fields.empty());
    }
    CHECK(view::describe(stage::record_id(desk.log.size()), moment).kind.empty()); // has not happened
}

TEST_CASE("Describe: a container's name cannot add a command to its proof", "[visual][view]")
{
    trace::EventLog log;
    SampleTrace sample(log);
    sample.appear();
    sample.start("c1", "a; reboot $(id)", "busybox", 4711);
    timeline::Timeline timeline(log);
    view::LogIndex index;
    index.extend(log);
    view::Moment const moment { timeline.world_at(log.size()), log, index, log.size() };
    auto const description = view::describe(stage::id_of(SampleTrace::box("c1")), moment);
    REQUIRE_FALSE(description.proofs.empty());
    CHECK(description.proofs[0].command == "docker inspect 'a; reboot $(id)'");
    CHECK_FALSE(view::is_client_command(description.proofs[0].command));
}

TEST_CASE("Shell: a word stays one word", "[visual][view]")
{
    CHECK(view::shell_quoted("nifty_hopper") == "nifty_hopper");
    CHECK(view::shell_quoted("busybox:latest") == "busybox:latest");
    CHECK(view::shell_quoted("") == "''");
    CHECK(view::shell_quoted("a b") == "'a b'");
    CHECK(view::shell_quoted("it's") == "'it'\\''s'");
    CHECK(view::shell_quoted("$(id)") == "'$(id)'");
    CHECK(view::shell_quoted("-rf") == "'-rf'"); // still an option to the program, as any word is
}

TEST_CASE("Mentions: what speaks of a process speaks of its container and its pid", "[visual][view]")
{
    Desk desk;
    auto const& world = desk.timeline.world_at(desk.log.size());
    view::Mentions mentions;
    auto const of = [&](std::string const& id) {
        std::vector<std::string> names;
        for (auto const record : mentions.of(view::subject_of(id, world), desk.log, desk.log.size()))
            names.emplace_back(trace::name_of(desk.log[record].event));
        return names;
    };
    auto const box = SampleTrace::box("c1");
    CHECK(of(stage::process_id(box, 1)) == std::vector<std::string> { "ProcessStarted", "ProcessExited" });
    CHECK(of(stage::namespace_id(box, "pid")) == std::vector<std::string> { "NamespaceCreated" });
    CHECK(of(stage::namespace_id(box, "all")).size() == 7);
    CHECK(of(stage::fact_id(box, "privileges")) == std::vector<std::string> { "PrivilegesDropped" });
    CHECK(of("exchange:r1") == std::vector<std::string> { "RequestReceived", "ResponseSent" });
}
