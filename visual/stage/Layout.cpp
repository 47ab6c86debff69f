#include "visual/stage/Layout.h"

#include "sim/words/Language.h"
#include "sim/words/Told.h"
#include "sim/words/Words.h"
#include "visual/stage/Containers.h"
#include "visual/stage/Guests.h"
#include "visual/stage/Names.h"
#include "visual/stage/Narration.h"
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
    Builder(world::World const& world, View const& view, Ruler const& ruler)
        : m_world(world)
        , m_here(world::shown_host(world))
        , m_view(view)
        , m_ruler(ruler)
        , m_regions(regions_of(view.room, world.machines.size(), registries().size()))
        , m_guest_room(take_guest_room(world, m_here.id, m_regions.objects, m_regions.kernel))
    {
    }

    Layout build()
    {
        place_machines();
        place_words();
        place_hosts();
        place_actors();
        place_wires();
        place_guests(m_world, m_here.id, m_guest_room, m_layout.nodes);
        place_store();
        place_blobs();
        mark_faults();
        return std::move(m_layout);
    }

private:
    // ---- What is broken on purpose ----

    void mark_faults()
    {
        for (auto const& fault : m_world.faults) {
            auto const id = id_of_broken(fault.object, m_world);
            for (auto& node : m_layout.nodes) {
                if (!id.empty() && node.id == id)
                    node.fault = words::tr(fault.kind);
            }
        }
    }

    Node& add(Node node)
    {
        m_layout.nodes.push_back(std::move(node));
        return m_layout.nodes.back();
    }

    // ---- Machines and who is on them ----

    // With several machines, a row of them all; what is below belongs to the one that was asked last.
    void place_machines()
    {
        auto const cells
            = canvas::columns(m_regions.machines, static_cast<int>(m_world.machines.size()), theme::space::snug);
        for (std::size_t i = 0; m_world.machines.size() > 1 && i < cells.size(); ++i) {
            Node node { .id = machine_id(m_world.machines[i]), .kind = NodeKind::Machine, .rect = cells[i] };
            node.title = m_world.machines[i].value;
            node.note = holdings_of(m_world.machines[i]);
            node.phase = m_world.machines[i] == m_here.id ? Phase::Done : Phase::Plain;
            add(std::move(node));
        }
    }

    std::string holdings_of(HostId const& host) const
    {
        auto const images = finished_images(m_world, host).size();
        auto const containers = std::count_if(m_world.containers.begin(), m_world.containers.end(),
            [&](auto const& c) { return c.second.host == host && c.second.state != world::ContainerState::Removed; });
        std::string text = images == 0 ? "" : words::counted(images, words::key("image"), words::key("images"));
        if (containers > 0)
            text += (text.empty() ? "" : " · ")
                + words::counted(
                    static_cast<std::uint64_t>(containers), words::key("container"), words::key("containers"));
        return text;
    }

    std::vector<world::Actor const*> registries() const
    {
        std::vector<world::Actor const*> found;
        for (auto const& [id, actor] : m_world.actors) {
            if (actor.role == ActorRole::Registry)
                found.push_back(&actor);
        }
        return found;
    }

    void place_hosts()
    {
        auto const* daemon = acting(ActorRole::Daemon, m_world);
        if (daemon == nullptr)
            return;
        auto const* client = acting(ActorRole::Client, m_world);
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
        node.title = host == m_world.hosts.end() ? words::say("the kernel") : host->second.kernel;
        node.subtitle = words::say("one kernel for every process on {}", id.value);
        node.note = containers_running() == 0
            ? ""
            : words::say(
                "{} on it", words::counted(containers_running(), words::key("container"), words::key("containers")));
        add(std::move(node));
    }

    std::size_t containers_running() const
    {
        return static_cast<std::size_t>(std::count_if(m_world.containers.begin(), m_world.containers.end(),
            [&](auto const& c) { return c.second.host == m_here.id && !c.second.namespaces.empty(); }));
    }

    void place_actors()
    {
        place_clients();
        if (auto const* daemon = acting(ActorRole::Daemon, m_world)) {
            Node node { .id = id_of(daemon->id), .kind = NodeKind::Daemon, .rect = m_regions.daemon };
            node.title = daemon->label;
            node.subtitle = m_view.depth == Depth::Role ? words::say("daemon") : daemon->detail;
            node.note = current_work();
            add(std::move(node));
        }
        if (auto const* asked = acting(ActorRole::Registry, m_world)) {
            add(registry_node(*asked, m_regions.registry));
            auto room = m_regions.other_registries;
            for (auto const* registry : registries()) {
                if (registry == asked)
                    continue;
                add(registry_node(*registry, room.top_part(size::item - 6)));
                room = room.without_top(size::item);
            }
            place_registry_items();
        }
    }

    Node registry_node(world::Actor const& registry, Rect const& rect) const
    {
        Node node { .id = id_of(registry.id), .kind = NodeKind::Registry, .rect = rect };
        node.title = registry.label.substr(0, registry.label.find(" ("));
        node.subtitle = m_view.depth == Depth::Role ? words::say("registry") : registry.detail;
        auto const known = m_world.registries.find(registry.id);
        bool const asks = known != m_world.registries.end() && !known->second.scheme.empty();
        node.note = asks ? words::say("asks who you are") : "";
        bool const refuses = m_world.refusal && m_world.refusal->endpoint == registry.detail;
        node.phase = refuses ? Phase::Refused : Phase::Plain;
        return node;
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
            bool const is_near = actor.host == m_here.id || &actor == acting(ActorRole::Client, m_world);
            if (actor.role == ActorRole::Client && is_near)
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
        node.subtitle = m_view.depth == Depth::Role ? words::say("client") : client.detail;
        if (terminal)
            node.lines = terminal_lines(client.id);
        return node;
    }

    // "$ " before what was typed; everything else was printed. As in a real terminal, the news about a blob that
    // travels overwrite each other.
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
                print(lines, command.output.substr(begin, end - begin));
                begin = end + 1;
            }
        }
        constexpr std::size_t kept = 30;
        if (lines.size() > kept)
            lines.erase(lines.begin(), lines.end() - kept);
        return lines;
    }

    static void print(std::vector<std::string>& lines, std::string line)
    {
        line = words::with_short_ids(line, "…");
        auto const is_typed = [](std::string const& other) { return other.starts_with("$ "); };
        auto const same_blob
            = [&](std::string const& other) { return line.find(": ") == 12 && other.starts_with(line.substr(0, 14)); };
        auto const command = std::find_if(lines.rbegin(), lines.rend(), is_typed);
        auto const said = std::find_if(lines.rbegin(), command, same_blob);
        if (said != command)
            *said = std::move(line);
        else
            lines.push_back(std::move(line));
    }

    // What the registry is known to have: the image that is asked for, and its layers, all or in sum.
    void place_registry_items()
    {
        if (!m_world.pull || !m_world.pull->manifest)
            return;
        auto room = m_regions.registry_items.without_bottom(m_words_height);
        auto const place = [&](Node node) {
            node.kind = NodeKind::RegistryItem;
            node.rect = room.top_part(size::item - 6);
            node.enters_from = acting(ActorRole::Registry, m_world) == nullptr
                ? ""
                : id_of(acting(ActorRole::Registry, m_world)->id);
            add(std::move(node));
            room = room.without_top(size::item);
        };
        auto const& listed = m_world.pull->layers;
        Node image { .id = remote_id(*m_world.pull->manifest), .rect = {}, .title = m_world.pull->reference };
        image.phase = Phase::Done;
        place(std::move(image));
        if (room.height < size::item * static_cast<float>(listed.size()) - 6)
            return place(remote_layers());
        for (std::size_t i = listed.size(); i-- > 0;) // the topmost on top, as on the stack
            place(remote_layer(listed[i]));
    }

    Node remote_layers() const
    {
        auto const& listed = m_world.pull->layers;
        auto const here = std::count_if(listed.begin(), listed.end(), [&](auto const& layer) {
            auto const blob = m_here.blobs.find(layer.digest);
            return blob != m_here.blobs.end()
                && (blob->second.skipped || blob->second.state == world::BlobState::Stored);
        });
        std::uint64_t bytes = 0;
        for (auto const& layer : listed)
            bytes += layer.size;
        bool const all = here == static_cast<std::ptrdiff_t>(listed.size());
        Node node { .id = std::string(remote_layers_id), .rect = {} };
        node.title = words::say("{} layers", listed.size());
        node.note = here == 0 || all ? human_size(bytes) : words::say("{} fetched", here);
        node.phase = all ? Phase::Verified : here > 0 ? Phase::Arriving : Phase::Plain;
        return node;
    }

    Node remote_layer(trace::LayerOfManifest const& layer) const
    {
        Node node { .id = remote_id(layer.digest), .rect = {}, .title = words::say("layer") };
        node.subtitle = m_view.depth == Depth::Role ? "" : layer.digest.short_form();
        node.note = human_size(layer.size);
        auto const blob = m_here.blobs.find(layer.digest);
        if (blob == m_here.blobs.end())
            return node;
        if (blob->second.skipped) {
            node.note = words::tr("need not travel");
            node.phase = Phase::Verified;
        } else if (blob->second.state == world::BlobState::Stored) {
            node.phase = Phase::Verified;
        } else if (blob->second.state == world::BlobState::Travelling) {
            node.phase = Phase::Arriving;
        }
        return node;
    }

    // ---- Wires ----

    void place_wires()
    {
        if (auto const* daemon = acting(ActorRole::Daemon, m_world)) {
            if (auto const* client = acting(ActorRole::Client, m_world))
                place_wire(*client, *daemon);
            if (auto const* registry = acting(ActorRole::Registry, m_world))
                place_wire(*daemon, *registry);
        }
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
        auto const placed = place(stacks, m_regions.objects);
        if (acting(ActorRole::Daemon, m_world) != nullptr) {
            Rect const place = m_regions.objects.bottom_part(size::lid + size::slab_most);
            Node store { .id = std::string(store_id), .kind = NodeKind::Store, .rect = place };
            store.title = stacks.empty() ? words::tr("The image store is empty") : "";
            add(std::move(store));
            place_stand(placed);
        }
        for (auto const& node : placed)
            add(node);
        for (auto const& stack : stacks)
            place_containers(m_world, stack, placed, m_view.depth, m_ruler, m_layout.nodes);
        make_room_in_layers();
    }

    // Where containers will stand: who sees the stage for the first time should know what the free ground is for.
    void place_stand(std::vector<Node> const& images)
    {
        bool const taken = std::any_of(m_world.containers.begin(), m_world.containers.end(),
            [&](auto const& c) { return c.second.host == m_here.id; });
        if (taken)
            return;
        auto const free = m_regions.objects.without_bottom(size::lid + size::slab_most + theme::space::snug);
        // A high stack that arrives would stand in its words.
        Rect const line { free.x, free.center().y - 16, free.width, 32 };
        bool const covered = std::any_of(images.begin(), images.end(),
            [&](Node const& node) { return node.kind == NodeKind::Image && node.rect.overlaps(line); });
        if (covered)
            return;
        Node stand { .id = std::string(stand_id), .kind = NodeKind::Store, .rect = free };
        stand.title = words::tr("No containers");
        add(std::move(stand));
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
        for (auto const& [digest, blob] : m_here.blobs) {
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
        node.title = is_config ? words::tr("config") : words::tr("layer");
        node.note = human_size(blob.size);
        node.bytes = blob.size;
        node.phase = blob.state == world::BlobState::Refused ? Phase::Refused
            : blob.verified                                  ? Phase::Verified
                                                             : Phase::Arriving;
        node.path = path_of(blob, slot);
        // On arrival it fills the place that was kept for it.
        bool const is_pushed
            = acting(ActorRole::Daemon, m_world) != nullptr && blob.from == acting(ActorRole::Daemon, m_world)->id;
        node.rect = slot != nullptr && !is_pushed ? slot->rect : Rect::centered(node.path.back(), size::parcel);
        return node;
    }

    std::vector<Point> path_of(world::Blob const& blob, Node const* slot) const
    {
        auto const y = m_regions.wire;
        auto const* item = m_layout.find(remote_id(blob.digest));
        if (item == nullptr)
            item = m_layout.find(remote_layers_id);
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
        auto room = m_regions.registry_items.without_top(m_world.pull ? 2 * size::item : 0);
        auto const foot = room.bottom();
        if (m_world.failure)
            place_trouble(room, "trouble:failure",
                words::say("{} failed", words::short_operation(m_world.failure->operation)), m_world.failure->error,
                Phase::Refused);
        if (!m_world.warnings.empty() && room.height > 260)
            place_trouble(room, "trouble:warning", words::told(m_world.warnings.back().what),
                words::told(m_world.warnings.back().remedy), Phase::Plain);
        if (m_world.scenario && room.height > 100)
            place_narration(room);
        m_words_height = foot - room.bottom();
    }

    void place_trouble(Rect& room, std::string id, std::string what, std::string remedy, Phase phase)
    {
        Node node { .id = std::move(id), .kind = NodeKind::Trouble, .rect = room };
        node.title = std::move(what);
        auto const height = 108 + trouble_title_height(node, m_ruler); // below the title four lines of remedy
        node.rect = room.bottom_part(height);
        node.subtitle = std::move(remedy);
        node.phase = phase;
        add(std::move(node));
        room = room.without_bottom(height + theme::space::tight);
    }

    void place_narration(Rect& room)
    {
        auto const& scenario = *m_world.scenario;
        Node node { .id = std::string(narration_id), .kind = NodeKind::Narration, .rect = room };
        node.title = words::tr(scenario.phase_name.empty() ? scenario.title : scenario.phase_name);
        node.subtitle = words::tr(scenario.say);
        if (!scenario.predictions.empty()) {
            auto const& last = scenario.predictions.back();
            node.note = last.answer
                ? words::say("Answer: {} {}", words::as_sentence(words::tr(*last.answer)), words::tr(last.why))
                : std::string(words::tr(last.question));
        }
        for (auto const& goal : scenario.goals)
            node.lines.push_back((goal.met ? goal_met : goal_open) + std::string(words::tr(goal.text)));
        if (scenario.phase >= 0 && node.subtitle.empty() && !scenario.succeeded)
            node.subtitle = words::tr("This part is over. Space goes on.");
        auto const height = narration_height(node, room, m_ruler);
        node.rect = room.bottom_part(height);
        add(std::move(node));
        room = room.without_bottom(height + theme::space::snug);
    }

    world::World const& m_world;
    world::Host const& m_here; // the machine that is shown
    View const& m_view;
    Ruler const& m_ruler;
    Regions m_regions;
    GuestRoom m_guest_room;
    float m_words_height { 0 }; // narration and troubles, below what the registry has
    Layout m_layout;
};

}

Node const* Layout::find(std::string_view id) const
{
    auto const found = std::find_if(nodes.begin(), nodes.end(), [&](Node const& node) { return node.id == id; });
    return found == nodes.end() ? nullptr : &*found;
}

Layout layout(world::World const& world, View const& view, Ruler const& ruler)
{
    return Builder(world, view, ruler).build();
}

}
