#include "tests/support/Catch.h"
#include "tests/support/TemporaryDirectory.h"
#include "visual/settings/Files.h"
#include "visual/settings/Progress.h"

using namespace drydock;
using settings::Progress;

TEST_CASE("Progress: what is written is read back", "[visual][settings]")
{
    Progress progress;
    progress.see("union-filesystem", 2, "2026-11-25");
    progress.see("odd \"name\" \\", 0, "2026-11-26");
    progress.reach("union-filesystem", "2026-11-26");
    auto const read = settings::parse_progress(settings::progress_as_toml(progress));
    CHECK(read.problems.empty());
    CHECK(read.progress == progress);
    CHECK(read.progress.last == "union-filesystem");
    CHECK(read.progress.lessons.at("union-filesystem").begun == "2026-11-25");
    CHECK(read.progress.lessons.at("union-filesystem").done == "2026-11-26");
    CHECK(settings::parse_progress(settings::progress_as_toml({})).progress == Progress {});
}

TEST_CASE("Progress: a lesson that is wrong is told with its line and left out", "[visual][settings]")
{
    auto const wrong = GENERATE(as<std::string> {}, "lesson.a = 1", "lesson.a = { begun = \"yesterday\" }",
        "lesson.a = { begun = \"2026-11-26\", done = \"soon\" }", "lesson.a = { begun = \"2026-11-26\", phase = -1 }",
        "score = 3", "last = 3");
    CAPTURE(wrong);
    auto const read = settings::parse_progress("# mine\n" + wrong + "\n[lesson.b]\nbegun = \"2026-11-26\"\n");
    REQUIRE(read.problems.size() == 1);
    CHECK(read.problems[0].starts_with("line 2: "));
    CHECK(read.progress.lessons.size() == 1);
    CHECK(settings::parse_progress("last = ").problems.size() == 1);
}

TEST_CASE("Files: a table gets its header once, and later lines after the earlier", "[visual][settings]")
{
    tests::TemporaryDirectory const folder;
    auto const place = folder.path() / "data" / "results.csv";
    REQUIRE_OK(settings::append_text("a,b\n", "1,2\n", place));
    REQUIRE_OK(settings::append_text("a,b\n", "3,4\n", place));
    CHECK(settings::read_text(place) == "a,b\n1,2\n3,4\n");
    CHECK_FALSE(settings::append_text("a,b\n", "5,6\n", {}));
}
