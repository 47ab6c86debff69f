#include "visual/view/ObjectMenu.h"

#include "sim/words/Language.h"
#include "visual/stage/Names.h"

#include <fmt/format.h>

#include <algorithm>

namespace drydock::view {

namespace {

using words::tr;
using world::ContainerState;

class Menu {
public:
    explicit Menu(world::World const& world)
        : m_world(world)
    {
    }

    std::vector<MenuItem> of(std::string_view id)
    {
        for (auto const& [container_id, container] : m_world.containers) {
            auto const own = stage::id_of(container_id);
            if (id == own || id.starts_with(own + "/"))
                return of_container(container);
        }
        auto const& host = world::shown_host(m_world);
        for (auto const& [digest, image] : host.images) {
            if (id == stage::image_id(digest))
                return of_image(image);
        }
        for (auto const& [diff_id, layer] : host.layers) {
            if (id == stage::layer_id(diff_id, m_world) && layer.blob)
                return of_blob(*layer.blob);
        }
        for (auto const& [digest, blob] : host.blobs) {
            if (id == stage::blob_id(digest) || id == stage::remote_id(digest))
                return of_blob(digest);
        }
        for (auto const& [actor_id, actor] : m_world.actors) {
            if (id == stage::id_of(actor_id))
                return of_actor(actor);
        }
        for (auto const& machine : m_world.machines) {
            if (id == stage::machine_id(machine) || id == stage::kernel_id(machine) || id == stage::id_of(machine))
                return of_machine(machine);
        }
        return of_wire(id);
    }

private:
    // A command on another machine than the first is typed there.
    std::string on(HostId const& host, std::string line) const
    {
        bool const first = m_world.machines.empty() || host.value.empty() || host == m_world.machines.front();
        return first ? line : host.value + "$ " + line;
    }
    void add(std::string_view label, std::string line) { m_items.push_back({ std::string(label), std::move(line) }); }
    // Breaks what is whole, mends what is broken.
    void fault(std::string_view kind, std::string const& object, std::string const& typed, std::string_view break_it,
        std::string_view mend_it)
    {
        bool const is_broken = std::any_of(m_world.faults.begin(), m_world.faults.end(),
            [&](auto const& f) { return f.kind == kind && f.object == object; });
        m_items.push_back({ std::string(is_broken ? mend_it : break_it),
            fmt::format("drydock {} {}", is_broken ? "mend" : "break", typed), !is_broken });
    }

    std::vector<MenuItem> of_container(world::Container const& c)
    {
        auto const docker = [&](std::string_view label, std::string_view verb) {
            add(label, on(c.host, fmt::format("docker {} {}", verb, c.name)));
        };
        if (c.state == ContainerState::Removed)
            return {};
        if (c.state == ContainerState::Running) {
            docker(tr("Stop it"), "stop");
            docker(tr("Freeze it"), "pause");
            docker(tr("Kill it"), "kill");
        } else if (c.state == ContainerState::Paused) {
            docker(tr("Let it go on"), "unpause");
        } else {
            docker(tr("Start it"), "start");
            docker(tr("Remove it"), "rm");
        }
        docker(tr("What it wrote"), "logs");
        docker(tr("What differs from its image"), "diff");
        if (c.state == ContainerState::Running)
            docker(tr("What it uses"), "stats --no-stream");
        return std::move(m_items);
    }

    std::vector<MenuItem> of_image(world::Image const& image)
    {
        auto const name = image.tags.empty() ? std::string(image.id.short_form()) : image.tags.front();
        auto const docker = [&](std::string_view label, std::string_view verb) {
            add(label, on(m_world.shown, fmt::format("docker {} {}", verb, name)));
        };
        docker(tr("Run a container of it"), "run -d");
        docker(tr("Its history"), "history");
        docker(tr("Its config"), "image inspect");
        docker(tr("Remove it"), "rmi");
        return std::move(m_items);
    }

    std::vector<MenuItem> of_blob(oci::Digest const& digest)
    {
        fault("blob corrupted", digest.to_string(), "blob " + digest.hex().substr(0, 12),
            tr("Corrupt its blob in the registry"), tr("Make its blob whole again"));
        return std::move(m_items);
    }

    std::vector<MenuItem> of_actor(world::Actor const& actor)
    {
        if (actor.role == trace::ActorRole::Registry) {
            auto const name = actor.id.value.substr(actor.id.value.find(':') + 1);
            fault("registry down", actor.id.value, "registry " + name, tr("Take the registry down"),
                tr("Bring the registry up again"));
            link(m_world.shown, name);
        } else if (actor.role == trace::ActorRole::Daemon) {
            return of_machine(actor.host);
        } else if (actor.role == trace::ActorRole::Client) {
            add(tr("Who is there"), on(actor.host, "docker version"));
            add(tr("All containers"), on(actor.host, "docker ps -a"));
            add(tr("All images"), on(actor.host, "docker images"));
            fault("rights taken", actor.id.value, "rights " + actor.host.value,
                tr("Take away the rights to the socket"), tr("Give the rights to the socket back"));
        }
        return std::move(m_items);
    }

    std::vector<MenuItem> of_machine(HostId const& host)
    {
        std::string daemon;
        for (auto const& [id, actor] : m_world.actors) {
            if (actor.role == trace::ActorRole::Daemon && actor.host == host)
                daemon = id.value;
        }
        add(tr("All containers"), on(host, "docker ps -a"));
        add(tr("What fills its disk"), on(host, "docker system df"));
        fault("daemon killed", daemon, "daemon " + host.value, tr("Kill the daemon"), tr("Start the daemon again"));
        fault("disk full", daemon, "disk " + host.value, tr("Fill the disk"), tr("Make room on the disk"));
        return std::move(m_items);
    }

    void link(HostId const& host, std::string const& registry)
    {
        auto const ends = std::minmax(host.value, registry);
        fault("link cut", fmt::format("{} - {}", ends.first, ends.second),
            fmt::format("link {} {}", host.value, registry), tr("Cut the link"), tr("Mend the link"));
    }

    std::vector<MenuItem> of_wire(std::string_view id)
    {
        for (auto const& [connection_id, connection] : m_world.connections) {
            auto const to = m_world.actors.find(connection.to);
            bool const leads_out = to != m_world.actors.end() && to->second.role == trace::ActorRole::Registry;
            if (leads_out && id == stage::wire_id(connection.from, connection.to)) {
                auto const from = m_world.actors.find(connection.from);
                link(from == m_world.actors.end() ? m_world.shown : from->second.host,
                    connection.to.value.substr(connection.to.value.find(':') + 1));
                break;
            }
        }
        return std::move(m_items);
    }

    world::World const& m_world;
    std::vector<MenuItem> m_items;
};

}

std::vector<MenuItem> menu_of(std::string_view id, world::World const& world)
{
    return id.empty() ? std::vector<MenuItem> {} : Menu(world).of(id);
}

}
