#include "tests/support/Pictures.h"
#include "tests/visual/view/Desk.h"
#include "tests/visual/view/Looks.h"
#include "visual/platform/Offscreen.h"

#include <fmt/format.h>

using namespace drydock;
using tests::chord;
using tests::Desk;
using view::Overlay;
using view::ScenarioEntry;
using view::TestPhase;

namespace {

struct CourseDesk : Desk {
    CourseDesk()
    {
        using Kind = ScenarioEntry::Kind;
        using State = ScenarioEntry::State;
        std::vector<std::pair<char const*, char const*>> const titles { { "why", "Why Docker?" },
            { "guests", "Hypervisor, host, guest" }, { "versus", "Containers versus virtual machines" },
            { "client", "Client and daemon" }, { "remote", "Client here, daemon there" },
            { "images", "Images are templates" }, { "wall", "Behind the wall" }, { "run", "Anatomy of docker run" },
            { "life", "Life of a container" }, { "move", "Moving a container" }, { "union", "Union filesystem" },
            { "sheet", "The read-write layer" } };
        scenarios.clear();
        for (auto const& [id, title] : titles)
            scenarios.push_back({ .id = id,
                .title = title,
                .summary = "What happens, step by step, and what does not.",
                .minutes = 8,
                .number = static_cast<int>(scenarios.size()) + 1 });
        scenarios[1].refutes = { "A container is a small virtual machine with a kernel of its own" };
        scenarios[2].refutes = { "A container is a small virtual machine with a kernel of its own",
            "An \"Ubuntu image\" means that Ubuntu runs", "On macOS and Windows containers run natively" };
        scenarios[0].state = State::Done;
        scenarios[0].done_on = "2026-11-23";
        scenarios[1].state = State::Begun;
        scenarios.push_back({ .id = "lost-page",
            .title = "The page that nobody sees",
            .summary = "A web server runs, and no browser reaches it.",
            .minutes = 6,
            .kind = Kind::Task });
        scenarios.push_back({ .id = "race",
            .title = "A race of two images",
            .summary = "Only the change travels.",
            .minutes = 3,
            .kind = Kind::Demonstration });
        course.tracks = { { "Lecture, 45 min", { "why", "client", "union" } }, { "Lab, 90 min", { "run", "life" } } };
        course.last = "guests";
        course.test
            = { { .belief = "A container is a small virtual machine with a kernel of its own",
                    .question = "The host runs Linux 6.1. On it you start one container from an Ubuntu image and "
                                "one from an Alpine image. What does `uname -r` print in them?",
                    .choices = { "Ubuntu's kernel in the one, Alpine's in the other", "6.1 in both of them",
                        "6.1 in the one, nothing in the other", "A kernel of the image's year in each of them" },
                    .right = 1,
                    .why = "Both are processes on the host's one kernel; an image brings files, no kernel.",
                    .lesson = "versus" },
                  { .belief = "Stopping a container loses its data",
                      .question = "What does it find at /report?",
                      .choices = { "Nothing", "An empty file", "The report", "An error" },
                      .right = 2,
                      .why = "The read-write layer stays until `docker rm`." },
                  { .belief = "EXPOSE publishes a port",
                      .question = "What does `curl localhost:8080` get on the host?",
                      .choices = { "The page", "Half of it", "No connection", "A password" },
                      .right = 2,
                      .why = "Only `-p` publishes a port on the host." } };
        course.results[0] = view::TestResult { "2026-11-20", 1, 3 };
        input.course = &course;
        driver.run(2);
    }

    Overlay overlay() { return screen.state().overlay; }
    view::Course course;
};

}

TEST_CASE("Course: F3 and the lesson's name open it; a row opens its lesson", "[visual][view]")
{
    CourseDesk desk;
    desk.driver.press(chord("F3"));
    desk.driver.run(2);
    CHECK(desk.overlay() == Overlay::Course);
    desk.driver.press(chord("Esc"));
    desk.driver.run(2);
    CHECK(desk.overlay() == Overlay::None);
    desk.input.source = "Sandbox";
    desk.driver.run(2);
    REQUIRE_OK(desk.driver.click("course.open"));
    desk.driver.run(2);
    CHECK(desk.overlay() == Overlay::Course);
    REQUIRE_OK(desk.driver.click("course.client"));
    REQUIRE(desk.asked_for<view::OpenScenario>() != nullptr);
    CHECK(desk.asked_for<view::OpenScenario>()->id == "client");
    CHECK(desk.overlay() == Overlay::None);
}

TEST_CASE("Course: the keyboard alone reaches a lesson that is out of sight, and an open task", "[visual][view]")
{
    CourseDesk desk;
    auto const walk_to = [&](std::string const& name) {
        for (int i = 0; i < 60 && desk.driver.interaction().focused() != name; ++i) {
            desk.driver.press(chord("Down"));
            desk.driver.run(2);
        }
        REQUIRE(desk.driver.interaction().focused() == name);
    };
    desk.driver.press(chord("F3"));
    desk.driver.run(2);
    walk_to("course.sheet");
    auto const row = desk.driver.interaction().find("course.sheet");
    auto const list = desk.driver.interaction().find("course.lessons");
    REQUIRE((row && list));
    CHECK(list->outset(1).contains(*row)); // scrolled into sight
    walk_to("course.lost-page");
    desk.driver.press(chord("Enter"));
    REQUIRE(desk.asked_for<view::OpenScenario>() != nullptr);
    CHECK(desk.asked_for<view::OpenScenario>()->id == "lost-page");
}

TEST_CASE("Course: Enter does what the large button says", "[visual][view]")
{
    CourseDesk desk;
    desk.driver.press(chord("F3"));
    desk.driver.run(2);
    desk.driver.press(chord("Enter"));
    desk.driver.run(1);
    REQUIRE(desk.asked_for<view::ResumeScenario>() != nullptr);
    CHECK(desk.asked_for<view::ResumeScenario>()->id == "guests");
    CHECK(desk.screen.state().overlay == Overlay::None);
}

TEST_CASE("Course: a track leaves the other lessons out; Continue goes on where one was", "[visual][view]")
{
    CourseDesk desk;
    desk.driver.press(chord("F3"));
    desk.driver.run(2);
    CHECK(desk.driver.interaction().find("course.guests"));
    REQUIRE_OK(desk.driver.click("course.track.1"));
    desk.driver.run(3);
    CHECK_FALSE(desk.driver.interaction().find("course.guests"));
    CHECK(desk.driver.interaction().find("course.union"));
    CHECK(desk.driver.interaction().find("course.lost-page")); // tasks are in no track
    REQUIRE_OK(desk.driver.click("course.continue"));
    REQUIRE(desk.asked_for<view::ResumeScenario>() != nullptr);
    CHECK(desk.asked_for<view::ResumeScenario>()->id == "guests");

    desk.commands.clear();
    desk.course.last = "why"; // which is done, so the first that is not is offered
    desk.driver.press(chord("F3"));
    desk.driver.run(2);
    REQUIRE_OK(desk.driver.click("course.continue"));
    REQUIRE(desk.asked_for<view::OpenScenario>() != nullptr);
    CHECK(desk.asked_for<view::OpenScenario>()->id == "guests");
}

TEST_CASE("Course: progress is forgotten only when asked twice", "[visual][view]")
{
    CourseDesk desk;
    desk.driver.press(chord("F3"));
    desk.driver.run(2);
    REQUIRE_OK(desk.driver.click("course.forget"));
    CHECK(desk.asked_for<view::ForgetProgress>() == nullptr);
    desk.driver.run(2);
    REQUIRE_OK(desk.driver.click("course.keep"));
    CHECK(desk.asked_for<view::ForgetProgress>() == nullptr);
    desk.driver.run(2);
    REQUIRE_OK(desk.driver.click("course.forget"));
    desk.driver.run(2);
    REQUIRE_OK(desk.driver.click("course.forget-all"));
    CHECK(desk.asked_for<view::ForgetProgress>() != nullptr);
}

TEST_CASE("Course: the story waits while it is open", "[visual][view]")
{
    CourseDesk desk;
    auto& player = desk.screen.player();
    player.seek(0);
    player.play();
    desk.driver.press(chord("F3"));
    auto const then = player.story();
    desk.driver.run(60);
    CHECK(player.story() == Approx(then).margin(0.05));
}

TEST_CASE("Concept test: keys choose and go on, nothing is kept before the end, skipped stays empty", "[visual][view]")
{
    CourseDesk desk;
    desk.driver.press(chord("F3"));
    desk.driver.run(2);
    REQUIRE_OK(desk.driver.click("course.test-after"));
    desk.driver.run(2);
    CHECK(desk.overlay() == Overlay::ConceptTest);
    auto const& test = desk.screen.state().test;
    desk.driver.press(chord("2"));
    desk.driver.press(chord("Right"));
    desk.driver.run(2);
    CHECK(test.item == 1);
    desk.driver.press(chord("Enter")); // skips
    desk.driver.run(2);
    CHECK(test.item == 2);
    desk.driver.press(chord("Left"));
    desk.driver.run(2);
    CHECK(test.item == 1);
    desk.driver.press(chord("Right"));
    desk.driver.press(chord("1"));
    desk.driver.press(chord("3")); // another mind
    desk.driver.press(chord("Esc"));
    desk.driver.run(2);
    CHECK(desk.overlay() == Overlay::None);
    CHECK(desk.asked_for<view::KeepTest>() == nullptr);
    desk.driver.press(chord("F4")); // goes on where it was
    desk.driver.run(2);
    CHECK(test.item == 2);
    REQUIRE_OK(desk.driver.click("test.next"));
    auto const* kept = desk.asked_for<view::KeepTest>();
    REQUIRE(kept != nullptr);
    CHECK(kept->phase == TestPhase::After);
    CHECK(kept->answers == std::vector<std::optional<std::size_t>> { 1, std::nullopt, 2 });
    desk.driver.run(2);
    CHECK(test.over);
    REQUIRE_OK(desk.driver.click("test.lesson")); // of the first item
    REQUIRE(desk.asked_for<view::OpenScenario>() != nullptr);
    CHECK(desk.asked_for<view::OpenScenario>()->id == "versus");
}

TEST_CASE("Concept test: a click chooses, a second one takes it back, Tab and Enter do the same", "[visual][view]")
{
    CourseDesk desk;
    desk.driver.press(chord("F4"));
    desk.driver.run(2);
    auto const& test = desk.screen.state().test;
    REQUIRE_OK(desk.driver.click("test.choice.3"));
    CHECK(test.answers[0] == 3U);
    REQUIRE_OK(desk.driver.click("test.choice.3"));
    CHECK_FALSE(test.answers[0]);
    desk.driver.press(chord("Tab"));
    desk.driver.run(2);
    desk.driver.press(chord("Enter"));
    desk.driver.run(1);
    CHECK((test.answers[0] || test.item == 1)); // what has the ring was pressed, and nothing else
    CHECK(test.item <= 1);
}

TEST_CASE("Course: in the smallest window and the largest letters every card is whole", "[visual][view]")
{
    CourseDesk desk;
    auto const scale = GENERATE(1.0f, 1.5f, 2.5f);
    platform::Offscreen offscreen(theme::theme(theme::ThemeName::Dark));
    canvas::Rect const window { 0, 0, 1024 / scale, 768 / scale };
    auto const holds = [&](std::initializer_list<char const*> names) {
        auto const draw = [&](canvas::Canvas& canvas) { desk.Desk::draw(canvas); };
        offscreen.render(1024, 768, scale, draw);
        offscreen.render(1024, 768, scale, draw);
        for (auto const* name : names) {
            auto const place = offscreen.frame().interaction().find(name);
            CAPTURE(name, scale);
            REQUIRE(place);
            CHECK(window.contains(*place));
        }
    };
    auto& state = desk.screen.state();
    state.overlay = Overlay::Course;
    holds({ "course.close", "course.continue", "course.track.2", "course.lessons", "course.others" });
    state.overlay = Overlay::ConceptTest;
    holds({ "test.close", "test.choice.0", "test.choice.3", "test.next", "test.back" });
    state.test.over = true;
    holds({ "test.close", "test.results", "test.lesson" });
}

TEST_CASE("Course: as it looks", "[visual][view][pictures]")
{
    CourseDesk desk;
    desk.driver.press(chord("F3"));
    desk.driver.run(2);
    tests::check_looks(desk, "course");
    auto& state = desk.screen.state();
    state.overlay = Overlay::ConceptTest;
    state.test.answers = { 0, {}, {} };
    desk.driver.run(2);
    tests::check_looks(desk, "concept-test");
    state.test.answers = { 0, {}, 2 };
    state.test.over = true;
    state.test.phase = TestPhase::After;
    desk.driver.run(2);
    tests::check_looks(desk, "concept-test-results");
}
