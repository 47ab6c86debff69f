// /images: list, inspect, history, tag, remove, prune. Their ways to and from registries: RegistryRequests.cpp.

#include "engine/daemon/Filters.h"
#include "engine/daemon/ImageBody.h"
#include "engine/daemon/ImageNames.h"
#include "engine/daemon/Reply.h"
#include "engine/daemon/Router.h"

#include <fmt/format.h>
#include <fnmatch.h>

#include <algorithm>
#include <charconv>
#include <cstdlib>

namespace drydock::daemon {

namespace {

std::int64_t unix_seconds(std::string const& created)
{
    auto const time = parse_rfc3339(created);
    return time ? time->nanoseconds / 1'000'000'000 : 0;
}

// Gone from newer clients' sight: the size a second time.
void add_old_size(json& body, std::uint64_t size, int minor)
{
    if (minor < 44)
        body["VirtualSize"] = size;
}

}

json image_entry(image::Image const& image, int minor)
{
    json body { { "Containers", -1 }, { "Created", unix_seconds(image.config.created) }, { "Id", image.id.to_string() },
        { "Labels", image.config.labels.empty() ? json(nullptr) : json(image.config.labels) },
        { "ParentId", image.parent ? image.parent->to_string() : "" }, { "RepoDigests", image.repo_digests },
        { "RepoTags", image.tags }, { "SharedSize", -1 }, { "Size", image.size } };
    add_old_size(body, image.size, minor);
    return body;
}

namespace {

// `reference=busy*` fits a name with or without its tag; of an image those of its names count that fit.
std::vector<std::string> fitting_names(std::vector<std::string> const& names, std::set<std::string> const& patterns)
{
    std::vector<std::string> fitting;
    for (auto const& name : names) {
        auto const repository = name.substr(0, name.find('@') == std::string::npos ? name.rfind(':') : name.find('@'));
        bool const fits = patterns.empty() || std::any_of(patterns.begin(), patterns.end(), [&](auto const& pattern) {
            return ::fnmatch(pattern.c_str(), name.c_str(), FNM_PATHNAME) == 0
                || ::fnmatch(pattern.c_str(), repository.c_str(), FNM_PATHNAME) == 0;
        });
        if (fits)
            fitting.push_back(name);
    }
    return fitting;
}

// The filters that compare when images were made: older than every `before` and `until`, newer than every `since`.
struct Period {
    std::int64_t after { INT64_MIN }; // unix seconds, both exclusive
    std::int64_t before { INT64_MAX };

    static Result<Period> read(Call const& call, Filters const& filters)
    {
        Period period;
        for (auto const& name : filters.values("before"))
            period.before = std::min(period.before, unix_seconds(TRY(call.engine.images->find(name)).config.created));
        for (auto const& name : filters.values("since"))
            period.after = std::max(period.after, unix_seconds(TRY(call.engine.images->find(name)).config.created));
        auto const until = TRY(filters.until(call.engine.seams.scheduler.now()));
        period.before = std::min(period.before, until.nanoseconds / nanoseconds_per_second);
        return period;
    }
    bool has(image::Image const& image) const
    {
        auto const created = unix_seconds(image.config.created);
        return created > after && created < before;
    }
};

Result<void> list_images(Call& call)
{
    static constexpr std::string_view known[] { "dangling", "label", "before", "since", "reference", "until" };
    auto const filters = TRY(Filters::parse(call.parameter("filters"), known));
    auto const period = TRY(Period::read(call, filters));
    json list = json::array();
    auto const& references = filters.values("reference");
    for (auto image : call.engine.images->list()) {
        bool const dangling = image.tags.empty();
        image.tags = fitting_names(image.tags, references);
        image.repo_digests = fitting_names(image.repo_digests, references);
        if (dangling && image.has_children && !call.flag("all"))
            continue; // a step on the way to another image
        if (filters.is("dangling", dangling ? "true" : "false") && filters.labels_match(image.config.labels)
            && period.has(image) && (references.empty() || !image.tags.empty() || !image.repo_digests.empty()))
            list.push_back(image_entry(image, call.minor));
    }
    return reply(call.exchange, 200, list);
}

// The fields that say something about a container only; docker showed them until API 1.50.
void add_container_fields(json& config)
{
    for (auto const* flag : { "AttachStdin", "AttachStdout", "AttachStderr", "Tty", "OpenStdin", "StdinOnce" })
        config[flag] = false;
    for (auto const* text : { "Hostname", "Domainname", "Image" })
        config[text] = "";
    for (auto const* text : { "User" })
        config.emplace(text, "");
    for (auto const* absent : { "Entrypoint", "Labels", "OnBuild", "Volumes" })
        config.emplace(absent, nullptr);
}

json image_config(oci::ImageConfig const& config, int minor)
{
    json object { { "Env", list_or_null(config.env) }, { "Cmd", list_or_null(config.cmd) },
        { "WorkingDir", config.working_dir } };
    if (!config.entrypoint.empty())
        object["Entrypoint"] = config.entrypoint;
    if (!config.user.empty())
        object["User"] = config.user;
    if (!config.labels.empty())
        object["Labels"] = config.labels;
    if (!config.stop_signal.empty())
        object["StopSignal"] = config.stop_signal;
    if (!config.on_build.empty())
        object["OnBuild"] = config.on_build;
    if (!config.shell.empty())
        object["Shell"] = config.shell;
    if (auto const& check = config.healthcheck)
        object["Healthcheck"] = healthcheck_to_json(*check);
    for (auto const& port : config.exposed_ports)
        object["ExposedPorts"][port] = json::object();
    for (auto const& volume : config.volumes)
        object["Volumes"][volume] = json::object();
    if (minor < 50)
        add_container_fields(object);
    return object;
}

Result<void> inspect_image(Call& call)
{
    auto const image = TRY(call.engine.images->find(call.name));
    std::vector<std::string> diff_ids;
    for (auto const& diff_id : image.config.diff_ids)
        diff_ids.push_back(diff_id.digest.to_string());
    json body { { "Id", image.id.to_string() }, { "RepoTags", image.tags }, { "RepoDigests", image.repo_digests },
        { "Parent", image.parent ? image.parent->to_string() : "" },
        { "Comment", image.config.history.empty() ? "" : image.config.history.back().comment },
        { "Created", image.config.created }, { "DockerVersion", "" }, { "Author", image.config.author },
        { "Architecture", image.config.platform.architecture }, { "Os", image.config.platform.os },
        { "Size", image.size },
        { "GraphDriver", { { "Name", std::string(call.engine.roots.driver_name()) }, { "Data", nullptr } } },
        { "RootFS", { { "Type", "layers" }, { "Layers", diff_ids } } },
        { "Metadata", { { "LastTagTime", "0001-01-01T00:00:00Z" } } },
        { "Config", image_config(image.config, call.minor) } };
    add_old_size(body, image.size, call.minor);
    return reply(call.exchange, 200, body);
}

// One entry an instruction, newest first. Those that made a layer take the image's layers in turn.
Result<void> image_history(Call& call)
{
    auto const image = TRY(call.engine.images->find(call.name));
    json steps = json::array();
    std::size_t layer = 0;
    for (auto const& step : image.config.history) {
        std::uint64_t size = 0;
        if (!step.empty_layer && layer < image.config.diff_ids.size())
            size = TRY(call.engine.layers->content_size(image.config.diff_ids[layer++]));
        steps.push_back({ { "Id", "<missing>" }, { "Created", unix_seconds(step.created) },
            { "CreatedBy", step.created_by }, { "Tags", nullptr }, { "Size", size }, { "Comment", step.comment } });
    }
    std::reverse(steps.begin(), steps.end());
    // The steps of a build are images of their own, as far as they are still here.
    auto at = std::optional(image);
    for (auto step = steps.begin(); step != steps.end() && at; ++step) {
        (*step)["Id"] = at->id.to_string();
        if (!at->tags.empty())
            (*step)["Tags"] = at->tags;
        auto const parent = at->parent ? call.engine.images->find(at->parent->to_string())
                                       : Result<image::Image>(fail(ErrorKind::NotFound, ""));
        at = parent ? std::optional(*parent) : std::nullopt;
    }
    return reply(call.exchange, 200, steps);
}

Result<void> tag_image(Call& call)
{
    auto const image = TRY(call.engine.images->find(call.name));
    auto const reference = TRY(named(call.parameter("repo"), call.parameter("tag")));
    if (reference.digest)
        return fail(ErrorKind::InvalidInput, "refusing to create a tag with a digest reference");
    TRY(call.engine.images->tag(image.id, reference));
    call.engine.events.publish("image", "tag", image.id.to_string(), { { "name", reference.familiar() } });
    return reply_empty(call.exchange, 201);
}

Result<void> remove_image(Call& call)
{
    auto& engine = call.engine;
    auto const id = TRY(engine.images->find(call.name)).id.to_string();
    auto const removed = TRY(engine.images->remove(
        call.name, call.flag("force"), [&](oci::Digest const& image) { return engine.containers.user_of(image); }));
    json lines = json::array();
    for (auto const& each : removed) {
        lines.push_back({ { each.untagged ? "Untagged" : "Deleted", each.text } });
        auto const& whose = each.untagged ? id : each.text; // docker tells of both by the image's id
        engine.events.publish("image", each.untagged ? "untag" : "delete", whose, { { "name", whose } });
    }
    return reply(call.exchange, 200, lines);
}

std::uint64_t stored_bytes(Engine const& engine)
{
    std::uint64_t bytes = 0;
    for (auto const& digest : engine.content->list())
        bytes += engine.content->size(digest).value_or(0);
    for (auto const& diff_id : engine.layers->list())
        bytes += engine.layers->size(diff_id).value_or(0);
    return bytes;
}

// The names of images as those who made containers gave them.
std::set<std::string> names_of_containers(Engine const& engine)
{
    std::set<std::string> names;
    for (auto const& container : engine.containers.list()) {
        if (auto const name = oci::Reference::parse(container->record().config.image))
            names.insert(name->familiar());
    }
    return names;
}

// Images without a name, or with dangling=false all names that are not the last of an image in use: that one stays
// without a word, as every refusal does here.
Result<void> prune_images(Call& call)
{
    static constexpr std::string_view known[] { "dangling", "label", "label!", "until" };
    auto& engine = call.engine;
    auto const filters = TRY(Filters::parse(call.parameter("filters"), known));
    auto const period = TRY(Period::read(call, filters));
    bool const only_dangling = !filters.has("dangling") || filters.is("dangling", "true");
    auto const user_of = [&](oci::Digest const& image) { return engine.containers.user_of(image); };
    auto const asked_for = names_of_containers(engine);
    auto const before = stored_bytes(engine);
    json deleted = json::array();
    for (auto const& image : engine.images->list()) {
        bool const wanted
            = (!only_dangling || image.tags.empty()) && period.has(image) && filters.labels_match(image.config.labels);
        auto names = image.repo_digests;
        names.insert(names.end(), image.tags.begin(), image.tags.end());
        // What containers were made by comes last: of an image in use that name stays.
        std::stable_partition(names.begin(), names.end(), [&](auto const& name) { return !asked_for.contains(name); });
        if (names.empty())
            names.push_back(image.id.to_string());
        for (auto const& name : wanted ? names : std::vector<std::string> {}) {
            for (auto const& each :
                engine.images->remove(name, false, user_of).value_or(std::vector<image::Removal> {}))
                deleted.push_back({ { each.untagged ? "Untagged" : "Deleted", each.text } });
        }
    }
    auto const after = stored_bytes(engine);
    engine.events.publish("image", "prune", "", { { "reclaimed", std::to_string(before - after) } });
    return reply(call.exchange, 200,
        { { "ImagesDeleted", deleted.empty() ? json(nullptr) : deleted },
            { "SpaceReclaimed", before > after ? before - after : 0 } });
}

}

std::span<Route const> image_routes()
{
    static constexpr Route routes[] {
        { "GET", "/images/json", list_images },
        { "GET", "/images/{name}/json", inspect_image },
        { "GET", "/images/{name}/history", image_history },
        { "POST", "/images/{name}/tag", tag_image },
        { "DELETE", "/images/{name}", remove_image },
        { "POST", "/images/prune", prune_images },
    };
    return routes;
}

}
