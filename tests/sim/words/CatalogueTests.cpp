#include "sim/words/Language.h"
#include "tests/support/Catch.h"

using namespace drydock;
using words::Catalogue;

namespace {

constexpr auto german = R"(language = "de"
name = "Deutsch"
[text]
"Nothing here" = "Nichts da"
"{} has {} layers." = "{1} Schichten hat {0}."
)";

// Whatever a test speaks, the next one is English again.
struct Speaking {
    explicit Speaking(std::string_view file)
    {
        words::use(std::make_shared<Catalogue const>(Catalogue::parse(file).catalogue));
    }
    ~Speaking() { words::use(nullptr); }
};

}

TEST_CASE("Language: English until another one is chosen, and for what that one lacks", "[sim][words]")
{
    CHECK(words::language() == "en");
    CHECK(words::tr("Nothing here") == "Nothing here");
    Speaking const speaking(german);
    CHECK(words::language() == "de");
    CHECK(words::tr("Nothing here") == "Nichts da");
    CHECK(words::tr("Not translated") == "Not translated");
}

TEST_CASE("Language: a translation may name the values in another order", "[sim][words]")
{
    CHECK(words::say("{} has {} layers.", "busybox", 3) == "busybox has 3 layers.");
    Speaking const speaking(german);
    CHECK(words::say("{} has {} layers.", "busybox", 3) == "3 Schichten hat busybox.");
}

TEST_CASE("Language: a text that was handed out outlives the change to another language", "[sim][words]")
{
    std::string_view text;
    {
        Speaking const speaking(german);
        text = words::tr("Nothing here");
    }
    CHECK(text == "Nichts da");
}

TEST_CASE("Catalogue: a translation with other placeholders is left out, with its line", "[sim][words]")
{
    auto const wrong = GENERATE(as<std::string> {}, "eins", "{} {}", "{1}", "{0:.3f}", "{", "}", "{x}");
    CAPTURE(wrong);
    auto const parsed
        = Catalogue::parse("language = \"de\"\nname = \"Deutsch\"\n[text]\n\"{} more\" = \"" + wrong + "\"\n");
    REQUIRE(parsed.problems.size() == 1);
    CHECK(parsed.problems[0].line == 4);
    CHECK_FALSE(parsed.catalogue.find("{} more"));
}

TEST_CASE("Catalogue: what is formatted keeps its format; a doubled brace is a brace", "[sim][words]")
{
    CHECK_FALSE(words::placeholder_mistake("{:.0f} of {:>3}", "von {1:>3} {0:.0f}"));
    CHECK(words::placeholder_mistake("{:.0f}", "{}"));
    CHECK_FALSE(words::placeholder_mistake("{{}} {}", "{} {{ }}"));
}

TEST_CASE("Catalogue: what is no language file says where and why", "[sim][words]")
{
    CHECK(Catalogue::parse("language = ").problems.size() == 1);
    CHECK(Catalogue::parse("[text]\n").problems.size() == 2); // no code, no name
    CHECK(Catalogue::parse("language = \"de\"\nname = \"x\"\nother = 1\n[text]\n").problems.at(0).line == 3);
    CHECK(Catalogue::parse("language = \"de\"\nname = \"x\"\n[text]\n\"a\" = 1\n\"b\" = \"\"\n").problems.size() == 2);
    CHECK(Catalogue::parse(std::string(2'000'000, '#')).problems.size() == 1);
}

TEST_CASE("Catalogue: of two texts for one key the first stays", "[sim][words]")
{
    auto program = Catalogue::parse(german).catalogue;
    program.add(
        Catalogue::parse("language = \"de\"\nname = \"\"\n[text]\n\"Nothing here\" = \"x\"\n\"New\" = \"Neu\"\n")
            .catalogue);
    CHECK(program.find("Nothing here") == "Nichts da");
    CHECK(program.find("New") == "Neu");
}
