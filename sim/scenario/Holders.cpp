// Where a thing of a container lies, for lessons that let people sort: in its image, with the container itself, or on
// the host that both are on. Computed from the run like every answer, never written down.

#include "sim/scenario/Player.h"

#include <algorithm>

namespace drydock::scenario {

namespace {

constexpr std::string_view in_the_image = holders[0], in_the_container = holders[1], on_the_host = holders[2],
                           nowhere = "nowhere";

// "/data/page" is below "/data", "/database" is not.
bool is_below(std::string_view path, std::string_view directory)
{
    return path.starts_with(directory) && (path.size() == directory.size() || path[directory.size()] == '/');
}

// What `docker inspect` leaves empty is not there.
bool says_something(Result<std::string> const& field)
{
    static constexpr std::array<std::string_view, 5> empty { "", "null", "{}", "[]", "0" };
    return field && std::find(empty.begin(), empty.end(), *field) == empty.end();
}

// What is left of `thing` behind "file:"; nothing where it is of another kind.
std::optional<std::string> after(std::string_view kind, std::string_view thing)
{
    return thing.starts_with(kind) ? std::optional(std::string(thing.substr(kind.size()))) : std::nullopt;
}

}

// A mount lies over the layers, and the sheet over those of the image: the first that has the path is what is seen.
std::string_view Judge::holder_of_file(world::Container const& container, std::string const& path) const
{
    for (auto const& volume : container.volumes) {
        if (is_below(path, volume.target))
            return volume.kind == "tmpfs" ? in_the_container : on_the_host;
    }
    if (auto const entry = container.sheet.find(path); entry != container.sheet.end())
        return entry->second.mark == world::SheetMark::Whiteout ? nowhere : in_the_container;
    auto const has = [&](oci::Digest const& layer) { return layer_has(container.host, layer, path); };
    return std::any_of(container.lower.begin(), container.lower.end(), has) ? in_the_image : nowhere;
}

std::string_view Judge::holder_of_field(world::Container const& container, Field const& field)
{
    auto const of = [&](std::string object) {
        return says_something(read_field({ .object = std::move(object), .path = field.path, .on = field.on }));
    };
    if (of("image:" + container.reference))
        return in_the_image;
    return of("container:" + container.name) ? in_the_container : nowhere;
}

std::string_view Judge::holder_of_process(world::Container const& container, std::string const& program)
{
    auto const body = m_engine.look(container.host, "/containers/" + container.name + "/top");
    return body && body->find(program) != std::string::npos ? in_the_container : nowhere;
}

std::string Judge::holder(Field const& of)
{
    auto const name = after("container:", of.object);
    auto const* container = name ? present(*name, of.on) : nullptr;
    if (container == nullptr)
        return std::string(nowhere);
    if (auto const path = after("file:", of.path))
        return std::string(holder_of_file(*container, *path));
    if (auto const field = after("field:", of.path))
        return std::string(holder_of_field(*container, { .object = {}, .path = *field, .on = of.on }));
    if (auto const program = after("process:", of.path))
        return std::string(holder_of_process(*container, *program));
    // The kernel is the machine's as long as no guest machine has brought one of its own.
    if (of.path == "kernel")
        return std::string(kernels() == static_cast<std::int64_t>(m_world.machines.size()) ? on_the_host : nowhere);
    auto const is_daemon = [&](auto const& actor) {
        return actor.second.role == trace::ActorRole::Daemon && actor.second.host == container->host;
    };
    bool const runs = std::any_of(m_world.actors.begin(), m_world.actors.end(), is_daemon);
    return std::string(runs ? on_the_host : nowhere);
}

bool Judge::layer_has(HostId const& host, oci::Digest const& layer, std::string const& path) const
{
    auto const& layers = world::host_of(m_world, host).layers;
    auto const known = layers.find(layer);
    if (known == layers.end() || !known->second.listed)
        return false;
    auto const* listed = m_engine.log()[*known->second.listed].event.get_if<trace::LayerListed>();
    return listed != nullptr && std::any_of(listed->members.begin(), listed->members.end(), [&](auto const& member) {
        return member.path == path && member.type != "whiteout";
    });
}

}
