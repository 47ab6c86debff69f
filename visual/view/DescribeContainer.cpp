// A container, and what hangs below it: processes, namespaces, what else the kernel gave it, its read-write layer.

#include "sim/words/Language.h"
#include "sim/words/Words.h"
#include "visual/stage/Names.h"
#include "visual/view/Capabilities.h"
#include "visual/view/DescribeParts.h"
#include "visual/view/Isolation.h"
#include "visual/view/Shell.h"

#include <fmt/format.h>

#include <algorithm>

namespace drydock::view {

using words::say;
using words::tr;

std::string_view state_word(world::ContainerState state)
{
    switch (state) {
    case world::ContainerState::Created: return tr("created");
    case world::ContainerState::Running: return tr("running");
    case world::ContainerState::Paused: return tr("paused");
    case world::ContainerState::Exited: return tr("exited");
    case world::ContainerState::Removed: return tr("removed");
    }
    return "";
}

std::string_view mark_word(world::SheetMark mark)
{
    switch (mark) {
    case world::SheetMark::Created: return tr("new");
    case world::SheetMark::CopiedUp: return tr("copied up");
    case world::SheetMark::Whiteout: return tr("whiteout");
    case world::SheetMark::Opaque: return tr("opaque");
    }
    return "";
}

namespace {

std::string count_of_changes(std::size_t count)
{
    return count == 1 ? std::string(tr("1 change")) : say("{} changes", count);
}

class ContainerDescriber {
public:
    ContainerDescriber(world::Container const& container, Moment const& moment)
        : m_container(container)
        , m_moment(moment)
    {
    }

    // `below`: what follows the container's own id.
    Description describe(std::string_view below) const
    {
        if (below.empty())
            return container();
        if (below == "/sheet" || below == "/sheet/…")
            return sheet();
        if (below.starts_with("/sheet/"))
            return entry(below.substr(6));
        if (below.starts_with("/ns/"))
            return name_space(std::string(below.substr(4)));
        if (below.starts_with("/process/"))
            return process(below.substr(9));
        if (below.starts_with("/fact/"))
            return fact(below.substr(6));
        if (below == "/column")
            return column();
        if (below == "/ray")
            return ray();
        return container();
    }

private:
    std::string name() const { return shell_quoted(m_container.name); }

    // A process of it that runs, as the host counts; 0 where none does.
    std::int64_t host_pid() const
    {
        for (auto const& [pid, process] : m_container.processes) {
            if (!process.exit_code && process.host_pid != 0)
                return process.host_pid;
        }
        return 0;
    }

    // A proof by /proc/PID, where there is such a process.
    void prove_by_pid(Description& d, std::string_view claim, std::string_view command) const
    {
        if (auto const pid = host_pid(); pid != 0)
            add_proof(d, claim, fmt::vformat(command, fmt::make_format_args(pid)));
    }

    Description container() const
    {
        auto const& c = m_container;
        Description d { .kind = std::string(tr("Container")), .name = c.name };
        d.words = { std::string(tr("A container is a group of processes with a view of their own: own namespaces, own "
                                   "root.")),
            say("This one is {}. It was made from {}.", state_word(c.state), c.reference),
            c.has_sheet ? say(
                "Its read-write layer holds {}; the image below stays as it is.", count_of_changes(c.sheet.size()))
                        : std::string(tr("It has no read-write layer.")) };
        if (c.remade)
            d.words.emplace_back(tr("Its processes were started anew when the engine was taken back."));
        add_field(d, "id", c.id.value);
        add_field(d, "state", std::string(state_word(c.state)));
        add_field(d, "image", c.reference);
        add_field(d, "command", words::command_text(c.command));
        add_field(d, "host name", c.hostname);
        add_field(d, "driver", c.driver);
        if (c.exit_code)
            add_field(d, "exit code", std::to_string(*c.exit_code));
        if (!c.health.empty())
            add_field(d, "health", c.health);
        for (auto const& [kind, inode] : c.namespaces)
            add_field(d, kind + " namespace", std::to_string(inode));
        for (auto const& port : c.ports)
            add_field(d, "port", fmt::format("{} → {}/{}", port.host_port, port.container_port, port.protocol));
        if (c.cgroup)
            add_field(d, "control group", c.cgroup->path);
        add_proof(d, tr("The daemon tells the same"), "docker inspect " + name());
        prove_by_pid(d, tr("It is a process of this kernel"), "ps -o pid,ppid,user,args -p {}");
        return d;
    }

    Description sheet() const
    {
        auto const& c = m_container;
        Description d { .kind = std::string(tr("Read-write layer")), .name = c.name };
        d.words = { std::string(tr("Every container writes into a thin layer of its own, on top of the image's "
                                   "layers.")),
            std::string(tr("Stopping keeps it; removing the container deletes it.")) };
        for (auto const& [path, sheet_entry] : c.sheet)
            add_field(d, path, fmt::format("{}, {}", mark_word(sheet_entry.mark), human_size(sheet_entry.size)));
        if (d.fields.empty())
            add_field(d, "changes", std::string(tr("none: nothing was copied at the start")));
        add_proof(d, tr("The daemon lists the same changes"), "docker diff " + name());
        if (!c.sheet_location.empty())
            add_proof(d, tr("It lies on the host"), "ls -laR " + shell_quoted(c.sheet_location));
        return d;
    }

    Description entry(std::string_view path_and_place) const
    {
        auto const at = path_and_place.find('@');
        std::string const path(path_and_place.substr(0, at));
        bool const original = at != std::string_view::npos;
        auto const found = m_container.sheet.find(path);
        if (found == m_container.sheet.end())
            return {};
        auto const& sheet_entry = found->second;
        Description d { .kind = std::string(original ? tr("File of a layer") : tr("Entry of the read-write layer")),
            .name = path };
        if (original)
            d.words.emplace_back(tr("The original: it stays in its layer, hidden below the copy."));
        switch (sheet_entry.mark) {
        case world::SheetMark::Created:
            d.words.emplace_back(tr("It was made in the container; no layer below has it."));
            break;
        case world::SheetMark::CopiedUp:
            d.words.emplace_back(tr("Before the first write it was copied up from a layer below."));
            break;
        case world::SheetMark::Whiteout:
            d.words.emplace_back(tr("A whiteout: the file below is still there, and hidden."));
            break;
        case world::SheetMark::Opaque:
            d.words.emplace_back(tr("An opaque directory: nothing of the layers below shows through it."));
            break;
        }
        add_field(d, "path", path);
        add_field(d, "mark", std::string(mark_word(sheet_entry.mark)));
        add_field(d, "size", human_size(sheet_entry.size));
        if (sheet_entry.from_layer)
            add_field(d, "from layer", sheet_entry.from_layer->to_string());
        if (!sheet_entry.note.empty())
            add_field(d, "last change", sheet_entry.note);
        add_proof(
            d, tr("As the container sees it"), fmt::format("docker exec {} ls -ld {}", name(), shell_quoted(path)));
        if (!m_container.sheet_location.empty())
            add_proof(d, tr("As the host sees it"), "ls -laR " + shell_quoted(m_container.sheet_location));
        return d;
    }

    Description process(std::string_view pid_text) const
    {
        for (auto const& [pid, running] : m_container.processes) {
            if (std::to_string(pid) != pid_text)
                continue;
            Description d { .kind = std::string(tr("Process")), .name = words::command_text(running.command) };
            d.words = { say("Inside it is process {}, on the host process {}: one process, counted twice.", pid,
                            running.host_pid),
                std::string(pid == 1 ? tr("As PID 1 it is the container's init. When it ends, the container has ended.")
                                     : tr("It came in later, by docker exec or as a child.")) };
            add_field(d, "pid inside", std::to_string(pid));
            add_field(d, "pid on the host", std::to_string(running.host_pid));
            add_field(d, "command", d.name);
            if (running.exit_code)
                add_field(d, "exit code", std::to_string(*running.exit_code));
            if (!running.exit_code && running.host_pid != 0) {
                add_proof(d, tr("The kernel knows both numbers"),
                    fmt::format("grep -E 'Name|NSpid|PPid' /proc/{}/status", running.host_pid));
                add_proof(d, tr("It stands in the host's list"),
                    fmt::format("ps -o pid,ppid,user,args -p {}", running.host_pid));
            }
            add_proof(d, tr("Inside, the list is short"), fmt::format("docker top {}", name()));
            return d;
        }
        return {};
    }

    Description name_space(std::string const& kind) const
    {
        Description d { .kind = std::string(tr("Namespace")), .name = kind };
        if (kind == "all") {
            d.name = m_container.name;
            d.words.emplace_back(tr("What the kernel keeps apart for this container, each by a number of its own."));
            for (auto const& [each, inode] : m_container.namespaces)
                add_field(d, each, std::to_string(inode));
            prove_by_pid(d, tr("The kernel gives the same numbers"), "ls -l /proc/{}/ns");
            return d;
        }
        for (auto const& topic : isolation_of(m_container, m_moment.world, m_moment.index, {})) {
            if (topic.kind != kind)
                continue;
            d.words = { topic.owner.empty() ? say("{}: what is seen in it is its own.", topic.title)
                                            : say("{}: shared with {}.", topic.title, topic.owner) };
            if (!topic.inside.note.empty())
                d.words.push_back(topic.inside.note);
            if (!topic.outside.note.empty())
                d.words.push_back(topic.outside.note);
            add_field(d, topic.owner.empty() ? "number of its own" : "number",
                topic.inode ? std::to_string(*topic.inode) : std::string());
            add_field(d, "number of the host's", topic.host_inode ? std::to_string(*topic.host_inode) : std::string());
            for (auto const& line : topic.inside.lines)
                add_field(d, "inside " + line.key, line.value);
            for (auto const& line : topic.outside.lines)
                add_field(d, "outside " + line.key, line.value);
        }
        if (auto const pid = host_pid(); pid != 0)
            add_proof(d, tr("Two numbers that differ are two namespaces: its, then your shell's"),
                fmt::format("readlink /proc/{}/ns/{} /proc/self/ns/{}", pid, kind, kind));
        prove_kind(d, kind);
        return d;
    }

    void prove_kind(Description& d, std::string const& kind) const
    {
        if (kind == "pid")
            add_proof(d, tr("What it sees of processes"), "docker top " + name());
        if (kind == "mnt")
            prove_by_pid(d, tr("What it has mounted"), "cat /proc/{}/mountinfo");
        if (kind == "net")
            prove_by_pid(d, tr("Its interfaces"), "cat /proc/{}/net/dev");
        if (kind == "uts")
            add_proof(d, tr("Its host name, then yours"), fmt::format("docker exec {} hostname; hostname", name()));
        if (kind == "user")
            prove_by_pid(d, tr("How its ids are mapped"), "cat /proc/{}/uid_map");
        if (kind == "cgroup")
            prove_by_pid(d, tr("Its control group, as the host names it"), "cat /proc/{}/cgroup");
    }

    Description fact(std::string_view which) const
    {
        if (which == "mounts")
            return mounts();
        if (which == "ids")
            return ids();
        if (which == "cgroup")
            return control_group();
        return privileges();
    }

    Description mounts() const
    {
        Description d { .kind = std::string(tr("Mounts")), .name = m_container.name };
        d.words = { std::string(tr("The tree that its processes see: layers as one, and a few mounts upon it.")) };
        for (auto const& mount : m_container.mounts)
            add_field(d, mount.target, mount.type + " " + mount.flags);
        for (auto const& mount : m_container.volumes)
            add_field(d, mount.target, fmt::format("{} {}{}", mount.kind, mount.source, mount.read_only ? ", ro" : ""));
        prove_by_pid(d, tr("The kernel's own list"), "cat /proc/{}/mountinfo");
        add_proof(d, tr("As it sees them"), fmt::format("docker exec {} mount", name()));
        return d;
    }

    Description ids() const
    {
        Description d { .kind = std::string(tr("Users")), .name = m_container.name };
        d.words = { std::string(tr("Ids inside are other ids outside: the first, the one it stands for, how many.")) };
        for (auto const& map : m_container.id_maps)
            add_field(d, map.file, map.text);
        prove_by_pid(d, tr("The kernel's own map"), "cat /proc/{0}/uid_map /proc/{0}/gid_map");
        return d;
    }

    Description control_group() const
    {
        Description d { .kind = std::string(tr("Control group")), .name = m_container.name };
        d.words = { std::string(tr("The kernel counts what its processes use, and holds them to limits.")) };
        if (!m_container.cgroup)
            return d;
        auto const& path = m_container.cgroup->path;
        add_field(d, "path", path);
        add_field(d, "limits", m_container.limits.empty() ? m_container.cgroup->limits : m_container.limits);
        if (auto const& used = m_container.used) {
            add_field(d, "memory", human_size(used->memory));
            add_field(d, "processes", std::to_string(used->processes));
            add_field(d, "processor time", human_duration(Duration(used->processor_time)));
            add_field(d, "read", human_size(used->bytes_read));
            add_field(d, "written", human_size(used->bytes_written));
        }
        prove_by_pid(d, tr("Which group it is in"), "cat /proc/{}/cgroup");
        add_proof(d, tr("What the group has counted"),
            fmt::format("head -n 3 {0}/memory.current {0}/memory.max {0}/pids.current", shell_quoted(path)));
        add_proof(d, tr("The same by the client"), "docker stats --no-stream " + name());
        return d;
    }

    Description privileges() const
    {
        Description d { .kind = std::string(tr("Privileges")), .name = m_container.name };
        if (!m_container.privileges)
            return d;
        auto const& given = *m_container.privileges;
        d.words = { say("Of {} capabilities it keeps {}. Root without the others is not root of the machine.",
                        capabilities.size(), given.kept.size()),
            given.filtered_syscalls > 0
                ? say("A filter of {} rules stands before the kernel's system calls.", given.filtered_syscalls)
                : std::string(tr("No system call filter is installed.")) };
        add_field(d, "kept", fmt::format("{}", fmt::join(given.kept, " ")));
        add_field(d, "no_new_privs", given.no_new_privileges ? "1" : "0");
        add_field(d, "refused", fmt::format("{}", fmt::join(given.refused, " ")));
        prove_by_pid(d, tr("The kernel's own record"), "grep -E 'Cap|NoNewPrivs|Seccomp' /proc/{}/status");
        return d;
    }

    Description column() const
    {
        Description d { .kind = std::string(tr("Union mount")), .name = m_container.name };
        d.words = { say("The read-write layer and {} layers below it, seen as one tree.", m_container.lower.size()) };
        add_field(d, "driver", m_container.driver);
        for (auto layer = m_container.lower.rbegin(); layer != m_container.lower.rend(); ++layer)
            add_field(d, "layer", layer->to_string());
        prove_by_pid(d, tr("Its root is a mount of its own"), "head -n 1 /proc/{}/mountinfo");
        return d;
    }

    Description ray() const
    {
        auto const& lookup = m_container.last_lookup;
        if (!lookup)
            return {};
        Description d { .kind = std::string(tr("Lookup")), .name = lookup->path };
        d.words = { std::string(tr("From the top down, the first branch that has the path answers.")) };
        add_field(d, "visited", fmt::format("{}", fmt::join(lookup->visited, ", ")));
        add_field(d, "answered", lookup->answered < 0 ? std::string(tr("nobody")) : std::to_string(lookup->answered));
        add_proof(d, tr("As it sees it"), fmt::format("docker exec {} ls -ld {}", name(), shell_quoted(lookup->path)));
        return d;
    }

    world::Container const& m_container;
    Moment const& m_moment;
};

}

Description describe_in_container(std::string_view id, Moment const& moment)
{
    for (auto const& [container_id, container] : moment.world.containers) {
        auto const own = stage::id_of(container_id);
        if (id.starts_with(own))
            return ContainerDescriber(container, moment).describe(id.substr(own.size()));
    }
    return {};
}

}
