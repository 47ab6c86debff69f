#include "engine/build/Words.h"
#include "tests/support/Catch.h"

#include <map>

using namespace drydock;
using namespace drydock::build;

namespace {

std::optional<std::string> known(std::string const& name)
{
    static std::map<std::string, std::string> const values { { "foo", "/bar" }, { "two", "a b" }, { "empty", "" } };
    auto const found = values.find(name);
    return found == values.end() ? std::nullopt : std::optional(found->second);
}

std::string expanded(std::string const& word, char escape = '\\')
{
    return REQUIRE_OK(expand(word, escape, known));
}

using Words = std::vector<std::string>;

}

TEST_CASE("expand: variables in all their forms", "[engine][build]")
{
    CHECK(expanded("$foo") == "/bar");
    CHECK(expanded("${foo}x") == "/barx");
    CHECK(expanded("$foox") == "");
    CHECK(expanded("\\$foo") == "$foo");
    CHECK(expanded("\\${foo}") == "${foo}");
    CHECK(expanded("${no:-x}") == "x");
    CHECK(expanded("${empty:-x}") == "x");
    CHECK(expanded("${empty-x}") == "");
    CHECK(expanded("${no-x}") == "x");
    CHECK(expanded("${foo:+x}") == "x");
    CHECK(expanded("${no:+x}") == "");
    CHECK(expanded("${empty+x}") == "x");
    CHECK(expanded("${no:-${foo}}") == "/bar");
    CHECK(expanded("${no:-a b}") == "a b");
    CHECK(expanded("$") == "$");
    CHECK(expanded("a$-b") == "a$-b");
}

TEST_CASE("expand: quotes and escapes go, and what they kept stays", "[engine][build]")
{
    CHECK(expanded("'$foo'") == "$foo");
    CHECK(expanded("\"$foo\"") == "/bar");
    CHECK(expanded("\"a\\\"b\"") == "a\"b");
    CHECK(expanded("\"a\\b\"") == "a\\b");
    CHECK(expanded("a\\ b") == "a b");
    CHECK(expanded("'a'\"b\"c") == "abc");
    CHECK(expanded("`$foo", '`') == "$foo");
    CHECK(expanded("c:\\dir", '`') == "c:\\dir");
}

TEST_CASE("expand: what is open or unknown is an error that says so", "[engine][build]")
{
    auto const [word, message] = GENERATE(table<std::string, std::string>({
        { "'a", "unexpected end of statement while looking for matching single-quote" },
        { "\"a", "unexpected end of statement while looking for matching double-quote" },
        { "${a", "unexpected end of statement while looking for matching \"}\"" },
        { "${a:-b", "unexpected end of statement while looking for matching \"}\"" },
        { "${}", "syntax error: bad substitution" },
        { "${no:?must be there}", "no: must be there" },
        { "${foo:x}", "unsupported modifier in substitution of ${foo}: there are :-, :+ and :?" },
    }));
    CAPTURE(word);
    auto const result = expand(word, '\\', known);
    REQUIRE_FALSE(result);
    CHECK(result.error().message() == message);
}

TEST_CASE("expand: doubling a variable over and over ends at the limit", "[engine][build]")
{
    std::string value = "xxxxxxxx";
    auto const self = [&](std::string const&) { return std::optional(value); };
    Result<std::string> grown = value;
    for (int i = 0; i < 60 && grown; ++i) {
        grown = expand("$a$a", '\\', self);
        if (grown)
            value = *grown;
    }
    REQUIRE_FALSE(grown);
    CHECK(grown.error().kind() == ErrorKind::LimitExceeded);
    std::string nested = "x";
    for (int i = 0; i < 1000; ++i)
        nested = "${no:-" + nested + "}";
    CHECK(expand(nested, '\\', known).error().kind() == ErrorKind::LimitExceeded);
}

TEST_CASE("expand_to_words: an unquoted variable is split, a quoted one is not", "[engine][build]")
{
    CHECK(REQUIRE_OK(expand_to_words("$two", '\\', known)) == Words { "a", "b" });
    CHECK(REQUIRE_OK(expand_to_words("\"$two\"", '\\', known)) == Words { "a b" });
    CHECK(REQUIRE_OK(expand_to_words("$empty", '\\', known)).empty());
}

TEST_CASE("parse_json_words: strings, and nothing but strings", "[engine][build]")
{
    CHECK(*REQUIRE_OK(parse_json_words(R"( ["a", "b c"] )")) == Words { "a", "b c" });
    CHECK(REQUIRE_OK(parse_json_words("[]"))->empty());
    CHECK_FALSE(REQUIRE_OK(parse_json_words("['a']")));
    CHECK_FALSE(REQUIRE_OK(parse_json_words("[\"a\"")));
    CHECK_FALSE(REQUIRE_OK(parse_json_words("echo")));
    CHECK_FALSE(parse_json_words("[1]"));
    CHECK_FALSE(parse_json_words("[[\"a\"]]"));
}
