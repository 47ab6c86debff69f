// What lies over the window, as it looks: each card in three themes.

#include "tests/support/Pictures.h"
#include "tests/visual/view/Desk.h"
#include "tests/visual/view/Looks.h"
#include "visual/platform/Offscreen.h"

#include <fmt/format.h>

using namespace drydock;
using testing::SampleTrace;
using tests::chord;
using tests::Desk;

namespace {

// The desk as it stands, once everything has slid to its place.
void check_overlay(Desk& desk, std::string const& name)
{
    desk.driver.run(40);
    tests::check_looks(desk, name);
}

}

TEST_CASE("Pictures: help, palette and settings", "[visual][view][pictures]")
{
    auto const [action, name] = GENERATE(table<view::Action, std::string>({ { view::Action::Help, "help" },
        { view::Action::Palette, "palette" }, { view::Action::Settings, "settings" } }));
    Desk desk(&SampleTrace::the_read_write_layer);
    desk.screen.state().actions.push_back(action);
    check_overlay(desk, name);
}

TEST_CASE("Pictures: goals with what is missing, and a hint", "[visual][view][pictures]")
{
    Desk desk(&SampleTrace::the_read_write_layer);
    std::vector<view::Hint> const hints { { "Write into one of them only.", "container:a" },
        { "docker exec a sh -c 'echo hi > /etc/greeting'", "" } };
    desk.input.hints = &hints;
    desk.screen.player().to_end();
    desk.screen.state().actions.push_back(view::Action::Goals);
    desk.driver.press(chord("H"));
    check_overlay(desk, "goals");
}

TEST_CASE("Pictures: the inspector of a container", "[visual][view][pictures]")
{
    Desk desk(&SampleTrace::the_read_write_layer);
    desk.screen.player().to_end();
    desk.screen.state().selected = "container:" + std::string(SampleTrace::box("c1").short_form());
    desk.screen.state().inspector = true;
    check_overlay(desk, "inspector");
}

TEST_CASE("Pictures: the learner plays the daemon", "[visual][view][pictures]")
{
    Desk desk;
    desk.driver.press(chord("Ctrl+D"));
    desk.driver.run(3);
    REQUIRE(desk.screen.state().daemon_game);
    desk.screen.state().daemon_game->choose(0);
    check_overlay(desk, "daemon");
}

TEST_CASE("Pictures: the terminal with what it printed", "[visual][view][pictures]")
{
    Desk desk(&SampleTrace::the_read_write_layer);
    desk.terminal.lines = { { view::TerminalLine::Kind::Typed, { { "docker exec a cat /etc/greeting" } } },
        { view::TerminalLine::Kind::Output, { { "hi" } } },
        { view::TerminalLine::Kind::Error, { { "Error response from daemon: No such container: c" } } } };
    desk.driver.press(chord("Ctrl+T"));
    desk.driver.run(2);
    desk.driver.type("docker ps");
    check_overlay(desk, "terminal");
}
