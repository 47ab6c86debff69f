#include "engine/build/Dockerfile.h"
#include "engine/build/Words.h"
#include "tests/support/Catch.h"

#include <filesystem>
#include <fstream>
#include <sstream>

using namespace drydock;
using namespace drydock::build;
namespace fs = std::filesystem;

namespace {

std::string text_of(fs::path const& path)
{
    std::stringstream text;
    text << std::ifstream(path).rdbuf();
    return text.str();
}

// As Go's strconv.Quote has it.
std::string quoted(std::string const& text)
{
    std::string result = "\"";
    for (char const c : text) {
        static constexpr std::string_view special = "\"\\\a\b\f\n\r\t\v";
        static constexpr std::string_view letters = "\"\\abfnrtv";
        if (auto const at = special.find(c); at != std::string_view::npos)
            (result += '\\') += letters[at];
        else if (c == '\0')
            result += "\\x00";
        else
            result += c;
    }
    return result + "\"";
}

std::string tree_of(Instruction const& instruction)
{
    std::string keyword = instruction.keyword;
    for (auto& c : keyword)
        c = static_cast<char>(c - 'A' + 'a');
    std::string line = "(" + keyword;
    if (!instruction.flags.empty()) {
        line += " [";
        for (auto const& flag : instruction.flags)
            line += (line.back() == '[' ? "" : " ") + quoted(flag);
        line += "]";
    }
    if (keyword == "onbuild")
        return line + " " + tree_of(REQUIRE_OK(parse_instruction(instruction.words.front()))) + ")";
    for (auto const& word : instruction.words)
        line += " " + quoted(word);
    return line + ")";
}

std::string tree_of(std::string const& text)
{
    std::string tree;
    for (auto const& instruction : REQUIRE_OK(parse_dockerfile(text)).instructions)
        tree += tree_of(instruction) + "\n";
    return tree;
}

std::string error_of(std::string const& text)
{
    auto const file = parse_dockerfile(text);
    REQUIRE_FALSE(file);
    return file.error().message();
}

}

// The parse trees that docker's parser was tested with; Debian packages them with imagebuilder's copy of it.
TEST_CASE("Dockerfile: reads the packaged corpus of Dockerfiles as docker does", "[engine][build]")
{
    fs::path const corpus = "/usr/share/gocode/src/github.com/openshift/imagebuilder/dockerfile/parser/testfiles";
    if (!fs::is_directory(corpus)) {
        WARN("skipped: golang-github-openshift-imagebuilder-dev is not installed");
        return;
    }
    int files = 0;
    for (auto const& entry : fs::directory_iterator(corpus)) {
        CAPTURE(entry.path().filename().string());
        CHECK(tree_of(text_of(entry.path() / "Dockerfile")) == text_of(entry.path() / "result"));
        ++files;
    }
    CHECK(files >= 30);
}

TEST_CASE("Dockerfile: lines, comments and continuations", "[engine][build]")
{
    CHECK(tree_of("\xEF\xBB\xBF# c\r\nfrom x\r\n") == "(from \"x\")\n");
    CHECK(tree_of("RUN a \\\n # a comment\n\n  b") == "(run \"a   b\")\n");
    CHECK(tree_of("RUN echo a\\\\\nRUN b") == "(run \"echo a\\\\\\\\\")\n(run \"b\")\n");
    CHECK(tree_of("# escape=`\nRUN a `\nb c:\\") == "(run \"a b c:\\\\\")\n");
    CHECK(tree_of("RUN a # no comment") == "(run \"a # no comment\")\n");
    // A remote parser is BuildKit's affair: the line is a comment here.
    CHECK(tree_of("# syntax=docker/dockerfile:1\n# escape=`\nRUN a`\nb") == "(run \"ab\")\n");
    // After an ordinary comment there are no directives any more.
    CHECK(tree_of("# hello\n# escape=`\nRUN a\\\nb") == "(run \"ab\")\n");
}

TEST_CASE("Dockerfile: instructions know their lines", "[engine][build]")
{
    auto const file = REQUIRE_OK(parse_dockerfile("# c\n\nFROM x\nRUN a \\\n b\n\nRUN <<E\nx\nE\nCMD c\n"));
    std::vector<std::pair<int, int>> lines;
    for (auto const& instruction : file.instructions)
        lines.emplace_back(instruction.line, instruction.last_line);
    CHECK(lines == std::vector<std::pair<int, int>> { { 3, 3 }, { 4, 5 }, { 7, 9 }, { 10, 10 } });
    CHECK(file.instructions[1].original == "RUN a  b");
}

TEST_CASE("Dockerfile: here-documents", "[engine][build]")
{
    auto const file
        = REQUIRE_OK(parse_dockerfile("FROM x\nCOPY <<A <<-'B' /d/\nin $a\nA\n\tin b\n\tB\nRUN cat 3<<E\nE\n"));
    REQUIRE(file.instructions.size() == 3);
    auto const& documents = file.instructions[1].heredocs;
    REQUIRE(documents.size() == 2);
    CHECK(documents[0].name == "A");
    CHECK(documents[0].expands);
    CHECK(documents[0].content == "in $a\n");
    CHECK(documents[1].name == "B");
    CHECK_FALSE(documents[1].expands);
    CHECK(documents[1].strips_tabs);
    CHECK(documents[1].content == "in b\n");
    CHECK(file.instructions[2].heredocs.size() == 1);
    CHECK(REQUIRE_OK(parse_dockerfile("RUN echo $((1<<2)) a<<<b")).instructions[0].heredocs.empty());
    CHECK(REQUIRE_OK(parse_dockerfile("CMD cat <<E")).instructions[0].heredocs.empty());
}

TEST_CASE("Dockerfile: an error names the line", "[engine][build]")
{
    CHECK(error_of("FROM x\nBOGUS y") == "dockerfile parse error line 2: unknown instruction: BOGUS");
    CHECK(error_of("FROM x\n\nENV a=b c")
        == "dockerfile parse error line 3: Syntax error - can't find = in \"c\". Must be of the form: name=value");
    CHECK(error_of("ENV a") == "dockerfile parse error line 1: ENV must have two arguments");
    CHECK(error_of("FROM x\nRUN <<EOF\nx\n")
        == "dockerfile parse error line 2: unterminated heredoc: no line is \"EOF\"");
    CHECK(error_of("# escape=x\nFROM x") == "dockerfile parse error line 1: invalid ESCAPE 'x'. Must be ` or \\");
    CHECK(error_of("CMD [[\"a\"]]") == "dockerfile parse error line 1: only string type is allowed in JSON array form");
    CHECK(error_of("# nothing\n\n") == "file with no instructions");
}
