// Not tests but looks: DRYDOCK_PICTURES=DIR and DRYDOCK_TRACE=FILE write the views of a recorded run in all themes and
// sizes.

#include "sim/trace/TraceFile.h"
#include "sim/words/Language.h"
#include "tests/sim/machine/ModelFile.h"
#include "tests/support/Catch.h"
#include "tests/support/SampleTraces.h"
#include "visual/platform/Offscreen.h"
#include "visual/view/Screen.h"

#include <fmt/format.h>

#include <cstdlib>
#include <fstream>
#include <sstream>

using namespace drydock;

namespace {

struct Size {
    int width, height;
    float scale;
};

void save(canvas::Surface const& picture, std::string const& name)
{
    auto const png = canvas::encode_png(picture);
    std::ofstream(fmt::format("{}/{}.png", std::getenv("DRYDOCK_PICTURES"), name), std::ios::binary)
        .write(reinterpret_cast<char const*>(png.data()), static_cast<std::streamsize>(png.size()));
}

}

TEST_CASE("Views of a recorded run", "[.][look-trace]")
{
    REQUIRE(std::getenv("DRYDOCK_PICTURES") != nullptr);
    REQUIRE(std::getenv("DRYDOCK_TRACE") != nullptr);
    std::shared_ptr<trace::EventLog const> const log = REQUIRE_OK(trace::load_trace(std::getenv("DRYDOCK_TRACE")));
    auto const* part = std::getenv("DRYDOCK_PART");
    auto const* selected = std::getenv("DRYDOCK_SELECTED");
    auto const* only = std::getenv("DRYDOCK_SIZE"); // "720"
    for (auto const& size : { Size { 1280, 720, 1 }, Size { 1920, 1080, 1.5f }, Size { 3840, 2160, 3 } }) {
        if (only != nullptr && std::to_string(size.height) != only)
            continue;
        for (auto const theme : theme::all_themes) {
            for (bool const inspector : { false, true }) {
                timeline::Timeline timeline(*log);
                view::Screen screen;
                platform::Offscreen offscreen(theme::theme(theme));
                std::vector<view::Command> commands;
                view::FrameInput input { .log = log.get(), .timeline = &timeline, .theme = theme };
                auto const draw = [&](canvas::Canvas& canvas) { screen.draw(canvas, input, commands); };
                offscreen.render(size.width, size.height, size.scale, draw);
                screen.player().to_end();
                screen.player().seek(screen.player().length() * (part != nullptr ? std::atof(part) : 1));
                auto& state = screen.state();
                state.inspector = inspector;
                state.inspector_open = inspector ? 1 : 0;
                state.timeline.height = 268;
                for (auto const scale : { view::TimeScale::Story, view::TimeScale::Clock }) {
                    state.timeline.scale = scale;
                    state.timeline.second = log->size() / 5;
                    offscreen.render(size.width, size.height, size.scale, draw);
                    save(offscreen.render(size.width, size.height, size.scale, draw),
                        fmt::format("timeline-{}-{}{}{}", size.height, theme::theme(theme).name,
                            scale == view::TimeScale::Clock ? "-clock" : "", inspector ? "-inspector" : ""));
                }
                state.timeline = {};
                for (auto const view : { view::MainView::Isolation, view::MainView::Wire }) {
                    state.view = view;
                    state.selected = selected != nullptr ? selected : "";
                    auto const name = fmt::format("{}-{}-{}{}", view == view::MainView::Wire ? "wire" : "isolation",
                        size.height, theme::theme(theme).name, inspector ? "-inspector" : "");
                    offscreen.render(size.width, size.height, size.scale, draw);
                    save(offscreen.render(size.width, size.height, size.scale, draw), name);
                    state.wire.tab = state.inspector_tab = 2;
                    state.topic = state.revealed_topic = "privileges";
                    state.peeled = { "pid", "net" };
                    offscreen.render(size.width, size.height, size.scale, draw);
                    save(offscreen.render(size.width, size.height, size.scale, draw), name + "-2");
                    state.wire.tab = state.inspector_tab = 0;
                    state.peeled.clear();
                }
            }
        }
    }
}

TEST_CASE("The comparison in all sizes", "[.][look-compare]")
{
    REQUIRE(std::getenv("DRYDOCK_PICTURES") != nullptr);
    std::shared_ptr<trace::EventLog const> log;
    if (auto const* file = std::getenv("DRYDOCK_TRACE")) {
        log = REQUIRE_OK(trace::load_trace(file));
    } else {
        auto race = std::make_shared<trace::EventLog>();
        testing::SampleTrace(*race).race();
        log = std::move(race);
    }
    auto const* part = std::getenv("DRYDOCK_PART");
    auto const model = tests::model();
    if (auto const* language = std::getenv("DRYDOCK_LANGUAGE_FILE")) {
        std::stringstream text;
        text << std::ifstream(language).rdbuf();
        words::use(std::make_shared<words::Catalogue const>(words::Catalogue::parse(text.str()).catalogue));
    }
    for (auto const& size :
        { Size { 1024, 768, 1 }, Size { 1280, 720, 1 }, Size { 1920, 1080, 1.5f }, Size { 3840, 2160, 3 } }) {
        for (bool const inspector : { false, true }) {
            timeline::Timeline timeline(*log);
            view::Screen screen;
            platform::Offscreen offscreen(theme::theme(theme::ThemeName::Dark));
            std::vector<view::Command> commands;
            view::FrameInput const input { .log = log.get(), .timeline = &timeline, .model = &model };
            auto const draw = [&](canvas::Canvas& canvas) { screen.draw(canvas, input, commands); };
            offscreen.render(size.width, size.height, size.scale, draw);
            screen.player().pause();
            screen.player().seek(screen.player().length() * (part != nullptr ? std::atof(part) : 1));
            auto& state = screen.state();
            state.inspector = inspector;
            state.inspector_open = inspector ? 1 : 0;
            state.view = view::MainView::Compare;
            for (std::size_t section = 0; section <= 6; ++section) {
                state.compare.section = static_cast<view::CompareSection>(section % 6);
                state.compare.tables = section == 6;
                state.compare.hop = 5;
                offscreen.render(size.width, size.height, size.scale, draw);
                save(offscreen.render(size.width, size.height, size.scale, draw),
                    fmt::format("compare-{}-{}{}", size.height, section, inspector ? "-inspector" : ""));
            }
        }
    }
}
