#include "visual/stage/Containers.h"

#include "sim/words/Language.h"
#include "sim/words/Words.h"
#include "visual/stage/Names.h"
#include "visual/stage/Regions.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <map>

namespace drydock::stage {

canvas::StateMark mark_of(world::ContainerState state)
{
    switch (state) {
    case world::ContainerState::Created: return canvas::StateMark::Created;
    case world::ContainerState::Running: return canvas::StateMark::Running;
    case world::ContainerState::Paused: return canvas::StateMark::Paused;
    case world::ContainerState::Exited: return canvas::StateMark::Stopped;
    case world::ContainerState::Removed: return canvas::StateMark::Dead;
    }
    return canvas::StateMark::Created;
}

namespace {

using namespace theme::space;
using canvas::StateMark;

constexpr float padding = 10, chip_gap = 5, chip_row = 28, tall_row = 50, entry_row = size::entry + 4;
constexpr float chip_margin = 22, process_margin = 22 + 2 * snug + 4, entry_margin = 18 + 2 * tight + 6;
// Below this height a container saves a line where it can.
constexpr float roomy = 200;

std::string state_text(world::Container const& c)
{
    switch (c.state) {
    case world::ContainerState::Created:
        return c.namespaces.empty() ? words::say("created, nothing runs") : words::say("being started");
    case world::ContainerState::Running: return words::say("running");
    case world::ContainerState::Paused: return words::say("paused");
    case world::ContainerState::Exited: return words::say("exited, code {}", c.exit_code.value_or(0));
    case world::ContainerState::Removed: return words::say("removed");
    }
    return {};
}

class ContainerPlacer {
public:
    ContainerPlacer(world::World const& world, world::Container const& container, Rect const& rect, trace::Depth depth,
        Ruler const& ruler, std::vector<Node>& nodes)
        : m_world(world)
        , m_container(container)
        , m_rect(rect)
        , m_depth(depth)
        , m_ruler(ruler)
        , m_nodes(nodes)
    {
    }

    void place(Stack const& stack, std::vector<Node> const& layers)
    {
        place_frame(stack);
        place_sheet();
        auto inside = m_rect.inset(padding, 0).without_top(m_header).without_bottom(m_sheet_height + padding);
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
        if (width(theme::Style::Caption, frame.subtitle) + 30 + 2 * normal > m_rect.width)
            frame.subtitle = frame.subtitle.substr(0, frame.subtitle.find(',')); // "created", "exited"
        frame.note = m_depth == trace::Depth::Role ? "" : std::string(m_container.id.short_form());
        frame.state = mark_of(m_container.state);
        frame.enters_from = stack.id;
        m_header = header_of(frame);
        frame.header = m_header;
        m_nodes.push_back(std::move(frame));
    }

    // Name and state below each other; side by side where height is scarce and they fit.
    float header_of(Node const& frame) const
    {
        auto const one_line = width(theme::Style::Strong, frame.title) + width(theme::Style::Caption, frame.subtitle);
        bool const fits = one_line + 30 + 2 * normal + snug <= m_rect.width;
        return m_rect.height < roomy && fits ? size::container_line : size::container_head;
    }

    float width(theme::Style style, std::string_view text) const { return m_ruler.width(style, text); }

    // Places as wide as their contents, row by row. Fewer than asked for where the room is full.
    static std::vector<Rect> flow(std::vector<float> const& widths, Rect const& room, float height, float gap)
    {
        std::vector<Rect> places;
        Point at = room.origin();
        for (auto const wanted : widths) {
            auto const width = std::min(wanted, room.width);
            if (at.x > room.x && at.x + width > room.right() + 0.5f)
                at = { room.x, at.y + height + gap };
            if (at.y + height > room.bottom() + 1)
                break;
            places.push_back({ at.x, at.y, width, height });
            at.x += width + gap;
        }
        return places;
    }

    // Only what differs from the layers: the sheet grows with what is written, never with what is read.
    void place_sheet()
    {
        if (!m_container.has_sheet)
            return;
        Rect const inside = m_rect.inset(padding, 0);
        auto const most = inside.height - m_header - chip_row - chip_gap - size::sheet - 2 * padding;
        auto const entries = entry_places({ inside.x, 0, inside.width, std::max(entry_row, most) });
        auto const rows = entries.places.empty() ? 0 : entries.places.back().bottom() + 4;
        m_sheet_height = size::sheet + rows;
        Rect const rect = m_rect.bottom_part(m_sheet_height).inset(4, 0).moved(0, -4);
        Node sheet { .id = sheet_id(m_container.id), .kind = NodeKind::Sheet, .rect = rect };
        auto const count = m_container.sheet.size();
        sheet.title = words::tr("read-write layer");
        sheet.note
            = count == 0 ? words::say("empty") : words::counted(count, words::key("change"), words::key("changes"));
        sheet.enters_from = id();
        m_nodes.push_back(std::move(sheet));
        place_entries(entries, rect.y + size::sheet - 2);
    }

    struct EntryPlaces {
        std::vector<Rect> places; // of the entries shown, then of the word about the rest
        std::size_t shown { 0 };
    };

    std::string rest_of_entries(std::size_t shown) const
    {
        return words::say("{} more", m_container.sheet.size() - shown);
    }

    // As many entries as leave room for the number of those that have none.
    EntryPlaces entry_places(Rect const& room) const
    {
        auto const wide = [this](std::string_view text) { return width(theme::Style::Caption, text) + entry_margin; };
        std::vector<float> widths;
        for (auto const& [path, entry] : m_container.sheet)
            widths.push_back(wide(path));
        EntryPlaces all { .places = flow(widths, room, size::entry, chip_gap), .shown = widths.size() };
        for (auto shown = all.places.size(); all.places.size() < widths.size(); --shown) {
            widths.resize(shown);
            widths.push_back(wide(rest_of_entries(shown)));
            all = { .places = flow(widths, room, size::entry, chip_gap), .shown = shown };
            if (shown == 0)
                break;
        }
        return all;
    }

    void place_entries(EntryPlaces const& all, float top)
    {
        std::size_t index = 0;
        for (auto const& [path, entry] : m_container.sheet) {
            if (index == all.shown)
                break;
            m_nodes.push_back(entry_node(path, entry, all.places[index++].moved(0, top)));
        }
        if (all.shown >= m_container.sheet.size() || all.places.empty())
            return;
        Node more {
            .id = sheet_id(m_container.id) + "/…", .kind = NodeKind::SheetEntry, .rect = all.places.back().moved(0, top)
        };
        more.title = rest_of_entries(all.shown);
        m_nodes.push_back(std::move(more));
    }

    Node entry_node(std::string const& path, world::SheetEntry const& entry, Rect const& rect) const
    {
        Node node { .id = sheet_entry_id(m_container.id, path), .kind = NodeKind::SheetEntry, .rect = rect };
        node.title = path;
        node.enters_from = entry.from_layer ? node.id + "@below" : sheet_id(m_container.id);
        switch (entry.mark) {
        case world::SheetMark::Created: node.note = words::tr("new"); break;
        case world::SheetMark::CopiedUp: node.note = words::tr("copied up"); break;
        case world::SheetMark::Whiteout: node.note = words::tr("whiteout"); break;
        case world::SheetMark::Opaque: node.note = words::tr("opaque"); break;
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

    Node process_node(world::Process const& process) const
    {
        Node node { .id = process_id(m_container.id, process.pid), .kind = NodeKind::Process, .rect = {} };
        node.title = fmt::format("PID {}  {}", process.pid, words::command_text(process.command));
        if (m_depth != trace::Depth::Role)
            node.note = words::say("host {}", process.host_pid);
        node.phase = process.exit_code ? Phase::Refused : Phase::Plain;
        node.enters_from = id();
        return node;
    }

    float process_width(Node const& node) const
    {
        auto const note = node.note.empty() ? 0 : width(theme::Style::Caption, node.note) + snug;
        return width(theme::Style::Mono, node.title) + note + process_margin;
    }

    // Beside each other where their command lines fit, else one below the other; none that had no room for its words.
    void place_processes(Rect& inside)
    {
        std::vector<Node> nodes;
        float all = -chip_gap;
        for (auto const* process : shown_processes()) {
            nodes.push_back(process_node(*process));
            if (process_width(nodes.back()) > inside.width)
                nodes.back().note.clear(); // the inspector has the host's number too
            all += process_width(nodes.back()) + chip_gap;
        }
        bool const beside = nodes.size() > 1 && all <= inside.width;
        float x = inside.x;
        for (std::size_t i = 0; i < nodes.size(); ++i) {
            auto const height
                = !beside && process_width(nodes[i]) > inside.width && inside.height > tall_row ? tall_row : chip_row;
            if (inside.height + 1 < height)
                break;
            auto row = inside.top_part(height);
            if (beside) {
                bool const last = i + 1 == nodes.size();
                row = { x, row.y, last ? inside.right() - x : process_width(nodes[i]), row.height };
                x += row.width + chip_gap;
            }
            if (!beside || i + 1 == nodes.size())
                inside = inside.without_top(height + chip_gap);
            nodes[i].rect = row;
            m_nodes.push_back(std::move(nodes[i]));
        }
    }

    // What the kernel gave it: namespaces, and from the object depth on the rest. As much of it as can be said in full:
    // with the kernel's numbers, by kind alone, or how many there are.
    void place_grants(Rect const& inside)
    {
        for (bool const with_numbers : { true, false }) {
            auto chips = namespaces(with_numbers);
            if (m_depth != trace::Depth::Role)
                append_facts(chips, inside.width);
            if (place_chips(std::move(chips), inside))
                return;
        }
        if (place_chips(namespaces(false), inside))
            return;
        Node all { .id = namespace_id(m_container.id, "all"), .kind = NodeKind::Namespace, .rect = {} };
        all.title = words::say("{} namespaces", m_container.namespaces.size());
        place_chips({ std::move(all) }, inside);
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

    void append_facts(std::vector<Node>& chips, float room) const
    {
        auto const fact = [&](std::string_view name, std::string text) {
            if (chip_width(text) > room)
                return;
            Node chip { .id = fact_id(m_container.id, name), .kind = NodeKind::Fact, .rect = {} };
            chip.title = std::move(text);
            chip.enters_from = resolve("kernel", m_world);
            chips.push_back(std::move(chip));
        };
        if (!m_container.id_maps.empty())
            fact("ids", words::say("{} set", m_container.id_maps.front().file));
        if (!m_container.mounts.empty())
            fact("mounts", words::say("{} on {}", m_container.mounts.back().type, m_container.mounts.back().target));
        if (m_container.cgroup)
            fact("cgroup",
                m_container.cgroup->limits.empty() ? words::say("control group") : m_container.cgroup->limits);
        if (m_container.privileges)
            fact("privileges", words::say("{} capabilities", m_container.privileges->kept.size()));
    }

    float chip_width(std::string_view text) const { return width(theme::Style::Caption, text) + chip_margin; }

    // All of them or none: in even columns where they fit so, else each as wide as its words.
    bool place_chips(std::vector<Node> chips, Rect const& inside)
    {
        std::vector<float> widths;
        for (auto const& chip : chips)
            widths.push_back(chip_width(chip.title));
        auto const widest = widths.empty() ? 0 : *std::max_element(widths.begin(), widths.end());
        if (widest > inside.width)
            return false;
        auto const in_row = std::max(1.0f, std::floor((inside.width + chip_gap) / (widest + chip_gap)));
        auto const even = std::max(widest, (inside.width + chip_gap) / in_row - chip_gap);
        auto const column = std::min(even, widest * 1.4f);
        auto places = flow(std::vector<float>(chips.size(), column), inside, chip_row, chip_gap);
        if (places.size() < chips.size())
            places = flow(widths, inside, chip_row, chip_gap);
        if (places.size() < chips.size())
            return false;
        for (std::size_t i = 0; i < chips.size(); ++i) {
            chips[i].rect = places[i];
            m_nodes.push_back(std::move(chips[i]));
        }
        return true;
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
                auto const wide = width(theme::Style::Caption, path) + 16 + 18 + 6;
                Node file { .id = sheet_entry_id(m_container.id, path) + "@below",
                    .kind = NodeKind::LayerFile,
                    .rect
                    = { m_rect.right() - margin - wide - right, place->rect.y + 2, wide, place->rect.height - 4 } };
                file.title = path;
                if (file.rect.x < m_rect.x + words_of_layer)
                    continue;
                right += wide + chip_gap;
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
            .rect = { x - 6, m_rect.y + m_header, 12, end.center().y - m_rect.y - m_header + 6 } };
        ray.title = lookup->path;
        ray.phase = lookup->answered >= 0 ? Phase::Done : Phase::Refused;
        ray.path = { { x, m_rect.y + m_header }, { x, end.center().y } };
        m_nodes.push_back(std::move(ray));
    }

    world::World const& m_world;
    world::Container const& m_container;
    Rect m_rect;
    trace::Depth m_depth;
    Ruler const& m_ruler;
    std::vector<Node>& m_nodes;
    float m_header { size::container_head };
    float m_sheet_height { 0 };
};

}

namespace {

// "140 running, 10 exited", of those from `first` on.
std::string states_of(std::vector<world::Container const*> const& containers, std::size_t first)
{
    std::map<world::ContainerState, std::size_t> counts;
    for (auto i = first; i < containers.size(); ++i)
        ++counts[containers[i]->state];
    static constexpr std::array words { words::key("{} created"), words::key("{} running"), words::key("{} paused"),
        words::key("{} exited"), words::key("{} removed") };
    std::string text;
    for (auto const& [state, count] : counts) {
        auto const pattern = words::tr(words.at(static_cast<std::size_t>(state)));
        text += (text.empty() ? "" : ", ") + fmt::format(fmt::runtime(pattern), count);
    }
    return text;
}

// Too many to be opened up: a name and a state each, in rows, and one card for those that find no place.
void place_crowd(std::vector<world::Container const*> const& containers, Rect const& room, Stack const& stack,
    std::vector<Node>& nodes)
{
    constexpr float gap = 6, row = size::crowd_row + gap;
    auto const across = std::max(1, static_cast<int>((room.width + gap) / (size::crowd_least + gap)));
    auto const down = std::max(1, static_cast<int>((room.height + gap) / row));
    auto const places = static_cast<std::size_t>(across) * static_cast<std::size_t>(down);
    bool const all = containers.size() <= places;
    auto const shown = all ? containers.size() : places - 1;
    auto const used = (std::min(places, containers.size()) + static_cast<std::size_t>(across) - 1)
        / static_cast<std::size_t>(across);
    auto const field = room.bottom_part(static_cast<float>(used) * row - gap);
    auto const columns = canvas::columns(field, across, gap);
    auto const place_of = [&](std::size_t i) {
        auto const& column = columns[i % static_cast<std::size_t>(across)];
        auto const level = i / static_cast<std::size_t>(across);
        auto const y = column.y + static_cast<float>(level) * row;
        return Rect { column.x, y, column.width, size::crowd_row };
    };
    for (std::size_t i = 0; i < shown; ++i) {
        auto const& c = *containers[i];
        Node node { .id = id_of(c.id), .kind = NodeKind::Container, .rect = place_of(i) };
        node.title = c.name.empty() ? std::string(c.id.short_form()) : c.name;
        node.state = mark_of(c.state);
        node.enters_from = stack.id;
        node.header = size::crowd_row;
        nodes.push_back(std::move(node));
    }
    if (all)
        return;
    Node rest { .id = stack.id + "/crowd", .kind = NodeKind::Crowd, .rect = place_of(shown) };
    rest.title = words::say("{} more", containers.size() - shown);
    rest.subtitle = states_of(containers, shown);
    // What they are is told where there is room for it: over the whole last row.
    rest.rect.width = field.right() - rest.rect.x;
    nodes.push_back(std::move(rest));
}

}

void place_containers(world::World const& world, Stack const& stack, std::vector<Node> const& layers,
    trace::Depth depth, Ruler const& ruler, std::vector<Node>& nodes)
{
    if (stack.containers.empty())
        return;
    std::vector<world::Container const*> containers;
    for (auto const& id : stack.containers)
        containers.push_back(&world.containers.at(id));
    std::sort(containers.begin(), containers.end(),
        [](auto const* a, auto const* b) { return std::tie(a->name, a->id) < std::tie(b->name, b->id); });
    auto const room = stack.standing_room;
    auto const count = static_cast<float>(containers.size());
    if ((room.width - normal * (count - 1)) / count < size::container_narrowest && containers.size() > 1)
        return place_crowd(containers, room, stack, nodes);
    auto const cells = canvas::columns(room, static_cast<int>(containers.size()), normal);
    for (std::size_t i = 0; i < containers.size(); ++i) {
        auto const height = std::min(cells[i].height, size::container_tallest);
        ContainerPlacer(world, *containers[i], cells[i].bottom_part(height), depth, ruler, nodes).place(stack, layers);
    }
}

}
