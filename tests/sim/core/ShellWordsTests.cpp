#include "sim/core/ShellWords.h"
#include "tests/support/Catch.h"

using namespace drydock;

TEST_CASE("ShellWords: only what needs quotes gets them", "[sim][core]")
{
    CHECK(join_words({ "sh", "-c", "echo hi" }) == "sh -c 'echo hi'");
    CHECK(join_words({ "" }) == "''");
    CHECK(join_words({ "it's" }) == "'it'\\''s'");
    CHECK(join_words({}).empty());
}
