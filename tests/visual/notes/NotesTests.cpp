#include "tests/support/Catch.h"
#include "tests/support/TemporaryDirectory.h"
#include "visual/app/Notes.h"

#include <sys/stat.h>
#include <unistd.h>

#include <array>

using namespace drydock;

namespace {

std::string read_some(os::Fd const& reader)
{
    std::array<char, 4096> bytes {};
    auto const count = ::read(reader.get(), bytes.data(), bytes.size());
    return count > 0 ? std::string(bytes.data(), static_cast<std::size_t>(count)) : std::string();
}

}

TEST_CASE("Notes: whoever comes hears all, and then what changes", "[visual][notes]")
{
    tests::TemporaryDirectory const folder;
    auto const place = app::notes_socket_of(folder.path(), 7);
    auto window = REQUIRE_OK(app::NotesSocket::open(place));
    window->serve("one\n");
    auto const reader = REQUIRE_OK(app::connect_to_notes(place));
    window->serve("one\n");
    CHECK(read_some(reader) == "one\n");
    window->serve("one\n"); // no news
    window->serve("two\n");
    CHECK(read_some(reader) == "two\n");
    window.reset();
    CHECK(read_some(reader).empty());
    CHECK_FALSE(app::connect_to_notes(place));
}

TEST_CASE("Notes: the socket is its user's alone", "[visual][notes]")
{
    tests::TemporaryDirectory const folder;
    auto const place = folder.path() / "s";
    auto const window = REQUIRE_OK(app::NotesSocket::open(place));
    struct stat found { };
    REQUIRE(::stat(place.c_str(), &found) == 0);
    CHECK((found.st_mode & 0777) == 0600);
}

TEST_CASE("Notes: a reader who does not read is let go and holds up nobody", "[visual][notes]")
{
    tests::TemporaryDirectory const folder;
    auto const place = folder.path() / "s";
    auto const window = REQUIRE_OK(app::NotesSocket::open(place));
    auto const lazy = REQUIRE_OK(app::connect_to_notes(place));
    for (int i = 0; i < 200; ++i)
        window->serve(std::string(50'000, 'x') + std::to_string(i) + "\n");
    auto const reader = REQUIRE_OK(app::connect_to_notes(place));
    window->serve("now\n");
    CHECK(read_some(reader) == "now\n");
}

TEST_CASE("Notes: a page tells what is shown, and no terminal is commanded by it", "[visual][notes]")
{
    auto const page = app::notes_page(
        R"({"title":"T","clock":65,"phase":1,"phases":3,"name":"N","say":"S","notes":"Ask \u001b[2J first","next":"X","beat":4,"beats":9})");
    CHECK(page.starts_with("T   01:05\n\nPart 1 of 3. N\n"));
    CHECK(page.find("Ask [2J first") != std::string::npos);
    CHECK(page.find('\x1b') == std::string::npos);
    CHECK(page.find("beat 4 of 9") != std::string::npos);
    CHECK(page.find("Answer") == std::string::npos);
    CHECK(app::notes_page("no JSON").empty());
}
