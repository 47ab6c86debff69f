// /images: list, inspect, history, tag, remove, pull.

#include "engine/daemon/BuildWorkshop.h"
#include "engine/daemon/Filters.h"
#include "engine/daemon/ProgressStream.h"
#include "engine/daemon/Reply.h"
#include "engine/daemon/Router.h"

#include <fmt/format.h>
#include <fnmatch.h>

#include <algorithm>

namespace drydock::daemon {

namespace {

std::int64_t unix_seconds(std::string const& created)
{
    auto const time = parse_rfc3339(created);
    return time ? time->nanoseconds / 1'000'000'000 : 0;
}

json list_entry(image::Image const& image)
{
    return { { "Containers", -1 }, { "Created", unix_seconds(image.config.created) }, { "Id", image.id.to_string() },
        { "Labels", image.config.labels }, { "ParentId", image.parent ? image.parent->to_string() : "" },
        { "RepoDigests", image.repo_digests }, { "RepoTags", image.tags }, { "SharedSize", -1 },
        { "Size", image.size } };
}

// `reference=busy*` fits a name with or without its tag.
bool fits_reference(image::Image const& image, std::string const& pattern)
{
    return std::any_of(image.tags.begin(), image.tags.end(), [&](std::string const& tag) {
        std::string const repository = tag.substr(0, tag.rfind(':'));
        return ::fnmatch(pattern.c_str(), tag.c_str(), FNM_PATHNAME) == 0
            || ::fnmatch(pattern.c_str(), repository.c_str(), FNM_PATHNAME) == 0;
    });
}

Result<void> list_images(Call& call)
{
    static constexpr std::string_view known[] { "dangling", "label", "before", "since", "reference", "until" };
    auto const filters = TRY(Filters::parse(call.parameter("filters"), known));
    json list = json::array();
    for (auto const& image : call.engine.images->list()) {
        bool const dangling = image.tags.empty();
        if (dangling && image.has_children && !call.flag("all"))
            continue; // a step on the way to another image
        if (filters.is("dangling", dangling ? "true" : "false") && filters.labels_match(image.config.labels)
            && filters.any("reference", [&](std::string const& pattern) { return fits_reference(image, pattern); }))
            list.push_back(list_entry(image));
    }
    return reply(call.exchange, 200, list);
}

json image_config(oci::ImageConfig const& config)
{
    json object { { "Env", config.env }, { "Cmd", config.cmd }, { "WorkingDir", config.working_dir } };
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
        object["Healthcheck"] = { { "Test", check->test }, { "Interval", check->interval.count() },
            { "Timeout", check->timeout.count() }, { "StartPeriod", check->start_period.count() },
            { "StartInterval", check->start_interval.count() }, { "Retries", check->retries } };
    for (auto const& port : config.exposed_ports)
        object["ExposedPorts"][port] = json::object();
    for (auto const& volume : config.volumes)
        object["Volumes"][volume] = json::object();
    return object;
}

Result<void> inspect_image(Call& call)
{
    auto const image = TRY(call.engine.images->find(call.name));
    std::vector<std::string> diff_ids;
    for (auto const& diff_id : image.config.diff_ids)
        diff_ids.push_back(diff_id.digest.to_string());
    return reply(call.exchange, 200,
        { { "Id", image.id.to_string() }, { "RepoTags", image.tags }, { "RepoDigests", image.repo_digests },
            { "Parent", image.parent ? image.parent->to_string() : "" },
            { "Comment", image.config.history.empty() ? "" : image.config.history.back().comment },
            { "Created", image.config.created }, { "DockerVersion", "" }, { "Author", image.config.author },
            { "Architecture", image.config.platform.architecture }, { "Os", image.config.platform.os },
            { "Size", image.size },
            { "GraphDriver", { { "Name", std::string(call.engine.roots.driver_name()) }, { "Data", nullptr } } },
            { "RootFS", { { "Type", "layers" }, { "Layers", diff_ids } } },
            { "Metadata", { { "LastTagTime", "0001-01-01T00:00:00Z" } } }, { "Config", image_config(image.config) } });
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
            size = TRY(call.engine.layers->open(image.config.diff_ids[layer++]))->tar_size;
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

// A name out of "repo" and "tag" as the API splits it; the CLI sends the repository in full or as it was typed.
Result<oci::Reference> named(std::string const& repository, std::string const& tag)
{
    bool const is_digest = tag.find(':') != std::string::npos;
    auto const text = tag.empty() ? repository : repository + (is_digest ? "@" : ":") + tag;
    return TRY(oci::Reference::parse(text));
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
    auto const removed = TRY(engine.images->remove(
        call.name, call.flag("force"), [&](oci::Digest const& image) { return engine.containers.user_of(image); }));
    json lines = json::array();
    for (auto const& each : removed) {
        lines.push_back({ { each.untagged ? "Untagged" : "Deleted", each.text } });
        engine.events.publish("image", each.untagged ? "untag" : "delete", each.text, { { "name", each.text } });
    }
    return reply(call.exchange, 200, lines);
}

Result<network::Endpoint> registry_endpoint(Engine const& engine, std::string const& registry)
{
    for (auto const& route : engine.config.registries) {
        if (route.registry == registry)
            return route.endpoint;
    }
    auto const colon = registry.rfind(':');
    if (colon == std::string::npos)
        return fail(ErrorKind::Unavailable,
            "Get \"https://" + registry + "/v2/\": registries over TLS are not built yet in this version of Drydock");
    return network::Endpoint::parse("tcp://" + registry);
}

ActorId registry_actor(Engine const& engine, std::string const& registry)
{
    for (auto const& route : engine.config.registries) {
        if (route.registry == registry)
            return route.actor;
    }
    return { "registry:" + registry };
}

Result<oci::Platform> wanted_platform(std::string const& text)
{
    oci::Platform platform;
    if (text.empty())
        return platform;
    auto const slash = text.find('/');
    if (slash == std::string::npos)
        return fail(ErrorKind::InvalidInput, "unknown operating system or architecture: " + text);
    auto const second = text.find('/', slash + 1);
    platform.os = text.substr(0, slash);
    platform.architecture = text.substr(slash + 1, second == std::string::npos ? second : second - slash - 1);
    platform.variant = second == std::string::npos ? "" : text.substr(second + 1);
    return platform;
}

Result<image::PullResult> pull_by_name(Engine& engine, oci::Reference const& reference, oci::Platform const& platform,
    std::function<void(image::PullProgress const&)> const& progress)
{
    registry::RegistryClient registry(engine.seams.network, engine.seams.scheduler, engine.config.host,
        TRY(registry_endpoint(engine, reference.registry)), registry_actor(engine, reference.registry),
        engine.seams.publisher);
    auto pulled = TRY(engine.puller.pull(registry, reference, platform, progress));
    engine.events.publish("image", "pull", reference.familiar(), { { "name", reference.familiar_repository() } });
    return pulled;
}

// What fails before the first line of progress is an ordinary refusal; later it travels inside the stream.
Result<void> pull_image(Call& call)
{
    if (!call.parameter("fromSrc").empty())
        return fail(not_built("import"));
    auto& engine = call.engine;
    auto const reference = TRY(named(call.parameter("fromImage"), call.parameter("tag")));
    auto const platform = TRY(wanted_platform(call.parameter("platform")));
    // docker buildx looks for a daemon in a container of its own when the engine has no BuildKit.
    if (reference.registry == "docker.io" && reference.repository == "moby/buildkit")
        return fail(ErrorKind::NotSupported, std::string(no_buildkit_message));
    ProgressStream stream(call.exchange);
    auto const pulled = pull_by_name(
        engine, reference, platform, [&](image::PullProgress const& progress) { stream.send(progress); });
    if (!pulled) {
        if (!stream.begun())
            return fail(pulled.error());
        engine.seams.publisher.publish(
            trace::OperationFailed { .operation = "pull " + reference.familiar(), .error = pulled.error().message() });
        stream.send_error(pulled.error().message());
    }
    return {};
}

}

Result<image::PullResult> pull_for_build(
    Engine& engine, oci::Reference const& reference, std::function<void(image::PullProgress const&)> const& progress)
{
    return pull_by_name(engine, reference, {}, progress);
}

std::span<Route const> image_routes()
{
    static constexpr Route routes[] {
        { "GET", "/images/json", list_images },
        { "POST", "/images/create", pull_image },
        { "GET", "/images/{name}/json", inspect_image },
        { "GET", "/images/{name}/history", image_history },
        { "POST", "/images/{name}/tag", tag_image },
        { "DELETE", "/images/{name}", remove_image },
    };
    return routes;
}

}
