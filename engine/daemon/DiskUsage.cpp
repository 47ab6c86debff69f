// /system/df: what lies on the disk, who needs it, and how much of it is shared.

#include "engine/daemon/ImageBody.h"
#include "engine/daemon/Prose.h"
#include "engine/daemon/Reply.h"
#include "engine/daemon/Router.h"
#include "engine/daemon/VolumeBody.h"

#include <algorithm>

namespace drydock::daemon {

namespace {

struct Layer {
    std::uint64_t size { 0 };
    std::size_t images { 0 }; // that stand on it
};

struct ImageUsage {
    json images = json::array();
    std::uint64_t layers_size { 0 }; // a layer that images share counts once
};

// The steps of a build that nobody named are part of what stands on them.
std::vector<image::Image> shown_images(Engine const& engine)
{
    auto images = engine.images->list();
    std::erase_if(images,
        [](auto const& image) { return image.has_children && image.tags.empty() && image.repo_digests.empty(); });
    return images;
}

ImageUsage image_usage(Call const& call, std::map<oci::Digest, std::int64_t> const& users)
{
    auto const images = shown_images(call.engine);
    std::map<oci::DiffId, Layer> layers;
    for (auto const& image : images) {
        for (auto const& diff_id : image.config.diff_ids) {
            auto& layer = layers[diff_id];
            layer.size = call.engine.layers->content_size(diff_id).value_or(0);
            ++layer.images;
        }
    }
    ImageUsage usage;
    for (auto const& [diff_id, layer] : layers)
        usage.layers_size += layer.size;
    for (auto const& image : images) {
        std::uint64_t shared = 0;
        for (auto const& diff_id : image.config.diff_ids)
            shared += layers.at(diff_id).images > 1 ? layers.at(diff_id).size : 0;
        auto entry = image_entry(image, call.minor);
        auto const its = users.find(image.id);
        entry["Containers"] = its == users.end() ? 0 : its->second;
        entry["SharedSize"] = shared;
        usage.images.push_back(std::move(entry));
    }
    return usage;
}

// `type=image&type=volume` asks for some kinds alone; to weigh the others takes time.
bool is_wanted(Call const& call, std::string_view type)
{
    auto const& query = call.exchange.target().query;
    auto const asks = [](auto const& parameter) { return parameter.first == "type"; };
    return std::none_of(query.begin(), query.end(), asks)
        || std::any_of(query.begin(), query.end(),
            [&](auto const& parameter) { return asks(parameter) && parameter.second == type; });
}

Result<void> system_df(Call& call)
{
    auto& engine = call.engine;
    json containers = json::array();
    std::map<oci::Digest, std::int64_t> users;
    std::map<std::string, std::int64_t> volume_users;
    for (auto const& container : engine.containers.list()) {
        auto const record = container->record();
        ++users[record.image];
        for (auto const& mount : record.mounts)
            volume_users[mount.source] += mount.kind == MountKind::Volume ? 1 : 0;
        if (!is_wanted(call, "container"))
            continue;
        containers.push_back(list_entry(*container, record, engine));
        add_sizes(containers.back(), engine.roots, record);
    }
    json volumes = json::array();
    for (auto const& volume : is_wanted(call, "volume") ? engine.volumes.list() : std::vector<Volume> {}) {
        auto body = volume_body(volume, engine.volumes);
        body["UsageData"]
            = { { "RefCount", volume_users[volume.name] }, { "Size", engine.volumes.size(volume.name).value_or(0) } };
        volumes.push_back(std::move(body));
    }
    auto const [images, layers_size] = is_wanted(call, "image") ? image_usage(call, users) : ImageUsage {};
    return reply(call.exchange, 200,
        { { "LayersSize", layers_size }, { "Images", images }, { "Containers", containers }, { "Volumes", volumes },
            { "BuildCache", json::array() } });
}

}

std::span<Route const> disk_usage_routes()
{
    static constexpr Route routes[] {
        { "GET", "/system/df", system_df },
    };
    return routes;
}

}
