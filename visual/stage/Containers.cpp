#include "visual/stage/Containers.h"

#include "sim/words/Words.h"
#include "visual/stage/Names.h"
#include "visual/stage/Regions.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace drydock::stage {

namespace {

using namespace theme::space;
using canvas::StateMark;

constexpr float header = 48, padding = 10, chip_gap = 5;
constexpr float long_chip = 132, short_chip = 54, chip_row = 28, entry_row = size::entry + 4, least_entry = 124;

StateMark mark_of(world::ContainerState state)
{
    switch (state) {
    case world::ContainerState::Created: return StateMark::Created;
    case world::ContainerState::Running: return StateMark::Running;
    case world::ContainerState::Paused: return StateMark::Paused;
    case world::ContainerState::Exited: return StateMark::Stopped;
    case world::ContainerState::Removed: return StateMark::Dead;
    }
    return StateMark::Created;
}

std::string state_text(world::Container const& c)
{
    switch (c.state) {
    case world::ContainerState::Created: return c.namespaces.empty() ? "created, nothing runs" : "being started";
    case world::ContainerState::Running: return "running";
    case world::ContainerState::Paused: return "paused";
    case world::ContainerState::Exited: return fmt::format("exited, code {}", c.exit_code.value_or(0));
    case world::ContainerState::Removed: return "removed";
    }
    return {};
}

class ContainerPlacer {
public:
    ContainerPlacer(world::World const& world, world::Container const& container, Rect const& rect, trace::Depth depth,
        std::vector<Node>& nodes)
        : m_world(world)
        , m_container(container)
        , m_rect(rect)
        , m_depth(depth)
        , m_nodes(nodes)
    {
    }

    void place(Stack const& stack, std::vector<Node> const& layers)
    {
        place_frame(stack);
        place_sheet();
        auto inside = m_rect.inset(padding, 0).without_top(header).without_bottom(m_sheet_height + padding);
        place_processes(inside);
        place_grants(inside);
        place_column(stack, layers);
        place_originals(layers);
        place_ray(stack, layers);
    }

private:
    std::string id() const { return id_of(m_container.id); }

    void place_frame(Stack const& stack)
    {
        Node frame { .id = id(), .kind = NodeKind::Container, .rect = m_rect };
        frame.title = m_container.name.empty() ? std::string(m_container.id.short_form()) : m_container.name;
        frame.subtitle = state_text(m_container);
        frame.note = m_depth == trace::Depth::Role ? "" : std::string(m_container.id.short_form());
        frame.state = mark_of(m_container.state);
        frame.enters_from = stack.id;
        m_nodes.push_back(std::move(frame));
    }

    // Only what differs from the layers: the sheet grows with what is written, never with what is read.
    void place_sheet()
    {
        if (!m_container.has_sheet)
            return;
        auto const per_row = std::max(1, static_cast<int>((m_rect.width - 2 * padding) / least_entry));
        auto const count = static_cast<int>(m_container.sheet.size());
        auto const room = m_rect.height - header - chip_row - size::sheet - 2 * padding;
        auto const most_rows = std::max(1, static_cast<int>(room / entry_row));
        auto const rows = std::min(most_rows, (count + per_row - 1) / per_row);
        m_sheet_height = size::sheet + static_cast<float>(rows) * entry_row;
        Rect const rect = m_rect.bottom_part(m_sheet_height).inset(4, 0).moved(0, -4);
        Node sheet { .id = sheet_id(m_container.id), .kind = NodeKind::Sheet, .rect = rect };
        sheet.title = "read-write layer";
        sheet.note = count == 0 ? "empty" : fmt::format("{} {}", count, count == 1 ? "change" : "changes");
        sheet.enters_from = id();
        m_nodes.push_back(std::move(sheet));
        place_entries(rect.inset(6, 0).without_top(size::sheet - 2), rows * per_row, per_row);
    }

    void place_entries(Rect const& room, int places, int per_row)
    {
        auto const count = static_cast<int>(m_container.sheet.size());
        auto const shown = count > places ? places - 1 : count;
        auto const cells = canvas::columns(room.top_part(size::entry), std::clamp(count, 1, per_row), chip_gap);
        auto const cell = [&](int index) {
            auto const below = static_cast<float>(index / per_row) * entry_row;
            return cells[static_cast<std::size_t>(index % per_row)].moved(0, below);
        };
        int index = 0;
        for (auto const& [path, entry] : m_container.sheet) {
            if (index == shown)
                break;
            m_nodes.push_back(entry_node(path, entry, cell(index++)));
        }
        if (shown >= count || places == 0)
            return;
        Node more { .id = sheet_id(m_container.id) + "/…", .kind = NodeKind::SheetEntry, .rect = cell(shown) };
        more.title = fmt::format("{} more", count - shown);
        m_nodes.push_back(std::move(more));
    }

    Node entry_node(std::string const& path, world::SheetEntry const& entry, Rect const& rect) const
    {
        Node node { .id = sheet_entry_id(m_container.id, path), .kind = NodeKind::SheetEntry, .rect = rect };
        node.title = path;
        node.enters_from = entry.from_layer ? node.id + "@below" : sheet_id(m_container.id);
        switch (entry.mark) {
        case world::SheetMark::Created: node.note = "new"; break;
        case world::SheetMark::CopiedUp: node.note = "copied up"; break;
        case world::SheetMark::Whiteout: node.note = "whiteout"; break;
        case world::SheetMark::Opaque: node.note = "opaque"; break;
        }
        return node;
    }

    // Those that run; one that has ended only where it was the last.
    std::vector<world::Process const*> shown_processes() const
    {
        std::vector<world::Process const*> shown;
        for (auto const& [pid, process] : m_container.processes) {
            if (!process.exit_code)
                shown.push_back(&process);
        }
        if (shown.empty() && !m_container.processes.empty())
            shown.push_back(&m_container.processes.begin()->second);
        if (shown.size() > 2)
            shown.resize(2);
        return shown;
    }

    void place_processes(Rect& inside)
    {
        auto const shown = shown_processes();
        if (shown.empty())
            return;
        auto const row = inside.top_part(chip_row);
        inside = inside.without_top(chip_row + chip_gap);
        auto const cells = canvas::columns(row, static_cast<int>(shown.size()), chip_gap);
        for (std::size_t i = 0; i < shown.size(); ++i) {
            auto const& process = *shown[i];
            Node node { .id = process_id(m_container.id, process.pid), .kind = NodeKind::Process, .rect = cells[i] };
            node.title = fmt::format("PID {}  {}", process.pid, words::command_text(process.command));
            if (m_depth != trace::Depth::Role && cells[i].width > 220)
                node.note = fmt::format("host {}", process.host_pid);
            node.phase = process.exit_code ? Phase::Refused : Phase::Plain;
            node.enters_from = id();
            m_nodes.push_back(std::move(node));
        }
    }

    // What the kernel gave it: namespaces, and from the object depth on the rest. With the kernel's numbers where there
    // is room for all of them, else the namespaces by kind alone.
    void place_grants(Rect const& inside)
    {
        auto chips = namespaces(true);
        if (m_depth != trace::Depth::Role)
            append_facts(chips);
        if (rows_of(chips.size(), inside.width, long_chip) > inside.height) {
            chips = namespaces(false);
            return place_chips(std::move(chips), inside, short_chip);
        }
        place_chips(std::move(chips), inside, long_chip);
    }

    std::vector<Node> namespaces(bool with_numbers) const
    {
        std::vector<Node> chips;
        for (auto const& [kind, inode] : m_container.namespaces) {
            Node chip { .id = namespace_id(m_container.id, kind), .kind = NodeKind::Namespace, .rect = {} };
            chip.title = with_numbers ? fmt::format("{} {}", kind, inode) : kind;
            chip.enters_from = resolve("kernel", m_world);
            chips.push_back(std::move(chip));
        }
        return chips;
    }

    void append_facts(std::vector<Node>& chips) const
    {
        auto const fact = [&](std::string_view name, std::string text) {
            Node chip { .id = fact_id(m_container.id, name), .kind = NodeKind::Fact, .rect = {} };
            chip.title = std::move(text);
            chip.enters_from = resolve("kernel", m_world);
            chips.push_back(std::move(chip));
        };
        if (!m_container.id_maps.empty())
            fact("ids", m_container.id_maps.front().file + " set");
        if (!m_container.mounts.empty())
            fact("mounts", fmt::format("{} on {}", m_container.mounts.back().type, m_container.mounts.back().target));
        if (m_container.cgroup)
            fact("cgroup", m_container.cgroup->limits.empty() ? "control group" : m_container.cgroup->limits);
        if (m_container.privileges)
            fact("privileges", fmt::format("{} capabilities", m_container.privileges->kept.size()));
    }

    static std::size_t per_row(float room, float width)
    {
        return static_cast<std::size_t>(std::max(1.0f, (room + chip_gap) / (width + chip_gap)));
    }
    static float rows_of(std::size_t count, float room, float width)
    {
        auto const in_row = per_row(room, width);
        return static_cast<float>((count + in_row - 1) / in_row) * (chip_row + chip_gap) - chip_gap;
    }

    void place_chips(std::vector<Node> chips, Rect const& inside, float width)
    {
        auto const rows
            = static_cast<std::size_t>(std::max(0.0f, (inside.height + chip_gap + 1) / (chip_row + chip_gap)));
        auto const in_row = std::min(per_row(inside.width, width), chips.size());
        if (rows * in_row == 0)
            return;
        if (chips.size() > rows * in_row) { // the last place tells how many there are besides
            auto const left_out = chips.size() - rows * in_row + 1;
            chips.resize(rows * in_row);
            chips.back() = { .id = fact_id(m_container.id, "more"), .kind = NodeKind::Fact, .rect = {} };
            chips.back().title = fmt::format("+{}", left_out);
        }
        auto const cells = canvas::columns(inside.top_part(chip_row), static_cast<int>(in_row), chip_gap);
        for (std::size_t i = 0; i < chips.size(); ++i) {
            chips[i].rect = cells[i % in_row].moved(0, static_cast<float>(i / in_row) * (chip_row + chip_gap));
            m_nodes.push_back(std::move(chips[i]));
        }
    }

    static Node const* slab(std::vector<Node> const& layers, std::string const& id)
    {
        auto const found = std::find_if(layers.begin(), layers.end(), [&](Node const& n) { return n.id == id; });
        return found == layers.end() ? nullptr : &*found;
    }

    void place_column(Stack const& stack, std::vector<Node> const& layers)
    {
        if (!m_container.mounted || stack.layers.empty())
            return;
        auto const* lowest = slab(layers, stack.layers.front().id);
        if (lowest == nullptr)
            return;
        Rect const sheet = m_rect.bottom_part(m_sheet_height + 2);
        Node column { .id = id() + "/column",
            .kind = NodeKind::Column,
            .rect = { m_rect.x, sheet.y, m_rect.width, lowest->rect.bottom() + 3 - sheet.y } };
        column.progress = m_container.pivoted ? 1 : 0;
        column.enters_from = sheet_id(m_container.id);
        m_nodes.push_back(std::move(column));
    }

    // The file below that a copied-up one was copied from: it stays where it was.
    void place_originals(std::vector<Node> const& layers)
    {
        std::map<std::string, float> used;   // from the right, by layer
        constexpr float words_of_layer = 72; // it says its size at its right end
        for (auto const& [path, entry] : m_container.sheet) {
            // A directory is copied up only to hold what is copied up below it.
            auto const next = m_container.sheet.upper_bound(path);
            bool const holds_others = next != m_container.sheet.end() && next->first.starts_with(path + "/");
            if (!entry.from_layer || holds_others)
                continue;
            auto const layer = layer_id(*entry.from_layer, m_world);
            if (auto const* place = slab(layers, layer)) {
                auto const margin = place->rect.right() - m_rect.right() < words_of_layer ? words_of_layer : 8;
                auto& right = used[layer];
                auto const width = std::min(150.0f, m_rect.width * 0.5f);
                Node file { .id = sheet_entry_id(m_container.id, path) + "@below",
                    .kind = NodeKind::LayerFile,
                    .rect
                    = { m_rect.right() - margin - width - right, place->rect.y + 2, width, place->rect.height - 4 } };
                file.title = path;
                if (file.rect.x < m_rect.x + words_of_layer)
                    continue;
                right += width + chip_gap;
                m_nodes.push_back(std::move(file));
            }
        }
    }

    void place_ray(Stack const& stack, std::vector<Node> const& layers)
    {
        auto const& lookup = m_container.last_lookup;
        if (m_depth != trace::Depth::Metal || !lookup || lookup->visited.empty())
            return;
        auto const stop = lookup->answered >= 0 ? lookup->answered
            : lookup->whited_out >= 0           ? lookup->whited_out
                                                : lookup->visited.back();
        Rect end = m_rect.bottom_part(m_sheet_height);
        auto const count = static_cast<std::int64_t>(stack.layers.size());
        if (stop > 0 && stop <= count) { // branch 1 is the topmost layer
            if (auto const* place = slab(layers, stack.layers[static_cast<std::size_t>(count - stop)].id))
                end = place->rect;
        }
        auto const x = m_rect.x + 14;
        Node ray { .id = id() + "/ray",
            .kind = NodeKind::Ray,
            .rect = { x - 6, m_rect.y + header, 12, end.center().y - m_rect.y - header + 6 } };
        ray.title = lookup->path;
        ray.phase = lookup->answered >= 0 ? Phase::Done : Phase::Refused;
        ray.path = { { x, m_rect.y + header }, { x, end.center().y } };
        m_nodes.push_back(std::move(ray));
    }

    world::World const& m_world;
    world::Container const& m_container;
    Rect m_rect;
    trace::Depth m_depth;
    std::vector<Node>& m_nodes;
    float m_sheet_height { 0 };
};

}

void place_containers(world::World const& world, Stack const& stack, std::vector<Node> const& layers,
    trace::Depth depth, std::vector<Node>& nodes)
{
    if (stack.containers.empty())
        return;
    std::vector<world::Container const*> containers;
    for (auto const& id : stack.containers)
        containers.push_back(&world.containers.at(id));
    std::sort(containers.begin(), containers.end(),
        [](auto const* a, auto const* b) { return std::tie(a->name, a->id) < std::tie(b->name, b->id); });
    auto const room = stack.standing_room;
    auto const cells = canvas::columns(room, static_cast<int>(containers.size()), normal);
    for (std::size_t i = 0; i < containers.size(); ++i) {
        auto const height = std::min(cells[i].height, size::container_tallest);
        ContainerPlacer(world, *containers[i], cells[i].bottom_part(height), depth, nodes).place(stack, layers);
    }
}

}
