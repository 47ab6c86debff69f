#include "tests/support/Pictures.h"
#include "tests/visual/view/Desk.h"
#include "visual/platform/Offscreen.h"

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
    desk.state().only_changes = true;
    desk.driver.run(2);
    REQUIRE_OK(desk.driver.click(desk.row_of("/etc/greeting")));
    desk.driver.run(3);
    save(desk.driver.picture(), "u-xray");
    REQUIRE_OK(desk.driver.click("union.pane.1"));
    desk.driver.run(3);
    save(desk.driver.picture(), "u-sizes");
}
