// drydock doctor: what this machine allows, and what to do about the rest.

#include "engine/compare/Ladder.h"
#include "engine/daemon/StoreCheck.h"
#include "engine/runtime/Probe.h"
#include "visual/app/Commands.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <cstdio>
#include <cstdlib>

namespace drydock::app {

namespace {

runtime::Finding display()
{
    auto const* name = std::getenv("DISPLAY");
    bool const there = name != nullptr && *name != '\0';
    return { .subject = "display",
        .works = there,
        .detail = there ? name : "DISPLAY is not set",
        .remedy = there ? "" : "start drydock from a desktop, or use: drydock play --text" };
}

// Which ways guest machines have here, the best first.
void add_ladder(std::vector<runtime::Finding>& findings, compare::Ladder const& ladder)
{
    for (auto const& rung : ladder.rungs) {
        if (rung.rung != compare::Rung::Model)
            findings.push_back({ .subject = std::string(to_string(rung.rung)),
                .works = rung.works,
                .detail = rung.detail,
                .remedy = rung.remedy });
    }
}

void print(runtime::Finding const& finding)
{
    fmt::print("{} {:<25} {}\n", finding.works ? "yes" : "no ", finding.subject, finding.detail);
    if (!finding.works && !finding.remedy.empty())
        fmt::print("                              {}\n", finding.remedy);
}

}

int doctor(bool json)
{
    auto probed = runtime::probe(Installation::find().init_program);
    if (!probed) {
        return complain(probed.error());
    }
    auto findings = std::move(*probed);
    bool const live = !runtime::obstacle_to_live(findings);
    findings.push_back(display());
    auto const ladder = compare::probe_ladder();
    add_ladder(findings, ladder);
    if (json) {
        auto list = nlohmann::ordered_json::array();
        for (auto const& finding : findings)
            list.push_back({ { "subject", finding.subject }, { "works", finding.works }, { "detail", finding.detail },
                { "remedy", finding.remedy } });
        fmt::print("{}\n",
            nlohmann::ordered_json {
                { "live", live }, { "guests", to_string(ladder.best().rung) }, { "findings", list } }
                .dump(2));
    } else {
        for (auto const& finding : findings)
            print(finding);
        fmt::print("\n{}\n",
            live ? "The live world works here." : "The live world does not work here; scenarios play simulated.");
        fmt::print("Guest machines for the comparison: {}, {}.\n", to_string(ladder.best().rung), ladder.best().detail);
    }
    return live ? 0 : 1;
}

namespace {

using Json = nlohmann::ordered_json;

Json to_json(daemon::StoreReport const& report)
{
    auto faults = Json::array();
    for (auto const& fault : report.faults)
        faults.push_back({ { "where", fault.where }, { "what", fault.what }, { "remedy", fault.remedy } });
    return { { "blobs", report.blobs }, { "layers", report.layers }, { "images", report.images },
        { "tags", report.tags }, { "containers", report.containers }, { "faults", faults },
        { "unreferenced", report.unreferenced } };
}

void print_report(std::string_view title, daemon::StoreReport const& report)
{
    fmt::print("{}: {} blobs, {} layers, {} images, {} tags, {} containers\n", title, report.blobs, report.layers,
        report.images, report.tags, report.containers);
    for (auto const& fault : report.faults)
        fmt::print("  fault {}: {}\n        {}\n", fault.where, fault.what, fault.remedy);
    for (auto const& item : report.unreferenced)
        fmt::print("  {} is needed by nothing; the next sweep removes it\n", item);
}

}

int doctor_store(std::filesystem::path const& data_root, bool json)
{
    std::size_t faults = 0;
    auto stores = Json::object();
    auto const check = [&](char const* name, std::string const& title, auto const& how) {
        auto const directory = data_root / name;
        std::error_code error;
        if (!std::filesystem::is_directory(directory, error))
            return false;
        auto const report = how(*content::open_read_only(directory));
        faults += report.faults.size();
        if (json)
            stores[name] = to_json(report);
        else
            print_report(title, report);
        return true;
    };
    bool const daemon_there = check("daemon", "The daemon's store", daemon::check_store);
    bool const hub_there = check("hub", "The hub's store", daemon::check_registry);
    if (!daemon_there && !hub_there) {
        fmt::print(stderr,
            "drydock doctor: {} is no data root: it has neither daemon/ nor hub/. Give what --data-root was.\n",
            data_root.string());
        return 1;
    }
    if (json)
        fmt::print("{}\n", Json { { "whole", faults == 0 }, { "stores", stores } }.dump(2));
    else
        fmt::print("\n{}\n", faults == 0 ? "All of it is whole." : "There are faults.");
    return faults == 0 ? 0 : 1;
}

}
