// drydock check: proves that scenarios mean what they say.

#include "sim/scenario/Proof.h"
#include "visual/app/Commands.h"
#include "visual/app/Languages.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cstdio>

namespace drydock::app {

namespace {

using Json = nlohmann::ordered_json;

void print_trials(std::vector<scenario::Trial> const& trials)
{
    for (auto const& trial : trials) {
        fmt::print(stderr, "  {} {}\n", trial.held ? "ok  " : "FAIL", trial.claim);
        if (!trial.held)
            fmt::print(stderr, "       {}\n", trial.observed);
    }
}

// The translations beside a scenario say all that it says, and nothing else.
std::vector<scenario::Trial> check_languages(std::filesystem::path const& path, scenario::Scenario const& scenario)
{
    std::vector<scenario::Trial> trials;
    auto const texts = scenario.texts();
    for (auto const& file : language_files_of(path)) {
        std::vector<std::string> wrong;
        for (auto const& problem : file.read.problems)
            wrong.push_back(fmt::format("line {}: {}", problem.line, problem.message));
        for (auto const& text : texts) {
            if (!file.read.catalogue.find(text))
                wrong.push_back(fmt::format("missing: \"{}\"", text));
        }
        for (auto const& [english, translation] : file.read.catalogue.texts()) {
            if (std::find(texts.begin(), texts.end(), english) == texts.end())
                wrong.push_back(fmt::format("not in the scenario: \"{}\"", english));
        }
        trials.push_back({ .claim = fmt::format("{} translates every text", file.path.string()),
            .held = wrong.empty(),
            .observed = fmt::format("{}", fmt::join(wrong, "; ")) });
    }
    return trials;
}

// The file's report; "held" is false where anything did not.
Json check_file(std::string const& name, SessionOptions options)
{
    Json report { { "file", name }, { "held", false }, { "trials", Json::array() } };
    auto const path = find_scenario(name);
    if (!path) {
        complain(path.error());
        return report;
    }
    auto const scenario = load_scenario(*path);
    if (!scenario)
        return report;
    fmt::print(stderr, "{}\n", path->string());
    options.folder = folder_of(*path);
    options.real_guests = false;
    options.cast = scenario->cast;
    auto trials = scenario::prove(
        *scenario, [&]() -> Result<std::unique_ptr<scenario::Engine>> { return TRY(Session::open(options)); });
    if (!trials) {
        complain(trials.error());
        return report;
    }
    auto const translated = check_languages(*path, *scenario);
    trials->insert(trials->end(), translated.begin(), translated.end());
    print_trials(*trials);
    bool held = true;
    for (auto const& trial : *trials) {
        held = held && trial.held;
        report["trials"].push_back(
            { { "claim", trial.claim }, { "held", trial.held }, { "observed", trial.observed } });
    }
    report["held"] = held;
    return report;
}

}

int check(std::vector<std::string> const& named, SessionOptions const& options, bool json)
{
    auto files = named;
    if (files.empty()) {
        for (auto const& file : shipped_scenarios())
            files.push_back(file.string());
    }
    Json reports = Json::array();
    bool held = true;
    for (auto const& file : files) {
        reports.push_back(check_file(file, options));
        held = held && reports.back()["held"].get<bool>();
    }
    if (json)
        fmt::print("{}\n", reports.dump(2));
    else
        fmt::print(stderr, "{}\n", held ? "Every scenario holds." : "Not every scenario holds.");
    return held ? 0 : 1;
}

}
