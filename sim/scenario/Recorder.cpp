#include "sim/scenario/Recorder.h"

#include "sim/scenario/Vocabulary.h"

#include <fmt/format.h>

#include <algorithm>

namespace drydock::scenario {

namespace {

constexpr std::size_t most_goals = 12, most_paths = 4; // of one container

// A basic string of TOML (toml.io, "String").
std::string toml_text(std::string_view text)
{
    std::string out = "\"";
    for (char const c : text) {
        if (c == '"' || c == '\\')
            out += std::string { '\\', c };
        else if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f)
            out += fmt::format("\\u{:04x}", static_cast<unsigned>(c));
        else
            out += c;
    }
    return out + '"';
}

// Goals from the difference of two states.
class Proposals {
public:
    Proposals(world::World const& before, world::World const& after, Cast const& cast)
        : m_before(before)
        , m_after(after)
        , m_first(cast.hosts.empty() ? std::string() : cast.hosts.front().name)
    {
    }

    std::vector<std::string> propose()
    {
        containers();
        images();
        pushes();
        if (m_goals.size() > most_goals)
            m_goals.resize(most_goals);
        if (m_goals.empty())
            goal("You have given a command", R"(event = "CommandEntered")");
        return std::move(m_goals);
    }

private:
    static bool is_there(world::Container const& container)
    {
        return container.state != world::ContainerState::Removed && !container.name.empty();
    }
    world::Container const* earlier(ContainerId const& id) const
    {
        auto const found = m_before.containers.find(id);
        return found == m_before.containers.end() || !is_there(found->second) ? nullptr : &found->second;
    }
    std::string on(HostId const& host) const
    {
        return host.value.empty() || host.value == m_first ? "" : ", on = " + toml_text(host.value);
    }
    static std::string where(HostId const& host, std::string const& first)
    {
        return host.value.empty() || host.value == first ? "" : " on " + host.value;
    }

    void containers()
    {
        for (auto const& [id, container] : m_after.containers) {
            if (!is_there(container))
                continue;
            auto const* was = earlier(id);
            if (was == nullptr || was->state != container.state)
                goal(
                    fmt::format("{} is {}{}", container.name, name_of(container.state), where(container.host, m_first)),
                    fmt::format("container = {}, state = \"{}\"{}", toml_text(container.name), name_of(container.state),
                        on(container.host)));
            sheet(container, was);
        }
        for (auto const& [id, container] : m_before.containers) {
            auto const now = m_after.containers.find(id);
            if (is_there(container) && (now == m_after.containers.end() || !is_there(now->second)))
                goal(fmt::format("{} is gone{}", container.name, where(container.host, m_first)),
                    fmt::format("container = {}, exists = false{}", toml_text(container.name), on(container.host)));
        }
    }

    void sheet(world::Container const& container, world::Container const* was)
    {
        std::size_t told = 0;
        for (auto const& [path, entry] : container.sheet) {
            bool const is_new = was == nullptr || !was->sheet.contains(path) || was->sheet.at(path).mark != entry.mark;
            // A directory that was copied up on the way to a file says nothing of its own.
            bool const leads_on
                = std::any_of(container.sheet.begin(), container.sheet.end(), [&, &at = path](auto const& other) {
                      return other.first.size() > at.size() && other.first.starts_with(at + "/");
                  });
            if (!is_new || leads_on || ++told > most_paths)
                continue;
            goal(fmt::format("{} has {} of its own", container.name, path),
                fmt::format("sheet = {}, path = {}, mark = \"{}\"{}", toml_text(container.name), toml_text(path),
                    name_of(entry.mark), on(container.host)));
        }
    }

    void images()
    {
        for (auto const& [id, host] : m_after.hosts) {
            for (auto const& [digest, image] : host.images) {
                for (auto const& tag : image.tags) {
                    if (world::find_image(world::host_of(m_before, id), tag) == nullptr)
                        goal(fmt::format("There is an image {}{}", tag, where(id, m_first)),
                            fmt::format("image = {}, exists = true{}", toml_text(tag), on(id)));
                }
            }
        }
    }

    void pushes()
    {
        for (auto const& [id, registry] : m_after.registries) {
            auto const was = m_before.registries.find(id);
            for (auto const& [reference, manifest] : registry.pushed) {
                if (was == m_before.registries.end() || !was->second.pushed.contains(reference))
                    goal(reference + " has been pushed", "pushed = " + toml_text(reference));
            }
        }
    }

    void goal(std::string const& text, std::string const& predicate)
    {
        m_goals.push_back(fmt::format("[[goal]]\ntext = {}\nall = [{{ {} }}]\n", toml_text(text), predicate));
    }

    world::World const& m_before;
    world::World const& m_after;
    std::string m_first;
    std::vector<std::string> m_goals;
};

std::string cast_text(Cast const& cast)
{
    std::string text;
    if (cast.hosts != Cast {}.hosts) {
        for (auto const& host : cast.hosts)
            text += fmt::format("[[host]]\nname = {}\n{}{}\n", toml_text(host.name), host.tcp ? "tcp = true\n" : "",
                host.disk.empty() ? std::string() : fmt::format("disk = {}\n", toml_text(host.disk)));
    }
    for (auto const& registry : cast.registries) {
        text += fmt::format("[[registry]]\nname = {}\n", toml_text(registry.name));
        if (!registry.user.empty())
            text += fmt::format("user = {}\npassword = {}\n", toml_text(registry.user), toml_text(registry.password));
        if (!registry.reachable_from.empty()) {
            std::string list;
            for (auto const& host : registry.reachable_from)
                list += (list.empty() ? "" : ", ") + toml_text(host);
            text += fmt::format("reachable_from = [{}]\n", list);
        }
        text += '\n';
    }
    return text;
}

}

std::string id_of_title(std::string_view title)
{
    std::string id;
    for (char const c : title) {
        bool const is_letter = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
        if (is_letter)
            id += c;
        else if (c >= 'A' && c <= 'Z')
            id += static_cast<char>(c - 'A' + 'a');
        else if (!id.empty() && id.back() != '-')
            id += '-';
    }
    while (!id.empty() && id.back() == '-')
        id.pop_back();
    return id.empty() ? "recorded" : id;
}

std::string record(Recording const& recording)
{
    auto text = fmt::format(
        "# Recorded. Say in each phase what one sees, ask a question, and prove it: drydock check FILE\n"
        "schema = 1\nid = {}\ntitle = {}\nsummary = {}\nminutes = 5\ndepth = 1\n\n",
        toml_text(id_of_title(recording.title)), toml_text(recording.title), toml_text("What was done, to be told."));
    text += cast_text(recording.cast);
    std::size_t number = 0;
    for (auto const& phase : recording.phases) {
        if (phase.lines.empty())
            continue;
        ++number;
        text += fmt::format("[[phase]]\nname = {}\nsay = \"\"\nrun = [\n",
            toml_text(phase.name.empty() ? fmt::format("Phase {}", number) : phase.name));
        for (auto const& line : phase.lines)
            text += "  " + toml_text(line) + ",\n";
        text += "]\n\n";
    }
    for (auto const& goal : Proposals(recording.before, recording.after, recording.cast).propose())
        text += goal + '\n';
    return text;
}

}
