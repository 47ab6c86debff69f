#include "visual/app/Pictures.h"

#include "sim/timeline/Timeline.h"
#include "visual/export/Pictures.h"
#include "visual/platform/Offscreen.h"
#include "visual/theme/Type.h"

#include <fmt/format.h>

namespace fs = std::filesystem;

namespace drydock::app {

Result<std::size_t> write_pictures(trace::EventLog const& log, PictureOptions const& options, int depth)
{
    fs::path const directory = options.directory;
    auto const height = options.height;
    auto const width = height * 16 / 9;
    auto const scale = theme::scale_for_height(static_cast<float>(height));
    std::error_code error;
    fs::create_directories(directory, error);
    if (error)
        return fail(Error::from_errno("mkdir(2)", error.value()).with_context("making " + directory.string()));
    timeline::Timeline timeline(log);
    platform::Offscreen offscreen(theme::theme(options.theme));
    view::Screen screen;
    screen.state().presenter = !options.whole_window;
    screen.state().dock_open = options.whole_window ? 1 : 0;
    screen.state().view = options.view;
    screen.state().reduced_motion = true;
    view::FrameInput const input { .log = &log, .timeline = &timeline, .theme = options.theme };
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
