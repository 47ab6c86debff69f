#include "tests/sim/machine/ModelFile.h"
#include "tests/support/Catch.h"
#include "tests/support/Pictures.h"
#include "tests/visual/view/Desk.h"
#include "tests/visual/view/Looks.h"
#include "visual/platform/Offscreen.h"
#include "visual/view/RaceFigures.h"

#include <fmt/format.h>

using namespace drydock;
using testing::SampleTrace;
using tests::chord;
using tests::Desk;
using view::CompareSection;
using view::RaceSide;

namespace {

struct RaceLog {
    explicit RaceLog(void (SampleTrace::*play)() = &SampleTrace::race)
        : timeline(log)
    {
        (SampleTrace(log).*play)();
        race.extend(log);
    }
    view::RaceLane const& lane(RaceSide side)
    {
        auto const* const found = race.lane(side, {}, log.size());
        REQUIRE(found != nullptr);
        return *found;
    }
    trace::EventLog log;
    timeline::Timeline timeline;
    view::Race race;
};

struct CompareDesk : Desk {
    explicit CompareDesk(void (SampleTrace::*play)() = &SampleTrace::race)
        : Desk(play)
        , model(tests::model())
    {
        input.model = &model;
        driver.press(chord("Ctrl+6"));
        driver.press(chord("End"));
        driver.run(2);
    }
    view::CompareState& compare() { return screen.state().compare; }
    void show(CompareSection section)
    {
        compare().section = section;
        driver.run(2);
    }
    machine::Model model;
};

constexpr std::array<std::pair<CompareSection, char const*>, 6> sections { { { CompareSection::Race, "race" },
    { CompareSection::Call, "call" }, { CompareSection::Density, "density" }, { CompareSection::Ship, "ship" },
    { CompareSection::Isolation, "isolation" }, { CompareSection::Morph, "morph" } } };

}

TEST_CASE("Race: a guest's phases and a container's steps, each counted from its own beginning", "[visual][view]")
{
    RaceLog race;
    auto const& machine = race.lane(RaceSide::Machine);
    CHECK(machine.from == trace::Provenance::Modelled);
    REQUIRE(machine.steps.size() == 6);
    CHECK(machine.steps[0].name == "create");
    CHECK(machine.steps[0].begun == 0);
    CHECK(machine.steps[3].name == "kernel");
    CHECK(machine.steps[3].ended == machine.steps[4].begun);
    REQUIRE(machine.ready);
    CHECK(machine.steps.back().ended == *machine.ready);
    CHECK(*machine.ready == 13'800'000'000);

    auto const& container = race.lane(RaceSide::Container);
    CHECK(container.from == trace::Provenance::Simulated);
    REQUIRE(container.steps.size() == 7);
    CHECK(container.steps.front().begun == 0);
    CHECK(container.steps.back().name == "execve");
    for (std::size_t i = 1; i < container.steps.size(); ++i)
        CHECK(container.steps[i].begun == container.steps[i - 1].ended);
    CHECK(container.ready == container.steps.back().ended);
    CHECK(*container.ready < *machine.ready / 100);
}

TEST_CASE("Race: at an earlier moment there is less of it", "[visual][view]")
{
    RaceLog race;
    auto const& machine = race.lane(RaceSide::Machine);
    auto const kernel = machine.steps[3].record;
    CHECK(machine.step("kernel", kernel) == nullptr);
    CHECK(machine.step("kernel", kernel + 1) != nullptr);
    CHECK_FALSE(machine.is_ready(machine.ready_record));
    CHECK(race.race.lane(RaceSide::Machine, {}, machine.record) == nullptr);
    auto const& world = race.timeline.world_at(kernel);
    auto const before
        = view::race_figures(RaceSide::Machine, &machine, race.race.lanes(), world, kernel, nullptr, nullptr);
    CHECK(before.kernels->figure.value == 1);
    CHECK_FALSE(before.ready);
    auto const after = view::race_figures(RaceSide::Machine, &machine, race.race.lanes(),
        race.timeline.world_at(race.log.size()), race.log.size(), nullptr, nullptr);
    CHECK(after.kernels->figure.value == 2);
    CHECK(after.ready->from == trace::Provenance::Modelled);
}

TEST_CASE("Race: kernels are counted of all machines on the host, and of those that run", "[visual][view]")
{
    RaceLog race;
    auto const count = [&] {
        auto const size = race.log.size();
        race.race.extend(race.log);
        return view::race_figures(RaceSide::Machine, &race.lane(RaceSide::Machine), race.race.lanes(),
            race.timeline.world_at(size), size, nullptr, nullptr)
            .kernels->figure.value;
    };
    CHECK(count() == 2);
    SampleTrace more(race.log);
    more.a_guest_boots(); // beside it
    CHECK(count() == 3);
    CHECK(view::running_beside(race.lane(RaceSide::Machine), race.race.lanes(), race.log.size()) == 2);
    more.stop_guest("vm-1");
    CHECK(count() == 2);
}

TEST_CASE(
    "Race: with its first output an app is ready, on either side; without any as soon as it runs", "[visual][view]")
{
    RaceLog guest(&SampleTrace::a_guest_runs_an_image);
    auto const& machine = guest.lane(RaceSide::Machine);
    CHECK(machine.image == "greeter:1");
    CHECK(machine.tree == 2'400'000);
    CHECK(machine.answered);
    CHECK(machine.ready == 410'000'000);
    auto const app = machine.step("app", guest.log.size());
    REQUIRE(app != nullptr);
    CHECK(app->ended == machine.ready);
    auto const& container = guest.lane(RaceSide::Container);
    CHECK(container.answered);
    REQUIRE(container.steps.size() > 2);
    CHECK(container.steps.back().name == "app");
    CHECK(container.steps.back().ended == container.ready);
    CHECK(container.steps[container.steps.size() - 2].name == "execve");
    // Before its output came it was ready when it ran.
    auto const world = guest.timeline.world_at(guest.log.size());
    auto const figures = view::race_figures(
        RaceSide::Machine, &machine, guest.race.lanes(), world, guest.log.size(), nullptr, nullptr);
    REQUIRE(figures.copy);
    CHECK(figures.copy->figure.value == 2'400'000);
    RaceLog silent;
    CHECK_FALSE(silent.lane(RaceSide::Container).answered);
    CHECK(silent.lane(RaceSide::Container).ready == silent.lane(RaceSide::Container).steps.back().ended);
}

TEST_CASE("Race: what docker exec prints is not the answer of the container's program", "[visual][view]")
{
    RaceLog race;
    auto const container = ContainerId { race.lane(RaceSide::Container).id };
    auto const ready = race.lane(RaceSide::Container).ready;
    testing::HandClock clock;
    clock.set(race.log[race.log.size() - 1].time + std::chrono::seconds(1));
    trace::Publisher const pen(
        race.log, clock, { HostId { "host" }, ActorId { "daemon" }, trace::Provenance::Simulated });
    pen.publish(trace::ProcessStarted { container, 2, 4712, 0, 0, { "uname", "-r" } });
    pen.publish(trace::OutputWritten { container, false, "6.1.0\n", 6 });
    race.race.extend(race.log);
    CHECK_FALSE(race.lane(RaceSide::Container).answered);
    CHECK(race.lane(RaceSide::Container).ready == ready);
}

TEST_CASE("Race: a clock that began with it sees phases begin and steps done", "[visual][view]")
{
    RaceLog race;
    auto const& machine = race.lane(RaceSide::Machine);
    CHECK(machine.until(machine.steps[3].begun - 1).steps.size() == 3);
    CHECK(machine.until(machine.steps[3].begun).steps.size() == 4);
    CHECK_FALSE(machine.until(*machine.ready - 1).ready);
    CHECK(machine.until(*machine.ready).ready == machine.ready);
    auto const& container = race.lane(RaceSide::Container);
    CHECK(container.until(container.steps[3].ended - 1).steps.size() == 3);
    CHECK(container.until(container.steps[3].ended).steps.size() == 4);
}

TEST_CASE("Compare view: the axis turns a clock of both lanes, and the story takes it back", "[visual][view]")
{
    CompareDesk desk;
    REQUIRE_OK(desk.driver.drag("compare.clock", canvas::Point { -270, 0 }));
    desk.driver.run(2);
    CHECK(desk.compare().clock > 0);
    CHECK(desk.compare().clock < 0.3f);
    auto const early = desk.driver.picture();
    CHECK(desk.driver.interaction().find("compare.machine.step.3"));       // its kernel runs
    CHECK_FALSE(desk.driver.interaction().find("compare.machine.step.4")); // and its services do not
    REQUIRE_OK(desk.driver.click("compare.follow"));
    desk.driver.run(2);
    CHECK(desk.compare().clock < 0);
    CHECK(desk.driver.interaction().find("compare.machine.step.5"));
}

TEST_CASE("Race: a log that grows gives the same lanes as one that was there at once", "[visual][view]")
{
    RaceLog whole;
    trace::EventLog part;
    view::Race race;
    for (std::uint64_t i = 0; i < whole.log.size(); ++i) {
        part.append(trace::Record(whole.log[i]));
        race.extend(part);
    }
    REQUIRE(race.lanes().size() == whole.race.lanes().size());
    for (std::size_t i = 0; i < race.lanes().size(); ++i)
        CHECK(race.lanes()[i].steps == whole.race.lanes()[i].steps);
}

TEST_CASE("Race: what our monitor measured is told as measured, what nobody measured as modelled", "[visual][view]")
{
    RaceLog guest(&SampleTrace::a_guest_boots);
    auto const model = tests::model();
    auto const& lane = guest.lane(RaceSide::Machine);
    auto const figures = view::race_figures(RaceSide::Machine, &lane, guest.race.lanes(),
        guest.timeline.world_at(guest.log.size()), guest.log.size(), &model, &tests::technology(model, "microvm"));
    CHECK(figures.memory->from == trace::Provenance::Live);
    CHECK(figures.memory->figure.value == 128 << 20);
    CHECK(figures.moved->figure.value == 53'243'444 + 1'800'000);
    CHECK(view::figure_text(figures.ready->figure) == "170.0 ms");
    auto const nobody = view::race_figures(
        RaceSide::Container, nullptr, {}, {}, 0, &model, &tests::technology(model, "container-docker"));
    CHECK(nobody.ready->from == trace::Provenance::Modelled);
    CHECK(view::figure_text(nobody.ready->figure) == "868.0 ms");
}

TEST_CASE("Figures: divided only where kind, unit and run are the same, and never without a baseline", "[visual][view]")
{
    auto const figure = [](double value, FigureKind kind, std::string run) {
        return view::told({ value, "ns", kind, "" }, std::move(run));
    };
    auto const measured = figure(1200, FigureKind::Measured, "run-1");
    CHECK(view::ratio_text(measured, figure(100, FigureKind::Measured, "run-1"), "process") == "12 x process");
    CHECK_FALSE(view::ratio_text(measured, figure(100, FigureKind::Measured, "run-2"), "process"));
    CHECK_FALSE(view::ratio_text(measured, figure(100, FigureKind::Modelled, "run-1"), "process"));
    CHECK_FALSE(view::ratio_text(measured, figure(0, FigureKind::Measured, "run-1"), "process"));
    auto const quoted = figure(1200, FigureKind::Quoted, "");
    CHECK_FALSE(view::ratio_text(quoted, quoted, "itself"));
    auto bytes = measured;
    bytes.figure.unit = "B";
    CHECK_FALSE(view::ratio_text(bytes, measured, "process"));
}

TEST_CASE(
    "Race: the lines that start it have names that are free, and a hypervisor where there is none", "[visual][view]")
{
    RaceLog race;
    CHECK(view::race_commands({})
        == std::vector<std::string> { "drydock vm hypervisor start",
            "drydock vm start race-vm greeter:1 sh -c \"/app/greet.sh; sleep 1000\"",
            "docker run -d --name race-container greeter:1 sh -c \"/app/greet.sh; sleep 1000\"" });
    // Of both the same: an image, and what runs of it.
    auto const again = view::race_commands(race.timeline.world_at(race.log.size()));
    REQUIRE(again.size() == 2);
    CHECK(again[0].substr(0, 26) == "drydock vm start race-vm-2");
    CHECK(again[0].substr(again[0].find("greeter")) == again[1].substr(again[1].find("greeter")));
}

TEST_CASE("Compare view: one key press starts both", "[visual][view]")
{
    CompareDesk desk;
    desk.commands.clear();
    desk.driver.press(chord("Shift+R"));
    REQUIRE(desk.commands.size() == 2);
    CHECK(std::get<view::RunCommandLine>(desk.commands[1])
              .text.starts_with("docker run -d --name race-container-2 greeter:1"));
    desk.commands.clear();
    REQUIRE_OK(desk.driver.click("compare.start"));
    CHECK(desk.commands.size() == 2);
}

TEST_CASE("Compare view: forwards and backwards give the same pixels", "[visual][view]")
{
    CompareDesk desk;
    auto const picture_at = [&](double part) {
        desk.screen.player().pause();
        desk.screen.player().seek(desk.screen.player().length() * part);
        desk.driver.run(2);
        return desk.driver.picture();
    };
    auto const early = picture_at(0.6);
    CHECK(tests::difference(early, picture_at(0.9)).differing_share > 0);
    CHECK(tests::difference(early, picture_at(0.6)).differing_share == 0);
}

TEST_CASE("Compare view: tabs, choices and sliders are widgets with names", "[visual][view]")
{
    CompareDesk desk;
    REQUIRE_OK(desk.driver.click("compare.section.1"));
    CHECK(desk.compare().section == CompareSection::Call);
    REQUIRE_OK(desk.driver.click("compare.call.1"));
    for (int i = 0; i < 9; ++i)
        desk.driver.press(chord("Down"));
    CHECK(desk.compare().hop == 5); // app, guest kernel, exit, hypervisor, host kernel, hardware
    desk.driver.press(chord("Up"));
    CHECK(desk.compare().hop == 4);
    REQUIRE_OK(desk.driver.click("compare.section.2"));
    REQUIRE_OK(desk.driver.click("compare.fill"));
    CHECK(desk.compare().instances == 1);
    REQUIRE_OK(desk.driver.click("compare.machine.next"));
    CHECK(desk.compare().machine_technology == "microvm");
    REQUIRE_OK(desk.driver.click("compare.section.3"));
    REQUIRE_OK(desk.driver.click("compare.layer.0"));
    CHECK(desk.compare().changed == 0);
    REQUIRE_OK(desk.driver.click("compare.bandwidth"));
    CHECK(desk.compare().bandwidth > 0.4f);
    REQUIRE_OK(desk.driver.click("compare.section.5"));
    REQUIRE_OK(desk.driver.click("compare.stop.3"));
    CHECK(desk.compare().morph == 3);
    REQUIRE_OK(desk.driver.click("compare.section.0"));
    REQUIRE_OK(desk.driver.click("compare.machine.step.3"));
    CHECK(desk.screen.state().inspector);
    CHECK(desk.screen.state().selected.starts_with("record:"));
}

TEST_CASE("Compare view: without a model it shows what happened, and says what is missing", "[visual][view]")
{
    CompareDesk desk;
    desk.input.model = nullptr;
    for (auto const& [section, name] : sections)
        desk.show(section);
    desk.show(CompareSection::Race);
    CHECK(desk.driver.interaction().find("compare.machine.step.3"));
    CHECK_FALSE(desk.driver.interaction().find("compare.ghost.machine"));
}

TEST_CASE(
    "Compare view: every widget and every figure has a place of its own in sight, in any window", "[visual][view]")
{
    trace::EventLog log;
    SampleTrace(log).race();
    timeline::Timeline timeline(log);
    auto const model = tests::model();
    view::FrameInput const input { .log = &log, .timeline = &timeline, .model = &model };
    // Logical pixels: every screen of 16:9 has 1280 by 720, and more or fewer by the user's zoom.
    auto const size = GENERATE(
        canvas::Size { 1024, 768 }, canvas::Size { 1280, 720 }, canvas::Size { 1706, 960 }, canvas::Size { 853, 480 });
    auto const inspector = GENERATE(false, true);
    auto const presenter = GENERATE(false, true);
    view::Screen screen;
    std::vector<view::Command> commands;
    platform::Driver driver([&](canvas::Canvas& canvas) { screen.draw(canvas, input, commands); }, size, 1);
    screen.player().pause();
    auto& state = screen.state();
    state.view = view::MainView::Compare;
    state.reduced_motion = true; // panels do not slide
    state.inspector = inspector;
    state.presenter = presenter;
    state.compare.instances = 1;
    for (auto const& [section, name] : sections) {
        state.compare.section = section;
        screen.player().to_end();
        driver.run(3);
        std::vector<std::pair<std::string, canvas::Rect>> places;
        for (auto const& [mark, rect] : driver.interaction().marks()) {
            // Steps of a lane are as long as their time, however short.
            if (mark.starts_with("compare.") && mark.find(".step.") == std::string::npos)
                places.emplace_back(mark, rect);
        }
        CAPTURE(name, size.width, inspector, presenter);
        CHECK(places.size() > 6);
        auto const dock = presenter ? 44.0f : 148.0f;
        for (std::size_t i = 0; i < places.size(); ++i) {
            auto const& [mark, rect] = places[i];
            CAPTURE(mark, rect.x, rect.y, rect.width, rect.height);
            CHECK(rect.y >= theme::region::top_bar);
            CHECK(rect.bottom() <= size.height - dock);
            auto const beside = inspector && !presenter ? theme::region::inspector : 0.0f;
            CHECK(rect.right() <= size.width - beside);
            for (auto j = i + 1; j < places.size(); ++j) {
                if (places[j].first.starts_with(mark + '.')) // a segment of it
                    continue;
                CAPTURE(places[j].first);
                auto const common = canvas::intersected(rect, places[j].second);
                CHECK((common.width <= 1 || common.height <= 1));
            }
        }
    }
}

TEST_CASE("Compare view: what was told in figures, and a boot that was measured", "[visual][view][pictures]")
{
    CompareDesk desk(&SampleTrace::a_guest_boots);
    CHECK_PICTURE("tests/visual/view/pictures/compare-live.png", desk.driver.picture());
    CompareDesk same(&SampleTrace::a_guest_runs_an_image);
    CHECK_PICTURE("tests/visual/view/pictures/compare-same-image.png", same.driver.picture());
    desk.compare().clock = 0.1f;
    desk.driver.run(2);
    CHECK_PICTURE("tests/visual/view/pictures/compare-clock.png", desk.driver.picture());
    desk.show(CompareSection::Call);
    CHECK_PICTURE("tests/visual/view/pictures/compare-exits.png", desk.driver.picture());
    CompareDesk measured(&SampleTrace::measurements);
    REQUIRE_OK(measured.driver.click("compare.race.1"));
    measured.driver.run(2);
    CHECK_PICTURE("tests/visual/view/pictures/compare-figures.png", measured.driver.picture());
}

TEST_CASE("Compare view: before anything has happened it offers what to type, and what the model says",
    "[visual][view][pictures]")
{
    CompareDesk desk(&SampleTrace::nothing);
    CHECK(desk.screen.player().beat() == nullptr);
    CHECK(desk.driver.interaction().find("compare.ghost.container"));
    CHECK_PICTURE("tests/visual/view/pictures/compare-empty.png", desk.driver.picture());
    for (auto const& [section, name] : sections)
        desk.show(section);
}

TEST_CASE("Compare view: as it looks", "[visual][view][pictures]")
{
    CompareDesk desk;
    desk.compare().app = 0.3f;
    desk.compare().instances = 0.8f;
    desk.compare().sent = 0.4f;
    desk.compare().call = 1;
    desk.compare().hop = 3;
    desk.compare().morph = 2.5f;
    for (auto const& [section, name] : sections) {
        desk.show(section);
        tests::check_looks(desk, fmt::format("compare-{}", name));
    }
}
