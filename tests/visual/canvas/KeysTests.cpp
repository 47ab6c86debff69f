#include "tests/support/Catch.h"
#include "visual/canvas/Keys.h"

using namespace drydock::canvas;

TEST_CASE("Keys: a chord's text names it and is read back", "[visual][canvas]")
{
    auto const text = GENERATE(as<std::string> {}, "Space", "Ctrl+K", "Ctrl+Shift+P", "Shift+Left", "Alt+F4", "PgDn",
        "Home", "F12", "1", "Ctrl+0", "Esc", "?", "[", "+", ",");
    auto const chord = Chord::parse(text);
    REQUIRE(chord);
    CHECK(to_string(*chord) == text);
}

TEST_CASE("Keys: signs are told by their character, letters and digits by their key", "[visual][canvas]")
{
    CHECK(Chord::parse("?")->character == '?');
    CHECK(Chord::parse("K")->key == Chord::of_letter('K').key);
    CHECK(*Chord::parse("Ctrl+K") == Chord::of_letter('K').with_control());
    CHECK(*Chord::parse("Shift+Alt+Left") == Chord::of(Key::Left).with_shift().with_alt());
}

TEST_CASE("Keys: what is no chord is refused", "[visual][canvas]")
{
    auto const text = GENERATE(as<std::string> {}, "", "Ctrl+", "Hyper+K", "Ctrl+?", "F13", "ab", "k k", " ");
    CAPTURE(text);
    CHECK_FALSE(Chord::parse(text));
}
