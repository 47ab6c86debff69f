#include "sim/world/World.h"

#include <algorithm>

namespace drydock::world {

namespace {

template <class T> void keep_last(std::vector<T>& list, std::size_t limit)
{
    if (list.size() > limit)
        list.erase(list.begin(), list.end() - static_cast<std::ptrdiff_t>(limit));
}

void append_output(std::string& output, std::string const& text)
{
    output += text;
    if (output.size() > World::output_kept)
        output.erase(0, output.size() - World::output_kept);
}

std::string tag_or_nothing(std::string_view reference)
{
    auto const slash = reference.rfind('/');
    auto const colon = reference.rfind(':');
    bool const has_tag = colon != std::string_view::npos && (slash == std::string_view::npos || colon > slash);
    return std::string(reference) + (has_tag || reference.find('@') != std::string_view::npos ? "" : ":latest");
}

// One function per event, in the order of Event.h. An event about an object that the World does not know (a trace that
// begins in the middle) makes what it needs or is passed over; it never fails.
class Fold {
public:
    Fold(World& world, trace::Record const& record)
        : m_world(world)
        , m_record(record)
    {
    }

    // ---- Who is there ----

    void operator()(trace::HostAppeared const& e)
    {
        auto& host = host_of(e.host);
        host.kernel = e.kernel;
        host.cores = e.cores;
        host.memory = e.memory;
    }
    void operator()(trace::ActorAppeared const& e)
    {
        m_world.actors[e.actor] = { e.actor, e.host, e.role, e.label, e.detail };
        if (e.role != trace::ActorRole::Daemon)
            return;
        auto& machines = m_world.machines;
        if (std::find(machines.begin(), machines.end(), e.host) == machines.end())
            machines.push_back(e.host);
        if (m_world.shown.empty())
            m_world.shown = e.host;
    }
    void operator()(trace::ActorLeft const& e) { m_world.actors.erase(e.actor); }

    // ---- Spans ----

    void operator()(trace::SpanBegan const& e)
    {
        m_world.spans[e.span] = { e.span, e.parent, e.operation, e.title, e.span_depth };
    }
    void operator()(trace::SpanEnded const& e)
    {
        auto const span = m_world.spans.find(e.span);
        if (span == m_world.spans.end())
            return;
        if (span->second.operation == "pull")
            m_world.pull.reset();
        m_world.spans.erase(span);
    }

    // ---- The command line and the wire ----

    void operator()(trace::CommandEntered const& e)
    {
        forget_removed();
        m_world.failure.reset();
        m_world.build.reset();
        m_world.archive.reset();
        m_world.refusal.reset();
        m_world.commands.push_back({ e.client, e.line, {}, {} });
        keep_last(m_world.commands, World::commands_kept);
    }
    void operator()(trace::CommandPrinted const& e)
    {
        if (auto* command = running_command(e.client))
            append_output(command->output, e.text);
    }
    void operator()(trace::CommandFinished const& e)
    {
        if (auto* command = running_command(e.client))
            command->exit_code = e.exit_code;
    }
    void operator()(trace::ConnectionOpened const& e)
    {
        m_world.connections[e.connection] = { e.connection, e.from, e.to, e.endpoint };
    }
    void operator()(trace::ConnectionClosed const& e) { m_world.connections.erase(e.connection); }
    void operator()(trace::RequestReceived const& e)
    {
        if (e.method == "POST" && e.target.find("/containers/create") != std::string::npos)
            forget_removed(); // a client in another terminal tells no command lines
        Exchange exchange;
        exchange.id = e.exchange;
        exchange.connection = e.connection;
        exchange.from = e.from;
        exchange.to = e.to;
        exchange.method = e.method;
        exchange.target = e.target;
        exchange.request_headers = e.headers;
        exchange.request_body = e.body;
        exchange.asked_at = m_record.sequence;
        auto const asked = m_world.actors.find(e.to);
        if (asked != m_world.actors.end() && asked->second.role == trace::ActorRole::Daemon)
            m_world.shown = asked->second.host;
        m_world.exchanges.push_back(std::move(exchange));
        keep_last(m_world.exchanges, World::exchanges_kept);
    }
    void operator()(trace::ResponseSent const& e)
    {
        auto& all = m_world.exchanges;
        auto const found = std::find_if(all.rbegin(), all.rend(), [&](auto const& x) { return x.id == e.exchange; });
        if (found == all.rend())
            return;
        found->status = e.status;
        found->reason = e.reason;
        found->response_headers = e.headers;
        found->response_body = e.body;
        found->response_size = e.body_size;
    }

    // ---- Images ----

    void operator()(trace::ImageNotFoundLocally const& e)
    {
        m_world.pull = Pull { .host = m_record.origin->host,
            .reference = e.reference,
            .registry = {},
            .manifest = {},
            .config = {},
            .layers = {} };
    }
    void operator()(trace::ReferenceResolved const& e)
    {
        auto& pull = pull_of(e.reference);
        pull.registry = e.registry;
        pull.manifest = e.manifest;
    }
    void operator()(trace::ManifestFetched const& e)
    {
        auto& pull = pull_of(e.reference);
        pull.manifest = e.manifest;
        pull.config = e.config;
        pull.layers = e.layers;
    }
    void operator()(trace::BlobSkipped const& e)
    {
        auto& blob = blob_of(e.digest, e.size);
        blob.received = e.size;
        blob.state = BlobState::Stored;
        blob.skipped = true;
        m_world.bytes_skipped += e.size;
    }
    void operator()(trace::BlobTransferStarted const& e)
    {
        auto& blob = blob_of(e.digest, e.size);
        blob.from = e.from;
        blob.to = e.to;
        blob.received = e.offset;
        blob.state = BlobState::Travelling;
        blob.verified = false;
        blob.skipped = false;
    }
    void operator()(trace::BlobBytesArrived const& e)
    {
        auto& blob = blob_of(e.digest, e.size);
        if (e.received > blob.received)
            m_world.bytes_transferred += e.received - blob.received;
        blob.received = e.received;
        if (e.received >= blob.size && is_here(blob.from))
            blob.state = BlobState::Stored; // what was pushed never left
    }
    void operator()(trace::DigestVerified const& e)
    {
        if (auto const blob = here().blobs.find(e.digest); blob != here().blobs.end())
            blob->second.verified = true;
        else if (e.what == trace::Verified::Manifest)
            blob_of(e.digest, e.bytes).verified = true;
    }
    void operator()(trace::DigestMismatched const& e) { blob_of(e.expected, e.bytes).state = BlobState::Refused; }
    void operator()(trace::BlobStored const& e)
    {
        auto& blob = blob_of(e.digest, e.size);
        blob.received = e.size;
        blob.state = BlobState::Stored;
    }
    void operator()(trace::BlobRemoved const& e) { here().blobs.erase(e.digest); }
    void operator()(trace::LayerIndexed const& e)
    {
        auto& layer = layer_of(e.diff_id);
        layer.blob = e.blob;
        layer.entries = e.entries;
        layer.size = e.unpacked_size;
    }
    void operator()(trace::LayerListed const& e) { layer_of(e.diff_id).listed = m_record.sequence; }
    void operator()(trace::LayerRemoved const& e) { here().layers.erase(e.diff_id); }
    void operator()(trace::ImageStored const& e)
    {
        auto& image = image_of(e.image);
        image.layers.clear();
        for (auto const& from : e.layers) {
            image.layers.push_back(from.diff_id);
            auto& layer = layer_of(from.diff_id);
            layer.size = from.size;
            layer.created_by = from.created_by;
        }
        image.command = e.command;
        image.env = e.env;
        image.history = e.history;
    }
    void operator()(trace::ImageTagged const& e)
    {
        for (auto& [id, image] : here().images)
            std::erase(image.tags, e.reference); // a tag is a flag on one image
        auto& tags = image_of(e.image).tags;
        tags.insert(std::lower_bound(tags.begin(), tags.end(), e.reference), e.reference);
        if (m_world.pull && m_world.pull->reference == e.reference)
            m_world.pull.reset();
    }
    void operator()(trace::ImageUntagged const& e) { std::erase(image_of(e.image).tags, e.reference); }
    void operator()(trace::ImageRemoved const& e) { here().images.erase(e.image); }

    // ---- Building and shipping ----

    void operator()(trace::BuildContextReceived const& e)
    {
        m_world.build.emplace();
        m_world.build->context_entries = e.entries;
        m_world.build->context_bytes = e.bytes;
    }
    void operator()(trace::BuildStepBegan const& e)
    {
        forget_removed(); // the containers of earlier steps
        auto& build = build_now();
        build.steps = e.steps;
        build.begun.push_back(
            { .step = e.step, .line = e.line, .instruction = e.instruction, .image = {}, .layer = {} });
    }
    void operator()(trace::BuildStepFinished const& e)
    {
        auto& steps = build_now().begun;
        auto const step = std::find_if(steps.rbegin(), steps.rend(), [&](auto const& s) { return s.step == e.step; });
        if (step == steps.rend())
            return;
        step->finished = true;
        step->cached = e.cached;
        step->image = e.image;
        if (e.has_layer)
            step->layer = e.layer;
        step->size = e.size;
    }
    void operator()(trace::LayerCommitted const& e)
    {
        auto& layer = layer_of(e.diff_id);
        layer.entries = e.entries;
        layer.size = e.unpacked_size;
    }
    void operator()(trace::BlobMounted const& e) { m_world.bytes_skipped += e.size; }
    void operator()(trace::ManifestPushed const& e)
    {
        registry_of(e.registry).pushed.insert_or_assign(e.reference, e.manifest);
    }
    void operator()(trace::AuthenticationRequired const& e) { registry_of(e.registry).scheme = e.scheme; }
    void operator()(trace::AuthenticationSucceeded const& e) { registry_of(e.registry).user = e.user; }
    void operator()(trace::RateLimitTold const& e) { registry_of(e.registry).rate_limit = e; }
    void operator()(trace::ConnectionRefused const& e) { m_world.refusal = e; }
    void operator()(trace::TlsEstablished const& e)
    {
        auto& connection = m_world.connections[e.connection];
        connection.id = e.connection;
        connection.tls = e.version;
    }
    void operator()(trace::ImagesSaved const& e)
    {
        m_world.archive = Archive { false, first_of(e.references), e.bytes };
    }
    void operator()(trace::ImagesLoaded const& e)
    {
        m_world.archive = Archive { true, first_of(e.references), e.bytes };
    }

    // ---- Volumes and networks ----

    void operator()(trace::VolumeCreated const& e) { here().volumes[e.volume] = { e.volume, e.driver, e.location }; }
    void operator()(trace::VolumeRemoved const& e) { here().volumes.erase(e.volume); }
    void operator()(trace::VolumeMounted const& e) { container_of(e.container).volumes.push_back(e); }
    void operator()(trace::NetworkCreated const& e)
    {
        here().networks[e.network] = { e.network, e.name, e.driver, e.subnet, e.gateway };
    }
    void operator()(trace::NetworkRemoved const& e) { here().networks.erase(e.network); }
    void operator()(trace::NetworkConnected const& e)
    {
        container_of(e.container).networks[e.network] = { e.address, e.interface };
    }
    void operator()(trace::NetworkDisconnected const& e) { container_of(e.container).networks.erase(e.network); }
    void operator()(trace::PortPublished const& e) { container_of(e.container).ports.push_back(e); }
    void operator()(trace::PortUnpublished const& e)
    {
        std::erase_if(container_of(e.container).ports,
            [&](auto const& p) { return p.host_port == e.host_port && p.protocol == e.protocol; });
    }
    void operator()(trace::NameResolved const& e) { container_of(e.container).last_resolved = e; }

    // ---- Containers ----

    void operator()(trace::ContainerCreated const& e)
    {
        // Told anew by a daemon that finds it at its start, when nothing is left of what the one before had running.
        auto& container = container_of(e.container);
        forget_processes(container);
        container.state = ContainerState::Created;
        container.mounted = false;
        container.sheet.clear();
        container.name = e.name;
        container.reference = e.reference;
        container.image = e.image;
        container.command = e.command;
        container.hostname = e.hostname;
    }
    void operator()(trace::WritableLayerCreated const& e)
    {
        auto& container = container_of(e.container);
        container.has_sheet = true;
        container.sheet_location = e.location;
    }
    void operator()(trace::UnionMounted const& e)
    {
        auto& container = container_of(e.container);
        container.mounted = true;
        container.driver = e.driver;
        container.lower = e.lower;
    }
    void operator()(trace::UnionUnmounted const& e) { container_of(e.container).mounted = false; }
    void operator()(trace::NamespaceCreated const& e) { container_of(e.container).namespaces[e.kind] = e.inode; }
    void operator()(trace::NamespaceJoined const& e)
    {
        auto& container = container_of(e.container);
        container.namespaces[e.kind] = e.inode;
        container.joined[e.kind] = e.owner;
    }
    void operator()(trace::IdsMapped const& e) { container_of(e.container).id_maps.push_back(e); }
    void operator()(trace::MountMade const& e) { container_of(e.container).mounts.push_back(e); }
    void operator()(trace::RootPivoted const& e) { container_of(e.container).pivoted = true; }
    void operator()(trace::HostnameSet const& e) { container_of(e.container).hostname = e.hostname; }
    void operator()(trace::PrivilegesDropped const& e) { container_of(e.container).privileges = e; }
    void operator()(trace::CgroupCreated const& e) { container_of(e.container).cgroup = e; }
    void operator()(trace::ResourcesUsed const& e) { container_of(e.container).used = e; }
    void operator()(trace::SyscallMade const& e) { ++container_of(e.container).syscalls; }
    void operator()(trace::ProcessStarted const& e)
    {
        container_of(e.container).processes[e.pid] = { e.pid, e.host_pid, e.command, {} };
    }
    void operator()(trace::ProcessExited const& e)
    {
        auto& process = container_of(e.container).processes[e.pid];
        process.pid = e.pid;
        process.exit_code = e.exit_code;
    }
    void operator()(trace::ContainerStarted const& e)
    {
        auto& container = container_of(e.container);
        container.state = ContainerState::Running;
        container.exit_code.reset();
        container.out_of_memory = false;
        container.remade = e.remade;
    }
    void operator()(trace::ContainerExited const& e)
    {
        // What lies on disk stays: the sheet and the metadata.
        auto& container = container_of(e.container);
        container.state = ContainerState::Exited;
        container.exit_code = e.exit_code;
        forget_processes(container);
    }
    void operator()(trace::ContainerPaused const& e) { container_of(e.container).state = ContainerState::Paused; }
    void operator()(trace::ContainerUnpaused const& e) { container_of(e.container).state = ContainerState::Running; }
    void operator()(trace::ContainerRenamed const& e) { container_of(e.container).name = e.name; }
    void operator()(trace::ContainerRemoved const& e)
    {
        auto& container = container_of(e.container);
        container.state = ContainerState::Removed;
        container.mounted = container.pivoted = false;
        container.has_sheet = false;
        container.sheet.clear();
    }
    void operator()(trace::ContainerUpdated const& e) { container_of(e.container).limits = e.what; }
    void operator()(trace::RestartScheduled const& e) { container_of(e.container).restarts = e.attempt; }
    void operator()(trace::HealthChanged const& e) { container_of(e.container).health = e.health; }
    void operator()(trace::MemoryExhausted const& e) { container_of(e.container).out_of_memory = true; }
    void operator()(trace::FilesCopied const& e)
    {
        m_world.archive = Archive { e.into, container_of(e.container).name + ":" + e.path, e.bytes };
    }
    void operator()(trace::ContainerExported const& e)
    {
        m_world.archive = Archive { false, container_of(e.container).name, e.bytes };
    }
    void operator()(trace::SignalSent const& e) { container_of(e.container).last_signal = e.name; }
    void operator()(trace::OutputWritten const& e) { append_output(container_of(e.container).output, e.text); }

    // ---- The union filesystem at work ----

    void operator()(trace::PathLookedUp const& e)
    {
        container_of(e.container).last_lookup = LookupRay { e.path, e.visited, e.answered, e.whited_out };
    }
    void operator()(trace::FileCopiedUp const& e)
    {
        entry_of(e.container, e.path)
            = { .mark = SheetMark::CopiedUp, .size = e.bytes, .from_layer = e.from_layer, .note = {} };
    }
    void operator()(trace::FileCreated const& e)
    {
        // Over a whiteout this is a new file; a copied-up one is announced as such, never as created.
        entry_of(e.container, e.path) = {};
        entry_of(e.container, e.path).type = e.type;
    }
    void operator()(trace::FileWritten const& e) { entry_of(e.container, e.path).size = e.size; }
    void operator()(trace::FileRemoved const& e)
    {
        // A directory that goes is empty, but for whiteouts, and they go with it.
        auto& sheet = container_of(e.container).sheet;
        sheet.erase(e.path);
        sheet.erase(sheet.lower_bound(e.path + "/"), sheet.lower_bound(e.path + "0")); // '0' comes after '/'
    }
    void operator()(trace::FileRenamed const& e)
    {
        auto& sheet = container_of(e.container).sheet;
        std::map<std::string, SheetEntry> moved;
        for (auto it = sheet.lower_bound(e.from); it != sheet.end() && it->first.starts_with(e.from);) {
            auto const rest = it->first.substr(e.from.size());
            if (!rest.empty() && rest.front() != '/') {
                ++it;
                continue;
            }
            moved[e.to + rest] = it->second;
            it = sheet.erase(it);
        }
        for (auto& [path, entry] : moved)
            sheet[path] = std::move(entry);
    }
    void operator()(trace::MetadataChanged const& e) { entry_of(e.container, e.path).note = e.what; }
    void operator()(trace::WhiteoutMade const& e)
    {
        entry_of(e.container, e.path) = { .mark = SheetMark::Whiteout, .size = 0, .from_layer = {}, .note = {} };
    }
    void operator()(trace::DirectoryMadeOpaque const& e) { entry_of(e.container, e.path).mark = SheetMark::Opaque; }

    // ---- Guest machines ----

    void operator()(trace::GuestMachineCreated const& e)
    {
        std::erase_if(m_world.guest_machines, [](auto const& m) { return m.second.stopped.has_value(); });
        auto& machine = machine_of(e.machine);
        machine.name = e.name;
        machine.monitor = e.monitor;
        machine.memory = e.memory;
        machine.cpus = e.cpus;
    }
    void operator()(trace::GuestMemoryMapped const& e) { machine_of(e.machine).mapped.push_back(e); }
    void operator()(trace::GuestKernelLoaded const& e) { machine_of(e.machine).kernel = e; }
    void operator()(trace::GuestPhaseReached const& e) { machine_of(e.machine).phases.push_back(e); }
    void operator()(trace::GuestExitsCounted const& e)
    {
        machine_of(e.machine).exits[{ e.reason, e.port, e.out }] = e.count;
    }
    void operator()(trace::GuestConsoleWritten const& e) { append_output(machine_of(e.machine).console, e.text); }
    void operator()(trace::HypervisorStarted const& e) { m_world.hypervisors[e.host] = e; }
    void operator()(trace::HypervisorStopped const& e) { m_world.hypervisors.erase(e.host); }
    void operator()(trace::GuestMachineStopped const& e) { machine_of(e.machine).stopped = e.reason; }
    void operator()(trace::MeasurementTaken const& e)
    {
        m_world.measurements.push_back(e);
        keep_last(m_world.measurements, World::measurements_kept);
    }

    // ---- Scenarios ----

    void operator()(trace::ScenarioBegan const& e)
    {
        m_world.scenario.emplace();
        m_world.scenario->id = e.id;
        m_world.scenario->title = e.title;
    }
    void operator()(trace::PhaseBegan const& e)
    {
        auto& scenario = scenario_now();
        scenario.phase = e.index;
        scenario.phase_name = e.name;
        scenario.say = e.say;
        scenario.focus = e.focus;
    }
    void operator()(trace::PhaseEnded const&)
    {
        auto& scenario = scenario_now();
        scenario.say.clear();
        scenario.focus.clear();
    }
    void operator()(trace::PredictionAsked const& e)
    {
        scenario_now().predictions.push_back({ e.id, e.question, e.choices, {}, {} });
    }
    void operator()(trace::PredictionResolved const& e)
    {
        for (auto& prediction : scenario_now().predictions) {
            if (prediction.id != e.id)
                continue;
            prediction.answer = e.answer;
            prediction.why = e.why;
        }
    }
    void operator()(trace::GoalEvaluated const& e)
    {
        auto& goals = scenario_now().goals;
        auto goal = std::find_if(goals.begin(), goals.end(), [&](auto const& g) { return g.text == e.text; });
        if (goal == goals.end())
            goal = goals.insert(goals.end(), Goal { .text = e.text, .met = false, .why_not = {} });
        goal->met = e.met;
        goal->why_not = e.why_not;
    }
    void operator()(trace::LessonIntroduced const& e)
    {
        auto& scenario = scenario_now();
        scenario.parts = e.parts;
        scenario.analogy = e.analogy;
        scenario.picture = e.picture;
    }
    void operator()(trace::VariationBegan const& e)
    {
        auto& scenario = scenario_now();
        scenario.variation = e;
        scenario.variation_shows.clear();
        scenario.say = e.say;
    }
    void operator()(trace::VariationEnded const& e)
    {
        auto& scenario = scenario_now();
        scenario.variation_shows = e.shows;
        scenario.say.clear();
    }
    void operator()(trace::ScenarioEnded const& e) { scenario_now().succeeded = e.succeeded; }

    // ---- What the learner did to the engine ----

    void operator()(trace::EngineRestored const& e)
    {
        m_world.restored = e;
        if (!e.processes_lost)
            return; // everything has been done again, what was broken included
        m_world.faults.clear();
        for (auto& [id, container] : m_world.containers)
            forget_processes(container);
    }
    void operator()(trace::FaultInjected const& e) { m_world.faults.push_back(e); }
    void operator()(trace::FaultHealed const& e)
    {
        std::erase_if(
            m_world.faults, [&](auto const& fault) { return fault.kind == e.kind && fault.object == e.object; });
    }

    // ---- What went otherwise than asked ----

    void operator()(trace::WarningRaised const& e)
    {
        m_world.warnings.push_back(e);
        keep_last(m_world.warnings, World::warnings_kept);
    }
    void operator()(trace::OperationFailed const& e) { m_world.failure = e; }

private:
    // What the kernel gave a container goes with its last process.
    static void forget_processes(Container& container)
    {
        container.processes.clear();
        container.namespaces.clear();
        container.joined.clear();
        container.id_maps.clear();
        container.mounts.clear();
        container.volumes.clear();
        container.networks.clear();
        container.ports.clear();
        container.health.clear();
        container.pivoted = false;
        container.privileges.reset();
        container.cgroup.reset();
        container.used.reset();
    }
    Host& host_of(HostId const& id)
    {
        auto& host = m_world.hosts[id];
        host.id = id;
        return host;
    }

    // The machine on which it happened.
    Host& here() { return host_of(m_record.origin->host); }

    bool is_here(ActorId const& id) const
    {
        auto const actor = m_world.actors.find(id);
        return actor != m_world.actors.end() && actor->second.host == m_record.origin->host;
    }

    void forget_removed()
    {
        std::erase_if(m_world.containers, [](auto const& c) { return c.second.state == ContainerState::Removed; });
    }

    Command* running_command(ActorId const& client)
    {
        auto& all = m_world.commands;
        auto const found = std::find_if(
            all.rbegin(), all.rend(), [&](Command const& c) { return c.client == client && !c.exit_code; });
        return found == all.rend() ? nullptr : &*found;
    }

    Pull& pull_of(std::string const& reference)
    {
        if (!m_world.pull || m_world.pull->reference != reference)
            m_world.pull = Pull { .host = m_record.origin->host,
                .reference = reference,
                .registry = {},
                .manifest = {},
                .config = {},
                .layers = {} };
        return *m_world.pull;
    }

    Blob& blob_of(Digest const& digest, std::uint64_t size)
    {
        auto& blob
            = here()
                  .blobs
                  .try_emplace(digest, Blob { .digest = digest, .size = size, .received = 0, .from = {}, .to = {} })
                  .first->second;
        if (size != 0)
            blob.size = size;
        return blob;
    }

    Layer& layer_of(Digest const& diff_id)
    {
        return here()
            .layers
            .try_emplace(diff_id, Layer { .diff_id = diff_id, .blob = {}, .entries = 0, .size = 0, .created_by = {} })
            .first->second;
    }

    Image& image_of(Digest const& id)
    {
        return here()
            .images
            .try_emplace(id, Image { .id = id, .layers = {}, .tags = {}, .command = {}, .env = {}, .history = {} })
            .first->second;
    }

    Container& container_of(ContainerId const& id)
    {
        auto& container = m_world.containers[id];
        container.id = id;
        if (container.host.empty())
            container.host = m_record.origin->host;
        return container;
    }

    GuestMachine& machine_of(GuestMachineId const& id)
    {
        auto& machine = m_world.guest_machines[id];
        machine.id = id;
        if (machine.host.empty())
            machine.host = m_record.origin->host;
        return machine;
    }

    SheetEntry& entry_of(ContainerId const& id, std::string const& path) { return container_of(id).sheet[path]; }

    Registry& registry_of(ActorId const& id)
    {
        auto& registry = m_world.registries[id];
        registry.id = id;
        return registry;
    }

    static std::string first_of(std::vector<std::string> const& references)
    {
        return references.empty() ? std::string() : references.front();
    }

    Build& build_now()
    {
        if (!m_world.build)
            m_world.build.emplace();
        return *m_world.build;
    }

    Scenario& scenario_now()
    {
        if (!m_world.scenario)
            m_world.scenario.emplace();
        return *m_world.scenario;
    }

    World& m_world;
    trace::Record const& m_record;
};

}

void apply(World& world, trace::Record const& record)
{
    record.event.visit(Fold(world, record));
    world.applied = record.sequence + 1;
    world.time = record.time;
}

Host const& host_of(World const& world, HostId const& id)
{
    static Host const nothing;
    auto const host = world.hosts.find(id);
    return host == world.hosts.end() ? nothing : host->second;
}

Container const* find_container(World const& world, HostId const& host, std::string_view name_or_prefix)
{
    Container const* found = nullptr;
    for (auto const& [id, container] : world.containers) {
        if (container.state == ContainerState::Removed || container.host != host)
            continue;
        if (id.value == name_or_prefix || container.name == name_or_prefix)
            return &container;
        if (!name_or_prefix.empty() && id.value.starts_with(name_or_prefix)) {
            if (found != nullptr)
                return nullptr;
            found = &container;
        }
    }
    return found;
}

Image const* find_image(Host const& host, std::string_view reference)
{
    auto const tag = tag_or_nothing(reference);
    for (auto const& [id, image] : host.images) {
        if (std::find(image.tags.begin(), image.tags.end(), tag) != image.tags.end())
            return &image;
    }
    return nullptr;
}

}
