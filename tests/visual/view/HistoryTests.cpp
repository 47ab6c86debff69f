#include "tests/support/Catch.h"
#include "tests/visual/view/Desk.h"

using namespace drydock;
using tests::chord;
using tests::Desk;

namespace {

view::History two_branches(trace::EventLog const& log)
{
    std::shared_ptr<trace::EventLog const> const shared(&log, [](auto const*) {});
    view::History history;
    history.branches.push_back(
        { shared, 0, 0, { { "docker run -d --name ann busybox", 10 }, { "docker rm ann", 20 } } });
    history.branches.push_back(
        { shared, 0, 20, { { "docker run -d --name ann busybox", 10 }, { "docker stop ann", 25 } } });
    history.engine = 1;
    history.can_undo = true;
    return history;
}

}

TEST_CASE("History: undo, redo, reset and going on from a moment are asked for by buttons and keys", "[visual][view]")
{
    Desk desk;
    auto const history = two_branches(desk.log);
    desk.input.history = &history;
    desk.input.branch = 1;
    desk.screen.player().to_end();
    desk.driver.run(2);
    REQUIRE_OK(desk.driver.click("engine.undo"));
    CHECK(desk.asked_for<view::UndoTurn>() != nullptr);
    desk.driver.press(chord("Ctrl+Y"));
    CHECK(desk.asked_for<view::RedoTurn>() != nullptr);
    REQUIRE_OK(desk.driver.click("scenario.restart"));
    CHECK(desk.asked_for<view::RestartScenario>() != nullptr);

    // At the present there is nowhere to go back to; at an earlier moment there is.
    CHECK_FALSE(desk.driver.click("engine.go-on"));
    desk.screen.player().show_still(2);
    desk.driver.run(2);
    REQUIRE_OK(desk.driver.click("engine.go-on"));
    REQUIRE(desk.asked_for<view::TakeEngineBack>() != nullptr);
    CHECK(desk.asked_for<view::TakeEngineBack>()->branch == 1);
    CHECK(desk.asked_for<view::TakeEngineBack>()->records == desk.screen.player().records());
}

TEST_CASE("History: the other branches hang on the timeline where they part", "[visual][view]")
{
    Desk desk;
    auto const history = two_branches(desk.log);
    desk.input.history = &history;
    desk.input.branch = 0;
    desk.driver.run(2);
    REQUIRE_OK(desk.driver.click("timeline.branch.1"));
    REQUIRE(desk.asked_for<view::ShowBranch>() != nullptr);
    CHECK(desk.asked_for<view::ShowBranch>()->branch == 1);
}

TEST_CASE("History: another log begins at the moment where it went on, and plays", "[visual][view]")
{
    Desk desk;
    desk.input.run = 2;
    desk.input.begin_at = desk.log.size() / 2;
    desk.driver.run(1);
    auto const& player = desk.screen.player();
    CHECK(player.records() >= desk.log.size() / 2);
    CHECK(player.playing());
}
