// Holds the sources to the table in docs/architecture.md: who may include whom.

#include "tests/support/Catch.h"

#include <filesystem>
#include <fstream>
#include <functional>
#include <map>
#include <set>
#include <sstream>

namespace fs = std::filesystem;

namespace {

using Table = std::map<std::string, std::set<std::string>>;

// Rows look like "| sim/world | what it is | sim/trace sim/oci |".
Table read_table()
{
    std::ifstream file("docs/architecture.md");
    Table table;
    std::string line;
    while (std::getline(file, line)) {
        std::istringstream cells(line);
        std::string empty;
        std::string module;
        std::string idea;
        std::string includes;
        std::getline(cells, empty, '|');
        std::getline(cells, module, '|');
        std::getline(cells, idea, '|');
        std::getline(cells, includes, '|');
        std::istringstream name(module);
        name >> module;
        if (module.find('/') == std::string::npos || !fs::is_directory(module.substr(0, module.find('/'))))
            continue;
        std::istringstream words(includes);
        for (std::string word; words >> word;)
            table[module].insert(word);
        table[module].insert({ module, "sim/core" });
    }
    return table;
}

std::string module_of(std::string const& path)
{
    auto const first = path.find('/');
    return path.substr(0, path.find('/', first + 1));
}

void for_each_source(std::function<void(std::string const& path, std::string const& line)> const& visit)
{
    for (auto const* part : { "sim", "engine", "visual" }) {
        for (auto const& entry : fs::recursive_directory_iterator(part)) {
            auto const extension = entry.path().extension();
            if (extension != ".h" && extension != ".cpp")
                continue;
            std::ifstream file(entry.path());
            for (std::string line; std::getline(file, line);)
                visit(entry.path().string(), line);
        }
    }
}

}

TEST_CASE("Structure: every include stands in the table of docs/architecture.md", "[structure]")
{
    auto const table = read_table();
    REQUIRE(table.size() > 10);
    std::size_t includes = 0;
    for_each_source([&](std::string const& path, std::string const& line) {
        if (!line.starts_with("#include \""))
            return;
        auto const target = line.substr(10, line.rfind('"') - 10);
        if (!target.starts_with("sim/") && !target.starts_with("engine/") && !target.starts_with("visual/")) {
            // Includes name their folder, so that a reader and this test see where they point.
            CAPTURE(path, line);
            CHECK(target.starts_with("generated/"));
            return;
        }
        ++includes;
        auto const from = module_of(path);
        auto const to = module_of(target);
        CAPTURE(path, line, from, to);
        REQUIRE(table.contains(from));
        CHECK(table.at(from).contains(to));
    });
    CHECK(includes > 50);
}

TEST_CASE("Structure: the table has no circle and names only folders that exist", "[structure]")
{
    auto const table = read_table();
    std::set<std::string> done;
    std::set<std::string> open;
    std::function<void(std::string const&)> visit = [&](std::string const& module) {
        CAPTURE(module);
        REQUIRE_FALSE(open.contains(module));
        if (done.contains(module))
            return;
        CHECK(fs::is_directory(module));
        CHECK((module == "sim/core" || table.contains(module)));
        open.insert(module);
        if (table.contains(module)) {
            for (auto const& next : table.at(module)) {
                if (next != module)
                    visit(next);
            }
        }
        open.erase(module);
        done.insert(module);
    };
    for (auto const& [module, includes] : table)
        visit(module);
}

TEST_CASE("Structure: every header begins with its idea", "[structure]")
{
    for (auto const* part : { "sim", "engine", "visual" }) {
        for (auto const& entry : fs::recursive_directory_iterator(part)) {
            if (entry.path().extension() != ".h")
                continue;
            std::ifstream file(entry.path());
            std::string first;
            std::string blank;
            std::string idea;
            std::getline(file, first);
            std::getline(file, blank);
            std::getline(file, idea);
            CAPTURE(entry.path().string());
            CHECK(first == "#pragma once");
            CHECK(idea.starts_with("// "));
        }
    }
}
