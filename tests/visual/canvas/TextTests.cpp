#include "tests/support/Catch.h"
#include "visual/canvas/Text.h"

using namespace drydock;
using namespace drydock::canvas;
using theme::Style;

namespace {
Measure measure()
{
    static theme::Fonts const fonts(1);
    return Measure(fonts);
}
}

TEST_CASE("Text: what fits stays as it is", "[visual][canvas]")
{
    CHECK(elided(measure(), Style::Body, "short", 200) == "short");
    CHECK(wrapped(measure(), Style::Body, "short", 200) == std::vector<std::string_view> { "short" });
    CHECK(wrapped(measure(), Style::Body, "", 200).empty());
}

TEST_CASE("Text: what does not fit is cut with an ellipsis and then fits", "[visual][canvas]")
{
    std::string const path = "/var/lib/drydock/blobs/sha256/77aa10b2c4d6e8f0";
    for (float const width : { 40.0f, 90.0f, 150.0f, 300.0f }) {
        for (auto const cut : { Cut::End, Cut::Middle }) {
            auto const text = elided(measure(), Style::Mono, path, width, cut);
            CAPTURE(text, width);
            CHECK(measure().width(Style::Mono, text) <= width);
            CHECK(text.find("…") != std::string::npos);
        }
    }
    auto const middle = elided(measure(), Style::Mono, path, 150, Cut::Middle);
    CHECK(middle.starts_with("/var"));
    CHECK(middle.ends_with("f0"));
}

TEST_CASE("Text: a cut never splits a character", "[visual][canvas]")
{
    std::string const umlauts = "äöüäöüäöüäöüäöü";
    for (float width = 10; width < 150; width += 3) {
        auto const text = elided(measure(), Style::Body, umlauts, width);
        auto const cut = text.find("…");
        CHECK((cut == std::string::npos || cut % 2 == 0));
    }
}

TEST_CASE("Text: lines break at spaces, hold their width, and lose nothing", "[visual][canvas]")
{
    std::string const text = "A container is a process with its own view of the system: namespaces, a root, limits.";
    for (float const width : { 110.0f, 160.0f, 333.0f }) {
        std::string joined;
        for (auto const line : wrapped(measure(), Style::Body, text, width)) {
            CAPTURE(std::string(line));
            CHECK(measure().width(Style::Body, line) <= width);
            CHECK_FALSE(line.ends_with(' '));
            joined += (joined.empty() ? "" : " ") + std::string(line);
        }
        CHECK(joined == text);
    }
}

TEST_CASE("Text: newlines break, empty lines stay, and a long word is broken by force", "[visual][canvas]")
{
    using Lines = std::vector<std::string_view>;
    CHECK(wrapped(measure(), Style::Body, "a\n\nb", 100) == Lines { "a", "", "b" });
    CHECK(wrapped(measure(), Style::Body, "a\n", 100) == Lines { "a" });
    auto const lines = wrapped(measure(), Style::Mono, "aaaaaaaaaaaaaaaaaaaaaaaa", 60);
    CHECK(lines.size() > 2);
    CHECK(wrapped(measure(), Style::Body, "abc", 0).size() == 3); // Even with no room it comes to an end.
}

TEST_CASE("Text: a paragraph is as high as its lines", "[visual][canvas]")
{
    CHECK(paragraph_height(measure(), Style::Body, "one\ntwo", 500) == 2 * Measure::line_height(Style::Body));
}
