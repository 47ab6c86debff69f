// Holds the sources to what sim/core/Result.h says of TRY: a return out of braces that are half filled, or out of the
// argument of `new`, leaks what was made before it.

#include "tests/support/Catch.h"

#include <filesystem>
#include <fstream>
#include <regex>
#include <sstream>

namespace fs = std::filesystem;

namespace {

// The same text with blanks in place of comments and literals, so that brackets in them do not count.
std::string code_alone(std::string text)
{
    auto const blank = [&](std::size_t& i, std::size_t end) {
        for (; i < std::min(end, text.size()); ++i) {
            if (text[i] != '\n')
                text[i] = ' ';
        }
        --i;
    };
    for (std::size_t i = 0; i < text.size(); ++i) {
        char const c = text[i];
        bool const digit_separator = c == '\'' && i > 0 && std::isalnum(static_cast<unsigned char>(text[i - 1])) != 0;
        if (text.compare(i, 2, "//") == 0)
            blank(i, text.find('\n', i));
        else if (text.compare(i, 2, "/*") == 0)
            blank(i, text.find("*/", i) + 2);
        else if (text.compare(i, 2, "R\"") == 0) {
            auto const open = text.find('(', i);
            auto const mark = ")" + text.substr(i + 2, open - i - 2) + "\"";
            blank(i, text.find(mark, open) + mark.size());
        } else if (c == '"' || (c == '\'' && !digit_separator)) {
            auto end = i + 1;
            while (end < text.size() && text[end] != c)
                end += text[end] == '\\' ? 2U : 1U;
            blank(i, end + 1);
        }
    }
    return text;
}

bool opens_a_block(std::string_view before)
{
    static std::regex const head(R"((\)|;|\{|\}|:|\b(mutable|const|override|noexcept|else|do|try)|->[\w:<>, *&]+)$)");
    auto const end = before.find_last_not_of(" \n");
    auto const last = before.substr(0, end + 1);
    auto const tail = std::string(last.substr(last.size() > 120 ? last.size() - 120 : 0));
    return tail.empty() || std::regex_search(tail, head);
}

bool is_new_expression(std::string_view before)
{
    static std::regex const head(R"(\bnew\s+[\w:<>]+\s*$)");
    return std::regex_search(std::string(before.substr(before.size() > 80 ? before.size() - 80 : 0)), head);
}

// Why the TRY at `at` leaks when it returns, or nothing.
std::string reason_to_leak(std::string_view code, std::size_t at)
{
    int depth = 0;
    bool something_before = false;
    for (auto i = at; i-- > 0;) {
        char const c = code[i];
        if (c == ')' || c == '}' || c == ']')
            ++depth;
        else if (c == '(' || c == '{' || c == '[') {
            if (depth > 0) {
                --depth;
                continue;
            }
            if (c == '(' && is_new_expression(code.substr(0, i)))
                return "TRY inside the argument of new";
            if (c == '{')
                return something_before && !opens_a_block(code.substr(0, i))
                    ? "something stands before TRY in its braces"
                    : "";
        } else if (c == ',' && depth == 0)
            something_before = true;
        else if (c == ';' && depth == 0)
            return "";
    }
    return "";
}

std::vector<std::string> leaks_of(std::string const& text)
{
    std::vector<std::string> leaks;
    auto const code = code_alone(text);
    static std::regex const call(R"(\bTRY(_WITH)?\()");
    for (auto it = std::sregex_iterator(code.begin(), code.end(), call); it != std::sregex_iterator(); ++it) {
        auto const at = static_cast<std::size_t>(it->position());
        if (auto reason = reason_to_leak(code, at); !reason.empty())
            leaks.push_back(
                std::to_string(std::count(code.begin(), code.begin() + static_cast<std::ptrdiff_t>(at), '\n') + 1)
                + ": " + reason);
    }
    return leaks;
}

}

TEST_CASE("Structure: the reader of TRY tells leaks from what is well", "[structure]")
{
    for (auto const* leaking :
        { "auto p = P { .a = make(), .b = TRY(read()) };", "list.push_back({ name, TRY(read(x)) });",
            "auto p = std::unique_ptr<P>(new P(TRY(open(path))));", "return P { TRY(a()), TRY(b()) };" }) {
        CAPTURE(leaking);
        CHECK(leaks_of(leaking).size() == 1);
    }
    for (auto const* well : { "void f(int a, int b)\n{\n    g(a, TRY(b()));\n}", "return P { TRY(a()) };",
             "f({ 1, 2 }, TRY(b()));", "auto const l = [](int a, int b) -> Result<int> { return TRY(h(a, b)); };",
             "// P { 1, TRY(x) }", "\"{ 1, TRY(x) }\"" }) {
        CAPTURE(well);
        CHECK(leaks_of(well).empty());
    }
}

TEST_CASE("Structure: no TRY leaks when it returns", "[structure]")
{
    std::size_t read = 0;
    for (auto const* part : { "sim", "engine", "visual", "tools", "tests" }) {
        for (auto const& entry : fs::recursive_directory_iterator(part)) {
            auto const path = entry.path();
            if ((path.extension() != ".h" && path.extension() != ".cpp") || path.filename() == "TryTests.cpp")
                continue;
            std::stringstream text;
            text << std::ifstream(path).rdbuf();
            ++read;
            CAPTURE(path.string());
            CHECK(leaks_of(text.str()) == std::vector<std::string>());
        }
    }
    CHECK(read > 300);
}
