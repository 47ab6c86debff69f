#include "tests/support/Catch.h"
#include "visual/app/SourceLines.h"

using namespace drydock;

TEST_CASE("SourceLines: the lines around the one that published", "[visual][app]")
{
    auto const excerpt = app::source_lines("sim/trace/Event.h", 1);
    REQUIRE_FALSE(excerpt.lines.empty());
    CHECK(excerpt.first == 1);
    CHECK(excerpt.lines.front() == "#pragma once");
    CHECK(app::source_lines("sim/trace/Event.h", 100).lines.size() == 13);
}

TEST_CASE("SourceLines: a trace cannot make other files be read", "[visual][app]")
{
    auto const file = GENERATE(as<std::string> {}, "/etc/passwd", "sim/../../../../etc/passwd", "README.md",
        "tests/support/Catch.h", "", "sim", "sim/nothing.cpp");
    CAPTURE(file);
    CHECK(app::source_lines(file, 1).lines.empty());
}
