#include "visual/view/Mentions.h"

#include <algorithm>

namespace drydock::view {

namespace {

// A field is called by a name if it is that text, or an id or digest that begins with it.
class FieldNames {
public:
    explicit FieldNames(std::vector<std::string> const& names)
        : m_names(names)
    {
        for (auto const& name : names) {
            bool const is_number = !name.empty() && name.size() < 12
                && std::all_of(name.begin(), name.end(), [](char c) { return c >= '0' && c <= '9'; });
            if (is_number)
                m_numbers.push_back(std::stoll(name));
        }
    }
    bool found() const { return m_found; }

    void look(std::string const& text) { m_found = m_found || is_name(text, false); }
    template <class Tag> void look(Id<Tag> const& id) { m_found = m_found || is_name(id.value, true); }
    void look(oci::Digest const& digest) { m_found = m_found || is_name(digest.hex(), true); }
    void look(SpanId const&) { }
    template <class T>
        requires std::is_arithmetic_v<T>
    void look(T number)
    {
        if constexpr (std::is_same_v<T, std::int64_t>)
            m_found = m_found || std::find(m_numbers.begin(), m_numbers.end(), number) != m_numbers.end();
    }
    template <class T>
        requires std::is_enum_v<T>
    void look(T)
    {
    }
    template <class T> void look(std::vector<T> const& list)
    {
        if constexpr (!std::is_same_v<T, trace::LayerMember>) { // ten thousand paths that are nobody's name
            for (auto const& element : list)
                look(element);
        }
    }
    template <trace::HasFields T> void look(T const& value)
    {
        T::each_field([&](std::string_view, auto member) { look(value.*member); });
    }

private:
    bool is_name(std::string_view text, bool by_prefix) const
    {
        return std::any_of(m_names.begin(), m_names.end(), [&](std::string const& name) {
            bool const is_short_id = by_prefix && name.size() == 12 && text.size() == 64;
            return is_short_id ? text.starts_with(name) : text == name;
        });
    }

    std::vector<std::string> const& m_names;
    std::vector<std::int64_t> m_numbers; // those of the names that are numbers: a pid, a step
    bool m_found { false };
};

bool has_field_called(trace::Event const& event, std::vector<std::string> const& names)
{
    return event.visit([&](auto const& e) {
        FieldNames fields(names);
        fields.look(e);
        return fields.found();
    });
}

std::vector<std::string> events_of_fact(std::string_view fact)
{
    if (fact == "mounts")
        return { "MountMade", "VolumeMounted", "UnionMounted", "RootPivoted" };
    if (fact == "ids")
        return { "IdsMapped" };
    if (fact == "cgroup")
        return { "CgroupCreated", "ResourcesUsed", "MemoryExhausted", "ContainerUpdated" };
    return { "PrivilegesDropped" };
}

// "container:4f2a…/ns/pid" and what else hangs below a container.
Subject subject_in_container(std::string_view id)
{
    auto const rest = id.substr(id.find(':') + 1);
    auto const slash = rest.find('/');
    Subject subject { { { std::string(rest.substr(0, slash)) } }, {} };
    if (slash == std::string_view::npos)
        return subject;
    auto const below = rest.substr(slash);
    auto const after = [&](std::string_view prefix) { return std::string(below.substr(prefix.size())); };
    if (below.starts_with("/ns/")) {
        subject.events = { "NamespaceCreated", "NamespaceJoined" };
        if (after("/ns/") != "all")
            subject.parts.push_back({ after("/ns/") });
    } else if (below.starts_with("/fact/")) {
        subject.events = events_of_fact(after("/fact/"));
    } else if (below.starts_with("/process/")) {
        subject.events = { "ProcessStarted", "ProcessExited" };
        subject.parts.push_back({ after("/process/") });
    } else if (below.starts_with("/sheet/")) {
        auto path = after("/sheet");
        subject.parts.push_back({ path.substr(0, path.find('@')) });
    } else if (below == "/sheet") {
        subject.events = { "WritableLayerCreated", "FileCopiedUp", "FileCreated", "FileWritten", "FileRemoved",
            "FileRenamed", "MetadataChanged", "WhiteoutMade", "DirectoryMadeOpaque", "LayerCommitted" };
    } else if (below == "/column") {
        subject.events = { "UnionMounted", "UnionUnmounted", "RootPivoted" };
    } else if (below == "/ray") {
        subject.events = { "PathLookedUp" };
    }
    return subject;
}

// A layer is called by its DiffId and by the digest of the blob it travelled as.
Subject subject_of_layer(std::string const& key, world::World const& world)
{
    Subject subject { { { key } }, {} };
    for (auto const& [diff_id, layer] : world::shown_host(world).layers) {
        if (layer.blob && layer.blob->short_form() == key)
            subject.parts.front().push_back(diff_id.short_form());
    }
    return subject;
}

}

Subject subject_of(std::string_view id, world::World const& world)
{
    auto const colon = id.find(':');
    auto const kind = id.substr(0, colon);
    std::string const key(colon == std::string_view::npos ? "" : id.substr(colon + 1));
    if (kind == "container")
        return subject_in_container(id);
    if (kind == "layer")
        return subject_of_layer(key, world);
    if (kind == "guest") {
        auto const slash = key.find('/');
        Subject subject { { { key.substr(0, slash) } }, {} };
        if (key.ends_with("/kernel"))
            subject.events = { "GuestKernelLoaded", "GuestMachineCreated" };
        if (key.ends_with("/console"))
            subject.events = { "GuestConsoleWritten" };
        return subject;
    }
    if (kind == "hypervisor")
        return { { { key } }, { "HypervisorStarted", "HypervisorStopped" } };
    if (kind == "kernel" || kind == "machine" || kind == "host")
        return { { { key } }, { "HostAppeared", "ActorAppeared" } };
    if (kind == "step")
        return { { { key } }, { "BuildStepBegan", "BuildStepFinished" } };
    if (kind == "volume")
        return { { { key } }, { "VolumeCreated", "VolumeRemoved", "VolumeMounted" } };
    if (kind == "trouble")
        return { {}, { key == "failure" ? "OperationFailed" : "WarningRaised" } };
    if (kind == "wire") {
        auto const dash = key.find('-');
        // Ids of actors may hold dashes themselves, so each way to cut is tried.
        for (auto at = dash; at != std::string::npos; at = key.find('-', at + 1)) {
            auto const from = key.substr(0, at), to = key.substr(at + 1);
            if (world.actors.contains(ActorId { from }) && world.actors.contains(ActorId { to }))
                return { { { from }, { to } }, {} };
        }
        return {};
    }
    if (kind == "store" || kind == "stand" || kind == "narration" || key.empty() || key == "layers")
        return {};
    return { { { key } }, {} };
}

bool speaks_of(trace::Record const& record, Subject const& subject)
{
    if (subject.parts.empty() && subject.events.empty())
        return false;
    auto const& wanted = subject.events;
    if (!wanted.empty() && std::find(wanted.begin(), wanted.end(), trace::name_of(record.event)) == wanted.end())
        return false;
    return std::all_of(subject.parts.begin(), subject.parts.end(),
        [&](auto const& names) { return has_field_called(record.event, names); });
}

std::span<std::uint64_t const> Mentions::of(Subject const& subject, trace::EventLog const& log, std::uint64_t records)
{
    if (subject != m_subject || log.size() < m_scanned) {
        m_subject = subject;
        m_scanned = 0;
        m_all.clear();
    }
    for (; m_scanned < log.size(); ++m_scanned) {
        if (speaks_of(log[m_scanned], subject))
            m_all.push_back(m_scanned);
    }
    auto const end = std::lower_bound(m_all.begin(), m_all.end(), records);
    return { m_all.begin(), end };
}

}
