#include "visual/app/Pictures.h"

#include "sim/timeline/Timeline.h"
#include "visual/export/Pictures.h"
#include "visual/platform/Offscreen.h"
#include "visual/view/Screen.h"

#include <fmt/format.h>

namespace fs = std::filesystem;

namespace drydock::app {

namespace {

constexpr int width = 1280;
constexpr int height = 720;
constexpr float scale = 1;

}

Result<std::size_t> write_pictures(trace::EventLog const& log, fs::path const& directory, int depth)
{
    std::error_code error;
    fs::create_directories(directory, error);
    if (error)
        return fail(Error::from_errno("mkdir(2)", error.value()).with_context("making " + directory.string()));
    timeline::Timeline timeline(log);
    platform::Offscreen offscreen;
    view::Screen screen;
    screen.state().presenter = true;
    screen.state().reduced_motion = true;
    view::FrameInput const input { .log = &log, .timeline = &timeline };
    std::vector<view::Command> ignored;
    auto const draw = [&](canvas::Canvas& canvas) { screen.draw(canvas, input, ignored); };
    offscreen.render(width, height, scale, draw); // opens the log
    screen.player().set_depth(static_cast<trace::Depth>(depth));
    auto const& steps = screen.player().choreography().pacing().steps();
    for (std::size_t i = 0; i < steps.size(); ++i) {
        screen.player().seek(steps[i].end - 1e-3); // the still in which the beat ends
        auto const path = directory / fmt::format("{:03}.png", i + 1);
        TRY(exporting::write_png(path, offscreen.render(width, height, scale, draw)));
    }
    return steps.size();
}

}
