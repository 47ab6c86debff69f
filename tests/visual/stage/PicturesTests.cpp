// Not a test but a look: DRYDOCK_PICTURES=DIR [DRYDOCK_TRACE=FILE DRYDOCK_DEPTH=1] test-visual-stage '[look]' writes a
// still of every beat.

#include "sim/trace/TraceFile.h"
#include "tests/support/Catch.h"
#include "tests/support/SampleTraces.h"
#include "visual/platform/Offscreen.h"
#include "visual/stage/Scene.h"

#include <fmt/format.h>

#include <cstdlib>
#include <fstream>

using namespace drydock;

namespace {

void save(canvas::Surface const& picture, std::string const& path)
{
    auto const png = canvas::encode_png(picture);
    std::ofstream(path, std::ios::binary)
        .write(reinterpret_cast<char const*>(png.data()), static_cast<std::streamsize>(png.size()));
}

void stills(trace::EventLog const& log, trace::Depth depth, std::string const& prefix,
    theme::ThemeName theme = theme::ThemeName::Dark, int factor = 1)
{
    stage::Choreography choreography(depth);
    choreography.extend(log);
    timeline::Timeline timeline(log);
    stage::Director director(timeline, choreography);
    platform::Offscreen screen(theme::theme(theme));
    int index = 0;
    fmt::print("{}: {} beats, {:.1f} s\n", prefix, choreography.beats().size(), choreography.length());
    for (auto const& beat : choreography.beats()) {
        for (auto const& [name, at] :
            { std::pair { "mid", beat.begin + beat.motion * 0.5 }, { "end", beat.end - 0.01 } }) {
            auto const picture = screen.render_frame(
                1280 * factor, 720 * factor, static_cast<float>(factor), 0, [&](canvas::Canvas& canvas) {
                    canvas::stage_ground(canvas, canvas.bounds());
                    stage::Look const look { .view = { { 0, 56, 1280, 516 }, depth }, .selected = {} };
                    stage::draw(director.scene(at, look, stage::ruler_of(canvas.measure())), canvas);
                });
            save(picture, fmt::format("{}-{:02}-{}.png", prefix, index, name));
        }
        fmt::print("{:2} {:5.1f} {} [{}]\n", index, beat.begin, beat.caption, trace::name_of(log[beat.lead].event));
        ++index;
    }
}

}

TEST_CASE("Pictures of every beat", "[.][look]")
{
    auto const* folder = std::getenv("DRYDOCK_PICTURES");
    REQUIRE(folder != nullptr);
    if (auto const* file = std::getenv("DRYDOCK_TRACE")) {
        auto const log = REQUIRE_OK(trace::load_trace(file));
        auto const* depth = std::getenv("DRYDOCK_DEPTH");
        stills(
            *log, static_cast<trace::Depth>(depth == nullptr ? 1 : std::atoi(depth)), fmt::format("{}/trace", folder));
        return;
    }
    trace::EventLog anatomy;
    testing::SampleTrace(anatomy).anatomy_of_docker_run();
    stills(anatomy, trace::Depth::Role, fmt::format("{}/run", folder));
    for (auto const& [name, play] :
        { std::pair { "race", &testing::SampleTrace::race }, { "guest", &testing::SampleTrace::a_guest_boots } }) {
        trace::EventLog guests;
        (testing::SampleTrace(guests).*play)();
        stills(guests, trace::Depth::Object, fmt::format("{}/{}", folder, name));
    }
    trace::EventLog sheets;
    testing::SampleTrace(sheets).the_read_write_layer();
    stills(sheets, trace::Depth::Object, fmt::format("{}/sheet2", folder));
    stills(anatomy, trace::Depth::Metal, fmt::format("{}/run3", folder));
    stills(sheets, trace::Depth::Role, fmt::format("{}/light", folder), theme::ThemeName::Light);
    stills(anatomy, trace::Depth::Role, fmt::format("{}/proj", folder), theme::ThemeName::Projector);
}
