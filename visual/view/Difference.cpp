#include "visual/view/Difference.h"

#include "sim/words/Language.h"
#include "sim/words/Words.h"
#include "visual/stage/Names.h"
#include "visual/view/DescribeParts.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <tuple>

namespace drydock::view {

namespace {

using words::tr;

// One thing as either World has it: what it is called, and what would count as a change of it.
struct Thing {
    std::string name;
    std::string state;
    std::string object;
};
using Things = std::map<std::string, Thing>; // by what identifies it

void compare(Things const& before, Things const& after, ThingKind kind, std::vector<Change>& changes)
{
    for (auto const& [key, now] : after) {
        auto const old = before.find(key);
        if (old == before.end())
            changes.push_back({ ChangeKind::Added, kind, now.name, now.state, now.object });
        else if (old->second.state != now.state)
            changes.push_back({ ChangeKind::Changed, kind, now.name,
                fmt::format("{} → {}", old->second.state, now.state), now.object });
    }
    for (auto const& [key, old] : before) {
        if (!after.contains(key))
            changes.push_back({ ChangeKind::Removed, kind, old.name, old.state, old.object });
    }
}

std::string joined_tags(world::Image const& image)
{
    return image.tags.empty() ? std::string(tr("no tag")) : fmt::format("{}", fmt::join(image.tags, ", "));
}

Things images_of(world::World const& world)
{
    Things things;
    for (auto const& [host_id, host] : world.hosts) {
        for (auto const& [id, image] : host.images)
            things[host_id.value + id.hex()] = { image.tags.empty() ? id.short_form() : image.tags.front(),
                joined_tags(image), stage::image_id(id) };
    }
    return things;
}

Things layers_of(world::World const& world)
{
    Things things;
    for (auto const& [host_id, host] : world.hosts) {
        for (auto const& [id, layer] : host.layers)
            things[host_id.value + id.hex()] = { id.short_form(), human_size(layer.size), stage::layer_id(id, world) };
    }
    return things;
}

std::string state_of(world::Container const& container)
{
    std::string state(state_word(container.state));
    return container.exit_code ? fmt::format("{} {}", state, *container.exit_code) : state;
}

template <class F> void each_container(world::World const& world, F f)
{
    for (auto const& [id, container] : world.containers) {
        if (container.state != world::ContainerState::Removed) // one that is removed is not there
            f(id, container);
    }
}

Things containers_of(world::World const& world)
{
    Things things;
    each_container(world, [&](ContainerId const& id, world::Container const& container) {
        things[id.value] = { container.name, state_of(container), stage::id_of(id) };
    });
    return things;
}

Things processes_of(world::World const& world)
{
    Things things;
    each_container(world, [&](ContainerId const& id, world::Container const& container) {
        for (auto const& [pid, process] : container.processes) {
            if (!process.exit_code) // the kernel's number makes it another one after a restart
                things[fmt::format("{}/{}/{}", id.value, pid, process.host_pid)]
                    = { words::command_text(process.command), fmt::format("{}, {}", container.name, pid),
                          stage::process_id(id, pid) };
        }
    });
    return things;
}

Things files_of(world::World const& world)
{
    Things things;
    each_container(world, [&](ContainerId const& id, world::Container const& container) {
        for (auto const& [path, entry] : container.sheet)
            things[id.value + path] = { container.name + ":" + path,
                fmt::format("{}, {}{}{}", mark_word(entry.mark), human_size(entry.size), entry.note.empty() ? "" : ", ",
                    entry.note),
                stage::sheet_entry_id(id, path) };
    });
    return things;
}

Things volumes_of(world::World const& world)
{
    Things things;
    for (auto const& [host_id, host] : world.hosts) {
        for (auto const& [name, volume] : host.volumes)
            things[host_id.value + "/" + name] = { name, volume.driver, "volume:" + name };
    }
    return things;
}

Things networks_of(world::World const& world)
{
    Things things;
    for (auto const& [host_id, host] : world.hosts) {
        for (auto const& [id, network] : host.networks)
            things[host_id.value + "/" + id] = { network.name, network.subnet, "network:" + id };
    }
    return things;
}

Things pushed_of(world::World const& world)
{
    Things things;
    for (auto const& [id, registry] : world.registries) {
        for (auto const& [reference, manifest] : registry.pushed)
            things[id.value + "/" + reference] = { reference, manifest.short_form(), stage::id_of(id) };
    }
    return things;
}

}

Difference difference(world::World const& before, world::World const& after)
{
    using List = Things (*)(world::World const&);
    static constexpr std::array<std::pair<ThingKind, List>, 8> lists { { { ThingKind::Image, &images_of },
        { ThingKind::Layer, &layers_of }, { ThingKind::Container, &containers_of },
        { ThingKind::Process, &processes_of }, { ThingKind::File, &files_of }, { ThingKind::Volume, &volumes_of },
        { ThingKind::Network, &networks_of }, { ThingKind::InRegistry, &pushed_of } } };
    Difference found { .changes = {}, .before = bill_of(before), .after = bill_of(after) };
    for (auto const& [kind, list] : lists)
        compare(list(before), list(after), kind, found.changes);
    std::stable_sort(found.changes.begin(), found.changes.end(),
        [](Change const& a, Change const& b) { return std::tie(a.thing, a.name) < std::tie(b.thing, b.name); });
    return found;
}

Bill bill_of(world::World const& world)
{
    Bill bill { .sent = world.bytes_transferred };
    for (auto const& machine : world.machines) {
        for (auto const& [digest, blob] : world::host_of(world, machine).blobs)
            bill.on_disk += blob.state == world::BlobState::Stored ? blob.size : 0;
    }
    each_container(world, [&](ContainerId const&, world::Container const& container) {
        for (auto const& [path, entry] : container.sheet)
            bill.on_disk += entry.size;
        for (auto const& [pid, process] : container.processes)
            bill.processes += process.exit_code ? std::uint64_t { 0 } : std::uint64_t { 1 };
        if (container.mounted)
            bill.mounts += 1 + container.mounts.size() + container.volumes.size();
    });
    return bill;
}

}
