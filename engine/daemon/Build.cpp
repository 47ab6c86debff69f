// POST /build: the classic builder's door (the CLI with DOCKER_BUILDKIT=0). The body is the build context as a tar, the
// parameters are the CLI's flags, the answer is the text that docker prints.

#include "engine/build/Builder.h"
#include "engine/daemon/BuildWorkshop.h"
#include "engine/daemon/ImageNames.h"
#include "engine/daemon/ProgressStream.h"
#include "engine/daemon/Registries.h"
#include "engine/daemon/Reply.h"
#include "engine/daemon/Router.h"
#include "sim/core/PathPattern.h"

#include <array>
#include <charconv>

namespace drydock::daemon {

namespace {

constexpr std::uint64_t dockerfile_bytes = 4 << 20;

struct BuildRequest {
    build::BuildOptions options;
    std::vector<oci::Reference> tags;
    WorkshopOptions workshop;
    std::vector<std::string> warnings;
    bool quiet { false };
};

Result<json> json_parameter(Call& call, char const* name)
{
    auto const text = call.parameter(name);
    if (text.empty())
        return json::object();
    auto value = parse_json(text);
    if (!value || !(value->is_object() || value->is_null()))
        return fail(ErrorKind::InvalidInput, std::string("error reading ") + name + ": it must be a JSON object");
    return value->is_null() ? json::object() : *value;
}

Result<void> read_values(Call& call, build::BuildOptions& options)
{
    auto const arguments = TRY(json_parameter(call, "buildargs"));
    for (auto const& [name, value] : arguments.items()) {
        if (!value.is_string() && !value.is_null())
            return fail(ErrorKind::InvalidInput, "error reading build args: " + name + " is no string");
        options.arguments[name] = value.is_null() ? std::nullopt : std::optional(value.get<std::string>());
    }
    auto const labels = TRY(json_parameter(call, "labels"));
    for (auto const& [name, value] : labels.items()) {
        if (!value.is_string())
            return fail(ErrorKind::InvalidInput, "error reading labels: " + name + " is no string");
        options.labels[name] = value.get<std::string>();
    }
    return {};
}

// A number that is absent where it is 0, as the CLI 20.10 sends it.
Result<void> take_number(Call& call, char const* parameter, char const* key, json& host)
{
    auto const text = call.parameter(parameter);
    std::int64_t value = 0;
    auto const [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (!text.empty() && (error != std::errc() || end != text.data() + text.size()))
        return fail(ErrorKind::InvalidInput, std::string("invalid value for ") + parameter + ": " + text);
    if (value != 0)
        host[key] = value;
    return {};
}

// What holds for the containers of RUN.
Result<HostConfig> step_host(Call& call)
{
    json host { { "NetworkMode", call.parameter("networkmode") } };
    TRY(take_number(call, "memory", "Memory", host));
    TRY(take_number(call, "shmsize", "ShmSize", host));
    if (auto const text = call.parameter("ulimits"); !text.empty())
        host["Ulimits"] = TRY_WITH("error reading ulimits", parse_json(text));
    auto const hosts = call.parameter("extrahosts");
    for (std::size_t begin = 0; begin < hosts.size();) { // one a line, or one parameter each
        auto const end = std::min(hosts.find('\n', begin), hosts.size());
        host["ExtraHosts"].push_back(hosts.substr(begin, end - begin));
        begin = end + 1;
    }
    for (auto const& [name, value] : call.exchange.target().query) {
        if (name == "extrahosts" && !value.empty() && value != hosts)
            host["ExtraHosts"].push_back(value);
    }
    return parse_host_config(host);
}

// What a flag asks for that a build here does not do.
std::vector<std::string> build_warnings(Call& call)
{
    std::vector<std::string> warnings;
    auto const given = [&](char const* name) {
        auto const text = call.parameter(name);
        return !text.empty() && text != "0" && text != "null" && text != "[]" && text != "{}";
    };
    for (auto const* name : { "cpushares", "cpuperiod", "cpuquota", "cpusetcpus", "cpusetmems", "memswap",
             "cgroupparent", "securityopt", "squash" }) {
        if (given(name))
            warnings.push_back(std::string("the build option ") + name + " has no effect here");
    }
    if (given("cachefrom")) // an image's word about its own making is not believed (CVE-2024-24557)
        warnings.push_back("--cache-from is ignored: only what was built here answers for a step");
    return warnings;
}

Result<BuildRequest> read_request(Call& call)
{
    if (call.parameter("version") == "2" || call.parameter("remote") == "client-session")
        return fail(ErrorKind::NotSupported, std::string(no_buildkit_message));
    if (auto const remote = call.parameter("remote"); !remote.empty())
        return fail(ErrorKind::NotSupported,
            "building from " + remote + " is not supported: a build reaches no network here. Send a directory");
    // RUN runs here, and there is no emulator of other processors.
    if (auto const platform = TRY(wanted_platform(call.parameter("platform"))); !suits({}, platform))
        return fail(ErrorKind::NotSupported,
            "building for " + to_text(platform) + " is not supported: RUN runs on this machine, which is "
                + to_text(oci::Platform {}));
    BuildRequest request;
    auto& options = request.options;
    if (auto const file = call.parameter("dockerfile"); !file.empty())
        options.dockerfile_name = file;
    TRY(read_values(call, options));
    options.target = call.parameter("target");
    options.use_cache = !call.flag("nocache");
    options.remove_containers = call.exchange.target().flag("rm", true);
    options.always_remove_containers = call.flag("forcerm");
    request.quiet = call.flag("q");
    request.workshop.always_pull = call.flag("pull");
    request.workshop.host = TRY(step_host(call));
    request.warnings = build_warnings(call);
    for (auto const& [name, value] : call.exchange.target().query) {
        if (name != "t" || value.empty())
            continue;
        auto reference = TRY(oci::Reference::parse(value));
        if (reference.digest)
            return fail(ErrorKind::InvalidInput, "build tag cannot contain a digest");
        request.tags.push_back(std::move(reference));
    }
    return request;
}

Result<std::string> read_dockerfile(build::TarTree& context, std::string const& name)
{
    auto const path = context.files().resolve(build::clean_absolute(name));
    auto text = path ? context.files().read_all(*path, dockerfile_bytes) : Result<std::string>(fail(path.error()));
    if (!text)
        return fail(ErrorKind::InvalidInput, "Cannot locate specified Dockerfile: " + name);
    if (text->empty())
        return fail(ErrorKind::InvalidInput, "the Dockerfile (" + name + ") cannot be empty");
    return text;
}

Result<std::unique_ptr<build::TarTree>> receive_context(
    Call& call, build::Workshop& workshop, std::string const& dockerfile_name)
{
    build::TarTreeWriter writer(workshop.storage(), workshop.scratch_key());
    std::array<char, 65536> buffer;
    while (auto const size = TRY(call.exchange.body().read_some(buffer)))
        TRY(writer.write({ buffer.data(), size }));
    auto tree = TRY(writer.finish());
    constexpr std::uint64_t told = 16 << 10;
    auto const dockerfile = read_dockerfile(*tree, dockerfile_name);
    call.engine.seams.publisher.publish(trace::BuildContextReceived { .entries = tree->entries(),
        .bytes = writer.received(),
        .dockerfile = dockerfile ? dockerfile->substr(0, told) : std::string() });
    return tree;
}

// The client sends Dockerfile and .dockerignore even where the latter excludes them; no COPY shall see them then.
Result<void> forget_ignored(build::TarTree& context, std::string const& dockerfile)
{
    auto const text = context.files().read_all("/.dockerignore", dockerfile_bytes);
    if (!text)
        return {};
    auto const ignore = TRY(IgnoreList::parse(*text));
    std::set<std::string> gone;
    for (auto const& name : { std::string(".dockerignore"), build::clean_absolute(dockerfile).substr(1) }) {
        if (ignore.ignores(name))
            gone.insert(name);
    }
    return context.forget(gone);
}

Result<void> tag_image(Engine& engine, image::Image const& image, oci::Reference const& name)
{
    TRY(engine.images->tag(image.id, name));
    engine.events.publish("image", "tag", image.id.to_string(), { { "name", name.familiar() } });
    return {};
}

// What docker prints when all is done.
Result<void> finish_build(
    Engine& engine, BuildRequest const& request, image::Image const& image, ProgressStream& stream)
{
    stream.send_built(image.id);
    if (request.quiet)
        stream.send_text(image.id.to_string() + "\n");
    else
        stream.send_text("Successfully built " + image.id.short_form() + "\n");
    for (auto const& name : request.tags) {
        TRY(tag_image(engine, image, name));
        if (!request.quiet)
            stream.send_text("Successfully tagged " + name.familiar() + "\n");
    }
    return {};
}

Result<void> build_image(Call& call)
{
    auto& engine = call.engine;
    auto request = TRY(read_request(call));
    auto span = engine.seams.publisher.span(
        "build", "Build " + (request.tags.empty() ? "an image" : request.tags.front().familiar()), trace::Depth::Role);
    ProgressStream stream(call.exchange);
    std::string kept; // of a quiet build; shown only where it fails
    request.workshop.progress = [&](image::TransferProgress const& progress) {
        if (!request.quiet)
            stream.send(progress);
    };
    request.workshop.credentials
        = [&](std::string const& registry) { return credentials_for(call.exchange, registry); };
    BuildWorkshop workshop(engine, request.workshop);
    auto const context = TRY(receive_context(call, workshop, request.options.dockerfile_name));
    auto const text = TRY(read_dockerfile(*context, request.options.dockerfile_name));
    TRY(forget_ignored(*context, request.options.dockerfile_name));
    auto const output = [&](std::string_view piece) {
        if (request.quiet)
            kept += piece;
        else
            stream.send_text(piece);
    };
    build::Builder builder(workshop, *context, request.options, output, engine.seams.publisher);
    TRY(builder.read(text));
    for (auto const& warning : request.warnings)
        output("[Warning] " + warning + "\n");
    auto const watch = call.exchange.watch([&] { workshop.cancel(); });
    auto const image = builder.run();
    auto const done = image ? finish_build(engine, request, *image, stream) : Result<void>(fail(image.error()));
    if (done)
        return {};
    auto const& message = done.error().message();
    span.failed(message);
    if (!kept.empty())
        stream.send_text(kept);
    engine.seams.publisher.publish(trace::OperationFailed { .operation = "build", .error = message });
    stream.send_error(message, builder.exit_code());
    return {};
}

// The steps of earlier builds are images here (`docker images -a`), not a cache of their own: there is nothing of the
// kind that docker means to prune.
Result<void> prune_builds(Call& call)
{
    return reply(call.exchange, 200, { { "CachesDeleted", json::array() }, { "SpaceReclaimed", 0 } });
}

}

std::span<Route const> build_routes()
{
    static constexpr Route routes[] {
        { "POST", "/build", build_image },
        { "POST", "/build/prune", prune_builds },
    };
    return routes;
}

}
