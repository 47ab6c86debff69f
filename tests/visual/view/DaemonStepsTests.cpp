#include "tests/support/Catch.h"
#include "tests/visual/view/Desk.h"

using namespace drydock;
using view::daemon_steps;
using view::DaemonGame;

namespace {

std::vector<view::DaemonStep> of_anatomy()
{
    trace::EventLog log;
    testing::SampleTrace(log).anatomy_of_docker_run();
    return daemon_steps(log, log.size());
}

std::size_t step_called(std::vector<view::DaemonStep> const& steps, std::string_view label)
{
    for (std::size_t i = 0; i < steps.size(); ++i) {
        if (steps[i].label.starts_with(label))
            return i;
    }
    FAIL("no step " << label);
    return 0;
}

}

TEST_CASE("DaemonSteps: the run itself is a legal order", "[visual][view]")
{
    auto const steps = of_anatomy();
    REQUIRE(steps.size() >= 10);
    DaemonGame game(steps);
    for (std::size_t i = 0; i < steps.size(); ++i) {
        CAPTURE(steps[i].label);
        CHECK(game.choose(i));
    }
    CHECK(game.over());
    CHECK(game.mistakes() == 0);
}

TEST_CASE("DaemonSteps: another possible order is as good, an impossible one says what would happen", "[visual][view]")
{
    auto const steps = of_anatomy();
    DaemonGame game(steps);
    auto const execute = step_called(steps, "Execute"), mount = step_called(steps, "Mount"),
               namespaces = step_called(steps, "Have the kernel"), sheet = step_called(steps, "Give it an empty");
    CHECK_FALSE(game.choose(execute));
    CHECK(game.complaint().find("execve(2)") != std::string::npos);
    CHECK(game.mistakes() == 1);
    for (std::size_t i = 0; i < steps.size() && i < std::min({ namespaces, sheet, mount }); ++i)
        CHECK(game.choose(i));
    CHECK_FALSE(game.choose(mount));
    // The two that mounting needs may come in either order.
    CHECK(game.choose(std::max(namespaces, sheet)));
    CHECK_FALSE(game.choose(mount));
    CHECK(game.choose(std::min(namespaces, sheet)));
    CHECK(game.choose(mount));
    CHECK(game.complaint().empty());
    CHECK_FALSE(game.choose(mount)); // done already
}

TEST_CASE("DaemonSteps: nothing to do where nothing was started", "[visual][view]")
{
    trace::EventLog log;
    CHECK(daemon_steps(log, 0).empty());
}

TEST_CASE("Screen: the learner plays the daemon, and the stage goes along", "[visual][view]")
{
    tests::Desk desk;
    desk.driver.press(tests::chord("Ctrl+D"));
    desk.driver.run(3);
    auto& game = desk.screen.state().daemon_game;
    REQUIRE(game);
    auto const steps = game->steps();
    for (std::size_t i = 0; i < steps.size(); ++i) {
        game->choose(i);
        if (i == 0)
            continue;
    }
    desk.driver.run(2);
    CHECK(game->over());
    desk.driver.press(tests::chord("Esc"));
    desk.driver.run(2);
    CHECK_FALSE(game);

    desk.driver.press(tests::chord("Ctrl+D"));
    desk.driver.run(3);
    REQUIRE_OK(desk.driver.click("daemon.step.0"));
    CHECK(game->done() == std::vector<std::size_t> { 0 });
}
