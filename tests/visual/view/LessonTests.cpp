#include "tests/support/Pictures.h"
#include "tests/visual/view/Desk.h"
#include "tests/visual/view/Looks.h"
#include "visual/platform/Offscreen.h"
#include "visual/view/AnalogyPicture.h"

#include <fmt/format.h>

using namespace drydock;
using tests::chord;
using tests::Desk;
using view::LessonCard;

namespace {

struct LessonDesk : Desk {
    explicit LessonDesk(void (testing::SampleTrace::*play)() = &testing::SampleTrace::a_lesson)
        : Desk(play)
    {
        input.lesson = &offer;
        input.live = true;
    }

    view::LessonOffer offer { .next
        = { "Write into the same path in a second container.", "Commit the container, and look at the new layer." },
        .variation = "Delete below",
        .next_lesson = "holds",
        .next_title = "What a container holds" };

    std::optional<LessonCard> shown() { return view::card_shown(screen.state(), input); }
    void to_the_introduction()
    {
        for (std::uint64_t i = 0; i < log.size(); ++i) {
            if (log[i].event.is<trace::LessonIntroduced>())
                screen.player().seek_to_record(i);
        }
        driver.run(2);
    }
};

}

TEST_CASE("Lesson: playing stops at what you will meet; Space and Enter go on, stepping back shows it again",
    "[visual][view]")
{
    LessonDesk desk;
    auto& player = desk.screen.player();
    for (auto const* key : { "Space", "Enter" }) {
        player.seek(0);
        player.play();
        REQUIRE_OK(desk.driver.wait_until([&] { return desk.shown() == LessonCard::Opening && player.held(); }, 2000));
        auto const stop = player.beat_index();
        desk.driver.press(chord(key));
        desk.driver.run(2);
        CHECK(player.playing());
        CHECK(player.beat_index() == stop + 1);
        CHECK_FALSE(desk.shown());
        desk.driver.press(chord("Left"));
        desk.driver.run(2);
        CHECK(player.beat_index() == stop);
        CHECK(desk.shown() == LessonCard::Opening);
    }
    REQUIRE_OK(desk.driver.click("lesson.continue"));
    CHECK(player.playing());
}

TEST_CASE("Lesson: what comes while a dialog is open waits for it, and takes no letter from it", "[visual][view]")
{
    LessonDesk desk;
    auto& player = desk.screen.player();
    auto& state = desk.screen.state();
    player.seek(0);
    desk.driver.run(1);
    desk.driver.press(chord("Ctrl+E")); // as the story is about to come to what you will meet
    REQUIRE_OK(desk.driver.click("export.path"));
    player.play();
    REQUIRE_OK(desk.driver.wait_until([&] { return desk.shown() == LessonCard::Opening && player.held(); }, 2000));
    desk.driver.run(3);
    CHECK_FALSE(desk.driver.interaction().find("lesson"));
    auto const before = state.export_path;
    desk.driver.type("x");
    desk.driver.run(1);
    CHECK(state.export_path == before + "x");
    desk.driver.press(chord("Esc"));
    desk.driver.run(3);
    CHECK(state.overlay == view::Overlay::None);
    CHECK(desk.shown() == LessonCard::Opening); // the key was the dialog's
    CHECK(desk.driver.interaction().find("lesson"));
    desk.driver.press(chord("Ctrl+E"));
    desk.driver.run(2);
    CHECK(state.overlay == view::Overlay::Export);
    CHECK_FALSE(desk.driver.interaction().find("lesson"));
}

TEST_CASE("Lesson: Esc puts the card away without going on, O shows it at any moment", "[visual][view]")
{
    LessonDesk desk;
    desk.to_the_introduction();
    auto const there = desk.screen.player().beat_index();
    desk.driver.press(chord("Esc"));
    desk.driver.run(2);
    CHECK_FALSE(desk.shown());
    CHECK(desk.screen.player().beat_index() == there);
    desk.screen.player().show_still(there + 2);
    desk.driver.run(1);
    desk.driver.press(chord("O"));
    desk.driver.run(2);
    CHECK(desk.shown() == LessonCard::Opening);
    desk.driver.press(chord("Space")); // closes, and the story stays where it is
    desk.driver.run(2);
    CHECK_FALSE(desk.shown());
    CHECK(desk.screen.player().beat_index() == there + 2);
    CHECK_FALSE(desk.screen.player().playing());
}

TEST_CASE("Lesson: reached goals are told once, and lead on by keys", "[visual][view]")
{
    LessonDesk desk;
    auto& player = desk.screen.player();
    auto const& beats = player.choreography().beats();
    player.show_still(beats.size() - 4); // before the goal is met
    desk.driver.run(2);
    CHECK_FALSE(desk.shown());
    CHECK(desk.asked_for<view::LessonReached>() == nullptr);
    desk.driver.press(chord("V"));
    desk.driver.run(2);
    CHECK(desk.asked_for<view::PlayVariation>() == nullptr); // the goals come first
    CHECK(desk.shown() == LessonCard::Closing);
    CHECK(desk.asked_for<view::LessonReached>() == nullptr);
    desk.driver.press(chord("Esc"));
    player.to_end();
    desk.driver.run(3);
    CHECK(desk.shown() == LessonCard::Closing);
    auto const times = [&] {
        return std::count_if(desk.commands.begin(), desk.commands.end(),
            [](auto const& c) { return std::holds_alternative<view::LessonReached>(c); });
    };
    CHECK(times() == 1);
    REQUIRE_OK(desk.driver.click("lesson.break"));
    CHECK(desk.asked_for<view::PlayVariation>() != nullptr);
    CHECK(player.playing()); // what comes now is played like a phase
    player.to_end();
    desk.driver.press(chord("N"));
    REQUIRE(desk.asked_for<view::OpenScenario>() != nullptr);
    CHECK(desk.asked_for<view::OpenScenario>()->id == "holds");
    desk.driver.press(chord("Esc"));
    desk.driver.run(1);
    CHECK_FALSE(desk.shown());
    desk.driver.press(chord("E"));
    desk.driver.run(1);
    CHECK(desk.shown() == LessonCard::Closing);
}

TEST_CASE("Lesson: what was broken says what it shows, and V takes it back", "[visual][view]")
{
    LessonDesk desk(&testing::SampleTrace::a_lesson_broken);
    desk.offer.varied = true;
    desk.screen.player().to_end();
    desk.driver.run(3);
    CHECK(desk.shown() == LessonCard::Variation);
    REQUIRE_OK(desk.driver.click("lesson.take-back"));
    CHECK(desk.asked_for<view::TakeVariationBack>() != nullptr);
    desk.commands.clear();
    desk.driver.press(chord("V"));
    CHECK(desk.asked_for<view::TakeVariationBack>() != nullptr);
    CHECK(desk.asked_for<view::PlayVariation>() == nullptr);
}

TEST_CASE("Lesson: a replayed trace has no way on, so only what is to come is shown", "[visual][view]")
{
    LessonDesk desk;
    desk.input.lesson = nullptr;
    desk.screen.player().to_end();
    desk.driver.run(2);
    CHECK_FALSE(desk.shown());
    desk.to_the_introduction();
    CHECK(desk.shown() == LessonCard::Opening);
}

TEST_CASE(
    "Lesson: each moment has the view that the lesson names for it, whichever way one comes to it", "[visual][view]")
{
    LessonDesk desk(&testing::SampleTrace::a_lesson_in_several_views);
    auto& state = desk.screen.state();
    auto& player = desk.screen.player();
    std::vector<std::uint64_t> phases;
    for (std::uint64_t i = 0; i < desk.log.size(); ++i) {
        if (desk.log[i].event.is<trace::PhaseBegan>())
            phases.push_back(i);
    }
    REQUIRE(phases.size() == 3);
    auto const look_at = [&](std::uint64_t record) {
        player.seek_to_record(record);
        desk.driver.run(2);
        return std::pair(state.view, state.compare.section);
    };
    auto const isolation = std::pair(view::MainView::Compare, view::CompareSection::Isolation);
    CHECK(look_at(phases[0]).first == view::MainView::Union);
    CHECK(look_at(phases[1]) == isolation);
    CHECK(look_at(phases[2]).first == view::MainView::Stage); // nobody knows the view that it names
    CHECK(look_at(phases[1]) == isolation);
    desk.driver.press(chord("Ctrl+3"));
    CHECK(look_at(phases[0]).first == view::MainView::Isolation); // chosen by hand, and kept
    state.view_chosen = false;
    desk.input.run = 2;
    desk.driver.run(2);
    CHECK(state.view == view::MainView::Stage); // nothing has been told yet
    CHECK(look_at(phases[0]).first == view::MainView::Union);
}

TEST_CASE(
    "Lesson: every view but the stage has the author's words below it, also when the part is over", "[visual][view]")
{
    LessonDesk desk;
    auto& player = desk.screen.player();
    auto const& beats = player.choreography().beats();
    auto const stop = std::find_if(beats.rbegin(), beats.rend(), [](auto const& beat) { return beat.holds; });
    player.show_still(static_cast<std::size_t>(beats.rend() - stop) - 1);
    desk.driver.run(2);
    CHECK(player.world().scenario->say.empty()); // as far as the World is concerned
    CHECK_FALSE(desk.driver.interaction().find("narration.say"));
    for (auto const* key : { "Ctrl+2", "Ctrl+3", "Ctrl+4", "Ctrl+5" }) {
        desk.driver.press(chord(key));
        desk.driver.run(3);
        CHECK(desk.driver.interaction().find("narration.say"));
    }
    player.seek(0); // nothing has been said yet
    desk.driver.run(3);
    CHECK_FALSE(desk.driver.interaction().find("narration.say"));
}

TEST_CASE("AnalogyPicture: shapes are read, and what is none is left out", "[visual][view]")
{
    auto const shapes = view::shapes_of({ "box 10 20 60 8 a layer of it", "arrow 100 50 60 40", "disc 1 2 3",
        "blob 1 2 3 4", "box nan 0 1 1", "box 1e30 0 1 1", "" });
    REQUIRE(shapes.size() == 2);
    CHECK(shapes[0].text == "a layer of it");
    CHECK(shapes[0].place == canvas::Rect { 10, 20, 60, 8 });
    CHECK(shapes[1].place == canvas::Rect { 100, 50, -40, -10 });
}

TEST_CASE("Lesson: in the smallest window and the largest letters the card is whole", "[visual][view]")
{
    LessonDesk desk;
    desk.to_the_introduction();
    auto const scale = GENERATE(1.0f, 1.5f, 2.5f);
    platform::Offscreen offscreen(theme::theme(theme::ThemeName::Dark));
    auto const draw = [&](canvas::Canvas& canvas) { desk.draw(canvas); };
    offscreen.render(1024, 768, scale, draw);
    offscreen.render(1024, 768, scale, draw);
    canvas::Rect const window { 0, 0, 1024 / scale, 768 / scale };
    for (auto const* name : { "lesson.continue", "lesson.parts", "lesson.picture" }) {
        auto const place = offscreen.frame().interaction().find(name);
        CAPTURE(name, scale);
        REQUIRE(place);
        CHECK(window.contains(*place));
    }
}

TEST_CASE("Lesson: as its cards look", "[visual][view][pictures]")
{
    LessonDesk desk;
    desk.to_the_introduction();
    tests::check_looks(desk, "lesson");
    desk.screen.player().to_end();
    desk.driver.run(2);
    tests::check_looks(desk, "lesson-reached");
    LessonDesk broken(&testing::SampleTrace::a_lesson_broken);
    broken.offer.varied = true;
    broken.screen.player().to_end();
    broken.driver.run(2);
    tests::check_looks(broken, "lesson-broken");
}

TEST_CASE("Lesson: things to sort are put into bins one by one, and stand in the right ones when the part is over",
    "[visual][view]")
{
    Desk desk;
    testing::HandClock const clock;
    trace::Publisher const pen(desk.log, clock, { HostId { "laptop" }, ActorId { "d" }, trace::Provenance::Simulated });
    std::vector<std::string> const bins { "in the image", "on the host" };
    pen.publish(trace::ScenarioBegan { "x", "X" });
    pen.publish(trace::PhaseBegan { 0, "Sort them", "Where does each lie?", {} });
    for (auto const* thing : { "shell", "kernel", "page" })
        pen.publish(trace::PredictionAsked { thing, std::string("the ") + thing, bins });
    pen.publish(trace::CommandEntered { ActorId { "c" }, "docker ps" });
    pen.publish(trace::CommandFinished { ActorId { "c" }, "docker ps", 0 });
    pen.publish(trace::PredictionResolved { "shell", bins[0], "A file." });
    pen.publish(trace::PredictionResolved { "kernel", bins[1], "There is one." });
    pen.publish(trace::PredictionResolved { "page", bins[0], "A file." });
    pen.publish(trace::PhaseEnded { 0 });
    pen.publish(trace::PhaseBegan { 1, "Afterwards", "The story goes on.", {} });
    desk.driver.run(2);
    auto& player = desk.screen.player();
    auto const held = [&] { return player.held(); };
    for (std::uint64_t i = 0; i < desk.log.size(); ++i) {
        auto const* began = desk.log[i].event.get_if<trace::PhaseBegan>();
        if (began != nullptr && began->name == "Sort them")
            player.seek_to_record(i);
    }
    player.play();
    for (auto const* bin : { "sort.0", "sort.0", "sort.1" }) { // the second and the third are wrong
        REQUIRE_OK(desk.driver.wait_until(held, 2000));
        if (desk.screen.state().answers.size() == 2)
            tests::check_looks(desk, "sort-asked");
        REQUIRE_OK(desk.driver.click(bin));
        desk.driver.run(1);
    }
    auto const& answers = desk.screen.state().answers;
    CHECK(answers.at("shell") == bins[0]);
    CHECK(answers.at("kernel") == bins[0]);
    CHECK(answers.at("page") == bins[1]);
    REQUIRE_OK(desk.driver.wait_until(held, 2000)); // the part is over: the bins are as the run has filled them
    tests::check_looks(desk, "sort-answered");
    CHECK_FALSE(desk.driver.click("sort.0").has_value());
    REQUIRE_OK(desk.driver.click("sort.go-on"));
}
