// Images as files: save, load, import. Archives stream through; what arrives is laid aside until it has proved sound.

#include "engine/daemon/Commit.h"
#include "engine/daemon/ImageNames.h"
#include "engine/daemon/ProgressStream.h"
#include "engine/daemon/Reply.h"
#include "engine/daemon/Router.h"

namespace drydock::daemon {

namespace {

image::Source body_of(Call& call)
{
    return [&call](std::span<char> buffer) { return call.exchange.body().read_some(buffer); };
}

Result<void> save(Call& call, std::vector<std::string> const& names)
{
    if (names.empty())
        return fail(ErrorKind::InvalidInput, "no image is named");
    auto const plan = TRY(call.engine.saver.plan(names));
    auto const body = TRY(call.exchange.respond_streaming(200, { { "Content-Type", "application/x-tar" } }));
    TRY(call.engine.saver.write(plan, [&](std::string_view bytes) { return body->write(bytes); }));
    for (auto const& name : plan.references)
        call.engine.events.publish("image", "save", name, { { "name", name } });
    return body->finish();
}

Result<void> save_image(Call& call)
{
    return save(call, { call.name });
}

Result<void> save_images(Call& call)
{
    std::vector<std::string> names;
    for (auto const& [name, value] : call.exchange.target().query) {
        if (name == "names")
            names.push_back(value);
    }
    return save(call, names);
}

Result<void> load_images(Call& call)
{
    bool const quiet = call.flag("quiet");
    ProgressStream stream(call.exchange);
    std::stop_source gone;
    auto const watch = call.exchange.watch([&] { gone.request_stop(); });
    auto const show = [&](image::TransferProgress const& progress) {
        if (!quiet)
            stream.send(progress);
    };
    auto const loaded = call.engine.loader.load(body_of(call), show, gone.get_token());
    if (!loaded) {
        if (!stream.begun())
            return fail(loaded.error());
        stream.send_error(loaded.error().message());
        return {};
    }
    for (auto const& image : *loaded) {
        if (image.names.empty())
            stream.send_text("Loaded image ID: " + image.id.to_string() + "\n");
        for (auto const& name : image.names)
            stream.send_text("Loaded image: " + name + "\n");
        auto const id = image.id.to_string();
        call.engine.events.publish("image", "load", id, { { "name", image.names.empty() ? id : image.names.front() } });
    }
    return {};
}

}

Result<void> import_image(Call& call)
{
    if (call.parameter("fromSrc") != "-")
        return fail(ErrorKind::NotSupported,
            "Drydock fetches no archives: download it and import the file, as in \"curl -L URL | docker import -\"");
    image::ImportOptions options { .message = call.parameter("message"), .now = call.engine.seams.scheduler.now() };
    if (!call.parameter("repo").empty())
        options.name = TRY(named(call.parameter("repo"), call.parameter("tag")));
    TRY(apply_changes(call, options.config));
    auto const image = TRY(call.engine.loader.import_root(body_of(call), options));
    ProgressStream(call.exchange).send_status(image.id.to_string());
    call.engine.events.publish("image", "import", image.id.to_string(),
        { { "name", image.names.empty() ? image.id.to_string() : image.names.front() } });
    return {};
}

std::span<Route const> archive_routes()
{
    static constexpr Route routes[] {
        { "GET", "/images/get", save_images },
        { "GET", "/images/{name}/get", save_image },
        { "POST", "/images/load", load_images },
    };
    return routes;
}

}
