// drydock check: proves that scenarios mean what they say.

#include "sim/scenario/Proof.h"
#include "visual/app/Commands.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

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
    options.cast = scenario->cast;
    auto const trials = scenario::prove(
        *scenario, [&]() -> Result<std::unique_ptr<scenario::Engine>> { return TRY(Session::open(options)); });
    if (!trials) {
        complain(trials.error());
        return report;
    }
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

int check(std::vector<std::string> const& files, SessionOptions const& options, bool json)
{
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
