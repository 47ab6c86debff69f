#include "tests/support/Pictures.h"
#include "tests/visual/view/Desk.h"
#include "visual/platform/Offscreen.h"
#include "visual/stage/Names.h"

#include <fmt/format.h>

using namespace drydock;
using testing::SampleTrace;
using tests::chord;
using tests::Desk;

namespace {

// The build view at the end of a run.
struct BuildDesk : Desk {
    explicit BuildDesk(void (SampleTrace::*play)() = &SampleTrace::a_build)
        : Desk(play)
    {
        driver.press(chord("Ctrl+5"));
        screen.player().to_end();
        driver.run(2);
    }
};

}

TEST_CASE("Build view: it follows the build, until a step is chosen", "[visual][view]")
{
    BuildDesk desk;
    auto& state = desk.screen.state();
    CHECK_FALSE(state.build_step);
    REQUIRE_OK(desk.driver.click("build.step.4"));
    desk.driver.run(2);
    CHECK(state.build_step == 3);
    CHECK(state.selected == stage::layer_id(SampleTrace::diff(2), desk.screen.player().world()));
    REQUIRE_OK(desk.driver.click("build.line.3")); // ENV: no layer, so the image after it
    desk.driver.run(2);
    CHECK(state.build_step == 1);
    CHECK(state.selected == stage::image_id(SampleTrace::digest("step1")));
    REQUIRE_OK(desk.driver.click("build.follow"));
    CHECK_FALSE(state.build_step);
}

TEST_CASE("Build view: the history is that of the image after the step, with its layers", "[visual][view]")
{
    BuildDesk desk;
    CHECK(desk.driver.interaction().find("build.history.6").has_value());
    REQUIRE_OK(desk.driver.click("build.step.3"));
    desk.driver.run(2);
    CHECK(desk.driver.interaction().find("build.history.3").has_value());
    CHECK(desk.driver.interaction().find("build.history.4") == std::nullopt);
    REQUIRE_OK(desk.driver.click("build.history.0"));
    CHECK(desk.screen.state().selected == stage::layer_id(SampleTrace::diff(0), desk.screen.player().world()));
}

TEST_CASE("Build view: before the first build it teaches, and types a command", "[visual][view]")
{
    Desk desk;
    desk.driver.press(chord("Ctrl+5"));
    desk.driver.run(2);
    REQUIRE_OK(desk.driver.click("empty.type"));
    CHECK(desk.screen.state().input == "docker build -t greeter .");
}

TEST_CASE("Build view: what a step made is on its way for the time of the beat", "[visual][view]")
{
    BuildDesk desk;
    auto& player = desk.screen.player();
    auto const& beats = player.choreography().beats();
    auto const found = std::find_if(beats.begin(), beats.end(), [&](stage::Beat const& beat) {
        auto const* const e = desk.log[beat.lead].event.get_if<trace::BuildStepFinished>();
        return e != nullptr && e->step == 3;
    });
    REQUIRE(found != beats.end());
    auto const picture_at = [&](double part) {
        player.seek(found->begin + found->motion * part);
        desk.driver.run(4);
        return desk.driver.picture();
    };
    auto const early = picture_at(0.3);
    CHECK(tests::difference(early, picture_at(0.6)).differing_share > 0);
    CHECK(tests::difference(early, picture_at(0.3)).differing_share == 0);
    desk.driver.press(chord("M"));                                                      // reduced motion
    CHECK(tests::difference(picture_at(0.3), picture_at(0.6)).differing_share < 0.002); // but for the time cursor
}

TEST_CASE("Build view: as it looks", "[visual][view][pictures]")
{
    BuildDesk desk;
    desk.screen.state().build_step = 3;
    for (auto const name : theme::all_themes) {
        desk.input.theme = name;
        platform::Offscreen screen(theme::theme(name));
        auto const draw = [&](canvas::Canvas& canvas) { desk.draw(canvas); };
        for (int i = 0; i < 3; ++i)
            screen.render(1280, 720, 1, draw);
        CHECK_PICTURE(fmt::format("tests/visual/view/pictures/build-{}.png", theme::theme(name).name),
            screen.render(1280, 720, 1, draw));
    }
    BuildDesk failed(&SampleTrace::a_build_that_fails);
    CHECK_PICTURE("tests/visual/view/pictures/build-failed.png", failed.driver.picture());
}
