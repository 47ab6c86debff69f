// /volumes: list, create, inspect, remove, prune.

#include "engine/daemon/Filters.h"
#include "engine/daemon/Reply.h"
#include "engine/daemon/Router.h"
#include "engine/daemon/VolumeBody.h"

namespace drydock::daemon {

namespace {

Result<void> list_volumes(Call& call)
{
    static constexpr std::string_view known[] { "dangling", "driver", "label", "name" };
    auto const filters = TRY(Filters::parse(call.parameter("filters"), known));
    json list = json::array();
    for (auto const& volume : call.engine.volumes.list()) {
        bool const dangling = call.engine.containers.users_of_volume(volume.name).empty();
        if (filters.any("name", [&](auto const& part) { return volume.name.find(part) != std::string::npos; })
            && filters.is("driver", "local") && filters.labels_match(volume.labels)
            && filters.any(
                "dangling", [&](auto const& wanted) { return (wanted == "true" || wanted == "1") == dangling; }))
            list.push_back(volume_body(volume, call.engine.volumes));
    }
    return reply(call.exchange, 200, { { "Volumes", list }, { "Warnings", nullptr } });
}

Result<void> create_volume(Call& call)
{
    auto const body = TRY(read_json(call.exchange));
    if (!body.is_object())
        return fail(ErrorKind::InvalidInput, "invalid JSON: the body must be an object");
    ObjectReader reader(body);
    auto const driver = reader.text("Driver");
    Volumes::Wanted wanted {
        .name = reader.text("Name"), .labels = reader.texts("Labels"), .options = reader.texts("DriverOpts")
    };
    TRY(reader.finish());
    if (!driver.empty() && driver != "local")
        return fail(ErrorKind::NotFound,
            "create " + wanted.name + ": error looking up volume plugin " + driver + ": plugin \"" + driver
                + "\" not found");
    auto const volume = TRY(call.engine.volumes.create(std::move(wanted)));
    return reply(call.exchange, 201, volume_body(volume, call.engine.volumes));
}

Result<void> inspect_volume(Call& call)
{
    return reply(call.exchange, 200, volume_body(TRY(call.engine.volumes.find(call.name)), call.engine.volumes));
}

Result<void> remove_volume(Call& call)
{
    auto const found = call.engine.volumes.find(call.name);
    if (!found && call.flag("force"))
        return reply_empty(call.exchange, 204);
    if (!found)
        return fail(found.error());
    auto const users = call.engine.containers.users_of_volume(call.name);
    if (!users.empty()) {
        std::string ids;
        for (auto const& user : users)
            ids += (ids.empty() ? "" : ", ") + user->id().value;
        return fail(ErrorKind::Conflict, "remove " + call.name + ": volume is in use - [" + ids + "]");
    }
    TRY(call.engine.volumes.remove(call.name));
    return reply_empty(call.exchange, 204);
}

// Anonymous ones alone, unless all are asked for (since 1.42).
Result<void> prune_volumes(Call& call)
{
    static constexpr std::string_view known[] { "all", "label", "label!" };
    auto const filters = TRY(Filters::parse(call.parameter("filters"), known));
    bool const all = call.minor < 42
        || (filters.has("all") && filters.any("all", [](auto const& v) { return v == "true" || v == "1"; }));
    json deleted = json::array();
    std::uint64_t reclaimed = 0;
    for (auto const& volume : call.engine.volumes.list()) {
        if ((!all && !volume.anonymous()) || !filters.labels_match(volume.labels)
            || !call.engine.containers.users_of_volume(volume.name).empty())
            continue;
        reclaimed += call.engine.volumes.size(volume.name).value_or(0);
        TRY(call.engine.volumes.remove(volume.name));
        deleted.push_back(volume.name);
    }
    call.engine.events.publish("volume", "prune", "", { { "reclaimed", std::to_string(reclaimed) } });
    return reply(call.exchange, 200, { { "VolumesDeleted", deleted }, { "SpaceReclaimed", reclaimed } });
}

}

json volume_body(Volume const& volume, Volumes const& volumes)
{
    return { { "CreatedAt", rfc3339({ volume.created.nanoseconds - volume.created.nanoseconds % 1'000'000'000 }) },
        { "Driver", "local" }, { "Labels", volume.labels.empty() ? json(nullptr) : json(volume.labels) },
        { "Mountpoint", volumes.mount_point(volume.name) }, { "Name", volume.name }, { "Options", nullptr },
        { "Scope", "local" } };
}

std::span<Route const> volume_routes()
{
    static constexpr Route routes[] {
        { "GET", "/volumes", list_volumes },
        { "POST", "/volumes/create", create_volume },
        { "POST", "/volumes/prune", prune_volumes },
        { "GET", "/volumes/{}", inspect_volume },
        { "DELETE", "/volumes/{}", remove_volume },
    };
    return routes;
}

}
