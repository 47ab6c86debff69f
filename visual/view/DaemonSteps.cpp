#include "visual/view/DaemonSteps.h"

#include "sim/core/Random.h"
#include "sim/words/Language.h"

#include <algorithm>
#include <array>
#include <map>
#include <optional>

namespace drydock::view {

namespace {

using words::say;
using words::tr;

enum class Kind : std::uint8_t {
    LookUp,
    Manifest,
    Blob,
    Tag,
    Create,
    Sheet,
    Namespaces,
    Mount,
    Pivot,
    Privileges,
    Execute,
    Output,
    Exit,
    Remove,
};

// What each needs, and what is said where it is missing: the texts are the engine's, the registry's or the kernel's.
struct Rule {
    Kind kind;
    std::vector<Kind> needs;
    std::string_view without;
};

std::vector<Rule> const& rules()
{
    static std::vector<Rule> const list {
        { Kind::LookUp, {}, "" },
        { Kind::Manifest, { Kind::LookUp },
            words::key("Nobody knows yet whether the image has to be fetched at all.") },
        { Kind::Blob, { Kind::Manifest }, words::key("Which blob? Its digest stands in the manifest.") },
        { Kind::Tag, { Kind::Blob }, words::key("An image is whole only with its config and all of its layers.") },
        { Kind::Create, { Kind::LookUp, Kind::Tag }, words::key("No such image") },
        { Kind::Sheet, { Kind::Create }, words::key("No such container: a read-write layer belongs to one.") },
        { Kind::Namespaces, { Kind::Create }, words::key("No such container: there is nothing to start.") },
        { Kind::Mount, { Kind::Sheet, Kind::Namespaces },
            words::key(
                "mount(2): without a mount namespace of its own the whole machine would see it; without an upper "
                "layer nothing could be written.") },
        { Kind::Pivot, { Kind::Mount }, words::key("pivot_root(2): the new root is no mount point.") },
        { Kind::Privileges, { Kind::Pivot },
            words::key("pivot_root(2): Operation not permitted. Without privileges "
                       "nothing can be mounted any more.") },
        { Kind::Execute, { Kind::Pivot, Kind::Privileges },
            words::key("execve(2): it would find the host's files, or run with all privileges of root.") },
        { Kind::Output, { Kind::Execute }, words::key("Nobody has written anything.") },
        { Kind::Exit, { Kind::Execute }, words::key("No process, no end.") },
        { Kind::Remove, { Kind::Exit }, words::key("You cannot remove a running container. Stop it first.") },
    };
    return list;
}

struct Found {
    Kind kind;
    std::string label;
    std::uint64_t record;
};

// Which step an event tells of, if any. `run` is the container that is started.
class Finder {
public:
    Finder(trace::EventLog const& log, std::uint64_t begin, std::uint64_t end, ContainerId run)
        : m_log(log)
        , m_begin(begin)
        , m_end(end)
        , m_run(std::move(run))
    {
    }

    std::vector<Found> find()
    {
        for (auto i = m_begin; i < m_end; ++i)
            look_at(i, m_log[i].event);
        return std::move(m_found);
    }

private:
    template <class E> bool is_about(trace::Event const& event) const
    {
        auto const* e = event.get_if<E>();
        return e != nullptr && e->container == m_run;
    }
    void once(Kind kind, std::string_view label, std::uint64_t record)
    {
        if (std::none_of(m_found.begin(), m_found.end(), [&](auto const& known) { return known.kind == kind; }))
            m_found.push_back({ kind, std::string(label), record });
    }

    void look_at(std::uint64_t i, trace::Event const& event)
    {
        if (event.is<trace::ImageNotFoundLocally>())
            return once(Kind::LookUp, tr("Look for the image in your own store"), i);
        if (auto const* manifest = event.get_if<trace::ManifestFetched>()) {
            m_layers = manifest->layers;
            m_config = manifest->config;
            return once(Kind::Manifest, tr("Ask the registry for the manifest"), i);
        }
        if (auto const* blob = event.get_if<trace::BlobTransferStarted>())
            return fetch(i, blob->digest);
        if (event.is<trace::ImageTagged>() && fetched())
            return once(Kind::Tag, tr("Give the image its name"), i);
        if (is_about<trace::ContainerCreated>(event))
            return once(Kind::Create, tr("Write down its name, config and image"), i);
        if (is_about<trace::WritableLayerCreated>(event))
            return once(Kind::Sheet, tr("Give it an empty read-write layer"), i);
        if (is_about<trace::NamespaceCreated>(event))
            return once(Kind::Namespaces, tr("Have the kernel make namespaces"), i);
        if (is_about<trace::UnionMounted>(event))
            return once(Kind::Mount, tr("Mount its layers as one tree"), i);
        if (is_about<trace::RootPivoted>(event))
            return once(Kind::Pivot, tr("Make that tree its root"), i);
        if (is_about<trace::PrivilegesDropped>(event))
            return once(Kind::Privileges, tr("Give up privileges"), i);
        if (is_about<trace::ProcessStarted>(event))
            return once(Kind::Execute, tr("Execute its program"), i);
        if (is_about<trace::OutputWritten>(event))
            return once(Kind::Output, tr("Pass on what it prints"), i);
        if (is_about<trace::ContainerExited>(event))
            return once(Kind::Exit, tr("Note its exit status"), i);
        if (is_about<trace::ContainerRemoved>(event))
            return once(Kind::Remove, tr("Remove the container and its read-write layer"), i);
    }

    void fetch(std::uint64_t i, oci::Digest const& digest)
    {
        if (digest == m_config) {
            m_found.push_back({ Kind::Blob, std::string(tr("Fetch the config")), i });
            return;
        }
        auto const layer = std::find_if(
            m_layers.begin(), m_layers.end(), [&](auto const& listed) { return listed.digest == digest; });
        if (layer != m_layers.end())
            m_found.push_back(
                { Kind::Blob, say("Fetch layer {} of {}", layer - m_layers.begin() + 1, m_layers.size()), i });
    }
    bool fetched() const
    {
        return std::any_of(
            m_found.begin(), m_found.end(), [](auto const& known) { return known.kind == Kind::Manifest; });
    }

    trace::EventLog const& m_log;
    std::uint64_t m_begin, m_end;
    ContainerId m_run;
    std::vector<trace::LayerOfManifest> m_layers;
    std::optional<oci::Digest> m_config;
    std::vector<Found> m_found;
};

// The records of the last command that started a container.
struct LastRun {
    std::uint64_t begin { 0 }, end { 0 };
    std::optional<ContainerId> container;
};

LastRun last_start(trace::EventLog const& log, std::uint64_t end)
{
    LastRun run_records { 0, end, std::nullopt };
    auto i = end;
    while (i > 0 && !run_records.container) {
        --i;
        if (auto const* started = log[i].event.get_if<trace::ContainerStarted>())
            run_records.container = started->container;
        if (log[i].event.is<trace::CommandEntered>() && !run_records.container)
            run_records.end = i; // a later command, that started none
    }
    while (i > 0 && !log[i].event.is<trace::CommandEntered>())
        --i;
    run_records.begin = i;
    return run_records;
}

}

std::vector<DaemonStep> daemon_steps(trace::EventLog const& log, std::uint64_t end)
{
    auto const run_records = last_start(log, end);
    if (!run_records.container)
        return {};
    auto const found = Finder(log, run_records.begin, run_records.end, *run_records.container).find();
    std::vector<DaemonStep> steps;
    for (auto const& step : found) {
        auto const rule
            = std::find_if(rules().begin(), rules().end(), [&](auto const& known) { return known.kind == step.kind; });
        DaemonStep made {
            .label = step.label, .record = step.record, .needs = {}, .without = std::string(tr(rule->without))
        };
        for (std::size_t i = 0; i < found.size(); ++i) {
            if (std::find(rule->needs.begin(), rule->needs.end(), found[i].kind) != rule->needs.end())
                made.needs.push_back(i);
        }
        steps.push_back(std::move(made));
    }
    return steps;
}

DaemonGame::DaemonGame(std::vector<DaemonStep> steps)
    : m_steps(std::move(steps))
{
    for (std::size_t i = 0; i < m_steps.size(); ++i)
        m_left.push_back(i);
    Random shuffle(m_steps.size());
    for (std::size_t i = m_left.size(); i > 1; --i)
        std::swap(m_left[i - 1], m_left[shuffle.below(i)]);
}

bool DaemonGame::choose(std::size_t step)
{
    auto const at = std::find(m_left.begin(), m_left.end(), step);
    if (at == m_left.end())
        return false;
    bool const possible = std::all_of(m_steps[step].needs.begin(), m_steps[step].needs.end(),
        [&](std::size_t needed) { return std::find(m_done.begin(), m_done.end(), needed) != m_done.end(); });
    if (!possible) {
        ++m_mistakes;
        m_complaint = m_steps[step].without;
        return false;
    }
    m_complaint.clear();
    m_done.push_back(step);
    m_left.erase(at);
    return true;
}

}
