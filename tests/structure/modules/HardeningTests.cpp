// Comments cite requirements by number ("HARDENING T15"); whoever looks one up shall find it.

#include "tests/support/Catch.h"

#include <filesystem>
#include <fstream>
#include <regex>
#include <set>
#include <sstream>

namespace fs = std::filesystem;

namespace {

std::string read(fs::path const& path)
{
    std::stringstream text;
    text << std::ifstream(path).rdbuf();
    return text.str();
}

// The numbers of "HARDENING T1, T3" and "HARDENING T15 to T18", as they are written.
std::set<std::string> cited_in(std::string const& text)
{
    static std::regex const citation(R"(HARDENING ((?:[TRM]\d+(?:,| to)? ?)+))");
    static std::regex const number(R"([TRM]\d+)");
    std::set<std::string> found;
    for (auto it = std::sregex_iterator(text.begin(), text.end(), citation); it != std::sregex_iterator(); ++it) {
        auto const list = it->str(1);
        for (auto each = std::sregex_iterator(list.begin(), list.end(), number); each != std::sregex_iterator(); ++each)
            found.insert(each->str());
    }
    return found;
}

}

TEST_CASE("Structure: every requirement that a comment cites is in docs/hardening.md", "[structure]")
{
    auto const document = read("docs/hardening.md");
    std::size_t citations = 0;
    for (auto const* part : { "sim", "engine", "visual", "tests" }) {
        for (auto const& entry : fs::recursive_directory_iterator(part)) {
            if (entry.path().extension() != ".h" && entry.path().extension() != ".cpp")
                continue;
            for (auto const& number : cited_in(read(entry.path()))) {
                ++citations;
                CAPTURE(entry.path().string(), number);
                CHECK(document.find("| " + number + " |") != std::string::npos);
            }
        }
    }
    CHECK(citations > 15);
}
