#include "visual/stage/Names.h"

#include <algorithm>

namespace drydock::stage {

using trace::ActorRole;

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

std::string hypervisor_id(HostId const& id)
{
    return "hypervisor:" + id.value;
}

std::string guest_id(GuestMachineId const& id)
{
    return "guest:" + id.value;
}

std::string guest_kernel_id(GuestMachineId const& id)
{
    return guest_id(id) + "/kernel";
}

std::string guest_console_id(GuestMachineId const& id)
{
    return guest_id(id) + "/console";
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
    auto const& layers = world::shown_host(world).layers;
    auto const found = layers.find(diff_id);
    if (found == layers.end() || !found->second.blob)
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

std::string record_id(std::uint64_t sequence)
{
    return "record:" + std::to_string(sequence);
}

namespace {

world::Actor const* actor_called(ActorId const& id, world::World const& world)
{
    auto const found = world.actors.find(id);
    return found == world.actors.end() ? nullptr : &found->second;
}

template <class Fits> world::Actor const* first_that(world::World const& world, Fits fits)
{
    auto const found
        = std::find_if(world.actors.begin(), world.actors.end(), [&](auto const& entry) { return fits(entry.second); });
    return found == world.actors.end() ? nullptr : &found->second;
}

world::Actor const* typing_client(world::World const& world)
{
    auto const* last = world.commands.empty() ? nullptr : actor_called(world.commands.back().client, world);
    if (last != nullptr)
        return last;
    return first_that(world, [](auto const& actor) { return actor.role == ActorRole::Client; });
}

// The one that is pulled from, or that turned us away, or that a daemon is connected to; else the first.
world::Actor const* asked_registry(world::World const& world)
{
    auto const is_registry = [](world::Actor const& actor) { return actor.role == ActorRole::Registry; };
    if (auto const* pulled = world.pull ? actor_called(world.pull->registry, world) : nullptr)
        return pulled;
    if (world.refusal) {
        auto const* refusing = first_that(
            world, [&](auto const& actor) { return is_registry(actor) && actor.detail == world.refusal->endpoint; });
        if (refusing != nullptr)
            return refusing;
    }
    for (auto entry = world.connections.rbegin(); entry != world.connections.rend(); ++entry) {
        auto const* to = actor_called(entry->second.to, world);
        if (to != nullptr && is_registry(*to))
            return to;
    }
    return first_that(world, is_registry);
}

std::string id_of_acting(ActorRole wanted, world::World const& world)
{
    auto const* actor = acting(wanted, world);
    return actor == nullptr ? std::string() : id_of(actor->id);
}

}

world::Actor const* acting(ActorRole wanted, world::World const& world)
{
    switch (wanted) {
    case ActorRole::Client: return typing_client(world);
    case ActorRole::Registry: return asked_registry(world);
    case ActorRole::Daemon:
        return first_that(
            world, [&](auto const& actor) { return actor.role == ActorRole::Daemon && actor.host == world.shown; });
    case ActorRole::Runtime:
    case ActorRole::Process: break;
    }
    return first_that(world, [&](auto const& actor) { return actor.role == wanted; });
}

std::string machine_id(HostId const& id)
{
    return "machine:" + id.value;
}

std::string resolve(std::string_view name, world::World const& world)
{
    if (name.starts_with("container:")) {
        auto const* container = world::find_container(world, world.shown, name.substr(10));
        return container == nullptr ? std::string() : id_of(container->id);
    }
    if (name.starts_with("image:")) {
        auto const* image = world::find_image(world::shown_host(world), name.substr(6));
        return image == nullptr ? std::string() : image_id(image->id);
    }
    if (name.starts_with("guest:")) {
        auto const& machines = world.guest_machines;
        auto const found = std::find_if(
            machines.begin(), machines.end(), [&](auto const& it) { return it.second.name == name.substr(6); });
        return found == machines.end() ? std::string() : guest_id(found->first);
    }
    if (name == "hypervisor")
        return hypervisor_id(world.shown);
    if (name == "daemon")
        return id_of_acting(ActorRole::Daemon, world);
    if (name == "client")
        return id_of_acting(ActorRole::Client, world);
    if (name == "registry")
        return id_of_acting(ActorRole::Registry, world);
    if (name == "kernel") {
        auto const* daemon = acting(ActorRole::Daemon, world);
        return daemon == nullptr ? std::string() : kernel_id(daemon->host);
    }
    return {};
}

std::string id_of_broken(std::string_view what, world::World const& world)
{
    ActorId const actor { std::string(what) };
    if (world.actors.contains(actor))
        return id_of(actor);
    if (auto const digest = oci::Digest::parse(what))
        return layer_id_of_blob(*digest);
    auto const between = what.find(" - ");
    if (between == std::string_view::npos)
        return {};
    HostId const one { std::string(what.substr(0, between)) }, other { std::string(what.substr(between + 3)) };
    for (auto const& [from_id, from] : world.actors) {
        if (from.role != ActorRole::Daemon || (from.host != one && from.host != other))
            continue;
        for (auto const& [to_id, to] : world.actors) {
            if (to.role == ActorRole::Registry && (to.host == one || to.host == other))
                return wire_id(from_id, to_id);
        }
    }
    return {};
}

}
