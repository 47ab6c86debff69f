#include "sim/core/PathPattern.h"
#include "tests/support/Catch.h"

using namespace drydock;

namespace {

bool go_match(std::string const& pattern, std::string const& path)
{
    return REQUIRE_OK(PathPattern::parse(pattern, PathPattern::Stars::WithinNames)).matches(path);
}

bool ignores(std::string const& text, std::string const& path)
{
    return REQUIRE_OK(IgnoreList::parse(text)).ignores(path);
}

}

TEST_CASE("PathPattern: matches what Go's filepath.Match matches", "[sim][core]")
{
    CHECK(go_match("*.txt", "a.txt"));
    CHECK_FALSE(go_match("*.txt", "d/a.txt"));
    CHECK(go_match("*/a.txt", "d/a.txt"));
    CHECK(go_match("a?c", "abc"));
    CHECK_FALSE(go_match("a?c", "a/c"));
    CHECK(go_match("[a-c]x", "bx"));
    CHECK_FALSE(go_match("[^a-c]x", "bx"));
    CHECK(go_match("\\*", "*"));
    CHECK_FALSE(go_match("\\*", "a"));
    CHECK(go_match("**", "ab"));
    CHECK_FALSE(go_match("**", "a/b"));
    CHECK(go_match("a*b*c", "axxbyyc"));
    CHECK(go_match("", ""));
    for (auto const* broken : { "[a", "a\\", "[]", "[a-" })
        CHECK_FALSE(PathPattern::parse(broken, PathPattern::Stars::WithinNames));
}

TEST_CASE("PathPattern: a hostile pattern takes no longer than a plain one", "[sim][core]")
{
    std::string pattern;
    for (int i = 0; i < 200; ++i)
        pattern += "a*";
    CHECK_FALSE(go_match(pattern + "b", std::string(2000, 'a')));
}

TEST_CASE("IgnoreList: docker's own examples", "[sim][core]")
{
    CHECK(ignores("*/temp*", "somedir/temporary.txt"));
    CHECK_FALSE(ignores("*/temp*", "a/b/temp"));
    CHECK(ignores("*/*/temp*", "somedir/subdir/temporary.txt"));
    CHECK(ignores("temp?", "tempa"));
    CHECK(ignores("**/*.go", "main.go"));
    CHECK(ignores("**/*.go", "a/b/c/main.go"));
    CHECK(ignores("/foo/bar", "foo/bar"));
    CHECK(ignores("foo/bar", "foo/bar/baz")); // what lies below an ignored directory
    CHECK(ignores("*.md\n!README.md", "x.md"));
    CHECK_FALSE(ignores("*.md\n!README.md", "README.md"));
    CHECK(ignores("*.md\n!README*.md\nREADME-secret.md", "README-secret.md"));
    CHECK_FALSE(ignores("*.md\nREADME-secret.md\n!README*.md", "README-secret.md"));
    CHECK(ignores("# a comment\n\n  build/ \n", "build/x.o"));
    CHECK_FALSE(ignores("# *", "a"));
    CHECK(ignores("a/**/z", "a/z"));
    CHECK(ignores("a/**/z", "a/b/c/z"));
    CHECK_FALSE(ignores("a/**/z", "a/b/cz"));
    CHECK(ignores("dir/**", "dir/x/y"));
    CHECK_FALSE(ignores("", "a"));
    CHECK(ignores("./a/../b", "b"));
}

TEST_CASE("IgnoreList: a broken line is named", "[sim][core]")
{
    auto const list = IgnoreList::parse("fine\n[broken\n");
    REQUIRE_FALSE(list);
    CHECK(list.error().message() == ".dockerignore line 2: syntax error in pattern [broken");
}
