// drydock doctor: what this machine allows, and what to do about the rest.

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

void print(runtime::Finding const& finding)
{
    fmt::print("{} {:<16} {}\n", finding.works ? "yes" : "no ", finding.subject, finding.detail);
    if (!finding.works && !finding.remedy.empty())
        fmt::print("                     {}\n", finding.remedy);
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
    if (json) {
        auto list = nlohmann::ordered_json::array();
        for (auto const& finding : findings)
            list.push_back({ { "subject", finding.subject }, { "works", finding.works }, { "detail", finding.detail },
                { "remedy", finding.remedy } });
        fmt::print("{}\n", nlohmann::ordered_json { { "live", live }, { "findings", list } }.dump(2));
    } else {
        for (auto const& finding : findings)
            print(finding);
        fmt::print("\n{}\n",
            live ? "The live world works here." : "The live world does not work here; scenarios play simulated.");
    }
    return live ? 0 : 1;
}

}
