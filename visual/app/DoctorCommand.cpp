// drydock doctor: what this machine allows, and what to do about the rest.

#include "engine/runtime/Probe.h"
#include "visual/app/Commands.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <cstdio>
#include <cstdlib>

namespace drydock::app {

namespace {

runtime::Ability display()
{
    auto const* name = std::getenv("DISPLAY");
    bool const there = name != nullptr && *name != '\0';
    return { .what = "a display",
        .available = there,
        .detail = there ? name : "DISPLAY is not set",
        .remedy = there ? "" : "start it from a desktop, or use: drydock play --text" };
}

}

int doctor(bool json)
{
    auto abilities = runtime::probe(Installation::find().init_program);
    abilities.push_back(display());
    bool live = true;
    auto list = nlohmann::ordered_json::array();
    for (auto const& ability : abilities) {
        live = live && (ability.available || !ability.required_for_live);
        list.push_back({ { "what", ability.what }, { "available", ability.available }, { "detail", ability.detail },
            { "remedy", ability.remedy }, { "required_for_live", ability.required_for_live } });
        if (json)
            continue;
        fmt::print("{} {:<28} {}\n", ability.available ? "yes" : "no ", ability.what, ability.detail);
        if (!ability.available && !ability.remedy.empty())
            fmt::print("    {}\n", ability.remedy);
    }
    if (json)
        fmt::print("{}\n", nlohmann::ordered_json { { "live", live }, { "abilities", list } }.dump(2));
    else
        fmt::print("\n{}\n",
            live ? "The live world works here." : "The live world does not work here; scenarios play simulated.");
    return live ? 0 : 1;
}

}
