#include "sim/scenario/ConceptTest.h"
#include "sim/scenario/Course.h"
#include "tests/support/Catch.h"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <set>
#include <sstream>

using namespace drydock;
using scenario::TestPhase;

namespace {

std::string contents(char const* path)
{
    std::stringstream text;
    text << std::ifstream(path).rdbuf();
    return text.str();
}

scenario::ConceptTest shipped_test()
{
    auto loaded = scenario::load_concept_test(contents("scenarios/course/concept-test.toml"));
    for (auto const& problem : loaded.problems)
        FAIL_CHECK(problem.to_string("concept-test.toml"));
    REQUIRE(loaded.test);
    return *loaded.test;
}

constexpr std::string_view sound_course = R"(schema = 1
[[lesson]]
id = "a"
[[lesson]]
id = "b"
[[track]]
name = "Short"
lessons = ["b"]
)";

constexpr std::string_view sound_test = R"(schema = 1
[[item]]
id = "one"
misconception = "M1"
belief = "It is a small machine"
question = "How many kernels are there?"
choices = ["1", "2", "3", "4"]
right = 1
why = "All are processes on one."
[[item]]
id = "two"
misconception = "M2"
belief = "It runs"
question = "What runs?"
choices = ["init", "the shell", "the command", "nothing"]
right = 3
why = "It is files."
)";

std::string with(std::string_view sound, std::string_view from, std::string_view to)
{
    std::string text(sound);
    auto const at = text.find(from);
    REQUIRE(at != std::string::npos);
    return text.replace(at, from.size(), to);
}

}

TEST_CASE("Course: the shipped one is sound, and its tracks lead through its lessons", "[sim][scenario]")
{
    auto const loaded = scenario::load_course(contents("scenarios/course/course.toml"));
    for (auto const& problem : loaded.problems)
        FAIL_CHECK(problem.to_string("course.toml"));
    REQUIRE(loaded.course);
    CHECK(loaded.course->lessons.size() == 18);
    CHECK(loaded.course->tracks.size() == 2);
}

TEST_CASE("Course: what is wrong is named with its line", "[sim][scenario]")
{
    struct Row {
        char const* from;
        char const* to;
        char const* complaint;
    };
    auto const row = GENERATE(Row { "schema = 1", "schema = 2", "c:1:10: schema 2" },
        Row { "id = \"b\"", "id = \"a\"", "c:5:6: \"a\" is there twice" },
        Row { "[\"b\"]", "[\"c\"]", "c:8:11: \"c\" is no [[lesson]]" }, Row { "[\"b\"]", "[]", "c:8:11: a track" },
        Row { "name = \"Short\"\n", "", "c:6:1: `name` is missing" },
        Row { "name", "nam", "c:7:1: unknown key `nam`: did you mean `name`?" }, Row { "]]", "]", "c:2:" });
    auto const loaded = scenario::load_course(with(sound_course, row.from, row.to));
    CAPTURE(row.to);
    CHECK_FALSE(loaded.course);
    std::string all;
    for (auto const& problem : loaded.problems)
        all += problem.to_string("c") + "\n";
    CAPTURE(all);
    CHECK(all.find(row.complaint) != std::string::npos);
}

TEST_CASE("ConceptTest: what is wrong is named with its line", "[sim][scenario]")
{
    struct Row {
        char const* from;
        char const* to;
        char const* complaint;
    };
    auto const row = GENERATE(Row { "\"3\", \"4\"]", "\"3\"]", "t:7:11: 3 different choices" },
        Row { "\"3\", \"4\"]", "\"3\", \"3\"]", "t:7:11: 3 different choices" },
        Row { "right = 1", "right = 5", "t:8:9: " }, Row { "right = 1", "right = 0", "t:8:9: " },
        Row { "\"two\"", "\"one\"", "item \"one\" is there twice" }, Row { "\"two\"", "\"Two, three\"", "is no id" },
        Row { "why", "because", "unknown key `because`" });
    auto const loaded = scenario::load_concept_test(with(sound_test, row.from, row.to));
    CAPTURE(row.to);
    CHECK_FALSE(loaded.test);
    std::string all;
    for (auto const& problem : loaded.problems)
        all += problem.to_string("t") + "\n";
    CAPTURE(all);
    CHECK(all.find(row.complaint) != std::string::npos);
}

TEST_CASE("ConceptTest: there is an item for each belief of docs/teaching.md, in its words", "[sim][scenario]")
{
    auto const test = shipped_test();
    auto const table = contents("docs/teaching.md");
    CHECK(test.items.size() == 25);
    std::set<std::string> treated;
    for (auto const& item : test.items) {
        CAPTURE(item.id);
        CHECK(treated.insert(item.misconception).second);
        CHECK(table.find(fmt::format("| {} | {} |", item.misconception, item.belief)) != std::string::npos);
    }
    for (int i = 1; i <= 25; ++i)
        CHECK(treated.contains(fmt::format("M{}", i)));
}

// Who knows nothing must not find the right ones by their place or their length.
TEST_CASE("ConceptTest: right answers are spread evenly over places and lengths", "[sim][scenario]")
{
    auto const test = shipped_test();
    std::array<int, 4> at {};
    int longest = 0, shortest = 0;
    for (auto const& item : test.items) {
        ++at.at(item.right);
        auto const by_length = [](auto const& a, auto const& b) { return a.size() < b.size(); };
        auto const [least, most] = std::minmax_element(item.choices.begin(), item.choices.end(), by_length);
        auto const size = item.choices[item.right].size();
        longest += least->size() != most->size() && size == most->size() ? 1 : 0;
        shortest += least->size() != most->size() && size == least->size() ? 1 : 0;
    }
    for (auto const count : at)
        CHECK((count >= 5 && count <= 8));
    CHECK((longest >= 2 && longest <= 10));
    CHECK((shortest >= 2 && shortest <= 10));
}

TEST_CASE("ConceptTest: results are lines of a table that can be read again", "[sim][scenario]")
{
    auto const test = *scenario::load_concept_test(sound_test).test;
    auto const monday = scenario::results_as_csv(test, { 0, std::nullopt }, TestPhase::Before, "2026-11-23");
    CHECK(monday == "2026-11-23,before,one,M1,1,1\n2026-11-23,before,two,M2,,0\n");
    auto const friday = scenario::results_as_csv(test, { 0, 2 }, TestPhase::After, "2026-11-27");
    auto const again = scenario::results_as_csv(test, { 1, 2 }, TestPhase::After, "2026-11-27");
    auto const csv = std::string(scenario::results_header) + monday + "nonsense\n" + friday + again;
    auto const before = scenario::last_result(csv, TestPhase::Before);
    REQUIRE(before);
    CHECK(before->right == 1);
    CHECK(before->items == 2);
    CHECK(before->date == "2026-11-23");
    auto const after = scenario::last_result(csv, TestPhase::After);
    REQUIRE(after);
    CHECK(after->right == 1); // the last time counts, not both of that day
    CHECK(after->items == 2);
    CHECK_FALSE(scenario::last_result(scenario::results_header, TestPhase::After));
}
