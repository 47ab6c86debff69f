#include "engine/client/DockerClient.h"
#include "tests/support/Catch.h"

using namespace drydock;
using client::split_words;
using Words = std::vector<std::string>;

TEST_CASE("split_words: quotes and backslashes as a POSIX shell reads them", "[engine][client]")
{
    CHECK(REQUIRE_OK(split_words("run  busybox\techo hi")) == Words { "run", "busybox", "echo", "hi" });
    CHECK(REQUIRE_OK(split_words("sh -c 'echo \"x\" y'")) == Words { "sh", "-c", "echo \"x\" y" });
    CHECK(REQUIRE_OK(split_words(R"(a"b c"d \  "\$x" "\n")")) == Words { "ab cd", " ", "$x", "\\n" });
    CHECK(REQUIRE_OK(split_words("''")) == Words { "" });
    CHECK(REQUIRE_OK(split_words("  ")).empty());
}

TEST_CASE("split_words: an open quote is refused", "[engine][client]")
{
    auto const line = GENERATE(as<std::string> {}, "echo 'x", "echo \"x");
    auto const words = split_words(line);
    REQUIRE_FALSE(words);
    CHECK(words.error().kind() == ErrorKind::InvalidInput);
}

TEST_CASE("split_words: what a command prints becomes words, within double quotes a part of one", "[engine][client]")
{
    client::CommandOutput const echo
        = [](std::string_view command) -> Result<std::string> { return "<" + std::string(command) + "> b\n\n"; };
    CHECK(REQUIRE_OK(split_words("rm $(ps -aq) c", echo)) == Words { "rm", "<ps", "-aq>", "b", "c" });
    CHECK(REQUIRE_OK(split_words("rm x\"$(ps)\"y", echo)) == Words { "rm", "x<ps> by" });
    CHECK(REQUIRE_OK(split_words("sh '$(ps)' \\$(", echo)) == Words { "sh", "$(ps)", "$(" });
    CHECK(REQUIRE_OK(split_words("i -f \"$(ps -f ')(' $(x))\"", echo)) == Words { "i", "-f", "<ps -f ')(' $(x)> b" });
    CHECK(REQUIRE_OK(split_words("a $(b)")) == Words { "a", "$(b)" }); // nobody runs commands
    CHECK_FALSE(split_words("rm $(ps", echo));
}
