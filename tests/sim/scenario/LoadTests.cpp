#include "sim/scenario/Scenario.h"
#include "tests/support/Catch.h"

#include <filesystem>
#include <fstream>
#include <sstream>

using namespace drydock::scenario;

namespace {

std::string const sound = R"(schema = 1
id = "x"
title = "X"

[[phase]]
name = "One"
say = "You look."
run = ["docker ps"]

[[goal]]
text = "Something happened"
all = [{ printed = "hi" }]
)";

std::string replaced(std::string text, std::string const& from, std::string const& to)
{
    auto const at = text.find(from);
    REQUIRE(at != std::string::npos);
    return text.replace(at, from.size(), to);
}

std::string read(std::filesystem::path const& path)
{
    std::ifstream file(path);
    std::stringstream content;
    content << file.rdbuf();
    return content.str();
}

}

TEST_CASE("Load: a sound file becomes a scenario", "[sim][scenario]")
{
    auto const loaded = load(sound);
    CHECK(loaded.problems.empty());
    REQUIRE(loaded.scenario);
    CHECK(loaded.scenario->phases.at(0).run == std::vector<std::string> { "docker ps" });
    CHECK(loaded.scenario->solution() == std::vector<std::string> { "docker ps" });
    CHECK(loaded.scenario->setup().empty());
}

TEST_CASE("Load: every shipped scenario is sound", "[sim][scenario]")
{
    std::size_t files = 0;
    for (auto const& entry : std::filesystem::directory_iterator("scenarios")) {
        if (entry.path().extension() != ".toml")
            continue;
        ++files;
        auto const loaded = load(read(entry.path()));
        for (auto const& problem : loaded.problems)
            UNSCOPED_INFO(problem.to_string(entry.path().string()));
        CHECK(loaded.problems.empty());
        REQUIRE(loaded.scenario);
        CHECK(loaded.scenario->id == entry.path().stem());
    }
    CHECK(files >= 2);
}

TEST_CASE("Load: what is wrong is named with line, column and remedy", "[sim][scenario]")
{
    struct Row {
        char const* from;
        char const* to;
        char const* complaint;
    };
    auto const row = GENERATE(Row { "schema = 1", "schema = 2",
                                  "x.toml:1:10: schema 2 is not known: this version of Drydock reads `schema = 1`" },
        Row { "id = \"x\"", "idd = \"x\"", "x.toml:2:1: unknown key `idd`: did you mean `id`?" },
        Row { "title = \"X\"", "title = 3", "x.toml:3:9: `title` must be a text: put it in quotation marks" },
        Row { "docker ps", "pss", "x.toml:8:7: \"pss\" begins with no program that is there" },
        Row { "title = \"X\"", "title = \"X\"\n[[host]]\nname = \"hub\"\n[[phase]]\nname = \"Zero\"\nsay = \"x\"",
            "is the public hub's own host" },
        Row { "docker ps", "prod$ docker ps", "x.toml:8:7: no host is called \"prod\": one of laptop" },
        Row { "{ printed", "{ prynted",
            "this is no predicate: begin with one of container, printed, image, sheet, file, pushed, event, inspect" },
        Row { "say = \"You look.\"", "say = ", "x.toml:7:7: " },
        Row { "name = \"One\"\n", "", "`name` is missing: add `name = …`" });
    auto const loaded = load(replaced(sound, row.from, row.to));
    CHECK_FALSE(loaded.scenario);
    std::string all;
    for (auto const& problem : loaded.problems)
        all += problem.to_string("x.toml") + "\n";
    CAPTURE(all, row.complaint);
    CHECK(all.find(row.complaint) != std::string::npos);
}

TEST_CASE("Load: several mistakes are shown in one go, in the order of the file", "[sim][scenario]")
{
    auto const text = replaced(replaced(sound, "title = \"X\"", "titel = \"X\""), "text = ", "txet = ");
    auto const loaded = load(text);
    REQUIRE(loaded.problems.size() >= 4);
    for (std::size_t i = 1; i < loaded.problems.size(); ++i)
        CHECK(loaded.problems[i - 1].line <= loaded.problems[i].line);
}

TEST_CASE("Load: a caption of more than 25 words is refused", "[sim][scenario]")
{
    std::string words;
    for (int i = 0; i < 26; ++i)
        words += "word ";
    auto const loaded = load(replaced(sound, "You look.", words));
    REQUIRE(loaded.problems.size() == 1);
    CHECK(loaded.problems[0].message == "a caption has at most 25 words, this one 26");
}

TEST_CASE(
    "Load: things to sort are questions with the same choices, and what is wrong with one is named", "[sim][scenario]")
{
    std::string const sort = "\n[[sort]]\nid = \"places\"\nphase = \"One\"\nof = \"container:a\"\nitems = [\n"
                             "{ item = \"the kernel\", thing = \"kernel\", why = \"w\" },\n"
                             "{ item = \"a file\", thing = \"file:/x\", why = \"w\" },\n"
                             "{ item = \"a process\", thing = \"process:sh\", why = \"w\" },\n]\n";
    auto const loaded = load(sound + sort);
    REQUIRE(loaded.scenario);
    auto const& predictions = loaded.scenario->predictions;
    REQUIRE(predictions.size() == 3);
    CHECK(predictions[1].id == "places.2");
    CHECK(predictions[1].choices == std::vector<std::string> { "in the image", "in the container", "on the host" });
    CHECK(predictions[1].field.path == "file:/x");

    auto const complaint = [&](std::string const& from, std::string const& to) {
        auto const wrong = load(sound + replaced(sort, from, to));
        return wrong.problems.empty() ? std::string() : wrong.problems.front().message;
    };
    CHECK(complaint("file:/x", "file:x") == "nobody knows where \"file:x\" would be");
    CHECK(complaint("container:a", "image:a") == "\"image:a\" is no container");
    CHECK(complaint("{ item = \"a file\", thing = \"file:/x\", why = \"w\" },\n", "") == "2 things to sort");
    CHECK(complaint("thing = \"kernel\", ", "") == "`thing` is missing");
    CHECK(complaint("phase = \"One\"", "phase = \"Two\"")
        == "prediction \"places.1\" names a phase \"Two\" that is not there");
}
