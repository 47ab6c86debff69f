#include "visual/stage/Names.h"

#include <algorithm>

namespace drydock::stage {

std::string id_of(HostId const& id)
{
    return "host:" + id.value;
}

std::string id_of(ActorId const& id)
{
    return "actor:" + id.value;
}

std::string id_of(ContainerId const& id)
{
    return "container:" + std::string(id.short_form());
}

std::string wire_id(ActorId const& from, ActorId const& to)
{
    auto const& [first, second] = std::minmax(from.value, to.value);
    return "wire:" + first + "-" + second;
}

std::string kernel_id(HostId const& id)
{
    return "kernel:" + id.value;
}

std::string image_id(oci::Digest const& image)
{
    return "image:" + image.short_form();
}

std::string blob_id(oci::Digest const& blob)
{
    return "blob:" + blob.short_form();
}

std::string layer_id_of_blob(oci::Digest const& blob)
{
    return "layer:" + blob.short_form();
}

std::string layer_id(oci::Digest const& diff_id, world::World const& world)
{
    auto const found = world.layers.find(diff_id);
    if (found == world.layers.end() || !found->second.blob)
        return "layer:" + diff_id.short_form();
    return layer_id_of_blob(*found->second.blob);
}

std::string remote_id(oci::Digest const& blob)
{
    return "remote:" + blob.short_form();
}

std::string sheet_id(ContainerId const& id)
{
    return id_of(id) + "/sheet";
}

std::string sheet_entry_id(ContainerId const& id, std::string_view path)
{
    return sheet_id(id) + std::string(path);
}

std::string namespace_id(ContainerId const& id, std::string_view kind)
{
    return id_of(id) + "/ns/" + std::string(kind);
}

std::string fact_id(ContainerId const& id, std::string_view name)
{
    return id_of(id) + "/fact/" + std::string(name);
}

std::string process_id(ContainerId const& id, std::int64_t pid)
{
    return id_of(id) + "/process/" + std::to_string(pid);
}

namespace {

std::string first_actor(trace::ActorRole wanted, world::World const& world)
{
    for (auto const& [id, actor] : world.actors) {
        if (actor.role == wanted)
            return id_of(id);
    }
    return {};
}

std::string kernel_of_daemon(world::World const& world)
{
    for (auto const& [id, actor] : world.actors) {
        if (actor.role == trace::ActorRole::Daemon)
            return kernel_id(actor.host);
    }
    return {};
}

}

std::string resolve(std::string_view name, world::World const& world)
{
    if (name.starts_with("container:")) {
        auto const* container = world::find_container(world, name.substr(10));
        return container == nullptr ? std::string() : id_of(container->id);
    }
    if (name.starts_with("image:")) {
        auto const* image = world::find_image(world, name.substr(6));
        return image == nullptr ? std::string() : image_id(image->id);
    }
    if (name == "daemon")
        return first_actor(trace::ActorRole::Daemon, world);
    if (name == "client")
        return first_actor(trace::ActorRole::Client, world);
    if (name == "registry")
        return first_actor(trace::ActorRole::Registry, world);
    if (name == "kernel")
        return kernel_of_daemon(world);
    return {};
}

}
