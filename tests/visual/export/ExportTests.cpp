#include "sim/words/Language.h"
#include "tests/support/Catch.h"
#include "tests/support/SampleTraces.h"
#include "visual/export/Export.h"
#include "visual/export/Film.h"
#include "visual/export/FilmTime.h"
#include "visual/export/Page.h"
#include "visual/export/Pictures.h"
#include "visual/export/Subtitles.h"

#include <nlohmann/json.hpp>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>

using namespace drydock;
using namespace drydock::exporting;

namespace fs = std::filesystem;

namespace {

struct Folder {
    fs::path path { fs::temp_directory_path() / ("drydock-export-" + std::to_string(::getpid())) };
    Folder() { fs::create_directories(path); }
    ~Folder() { fs::remove_all(path); }
};

std::string content(fs::path const& path)
{
    std::ifstream file(path, std::ios::binary);
    return { std::istreambuf_iterator<char>(file), {} };
}

bool is_ffmpeg_installed()
{
    return fs::exists("/usr/bin/ffmpeg");
}

}

TEST_CASE("Export: a picture is a PNG file that reads back", "[visual][export]")
{
    Folder const folder;
    canvas::Surface const surface(20, 10, theme::hex(0x56b4e9));
    REQUIRE_OK(write_png(folder.path / "a.png", surface));
    auto const bytes = content(folder.path / "a.png");
    CHECK(REQUIRE_OK(canvas::decode_png(std::as_bytes(std::span(bytes)))) == surface);
}

TEST_CASE("Export: where no file can be, the error names it", "[visual][export]")
{
    auto const result = write_png("/nowhere/a.png", canvas::Surface(1, 1));
    REQUIRE_FALSE(result);
    CHECK(result.error().message().find("/nowhere/a.png") != std::string::npos);
}

TEST_CASE("Export: a film's ending decides its format, and a name is never taken for an option", "[visual][export]")
{
    auto const gif = REQUIRE_OK(encoder_arguments({ .path = "-x:y.gif", .width = 320, .height = 180 }));
    CHECK(gif.back() == "file:-x:y.gif");
    CHECK(std::find(gif.begin(), gif.end(), "320x180") != gif.end());
    auto const odd = encoder_arguments({ .path = "film.avi" });
    REQUIRE_FALSE(odd);
    CHECK(odd.error().kind() == ErrorKind::InvalidInput);
}

TEST_CASE("Export: without the encoder it says what to install", "[visual][export]")
{
    auto const film = Film::start({ .path = "film.mp4", .encoder = "no-such-encoder" });
    REQUIRE_FALSE(film);
    CHECK(film.error().kind() == ErrorKind::NotSupported);
    CHECK(film.error().message().find("package ffmpeg") != std::string::npos);
}

TEST_CASE("Export: an encoder that fails leaves an error with its words and no signal", "[visual][export]")
{
    Folder const folder;
    auto film = REQUIRE_OK(
        Film::start({ .path = folder.path / "film.mp4", .width = 640, .height = 360, .encoder = "false" }));
    canvas::Surface const frame(640, 360);
    Result<void> result;
    for (int i = 0; i < 100 && result; ++i)
        result = film.add(frame);
    REQUIRE_FALSE(result);
    CHECK(result.error().kind() == ErrorKind::Io);
}

TEST_CASE("Export: frames become a film, an unfinished one leaves nothing", "[visual][export]")
{
    if (!is_ffmpeg_installed()) {
        WARN("ffmpeg is not installed");
        return;
    }
    Folder const folder;
    auto const ending = GENERATE(as<std::string> {}, ".mp4", ".gif");
    FilmSettings const settings { .path = folder.path / ("film" + ending), .width = 63, .height = 35 };
    {
        auto film = REQUIRE_OK(Film::start(settings));
        for (int i = 0; i < 8; ++i)
            REQUIRE_OK(film.add(canvas::Surface(63, 35, theme::hex(i % 2 ? 0xe69f00 : 0x0072b2))));
        REQUIRE_OK(film.finish());
    }
    CHECK(content(settings.path).size() > 300);
    {
        auto film = REQUIRE_OK(Film::start(settings));
        REQUIRE_OK(film.add(canvas::Surface(63, 35)));
    }
    CHECK_FALSE(fs::exists(settings.path));
}

namespace {

struct Sheets {
    trace::EventLog log;
    Sheets() { testing::SampleTrace(log).the_read_write_layer(); }
};

exporting::ExportSettings small(fs::path const& to)
{
    return { .to = to, .camera = { .depth = trace::Depth::Role }, .frames_per_second = 2 };
}

bool go_on(double)
{
    return true;
}

}

TEST_CASE("Export: a moment is a second of the story or a beat", "[visual][export]")
{
    CHECK(REQUIRE_OK(parse_moment("12.5")).story == 12.5);
    CHECK(REQUIRE_OK(parse_moment("beat 7")).beat == 7u);
    auto const wrong = GENERATE(as<std::string> {}, "", "beat", "beat 0", "beat 1.5", "-1", "7 beats", "nan", "1e99");
    CAPTURE(wrong);
    CHECK_FALSE(parse_moment(wrong));
}

TEST_CASE("Export: a picture shows the moment that was asked for", "[visual][export]")
{
    Folder const folder;
    Sheets const sheets;
    auto settings = small(folder.path / "a.png");
    settings.at = { .beat = 1 };
    REQUIRE_OK(export_trace(sheets.log, settings, go_on));
    auto const first = content(settings.to);
    settings.at = {};
    REQUIRE_OK(export_trace(sheets.log, settings, go_on));
    CHECK(content(settings.to) != first);
    settings.at = { .beat = 9999 };
    CHECK_FALSE(export_trace(sheets.log, settings, go_on));
}

TEST_CASE(
    "Export: an ending that is none of ours, and a trace without events, are refused with words", "[visual][export]")
{
    Sheets const sheets;
    CHECK(export_trace(sheets.log, small("x.avi"), go_on).error().kind() == ErrorKind::InvalidInput);
    CHECK(export_trace({}, small("x.png"), go_on).error().kind() == ErrorKind::InvalidInput);
}

TEST_CASE("Export: subtitles follow each other, one for each beat, without markup", "[visual][export]")
{
    std::vector<stage::Beat> const beats { { .begin = 0, .end = 1.5, .caption = "One <b>." },
        { .begin = 1.5, .end = 62, .caption = "Two." } };
    CHECK(subtitles_of(beats)
        == "1\n00:00:00,000 --> 00:00:01,500\nOne ‹b›.\n\n2\n00:00:01,500 --> 00:01:02,000\nTwo.\n\n");
}

TEST_CASE("Export: a film rests where the window waits, for as long as there is to read", "[visual][export]")
{
    trace::EventLog log;
    testing::SampleTrace(log).a_lesson();
    stage::Choreography story(trace::Depth::Role);
    story.extend(log);
    auto const& beats = story.beats();
    auto const film = beats_of_film(beats, log);
    REQUIRE(film.size() == beats.size());
    std::size_t introduced = 0;
    double rests = 0;
    for (std::size_t i = 0; i < film.size(); ++i) {
        auto const longer = (film[i].end - film[i].begin) - (beats[i].end - beats[i].begin);
        CHECK(film[i].begin == Approx(beats[i].begin + rests)); // nothing else moves
        CHECK((longer > 1) == beats[i].holds);
        if (log[beats[i].lead].event.is<trace::LessonIntroduced>()) {
            ++introduced;
            CHECK(longer > 8); // a card full of words
        }
        rests += longer;
    }
    CHECK(introduced == 1);
}

TEST_CASE("Export: a film has its captions beside it and within", "[visual][export]")
{
    if (!is_ffmpeg_installed()) {
        WARN("ffmpeg is not installed");
        return;
    }
    Folder const folder;
    Sheets const sheets;
    REQUIRE_OK(export_trace(sheets.log, small(folder.path / "film.mp4"), go_on));
    CHECK(content(folder.path / "film.srt").find("-->") != std::string::npos);
    CHECK(content(folder.path / "film.mp4").find("tx3g") != std::string::npos); // the kind of MP4's text tracks
    auto const stopped
        = export_trace(sheets.log, small(folder.path / "half.mp4"), [](double part) { return part < 0.2; });
    CHECK(stopped.error().kind() == ErrorKind::Cancelled);
    CHECK_FALSE(fs::exists(folder.path / "half.mp4"));
}

TEST_CASE("Export: a storyboard asks first and answers on its last page", "[visual][export]")
{
    Folder const folder;
    Sheets sheets;
    testing::HandClock const clock;
    trace::Publisher const pen(
        sheets.log, clock, { HostId { "laptop" }, ActorId { "d" }, trace::Provenance::Simulated });
    pen.publish(trace::PredictionAsked { "copied", "How many <b>bytes</b>?", { "0", "all_of_it" } });
    pen.publish(trace::PredictionResolved { "copied", "0", "Nothing is *copied*." });
    REQUIRE_OK(export_trace(sheets.log, small(folder.path / "board"), go_on));
    auto const text = content(folder.path / "board" / "storyboard.md");
    CHECK(text.starts_with("# A thin sheet on top\n"));
    CHECK(text.find("**Question 1.** How many &lt;b>bytes&lt;/b>?") != std::string::npos);
    CHECK(text.find("- ☐ all\\_of\\_it") != std::string::npos);
    CHECK(text.find("1. 0. Nothing is \\*copied\\*.") > text.find("## Answers"));
    CHECK(fs::exists(folder.path / "board" / "001.png"));
}

TEST_CASE("Export: a handout has one still of each phase, of what the phase speaks of", "[visual][export]")
{
    Folder const folder;
    Sheets const sheets;
    auto settings = small(folder.path / "board");
    settings.each = StillEach::Phase;
    REQUIRE_OK(export_trace(sheets.log, settings, go_on));
    CHECK(fs::exists(folder.path / "board" / "001.png"));
    CHECK_FALSE(fs::exists(folder.path / "board" / "003.png")); // two phases, hundreds of beats
    auto const text = content(folder.path / "board" / "storyboard.md");
    CHECK(text.find("## 2. Write in one of them") < text.find("(002.png)"));
    CHECK(text.find("- ☐ a and b show different greetings") != std::string::npos);
}

TEST_CASE("Export: storyboard and page begin with what you will meet, and tell what was broken", "[visual][export]")
{
    Folder const folder;
    trace::EventLog log;
    testing::SampleTrace(log).a_lesson_broken();
    REQUIRE_OK(export_trace(log, small(folder.path / "board"), go_on));
    auto const text = content(folder.path / "board" / "storyboard.md");
    CHECK(text.find("- **Layer**: A sheet of files") > text.find("## You will meet"));
    CHECK(text.find("**What it is like** Tracing paper over a printed map") != std::string::npos);
    CHECK(text.find("## Break it: Delete below") > text.find("**What it is like**"));
    auto const page = page_of(log, { .title = "Trace" }, go_on);
    REQUIRE(page);
    CHECK(page->find(R"("parts":[["Layer","A sheet of files)") != std::string::npos);
    CHECK(page->find(R"([1,30.0,14.0,100.0,12.0,"tracing paper"])") != std::string::npos);
}

TEST_CASE(
    "Export: a page is one file with everything in it, and its texts cannot end their element", "[visual][export]")
{
    Sheets sheets;
    testing::HandClock const clock;
    trace::Publisher const pen(
        sheets.log, clock, { HostId { "laptop" }, ActorId { "d" }, trace::Provenance::Simulated });
    pen.publish(trace::ScenarioBegan { "x", "</script><b>" });
    auto const page = page_of(sheets.log, { .title = "Trace" }, go_on);
    REQUIRE(page);
    CHECK(page->find("{{") == page->find("{{title}}")); // only where the script speaks of it, if at all
    CHECK(page->find("<b>") == page->find("<b>Drydock"));
    CHECK(page->find("src=\"") == std::string::npos);
    // The recording is data, in which a proof may well name an address.
    auto const data = page->find("id=\"recording\">");
    auto const around = page->substr(0, data) + page->substr(page->find("</script>", data));
    CHECK(around.find("http://") == std::string::npos);
    CHECK(around.find("https://") == std::string::npos);
    CHECK_FALSE(page_of(sheets.log, {}, [](double) { return false; }));
}

TEST_CASE("Export: in a recording the last frame of every beat is its still", "[visual][export]")
{
    Sheets const sheets;
    platform::Offscreen offscreen;
    canvas::Measure const measure(offscreen.frame().fonts(1));
    canvas::Rect const room { 0, 0, 1113, 539 };
    Recording recording(sheets.log, measure, room);
    auto const beats = recording.beats(trace::Depth::Object, go_on);
    REQUIRE(beats);
    auto const things = recording.things();
    stage::Choreography choreography(trace::Depth::Object);
    choreography.extend(sheets.log);
    timeline::Timeline timeline(sheets.log);
    stage::Director director(timeline, choreography);
    REQUIRE(beats->size() == choreography.beats().size());
    for (std::size_t i = 0; i < beats->size(); ++i) {
        auto const& beat = (*beats)[i];
        auto const last = beat["frames"].get<int>() - 1;
        std::vector<std::pair<int, int>> recorded; // x and y in tenths, in drawing order
        for (auto const& track : beat["tracks"]) {
            if (track.is_number()) {
                recorded.emplace_back(things[track.get<std::size_t>()][1], things[track.get<std::size_t>()][2]);
            } else if (track.size() == 3) {
                if (track[2].get<int>() == last)
                    recorded.emplace_back(
                        things[track[0].get<std::size_t>()][1], things[track[0].get<std::size_t>()][2]);
            } else if (track[1].get<int>() + track[2].get<int>() - 1 == last) {
                auto const at_last = [&](auto const& v) {
                    return v.is_number() ? v.template get<int>() : v.back().template get<int>();
                };
                recorded.emplace_back(at_last(track[3]), at_last(track[4]));
            }
        }
        std::vector<std::pair<int, int>> shown;
        stage::Look const look { .view = { room, trace::Depth::Object }, .unlit = recording_unlit, .selected = {} };
        for (auto const& p :
            director.scene(choreography.beats()[i].end - 0.001, look, stage::ruler_of(measure)).primitives)
            shown.emplace_back(std::lround(p.rect.x * 10), std::lround(p.rect.y * 10));
        CAPTURE(i);
        CHECK(recorded == shown);
    }
}

TEST_CASE("Export: in another language the story is told in it from the first picture on", "[visual][export]")
{
    Folder const folder;
    Sheets const sheets;
    auto const file = "language = \"xx\"\nname = \"X\"\n[text]\n\"{} begins.\" = \"{} incipit.\"\n";
    words::use(std::make_shared<words::Catalogue const>(words::Catalogue::parse(file).catalogue));
    auto const done = export_trace(sheets.log, small(folder.path / "board"), go_on);
    words::use(nullptr);
    REQUIRE_OK(done);
    CHECK(content(folder.path / "board" / "storyboard.md").find("A thin sheet on top incipit.") != std::string::npos);
}
