// Holds every language file to the sources: what Drydock says to people is there, and nothing else.

#include "sim/scenario/ConceptTest.h"
#include "sim/scenario/Course.h"
#include "sim/scenario/Scenario.h"
#include "sim/words/Catalogue.h"
#include "sim/words/Language.h"
#include "sim/words/Told.h"
#include "tests/support/Catch.h"
#include "visual/theme/Fonts.h"

#include <fmt/format.h>
#include <imgui.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>

namespace fs = std::filesystem;

using namespace drydock;

namespace {

std::string contents(fs::path const& path)
{
    std::stringstream text;
    text << std::ifstream(path).rdbuf();
    return text.str();
}

std::vector<fs::path> sources(std::initializer_list<char const*> parts)
{
    std::vector<fs::path> found;
    for (auto const* part : parts) {
        for (auto const& entry : fs::recursive_directory_iterator(part)) {
            if (entry.path().extension() == ".h" || entry.path().extension() == ".cpp")
                found.push_back(entry.path());
        }
    }
    std::sort(found.begin(), found.end());
    return found;
}

// A string literal of C++, with the ones that follow it directly; `at` moves behind them.
std::string literal_at(std::string const& source, std::size_t& at)
{
    std::string text;
    for (;;) {
        auto const begin = source.find_first_not_of(" \t\n", at);
        if (begin == std::string::npos || source[begin] != '"')
            return text;
        for (at = begin + 1; source[at] != '"'; ++at) {
            if (source[at] == '\\')
                text += source[++at] == 'n' ? '\n' : source[at];
            else
                text += source[at];
        }
        ++at;
    }
}

bool is_part_of_name(char c)
{
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '.' || c == '>';
}

// The literals of all tr("…"), say("…") and key("…").
void collect_texts(std::string const& source, std::set<std::string>& texts)
{
    for (std::string const call : { "tr(", "say(", "key(" }) {
        for (auto at = source.find(call); at != std::string::npos; at = source.find(call, at + 1)) {
            if (at > 0 && is_part_of_name(source[at - 1]))
                continue;
            auto end = at + call.size();
            if (auto text = literal_at(source, end); !text.empty())
                texts.insert(std::move(text));
        }
    }
}

// "ActionInfo { Action::Help, "panel.help", "Keys and legend", …": the labels, which the views hand to tr().
void collect_labels(std::string const& source, std::set<std::string>& texts)
{
    for (auto at = source.find("ActionInfo { Action::"); at != std::string::npos;
         at = source.find("ActionInfo { Action::", at + 1)) {
        auto comma = source.find(',', source.find(',', at) + 1);
        if (auto text = literal_at(source, ++comma); !text.empty())
            texts.insert(std::move(text));
    }
}

// add_field(description, "pid inside", …): the names, which it hands to tr().
void collect_field_names(std::string const& source, std::set<std::string>& texts)
{
    constexpr std::string_view call = "add_field(";
    for (auto at = source.find(call); at != std::string::npos; at = source.find(call, at + 1)) {
        auto name = source.find(',', at) + 1;
        if (auto text = literal_at(source, name); !text.empty() && source[name] == ',')
            texts.insert(std::move(text));
    }
}

std::set<std::string> texts_of_the_program()
{
    std::set<std::string> texts;
    for (auto const& path : sources({ "sim/words", "visual" })) {
        auto const source = contents(path);
        if (source.find("sim/words/Language.h") != std::string::npos && path.filename() != "Language.h")
            collect_texts(source, texts);
        if (source.find("visual/view/DescribeParts.h") != std::string::npos)
            collect_field_names(source, texts);
        if (path.filename() == "Actions.h")
            collect_labels(source, texts);
    }
    return texts;
}

std::vector<fs::path> toml_files(fs::path const& folder)
{
    std::vector<fs::path> files;
    for (auto const& entry : fs::directory_iterator(folder)) {
        if (entry.path().extension() == ".toml")
            files.push_back(entry.path());
    }
    std::sort(files.begin(), files.end());
    return files;
}

words::Catalogue catalogue_in(fs::path const& path)
{
    auto parsed = words::Catalogue::parse(contents(path));
    for (auto const& problem : parsed.problems)
        FAIL_CHECK(fmt::format("{}:{}: {}", path.string(), problem.line, problem.message));
    return std::move(parsed.catalogue);
}

std::string line_to_paste(std::string const& text)
{
    std::string quoted;
    for (char const c : text)
        quoted += c == '"' || c == '\\' ? std::string("\\") + c : c == '\n' ? std::string("\\n") : std::string(1, c);
    return fmt::format("\"{}\" = \"\"\n", quoted);
}

std::string missing_in(words::Catalogue const& catalogue, auto const& texts)
{
    std::string lines;
    for (auto const& text : texts) {
        if (!catalogue.find(text))
            lines += line_to_paste(text);
    }
    return lines;
}

char32_t next_character(std::string_view& text)
{
    auto const first = static_cast<unsigned char>(text[0]);
    auto const length = first < 0x80 ? 1u : first < 0xe0 ? 2u : first < 0xf0 ? 3u : 4u;
    char32_t value = length == 1 ? first : first & (0xffu >> (length + 1));
    for (std::size_t i = 1; i < length && i < text.size(); ++i)
        value = (value << 6u) | (static_cast<unsigned char>(text[i]) & 0x3fu);
    text.remove_prefix(std::min<std::size_t>(length, text.size()));
    return value;
}

}

TEST_CASE("Languages: every text that the program says is in every language", "[structure]")
{
    auto const texts = texts_of_the_program();
    CHECK(texts.size() > 300);
    auto const files = toml_files("languages");
    REQUIRE_FALSE(files.empty());
    for (auto const& file : files) {
        auto const catalogue = catalogue_in(file);
        CHECK(catalogue.code() == file.stem().string());
        auto const missing = missing_in(catalogue, texts);
        INFO(file.string() << " lacks\n" << missing);
        CHECK(missing.empty());
    }
}

// What stands between the placeholders of a format string is what a sentence of words::told has, too.
std::string with_sample_values(std::string text)
{
    for (auto at = text.find("{}"); at != std::string::npos; at = text.find("{}")) {
        // After a word or another value stands what begins with a blank: " on host".
        bool const goes_on = at > 0 && text[at - 1] != ' ' && text[at - 1] != '"' && text[at - 1] != '(';
        text.replace(at, 2, goes_on ? " on host" : "x");
    }
    return text;
}

TEST_CASE("Languages: why a goal is not met, and each warning of the engine, is said in every language", "[structure]")
{
    struct Place {
        char const* file;
        std::string call;
    };
    std::size_t checked = 0;
    for (auto const& file : toml_files("languages")) {
        auto parsed = words::Catalogue::parse(contents(file));
        words::use(std::make_shared<words::Catalogue const>(std::move(parsed.catalogue)));
        for (auto const& [name, call] : { Place { "sim/scenario/Judge.cpp", "fmt::format(" },
                 Place { "sim/scenario/Judge.cpp", "unlike(" }, Place { "engine/init/Root.cpp", "WarningReport { " },
                 Place { "engine/runtime/LiveRuntime.cpp", "warn_once(publisher, " } }) {
            auto const source = contents(name);
            for (auto at = source.find(call); at != std::string::npos; at = source.find(call, at + 1)) {
                auto end = source.find_first_not_of(" \n", at + call.size());
                auto const english = with_sample_values(literal_at(source, end));
                if (english.empty()) // composed of other parts
                    continue;
                // A text that more is added to.
                bool const goes_on = source.find_first_not_of(" \n", end) == source.find('+', end);
                CAPTURE(name, english);
                CHECK(words::told(english + (goes_on ? "x" : "")) != english + (goes_on ? "x" : ""));
                ++checked;
            }
        }
    }
    words::use(nullptr);
    CHECK(checked > 30);
}

TEST_CASE("Languages: a told sentence keeps the names in it", "[structure]")
{
    CHECK(words::told("container web has not exited") == "container web has not exited"); // in English as recorded
    auto parsed = words::Catalogue::parse(contents("languages/de.toml"));
    words::use(std::make_shared<words::Catalogue const>(std::move(parsed.catalogue)));
    for (auto const sentence : words::told_sentences()) {
        auto const english = with_sample_values(std::string(sentence));
        CAPTURE(english);
        CHECK(words::told(english) != english);
    }
    CHECK(words::told("container web is exited, not running") == "Container web ist „exited“, nicht „running“");
    CHECK(words::told("State.Status of web on b is \"exited\", not \"running\"")
        == "State.Status von web auf b ist „exited“, nicht „running“");
    CHECK(words::told("mkdtemp(3): Permission denied") == "mkdtemp(3): Permission denied"); // the kernel's words
    words::use(nullptr);
}

TEST_CASE("Languages: no file has a text that the program does not say", "[structure]")
{
    auto known = texts_of_the_program();
    // What events say in words of their own is translated where it is shown, so any literal counts.
    std::string all;
    for (auto const& path : sources({ "sim", "engine", "visual" }))
        all += contents(path);
    for (auto const& path : toml_files("models"))
        all += contents(path);
    for (auto const& file : toml_files("languages")) {
        auto const catalogue = catalogue_in(file);
        for (auto const& [english, translation] : catalogue.texts()) {
            CAPTURE(file.string(), english);
            CHECK((known.contains(english) || all.find('"' + english + '"') != std::string::npos));
        }
    }
}

// What a file beside scenarios says to people.
std::vector<std::string> texts_of(fs::path const& file)
{
    auto const text = contents(file);
    if (file.filename() == "course.toml")
        return scenario::load_course(text).course.value().texts();
    if (file.filename() == "concept-test.toml")
        return scenario::load_concept_test(text).test.value().texts();
    return scenario::load(text).scenario.value().texts();
}

TEST_CASE("Languages: the texts of a scenario are translated all or none, and no others", "[structure]")
{
    std::size_t checked = 0;
    for (auto const& language : toml_files("languages")) {
        for (fs::path const folder : { "scenarios", "scenarios/tasks", "scenarios/course" }) {
            if (!fs::is_directory(folder / language.stem()))
                continue;
            for (auto const& file : toml_files(folder / language.stem())) {
                CAPTURE(file.string());
                auto const texts = texts_of(folder / file.filename());
                auto const catalogue = catalogue_in(file);
                CHECK(catalogue.code() == language.stem().string());
                auto const missing = missing_in(catalogue, texts);
                INFO("lacks\n" << missing);
                CHECK(missing.empty());
                for (auto const& [english, translation] : catalogue.texts()) {
                    CAPTURE(english);
                    CHECK(std::find(texts.begin(), texts.end(), english) != texts.end());
                }
                ++checked;
            }
        }
    }
    CHECK(checked >= 5);
}

TEST_CASE("Languages: the fonts have every letter of every language", "[structure]")
{
    theme::Fonts const fonts(1);
    auto const& font = fonts.font(theme::Style::Body);
    for (auto const& file : toml_files("languages")) {
        auto const catalogue = catalogue_in(file);
        for (auto const& [english, translation] : catalogue.texts()) {
            for (std::string_view rest = translation; !rest.empty();) {
                auto const letter = next_character(rest);
                CAPTURE(translation, static_cast<unsigned>(letter));
                CHECK((letter == '\n' || font.FindGlyphNoFallback(static_cast<ImWchar>(letter)) != nullptr));
            }
        }
    }
}
