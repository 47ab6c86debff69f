#include "visual/view/Isolation.h"

#include "sim/words/Language.h"
#include "sim/words/Words.h"
#include "visual/stage/Names.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <map>

namespace drydock::view {

namespace {

using words::say;
using words::tr;

bool runs(world::Container const& c)
{
    return c.state == world::ContainerState::Running || c.state == world::ContainerState::Paused;
}

std::string_view title_of(std::string_view kind)
{
    if (kind == "pid")
        return tr("Processes");
    if (kind == "mnt")
        return tr("Files and mounts");
    if (kind == "net")
        return tr("Network");
    if (kind == "uts")
        return tr("Host name");
    if (kind == "ipc")
        return tr("Shared memory");
    if (kind == "user")
        return tr("Users");
    return tr("Control group");
}

// One line of /proc/PID/uid_map: ids from `inside` on are those from `outside` on.
struct IdRange {
    std::uint64_t inside { 0 }, outside { 0 }, count { 0 };
};

std::vector<IdRange> ranges_of(std::string_view text)
{
    std::vector<IdRange> ranges;
    std::vector<std::uint64_t> numbers;
    for (auto const* at = text.data(); at < text.data() + text.size();) {
        std::uint64_t number = 0;
        auto const [end, error] = std::from_chars(at, text.data() + text.size(), number);
        if (error == std::errc {})
            numbers.push_back(number);
        at = error == std::errc {} ? end : at + 1;
    }
    for (std::size_t i = 0; i + 2 < numbers.size(); i += 3)
        ranges.push_back({ numbers[i], numbers[i + 1], numbers[i + 2] });
    return ranges;
}

std::string id_text(std::uint64_t id)
{
    return id == 0 ? "0 root" : std::to_string(id);
}

std::string range_text(std::uint64_t first, std::uint64_t count)
{
    return count == 1 ? id_text(first) : fmt::format("{} – {}", id_text(first), first + count - 1);
}

struct TreePlace {
    world::Process const* process;
    int depth { 0 };
};

// Those that run, each below its parent, siblings by pid. Who has no parent in here stands at the left edge.
std::vector<TreePlace> process_tree(world::Container const& container)
{
    std::map<std::int64_t, std::vector<world::Process const*>> children; // by the parent's pid
    auto const running = [&](std::int64_t pid) {
        auto const found = container.processes.find(pid);
        return found != container.processes.end() && !found->second.exit_code;
    };
    for (auto const& [pid, process] : container.processes) {
        if (!process.exit_code)
            children[process.parent != pid && running(process.parent) ? process.parent : 0].push_back(&process);
    }
    std::vector<TreePlace> tree;
    std::vector<TreePlace> to_visit;
    auto const push_children = [&](std::int64_t pid, int depth) {
        auto const found = children.find(pid);
        if (found == children.end())
            return;
        for (auto child = found->second.rbegin(); child != found->second.rend(); ++child)
            to_visit.push_back({ *child, depth });
        children.erase(found); // a trace that makes two processes each other's parents ends here
    };
    push_children(0, 0);
    while (!to_visit.empty()) {
        auto const place = to_visit.back();
        to_visit.pop_back();
        tree.push_back(place);
        push_children(place.process->pid, place.depth + 1);
    }
    return tree;
}

class Topics {
public:
    Topics(world::Container const& container, world::World const& world, LogIndex const& index)
        : m_container(container)
        , m_world(world)
        , m_index(index)
        , m_host(world::host_of(world, container.host))
    {
    }

    IsolationTopic topic(std::string_view kind, bool peeled) const
    {
        IsolationTopic t { .kind = std::string(kind),
            .title = std::string(title_of(kind)),
            .inode = {},
            .host_inode = m_index.host_namespace(m_container.id, std::string(kind)),
            .owner = m_container.joined.contains(std::string(kind)) ? owner_of(kind).name : std::string(),
            .inside = {},
            .outside = {} };
        auto const own = m_container.namespaces.find(t.kind);
        if (own != m_container.namespaces.end())
            t.inode = own->second;
        t.wall = !t.inode ? Wall::Shared : peeled ? Wall::Peeled : Wall::Own;
        fill(t);
        if (!t.owner.empty() && t.wall == Wall::Own)
            t.inside.note = say("It is the namespace of {}: what that one has in it is seen in here as well.", t.owner);
        return t;
    }

private:
    // Whose namespace it is: the container's own, or that of the one which it has joined.
    world::Container const& owner_of(std::string_view kind) const
    {
        auto const joined = m_container.joined.find(std::string(kind));
        auto const owner
            = joined == m_container.joined.end() ? m_world.containers.end() : m_world.containers.find(joined->second);
        return owner == m_world.containers.end() ? m_container : owner->second;
    }

    bool shares(world::Container const& other, std::string const& kind) const
    {
        auto const ours = m_container.namespaces.find(kind);
        auto const theirs = other.namespaces.find(kind);
        return other.host == m_container.host && ours != m_container.namespaces.end()
            && theirs != other.namespaces.end() && theirs->second == ours->second;
    }

    void fill(IsolationTopic& t) const
    {
        if (t.kind == "pid")
            processes(t);
        else if (t.kind == "mnt")
            mounts(t);
        else if (t.kind == "net")
            interfaces(t);
        else if (t.kind == "uts")
            host_name(t);
        else if (t.kind == "ipc")
            memory(t);
        else if (t.kind == "user")
            users(t);
        else
            control_group(t);
    }

    // The container's own first, then those that share its numbers, and in the same order on either side, so that both
    // pids of a process stand in one row.
    void processes(IsolationTopic& t) const
    {
        std::vector<world::Container const*> here { &m_container };
        for (auto const& [id, container] : m_world.containers) {
            if (container.host == m_container.host && id != m_container.id)
                here.push_back(&container);
        }
        auto const others = std::stable_partition(
            here.begin(), here.end(), [&](auto const* container) { return shares(*container, t.kind); });
        for (auto const* container : here)
            add_host_tree(t.outside, *container);
        t.outside.note = say("And every other process of the host, which no event tells of.");
        if (t.wall != Wall::Own) {
            t.inside = t.outside;
            return;
        }
        std::for_each(here.begin(), others, [&](auto const* container) { add_inner_tree(t.inside, *container); });
        t.inside.note = t.inside.lines.empty()
            ? say("No process runs in it.")
            : say("PID 1 is its init: when it ends, the kernel ends the others. A parent 0 is outside, out of "
                  "sight.");
    }

    // The kernel's word for the number, so it is no language's.
    static std::string parent_text(std::int64_t pid) { return fmt::format("ppid {}", pid); }

    static void add_inner_tree(IsolationSide& side, world::Container const& container)
    {
        for (auto const& [process, depth] : process_tree(container)) {
            side.lines.push_back({ .key = std::to_string(process->pid),
                .value = words::command_text(process->command),
                .object = stage::process_id(container.id, process->pid),
                .depth = depth,
                .tail = parent_text(process->parent) });
        }
    }

    void add_host_tree(IsolationSide& side, world::Container const& container) const
    {
        for (auto const& [process, depth] : process_tree(container)) {
            if (process->host_pid == 0)
                continue;
            auto const command = words::command_text(process->command);
            side.lines.push_back({ .key = std::to_string(process->host_pid),
                .value = &container == &m_container ? command : fmt::format("{}  ({})", command, container.name),
                .object = stage::process_id(container.id, process->pid),
                .depth = depth,
                .tail = process->host_parent == 0 ? "" : parent_text(process->host_parent) });
        }
    }

    void mounts(IsolationTopic& t) const
    {
        if (!m_container.sheet_location.empty())
            t.outside.lines.push_back(
                { std::string(tr("read-write layer")), m_container.sheet_location, stage::sheet_id(m_container.id) });
        if (!m_container.lower.empty())
            t.outside.lines.push_back(
                { std::string(tr("layers below")), say("{} in the store, read-only", m_container.lower.size()),
                    stage::layer_id(m_container.lower.back(), m_world) });
        for (auto const& mount : m_container.volumes) {
            auto const volume = m_host.volumes.find(mount.source);
            t.outside.lines.push_back(
                { mount.kind, volume == m_host.volumes.end() ? mount.source : volume->second.location, {} });
        }
        if (t.wall != Wall::Own) {
            t.inside.note = say("It would see every mount of the host. Which those are, no event tells.");
            return;
        }
        auto const fact = stage::fact_id(m_container.id, "mounts");
        if (m_container.mounted)
            t.inside.lines.push_back(
                { "/", say("{} layers and a read-write one ({})", m_container.lower.size(), m_container.driver),
                    stage::sheet_id(m_container.id) });
        for (auto const& mount : m_container.mounts)
            t.inside.lines.push_back(
                { mount.target, mount.flags.empty() ? mount.type : mount.type + "  " + mount.flags, fact });
        for (auto const& mount : m_container.volumes)
            t.inside.lines.push_back({ mount.target, mount.kind + (mount.read_only ? "  ro" : ""), fact });
    }

    void interfaces(IsolationTopic& t) const
    {
        for (auto const& [id, network] : m_host.networks) {
            if (!network.gateway.empty())
                t.outside.lines.push_back(
                    { network.name, fmt::format("{}  {}", network.gateway, network.subnet), "network:" + id });
        }
        for (auto const& port : m_container.ports)
            t.outside.lines.push_back({ say("port {}", port.host_port),
                say("leads to port {} inside ({})", port.container_port, port.protocol), {} });
        if (t.wall != Wall::Own) {
            t.inside = t.outside;
            t.inside.note = say("The host's interfaces and ports: 127.0.0.1 would be the host.");
            return;
        }
        for (auto const& [id, place] : owner_of(t.kind).networks)
            t.inside.lines.push_back({ place.interface, place.address, "network:" + id });
        t.inside.note = t.inside.lines.empty() ? say("No network is connected. 127.0.0.1 is the container itself.")
                                               : say("127.0.0.1 is the container itself in here, not the host.");
    }

    void host_name(IsolationTopic& t) const
    {
        t.outside.lines.push_back({ m_host.id.value, {}, stage::kernel_id(m_host.id) });
        if (t.wall == Wall::Own)
            t.inside.lines.push_back({ m_container.hostname, {}, stage::namespace_id(m_container.id, "uts") });
        else
            t.inside = t.outside;
    }

    void memory(IsolationTopic& t) const
    {
        t.outside.note = say("The host's own queues and segments. Which those are, no event tells.");
        t.inside.note = t.wall == Wall::Own ? say("System V and POSIX queues made in here are found by nobody outside.")
                                            : say("It would find the host's queues and segments.");
    }

    void users(IsolationTopic& t) const
    {
        auto const fact = stage::fact_id(m_container.id, "ids");
        if (t.wall != Wall::Own) {
            t.inside.lines.push_back({ "0 root", {}, fact });
            t.outside.lines.push_back({ "0 root", {}, fact });
            t.inside.note = say("Root in here is root of the host: only capabilities and filters hold it.");
            return;
        }
        for (auto const& map : m_container.id_maps) {
            auto const what = map.file == "gid_map" ? tr("group") : tr("user");
            for (auto const& range : ranges_of(map.text)) {
                t.inside.lines.push_back({ range_text(range.inside, range.count), std::string(what), fact });
                t.outside.lines.push_back({ range_text(range.outside, range.count), std::string(what), fact });
            }
        }
        bool const root_is_root
            = std::any_of(m_container.id_maps.begin(), m_container.id_maps.end(), [](auto const& map) {
                  auto const ranges = ranges_of(map.text);
                  return std::any_of(ranges.begin(), ranges.end(),
                      [](auto const& range) { return range.inside == 0 && range.outside == 0; });
              });
        if (!t.inside.lines.empty())
            t.outside.note = root_is_root ? say("Root in here is root of the host.")
                                          : say("Root in here is an ordinary user outside.");
    }

    void control_group(IsolationTopic& t) const
    {
        auto const fact = stage::fact_id(m_container.id, "cgroup");
        auto const& group = m_container.cgroup;
        if (!group) {
            t.outside.note = say("No control group was made for it.");
            return;
        }
        t.outside.lines.push_back({ std::string(tr("path")), group->path, fact });
        auto const& limits = m_container.limits.empty() ? group->limits : m_container.limits;
        t.outside.lines.push_back(
            { std::string(tr("limits")), limits.empty() ? std::string(tr("none")) : limits, fact });
        t.inside.lines.push_back({ std::string(tr("path")), t.wall == Wall::Own ? "/" : group->path, fact });
        if (auto const& used = m_container.used) {
            t.outside.lines.push_back({ std::string(tr("memory")), human_size(used->memory), fact });
            t.outside.lines.push_back({ std::string(tr("processes")), std::to_string(used->processes), fact });
            t.outside.lines.push_back(
                { std::string(tr("processor")), human_duration(Duration(used->processor_time)), fact });
        }
        t.inside.note = say("The limits hold whether it sees them or not.");
    }

    world::Container const& m_container;
    world::World const& m_world;
    LogIndex const& m_index;
    world::Host const& m_host;
};

}

world::Container const* isolated_container(std::string_view selected, world::World const& world, LogIndex const& index)
{
    world::Container const* newest = nullptr;
    for (auto const& [id, container] : world.containers) {
        if (selected.starts_with(stage::id_of(id)))
            return &container;
        if (container.state != world::ContainerState::Removed)
            newest = &container;
    }
    for (auto start = index.starts().rbegin(); start != index.starts().rend(); ++start) {
        auto const found = world.containers.find(start->second);
        if (start->first < world.applied && found != world.containers.end() && runs(found->second))
            return &found->second;
    }
    return newest;
}

std::vector<IsolationTopic> isolation_of(world::Container const& container, world::World const& world,
    LogIndex const& index, std::set<std::string> const& peeled)
{
    Topics const topics(container, world, index);
    std::vector<IsolationTopic> list;
    for (auto const kind : namespace_kinds)
        list.push_back(topics.topic(kind, peeled.contains(std::string(kind))));
    return list;
}

}
