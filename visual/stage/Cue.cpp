#include "visual/stage/Cue.h"

#include "sim/words/Language.h"
#include "sim/words/Words.h"
#include "visual/stage/Names.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

namespace drydock::stage {

namespace {

using namespace trace;
using theme::Category;

constexpr Depth role = Depth::Role;
constexpr Depth object = Depth::Object;
constexpr Depth metal = Depth::Metal;

constexpr double travel_time = 1.0;

// What a client asks only to keep itself going: no news at the role depth.
bool is_housekeeping(std::string_view target)
{
    static constexpr std::array quiet { "/_ping", "/attach", "/wait", "/resize", "/json", "/version", "/info",
        "/events", "/v2/" };
    auto const path = words::short_target(target);
    if (path == "/containers/json" || path == "/images/json")
        return false; // somebody typed `docker ps` or `docker images`
    return std::any_of(quiet.begin(), quiet.end(), [&](std::string_view part) { return path.ends_with(part); });
}

// While blobs travel the client prints a line for each step of each; its terminal shows them anyway.
bool is_progress(std::string_view text)
{
    auto const colon = text.find(": ");
    return colon == 12 || text.starts_with("Digest: ") || text.starts_with("Status: ")
        || text.find(": Pulling from ") != std::string_view::npos;
}

bool is_client(ActorId const& id, world::World const& world)
{
    auto const found = world.actors.find(id);
    return found != world.actors.end() && found->second.role == ActorRole::Client;
}

world::Exchange const* exchange(ExchangeId const& id, world::World const& world)
{
    auto const found
        = std::find_if(world.exchanges.rbegin(), world.exchanges.rend(), [&](auto const& e) { return e.id == id; });
    return found == world.exchanges.rend() ? nullptr : &*found;
}

// 0.8 s for small things, 1.2 s for large ones: speed follows the logarithm of the size.
double transfer_time(std::uint64_t bytes)
{
    auto const digits = std::log10(static_cast<double>(bytes) + 1); // 9 digits is the largest layer one meets
    return 0.8 + 0.4 * std::clamp(digits / 9, 0.0, 1.0);
}

class Cues {
public:
    explicit Cues(world::World const& world)
        : m_world(world)
    {
    }

    // ---- Who is there ----

    Cue operator()(HostAppeared const& e) const { return { object, { kernel_id(e.host) }, "appear", 0.5 }; }
    Cue operator()(ActorAppeared const& e) const { return { role, { id_of(e.actor) }, "appear", 0.9 }; }
    Cue operator()(ActorLeft const& e) const { return { object, { id_of(e.actor) }, "left", 0.5 }; }
    Cue operator()(SpanBegan const&) const { return {}; }
    Cue operator()(SpanEnded const&) const { return {}; }

    // ---- The command line and the wire ----

    Cue operator()(CommandEntered const& e) const { return { role, { id_of(e.client) }, "", 1.2 }; }
    Cue operator()(CommandPrinted const& e) const
    {
        if (e.text.find_first_not_of(" \r\n\t") == std::string::npos)
            return {};
        auto const depth = m_world.pull || is_progress(e.text) ? metal : role;
        return { depth, { id_of(e.client) }, "print:" + e.client.value, 0.5 };
    }
    Cue operator()(CommandFinished const& e) const { return { role, { id_of(e.client) }, "", 0.5 }; }
    Cue operator()(ConnectionOpened const& e) const
    {
        return { metal, { wire_id(e.from, e.to), id_of(e.from), id_of(e.to) }, "", 0.6 };
    }
    Cue operator()(ConnectionClosed const&) const { return { metal, {}, "closed", 0.4 }; }
    Cue operator()(RequestReceived const& e) const
    {
        bool const is_news = is_client(e.from, m_world) && !is_housekeeping(e.target);
        return { is_news ? role : metal, { id_of(e.to), wire_id(e.from, e.to), id_of(e.from) }, "", travel_time,
            Mover {
                e.method + " " + words::short_target(e.target), Category::Network, { id_of(e.from), id_of(e.to) } } };
    }
    Cue operator()(ResponseSent const& e) const
    {
        auto const* asked = exchange(e.exchange, m_world);
        bool const is_news = asked != nullptr && is_client(e.to, m_world) && !is_housekeeping(asked->target)
            && (e.status >= 400 || asked->target.find("/containers/create") != std::string::npos);
        return { is_news ? role : metal, { id_of(e.to), wire_id(e.from, e.to), id_of(e.from) }, "", travel_time,
            Mover { fmt::format("{} {}", e.status, e.reason), e.status < 400 ? Category::Network : Category::Alert,
                { id_of(e.from), id_of(e.to) } } };
    }

    // ---- Images ----

    Cue operator()(ImageNotFoundLocally const&) const { return { role, { std::string(store_id), daemon() }, "", 0.7 }; }
    Cue operator()(ReferenceResolved const& e) const { return { object, { id_of(e.registry), daemon() }, "", 0.6 }; }
    Cue operator()(ManifestFetched const& e) const
    {
        Cue cue { role, { std::string(store_id), registry(), daemon(), wire_to_registry() }, "", travel_time };
        cue.focus.push_back(image_id(e.config));
        for (auto const& layer : e.layers) {
            cue.focus.push_back(layer_id_of_blob(layer.digest));
            cue.focus.push_back(remote_id(layer.digest));
        }
        cue.mover = Mover { words::say("manifest {}", e.manifest.short_form()), Category::Registry,
            { registry(), daemon() } };
        return cue;
    }
    Cue operator()(BlobSkipped const& e) const
    {
        return { role, { layer_id_of_blob(e.digest), daemon() }, "skipped", 0.6 };
    }
    Cue operator()(BlobTransferStarted const& e) const
    {
        bool const is_config = m_world.pull && m_world.pull->config == e.digest;
        auto const target = is_config ? image_id(e.digest) : layer_id_of_blob(e.digest);
        Cue cue { role,
            { blob_id(e.digest), target, remote_id(e.digest), id_of(e.from), id_of(e.to), wire_id(e.from, e.to) }, "",
            transfer_time(e.size) };
        // Where the blob arrives within the beat, the stage before and after it knows of no blob: this one travels.
        cue.mover = Mover { is_config ? words::say("config {}", human_size(e.size))
                                      : words::say("layer {}", human_size(e.size)),
            Category::Registry, { id_of(e.from), id_of(e.to), target }, e.size };
        return cue;
    }
    Cue operator()(BlobBytesArrived const& e) const
    {
        return { metal, { blob_id(e.digest), layer_id_of_blob(e.digest) }, "bytes:" + e.digest.hex(), 0.4 };
    }
    Cue operator()(DigestVerified const& e) const
    {
        return { is_layer(e.digest) && e.what == Verified::Blob ? role
                : e.what == Verified::DiffId                    ? metal
                                                                : object,
            { layer_id_of_blob(e.digest), blob_id(e.digest), daemon() }, "", 0.6 };
    }
    Cue operator()(DigestMismatched const& e) const
    {
        return { role, { blob_id(e.expected), layer_id_of_blob(e.expected), daemon() }, "", 0.8 };
    }
    Cue operator()(BlobStored const& e) const
    {
        return { metal, { layer_id_of_blob(e.digest), blob_id(e.digest), std::string(store_id) }, "", 0.5 };
    }
    Cue operator()(BlobRemoved const& e) const
    {
        return { object, { std::string(store_id), blob_id(e.digest) }, "", 0.5 };
    }
    Cue operator()(LayerIndexed const& e) const { return { role, { layer_id(e.diff_id, m_world) }, "", 0.8 }; }
    Cue operator()(LayerListed const&) const { return {}; } // for the union view; the stage has the layer itself
    Cue operator()(LayerRemoved const&) const { return { role, { std::string(store_id) }, "layer-removed", 0.6 }; }
    Cue operator()(ImageStored const& e) const { return { role, with_layers(e.image), "image", 0.8 }; }
    Cue operator()(ImageTagged const& e) const { return { role, with_layers(e.image), "image", 0.6 }; }
    Cue operator()(ImageUntagged const& e) const
    {
        return { role, { image_id(e.image), std::string(store_id) }, "image", 0.6 };
    }
    Cue operator()(ImageRemoved const&) const { return { role, { std::string(store_id) }, "image", 0.6 }; }

    // ---- Building and shipping ----

    Cue operator()(BuildContextReceived const&) const { return { role, { daemon(), client() }, "", 0.9 }; }
    Cue operator()(BuildStepBegan const&) const { return { role, { daemon() }, "", 0.9 }; }
    Cue operator()(BuildStepFinished const& e) const { return { role, with_layers(e.image), "", 0.9 }; }
    Cue operator()(LayerCommitted const& e) const
    {
        return { role, { sheet_id(e.container), id_of(e.container), layer_id(e.diff_id, m_world) }, "", 0.9 };
    }
    Cue operator()(BlobMounted const& e) const { return { role, { id_of(e.registry) }, "mounted", 0.6 }; }
    Cue operator()(ManifestPushed const& e) const { return { role, { id_of(e.registry), daemon() }, "", 0.9 }; }
    Cue operator()(AuthenticationRequired const& e) const { return { role, { id_of(e.registry) }, "", 0.8 }; }
    Cue operator()(AuthenticationSucceeded const& e) const { return { role, { id_of(e.registry) }, "", 0.8 }; }
    Cue operator()(RateLimitTold const& e) const { return { role, { id_of(e.registry) }, "", 0.6 }; }
    Cue operator()(ConnectionRefused const& e) const { return { role, { id_of(e.from) }, "", 0.9 }; }
    Cue operator()(TlsEstablished const& e) const
    {
        auto const found = m_world.connections.find(e.connection);
        if (found == m_world.connections.end())
            return { object, {}, "", 0.6 };
        auto const& [from, to] = std::tie(found->second.from, found->second.to);
        return { object, { wire_id(from, to), id_of(from), id_of(to) }, "", 0.6 };
    }
    Cue operator()(ImagesSaved const&) const { return { role, { daemon() }, "", 0.9 }; }
    Cue operator()(ImagesLoaded const&) const { return { role, { daemon() }, "", 0.9 }; }

    // ---- Volumes and networks ----

    Cue operator()(VolumeCreated const&) const { return { role, { daemon() }, "", 0.8 }; }
    Cue operator()(VolumeRemoved const&) const { return { role, { daemon() }, "", 0.8 }; }
    Cue operator()(VolumeMounted const& e) const { return { role, { id_of(e.container) }, "", 0.8 }; }
    Cue operator()(NetworkCreated const& e) const
    {
        // Those that every daemon has from its start are no news.
        bool const always_there = e.name == "bridge" || e.name == "host" || e.name == "none";
        return { always_there ? metal : role, { daemon(), kernel() }, "", 0.8 };
    }
    Cue operator()(NetworkRemoved const&) const { return { role, { daemon(), kernel() }, "", 0.8 }; }
    Cue operator()(NetworkConnected const& e) const { return { role, { id_of(e.container), kernel() }, "", 0.8 }; }
    Cue operator()(NetworkDisconnected const& e) const { return { role, { id_of(e.container), kernel() }, "", 0.8 }; }
    Cue operator()(PortPublished const& e) const { return { role, { id_of(e.container), kernel() }, "", 0.8 }; }
    Cue operator()(PortUnpublished const& e) const { return { object, { id_of(e.container) }, "", 0.5 }; }
    Cue operator()(NameResolved const& e) const { return { object, { id_of(e.container) }, "", 0.6 }; }

    // ---- Containers ----

    Cue operator()(ContainerCreated const& e) const
    {
        return { role, { id_of(e.container), sheet_id(e.container), daemon() }, "", 0.8 };
    }
    Cue operator()(WritableLayerCreated const& e) const
    {
        // Made before the container is announced: then the two are shown together.
        if (!m_world.containers.at(e.container).image)
            return {};
        return { role, { sheet_id(e.container), id_of(e.container) }, "", 0.8 };
    }
    Cue operator()(UnionMounted const& e) const
    {
        Cue cue { role, { sheet_id(e.container), id_of(e.container), id_of(e.container) + "/column" }, "", 0.9 };
        for (auto const& layer : e.lower)
            cue.focus.push_back(layer_id(layer, m_world));
        return cue;
    }
    Cue operator()(UnionUnmounted const& e) const { return { object, { id_of(e.container) }, "", 0.5 }; }
    Cue operator()(NamespaceCreated const& e) const
    {
        return { role, { namespace_id(e.container, e.kind), id_of(e.container), kernel() }, "namespaces", 0.9 };
    }
    Cue operator()(NamespaceJoined const& e) const
    {
        return { role, { namespace_id(e.container, e.kind), id_of(e.container), id_of(e.owner) }, "namespaces", 0.9 };
    }
    Cue operator()(IdsMapped const& e) const { return { object, granted(e.container, "ids"), "ids", 0.5 }; }
    Cue operator()(MountMade const& e) const { return { object, granted(e.container, "mounts"), "mounts", 0.6 }; }
    Cue operator()(RootPivoted const& e) const
    {
        return { role, { id_of(e.container), sheet_id(e.container), id_of(e.container) + "/column" }, "", 0.9 };
    }
    Cue operator()(HostnameSet const& e) const { return { object, { id_of(e.container) }, "", 0.5 }; }
    Cue operator()(PrivilegesDropped const& e) const { return { object, granted(e.container, "privileges"), "", 0.6 }; }
    Cue operator()(CgroupCreated const& e) const { return { object, granted(e.container, "cgroup"), "", 0.6 }; }
    Cue operator()(ResourcesUsed const& e) const { return { object, granted(e.container, "cgroup"), "", 0.6 }; }
    Cue operator()(SyscallMade const& e) const { return { metal, { kernel(), id_of(e.container) }, "", 0.4 }; }
    Cue operator()(ProcessStarted const& e) const
    {
        return { role, { process_id(e.container, e.pid), id_of(e.container), kernel() }, "run:" + e.container.value,
            0.9 };
    }
    Cue operator()(ProcessExited const& e) const
    {
        return { object, { process_id(e.container, e.pid), id_of(e.container) }, "", 0.5 };
    }
    Cue operator()(ContainerStarted const& e) const
    {
        return { role, { id_of(e.container) }, "run:" + e.container.value, 0.6 };
    }
    Cue operator()(ContainerExited const& e) const { return { role, { id_of(e.container) }, "", 0.9 }; }
    Cue operator()(ContainerPaused const& e) const { return { role, { id_of(e.container), kernel() }, "", 0.6 }; }
    Cue operator()(ContainerUnpaused const& e) const { return { role, { id_of(e.container), kernel() }, "", 0.6 }; }
    Cue operator()(ContainerRenamed const& e) const { return { role, { id_of(e.container) }, "", 0.5 }; }
    Cue operator()(ContainerRemoved const& e) const
    {
        return { role, { id_of(e.container), sheet_id(e.container) }, "", 0.9 };
    }
    Cue operator()(ContainerUpdated const& e) const { return { role, { id_of(e.container), daemon() }, "", 0.6 }; }
    Cue operator()(RestartScheduled const& e) const { return { role, { id_of(e.container), daemon() }, "", 0.8 }; }
    Cue operator()(HealthChanged const& e) const { return { role, { id_of(e.container) }, "", 0.6 }; }
    Cue operator()(MemoryExhausted const& e) const { return { role, { id_of(e.container), kernel() }, "", 0.9 }; }
    Cue operator()(FilesCopied const& e) const
    {
        return { role, { sheet_id(e.container), id_of(e.container), daemon() }, "", 0.9 };
    }
    Cue operator()(ContainerExported const& e) const { return { role, { id_of(e.container), daemon() }, "", 0.9 }; }
    Cue operator()(SignalSent const& e) const
    {
        return { role, { id_of(e.container), daemon() }, "", travel_time,
            Mover { e.name, Category::Process, { daemon(), id_of(e.container) } } };
    }
    Cue operator()(OutputWritten const& e) const
    {
        auto label = e.text.substr(0, e.text.find('\n'));
        return { role, { id_of(e.container), daemon(), client() }, "output", travel_time,
            Mover { label.empty() ? words::say("output") : label, Category::Process,
                { id_of(e.container), daemon(), client() } } };
    }

    // ---- The union filesystem ----

    Cue operator()(PathLookedUp const& e) const
    {
        return { metal, { id_of(e.container) + "/ray", id_of(e.container) + "/column", id_of(e.container) }, "", 0.6 };
    }
    Cue operator()(FileCopiedUp const& e) const
    {
        return { role,
            { sheet_entry_id(e.container, e.path), sheet_id(e.container), id_of(e.container),
                layer_id(e.from_layer, m_world) },
            "", 1.2 };
    }
    Cue operator()(FileCreated const& e) const { return change(object, e.container, e.path); }
    Cue operator()(FileWritten const& e) const
    {
        auto cue = change(object, e.container, e.path);
        cue.group = "written:" + e.path;
        return cue;
    }
    Cue operator()(FileRemoved const& e) const
    {
        return { object, { sheet_id(e.container), id_of(e.container) }, "", 0.5 };
    }
    Cue operator()(FileRenamed const& e) const { return change(object, e.container, e.to); }
    Cue operator()(MetadataChanged const& e) const { return change(object, e.container, e.path); }
    Cue operator()(WhiteoutMade const& e) const { return change(role, e.container, e.path); }
    Cue operator()(DirectoryMadeOpaque const& e) const { return change(object, e.container, e.path); }

    // ---- Guest machines: beside the kernel of the host, which lends them its CPU ----

    Cue operator()(HypervisorStarted const& e) const { return { role, { hypervisor_id(e.host), kernel() }, "", 0.9 }; }
    Cue operator()(HypervisorStopped const&) const { return { role, { kernel() }, "", 0.9 }; }
    Cue operator()(GuestMachineCreated const& e) const { return guest(role, e.machine, "", 0.9); }
    Cue operator()(GuestMemoryMapped const& e) const { return guest(object, e.machine, "guest-memory", 0.6); }
    Cue operator()(GuestKernelLoaded const& e) const
    {
        return { object, { guest_kernel_id(e.machine), guest_id(e.machine), kernel() }, "", 0.8 };
    }
    // Each phase is a step of its own: a class watches a boot step by step.
    Cue operator()(GuestPhaseReached const& e) const { return guest(role, e.machine, "", 0.8); }
    Cue operator()(GuestExitsCounted const& e) const { return guest(metal, e.machine, "guest-exits", 0.4); }
    Cue operator()(GuestConsoleWritten const& e) const { return guest(role, e.machine, "guest-console", 0.6); }
    Cue operator()(GuestMachineStopped const& e) const { return guest(role, e.machine, "", 0.8); }
    Cue operator()(MeasurementTaken const&) const { return { object, { kernel() }, "measurements", 0.4 }; }

    // ---- Scenarios ----

    Cue operator()(ScenarioBegan const&) const { return { role, { std::string(narration_id) }, "", 0.6 }; }
    Cue operator()(PhaseBegan const& e) const
    {
        Cue cue { role, { std::string(narration_id) }, "", 1.0 };
        for (auto const& name : e.focus) {
            if (auto id = resolve(name, m_world); !id.empty())
                cue.focus.push_back(std::move(id));
        }
        return cue;
    }
    Cue operator()(PhaseEnded const&) const { return {}; }
    Cue operator()(PredictionAsked const&) const { return { role, { std::string(narration_id) }, "", 0.8 }; }
    Cue operator()(PredictionResolved const&) const { return { role, { std::string(narration_id) }, "", 0.8 }; }
    Cue operator()(GoalEvaluated const&) const { return { role, { std::string(narration_id) }, "goals", 0.6 }; }
    Cue operator()(LessonIntroduced const&) const { return { role, { std::string(narration_id) }, "", 0.8 }; }
    Cue operator()(VariationBegan const&) const { return { role, { std::string(narration_id) }, "", 1.0 }; }
    Cue operator()(VariationEnded const&) const { return { role, { std::string(narration_id) }, "", 0.8 }; }
    Cue operator()(ScenarioEnded const&) const { return { role, { std::string(narration_id) }, "", 0.6 }; }

    // ---- What the learner did to the engine ----

    Cue operator()(EngineRestored const&) const { return { role, { daemon() }, "", 0.9 }; }
    Cue operator()(FaultInjected const& e) const { return { role, { broken(e.object) }, "", 0.9 }; }
    Cue operator()(FaultHealed const& e) const { return { role, { broken(e.object) }, "", 0.9 }; }

    // ---- What went otherwise than asked ----

    Cue operator()(WarningRaised const&) const { return { role, { daemon() }, "warning", 0.6 }; }
    Cue operator()(OperationFailed const&) const { return { role, { daemon() }, "", 0.8 }; }

private:
    std::string daemon() const { return resolve("daemon", m_world); }
    std::string client() const { return resolve("client", m_world); }
    std::string kernel() const { return resolve("kernel", m_world); }
    std::string registry() const { return resolve("registry", m_world); }
    Cue guest(Depth from, GuestMachineId const& machine, std::string group, double motion) const
    {
        auto const found = m_world.guest_machines.find(machine);
        auto const below = found == m_world.guest_machines.end() ? kernel() : hypervisor_id(found->second.host);
        return { from, { guest_id(machine), guest_kernel_id(machine), below, kernel() }, std::move(group), motion };
    }
    // What a fault hit, as far as it stands on the stage.
    std::string broken(std::string const& name) const
    {
        auto id = id_of_broken(name, m_world);
        return id.empty() ? daemon() : id;
    }
    std::string wire_to_registry() const
    {
        for (auto const& [id, connection] : m_world.connections) {
            if (id_of(connection.to) == registry())
                return wire_id(connection.from, connection.to);
        }
        return {};
    }
    bool is_layer(oci::Digest const& blob) const
    {
        return m_world.pull
            && std::any_of(m_world.pull->layers.begin(), m_world.pull->layers.end(),
                [&](auto const& layer) { return layer.digest == blob; });
    }
    std::vector<std::string> with_layers(oci::Digest const& image) const
    {
        std::vector<std::string> ids { image_id(image) };
        auto const& images = world::shown_host(m_world).images;
        if (auto const found = images.find(image); found != images.end()) {
            for (auto const& layer : found->second.layers)
                ids.push_back(layer_id(layer, m_world));
        }
        return ids;
    }
    std::vector<std::string> granted(ContainerId const& container, std::string_view what) const
    {
        return { fact_id(container, what), id_of(container), kernel() };
    }
    static Cue change(Depth depth, ContainerId const& container, std::string const& path)
    {
        return { depth, { sheet_entry_id(container, path), sheet_id(container), id_of(container) }, "", 0.8 };
    }

    world::World const& m_world;
};

}

Cue cue_of(Event const& event, world::World const& world)
{
    return event.visit(Cues(world));
}

}
