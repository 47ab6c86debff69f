#include "visual/view/Completion.h"

#include "sim/core/Programs.h"

#include <algorithm>
#include <array>
#include <span>

namespace drydock::view {

namespace {

using Names = std::vector<std::string>;

constexpr std::array<std::string_view, 53> docker_commands { "attach", "build", "commit", "container", "context", "cp",
    "create", "diff", "events", "exec", "export", "history", "image", "images", "import", "info", "inspect", "kill",
    "load", "login", "logout", "logs", "network", "pause", "port", "ps", "pull", "push", "rename", "restart", "rm",
    "rmi", "run", "save", "search", "start", "stats", "stop", "system", "tag", "top", "unpause", "update", "version",
    "volume", "wait", "builder", "--help", "--version", "-H", "--host", "-c", "--context" };
constexpr std::array<std::string_view, 21> of_containers { "attach", "commit", "cp", "diff", "exec", "export", "kill",
    "logs", "pause", "port", "rename", "restart", "rm", "start", "stats", "stop", "top", "unpause", "update", "wait",
    "inspect" };
constexpr std::array<std::string_view, 9> of_images { "create", "history", "inspect", "push", "rmi", "run", "save",
    "tag", "pull" };

struct Group {
    std::string_view name;
    std::array<std::string_view, 8> verbs;
};
constexpr std::array<Group, 7> groups {
    { { "container", { "ls", "rm", "start", "stop", "inspect", "logs", "prune", "exec" } },
        { "image", { "ls", "rm", "inspect", "history", "prune", "pull", "push", "build" } },
        { "volume", { "ls", "create", "rm", "inspect", "prune" } },
        { "network", { "ls", "create", "rm", "inspect", "connect", "disconnect", "prune" } },
        { "system", { "df", "events", "info", "prune" } },
        { "context", { "ls", "create", "use", "rm", "inspect", "show" } }, { "builder", { "prune" } } }
};

bool has(std::span<std::string_view const> list, std::string_view word)
{
    return std::find(list.begin(), list.end(), word) != list.end();
}

std::vector<std::string_view> words_of(std::string_view line)
{
    std::vector<std::string_view> words;
    while (!line.empty()) {
        auto const begin = line.find_first_not_of(' ');
        if (begin == std::string_view::npos)
            break;
        line.remove_prefix(begin);
        auto const end = std::min(line.find(' '), line.size());
        words.push_back(line.substr(0, end));
        line.remove_prefix(end);
    }
    return words;
}

// What could stand behind `words`, of which the first may be the prompt of a host.
class Candidates {
public:
    Candidates(std::vector<std::string_view> words, world::World const& world)
        : m_words(std::move(words))
        , m_world(world)
        , m_host(world.shown)
    {
        if (!m_words.empty() && m_words.front().ends_with('$')) {
            m_host = HostId { std::string(m_words.front().substr(0, m_words.front().size() - 1)) };
            m_words.erase(m_words.begin());
        }
    }

    Names find()
    {
        if (m_words.empty())
            return programs();
        if (m_words[0] == "drydock")
            return of_drydock();
        if (m_words[0] != "docker")
            return {};
        if (m_words.size() == 1)
            return { docker_commands.begin(), docker_commands.end() };
        for (auto const& group : groups) {
            if (m_words[1] == group.name)
                return m_words.size() == 2 ? verbs(group) : objects(m_words[1]);
        }
        return arguments(m_words[1]);
    }

private:
    Names programs() const
    {
        Names names { programs_of_a_machine.begin(), programs_of_a_machine.end() };
        if (m_world.machines.size() > 1) {
            for (auto const& machine : m_world.machines)
                names.push_back(machine.value + "$");
        }
        return names;
    }
    static Names verbs(Group const& group)
    {
        Names names;
        for (auto const verb : group.verbs) {
            if (!verb.empty())
                names.emplace_back(verb);
        }
        return names;
    }
    Names objects(std::string_view group) const
    {
        if (group == "container")
            return containers();
        if (group == "image")
            return images();
        Names names;
        auto const& host = world::host_of(m_world, m_host);
        if (group == "volume") {
            for (auto const& [name, volume] : host.volumes)
                names.push_back(name);
        } else if (group == "network") {
            for (auto const& [id, network] : host.networks)
                names.push_back(network.name);
        }
        return names;
    }
    Names arguments(std::string_view command) const
    {
        Names names;
        if (has(of_containers, command))
            names = containers();
        if (has(of_images, command)) {
            auto more = images();
            names.insert(names.end(), more.begin(), more.end());
        }
        return names;
    }
    Names containers() const
    {
        Names names;
        for (auto const& [id, container] : m_world.containers) {
            if (container.host == m_host && container.state != world::ContainerState::Removed)
                names.push_back(container.name);
        }
        return names;
    }
    Names images() const
    {
        Names names;
        for (auto const& [digest, image] : world::host_of(m_world, m_host).images)
            names.insert(names.end(), image.tags.begin(), image.tags.end());
        return names;
    }
    Names of_drydock() const
    {
        if (m_words.size() == 1)
            return { "break", "mend", "vm" };
        return m_words[1] == "vm" ? of_guests() : faults();
    }
    Names of_guests() const
    {
        if (m_words.size() == 2)
            return { "hypervisor", "ls", "start", "stop" };
        if (m_words[2] == "hypervisor")
            return m_words.size() == 3 ? Names { "start", "stop" } : Names { "--type" };
        if (m_words[2] == "start")
            return { "--memory", "--microvm" };
        Names names;
        for (auto const& [id, guest] : m_world.guest_machines) {
            if (m_words[2] == "stop" && !guest.stopped)
                names.push_back(guest.name);
        }
        return names;
    }
    Names faults() const
    {
        if (m_words.size() == 2)
            return { "registry", "link", "blob", "disk", "daemon", "rights" };
        Names names;
        if (m_words[2] != "registry" && m_words[2] != "blob") {
            for (auto const& machine : m_world.machines)
                names.push_back(machine.value);
        }
        if (m_words[2] == "registry" || m_words[2] == "link") {
            for (auto const& [id, actor] : m_world.actors) {
                if (actor.role == trace::ActorRole::Registry)
                    names.push_back(id.value.substr(id.value.find(':') + 1));
            }
        }
        return m_words[2] == "blob" ? images() : names;
    }

    std::vector<std::string_view> m_words;
    world::World const& m_world;
    HostId m_host;
};

}

Completion complete(std::string_view line, world::World const& world)
{
    auto words = words_of(line);
    std::string_view begun;
    if (!words.empty() && !line.ends_with(' ')) {
        begun = words.back();
        words.pop_back();
    }
    Completion result { .line = std::string(line), .candidates = Candidates(std::move(words), world).find() };
    auto& candidates = result.candidates;
    std::erase_if(candidates, [&](std::string const& name) { return !name.starts_with(begun); });
    std::sort(candidates.begin(), candidates.end());
    candidates.erase(std::unique(candidates.begin(), candidates.end()), candidates.end());
    if (candidates.empty())
        return result;
    // What all of them begin with; sorted, the first and the last differ soonest.
    auto const& first = candidates.front();
    auto const& last = candidates.back();
    auto const common = static_cast<std::size_t>(
        std::mismatch(first.begin(), first.begin() + static_cast<std::ptrdiff_t>(std::min(first.size(), last.size())),
            last.begin())
            .first
        - first.begin());
    result.line += first.substr(begun.size(), common - begun.size());
    if (candidates.size() == 1)
        result.line += ' ';
    return result;
}

}
