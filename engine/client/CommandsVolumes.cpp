// volume create, ls, inspect, rm.

#include "engine/client/Format.h"
#include "engine/client/Rows.h"

#include <fmt/format.h>

namespace drydock::client {

using json = nlohmann::ordered_json;

namespace {

std::string volume_path(std::string const& name)
{
    return "/volumes/" + http::percent_encode(name);
}

Result<void> make_volume(Invocation const& in)
{
    auto const& typed = in.arguments;
    json body { { "Driver", typed.has("driver") ? typed.text("driver") : "local" },
        { "DriverOpts", assignments(typed.list("opt")) }, { "Labels", assignments(typed.list("label")) } };
    if (!in.words().empty())
        body["Name"] = in.words().front();
    auto const volume = json::parse(TRY(in.api.call("POST", "/volumes/create", body.dump())), nullptr, false);
    in.out((volume.is_object() ? volume.value("Name", "") : "") + "\n");
    return {};
}

int volume_create(Invocation const& in)
{
    auto const done = make_volume(in);
    return done ? 0 : in.failed(done.error());
}

Result<void> list_volumes(Invocation const& in)
{
    http::Query parameters;
    if (in.arguments.has("filter"))
        parameters.emplace_back("filters", TRY(filters_json(in.arguments.list("filter"))));
    auto const answer = TRY(in.get("/volumes" + query(parameters)));
    std::vector<json> rows;
    std::string names;
    for (auto const& volume : answer.value("Volumes", json::array())) {
        rows.push_back({ { "Driver", volume.value("Driver", "") }, { "Name", volume.value("Name", "") },
            { "Mountpoint", volume.value("Mountpoint", "") }, { "Scope", "local" },
            { "Labels", labels_text(volume.value("Labels", json())) }, { "Links", "N/A" }, { "Size", "N/A" } });
        names += volume.value("Name", "") + "\n";
    }
    in.out(in.arguments.is_set("quiet")
            ? names
            : TRY(formatted(in, rows, { { "DRIVER", "Driver" }, { "VOLUME NAME", "Name" } })));
    return {};
}

int volume_ls(Invocation const& in)
{
    auto const done = list_volumes(in);
    return done ? 0 : in.failed(done.error());
}

int volume_inspect(Invocation const& in)
{
    json found = json::array();
    std::string text;
    int status = 0;
    for (auto const& name : in.words()) {
        auto const volume = in.get(volume_path(name));
        if (!volume) {
            status = in.failed(volume.error());
            continue;
        }
        found.push_back(*volume);
        text += apply_template(in.arguments.text("format"), *volume).value_or("") + "\n";
    }
    in.out(in.arguments.has("format") ? text : found.dump(4) + "\n");
    return status;
}

int volume_rm(Invocation const& in)
{
    return in.for_each_word([&](std::string const& name) -> Result<void> {
        TRY(in.api.call("DELETE",
            volume_path(name)
                + query(in.arguments.is_set("force") ? http::Query { { "force", "1" } } : http::Query {})));
        return {};
    });
}

}

std::vector<Command> volume_commands()
{
    return {
        { "volume create", "[OPTIONS] [VOLUME]", "Create a volume",
            { { "driver", 'd', FlagKind::Text, "Specify volume driver name (default \"local\")" },
                { "label", 0, FlagKind::List, "Set metadata for a volume" },
                { "opt", 'o', FlagKind::List, "Set driver specific options" } },
            0, 1, volume_create },
        { "volume ls", "[OPTIONS]", "List volumes",
            { { "filter", 'f', FlagKind::List, "Provide filter values (e.g. \"dangling=true\")" },
                { "format", 0, FlagKind::Text, "\"json\", or a template such as '{{.Name}}'" },
                { "quiet", 'q', FlagKind::Switch, "Only display volume names" } },
            0, 0, volume_ls },
        { "volume inspect", "[OPTIONS] VOLUME [VOLUME...]", "Display detailed information on one or more volumes",
            { { "format", 'f', FlagKind::Text, "A template such as '{{.Mountpoint}}'" } }, 1, any_number,
            volume_inspect },
        { "volume rm", "[OPTIONS] VOLUME [VOLUME...]", "Remove one or more volumes",
            { { "force", 'f', FlagKind::Switch, "Force the removal of one or more volumes" } }, 1, any_number,
            volume_rm },
    };
}

}
