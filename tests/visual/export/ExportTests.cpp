#include "tests/support/Catch.h"
#include "visual/export/Film.h"
#include "visual/export/Pictures.h"

#include <unistd.h>

#include <algorithm>
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
