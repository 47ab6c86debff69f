#include "visual/app/Commands.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <fstream>
#include <sstream>

namespace fs = std::filesystem;

namespace drydock::app {

namespace {

constexpr std::string_view first_scenario = "anatomy-of-docker-run";

}

int complain(Error const& error)
{
    fmt::print(stderr, "drydock: {}\n", error.message());
    return 1;
}

std::vector<fs::path> toml_files_in(fs::path const& folder)
{
    std::vector<fs::path> files;
    std::error_code ignored;
    for (auto const& entry : fs::directory_iterator(folder, ignored)) {
        if (entry.path().extension() == ".toml")
            files.push_back(entry.path());
    }
    std::sort(files.begin(), files.end());
    return files;
}

std::vector<fs::path> shipped_scenarios()
{
    auto const folder = Installation::find().scenarios;
    auto files = toml_files_in(folder);
    auto const tasks = toml_files_in(folder / "tasks");
    files.insert(files.end(), tasks.begin(), tasks.end());
    return files;
}

Result<fs::path> find_scenario(std::string const& name)
{
    if (fs::is_regular_file(name))
        return fs::path(name);
    auto const wanted = name.empty() ? std::string(first_scenario) : name;
    std::string known;
    for (auto const& file : shipped_scenarios()) {
        if (file.stem() == wanted)
            return file;
        known += "\n    " + file.stem().string();
    }
    return fail(ErrorKind::NotFound,
        fmt::format("no scenario file and no shipped scenario is called \"{}\". Shipped are:{}", wanted, known));
}

fs::path folder_of(fs::path const& scenario)
{
    return scenario.has_parent_path() ? scenario.parent_path() : fs::path(".");
}

std::optional<scenario::Scenario> load_scenario(fs::path const& path)
{
    std::ifstream file(path);
    std::stringstream content;
    content << file.rdbuf();
    if (!file) {
        fmt::print(stderr, "drydock: {} cannot be read. Check the name and its permissions.\n", path.string());
        return std::nullopt;
    }
    auto loaded = scenario::load(content.str());
    for (auto const& problem : loaded.problems)
        fmt::print(stderr, "{}\n", problem.to_string(path.string()));
    return std::move(loaded.scenario);
}

}
