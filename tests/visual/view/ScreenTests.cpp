#include "sim/words/Language.h"
#include "tests/support/Pictures.h"
#include "tests/visual/view/Desk.h"
#include "tests/visual/view/Looks.h"
#include "visual/platform/Offscreen.h"
#include "visual/view/Describe.h"
#include "visual/view/Sight.h"

#include <fmt/format.h>

#include <cstdlib>
#include <fstream>

using namespace drydock;
using testing::SampleTrace;
using tests::chord;
using tests::Desk;
using view::DockTab;
using view::Overlay;

TEST_CASE("Screen: Space plays, the arrows step, Home and End jump", "[visual][view]")
{
    Desk desk;
    auto& player = desk.screen.player();
    desk.driver.press(chord("Home"));
    CHECK(player.story() == 0);
    desk.driver.press(chord("Space"));
    CHECK(player.playing());
    desk.driver.press(chord("Space"));
    CHECK_FALSE(player.playing());
    desk.driver.press(chord("End"));
    CHECK(player.at_end());
    desk.driver.press(chord("Left"));
    CHECK(player.beat_index() + 2 == player.choreography().beats().size());
    desk.driver.press(chord("Shift+Left"));
    desk.driver.press(chord("3"));
    CHECK(player.depth() == trace::Depth::Metal);
    desk.driver.press(chord("."));
    CHECK(player.speed() == 2);
}

TEST_CASE("Screen: a click on the timeline seeks, a drag scrubs", "[visual][view]")
{
    Desk desk;
    REQUIRE_OK(desk.driver.click("timeline.track"));
    auto const middle = desk.screen.player().story();
    CHECK(middle == Approx(desk.screen.player().length() / 2).epsilon(0.05));
    REQUIRE_OK(desk.driver.drag("timeline.track", { 200, 0 }));
    CHECK(desk.screen.player().story() > middle);
}

TEST_CASE("Screen: a click on an object opens the inspector with words, fields, raw and proof", "[visual][view]")
{
    Desk desk;
    desk.screen.player().seek(45);
    desk.driver.run(3);
    REQUIRE_OK(desk.driver.click("stage.container:" + std::string(testing::SampleTrace::box("c1").short_form())));
    CHECK(desk.screen.state().selected.starts_with("container:"));
    CHECK(desk.screen.state().inspector);
    desk.driver.run(40);
    REQUIRE_OK(desk.driver.click("inspector.tab.3"));
    desk.driver.run(2);
    REQUIRE_OK(desk.driver.click("inspector.copy.0"));
    REQUIRE(desk.asked_for<view::CopyText>() != nullptr);
    CHECK(desk.asked_for<view::CopyText>()->text == "docker inspect nifty_hopper");
    REQUIRE_OK(desk.driver.click("inspector.tab.0"));
    REQUIRE_OK(desk.driver.click("inspector.happened.0")); // an event about it leads to itself
    CHECK(desk.screen.state().selected.starts_with("record:"));
    desk.driver.press(chord("Esc"));
    CHECK(desk.screen.state().selected.empty());
}

TEST_CASE("Screen: what is typed in the terminal is asked for", "[visual][view]")
{
    Desk desk;
    desk.driver.press(chord("Ctrl+T"));
    CHECK(desk.screen.state().dock == DockTab::Terminal);
    desk.driver.run(2);
    desk.driver.type("docker images -a"); // no click: what was opened has the keyboard
    desk.driver.press(chord("Enter"));
    REQUIRE(desk.asked_for<view::RunCommandLine>() != nullptr);
    CHECK(desk.asked_for<view::RunCommandLine>()->text == "docker images -a");
    CHECK(desk.screen.player().following());
}

TEST_CASE("Screen: what the program writes into the prompt stays there, to be typed on", "[visual][view]")
{
    Desk desk;
    desk.driver.press(chord("Ctrl+T"));
    desk.driver.run(2);
    desk.driver.press(chord("Up"));
    desk.driver.run(2);
    CHECK(desk.screen.state().input == "docker images");
    desk.driver.press(chord("Up"));
    desk.driver.run(2);
    desk.driver.type(" -a"); // at its end, over nothing
    CHECK(desk.screen.state().input == "docker ps -a");
    desk.driver.press(chord("Down"));
    desk.driver.press(chord("Down"));
    desk.driver.run(2);
    desk.driver.type("docker im");
    desk.driver.press(chord("Tab"));
    desk.driver.run(2);
    CHECK(desk.screen.state().completions == std::vector<std::string> { "image", "images", "import" });
    desk.driver.type("ages -q");
    CHECK(desk.screen.state().input == "docker images -q");
}

TEST_CASE("Screen: Ctrl+Z is the line's while one is typed, and the engine's once it is sent", "[visual][view]")
{
    Desk desk;
    desk.driver.press(chord("Ctrl+T"));
    desk.driver.run(2);
    desk.driver.type("docker run --rm busybox echo hi");
    desk.driver.press(chord("Backspace"));
    desk.driver.press(chord("Ctrl+Z"));
    CHECK(desk.screen.state().input == "docker run --rm busybox echo hi");
    CHECK(desk.asked_for<view::UndoTurn>() == nullptr);
    desk.driver.press(chord("Enter"));
    desk.driver.run(2);
    for (int i = 0; i < 40; ++i)
        desk.driver.press(chord("Ctrl+Z"));
    CHECK(desk.screen.state().input.empty());
    CHECK(desk.asked_for<view::UndoTurn>() != nullptr);
    desk.driver.type("docker ps");
    desk.driver.press(chord("Enter"));
    REQUIRE(desk.asked_for<view::RunCommandLine>() != nullptr);
}

TEST_CASE("Screen: the palette finds a lesson by its letters", "[visual][view]")
{
    Desk desk;
    desk.driver.press(chord("Ctrl+K"));
    CHECK(desk.screen.state().overlay == Overlay::Palette);
    desk.driver.run(2);
    desk.driver.type("read write");
    desk.driver.press(chord("Enter"));
    desk.driver.run(2);
    REQUIRE(desk.asked_for<view::OpenScenario>() != nullptr);
    CHECK(desk.asked_for<view::OpenScenario>()->id == "sheet");
    CHECK(desk.screen.state().overlay == Overlay::None);
}

TEST_CASE("Screen: ? shows the keys and Esc closes them", "[visual][view]")
{
    Desk desk;
    desk.driver.press(canvas::Chord::typed('?'));
    CHECK(desk.screen.state().overlay == Overlay::Help);
    desk.driver.run(2);
    desk.driver.press(chord("Esc"));
    CHECK(desk.screen.state().overlay == Overlay::None);
}

TEST_CASE("Screen: H gives a nudge first, the command last, then puts the card away", "[visual][view]")
{
    Desk desk;
    std::vector<view::Hint> const hints { { "Which command makes a container?", "daemon" },
        { "docker run --rm busybox echo hi", "" } };
    desk.driver.press(chord("H"));
    CHECK(desk.screen.state().hints_shown == 0); // this trace has none
    desk.input.hints = &hints;
    for (auto const expected : std::initializer_list<std::size_t> { 1, 2, 0, 1 }) {
        desk.driver.press(chord("H"));
        CHECK(desk.screen.state().hints_shown == expected);
    }
    desk.driver.press(chord("Esc"));
    CHECK(desk.screen.state().hints_shown == 0);
}

TEST_CASE("Screen: nothing is animated once nothing moves", "[visual][view]")
{
    Desk desk;
    desk.screen.player().to_end();
    desk.driver.run(60);
    CHECK_FALSE(desk.screen.animating());
}

TEST_CASE("Inspector: a proof is asked for by number, runs where it can, and shows what came of it",
    "[visual][view][pictures]")
{
    Desk desk(&testing::SampleTrace::the_read_write_layer);
    desk.screen.player().to_end();
    auto& state = desk.screen.state();
    state.selected = "container:" + std::string(testing::SampleTrace::box("c1").short_form()) + "/process/1";
    state.inspector = true;
    state.inspector_tab = 3;
    desk.driver.run(40);
    CHECK_FALSE(desk.driver.interaction().find("inspector.run.0")); // recorded elsewhere: nothing is run for it
    desk.input.proofs = view::ProofMeans::Client;
    desk.driver.run(2);
    CHECK_FALSE(desk.driver.interaction().find("inspector.run.0")); // /proc of a simulated kernel is nowhere
    CHECK(desk.driver.interaction().find("inspector.run.2"));
    desk.input.proofs = view::ProofMeans::Shell;
    desk.driver.run(2);
    REQUIRE_OK(desk.driver.click("inspector.run.0"));
    REQUIRE(desk.asked_for<view::RunProof>() != nullptr);
    CHECK(desk.asked_for<view::RunProof>()->object == state.selected);
    CHECK(desk.asked_for<view::RunProof>()->index == 0);
    REQUIRE(desk.asked_for<view::ShowSource>() != nullptr);
    view::ProofRun const run { .object = state.selected,
        .index = 0,
        .output = "Name:   sleep\nPPid:   4700\nNSpid:  4711    1\n",
        .exit_code = 0 };
    auto const& wanted = *desk.asked_for<view::ShowSource>();
    view::SourceExcerpt const source { .file = wanted.file,
        .line = wanted.line,
        .first = wanted.line,
        .lines = { "    pen.publish(std::move(event));" } };
    desk.input.proof = &run;
    desk.input.source_at = &source;
    desk.driver.run(2);
    tests::check_looks(desk, "proof");
}

TEST_CASE("Screen: as it looks", "[visual][view][pictures]")
{
    Desk desk;
    desk.screen.player().seek(desk.screen.player().choreography().beats()[18].end - 0.01);
    desk.driver.run(2);
    CHECK_PICTURE("tests/visual/view/pictures/namespaces.png", desk.driver.picture());
}

// Not a test but a look: DRYDOCK_PICTURES=DIR writes the window in all themes and sizes.
TEST_CASE("Pictures of the window", "[.][look]")
{
    auto const* folder = std::getenv("DRYDOCK_PICTURES");
    REQUIRE(folder != nullptr);
    auto const save = [&](canvas::Surface const& picture, std::string const& name) {
        auto const png = canvas::encode_png(picture);
        std::ofstream(fmt::format("{}/{}.png", folder, name), std::ios::binary)
            .write(reinterpret_cast<char const*>(png.data()), static_cast<std::streamsize>(png.size()));
    };
    Desk desk(&testing::SampleTrace::the_read_write_layer);
    auto const at = [&](std::size_t beat) {
        desk.screen.player().seek(desk.screen.player().choreography().beats()[beat].end - 0.01);
        desk.driver.run(2);
    };
    at(22);
    save(desk.driver.picture(), "w-sheet");
    REQUIRE_OK(desk.driver.click("stage.container:" + std::string(testing::SampleTrace::box("c1").short_form())));
    desk.driver.run(40);
    for (int tab = 0; tab < 4; ++tab) {
        REQUIRE_OK(desk.driver.click(fmt::format("inspector.tab.{}", tab)));
        desk.driver.run(3);
        save(desk.driver.picture(), fmt::format("w-inspector-{}", tab));
    }
    desk.driver.press(chord("I"));
    desk.driver.run(40);
    REQUIRE_OK(desk.driver.hover("timeline.track"));
    desk.driver.run(5);
    save(desk.driver.picture(), "w-preview");
    desk.driver.move_to({ 640, 20 });
    desk.driver.press(chord("Ctrl+K"));
    desk.driver.run(3);
    save(desk.driver.picture(), "w-palette");
    desk.driver.press(chord("Esc"));
    desk.driver.press(canvas::Chord::typed('?'));
    desk.driver.run(3);
    save(desk.driver.picture(), "w-help");
    desk.driver.press(chord("Esc"));
    std::vector<view::LanguageEntry> const languages { { "en", "English" }, { "de", "Deutsch" } };
    desk.input.languages = &languages;
    desk.driver.press(chord("F2"));
    desk.driver.run(3);
    save(desk.driver.picture(), "w-settings");
    desk.driver.press(chord("Esc"));
    desk.input.export_place = "/home/teacher/the-read-write-layer";
    view::ExportState const working { .phase = view::ExportState::Phase::Working, .percent = 42 };
    desk.input.exporting = &working;
    desk.driver.press(chord("Ctrl+E"));
    desk.driver.run(3);
    save(desk.driver.picture(), "w-export");
    desk.driver.press(chord("Esc"));
    desk.driver.press(chord("P"));
    desk.driver.run(40);
    save(desk.driver.picture(), "w-presenter");
    desk.driver.press(chord("Shift+L"));
    desk.driver.run(3);
    save(desk.driver.picture(), "w-spotlight");
    desk.driver.press(chord("Shift+L"));
    desk.driver.press(chord("Shift+P"));
    REQUIRE_OK(desk.driver.drag("presenting.paper", canvas::Point { 160, 60 }));
    desk.driver.run(2);
    save(desk.driver.picture(), "w-pen");
    desk.driver.press(chord("Shift+P"));
    desk.driver.press(chord("Shift+Q"));
    REQUIRE_OK(desk.driver.click("hands.0"));
    desk.driver.type("7");
    REQUIRE_OK(desk.driver.click("hands.1"));
    desk.driver.type("15");
    desk.driver.run(3);
    save(desk.driver.picture(), "w-hands");
    desk.driver.press(chord("Esc"));
    desk.driver.press(chord("P"));
    std::vector<view::Hint> const hints {
        { "Write in one container only, and look at the same path in the other.", "" }, {}
    };
    desk.input.hints = &hints;
    desk.driver.press(chord("H"));
    desk.driver.run(40);
    save(desk.driver.picture(), "w-hint");
    desk.driver.press(chord("Esc"));
    desk.terminal.lines = { { view::TerminalLine::Kind::Typed, { { "docker ps", {} } } },
        { view::TerminalLine::Kind::Output, { { "CONTAINER ID   IMAGE       COMMAND        STATUS", {} } } },
        { view::TerminalLine::Kind::Error, { { "an error", {} } } } };
    desk.driver.press(chord("Ctrl+T"));
    desk.driver.run(40);
    save(desk.driver.picture(), "w-terminal");
    desk.driver.press(chord("Ctrl+T"));
    struct Size {
        int width, height;
        float scale;
    };
    for (auto const& size : { Size { 1920, 1080, 1.5f }, Size { 3840, 2160, 3 }, Size { 1024, 768, 1 } }) {
        for (auto const name : theme::all_themes) {
            platform::Offscreen screen(theme::theme(name));
            auto const draw = [&](canvas::Canvas& canvas) { desk.draw(canvas); };
            save(screen.render(size.width, size.height, size.scale, draw),
                fmt::format("w-{}-{}", size.height, theme::theme(name).name));
        }
    }
}

TEST_CASE("Screen: L asks for the next language, and the same moment is told in it", "[visual][view]")
{
    Desk desk;
    std::vector<view::LanguageEntry> const languages { { "en", "English" }, { "de", "Deutsch" } };
    desk.input.languages = &languages;
    desk.driver.press(chord("Home"));
    desk.driver.press(chord("Right"));
    auto const moment = desk.screen.player().beat_index();
    auto const english = desk.screen.player().beat()->caption;
    desk.driver.press(chord("Ctrl+L"));
    REQUIRE(desk.asked_for<view::ChooseLanguage>());
    CHECK(desk.asked_for<view::ChooseLanguage>()->code == "de");

    std::ifstream file("languages/de.toml");
    std::string const content { std::istreambuf_iterator<char>(file), {} };
    words::use(std::make_shared<words::Catalogue const>(words::Catalogue::parse(content).catalogue));
    desk.driver.run(2);
    CHECK(desk.screen.player().beat_index() == moment);
    CHECK(desk.screen.player().beat()->caption != english);
    words::use(nullptr);
    desk.driver.run(2);
    CHECK(desk.screen.player().beat()->caption == english);
}

TEST_CASE("Screen: the settings are a card that the keyboard works", "[visual][view]")
{
    Desk desk;
    std::vector<view::LanguageEntry> const languages { { "en", "English" }, { "de", "Deutsch" } };
    desk.input.languages = &languages;
    desk.driver.press(chord("F2"));
    CHECK(desk.screen.state().overlay == Overlay::Settings);
    REQUIRE_OK(desk.driver.click("settings.theme.1"));
    REQUIRE(desk.asked_for<view::ChooseTheme>());
    CHECK(desk.asked_for<view::ChooseTheme>()->theme == theme::ThemeName::Light);
    REQUIRE_OK(desk.driver.click("settings.language.1"));
    CHECK(desk.asked_for<view::ChooseLanguage>()->code == "de");
    REQUIRE_OK(desk.driver.click("settings.larger"));
    CHECK(desk.asked_for<view::ChangeZoom>()->steps == 1);
    REQUIRE_OK(desk.driver.click("settings.depth.3"));
    CHECK(desk.asked_for<view::ChooseFirstDepth>()->depth == 3);
    for (int i = 0; i < 20 && !desk.driver.interaction().has_focus("settings.reduced-motion"); ++i)
        desk.driver.press(chord("Tab"));
    desk.driver.press(chord("Space"));
    CHECK(desk.screen.state().reduced_motion);
    CHECK_FALSE(desk.screen.player().playing()); // Space pressed what has the keyboard, nothing else
    desk.driver.press(chord("Esc"));
    CHECK(desk.screen.state().overlay == Overlay::None);
}

TEST_CASE(
    "Screen: in presenter mode a clicker blackens the screen, and the next key only brings it back", "[visual][view]")
{
    Desk desk;
    auto& state = desk.screen.state();
    desk.driver.press(chord("Home"));
    desk.driver.press(chord("P"));
    desk.driver.press(canvas::Chord::typed('.'));
    CHECK(state.presenting.blackout);
    desk.driver.run(2);
    auto const black = desk.driver.picture();
    CHECK(black.at(640, 360) == theme::hex(0));
    CHECK(black.at(10, 10) == theme::hex(0));
    auto const moment = desk.screen.player().story();
    desk.driver.press(chord("PgDn"));
    CHECK_FALSE(state.presenting.blackout);
    CHECK(desk.screen.player().story() == moment);
    desk.driver.press(chord("B"));
    CHECK(state.presenting.blackout);
    desk.driver.press(chord("B"));
    CHECK_FALSE(state.presenting.blackout);
    desk.driver.press(chord("P"));
    desk.driver.press(canvas::Chord::typed('.')); // outside of presenter mode: faster
    CHECK_FALSE(state.presenting.blackout);
    CHECK(desk.screen.player().speed() == 2);
}

TEST_CASE("Screen: the pen draws over the stage until the next step", "[visual][view]")
{
    Desk desk;
    auto& presenting = desk.screen.state().presenting;
    desk.driver.press(chord("Home"));
    desk.driver.press(chord("Shift+P"));
    REQUIRE_OK(desk.driver.drag("presenting.paper", canvas::Point { 100, 40 }));
    REQUIRE(presenting.strokes.size() == 1);
    CHECK(presenting.strokes[0].size() > 2);
    CHECK(desk.screen.state().selected.empty()); // the paper lies over the stage
    REQUIRE_OK(desk.driver.drag("presenting.paper", canvas::Point { -100, 40 }));
    CHECK(presenting.strokes.size() == 2);
    desk.driver.press(chord("Right")); // ends the motion
    desk.driver.press(chord("Right"));
    desk.driver.run(2);
    CHECK(presenting.strokes.empty());
}

TEST_CASE("Screen: the class is asked, its hands are counted, the answer waits to be shown", "[visual][view]")
{
    Desk desk;
    testing::HandClock const clock;
    trace::Publisher const pen(desk.log, clock, { HostId { "laptop" }, ActorId { "d" }, trace::Provenance::Simulated });
    pen.publish(trace::ScenarioBegan { "x", "X" });
    pen.publish(trace::PredictionAsked { "copied", "How many?", { "0", "1" } });
    desk.driver.run(2);
    desk.driver.press(chord("End"));
    pen.publish(trace::PredictionResolved { "copied", "0", "Nothing is copied." }); // known, not shown yet
    desk.driver.press(chord("Shift+Q"));
    auto& presenting = desk.screen.state().presenting;
    CHECK(presenting.counting);
    CHECK_FALSE(desk.screen.player().playing());
    REQUIRE_OK(desk.driver.click("hands.1"));
    desk.driver.type("12");
    CHECK(presenting.hands.at("copied").at(1) == "12");
    CHECK_FALSE(presenting.revealed);
    REQUIRE_OK(desk.driver.click("hands.reveal"));
    CHECK(presenting.revealed);
    REQUIRE_OK(desk.driver.click("hands.close"));
    CHECK_FALSE(presenting.counting);
}

TEST_CASE("Screen: the export card names the file after its kind and asks for it", "[visual][view]")
{
    Desk desk;
    view::ExportState export_state;
    desk.input.exporting = &export_state;
    desk.input.export_place = "/home/x.y/lesson";
    desk.driver.press(chord("Ctrl+E"));
    CHECK(desk.screen.state().export_path == "/home/x.y/lesson.html");
    REQUIRE_OK(desk.driver.click("export.kind.4"));
    CHECK(desk.screen.state().export_path == "/home/x.y/lesson");
    REQUIRE_OK(desk.driver.click("export.kind.1"));
    CHECK(desk.screen.state().export_path == "/home/x.y/lesson.png");
    REQUIRE_OK(desk.driver.click("export.path")); // which has the keyboard then, and takes no click away
    desk.driver.run(2);
    REQUIRE_OK(desk.driver.click("export.start"));
    REQUIRE(desk.asked_for<view::StartExport>());
    CHECK(desk.asked_for<view::StartExport>()->path == "/home/x.y/lesson.png");
    CHECK(desk.asked_for<view::StartExport>()->beat == desk.screen.player().beat_index() + 1);
    export_state.phase = view::ExportState::Phase::Working;
    desk.driver.run(2);
    REQUIRE_OK(desk.driver.click("export.stop"));
    CHECK(desk.asked_for<view::StopExport>());
}

TEST_CASE(
    "Screen: the last row can read the smallest letters of every view, however the panels stand", "[visual][view]")
{
    constexpr float least = 13.99f; // pixels of 720
    struct Panels {
        char const* what;
        void (*set)(view::State&);
    };
    static constexpr Panels arrangements[] {
        { "as it opens", [](view::State&) {} },
        { "with the inspector", [](view::State& state) { state.inspector = true; } },
        { "with the terminal", [](view::State& state) { state.dock = view::DockTab::Terminal; } },
        { "with the timeline pulled up", [](view::State& state) { state.timeline.height = 1000; } },
        { "with the inspector, the timeline pulled up",
            [](view::State& state) {
                state.inspector = true;
                state.timeline.height = 1000;
            } },
        { "with the difference between two moments", [](view::State& state) { state.timeline.second = 3; } },
        { "presenting", [](view::State& state) { state.presenter = true; } },
    };
    for (auto const& [what, set] : arrangements) {
        for (auto const& [name, named] : view::named_views()) {
            auto const shown = named.view;
            Desk desk(&SampleTrace::files_through_layers);
            desk.driver.press(chord("End"));
            set(desk.screen.state());
            desk.screen.state().view = shown;
            desk.driver.run(40); // until the panels have slid
            CAPTURE(what, name);
            CHECK(desk.driver.interaction().smallest_letters() >= least);
        }
    }
    for (auto const overlay :
        { view::Overlay::Palette, view::Overlay::Help, view::Overlay::Settings, view::Overlay::Export }) {
        Desk desk;
        desk.screen.state().overlay = overlay;
        desk.driver.run(2);
        CAPTURE(static_cast<int>(overlay));
        CHECK(desk.driver.interaction().smallest_letters() >= least);
    }
}

TEST_CASE("Sight: larger in presenter mode, scrolled before it cannot be read, shrunk as a whole where it is narrow",
    "[visual][view]")
{
    using view::MainView;
    canvas::Size const window { 1280, 720 };
    canvas::Rect const usual { 0, 56, 1280, 516 }, low { 0, 56, 1280, 300 };
    CHECK(view::sight_of(MainView::Stage, usual, window, false).zoom == 1);
    CHECK(view::sight_of(MainView::Stage, { 0, 56, 1280, 620 }, window, true).zoom == Approx(1.15));
    auto const pulled_up = view::sight_of(MainView::Stage, low, window, false);
    CHECK(pulled_up.scrolled);
    CHECK(pulled_up.zoom * 14.5f == Approx(14));
    CHECK(pulled_up.room.height == 513);
    auto const narrow = view::sight_of(MainView::Stage, { 0, 56, 470, 516 }, window, false);
    CHECK(narrow.zoom == Approx(0.5));
    CHECK_FALSE(narrow.scrolled);
    CHECK(view::sight_of(MainView::Isolation, { 0, 56, 470, 516 }, window, false).zoom == 1);
}

TEST_CASE("Screen: a stage that is scrolled shows what the beat is about", "[visual][view][pictures]")
{
    Desk desk;
    desk.driver.press(chord("End"));
    desk.screen.state().timeline.height = 1000;
    desk.driver.run(4);
    CHECK_PICTURE("tests/visual/view/pictures/stage-scrolled.png", desk.driver.picture());
    REQUIRE(desk.driver.interaction().find("view"));
    auto const seen = *desk.driver.interaction().find("view");
    CHECK(seen.height > 200);
}
