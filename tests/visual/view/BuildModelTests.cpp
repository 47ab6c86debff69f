#include "sim/timeline/Timeline.h"
#include "tests/support/Catch.h"
#include "tests/support/SampleTraces.h"
#include "visual/view/BuildModel.h"

using namespace drydock;
using testing::SampleTrace;
using view::StepState;

namespace {

struct Built {
    explicit Built(void (SampleTrace::*play)())
    {
        (SampleTrace(log).*play)();
        auto build = view::build_model(log, log.size());
        REQUIRE(build);
        model = std::move(*build);
    }
    trace::EventLog log;
    view::BuildModel model;
};

}

TEST_CASE("Build model: every step with its state, reason and container", "[visual][view]")
{
    Built const built(&SampleTrace::a_build);
    auto const& steps = built.model.steps;
    REQUIRE(steps.size() == 7);
    CHECK(built.model.steps_in_all == 7);
    CHECK(built.model.reference == "greeter:3");
    CHECK(built.model.host == HostId { "laptop" });
    CHECK(steps[0].state == StepState::Begun);
    CHECK(steps[1].state == StepState::Done);
    CHECK_FALSE(steps[1].layer);
    REQUIRE(steps[1].container);
    CHECK_FALSE(steps[1].container->started);
    CHECK(steps[1].container->removed);
    REQUIRE(steps[2].container);
    CHECK(steps[2].container->started);
    CHECK(steps[2].container->exit_code == 0);
    CHECK(steps[2].container->command.front() == "/bin/sh");
    CHECK(steps[2].layer);
    CHECK_FALSE(steps[3].container);
    CHECK(steps[3].changed == "greet.sh");
    CHECK(steps[5].state == StepState::Cached);
}

TEST_CASE("Build model: stages are called by their names, else by their numbers", "[visual][view]")
{
    Built const built(&SampleTrace::a_build);
    REQUIRE(built.model.stages.size() == 2);
    CHECK(built.model.stages[0].name == "base");
    CHECK(built.model.stages[1].name == "1");
    CHECK(built.model.stages[1].first == 4);
}

TEST_CASE("Build model: a step has the lines that a backslash joins", "[visual][view]")
{
    Built const built(&SampleTrace::a_build);
    auto const& model = built.model;
    CHECK(model.end_line(model.steps[2]) == 6);
    CHECK(model.step_at_line(5) == &model.steps[2]);
    CHECK(model.step_at_line(1) == nullptr); // a comment
}

TEST_CASE("Build model: a step that failed has its error, and its container stays", "[visual][view]")
{
    Built const built(&SampleTrace::a_build_that_fails);
    auto const& last = built.model.steps.back();
    CHECK(last.number == 6);
    CHECK(last.state == StepState::Failed);
    CHECK(last.error.ends_with("returned a non-zero code: 7"));
    REQUIRE(last.container);
    CHECK(last.container->exit_code == 7);
    CHECK_FALSE(last.container->removed);
}

TEST_CASE("Build model: before its end a step runs, and before any build there is none", "[visual][view]")
{
    Built const built(&SampleTrace::a_build);
    std::uint64_t begun = 0;
    while (!built.log[begun].event.is<trace::BuildStepBegan>())
        ++begun;
    CHECK(view::build_model(built.log, begun + 1)->steps.front().state == StepState::Running);
    CHECK(view::build_model(built.log, begun)->steps.empty());
    CHECK_FALSE(view::build_model(built.log, begun - 2));
}

TEST_CASE("Build model: all lines of the history, with layers for some of them", "[visual][view]")
{
    Built built(&SampleTrace::a_build);
    timeline::Timeline timeline(built.log);
    auto const& host = world::shown_host(timeline.world_at(built.log.size()));
    auto const& image = host.images.at(*built.model.steps.back().image);
    auto const history = view::history_of(image, host);
    REQUIRE(history.size() == 7);
    std::string layers;
    for (auto const& line : history)
        layers += line.layer ? "+" : "-";
    CHECK(layers == "+--+++-");
    CHECK(history[3].text.starts_with("RUN head"));
    CHECK(view::config_of(image)
        == std::vector<view::ConfigFact> {
            { "ENV", "PATH=/bin" }, { "ENV", "GREETING=Ahoy" }, { "CMD", "[\"world\"]" } });
}

TEST_CASE("Build model: ENTRYPOINT takes away the CMD that came with the base image", "[visual][view]")
{
    world::Image image { .id = oci::Digest::of("x"),
        .layers = {},
        .tags = {},
        .command = { "/bin/sh", "/greet" },
        .env = {},
        .history = { "CMD [\"sh\"]", "/bin/sh -c #(nop)  EXPOSE 80",
            "/bin/sh -c #(nop)  ENTRYPOINT [\"/bin/sh\" \"/greet\"]" } };
    CHECK(view::config_of(image)
        == std::vector<view::ConfigFact> { { "EXPOSE", "80" }, { "ENTRYPOINT", "[\"/bin/sh\" \"/greet\"]" } });
    image.command.push_back("world");
    image.history.push_back("/bin/sh -c #(nop)  CMD [\"world\"]");
    CHECK(view::config_of(image).front() == view::ConfigFact { "CMD", "[\"world\"]" });
}
