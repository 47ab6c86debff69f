// What is kept on a machine: images, layers, blobs, volumes, networks, and the steps of a build.

#include "sim/words/Language.h"
#include "sim/words/Words.h"
#include "visual/stage/Names.h"
#include "visual/view/DescribeParts.h"
#include "visual/view/Shell.h"

#include <fmt/format.h>

#include <algorithm>

namespace drydock::view {

namespace {

using words::say;
using words::tr;

std::string path_of_blob(oci::Digest const& digest)
{
    return fmt::format("\"$DATA_ROOT\"/content/blobs/sha256/{}", digest.hex());
}

Description describe_image(world::Image const& image, world::World const& world)
{
    Description d { .kind = std::string(tr("Image")), .name = words::name_of_image(image.id, world) };
    d.words = { std::string(tr("An image is a stack of read-only layers and a config that says what to run.")),
        std::string(tr("Its ID is the digest of the config, so the same ID is the same content.")) };
    add_field(d, "ID", image.id.to_string());
    for (auto const& tag : image.tags)
        add_field(d, "tag", tag);
    add_field(d, "runs", words::command_text(image.command));
    for (auto const& variable : image.env)
        add_field(d, "env", variable);
    for (auto const& layer : image.layers)
        add_field(d, "layer", layer.to_string());
    for (auto const& line : image.history)
        add_field(d, "history", line);
    auto const name = shell_quoted(d.name);
    add_proof(d, tr("The daemon tells the same"), "docker image inspect " + name);
    add_proof(d, tr("Every instruction, with a layer or without"), "docker history " + name);
    add_proof(d, tr("Its ID is the digest of its config"), "sha256sum " + path_of_blob(image.id));
    return d;
}

Description describe_layer(world::Layer const& layer, world::World const& world)
{
    Description d { .kind = std::string(tr("Layer")), .name = layer.diff_id.short_form() };
    d.words = { std::string(tr("A layer is the difference that one step made to a tree of files, as a tar archive.")),
        std::string(tr("Nothing ever changes it: many images and containers may share it.")) };
    add_field(d, "DiffID", layer.diff_id.to_string());
    add_field(d, "entries", std::to_string(layer.entries));
    add_field(d, "size", human_size(layer.size));
    add_field(d, "made by", layer.created_by);
    auto const& images = world::shown_host(world).images;
    for (auto const& [id, image] : images) {
        if (std::find(image.layers.begin(), image.layers.end(), layer.diff_id) != image.layers.end())
            add_field(d, "in image", words::name_of_image(id, world));
    }
    if (layer.blob) {
        add_field(d, "travelled as", layer.blob->to_string());
        add_proof(d, tr("The blob hashes to its name"), "sha256sum " + path_of_blob(*layer.blob));
        add_proof(d, tr("Unpacked, it hashes to its DiffID"),
            fmt::format("zcat -f < {} | sha256sum", path_of_blob(*layer.blob)));
        add_proof(d, tr("What is in it"), fmt::format("tar -tvzf {} | head -n 40", path_of_blob(*layer.blob)));
    }
    return d;
}

std::string_view blob_word(world::BlobState state)
{
    switch (state) {
    case world::BlobState::Travelling: return tr("on its way");
    case world::BlobState::Stored: return tr("stored");
    case world::BlobState::Refused: return tr("refused: its digest is another");
    }
    return "";
}

Description describe_blob(world::Blob const& blob)
{
    Description d { .kind = std::string(tr("Blob")), .name = blob.digest.short_form() };
    d.words = { std::string(tr("Bytes that are called by their own digest: whoever has them can check them.")) };
    add_field(d, "digest", blob.digest.to_string());
    add_field(d, "state", std::string(blob_word(blob.state)));
    add_field(d, "received", say("{} of {}", human_size(blob.received), human_size(blob.size)));
    add_field(d, "verified", std::string(blob.verified ? tr("yes") : tr("no")));
    if (!blob.from.empty())
        add_field(d, "from", blob.from.value);
    if (blob.skipped)
        d.words.emplace_back(tr("It was here already and did not travel."));
    if (blob.state == world::BlobState::Stored)
        add_proof(d, tr("It hashes to its name"), "sha256sum " + path_of_blob(blob.digest));
    return d;
}

// What the registry holds of an image that is pulled.
Description describe_remote(std::string_view key, world::World const& world)
{
    if (!world.pull)
        return {};
    auto const& pull = *world.pull;
    Description d { .kind = std::string(tr("In the registry")), .name = pull.reference };
    d.words = { std::string(tr("A pull copies what is missing here; the registry keeps the original.")) };
    if (pull.manifest && (key == pull.manifest->short_form() || key == "layers")) {
        add_field(d, "manifest", pull.manifest->to_string());
        add_field(d, "config", pull.config ? pull.config->to_string() : std::string());
        for (auto const& layer : pull.layers)
            add_field(d, "layer", fmt::format("{}  {}", layer.digest.short_form(), human_size(layer.size)));
        add_proof(
            d, tr("The registry gives the same manifest"), "docker manifest inspect " + shell_quoted(pull.reference));
        return d;
    }
    for (auto const& layer : pull.layers) {
        if (layer.digest.short_form() != key)
            continue;
        d.name = layer.digest.short_form();
        add_field(d, "digest", layer.digest.to_string());
        add_field(d, "size", human_size(layer.size));
        return d;
    }
    return {};
}

Description describe_volume(world::Volume const& volume)
{
    Description d { .kind = std::string(tr("Volume")), .name = volume.name };
    d.words = { std::string(tr("A directory of the host that outlives containers. Writes there pass the layers by.")) };
    add_field(d, "driver", volume.driver);
    add_field(d, "location", volume.location);
    add_proof(d, tr("The daemon tells the same"), "docker volume inspect " + shell_quoted(volume.name));
    if (!volume.location.empty())
        add_proof(d, tr("It is a plain directory"), "ls -la " + shell_quoted(volume.location));
    return d;
}

Description describe_network(world::ContainerNetwork const& network, world::World const& world)
{
    Description d { .kind = std::string(tr("Network")), .name = network.name };
    d.words = { std::string(tr("Containers of one network reach each other; the gateway leads to the host.")) };
    add_field(d, "id", network.id);
    add_field(d, "driver", network.driver);
    add_field(d, "subnet", network.subnet);
    add_field(d, "gateway", network.gateway);
    for (auto const& [id, container] : world.containers) {
        if (auto const place = container.networks.find(network.id); place != container.networks.end())
            add_field(d, container.name, fmt::format("{}  {}", place->second.interface, place->second.address));
    }
    add_proof(d, tr("The daemon tells the same"), "docker network inspect " + shell_quoted(network.name));
    add_proof(d, tr("The host's side of it"), "ip -brief address");
    return d;
}

Description describe_step(world::BuildStep const& step)
{
    Description d { .kind = std::string(tr("Step of a build")), .name = step.instruction };
    d.words = { say("Line {} of the Dockerfile, step {}.", step.line, step.step),
        std::string(!step.finished ? tr("It is being carried out.")
                : step.cached      ? tr("An earlier build had made exactly this: its result was taken.")
                : step.layer       ? tr("It left a layer.")
                                   : tr("It changed the config alone; no layer came of it.")) };
    add_field(d, "instruction", step.instruction);
    if (step.image)
        add_field(d, "image after it", step.image->to_string());
    if (step.layer)
        add_field(d, "layer", step.layer->to_string());
    add_field(d, "size", human_size(step.size));
    if (step.image)
        add_proof(
            d, tr("The instruction stands in the history"), "docker history --no-trunc " + step.image->short_form());
    return d;
}

}

Description describe_content(std::string_view id, Moment const& moment)
{
    auto const& world = moment.world;
    auto const colon = std::min(id.find(':'), id.size());
    auto const kind = id.substr(0, colon);
    std::string const key(id.substr(std::min(colon + 1, id.size())));
    auto const& host = world::shown_host(world);
    for (auto const& [image_id, image] : host.images) {
        if (id == stage::image_id(image_id))
            return describe_image(image, world);
    }
    for (auto const& [diff_id, layer] : host.layers) {
        if (id == stage::layer_id(diff_id, world) || id == "layer:" + diff_id.short_form())
            return describe_layer(layer, world);
    }
    for (auto const& [each, of_host] : world.hosts) {
        for (auto const& [digest, blob] : of_host.blobs) {
            if (id == stage::blob_id(digest) || id == stage::layer_id_of_blob(digest))
                return describe_blob(blob);
        }
        if (auto const volume = of_host.volumes.find(key); kind == "volume" && volume != of_host.volumes.end())
            return describe_volume(volume->second);
        if (auto const network = of_host.networks.find(key); kind == "network" && network != of_host.networks.end())
            return describe_network(network->second, world);
    }
    if (kind == "remote" || kind == "layer")
        return describe_remote(key, world); // a layer that is expected is in the registry alone
    if (kind == "image" && world.pull && world.pull->config && key == world.pull->config->short_form())
        return describe_remote("layers", world);
    if (kind == "step" && world.build) {
        for (auto const& step : world.build->begun) {
            if (std::to_string(step.step) == key)
                return describe_step(step);
        }
    }
    return {};
}

}
