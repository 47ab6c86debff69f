#include "tests/support/Catch.h"
#include "tests/support/TemporaryDirectory.h"
#include "visual/settings/Settings.h"

#include <fstream>

using namespace drydock;
using settings::Settings;

namespace fs = std::filesystem;

TEST_CASE("Settings: what is written is read back", "[visual][settings]")
{
    Settings const chosen { .theme = theme::ThemeName::Projector,
        .scale = 1.25,
        .language = "de",
        .reduced_motion = true,
        .depth = 2,
        .speed = 0.5,
        .width = 1920,
        .height = 1080 };
    auto const read = settings::parse(settings::to_toml(chosen));
    CHECK(read.problems.empty());
    CHECK(read.settings == chosen);
    CHECK(settings::parse(settings::to_toml({})).settings == Settings {});
}

TEST_CASE("Settings: a wrong value is told with its line and ignored; the others hold", "[visual][settings]")
{
    auto const wrong = GENERATE(as<std::string> {}, "theme = \"pink\"", "theme = 1", "scale = 9", "scale = \"big\"",
        "language = \"../x\"", "reduced_motion = 1", "depth = 4", "depth = 1.5", "speed = 0", "width = -1",
        "colour = 1");
    CAPTURE(wrong);
    auto const read = settings::parse("# mine\n" + wrong + "\nheight = 700\n");
    REQUIRE(read.problems.size() == 1);
    CHECK(read.problems[0].starts_with("line 2: "));
    CHECK(read.settings == Settings { .height = 700 });
}

TEST_CASE("Settings: what is no TOML is told and leaves the defaults", "[visual][settings]")
{
    auto const read = settings::parse("theme = ");
    CHECK(read.problems.size() == 1);
    CHECK(read.settings == Settings {});
    CHECK(settings::parse(std::string(100'000, '#')).problems.size() == 1);
}

TEST_CASE("Settings: saving makes the folder, replaces the file whole, and follows no link", "[visual][settings]")
{
    tests::TemporaryDirectory const folder;
    auto const place = folder.path() / "config" / "drydock" / "settings.toml";
    REQUIRE_OK(settings::save({ .depth = 3 }, place));
    REQUIRE_OK(settings::save({ .depth = 2 }, place));
    std::ifstream file(place);
    std::string const text { std::istreambuf_iterator<char>(file), {} };
    CHECK(settings::parse(text).settings.depth == 2);
    CHECK_FALSE(fs::exists(place.string() + ".new"));
    fs::create_symlink(folder.path() / "elsewhere", place.string() + ".new");
    CHECK_FALSE(settings::save({ .depth = 1 }, place));
    CHECK_FALSE(fs::exists(folder.path() / "elsewhere"));
}
