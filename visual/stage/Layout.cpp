#include "visual/stage/Layout.h"

#include "sim/words/Words.h"
#include "visual/stage/Containers.h"
#include "visual/stage/Names.h"
#include "visual/stage/Regions.h"
#include "visual/stage/Stacks.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

namespace drydock::stage {

namespace {

using trace::ActorRole;
using trace::Depth;

class Builder {
public:
    Builder(world::World const& world, View const& view)
        : m_world(world)
        , m_view(view)
        , m_regions(regions_of(view.room))
    {
    }

    Layout build()
    {
        place_hosts();
        place_actors();
        place_wires();
        place_store();
        place_blobs();
        place_words();
        return std::move(m_layout);
    }

private:
    Node& add(Node node)
    {
        m_layout.nodes.push_back(std::move(node));
        return m_layout.nodes.back();
    }

    world::Actor const* first(ActorRole role) const
    {
        for (auto const& [id, actor] : m_world.actors) {
            if (actor.role == role)
                return &actor;
        }
        return nullptr;
    }

    // ---- Machines and who is on them ----

    void place_hosts()
    {
        auto const* daemon = first(ActorRole::Daemon);
        if (daemon == nullptr)
            return;
        auto const* client = first(ActorRole::Client);
        Rect frame = m_regions.host;
        if (client != nullptr && client->host != daemon->host) {
            // The client has a machine of its own: the daemon's begins beyond the wire.
            Rect const own = m_regions.client.outset(theme::space::tight);
            add({ .id = id_of(client->host), .kind = NodeKind::Host, .rect = own, .title = client->host.value });
            frame = frame.without_left(m_regions.daemon.x - theme::space::normal - frame.x);
        }
        add({ .id = id_of(daemon->host), .kind = NodeKind::Host, .rect = frame, .title = daemon->host.value });
        place_kernel(daemon->host, frame);
    }

    void place_kernel(HostId const& id, Rect const& frame)
    {
        auto const host = m_world.hosts.find(id);
        Rect slab = m_regions.kernel;
        slab.width -= std::max(0.0f, frame.x + theme::space::normal - slab.x);
        slab.x = std::max(slab.x, frame.x + theme::space::normal);
        Node node { .id = kernel_id(id), .kind = NodeKind::Kernel, .rect = slab };
        node.title = host == m_world.hosts.end() ? "the kernel" : host->second.kernel;
        node.subtitle = "one kernel for every process on " + id.value;
        node.note = containers_running() == 0
            ? ""
            : fmt::format("{} {} on it", containers_running(), containers_running() == 1 ? "container" : "containers");
        add(std::move(node));
    }

    std::size_t containers_running() const
    {
        return static_cast<std::size_t>(std::count_if(m_world.containers.begin(), m_world.containers.end(),
            [](auto const& c) { return !c.second.namespaces.empty(); }));
    }

    void place_actors()
    {
        place_clients();
        if (auto const* daemon = first(ActorRole::Daemon)) {
            Node node { .id = id_of(daemon->id), .kind = NodeKind::Daemon, .rect = m_regions.daemon };
            node.title = daemon->label;
            node.subtitle = m_view.depth == Depth::Role ? "daemon" : daemon->detail;
            node.note = current_work();
            add(std::move(node));
        }
        if (auto const* registry = serving_registry()) {
            Node node { .id = id_of(registry->id), .kind = NodeKind::Registry, .rect = m_regions.registry };
            node.title = registry->label.substr(0, registry->label.find(" ("));
            node.subtitle = m_view.depth == Depth::Role ? "registry" : registry->detail;
            add(std::move(node));
            place_registry_items();
        }
    }

    world::Actor const* serving_registry() const
    {
        if (m_world.pull) {
            auto const found = m_world.actors.find(m_world.pull->registry);
            if (found != m_world.actors.end())
                return &found->second;
        }
        return first(ActorRole::Registry);
    }

    // The outermost operation in progress, in the words of whoever began it.
    std::string current_work() const
    {
        for (auto const& [id, span] : m_world.spans) {
            bool const is_told_otherwise = span.operation == "command" || span.operation == "request";
            if (span.depth == Depth::Role && !is_told_otherwise)
                return span.title;
        }
        return {};
    }

    // The client who typed last has the terminal; the others stand below it.
    void place_clients()
    {
        std::vector<world::Actor const*> clients;
        for (auto const& [id, actor] : m_world.actors) {
            if (actor.role == ActorRole::Client)
                clients.push_back(&actor);
        }
        if (clients.empty())
            return;
        auto const last = m_world.commands.empty() ? ActorId {} : m_world.commands.back().client;
        std::stable_partition(clients.begin(), clients.end(), [&](auto const* c) { return c->id == last; });
        auto room = m_regions.client;
        for (std::size_t i = std::min<std::size_t>(clients.size(), 3); i-- > 1;) {
            add(client_node(*clients[i], room.bottom_part(size::actor), false));
            room = room.without_bottom(size::actor + theme::space::tight);
        }
        add(client_node(*clients.front(), room, true));
    }

    Node client_node(world::Actor const& client, Rect const& rect, bool terminal) const
    {
        Node node { .id = id_of(client.id), .kind = NodeKind::Client, .rect = rect };
        node.title = client.label;
        node.subtitle = m_view.depth == Depth::Role ? "client" : client.detail;
        if (terminal)
            node.lines = terminal_lines(client.id);
        return node;
    }

    // "$ " before what was typed; everything else was printed.
    std::vector<std::string> terminal_lines(ActorId const& client) const
    {
        std::vector<std::string> lines;
        for (auto const& command : m_world.commands) {
            if (command.client != client)
                continue;
            lines.push_back("$ " + command.line);
            std::string::size_type begin = 0;
            while (begin < command.output.size()) {
                auto const end = std::min(command.output.find('\n', begin), command.output.size());
                lines.push_back(command.output.substr(begin, end - begin));
                begin = end + 1;
            }
        }
        constexpr std::size_t kept = 30;
        if (lines.size() > kept)
            lines.erase(lines.begin(), lines.end() - kept);
        return lines;
    }

    void place_registry_items()
    {
        if (!m_world.pull)
            return;
        auto room = m_regions.registry_items;
        auto const most = static_cast<std::size_t>((room.height - m_regions.words.height) / size::item + 0.01f);
        auto const& listed = m_world.pull->layers;
        for (std::size_t i = 0; i < std::min(listed.size(), most); ++i) {
            auto const& layer = listed[listed.size() - 1 - i]; // the topmost on top, as on the stack
            Node node {
                .id = remote_id(layer.digest), .kind = NodeKind::RegistryItem, .rect = room.top_part(size::item - 6)
            };
            node.title = "layer";
            node.subtitle = m_view.depth == Depth::Role ? "" : layer.digest.short_form();
            node.note = human_size(layer.size);
            node.enters_from = serving_registry() == nullptr ? "" : id_of(serving_registry()->id);
            add(std::move(node));
            room = room.without_top(size::item);
        }
    }

    // ---- Wires ----

    void place_wires()
    {
        if (auto const* daemon = first(ActorRole::Daemon)) {
            if (auto const* client = active_client())
                place_wire(*client, *daemon);
            if (auto const* registry = serving_registry())
                place_wire(*daemon, *registry);
        }
    }

    world::Actor const* active_client() const
    {
        if (!m_world.commands.empty()) {
            auto const found = m_world.actors.find(m_world.commands.back().client);
            if (found != m_world.actors.end())
                return &found->second;
        }
        return first(ActorRole::Client);
    }

    void place_wire(world::Actor const& from, world::Actor const& to)
    {
        auto const* a = m_layout.find(id_of(from.id));
        auto const* b = m_layout.find(id_of(to.id));
        if (a == nullptr || b == nullptr)
            return;
        auto const y = m_regions.wire;
        Point const begin { a->rect.right(), y };
        Point const end { b->rect.left(), y };
        Node node {
            .id = wire_id(from.id, to.id), .kind = NodeKind::Wire, .rect = { begin.x, y - 8, end.x - begin.x, 16 }
        };
        node.path = { begin, end };
        node.phase = is_connected(from.id, to.id) ? Phase::Done : Phase::Expected;
        add(std::move(node));
    }

    bool is_connected(ActorId const& a, ActorId const& b) const
    {
        return std::any_of(m_world.connections.begin(), m_world.connections.end(), [&](auto const& entry) {
            auto const& connection = entry.second;
            return (connection.from == a && connection.to == b) || (connection.from == b && connection.to == a);
        });
    }

    // ---- Images, layers, containers ----

    void place_store()
    {
        auto stacks = stacks_of(m_world, m_view.depth);
        if (first(ActorRole::Daemon) != nullptr) {
            Rect const place = m_regions.objects.bottom_part(size::lid + size::slab_most);
            Node store { .id = std::string(store_id), .kind = NodeKind::Store, .rect = place };
            store.title = stacks.empty() ? "image store" : "";
            store.subtitle = stacks.empty() ? "empty" : "";
            add(std::move(store));
        }
        auto const placed = place(stacks, m_regions.objects);
        for (auto const& node : placed)
            add(node);
        for (auto const& stack : stacks)
            place_containers(m_world, stack, placed, m_view.depth, m_layout.nodes);
        make_room_in_layers();
    }

    // A layer's words end where the original of a file is shown in it, and where the first container's column ends.
    void make_room_in_layers()
    {
        for (auto const& other : m_layout.nodes) {
            if (other.kind != NodeKind::LayerFile && other.kind != NodeKind::Column)
                continue;
            auto const end = other.kind == NodeKind::LayerFile ? other.rect.left() : other.rect.right();
            for (auto& layer : m_layout.nodes) {
                bool const reaches
                    = layer.kind == NodeKind::Layer && layer.rect.overlaps(other.rect) && end < layer.rect.right() - 72;
                if (reaches)
                    layer.words_end = std::min(layer.words_end, end - layer.rect.x);
            }
        }
    }

    // ---- What travels ----

    void place_blobs()
    {
        for (auto const& [digest, blob] : m_world.blobs) {
            bool const arrived = blob.state == world::BlobState::Stored;
            if (arrived || blob.from.empty())
                continue;
            auto const* slot = m_layout.find(layer_id_of_blob(digest));
            bool const is_config = m_world.pull && m_world.pull->config == digest;
            if (slot == nullptr && is_config)
                slot = m_layout.find(image_id(digest));
            add(blob_node(blob, slot, is_config));
        }
    }

    Node blob_node(world::Blob const& blob, Node const* slot, bool is_config) const
    {
        Node node { .id = blob_id(blob.digest), .kind = NodeKind::Blob, .rect = {} };
        node.progress = blob.size == 0 ? 1 : static_cast<float>(blob.received) / static_cast<float>(blob.size);
        node.title = is_config ? "config" : "layer";
        node.note = human_size(blob.size);
        node.phase = blob.state == world::BlobState::Refused ? Phase::Refused
            : blob.verified                                  ? Phase::Verified
                                                             : Phase::Arriving;
        node.path = path_of(blob, slot);
        node.rect = Rect::centered(node.path.back(), { 132, 32 });
        return node;
    }

    std::vector<Point> path_of(world::Blob const& blob, Node const* slot) const
    {
        auto const y = m_regions.wire;
        auto const* item = m_layout.find(remote_id(blob.digest));
        Point const there = item != nullptr ? item->rect.center() : m_regions.registry.center();
        Point const door { m_regions.daemon.right() - 80, y };
        Point const here = slot != nullptr ? slot->rect.center() : door;
        std::vector<Point> path { there, { m_regions.registry.left() + 40, y }, door, here };
        auto const* from = m_layout.find(id_of(blob.from));
        if (from != nullptr && from->kind == NodeKind::Daemon)
            std::reverse(path.begin(), path.end()); // a push
        return path;
    }

    // ---- Words on the stage ----

    // From the bottom up: what went wrong, and above it what the author says.
    void place_words()
    {
        auto room = m_regions.words;
        if (m_world.failure)
            place_trouble(room, "trouble:failure", m_world.failure->operation + " failed", m_world.failure->error,
                Phase::Refused);
        if (!m_world.warnings.empty() && room.height > 260)
            place_trouble(
                room, "trouble:warning", m_world.warnings.back().what, m_world.warnings.back().remedy, Phase::Plain);
        if (m_world.scenario && room.height > 100)
            place_narration(room);
    }

    void place_trouble(Rect& room, std::string id, std::string what, std::string remedy, Phase phase)
    {
        constexpr float height = 130;
        Node node { .id = std::move(id), .kind = NodeKind::Trouble, .rect = room.bottom_part(height) };
        node.title = std::move(what);
        node.subtitle = std::move(remedy);
        node.phase = phase;
        add(std::move(node));
        room = room.without_bottom(height + theme::space::tight);
    }

    void place_narration(Rect const& room)
    {
        auto const& scenario = *m_world.scenario;
        Node node { .id = std::string(narration_id), .kind = NodeKind::Narration, .rect = room.bottom_part(460) };
        node.title = scenario.phase_name.empty() ? scenario.title : scenario.phase_name;
        node.subtitle = scenario.say;
        auto const met
            = std::count_if(scenario.goals.begin(), scenario.goals.end(), [](auto const& g) { return g.met; });
        if (!scenario.goals.empty())
            node.note = fmt::format("{} of {} goals reached", met, scenario.goals.size());
        if (!scenario.predictions.empty()) {
            auto const& last = scenario.predictions.back();
            node.lines = { last.answer ? fmt::format("It was {}. {}", *last.answer, last.why) : last.question };
        }
        add(std::move(node));
    }

    world::World const& m_world;
    View const& m_view;
    Regions m_regions;
    Layout m_layout;
};

}

Node const* Layout::find(std::string_view id) const
{
    auto const found = std::find_if(nodes.begin(), nodes.end(), [&](Node const& node) { return node.id == id; });
    return found == nodes.end() ? nullptr : &*found;
}

Layout layout(world::World const& world, View const& view)
{
    return Builder(world, view).build();
}

}
