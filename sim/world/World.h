#pragma once

// The state that the events imply, and nothing else: World = fold(events). A World is a plain value; it can be
// copied, compared and thrown away. `apply` is its only mutator, and it never asks anybody anything.

#include "sim/trace/EventLog.h"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace drydock::world {

using oci::Digest;

struct Actor {
    ActorId id;
    HostId host;
    trace::ActorRole role { trace::ActorRole::Client };
    std::string label;
    std::string detail;
    bool operator==(Actor const&) const = default;
};

struct Connection {
    ConnectionId id;
    ActorId from;
    ActorId to;
    std::string endpoint;
    std::string tls {}; // "TLSv1.3", or empty
    bool operator==(Connection const&) const = default;
};

// A request and its response. The last `exchanges_kept` stay after they are answered.
struct Exchange {
    ExchangeId id;
    ConnectionId connection;
    ActorId from;
    ActorId to;
    std::string method;
    std::string target;
    std::string request_headers;
    std::string request_body;
    std::optional<std::int64_t> status; // nothing: not answered yet
    std::string reason;
    std::string response_headers;
    std::string response_body;
    std::uint64_t response_size { 0 };
    std::uint64_t asked_at { 0 }; // sequence of the record
    bool operator==(Exchange const&) const = default;
};

enum class BlobState : std::uint8_t { Travelling, Stored, Refused };

// A blob that the events spoke of: on its way, or in a store.
struct Blob {
    Digest digest;
    std::uint64_t size { 0 };
    std::uint64_t received { 0 };
    ActorId from;
    ActorId to;
    BlobState state { BlobState::Travelling };
    bool verified { false };
    bool skipped { false }; // it did not have to travel
    bool operator==(Blob const&) const = default;
};

struct Layer {
    Digest diff_id;
    std::optional<Digest> blob;
    std::uint64_t entries { 0 };
    std::uint64_t size { 0 }; // bytes, uncompressed
    std::string created_by;
    std::optional<std::uint64_t> listed; // sequence of the record that tells its members
    bool operator==(Layer const&) const = default;
};

struct Image {
    Digest id;
    std::vector<Digest> layers;    // DiffIds, bottom first
    std::vector<std::string> tags; // sorted
    std::vector<std::string> command;
    std::vector<std::string> env;
    std::vector<std::string> history;
    bool operator==(Image const&) const = default;
};

// The pull in progress, as far as the manifest is known.
struct Pull {
    HostId host; // whose daemon pulls
    std::string reference;
    ActorId registry; // empty until one has answered
    std::optional<Digest> manifest;
    std::optional<Digest> config;
    std::vector<trace::LayerOfManifest> layers;
    bool operator==(Pull const&) const = default;
};

enum class ContainerState : std::uint8_t { Created, Running, Paused, Exited, Removed };

enum class SheetMark : std::uint8_t { Created, CopiedUp, Whiteout, Opaque };

// One path of a container's read-write layer.
struct SheetEntry {
    SheetMark mark { SheetMark::Created };
    std::uint64_t size { 0 };
    std::optional<Digest> from_layer; // where a copied-up file came from
    std::string note;                 // the last change of its metadata, "mode 644 -> 755"
    std::string type {};              // as of FileCreated; empty for what was copied up: as it is below
    bool operator==(SheetEntry const&) const = default;
};

struct Process {
    std::int64_t pid { 0 };
    std::int64_t host_pid { 0 };
    std::vector<std::string> command;
    std::optional<std::int64_t> exit_code;
    bool operator==(Process const&) const = default;
};

struct LookupRay {
    std::string path;
    std::vector<std::int64_t> visited;
    std::int64_t answered { -1 };
    std::int64_t whited_out { -1 };
    bool operator==(LookupRay const&) const = default;
};

// The build in progress, or the last one of the current command.
struct BuildStep {
    std::int64_t step { 0 };
    std::int64_t line { 0 };
    std::string instruction;
    bool finished { false };
    bool cached { false };
    std::optional<Digest> image;
    std::optional<Digest> layer;
    std::uint64_t size { 0 };
    bool operator==(BuildStep const&) const = default;
};

struct Build {
    std::uint64_t context_entries { 0 };
    std::uint64_t context_bytes { 0 };
    std::int64_t steps { 0 };
    std::vector<BuildStep> begun;
    bool operator==(Build const&) const = default;
};

// A registry, as far as the events tell what it keeps and whom it lets in.
struct Registry {
    ActorId id;
    std::map<std::string, Digest> pushed; // reference → manifest
    std::string scheme;                   // what it asks for: "Basic", "Bearer"; empty: nothing
    std::optional<std::string> user;      // whom it let in; empty: anybody
    std::optional<trace::RateLimitTold> rate_limit {};
    bool operator==(Registry const&) const = default;
};

// Files that left or entered the engine as one archive.
struct Archive {
    bool incoming { false };
    std::string what; // "greeter:latest", "web:/etc"
    std::uint64_t bytes { 0 };
    bool operator==(Archive const&) const = default;
};

struct Volume {
    std::string name;
    std::string driver;
    std::string location;
    bool operator==(Volume const&) const = default;
};

struct ContainerNetwork {
    std::string id;
    std::string name;
    std::string driver;
    std::string subnet;
    std::string gateway;
    bool operator==(ContainerNetwork const&) const = default;
};

// A machine, and what is kept on it: a registry's blobs, or what a daemon has of images, volumes and networks.
struct Host {
    HostId id;
    std::string kernel;
    std::int64_t cores { 0 };
    std::uint64_t memory { 0 };
    std::map<Digest, Blob> blobs;
    std::map<Digest, Layer> layers; // by DiffId
    std::map<Digest, Image> images;
    std::map<std::string, Volume> volumes;
    std::map<std::string, ContainerNetwork> networks; // by id
    bool operator==(Host const&) const = default;
};

// A container's place in a network.
struct Attachment {
    std::string address;
    std::string interface;
    bool operator==(Attachment const&) const = default;
};

struct Container {
    ContainerId id;
    HostId host;
    std::string name;
    std::string reference;
    std::optional<Digest> image;
    std::vector<std::string> command;
    std::string hostname;
    ContainerState state { ContainerState::Created };
    std::optional<std::int64_t> exit_code;
    bool has_sheet { false }; // the read-write layer exists
    std::string sheet_location;
    std::map<std::string, SheetEntry> sheet; // by path
    bool mounted { false };
    std::string driver;
    std::vector<Digest> lower;                       // DiffIds, bottom first
    std::map<std::string, std::uint64_t> namespaces; // kind → inode
    std::map<std::string, ContainerId> joined;       // kind → the container that this namespace was made for
    std::vector<trace::IdsMapped> id_maps;
    std::vector<trace::MountMade> mounts;
    std::vector<trace::VolumeMounted> volumes;
    std::map<std::string, Attachment> networks; // by network id
    std::vector<trace::PortPublished> ports;
    std::string health; // empty: it has no health check
    std::string limits; // as they were changed last
    std::int64_t restarts { 0 };
    bool out_of_memory { false };
    std::optional<trace::NameResolved> last_resolved;
    bool pivoted { false };
    std::optional<trace::PrivilegesDropped> privileges;
    std::optional<trace::CgroupCreated> cgroup;
    std::optional<trace::ResourcesUsed> used;  // when last asked
    bool remade { false };                     // its processes are not those that ran before the engine was taken back
    std::map<std::int64_t, Process> processes; // by pid inside
    std::string output;                        // the last 16 KiB, both streams
    std::optional<LookupRay> last_lookup;
    std::uint64_t syscalls { 0 };
    std::string last_signal; // "SIGTERM"
    bool operator==(Container const&) const = default;
};

// Which exits of a guest are counted together.
struct ExitReason {
    std::string reason;
    std::int64_t port { -1 };
    bool out { false };
    auto operator<=>(ExitReason const&) const = default;
};

struct GuestMachine {
    GuestMachineId id;
    HostId host;
    std::string name;
    std::string monitor;
    std::uint64_t memory { 0 };
    std::int64_t cpus { 0 };
    std::vector<trace::GuestMemoryMapped> mapped;
    std::optional<trace::GuestKernelLoaded> kernel;
    std::vector<trace::GuestPhaseReached> phases;
    std::map<ExitReason, std::uint64_t> exits;
    std::string console;                // the last 16 KiB
    std::optional<std::string> stopped; // why; nothing: it is there
    bool operator==(GuestMachine const&) const = default;
};

struct Span {
    SpanId id;
    SpanId parent;
    std::string operation;
    std::string title;
    trace::Depth depth { trace::Depth::Role };
    bool operator==(Span const&) const = default;
};

struct Command {
    ActorId client;
    std::string line;
    std::string output;
    std::optional<std::int64_t> exit_code;
    bool operator==(Command const&) const = default;
};

struct Prediction {
    std::string id;
    std::string question;
    std::vector<std::string> choices;
    std::optional<std::string> answer;
    std::string why;
    bool operator==(Prediction const&) const = default;
};

struct Goal {
    std::string text;
    bool met { false };
    std::string why_not;
    bool operator==(Goal const&) const = default;
};

struct Scenario {
    std::string id;
    std::string title;
    std::vector<trace::LessonPart> parts;
    std::string analogy;
    std::vector<std::string> picture; // of the analogy
    std::int64_t phase { -1 };
    std::string phase_name;
    std::string say;
    std::vector<std::string> focus;
    std::vector<Prediction> predictions;
    std::vector<Goal> goals;
    std::optional<trace::VariationBegan> variation; // the one that plays, or was played last
    std::string variation_shows;                    // empty: it is not over
    std::optional<bool> succeeded;                  // nothing: still playing
    bool operator==(Scenario const&) const = default;
};

struct World {
    std::uint64_t applied { 0 }; // records folded
    Timestamp time;              // of the last one
    std::map<HostId, Host> hosts;
    std::vector<HostId> machines;    // those with a daemon, in the order in which they appeared
    HostId shown;                    // the one whose daemon was asked last: what a picture of one machine is of
    std::map<ActorId, Actor> actors; // those that are there
    std::map<ConnectionId, Connection> connections;
    std::vector<Exchange> exchanges; // in the order in which they were asked
    std::optional<Pull> pull;
    std::optional<Build> build;
    std::map<ActorId, Registry> registries;
    std::optional<Archive> archive;                  // the last one of the current command
    std::optional<trace::ConnectionRefused> refusal; // likewise
    std::map<ContainerId, Container> containers;     // removed ones too, until the next is made
    std::map<HostId, trace::HypervisorStarted> hypervisors;
    std::map<GuestMachineId, GuestMachine> guest_machines; // stopped ones too, until the next is made
    std::vector<trace::MeasurementTaken> measurements;
    std::map<SpanId, Span> spans;  // those in progress
    std::vector<Command> commands; // the last 50
    std::optional<Scenario> scenario;
    std::vector<trace::FaultInjected> faults;      // that have not been healed
    std::optional<trace::EngineRestored> restored; // the last time
    std::vector<trace::WarningRaised> warnings;
    std::optional<trace::OperationFailed> failure; // the last one of the current command
    std::uint64_t bytes_transferred { 0 };
    std::uint64_t bytes_skipped { 0 };

    bool operator==(World const&) const = default;

    static constexpr std::size_t exchanges_kept = 32;
    static constexpr std::size_t commands_kept = 50;
    static constexpr std::size_t warnings_kept = 20;
    static constexpr std::size_t measurements_kept = 1000;
    static constexpr std::size_t output_kept = 16 << 10;
};

void apply(World&, trace::Record const&);

// The host of that id; one that has nothing where no event told of it.
Host const& host_of(World const&, HostId const&);
inline Host const& shown_host(World const& world)
{
    return host_of(world, world.shown);
}
// The container that `name_or_prefix` means on that host, as docker resolves it; null where none or several do.
Container const* find_container(World const&, HostId const&, std::string_view name_or_prefix);
// The image a familiar reference is tagged on there.
Image const* find_image(Host const&, std::string_view reference);

}
