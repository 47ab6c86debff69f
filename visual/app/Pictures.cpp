#include "visual/app/Pictures.h"

#include "visual/app/ComparisonModel.h"
#include "visual/export/Camera.h"
#include "visual/export/Pictures.h"

#include <fmt/format.h>

namespace fs = std::filesystem;

namespace drydock::app {

Result<std::size_t> write_pictures(trace::EventLog const& log, PictureOptions const& options, int depth)
{
    fs::path const directory = options.directory;
    std::error_code error;
    fs::create_directories(directory, error);
    if (error)
        return fail(Error::from_errno("mkdir(2)", error.value()).with_context("making " + directory.string()));
    exporting::Camera camera(log,
        { .theme = options.theme,
            .height = options.height,
            .depth = static_cast<trace::Depth>(depth),
            .whole_window = options.whole_window,
            .view = view::view_called(options.view),
            .reduced_motion = true,
            .model = load_comparison_model().model });
    std::size_t count = 0;
    for (auto const& beat : camera.beats())
        TRY(exporting::write_png(directory / fmt::format("{:03}.png", ++count), camera.still(beat)));
    return count;
}

}
