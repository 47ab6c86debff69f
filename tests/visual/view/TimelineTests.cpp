#include "tests/support/Catch.h"
#include "tests/support/Pictures.h"
#include "tests/visual/view/Desk.h"
#include "visual/platform/Offscreen.h"
#include "visual/view/Difference.h"
#include "visual/view/TimelineAxis.h"
#include "visual/view/Views.h"

#include <fmt/format.h>

#include <chrono>

using namespace drydock;
using testing::SampleTrace;
using tests::chord;
using tests::Desk;
using view::Stretch;
using view::TimeScale;

TEST_CASE("TimelineAxis: records are the common ground of story and clock", "[visual][view]")
{
    timeline::Pacing pacing;
    pacing.append(2, 4); // two records in four seconds of story
    pacing.append(4, 2);
    std::vector<std::int64_t> const times { 0, 1000, 1000, 3'000'000'000 };
    view::TimelineAxis const story(TimeScale::Story, pacing, times), clock(TimeScale::Clock, pacing, times);
    CHECK(story.length() == Approx(6));
    CHECK(clock.length() == Approx(3));
    CHECK(clock.at(2) == Approx(1e-6));
    CHECK(clock.records_at(1e-6) == 3); // two records carry the same time
    CHECK(clock.records_at(2.9) == 3);
    CHECK(clock.records_at(3) == 4);
    for (std::uint64_t records = 0; records <= 4; ++records)
        CHECK(story.records_at(story.at(records)) == records);
}

TEST_CASE("TimelineAxis: what is under the pointer stays there while zooming", "[visual][view]")
{
    Stretch const whole { 0, 10 };
    auto const closer = view::zoomed(whole, 0.5, 4, 10, 1e-6);
    CHECK(closer.length() == Approx(5));
    CHECK((4 - closer.begin) / closer.length() == Approx(0.4));
    CHECK(view::zoomed(closer, 100, 4, 10, 1e-6) == whole);
    CHECK(view::zoomed({ 0, 2e-6 }, 1e-9, 1e-6, 10, 1e-6).length() == Approx(1e-6));
    CHECK(view::panned({ 2, 4 }, 100, 10) == Stretch { 8, 10 });
    CHECK(view::panned({ 2, 4 }, -100, 10) == Stretch { 0, 2 });
    CHECK(view::tick_distance(10, 12) == Approx(1));
    CHECK(view::tick_distance(0.003, 10) == Approx(0.0005));
}

TEST_CASE("Difference: between two moments of a run", "[visual][view]")
{
    trace::EventLog log;
    SampleTrace sample(log);
    sample.the_read_write_layer();
    timeline::Timeline timeline(log);
    auto const before = timeline.world_at(8); // the two phases and the command
    auto const after = timeline.world_at(log.size());
    auto const found = view::difference(before, after);
    auto const count = [&](view::ThingKind thing, view::ChangeKind kind) {
        return std::count_if(found.changes.begin(), found.changes.end(),
            [&](auto const& change) { return change.thing == thing && change.kind == kind; });
    };
    using view::ChangeKind;
    using view::ThingKind;
    CHECK(count(ThingKind::Image, ChangeKind::Added) == 1);
    CHECK(count(ThingKind::Layer, ChangeKind::Added) == 3);
    CHECK(count(ThingKind::Container, ChangeKind::Added) == 2);
    CHECK(count(ThingKind::Process, ChangeKind::Added) == 2);
    CHECK(count(ThingKind::File, ChangeKind::Added) == 3);
    CHECK(found.before.processes == 0);
    CHECK(found.after.processes == 2);
    CHECK(found.after.mounts == 6); // of each: the union, /proc, /dev
    CHECK(view::difference(after, after).changes.empty());
}

TEST_CASE("Difference: back is forth with its signs turned", "[visual][view]")
{
    trace::EventLog log;
    SampleTrace(log).anatomy_of_docker_run();
    timeline::Timeline timeline(log);
    for (std::uint64_t i = 0; i < log.size(); i += 7) {
        auto const a = timeline.world_at(i);
        auto const b = timeline.world_at(log.size() - i);
        auto const forth = view::difference(a, b), back = view::difference(b, a);
        REQUIRE(forth.changes.size() == back.changes.size());
        CHECK(forth.before == back.after);
        for (std::size_t k = 0; k < forth.changes.size(); ++k) {
            CHECK(forth.changes[k].object == back.changes[k].object);
            auto const turned = forth.changes[k].kind == view::ChangeKind::Added ? view::ChangeKind::Removed
                : forth.changes[k].kind == view::ChangeKind::Removed             ? view::ChangeKind::Added
                                                                                 : view::ChangeKind::Changed;
            CHECK(back.changes[k].kind == turned);
        }
    }
}

TEST_CASE("Difference: a container that stopped has changed, one that was removed is gone", "[visual][view]")
{
    trace::EventLog log;
    SampleTrace sample(log);
    sample.appear();
    sample.start("c1", "a", "busybox", 4711);
    auto const running = log.size();
    sample.finish_container("c1", 3);
    auto const stopped = log.size();
    sample.daemon(trace::ContainerRemoved { SampleTrace::box("c1") });
    timeline::Timeline timeline(log);
    auto const first = timeline.world_at(running);
    auto const second = timeline.world_at(stopped);
    auto const third = timeline.world_at(log.size());
    auto const of = [](view::Difference const& found, view::ThingKind thing) {
        return *std::find_if(
            found.changes.begin(), found.changes.end(), [&](auto const& change) { return change.thing == thing; });
    };
    CHECK(of(view::difference(first, second), view::ThingKind::Container).detail == "running → exited 3");
    CHECK(of(view::difference(first, second), view::ThingKind::Process).kind == view::ChangeKind::Removed);
    CHECK(of(view::difference(second, third), view::ThingKind::Container).kind == view::ChangeKind::Removed);
}

TEST_CASE("Timeline: W, S, A, D and 0 look closer, farther, aside and at all", "[visual][view]")
{
    Desk desk;
    auto& state = desk.screen.state();
    desk.driver.press(chord("W"));
    REQUIRE(state.timeline.shown);
    auto const closer = *state.timeline.shown;
    CHECK(closer.length() == Approx(desk.screen.player().length() * 0.7));
    desk.driver.press(chord("D"));
    CHECK(state.timeline.shown->begin > closer.begin);
    desk.driver.press(chord("A"));
    CHECK(state.timeline.shown->begin == Approx(closer.begin));
    desk.driver.press(chord("S"));
    CHECK_FALSE(state.timeline.shown);
    REQUIRE_OK(desk.driver.wheel("timeline.track", 3));
    CHECK(state.timeline.shown);
    desk.driver.press(chord("0"));
    CHECK_FALSE(state.timeline.shown);
}

TEST_CASE("Timeline: on the clock the same record is shown, and a click seeks there", "[visual][view]")
{
    Desk desk;
    desk.screen.player().seek(45);
    desk.driver.run(2);
    auto const records = desk.screen.player().records();
    desk.driver.press(chord("C"));
    CHECK(desk.screen.state().timeline.scale == TimeScale::Clock);
    CHECK(desk.screen.player().records() == records);
    REQUIRE_OK(desk.driver.click("timeline.track"));
    auto const axis = view::timeline_axis(desk.screen.state());
    auto const there = axis.at(desk.screen.player().choreography().pacing().records_at(desk.screen.player().story()));
    CHECK(there == Approx(axis.length() / 2).epsilon(0.1));
}

TEST_CASE("Timeline: playing in a loop never leaves it", "[visual][view]")
{
    Desk desk(&SampleTrace::the_read_write_layer);
    auto& player = desk.screen.player();
    player.to_end();
    desk.driver.press(chord("Home"));
    desk.driver.press(chord("Right"));
    desk.driver.run(200);
    desk.driver.press(chord("Right"));
    desk.driver.run(200);
    desk.driver.press(chord("L"));
    REQUIRE(desk.screen.state().timeline.loop);
    auto const [from, to] = *desk.screen.state().timeline.loop;
    CHECK(to < desk.log.size() - 1); // the phase, not the whole
    desk.driver.press(chord("Space"));
    bool turned = false;
    for (int i = 0; i < 4000; ++i) {
        auto const before = player.story();
        desk.driver.run();
        turned = turned || player.story() < before;
        CHECK(player.choreography().pacing().records_at(player.story()) <= to + 1);
    }
    CHECK(turned);
    desk.driver.press(chord("L"));
    CHECK_FALSE(desk.screen.state().timeline.loop);
    CHECK(from < to);
}

TEST_CASE("Timeline: the second cursor opens the difference, and its things can be selected", "[visual][view]")
{
    Desk desk;
    desk.driver.press(chord("Home"));
    desk.driver.press(chord("B"));
    REQUIRE(desk.screen.state().timeline.second);
    desk.driver.press(chord("End"));
    desk.driver.run(3);
    REQUIRE(desk.screen.state().timeline.difference);
    CHECK_FALSE(desk.screen.state().timeline.difference->changes.empty());
    REQUIRE_OK(desk.driver.click("difference.0"));
    CHECK(desk.screen.state().selected.starts_with("image:"));
    desk.driver.run(40);
    REQUIRE_OK(desk.driver.click("difference.close"));
    CHECK_FALSE(desk.screen.state().timeline.second);
}

TEST_CASE("Timeline: the dock is pulled higher, and has tools then", "[visual][view]")
{
    Desk desk;
    CHECK_FALSE(desk.driver.interaction().find("timeline.query"));
    desk.driver.press(chord("U"));
    desk.driver.run(2);
    CHECK(desk.screen.state().timeline.height == Approx(268));
    REQUIRE_OK(desk.driver.click("timeline.band.daemon"));
    CHECK(desk.screen.state().timeline.without == std::set<std::string> { "daemon" });
    REQUIRE_OK(desk.driver.drag("dock.handle", canvas::Point { 0, 60 }));
    CHECK(desk.screen.state().timeline.height == Approx(208).margin(8));
}

TEST_CASE("Timeline: Shift and the mouse draw a range, Alt sets the second cursor", "[visual][view]")
{
    Desk desk;
    auto& state = desk.screen.state();
    auto const story = desk.screen.player().story();
    canvas::set_modifiers(ImGui::GetIO(), false, true, false);
    REQUIRE_OK(desk.driver.drag("timeline.track", canvas::Point { 200, 0 }));
    REQUIRE(state.timeline.loop);
    CHECK(state.timeline.loop->first < state.timeline.loop->second);
    canvas::set_modifiers(ImGui::GetIO(), false, false, true);
    REQUIRE_OK(desk.driver.click("timeline.track"));
    canvas::set_modifiers(ImGui::GetIO(), false, false, false);
    REQUIRE(state.timeline.second);
    CHECK(*state.timeline.second == Approx(desk.log.size() / 2).margin(40));
    CHECK(desk.screen.player().story() == Approx(story).margin(0.2)); // neither has moved the first
}

TEST_CASE("Timeline: Enter goes from one span of that name to the next", "[visual][view]")
{
    Desk desk(&SampleTrace::the_read_write_layer);
    desk.driver.press(chord("Home"));
    desk.driver.press(chord("U"));
    desk.driver.run(2);
    REQUIRE_OK(desk.driver.click("timeline.query"));
    desk.driver.type("launch");
    desk.driver.press(chord("Enter"));
    auto const first = desk.screen.player().story();
    CHECK(first > 0);
    REQUIRE_OK(desk.driver.click("timeline.query"));
    desk.driver.press(chord("Enter"));
    CHECK(desk.screen.player().story() > first);
    REQUIRE_OK(desk.driver.click("timeline.query"));
    desk.driver.press(chord("Enter"));
    CHECK(desk.screen.player().story() == Approx(first));
}

TEST_CASE("Timeline: as it looks", "[visual][view][pictures]")
{
    Desk desk;
    desk.driver.press(chord("U"));
    desk.driver.press(chord("Home"));
    desk.driver.press(chord("B"));
    desk.screen.player().seek(desk.screen.player().length() * 0.7);
    desk.driver.run(2);
    for (auto const name : theme::all_themes) {
        platform::Offscreen screen(theme::theme(name));
        desk.input.theme = name;
        // On the clock and closer in the one, the whole story in the others.
        bool const on_clock = name == theme::ThemeName::Light;
        desk.screen.state().timeline.scale = on_clock ? TimeScale::Clock : TimeScale::Story;
        desk.screen.state().timeline.shown = on_clock ? std::optional(Stretch { 0.1, 0.35 }) : std::nullopt;
        auto const draw = [&](canvas::Canvas& canvas) { desk.draw(canvas); };
        screen.render(1280, 720, 1, draw);
        CHECK_PICTURE(fmt::format("tests/visual/view/pictures/timeline-{}.png", theme::theme(name).name),
            screen.render(1280, 720, 1, draw));
    }
}

// Not a test but a measurement: a frame of the timeline over a million records.
TEST_CASE("Timeline over a million records", "[.][look]")
{
    trace::EventLog log;
    SampleTrace sample(log);
    sample.appear();
    while (log.size() < 1'000'000) {
        sample.type("docker pull busybox");
        sample.pull("busybox:latest", 2'000'000, 3);
        sample.start("c1", "a", "busybox", 4711);
        sample.finish_container("c1", 0);
    }
    timeline::Timeline timeline(log);
    view::Screen screen;
    std::vector<view::Command> commands;
    view::FrameInput const input { .log = &log, .timeline = &timeline };
    platform::Driver driver([&](canvas::Canvas& canvas) { screen.draw(canvas, input, commands); });
    driver.run(3);
    driver.press(chord("U"));
    for (auto const* key : { "0", "C", "W", "W", "W", "W", "W", "W", "W", "W", "W", "W", "W", "W", "W", "W", "C" }) {
        driver.press(chord(key));
        auto const began = std::chrono::steady_clock::now();
        driver.run(10);
        auto const took = std::chrono::steady_clock::now() - began;
        fmt::print("{} {:.2f} ms a frame, {:.6f} s shown\n", key,
            std::chrono::duration<double, std::milli>(took).count() / 10, view::shown_stretch(screen.state()).length());
    }
}
