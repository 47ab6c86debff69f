#include "visual/stage/Guests.h"

#include "sim/words/Language.h"
#include "sim/words/Words.h"
#include "visual/stage/Names.h"
#include "visual/stage/Regions.h"

#include <algorithm>

namespace drydock::stage {

namespace {

using namespace theme::space;
using words::say;
using words::tr;

constexpr float guest_narrowest = 124, guest_lowest = 116, guest_tallest = 226, guest_kernel = 36, guest_head = 70,
                hypervisor_slab = 38;

// Those that run first, then those that have stopped; each in the order of their ids.
std::vector<world::GuestMachine const*> guests_on(world::World const& world, HostId const& host)
{
    std::vector<world::GuestMachine const*> found;
    for (auto const& [id, machine] : world.guest_machines) {
        if (machine.host == host)
            found.push_back(&machine);
    }
    std::stable_partition(found.begin(), found.end(), [](auto const* machine) { return !machine->stopped; });
    return found;
}

bool is_type_1(world::World const& world, HostId const& host)
{
    auto const found = world.hypervisors.find(host);
    return found != world.hypervisors.end() && found->second.type == 1;
}

Node hypervisor_node(world::World const& world, HostId const& host, Rect const& rect, std::size_t running)
{
    Node node { .id = hypervisor_id(host), .kind = NodeKind::Hypervisor, .rect = rect };
    auto const known = world.hypervisors.find(host);
    node.title = known == world.hypervisors.end() ? std::string(tr("Hypervisor")) : known->second.name;
    node.subtitle = known == world.hypervisors.end() ? std::string()
        : known->second.type == 1                    ? std::string(tr("type 1, on the bare hardware"))
                                                     : std::string(tr("type 2, on the host's kernel"));
    node.note = running == 0 ? "" : words::counted(running, words::key("guest"), words::key("guests"));
    return node;
}

bool has_own_kernel(world::GuestMachine const& machine)
{
    return machine.kernel || std::any_of(machine.phases.begin(), machine.phases.end(), [](auto const& reached) {
        return reached.phase == "kernel" || reached.phase == "sandbox";
    });
}

Node kernel_node(world::GuestMachine const& machine, Rect const& rect)
{
    Node node { .id = guest_kernel_id(machine.id), .kind = NodeKind::GuestKernel, .rect = rect };
    auto const& kernel = machine.kernel;
    node.title = kernel && kernel->format == "machine code" ? tr("no kernel") : tr("own kernel");
    node.note = kernel ? kernel->kernel.substr(kernel->kernel.rfind('/') + 1) : "";
    node.phase = has_own_kernel(machine) ? Phase::Done : Phase::Expected;
    node.enters_from = guest_id(machine.id);
    return node;
}

Node guest_node(world::GuestMachine const& machine, Rect const& rect)
{
    Node node { .id = guest_id(machine.id), .kind = NodeKind::Guest, .rect = rect };
    node.title = machine.name.empty() ? machine.id.value : machine.name;
    node.state = machine.stopped ? canvas::StateMark::Stopped
        : machine.phases.empty() ? canvas::StateMark::Created
                                 : canvas::StateMark::Running;
    if (machine.stopped)
        node.subtitle = tr("stopped");
    else if (!machine.phases.empty())
        node.subtitle = say(
            "{} after {}", tr(machine.phases.back().phase), human_duration(Duration(machine.phases.back().elapsed)));
    node.note = machine.memory > 0 ? human_size(machine.memory) : "";
    node.enters_from = hypervisor_id(machine.host);
    return node;
}

// What it wrote, as many of the last lines as there is room for.
Node console_node(world::GuestMachine const& machine, Rect const& rect)
{
    constexpr float row = 21;
    Node node { .id = guest_console_id(machine.id), .kind = NodeKind::GuestConsole, .rect = rect };
    std::string::size_type begin = 0;
    while (begin < machine.console.size()) {
        auto const end = std::min(machine.console.find('\n', begin), machine.console.size());
        node.lines.push_back(machine.console.substr(begin, end - begin));
        begin = end + 1;
    }
    auto const kept = static_cast<std::size_t>(std::max(0.0f, (rect.height - tight) / row));
    if (node.lines.size() > kept)
        node.lines.erase(node.lines.begin(), node.lines.end() - static_cast<std::ptrdiff_t>(kept));
    node.rect = rect.bottom_part(static_cast<float>(node.lines.size()) * row + tight);
    node.enters_from = guest_id(machine.id);
    return node;
}

// One row of tall machines, or as many rows as it takes; where even those are not enough, as many places as there are.
std::vector<Rect> guest_places(Rect const& room, std::size_t guests)
{
    auto const fit = [](float length, float least) {
        return std::max<std::size_t>(static_cast<std::size_t>((length + tight) / (least + tight)), 1);
    };
    auto const columns = std::min(guests, fit(room.width, guest_narrowest));
    auto const rows = std::min((guests + columns - 1) / columns, fit(room.height, guest_lowest));
    auto const height = std::min(room.height, guest_tallest * static_cast<float>(rows));
    std::vector<Rect> places;
    for (auto const& row : canvas::rows(room.bottom_part(height), static_cast<int>(rows), tight)) {
        for (auto const& place : canvas::columns(row, static_cast<int>(columns), tight))
            places.push_back(place);
    }
    return places;
}

// Stands for those that have no place of their own.
Node rest_node(HostId const& host, Rect const& rect, std::size_t guests)
{
    Node node { .id = guest_id(GuestMachineId { "more" }), .kind = NodeKind::Guest, .rect = rect };
    node.title = words::say("{} more guests", guests);
    node.enters_from = hypervisor_id(host);
    return node;
}

}

GuestRoom take_guest_room(world::World const& world, HostId const& host, Rect& objects, Rect& kernel)
{
    auto const guests = guests_on(world, host);
    if (guests.empty() && !world.hypervisors.contains(host))
        return {};
    auto const columns = static_cast<float>(std::max<std::size_t>(guests.size(), 1));
    auto const width
        = std::clamp(guest_narrowest * columns + tight * (columns - 1), objects.width * 0.36f, objects.width * 0.5f);
    GuestRoom room { objects.right_part(width), {} };
    objects = objects.without_right(width + normal);
    if (is_type_1(world, host)) {
        room.hypervisor = kernel.right_part(width);
        kernel = kernel.without_right(width + normal);
    } else {
        room.hypervisor = room.guests.bottom_part(hypervisor_slab);
        room.guests = room.guests.without_bottom(hypervisor_slab + tight);
    }
    return room;
}

void place_guests(world::World const& world, HostId const& host, GuestRoom const& room, std::vector<Node>& nodes)
{
    if (room.hypervisor.is_empty())
        return;
    auto guests = guests_on(world, host);
    auto const running = static_cast<std::size_t>(
        std::count_if(guests.begin(), guests.end(), [](auto const* machine) { return !machine->stopped; }));
    nodes.push_back(hypervisor_node(world, host, room.hypervisor, running));
    if (guests.empty())
        return;
    auto const places = guest_places(room.guests, guests.size());
    for (std::size_t i = 0; i < std::min(guests.size(), places.size()); ++i) {
        if (i + 1 == places.size() && guests.size() > places.size()) {
            nodes.push_back(rest_node(host, places[i], guests.size() - i));
            break;
        }
        nodes.push_back(guest_node(*guests[i], places[i]));
        auto const inside = places[i].inset(tight);
        nodes.push_back(kernel_node(*guests[i], inside.bottom_part(guest_kernel)));
        auto console = console_node(*guests[i], inside.without_top(guest_head).without_bottom(guest_kernel + tight));
        if (!console.lines.empty())
            nodes.push_back(std::move(console));
    }
}

}
