#include "tests/support/Catch.h"
#include "visual/view/JsonText.h"

using drydock::view::json_lines;

namespace {

std::string printed(std::string_view text)
{
    std::string out;
    for (auto const& line : json_lines(text))
        out += std::string(line.depth * 2, ' ') + line.key + line.text + "\n";
    return out;
}

}

TEST_CASE("JsonText: one member a line, indented", "[visual][view]")
{
    CHECK(printed(R"({"Image":"busybox","Cmd":["echo","a,b:{"],"Env":[],"Tty":false})") == R"({
  "Image": "busybox",
  "Cmd": [
    "echo",
    "a,b:{"
  ],
  "Env": [],
  "Tty": false
}
)");
}

TEST_CASE("JsonText: what a bracket opens can be folded", "[visual][view]")
{
    auto const lines = json_lines(R"({"a":{"b":1},"c":2})");
    REQUIRE(lines.size() == 6);
    CHECK(lines[0].last == 5);
    CHECK(lines[1].last == 3);
    CHECK(lines[2].last == 2);
}

TEST_CASE("JsonText: text that was cut is shown as far as it goes", "[visual][view]")
{
    auto const cut = GENERATE(
        as<std::string> {}, R"({"a":{"b":"unfinish)", R"({"a":{"b)", R"({"a":[1,2,)", R"({"a":"\)", "{", "[[[[");
    CAPTURE(cut);
    auto const lines = json_lines(cut);
    REQUIRE_FALSE(lines.empty());
    for (auto const& line : lines)
        CHECK(line.last < lines.size());
}

TEST_CASE("JsonText: a stream of values, and text that is no JSON", "[visual][view]")
{
    CHECK(json_lines("{\"status\":\"Pulling\"}\n{\"status\":\"Done\"}\n").size() == 6);
    CHECK(printed("hello\nworld") == "hello\nworld\n");
    CHECK(json_lines("").empty());
}
