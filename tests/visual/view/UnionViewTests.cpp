#include "tests/support/Pictures.h"
#include "tests/visual/view/Desk.h"
#include "visual/platform/Offscreen.h"
#include "visual/stage/Names.h"

#include <fmt/format.h>

#include <cstdlib>
#include <fstream>

using namespace drydock;
using testing::SampleTrace;
using tests::chord;
using tests::Desk;

namespace {

// The union view at the end of a run.
struct UnionDesk : Desk {
    UnionDesk()
        : Desk(&SampleTrace::files_through_layers)
    {
        driver.press(chord("Ctrl+2"));
        screen.player().to_end();
        driver.run(2);
    }
    view::UnionState& state() { return screen.state().union_view; }
    // The number of the row that shows the path.
    std::string row_of(std::string const& path)
    {
        auto const model = state().models.model(screen.player().world(), log, state().subject);
        REQUIRE(model != nullptr);
        auto const rows
            = view::visible_rows(*model, { state().filter, state().only_changes, state().unfolded, state().path });
        for (std::size_t i = 0; i < rows.size(); ++i) {
            if (model->merged.rows[rows[i]].path == path)
                return fmt::format("union.path.{}", i);
        }
        FAIL("no row for " << path);
        return {};
    }
};

}

TEST_CASE("Union view: a click on a path shows its ray and its life, and selects it everywhere", "[visual][view]")
{
    UnionDesk desk;
    desk.driver.press(chord("2")); // where every write is a beat
    desk.state().filter = "/etc/";
    desk.driver.run(2);
    REQUIRE_OK(desk.driver.click(desk.row_of("/etc/greeting")));
    CHECK(desk.state().path == "/etc/greeting");
    CHECK(desk.screen.state().selected == stage::sheet_entry_id(SampleTrace::box("c1"), "/etc/greeting"));
    desk.driver.run(2);
    // Brought by layer 2, copied up, written, changed: a click on the copy-up goes to its moment.
    REQUIRE_OK(desk.driver.click("union.life.1"));
    auto const* const beat = desk.screen.player().beat();
    REQUIRE(beat != nullptr);
    auto const* const copied = desk.log[beat->lead].event.get_if<trace::FileCopiedUp>();
    REQUIRE(copied != nullptr);
    CHECK(copied->path == "/etc/greeting");
    desk.driver.run(2);
    CHECK(desk.driver.interaction().find("union.life.2") == std::nullopt); // it was not written yet
    // Of the image's own file the layer is selected.
    REQUIRE_OK(desk.driver.click(desk.row_of("/etc/motd")));
    CHECK(desk.screen.state().selected == stage::layer_id(SampleTrace::diff(3), desk.screen.player().world()));
}

TEST_CASE("Union view: what is selected on the stage is looked at here", "[visual][view]")
{
    UnionDesk desk;
    desk.screen.state().selected = stage::sheet_entry_id(SampleTrace::box("c1"), "/app/new");
    desk.driver.run(2);
    CHECK(desk.state().path == "/app/new");
    desk.screen.state().selected = stage::image_id(SampleTrace::digest("base"));
    desk.driver.run(2);
    CHECK(desk.state().subject == stage::image_id(SampleTrace::digest("base")));
    CHECK(desk.state().path == "/app/new"); // the same path in another tree
}

TEST_CASE("Union view: the ray is of the path that the phase points at, until one chooses another", "[visual][view]")
{
    UnionDesk desk;
    SampleTrace(desk.log).phase(7, "Look down", "Nobody above has it.", { "container:ann", "path:/etc/motd" });
    desk.screen.player().to_end();
    desk.driver.run(2);
    CHECK(desk.state().path == "/etc/motd");
    desk.screen.state().selected = stage::sheet_entry_id(SampleTrace::box("c1"), "/app/new");
    desk.driver.run(2);
    CHECK(desk.state().path == "/app/new");
    SampleTrace(desk.log).phase(8, "Elsewhere", "Nothing to point at.", {});
    desk.screen.player().to_end();
    desk.driver.run(2);
    CHECK(desk.state().path == "/app/new");
}

TEST_CASE("Union view: Up and Down move along the paths, Enter opens and closes a directory", "[visual][view]")
{
    UnionDesk desk;
    desk.state().unfolded.clear();
    desk.driver.run(2);
    for (int i = 0; i < 2; ++i)
        desk.driver.press(chord("Down"));
    CHECK(desk.state().path == "/bin");
    desk.driver.press(chord("Enter"));
    desk.driver.press(chord("Down"));
    CHECK(desk.state().path == "/bin/ash");
    desk.driver.press(chord("Up"));
    desk.driver.press(chord("Enter"));
    desk.driver.press(chord("Down"));
    CHECK(desk.state().path == "/etc");
}

TEST_CASE("Union view: / filters the paths, and a toggle leaves what differs", "[visual][view]")
{
    UnionDesk desk;
    desk.driver.press(canvas::Chord::typed('/'));
    desk.driver.run(2);
    desk.driver.type("greet.sh");
    desk.driver.run(2);
    CHECK(desk.state().filter == "greet.sh");
    CHECK(desk.row_of("/app/greet.sh") == "union.path.1");
    CHECK(desk.driver.interaction().find("union.path.2") == std::nullopt);
    REQUIRE_OK(desk.driver.click("union.changes"));
    desk.driver.run(2);
    desk.state().filter.clear();
    desk.driver.run(2);
    CHECK(desk.state().only_changes);
    CHECK(desk.row_of("/home/old") == "union.path.8");
}

TEST_CASE("Union view: the list changes what is looked at", "[visual][view]")
{
    UnionDesk desk;
    REQUIRE_OK(desk.driver.click("union.subject"));
    desk.driver.run(2);
    REQUIRE_OK(desk.driver.click("union.list.2"));
    desk.driver.run(2);
    CHECK(desk.state().subject == stage::image_id(SampleTrace::digest("config")));
    CHECK(desk.state().list == view::UnionList::None);
    CHECK(desk.driver.interaction().find("union.branch.3").has_value());
    CHECK(desk.driver.interaction().find("union.branch.4") == std::nullopt); // an image has no read-write layer
    REQUIRE_OK(desk.driver.click("union.subject"));
    desk.driver.run(2);
    desk.driver.press(chord("Esc"));
    CHECK(desk.state().list == view::UnionList::None);
}

TEST_CASE("Union view: peeled off, the upper layers hide nothing any more, until they are put back", "[visual][view]")
{
    UnionDesk desk;
    REQUIRE_OK(desk.driver.click("union.peel.2"));
    desk.driver.run(2);
    CHECK(desk.state().peeled == 2);
    CHECK(desk.driver.interaction().find("union.branch.2").has_value());
    CHECK(desk.driver.interaction().find("union.branch.3") == std::nullopt);
    REQUIRE_OK(desk.driver.click("union.peel.back"));
    desk.driver.run(2);
    CHECK(desk.driver.interaction().find("union.branch.4").has_value());
}

TEST_CASE("Union view: sizes name the waste, and a click on it goes to the path", "[visual][view]")
{
    UnionDesk desk;
    REQUIRE_OK(desk.driver.click("union.pane.1"));
    desk.driver.run(3);
    REQUIRE_OK(desk.driver.click("union.hidden.3.0"));
    CHECK(desk.state().pane == view::UnionPane::XRay);
    CHECK(desk.state().path == "/app/big");
}

TEST_CASE("Union view: a marked moment and a second image are compared", "[visual][view]")
{
    UnionDesk desk;
    auto const at_start = [&] {
        for (std::uint64_t i = 0; i < desk.log.size(); ++i) {
            if (desk.log[i].event.is<trace::ContainerStarted>())
                return desk.screen.player().choreography().pacing().story_at(i + 1);
        }
        return 0.0;
    };
    desk.screen.player().seek(at_start());
    REQUIRE_OK(desk.driver.click("union.pane.2"));
    desk.driver.run(2);
    REQUIRE_OK(desk.driver.click("union.mark"));
    desk.driver.run(2);
    CHECK(desk.driver.interaction().find("union.difference.0") == std::nullopt);
    desk.screen.player().to_end();
    desk.driver.run(2);
    // /app/new came, /app/notes.txt went, /etc/greeting was written
    CHECK(desk.driver.interaction().find("union.difference.2").has_value());
    CHECK(desk.driver.interaction().find("union.difference.3") == std::nullopt);
    REQUIRE_OK(desk.driver.click("union.difference.2"));
    CHECK(desk.state().path == "/etc/greeting");
    desk.state().pane = view::UnionPane::Compare;
    desk.driver.run(2);
    REQUIRE_OK(desk.driver.click("union.other"));
    desk.driver.run(2);
    REQUIRE_OK(desk.driver.click("union.list.0")); // busybox: ann itself is not in the list
    desk.driver.run(2);
    CHECK(desk.state().other == stage::image_id(SampleTrace::digest("base")));
    CHECK(desk.driver.interaction().find("union.difference.3").has_value());
}

TEST_CASE("Union view: any moment of a copy-up looks the same, however it was reached", "[visual][view]")
{
    UnionDesk desk;
    desk.driver.press(chord("2"));
    auto& player = desk.screen.player();
    auto const& beats = player.choreography().beats();
    auto const found = std::find_if(beats.begin(), beats.end(), [&](stage::Beat const& beat) {
        auto const* const e = desk.log[beat.lead].event.get_if<trace::FileCopiedUp>();
        return e != nullptr && e->path == "/etc/greeting";
    });
    REQUIRE(found != beats.end());
    auto const middle = found->begin + found->motion * 0.4;
    auto const picture_at = [&](double story) {
        player.pause();
        player.seek(story);
        desk.driver.run(4);
        return desk.driver.picture();
    };
    auto const forward = picture_at(middle);
    auto const still = picture_at(found->end - 0.01);
    auto const back = picture_at(middle);
    CHECK(tests::difference(forward, back).differing_share == 0);
    CHECK(tests::difference(forward, still).differing_share > 0); // it does move
}

TEST_CASE("Union view: without layers it teaches, and types a command", "[visual][view]")
{
    Desk desk(&SampleTrace::appear);
    desk.driver.press(chord("Ctrl+2"));
    desk.driver.run(2);
    REQUIRE_OK(desk.driver.click("empty.type"));
    CHECK(desk.screen.state().input == "docker pull busybox");
    CHECK(desk.screen.state().dock == view::DockTab::Terminal);
}

TEST_CASE("Union view: as it looks", "[visual][view][pictures]")
{
    UnionDesk desk;
    desk.state().path = "/etc/greeting";
    for (auto const name : theme::all_themes) {
        desk.input.theme = name;
        platform::Offscreen screen(theme::theme(name));
        auto const draw = [&](canvas::Canvas& canvas) { desk.draw(canvas); };
        desk.state().revealed.clear();
        for (int i = 0; i < 3; ++i)
            screen.render(1280, 720, 1, draw);
        CHECK_PICTURE(fmt::format("tests/visual/view/pictures/union-{}.png", theme::theme(name).name),
            screen.render(1280, 720, 1, draw));
    }
}

// Not a test but a look: DRYDOCK_PICTURES=DIR writes the union view in all themes and sizes.
TEST_CASE("Pictures of the union view", "[.][look]")
{
    auto const* folder = std::getenv("DRYDOCK_PICTURES");
    REQUIRE(folder != nullptr);
    auto const save = [&](canvas::Surface const& picture, std::string const& name) {
        auto const png = canvas::encode_png(picture);
        std::ofstream(fmt::format("{}/{}.png", folder, name), std::ios::binary)
            .write(reinterpret_cast<char const*>(png.data()), static_cast<std::streamsize>(png.size()));
    };
    UnionDesk desk;
    save(desk.driver.picture(), "u-first");
    for (auto const view : { view::MainView::Union, view::MainView::Build }) {
        Desk other(view == view::MainView::Union ? &SampleTrace::files_through_layers : &SampleTrace::a_build);
        other.screen.state().view = view;
        other.screen.state().inspector = true;
        other.screen.player().to_end();
        platform::Offscreen small(theme::theme(theme::ThemeName::Dark));
        auto const draw = [&](canvas::Canvas& canvas) { other.draw(canvas); };
        for (int i = 0; i < 30; ++i)
            small.render(1024, 768, 1, draw);
        save(small.render(1024, 768, 1, draw), view == view::MainView::Union ? "u-small" : "b-small");
    }
    desk.state().only_changes = true;
    desk.driver.run(2);
    REQUIRE_OK(desk.driver.click(desk.row_of("/etc/greeting")));
    desk.driver.run(3);
    save(desk.driver.picture(), "u-xray");
    REQUIRE_OK(desk.driver.click("union.pane.1"));
    desk.driver.run(3);
    save(desk.driver.picture(), "u-sizes");
}
