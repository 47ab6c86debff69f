// POST /commit: what a container changed becomes a layer, on top of its image's, and with a config an image.

#include "engine/daemon/Commit.h"

#include "engine/build/ConfigEditor.h"
#include "engine/daemon/Reply.h"
#include "engine/daemon/Router.h"
#include "engine/unionfs/LayerDiff.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace drydock::daemon {

namespace {

// Nothing may change while it is read, so a container that runs is frozen meanwhile.
class Pause {
public:
    static Result<Pause> begin(Engine& engine, Container& container, bool wanted)
    {
        bool const pauses = wanted && container.state().status == Status::Running;
        if (pauses)
            TRY(engine.containers.pause(container));
        return Pause(engine, pauses ? &container : nullptr);
    }
    Pause(Pause&& other) noexcept
        : m_engine(other.m_engine)
        , m_paused(std::exchange(other.m_paused, nullptr))
    {
    }
    ~Pause()
    {
        if (m_paused != nullptr)
            (void)m_engine.containers.unpause(*m_paused); // it may have been removed by force
    }

private:
    Pause(Engine& engine, Container* paused)
        : m_engine(engine)
        , m_paused(paused)
    {
    }
    Engine& m_engine;
    Container* m_paused;
};

// The image's config as this container was told to run.
oci::ImageConfig config_of(oci::ImageConfig image, ContainerConfig const& container)
{
    image.user = container.user;
    image.env = container.env;
    image.cmd = container.cmd.value_or(std::vector<std::string> {});
    image.entrypoint = container.entrypoint.value_or(std::vector<std::string> {});
    if (image.entrypoint == std::vector<std::string> { "" })
        image.entrypoint.clear();
    image.working_dir = container.working_dir;
    image.labels = container.labels;
    image.stop_signal = container.stop_signal;
    image.exposed_ports = container.exposed_ports;
    return image;
}

// A client may send a config of its own; what it sets counts.
Result<void> merge_body(oci::ImageConfig& config, std::string const& text)
{
    if (text.empty())
        return {};
    auto const body = TRY(parse_json(text));
    if (body.is_null())
        return {};
    if (!body.is_object())
        return fail(ErrorKind::InvalidInput, "invalid JSON: the body must be an object");
    auto const given = TRY(parse_config(body));
    if (!given.user.empty())
        config.user = given.user;
    if (!given.env.empty())
        config.env = given.env;
    if (given.cmd)
        config.cmd = *given.cmd;
    if (given.entrypoint)
        config.entrypoint = *given.entrypoint;
    if (!given.working_dir.empty())
        config.working_dir = given.working_dir;
    for (auto const& [name, value] : given.labels)
        config.labels[name] = value;
    if (!given.exposed_ports.empty())
        config.exposed_ports = given.exposed_ports;
    return {};
}

Result<std::optional<oci::Reference>> wanted_name(Call& call)
{
    auto const repository = call.parameter("repo");
    if (repository.empty())
        return std::nullopt;
    auto const tag = call.parameter("tag");
    auto const reference = TRY(oci::Reference::parse(tag.empty() ? repository : repository + ":" + tag));
    if (reference.digest)
        return fail(ErrorKind::InvalidInput, "refusing to create a tag with a digest reference");
    return reference;
}

Result<image::Image> commit_container(Call& call, std::shared_ptr<Container> const& container)
{
    auto& engine = call.engine;
    auto const record = container->record();
    auto const image = TRY(engine.images->find(record.image.to_string()));
    auto config = config_of(image.config, record.config);
    auto const body = TRY(call.exchange.read_body());
    TRY(merge_body(config, body));
    TRY(apply_changes(call, config));
    auto const hold = engine.images->hold();
    std::optional<image::MadeLayer> layer;
    {
        auto const pause = TRY(Pause::begin(engine, *container, call.exchange.target().flag("pause", true)));
        layer = TRY(layer_of_changes(engine, record, *hold));
    }
    auto layers = image.layers;
    if (layer) {
        layers.push_back(layer->blob);
        config.diff_ids.push_back(layer->diff_id);
    }
    config.created = rfc3339(engine.seams.scheduler.now());
    if (auto const author = call.parameter("author"); !author.empty())
        config.author = author;
    auto const command = record.config.cmd.value_or(std::vector<std::string> {});
    config.history.push_back({ .created = config.created,
        .created_by = fmt::format("{}", fmt::join(command, " ")),
        .comment = call.parameter("comment"),
        .empty_layer = !layer.has_value() });
    return store_image(engine, config, std::move(layers), image.id, *hold);
}

Result<void> commit(Call& call)
{
    auto& engine = call.engine;
    auto const container = TRY(engine.containers.find(call.parameter("container")));
    auto const name = TRY(wanted_name(call));
    auto span
        = engine.seams.publisher.span("commit", "Commit container " + container->record().name, trace::Depth::Role);
    auto const image = commit_container(call, container);
    if (!image) {
        span.failed(image.error().message());
        return fail(image.error());
    }
    if (name) {
        TRY(engine.images->tag(image->id, *name));
        engine.events.publish("image", "tag", image->id.to_string(), { { "name", name->familiar() } });
    }
    engine.containers.publish_event(*container, "commit",
        { { "comment", call.parameter("comment") }, { "imageID", image->id.to_string() },
            { "imageRef", name ? name->familiar() : "" } });
    return reply(call.exchange, 201, { { "Id", image->id.to_string() } });
}

}

Result<void> apply_changes(Call& call, oci::ImageConfig& config)
{
    for (auto const& [name, value] : call.exchange.target().query) {
        if (name != "changes")
            continue;
        // docker sends each --change by itself; older clients one text of several lines.
        std::string_view rest = value;
        while (!rest.empty()) {
            auto const line = rest.substr(0, rest.find('\n'));
            rest.remove_prefix(std::min(line.size() + 1, rest.size()));
            if (line.find_first_not_of(" \t\r") != std::string_view::npos)
                TRY(build::apply_change(std::string(line), config));
        }
    }
    return {};
}

Result<std::optional<image::MadeLayer>> layer_of_changes(
    Engine& engine, ContainerRecord const& record, image::ImageStore::Hold& hold)
{
    auto const sheet = TRY(engine.roots.look_at_sheet(record.id));
    auto const below = TRY(engine.roots.look_below(record));
    auto const made = TRY(image::NewLayer::begin(*engine.content, *engine.layers, hold));
    auto const members = TRY_WITH("writing down what container " + std::string(record.id.short_form()) + " changed",
        unionfs::write_layer_diff(*sheet, *below, [&](std::string_view tar) { return made->write(tar); }));
    if (members == 0)
        return std::nullopt;
    auto layer = TRY(made->finish());
    engine.seams.publisher.publish(trace::LayerCommitted {
        .container = record.id, .diff_id = layer.diff_id.digest, .entries = members, .unpacked_size = layer.size });
    return layer;
}

Result<image::Image> store_image(Engine& engine, oci::ImageConfig const& config, std::vector<oci::Descriptor> layers,
    std::optional<oci::Digest> const& parent, image::ImageStore::Hold& hold)
{
    auto const text = config.to_json();
    auto const id = oci::Digest::of(text);
    hold.blob(id);
    TRY(engine.content->put(id, text, trace::Verified::Blob));
    return engine.images->add_made(id, std::move(layers), parent);
}

std::span<Route const> commit_routes()
{
    static constexpr Route routes[] {
        { "POST", "/commit", commit },
    };
    return routes;
}

}
