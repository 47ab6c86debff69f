// What has to do with registries: pull, push, search, login.

#include "engine/daemon/BuildWorkshop.h"
#include "engine/daemon/Filters.h"
#include "engine/daemon/ImageNames.h"
#include "engine/daemon/ProgressStream.h"
#include "engine/daemon/Registries.h"
#include "engine/daemon/Reply.h"
#include "engine/daemon/Router.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace drydock::daemon {

namespace {

constexpr std::size_t most_found = 100; // docker's limit of a search
constexpr std::size_t catalog_size = 1000;

Result<OpenRegistry> reach(Engine const& engine, std::string const& name,
    std::optional<registry::Credentials> credentials, std::stop_token stop = {})
{
    auto const& seams = engine.seams;
    return open_registry(
        engine.config, seams.network, seams.scheduler, seams.publisher, name, std::move(credentials), std::move(stop));
}

// Docker's hint where a registry lets nobody in without saying whether there is such an image.
Error pull_refusal(Error error, oci::Reference const& reference)
{
    // The client knows repositories only; to people the registry is a part of the name.
    if (auto const words = "manifest for " + reference.repository; error.message().starts_with(words))
        return Error(
            error.kind(), "manifest for " + reference.familiar_repository() + error.message().substr(words.size()));
    if (error.kind() != ErrorKind::Unauthorized && error.kind() != ErrorKind::Forbidden)
        return error;
    // A certificate that proves nothing, or a password that we do not have: that is said as it is.
    auto const& words = error.message();
    if (words.find("denied") == std::string::npos && words.find("unauthorized") == std::string::npos)
        return error;
    return Error(ErrorKind::NotFound,
        fmt::format("pull access denied for {}, repository does not exist or may require 'docker login': {}",
            reference.familiar_repository(), error.message()));
}

// What fails before the first line of progress is an ordinary refusal; later it travels inside the stream.
void fail_in_stream(Call& call, ProgressStream& stream, std::string const& operation, Error const& error)
{
    call.engine.seams.publisher.publish(trace::OperationFailed { .operation = operation, .error = error.message() });
    stream.send_error(error.message());
}

constexpr std::size_t most_tags = 1000;

// Every tag of the repository (`docker pull -a`).
Result<void> pull_all(Call& call, oci::Reference const& repository, oci::Platform const& platform)
{
    auto& engine = call.engine;
    auto const credentials = TRY(credentials_of(call.exchange));
    auto const registry = TRY(reach(engine, repository.registry, credentials));
    auto const tags = registry.client->tags(repository.repository, most_tags);
    if (!tags)
        return fail(pull_refusal(tags.error(), repository));
    ProgressStream stream(call.exchange);
    std::stop_source gone;
    auto const watch = call.exchange.watch([&] { gone.request_stop(); });
    for (auto const& tag : *tags) {
        auto const pulled = pull_by_name(
            engine, TRY(named(repository.familiar_repository(), tag)), platform, credentials,
            [&](image::TransferProgress const& progress) { stream.send(progress); }, gone.get_token());
        if (!pulled) {
            fail_in_stream(call, stream, "pull " + repository.familiar_repository(), pulled.error());
            return {};
        }
    }
    return {};
}

Result<void> pull_image(Call& call)
{
    auto& engine = call.engine;
    auto const reference = TRY(named(call.parameter("fromImage"), call.parameter("tag")));
    auto const platform = TRY(wanted_platform(call.parameter("platform")));
    // docker buildx looks for a daemon in a container of its own when the engine has no BuildKit.
    if (reference.registry == "docker.io" && reference.repository == "moby/buildkit")
        return fail(ErrorKind::NotSupported, std::string(no_buildkit_message));
    auto const asked = call.parameter("fromImage");
    bool const names_one = !call.parameter("tag").empty() || asked.find('@') != std::string::npos
        || asked.find(':', asked.rfind('/') == std::string::npos ? 0 : asked.rfind('/')) != std::string::npos;
    if (!names_one)
        return pull_all(call, reference, platform);
    auto credentials = TRY(credentials_of(call.exchange));
    ProgressStream stream(call.exchange);
    std::stop_source gone;
    auto const watch = call.exchange.watch([&] { gone.request_stop(); });
    auto const pulled = pull_by_name(
        engine, reference, platform, std::move(credentials),
        [&](image::TransferProgress const& progress) { stream.send(progress); }, gone.get_token());
    if (!pulled && !stream.begun())
        return fail(pulled.error());
    if (!pulled)
        fail_in_stream(call, stream, "pull " + reference.familiar(), pulled.error());
    return {};
}

// `POST /images/create` either asks a registry or brings the image along.
Result<void> create_image(Call& call)
{
    return call.parameter("fromSrc").empty() ? pull_image(call) : import_image(call);
}

// ---- Push ----

// All tags of the repository, where none was named (`docker push -a`).
std::vector<std::string> tags_of(Engine const& engine, std::string const& repository)
{
    std::vector<std::string> tags;
    for (auto const& image : engine.images->list()) {
        for (auto const& tag : image.tags) {
            if (tag.substr(0, tag.rfind(':')) == repository)
                tags.push_back(tag);
        }
    }
    std::sort(tags.begin(), tags.end());
    return tags;
}

Result<void> push_one(Call& call, registry::RegistryClient& registry, oci::Reference const& reference,
    ProgressStream& stream, std::stop_token const& stop)
{
    auto const pushed = TRY(call.engine.pusher.push(
        registry, reference, [&](image::TransferProgress const& progress) { stream.send(progress); }, stop));
    stream.send_status(
        fmt::format("{}: digest: {} size: {}", reference.tag, pushed.manifest.to_string(), pushed.manifest_size));
    stream.send_aux(
        { { "Tag", reference.tag }, { "Digest", pushed.manifest.to_string() }, { "Size", pushed.manifest_size } });
    call.engine.events.publish("image", "push", reference.familiar(), { { "name", reference.familiar_repository() } });
    return {};
}

Result<void> push_image(Call& call)
{
    auto& engine = call.engine;
    auto const tag = call.parameter("tag");
    auto const repository = TRY(oci::Reference::parse(call.name));
    if (repository.digest)
        return fail(ErrorKind::InvalidInput, "cannot push a digest reference");
    std::vector<std::string> tags;
    if (tag.empty())
        tags = tags_of(engine, repository.familiar_repository());
    else
        tags.push_back(TRY(named(repository.familiar_repository(), tag)).familiar());
    auto credentials = TRY(credentials_of(call.exchange));
    std::stop_source gone;
    auto const watch = call.exchange.watch([&] { gone.request_stop(); });
    auto const registry = TRY(reach(engine, repository.registry, std::move(credentials), gone.get_token()));
    ProgressStream stream(call.exchange);
    stream.send_status(
        fmt::format("The push refers to repository [{}/{}]", repository.registry, repository.repository));
    if (tags.empty())
        stream.send_error("An image does not exist locally with the tag: " + repository.familiar_repository());
    for (auto const& name : tags) {
        auto const pushed
            = push_one(call, *registry.client, TRY(oci::Reference::parse(name)), stream, gone.get_token());
        if (!pushed) {
            fail_in_stream(call, stream, "push " + name, pushed.error());
            return {};
        }
    }
    return {};
}

// ---- Search ----

// The hub's catalog, of which the names are all that there is to search.
Result<void> search_images(Call& call)
{
    static constexpr std::string_view known[] { "is-official", "is-automated", "stars" };
    auto const filters = TRY(Filters::parse(call.parameter("filters"), known));
    std::size_t limit = most_found;
    auto const text = call.parameter("limit");
    std::from_chars(text.data(), text.data() + text.size(), limit);
    if (!text.empty() && (limit < 1 || limit > most_found))
        return fail(ErrorKind::InvalidInput, fmt::format("limit {} is outside the range of [1, 100]", text));
    auto credentials = TRY(credentials_of(call.exchange));
    auto const registry = TRY(reach(call.engine, "docker.io", std::move(credentials)));
    json found = json::array();
    for (auto const& repository : TRY(registry.client->repositories(catalog_size))) {
        auto const reference = oci::Reference::parse("docker.io/" + repository);
        if (!reference || found.size() >= limit)
            continue;
        bool const official = repository.starts_with("library/");
        auto const name = reference->familiar_repository();
        bool const is_wanted = filters.is("is-official", official ? "true" : "false")
            && filters.is("is-automated", "false") && filters.is("stars", "0");
        if (is_wanted && name.find(call.parameter("term")) != std::string::npos)
            found.push_back({ { "name", name }, { "description", "" }, { "star_count", 0 }, { "is_official", official },
                { "is_automated", false } });
    }
    return reply(call.exchange, 200, found);
}

// ---- Login ----

// "https://index.docker.io/v1/" is the hub's name in docker's files; a registry may be given with its scheme.
std::string registry_name(std::string address)
{
    for (std::string_view const scheme : { "https://", "http://" }) {
        if (address.starts_with(scheme))
            address.erase(0, scheme.size());
    }
    address.erase(std::min(address.find('/'), address.size()));
    return address.empty() || address == "index.docker.io" ? "docker.io" : address;
}

// dockerd answers a refusal with 500, in one of two forms: the registry's own, or the token server's.
Error login_refusal(Error const& error, std::string const& address)
{
    constexpr std::string_view by_token_server = "asking for a token: ";
    if (error.message().starts_with(by_token_server))
        return { ErrorKind::Internal,
            fmt::format("Get \"{}\": {}", address, error.message().substr(by_token_server.size())) };
    if (error.kind() == ErrorKind::Unauthorized)
        return { ErrorKind::Internal,
            fmt::format("login attempt to {} failed with status: 401 Unauthorized", address) };
    return { ErrorKind::Internal, error.message() };
}

// Tries the credentials out; it is the client that keeps them.
Result<void> log_in(Call& call)
{
    auto const body = TRY(read_json(call.exchange));
    if (!body.is_object())
        return fail(ErrorKind::InvalidInput, "the credentials are no JSON object");
    ObjectReader reader(body);
    registry::Credentials credentials { .username = reader.text("username"),
        .password = reader.text("password"),
        .identity_token = reader.text("identitytoken"),
        .registry_token = {} };
    auto const name = registry_name(reader.text("serveraddress"));
    TRY(reader.finish());
    auto const registry = TRY(reach(call.engine, name, credentials));
    auto const checked = registry.client->check();
    if (!checked)
        return fail(login_refusal(checked.error(), (registry.encrypted ? "https://" : "http://") + name + "/v2/"));
    return reply(call.exchange, 200, { { "IdentityToken", "" }, { "Status", "Login Succeeded" } });
}

}

Result<image::PullResult> pull_by_name(Engine& engine, oci::Reference const& reference, oci::Platform const& platform,
    std::optional<registry::Credentials> credentials,
    std::function<void(image::TransferProgress const&)> const& progress, std::stop_token const& stop)
{
    auto const registry = TRY(reach(engine, reference.registry, std::move(credentials), stop));
    auto pulled = engine.puller.pull(*registry.client, reference, platform, progress, stop);
    if (!pulled)
        return fail(pull_refusal(pulled.error(), reference));
    engine.events.publish("image", "pull", reference.familiar(), { { "name", reference.familiar_repository() } });
    return pulled;
}

std::span<Route const> registry_routes()
{
    static constexpr Route routes[] {
        { "POST", "/images/create", create_image },
        { "POST", "/images/{name}/push", push_image },
        { "GET", "/images/search", search_images },
        { "POST", "/auth", log_in },
    };
    return routes;
}

}
