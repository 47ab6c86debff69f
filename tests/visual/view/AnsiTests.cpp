#include "tests/support/Catch.h"
#include "visual/view/Ansi.h"

using namespace drydock::view;

namespace {

std::vector<std::string> texts(std::vector<StyledLine> const& lines)
{
    std::vector<std::string> plain;
    for (auto const& line : lines)
        plain.push_back(plain_text(line));
    return plain;
}

}

TEST_CASE("Ansi: colours and weights become runs, wherever the output is cut", "[visual][view]")
{
    std::string const output = "plain \x1b[1;34mblue\x1b[0m \x1b[31mred\x1b[39m end\n";
    for (std::size_t cut = 0; cut <= output.size(); ++cut) {
        AnsiReader reader;
        auto lines = reader.read(output.substr(0, cut));
        for (auto& line : reader.read(output.substr(cut)))
            lines.push_back(line);
        REQUIRE(lines.size() == 1);
        CHECK(lines[0]
            == StyledLine { { "plain ", {} }, { "blue", { std::uint8_t { 4 }, true } }, { " ", {} },
                { "red", { std::uint8_t { 1 }, false } }, { " end", {} } });
        CHECK(reader.pending().empty());
    }
}

TEST_CASE("Ansi: a carriage return writes over the line, tabs reach the next stop", "[visual][view]")
{
    AnsiReader reader;
    CHECK(texts(reader.read("10 %\r20 %\r\x1b[K30 %\nab\tc\nx\r\ny"))
        == std::vector<std::string> { "30 %", "ab      c", "x" });
    CHECK(plain_text(reader.pending()) == "y");
    CHECK(plain_text(reader.end_line()) == "y");
    CHECK(reader.pending().empty());
}

TEST_CASE("Ansi: what a terminal could be told to do is dropped", "[visual][view]")
{
    AnsiReader reader;
    CHECK(texts(reader.read("a\x1b]0;title\x07"
                            "b\x1b[2Jc\x1b[6nd\x1b(Be\x07\x7f\n"))
        == std::vector<std::string> { "abcde" });
    std::string hostile = "\x1b[";
    hostile.append(100000, '1');
    hostile += "\nafter\n";
    auto const lines = reader.read(hostile);
    CHECK(lines.size() == 2);
    CHECK(plain_text(lines.back()) == "after");
}
