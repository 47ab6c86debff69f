#pragma once

// Everything that can be known to have happened. An event is a fact in the past tense, published after the effect by
// the code that made it, without a word about looks. docs/events.md explains each one.

#include "sim/core/Figure.h"
#include "sim/core/Id.h"
#include "sim/core/Units.h"
#include "sim/oci/Digest.h"
#include "sim/trace/Fields.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <new>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

namespace drydock::trace {

using oci::Digest;

// ---- Who is there ----

enum class ActorRole : std::uint8_t { Client, Daemon, Registry, Runtime, Process };

struct HostAppeared {
    HostId host;
    std::string kernel; // "Linux 6.1.0", as uname(2) gives it, or the simulated kernel's own name
    std::int64_t cores { 0 };
    std::uint64_t memory { 0 }; // bytes
    DRYDOCK_EVENT(HostAppeared, Role, host, kernel, cores, memory)
};

struct ActorAppeared {
    ActorId actor;
    HostId host;
    ActorRole role { ActorRole::Client };
    std::string label;  // "docker", "Docker Hub (embedded)"
    std::string detail; // the address it answers on, or the pid it has
    DRYDOCK_EVENT(ActorAppeared, Role, actor, host, role, label, detail)
};

struct ActorLeft {
    ActorId actor;
    DRYDOCK_EVENT(ActorLeft, Role, actor)
};

// ---- Spans: the tree of what is done on whose behalf ----

struct SpanBegan {
    SpanId span;
    SpanId parent;         // 0: a root
    std::string operation; // "pull", "create", "launch": one word, the same for every run
    std::string title;     // "Pull busybox:latest"
    Depth span_depth { Depth::Role };
    DRYDOCK_EVENT(SpanBegan, Metal, span, parent, operation, title, span_depth)
};

struct SpanEnded {
    SpanId span;
    bool succeeded { true };
    std::string error; // empty where it succeeded
    DRYDOCK_EVENT(SpanEnded, Metal, span, succeeded, error)
};

// ---- The command line and the wire ----

struct CommandEntered {
    ActorId client;
    std::string line; // "docker run --rm busybox echo hi"
    DRYDOCK_EVENT(CommandEntered, Role, client, line)
};

struct CommandPrinted {
    ActorId client;
    bool to_stderr { false };
    std::string text;
    DRYDOCK_EVENT(CommandPrinted, Role, client, to_stderr, text)
};

struct CommandFinished {
    ActorId client;
    std::string line;
    std::int64_t exit_code { 0 };
    DRYDOCK_EVENT(CommandFinished, Role, client, line, exit_code)
};

struct ConnectionOpened {
    ConnectionId connection;
    ActorId from;
    ActorId to;
    std::string endpoint; // "unix:///run/drydock.sock", "tcp://127.0.0.1:5000"
    DRYDOCK_EVENT(ConnectionOpened, Object, connection, from, to, endpoint)
};

struct ConnectionClosed {
    ConnectionId connection;
    DRYDOCK_EVENT(ConnectionClosed, Object, connection)
};

// Published by the server, or by the client where the server is not ours.
struct RequestReceived {
    ExchangeId exchange;
    ConnectionId connection;
    ActorId from;
    ActorId to;
    std::string method;
    std::string target;  // path and query as sent
    std::string headers; // as sent, one per line; credentials replaced by "(hidden)"
    std::string body;    // the first 4 KiB of a JSON body, else empty
    DRYDOCK_EVENT(RequestReceived, Role, exchange, connection, from, to, method, target, headers, body)
};

struct ResponseSent {
    ExchangeId exchange;
    ConnectionId connection;
    ActorId from;
    ActorId to;
    std::int64_t status { 0 };
    std::string reason; // "OK"
    std::string headers;
    std::string body;              // the first 4 KiB of a JSON body, else empty
    std::uint64_t body_size { 0 }; // bytes; 0 for a stream whose length nobody knows yet
    DRYDOCK_EVENT(ResponseSent, Role, exchange, connection, from, to, status, reason, headers, body, body_size)
};

// ---- Images: from a name to layers in the store ----

struct ImageNotFoundLocally {
    std::string reference; // familiar form, "busybox:latest"
    DRYDOCK_EVENT(ImageNotFoundLocally, Role, reference)
};

struct ReferenceResolved {
    std::string reference;
    ActorId registry; // the endpoint that answered
    Digest manifest;
    std::string media_type;
    DRYDOCK_EVENT(ReferenceResolved, Object, reference, registry, manifest, media_type)
};

struct LayerOfManifest {
    Digest digest;
    std::uint64_t size { 0 }; // bytes, compressed
    DRYDOCK_FIELDS(LayerOfManifest, digest, size)
};

struct ManifestFetched {
    std::string reference;
    Digest manifest;
    std::uint64_t size { 0 };
    Digest config;
    std::vector<LayerOfManifest> layers; // bottom first
    DRYDOCK_EVENT(ManifestFetched, Object, reference, manifest, size, config, layers)
};

// A blob that did not have to travel, because the receiver has it.
struct BlobSkipped {
    Digest digest;
    std::uint64_t size { 0 };
    std::string reason; // "already in the store"
    DRYDOCK_EVENT(BlobSkipped, Role, digest, size, reason)
};

struct BlobTransferStarted {
    Digest digest;
    std::uint64_t size { 0 };
    ActorId from;
    ActorId to;
    std::uint64_t offset { 0 }; // bytes that were there already: a resumed transfer
    DRYDOCK_EVENT(BlobTransferStarted, Role, digest, size, from, to, offset)
};

struct BlobBytesArrived {
    Digest digest;
    std::uint64_t received { 0 }; // so far
    std::uint64_t size { 0 };
    DRYDOCK_EVENT(BlobBytesArrived, Metal, digest, received, size)
};

enum class Verified : std::uint8_t { Manifest, Blob, DiffId };

struct DigestVerified {
    Digest digest;
    Verified what { Verified::Blob };
    std::uint64_t bytes { 0 }; // hashed
    DRYDOCK_EVENT(DigestVerified, Object, digest, what, bytes)
};

struct DigestMismatched {
    Digest expected;
    Digest actual;
    Verified what { Verified::Blob };
    std::uint64_t bytes { 0 };
    DRYDOCK_EVENT(DigestMismatched, Role, expected, actual, what, bytes)
};

struct BlobStored {
    Digest digest;
    std::uint64_t size { 0 };
    DRYDOCK_EVENT(BlobStored, Object, digest, size)
};

struct BlobRemoved {
    Digest digest;
    DRYDOCK_EVENT(BlobRemoved, Object, digest)
};

struct LayerIndexed {
    Digest diff_id;
    Digest blob; // what travelled
    std::uint64_t entries { 0 };
    std::uint64_t unpacked_size { 0 }; // bytes of the uncompressed tar
    DRYDOCK_EVENT(LayerIndexed, Object, diff_id, blob, entries, unpacked_size)
};

// One member of a layer, as a union mount finds it.
struct LayerMember {
    std::string path;         // "/etc/motd"; for a whiteout what it hides, for an opaque mark its directory
    std::string type;         // as of FileCreated, and "whiteout", "opaque"
    std::uint64_t size { 0 }; // bytes of a file's content
    std::int64_t mode { 0 };  // permission bits
    DRYDOCK_FIELDS(LayerMember, path, type, size, mode)
};

struct LayerListed {
    Digest diff_id;
    std::vector<LayerMember> members; // by path
    std::uint64_t omitted { 0 };      // members beyond the most that are told
    DRYDOCK_EVENT(LayerListed, Metal, diff_id, members, omitted)
    static constexpr std::size_t most = 10'000;
};

struct LayerRemoved {
    Digest diff_id;
    DRYDOCK_EVENT(LayerRemoved, Object, diff_id)
};

struct LayerOfImage {
    Digest diff_id;
    std::uint64_t size { 0 }; // bytes of the uncompressed tar
    std::string created_by;   // the history line that made it
    DRYDOCK_FIELDS(LayerOfImage, diff_id, size, created_by)
};

struct ImageStored {
    Digest image;                     // the image ID: digest of the config
    std::vector<LayerOfImage> layers; // bottom first
    std::vector<std::string> command; // entrypoint and cmd
    std::vector<std::string> env;
    std::vector<std::string> history; // every instruction, layers or not
    DRYDOCK_EVENT(ImageStored, Role, image, layers, command, env, history)
};

struct ImageTagged {
    std::string reference;
    Digest image;
    DRYDOCK_EVENT(ImageTagged, Object, reference, image)
};

struct ImageUntagged {
    std::string reference;
    Digest image;
    DRYDOCK_EVENT(ImageUntagged, Object, reference, image)
};

struct ImageRemoved {
    Digest image;
    DRYDOCK_EVENT(ImageRemoved, Role, image)
};

// ---- Building and shipping ----

// What `docker build` sends along: the directory, without what .dockerignore names.
struct BuildContextReceived {
    std::uint64_t entries { 0 };
    std::uint64_t bytes { 0 }; // of the tar as it travelled
    std::string dockerfile;    // its first 16 KiB
    DRYDOCK_EVENT(BuildContextReceived, Role, entries, bytes, dockerfile)
};

struct BuildStepBegan {
    std::int64_t step { 0 };  // from 1
    std::int64_t steps { 0 }; // in all
    std::int64_t line { 0 };  // in the Dockerfile, from 1
    std::string instruction;  // "RUN apk add curl"
    DRYDOCK_EVENT(BuildStepBegan, Role, step, steps, line, instruction)
};

struct BuildStepFinished {
    std::int64_t step { 0 };
    std::string instruction;
    Digest image;             // what the image is after this step
    bool cached { false };    // an earlier build had made exactly this
    bool has_layer { false }; // false: the step changed the config only
    Digest layer;             // DiffId, where it has one
    std::uint64_t size { 0 }; // bytes of the uncompressed layer
    std::string reason;       // why it was taken from the cache, or was not; empty where the cache plays no part
    std::string changed;      // the file of the context that differs from what the earlier build copied, where one does
    DRYDOCK_EVENT(BuildStepFinished, Role, step, instruction, image, cached, has_layer, layer, size, reason, changed)
};

// A container's read-write layer was written down as a layer of an image.
struct LayerCommitted {
    ContainerId container;
    Digest diff_id;
    std::uint64_t entries { 0 };
    std::uint64_t unpacked_size { 0 }; // bytes of the uncompressed tar
    DRYDOCK_EVENT(LayerCommitted, Role, container, diff_id, entries, unpacked_size)
};

// A registry took a blob over from another of its repositories: nothing travelled.
struct BlobMounted {
    Digest digest;
    std::uint64_t size { 0 };
    std::string from_repository;
    ActorId registry;
    DRYDOCK_EVENT(BlobMounted, Role, digest, size, from_repository, registry)
};

struct ManifestPushed {
    std::string reference;
    ActorId registry;
    Digest manifest;
    std::uint64_t size { 0 };
    DRYDOCK_EVENT(ManifestPushed, Role, reference, registry, manifest, size)
};

struct AuthenticationRequired {
    ActorId registry;
    std::string scheme; // "Basic", "Bearer"
    std::string scope;  // "repository:app:pull", or empty
    DRYDOCK_EVENT(AuthenticationRequired, Role, registry, scheme, scope)
};

struct AuthenticationSucceeded {
    ActorId registry;
    std::string scheme;
    std::string user; // empty: nobody in particular
    DRYDOCK_EVENT(AuthenticationSucceeded, Role, registry, scheme, user)
};

struct RateLimitTold {
    ActorId registry;
    std::int64_t limit { 0 };     // pulls
    std::int64_t remaining { 0 }; // of them
    std::int64_t window { 0 };    // seconds; 0: not said
    DRYDOCK_EVENT(RateLimitTold, Role, registry, limit, remaining, window)
};

// Somebody tried to connect and was kept from it: by a firewall, or because nobody listens there.
struct ConnectionRefused {
    ActorId from;
    std::string endpoint;
    std::string reason; // "the firewall of office lets nobody in"
    DRYDOCK_EVENT(ConnectionRefused, Role, from, endpoint, reason)
};

struct TlsEstablished {
    ConnectionId connection;
    std::string version; // "TLSv1.3"
    std::string server;  // subject of the server's certificate
    std::string client;  // subject of the client's, empty where it showed none
    DRYDOCK_EVENT(TlsEstablished, Object, connection, version, server, client)
};

// `docker save`: images as one archive.
struct ImagesSaved {
    std::vector<std::string> references;
    std::uint64_t bytes { 0 };
    DRYDOCK_EVENT(ImagesSaved, Role, references, bytes)
};

// `docker load`, `docker import`: an archive became images.
struct ImagesLoaded {
    std::vector<std::string> references;
    std::uint64_t bytes { 0 };
    DRYDOCK_EVENT(ImagesLoaded, Role, references, bytes)
};

// ---- Volumes and networks ----

struct VolumeCreated {
    std::string volume;
    std::string driver;   // "local"
    std::string location; // where it lies on the host
    DRYDOCK_EVENT(VolumeCreated, Role, volume, driver, location)
};

struct VolumeRemoved {
    std::string volume;
    DRYDOCK_EVENT(VolumeRemoved, Role, volume)
};

// Something that is no layer appears in a container's tree.
struct VolumeMounted {
    ContainerId container;
    std::string kind;   // "volume", "bind", "tmpfs"
    std::string source; // the volume's name or the host's path; empty for a tmpfs
    std::string target; // "/data"
    bool read_only { false };
    DRYDOCK_EVENT(VolumeMounted, Role, container, kind, source, target, read_only)
};

struct NetworkCreated {
    std::string network; // 64 lower-case hex digits
    std::string name;    // "bridge"
    std::string driver;
    std::string subnet; // "172.17.0.0/16"
    std::string gateway;
    DRYDOCK_EVENT(NetworkCreated, Role, network, name, driver, subnet, gateway)
};

struct NetworkRemoved {
    std::string network;
    DRYDOCK_EVENT(NetworkRemoved, Role, network)
};

struct NetworkConnected {
    ContainerId container;
    std::string network;
    std::string address;   // "172.17.0.2"
    std::string interface; // "eth0"
    DRYDOCK_EVENT(NetworkConnected, Role, container, network, address, interface)
};

struct NetworkDisconnected {
    ContainerId container;
    std::string network;
    DRYDOCK_EVENT(NetworkDisconnected, Role, container, network)
};

struct PortPublished {
    ContainerId container;
    std::string protocol; // "tcp"
    std::string host_address;
    std::int64_t host_port { 0 };
    std::int64_t container_port { 0 };
    DRYDOCK_EVENT(PortPublished, Role, container, protocol, host_address, host_port, container_port)
};

struct PortUnpublished {
    ContainerId container;
    std::string protocol;
    std::int64_t host_port { 0 };
    std::int64_t container_port { 0 };
    DRYDOCK_EVENT(PortUnpublished, Object, container, protocol, host_port, container_port)
};

// A container asked its network for the address of another.
struct NameResolved {
    ContainerId container;
    std::string name;
    std::string address; // empty: nobody of that name is there
    DRYDOCK_EVENT(NameResolved, Object, container, name, address)
};

// ---- Containers ----

struct ContainerCreated {
    ContainerId container;
    std::string name;
    std::string reference; // as the user typed it
    Digest image;
    std::vector<std::string> command;
    std::string hostname;
    DRYDOCK_EVENT(ContainerCreated, Role, container, name, reference, image, command, hostname)
};

struct WritableLayerCreated {
    ContainerId container;
    std::string location; // where it lies on the host
    DRYDOCK_EVENT(WritableLayerCreated, Object, container, location)
};

struct UnionMounted {
    ContainerId container;
    std::string driver;        // "fuse", "overlay", "simulated"
    std::vector<Digest> lower; // DiffIds, bottom first
    std::string target;
    DRYDOCK_EVENT(UnionMounted, Role, container, driver, lower, target)
};

struct UnionUnmounted {
    ContainerId container;
    DRYDOCK_EVENT(UnionUnmounted, Object, container)
};

struct NamespaceCreated {
    ContainerId container;
    std::string kind;               // "mnt", "pid", "net", "uts", "ipc", "user", "cgroup"
    std::uint64_t inode { 0 };      // of /proc/PID/ns/KIND
    std::uint64_t host_inode { 0 }; // the daemon's own, which it is not
    DRYDOCK_EVENT(NamespaceCreated, Object, container, kind, inode, host_inode)
};

struct NamespaceJoined {
    ContainerId container;
    std::string kind; // as above
    std::uint64_t inode { 0 };
    ContainerId owner; // the container that it was made for
    DRYDOCK_EVENT(NamespaceJoined, Object, container, kind, inode, owner)
};

struct IdsMapped {
    ContainerId container;
    std::string file; // "uid_map", "gid_map"
    std::string text; // what was written: "0 1000 1"
    DRYDOCK_EVENT(IdsMapped, Object, container, file, text)
};

struct MountMade {
    ContainerId container;
    std::string source;
    std::string target; // inside the container
    std::string type;   // "proc", "tmpfs", "bind"
    std::string flags;  // "nosuid,noexec,nodev,ro"
    DRYDOCK_EVENT(MountMade, Object, container, source, target, type, flags)
};

struct RootPivoted {
    ContainerId container;
    std::string new_root; // as the host names it
    DRYDOCK_EVENT(RootPivoted, Role, container, new_root)
};

struct HostnameSet {
    ContainerId container;
    std::string hostname;
    DRYDOCK_EVENT(HostnameSet, Object, container, hostname)
};

struct PrivilegesDropped {
    ContainerId container;
    std::vector<std::string> kept; // capabilities, "CAP_CHOWN"
    bool no_new_privileges { false };
    std::int64_t filtered_syscalls { 0 }; // rules of the seccomp filter; 0: none installed
    std::vector<std::string> refused;     // system calls that the filter refuses, whatever their arguments
    DRYDOCK_EVENT(PrivilegesDropped, Object, container, kept, no_new_privileges, filtered_syscalls, refused)
};

struct CgroupCreated {
    ContainerId container;
    std::string path;
    std::string limits; // "memory 64 MB, 100 processes", or empty
    DRYDOCK_EVENT(CgroupCreated, Object, container, path, limits)
};

// What its control groups had counted when somebody asked.
struct ResourcesUsed {
    ContainerId container;
    std::uint64_t memory { 0 }; // bytes, without page cache that can go at once
    std::int64_t processes { 0 };
    std::int64_t processor_time { 0 }; // nanoseconds
    std::uint64_t bytes_read { 0 };    // from block devices
    std::uint64_t bytes_written { 0 };
    DRYDOCK_EVENT(ResourcesUsed, Object, container, memory, processes, processor_time, bytes_read, bytes_written)
};

// One system call that made or unmade the container, as the kernel answered it.
struct SyscallMade {
    ContainerId container;
    std::string call;      // "pivot_root(2)"
    std::string arguments; // "\".\", \".\""
    std::int64_t result { 0 };
    std::int64_t error { 0 }; // errno, 0 for success
    DRYDOCK_EVENT(SyscallMade, Metal, container, call, arguments, result, error)
};

struct ProcessStarted {
    ContainerId container;
    std::int64_t pid { 0 }; // as the container sees it
    std::int64_t host_pid { 0 };
    std::int64_t parent { 0 };      // pid as the container sees it; 0: its parent is outside, as getppid(2) says it
    std::int64_t host_parent { 0 }; // as the host sees it; 0: whoever started it is no process of this kernel
    std::vector<std::string> command;
    DRYDOCK_EVENT(ProcessStarted, Role, container, pid, host_pid, parent, host_parent, command)
};

struct ListedProcess {
    std::int64_t pid { 0 };
    std::int64_t host_pid { 0 };
    std::int64_t parent { 0 }; // as in ProcessStarted
    std::int64_t host_parent { 0 };
    std::string command; // with its arguments
    DRYDOCK_FIELDS(ListedProcess, pid, host_pid, parent, host_parent, command)
};

// All its processes as the kernel had them when somebody asked. What a program forks is told by nothing else.
struct ProcessesListed {
    ContainerId container;
    std::vector<ListedProcess> processes; // by pid
    DRYDOCK_EVENT(ProcessesListed, Object, container, processes)
};

struct ProcessExited {
    ContainerId container;
    std::int64_t pid { 0 };
    std::int64_t exit_code { 0 }; // 128 + signal where a signal ended it
    std::int64_t signal { 0 };
    DRYDOCK_EVENT(ProcessExited, Object, container, pid, exit_code, signal)
};

struct ContainerStarted {
    ContainerId container;
    bool remade { false }; // it ran at the moment to which the engine was taken back; its processes are new ones
    DRYDOCK_EVENT(ContainerStarted, Role, container, remade)
};

struct ContainerExited {
    ContainerId container;
    std::int64_t exit_code { 0 };
    DRYDOCK_EVENT(ContainerExited, Role, container, exit_code)
};

struct ContainerPaused {
    ContainerId container;
    DRYDOCK_EVENT(ContainerPaused, Role, container)
};

struct ContainerUnpaused {
    ContainerId container;
    DRYDOCK_EVENT(ContainerUnpaused, Role, container)
};

struct ContainerRenamed {
    ContainerId container;
    std::string name;
    DRYDOCK_EVENT(ContainerRenamed, Role, container, name)
};

struct ContainerRemoved {
    ContainerId container;
    DRYDOCK_EVENT(ContainerRemoved, Role, container)
};

struct ContainerUpdated {
    ContainerId container;
    std::string what; // "memory 64 MB"
    DRYDOCK_EVENT(ContainerUpdated, Role, container, what)
};

// The daemon will start it again by its restart policy.
struct RestartScheduled {
    ContainerId container;
    std::string policy; // "on-failure:3"
    std::int64_t attempt { 0 };
    std::int64_t delay { 0 }; // milliseconds
    DRYDOCK_EVENT(RestartScheduled, Role, container, policy, attempt, delay)
};

struct HealthChanged {
    ContainerId container;
    std::string health; // "starting", "healthy", "unhealthy"
    DRYDOCK_EVENT(HealthChanged, Role, container, health)
};

// The kernel ended a process because the container had used up its memory.
struct MemoryExhausted {
    ContainerId container;
    std::uint64_t limit { 0 }; // bytes
    DRYDOCK_EVENT(MemoryExhausted, Role, container, limit)
};

// `docker cp`
struct FilesCopied {
    ContainerId container;
    bool into { false }; // from the host into the container
    std::string path;    // in the container
    std::uint64_t entries { 0 };
    std::uint64_t bytes { 0 }; // of the tar that carried them
    DRYDOCK_EVENT(FilesCopied, Role, container, into, path, entries, bytes)
};

// `docker export`: its whole tree as one archive, without layers, config or history.
struct ContainerExported {
    ContainerId container;
    std::uint64_t bytes { 0 };
    DRYDOCK_EVENT(ContainerExported, Role, container, bytes)
};

struct SignalSent {
    ContainerId container;
    std::int64_t signal { 0 };
    std::string name; // "SIGTERM"
    DRYDOCK_EVENT(SignalSent, Object, container, signal, name)
};

struct OutputWritten {
    ContainerId container;
    bool to_stderr { false };
    std::string text;         // the first 4 KiB of one write
    std::uint64_t size { 0 }; // bytes in all
    DRYDOCK_EVENT(OutputWritten, Role, container, to_stderr, text, size)
};

// ---- The union filesystem at work. Branch 0 is the writable one; 1 is the topmost layer. ----

struct PathLookedUp {
    ContainerId container;
    std::string path;                  // "/etc/motd"
    std::vector<std::int64_t> visited; // branches asked, in order
    std::int64_t answered { -1 };      // the branch that has it; -1: nobody
    std::int64_t whited_out { -1 };    // the branch whose whiteout ended the search; -1: none
    DRYDOCK_EVENT(PathLookedUp, Metal, container, path, visited, answered, whited_out)
};

struct FileCopiedUp {
    ContainerId container;
    std::string path;
    std::int64_t from_branch { 0 };
    Digest from_layer; // DiffId
    std::uint64_t bytes { 0 };
    DRYDOCK_EVENT(FileCopiedUp, Role, container, path, from_branch, from_layer, bytes)
};

struct FileCreated {
    ContainerId container;
    std::string path;
    std::string type; // "file", "directory", "symlink", "device", "fifo", "hard link"
    DRYDOCK_EVENT(FileCreated, Object, container, path, type)
};

struct FileWritten {
    ContainerId container;
    std::string path;
    std::uint64_t size { 0 }; // of the file after the write
    DRYDOCK_EVENT(FileWritten, Object, container, path, size)
};

struct FileRemoved {
    ContainerId container;
    std::string path;
    DRYDOCK_EVENT(FileRemoved, Object, container, path)
};

struct FileRenamed {
    ContainerId container;
    std::string from;
    std::string to;
    DRYDOCK_EVENT(FileRenamed, Object, container, from, to)
};

struct MetadataChanged {
    ContainerId container;
    std::string path;
    std::string what; // "mode 644 -> 755"
    DRYDOCK_EVENT(MetadataChanged, Object, container, path, what)
};

struct WhiteoutMade {
    ContainerId container;
    std::string path; // what it hides
    DRYDOCK_EVENT(WhiteoutMade, Role, container, path)
};

struct DirectoryMadeOpaque {
    ContainerId container;
    std::string path;
    DRYDOCK_EVENT(DirectoryMadeOpaque, Object, container, path)
};

// ---- Guest machines: the other way to put programs into a box of their own ----

// What hands the host's hardware to guest machines runs there from now on.
struct HypervisorStarted {
    HostId host;
    std::string name;        // "KVM", "a type 1 hypervisor"
    std::int64_t type { 2 }; // 1: on the bare hardware, in place of a kernel; 2: beside or inside the host's kernel
    DRYDOCK_EVENT(HypervisorStarted, Role, host, name, type)
};

struct HypervisorStopped {
    HostId host;
    std::string reason; // "it was removed"
    DRYDOCK_EVENT(HypervisorStopped, Role, host, reason)
};

// A monitor (virtual machine monitor) asked the hypervisor for a machine: memory and virtual CPUs, nothing runs yet.
struct GuestMachineCreated {
    GuestMachineId machine;
    std::string name;
    std::string monitor;        // "Drydock's monitor on KVM", "QEMU, software CPU", "User-Mode Linux"
    std::uint64_t memory { 0 }; // bytes
    std::int64_t cpus { 1 };
    DRYDOCK_EVENT(GuestMachineCreated, Role, machine, name, monitor, memory, cpus)
};

// A range of addresses as the guest sees them has memory of the host behind it.
struct GuestMemoryMapped {
    GuestMachineId machine;
    std::uint64_t address { 0 }; // in the guest
    std::uint64_t size { 0 };
    std::string what;             // "RAM", "kernel file"
    bool copy_on_write { false }; // shared with other guests until one of them writes
    DRYDOCK_EVENT(GuestMemoryMapped, Object, machine, address, size, what, copy_on_write)
};

struct GuestKernelLoaded {
    GuestMachineId machine;
    std::string kernel;            // the file, or "built-in"
    std::string format;            // "bzImage", "ELF", "machine code"
    std::uint64_t size { 0 };      // bytes
    std::uint64_t entry { 0 };     // where its first instruction lies
    std::uint64_t initramfs { 0 }; // bytes of the root filesystem that was put beside it
    std::string command_line;
    DRYDOCK_EVENT(GuestKernelLoaded, Object, machine, kernel, format, size, entry, initramfs, command_line)
};

struct GuestPhaseReached {
    GuestMachineId machine;
    std::string phase;          // "kernel", "init", "ready"
    std::int64_t elapsed { 0 }; // nanoseconds since the monitor began to make the machine
    DRYDOCK_EVENT(GuestPhaseReached, Role, machine, phase, elapsed)
};

// How often the guest has left its virtual CPU for this reason, so far. One event stands for many exits.
struct GuestExitsCounted {
    GuestMachineId machine;
    std::string reason;       // as linux/kvm.h names it: "IO", "HLT", "MMIO"
    std::int64_t port { -1 }; // of an I/O instruction
    bool out { false };       // the guest wrote
    std::uint64_t count { 0 };
    DRYDOCK_EVENT(GuestExitsCounted, Metal, machine, reason, port, out, count)
};

struct GuestConsoleWritten {
    GuestMachineId machine;
    std::string text;
    DRYDOCK_EVENT(GuestConsoleWritten, Role, machine, text)
};

struct GuestMachineStopped {
    GuestMachineId machine;
    std::string reason;        // "it reset itself", "it halted", "it was stopped"
    std::uint64_t exits { 0 }; // to the monitor, in all
    DRYDOCK_EVENT(GuestMachineStopped, Role, machine, reason, exits)
};

// A number for the comparison, with all that makes it comparable.
struct MeasurementTaken {
    std::string what;    // "time to first line", "memory each"
    std::string subject; // "process", "container", "QEMU, software CPU"
    std::int64_t value { 0 };
    std::string unit; // "ns", "B", "" for a count
    FigureKind kind { FigureKind::Measured };
    std::string source; // the command, the formula or the publication
    std::string run;    // only figures of the same run and kind may be compared
    DRYDOCK_EVENT(MeasurementTaken, Object, what, subject, value, unit, kind, source, run)
};

// ---- Scenarios ----

struct ScenarioBegan {
    std::string id;
    std::string title;
    std::string view; // that it is told in: "stage" (docs/authoring.md)
    DRYDOCK_EVENT(ScenarioBegan, Role, id, title, view)
};

// One of the things that a lesson names before it begins.
struct LessonPart {
    std::string name; // "Daemon"
    std::string says; // what it is, in a sentence
    DRYDOCK_FIELDS(LessonPart, name, says)
};

struct LessonIntroduced {
    std::vector<LessonPart> parts;
    std::string analogy;              // "An image is a recipe, a container the dish."; empty: none
    std::vector<std::string> picture; // the analogy's drawing, shape by shape (docs/authoring.md)
    DRYDOCK_EVENT(LessonIntroduced, Role, parts, analogy, picture)
};

struct PhaseBegan {
    std::int64_t index { 0 };
    std::string name;
    std::string say;                // the author's sentence
    std::vector<std::string> focus; // "container:a", "image:busybox:latest"
    std::string view;               // that it is told in: "compare:density"
    DRYDOCK_EVENT(PhaseBegan, Role, index, name, say, focus, view)
};

struct PhaseEnded {
    std::int64_t index { 0 };
    DRYDOCK_EVENT(PhaseEnded, Role, index)
};

struct PredictionAsked {
    std::string id;
    std::string question;
    std::vector<std::string> choices;
    DRYDOCK_EVENT(PredictionAsked, Role, id, question, choices)
};

struct PredictionResolved {
    std::string id;
    std::string answer; // computed from the run
    std::string why;
    DRYDOCK_EVENT(PredictionResolved, Role, id, answer, why)
};

struct GoalEvaluated {
    std::string text;
    bool met { false };
    std::string why_not; // predicate, observed value and object; empty where it is met
    DRYDOCK_EVENT(GoalEvaluated, Role, text, met, why_not)
};

// The lesson breaks something on purpose.
struct VariationBegan {
    std::string name;
    std::string say;
    DRYDOCK_EVENT(VariationBegan, Role, name, say)
};

struct VariationEnded {
    std::string shows; // what there is to learn from it
    DRYDOCK_EVENT(VariationEnded, Role, shows)
};

struct ScenarioEnded {
    std::string id;
    bool succeeded { true };
    DRYDOCK_EVENT(ScenarioEnded, Role, id, succeeded)
};

// ---- What the learner did to the engine ----

// Everything is as it was when `records` records had happened, but for what the events after this one tell.
struct EngineRestored {
    std::uint64_t records { 0 };
    std::string moment;            // what had been done last then: "docker run -d --name a greeter:1"; empty: nothing
    bool processes_lost { false }; // those of the live world cannot be brought back; containers that ran start anew
    DRYDOCK_EVENT(EngineRestored, Role, records, moment, processes_lost)
};

// Somebody broke something on purpose.
struct FaultInjected {
    std::string kind;   // "link cut", "registry down", "blob corrupted", "disk full", "daemon killed"
    std::string object; // "laptop - hub", "docker.io", "sha256:…", "laptop"
    DRYDOCK_EVENT(FaultInjected, Role, kind, object)
};

struct FaultHealed {
    std::string kind;
    std::string object;
    DRYDOCK_EVENT(FaultHealed, Role, kind, object)
};

// ---- What went otherwise than asked ----

struct WarningRaised {
    std::string what;
    std::string remedy;
    DRYDOCK_EVENT(WarningRaised, Role, what, remedy)
};

struct OperationFailed {
    std::string operation;
    std::string error;
    DRYDOCK_EVENT(OperationFailed, Role, operation, error)
};

template <class... E> struct TypeList {
    static constexpr std::size_t size = sizeof...(E);
    template <class Wanted> static constexpr bool has = (std::is_same_v<Wanted, E> || ...);
    template <class Wanted> static constexpr std::size_t index_of()
    {
        std::size_t index = 0;
        static_cast<void>(((std::is_same_v<Wanted, E> || (++index, false)) || ...));
        return index;
    }
};

using EventTypes = TypeList<HostAppeared, ActorAppeared, ActorLeft, SpanBegan, SpanEnded, CommandEntered,
    CommandPrinted, CommandFinished, ConnectionOpened, ConnectionClosed, RequestReceived, ResponseSent,
    ImageNotFoundLocally, ReferenceResolved, ManifestFetched, BlobSkipped, BlobTransferStarted, BlobBytesArrived,
    DigestVerified, DigestMismatched, BlobStored, BlobRemoved, LayerIndexed, LayerListed, LayerRemoved, ImageStored,
    ImageTagged, ImageUntagged, ImageRemoved, BuildContextReceived, BuildStepBegan, BuildStepFinished, LayerCommitted,
    BlobMounted, ManifestPushed, AuthenticationRequired, AuthenticationSucceeded, RateLimitTold, ConnectionRefused,
    TlsEstablished, ImagesSaved, ImagesLoaded, VolumeCreated, VolumeRemoved, VolumeMounted, NetworkCreated,
    NetworkRemoved, NetworkConnected, NetworkDisconnected, PortPublished, PortUnpublished, NameResolved,
    ContainerCreated, WritableLayerCreated, UnionMounted, UnionUnmounted, NamespaceCreated, NamespaceJoined, IdsMapped,
    MountMade, RootPivoted, HostnameSet, PrivilegesDropped, CgroupCreated, ResourcesUsed, SyscallMade, ProcessStarted,
    ProcessesListed, ProcessExited, ContainerStarted, ContainerExited, ContainerPaused, ContainerUnpaused,
    ContainerRenamed, ContainerRemoved, ContainerUpdated, RestartScheduled, HealthChanged, MemoryExhausted, FilesCopied,
    ContainerExported, SignalSent, OutputWritten, PathLookedUp, FileCopiedUp, FileCreated, FileWritten, FileRemoved,
    FileRenamed, MetadataChanged, WhiteoutMade, DirectoryMadeOpaque, HypervisorStarted, HypervisorStopped,
    GuestMachineCreated, GuestMemoryMapped, GuestKernelLoaded, GuestPhaseReached, GuestExitsCounted,
    GuestConsoleWritten, GuestMachineStopped, MeasurementTaken, ScenarioBegan, LessonIntroduced, PhaseBegan, PhaseEnded,
    PredictionAsked, PredictionResolved, GoalEvaluated, VariationBegan, VariationEnded, ScenarioEnded, EngineRestored,
    FaultInjected, FaultHealed, WarningRaised, OperationFailed>;

template <class E>
concept IsEvent = EventTypes::has<E>;

// One event of any of these types. A std::variant in all but name: of a hundred alternatives that one takes minutes to
// compile, since each step from one alternative to the next is a type of its own, and every event would take the room
// of the largest. Here the event lies elsewhere, and a table in Event.cpp knows how each type is copied, compared and
// deleted.
class Event {
public:
    template <IsEvent E>
    Event(E event)
        : m_event(new E(std::move(event)))
        , m_index(EventTypes::index_of<E>())
    {
    }
    Event(Event const&);
    Event(Event&& other) noexcept
        : m_event(std::exchange(other.m_event, nullptr))
        , m_index(other.m_index)
    {
    }
    Event& operator=(Event other) noexcept
    {
        std::swap(m_event, other.m_event);
        std::swap(m_index, other.m_index);
        return *this;
    }
    ~Event();
    bool operator==(Event const&) const;

    std::size_t index() const { return m_index; } // in EventTypes
    template <IsEvent E> bool is() const { return m_index == EventTypes::index_of<E>(); }
    template <IsEvent E> E const* get_if() const { return is<E>() ? static_cast<E const*>(m_event) : nullptr; }

    // Calls `visitor` with the event as what it is; it returns the same type for all.
    template <class Visitor> auto visit(Visitor&& visitor) const { return visit_as(visitor, EventTypes {}); }

private:
    template <class Visitor, class First, class... Rest> auto visit_as(Visitor& visitor, TypeList<First, Rest...>) const
    {
        using Answer = decltype(visitor(std::declval<First const&>()));
        using Call = Answer (*)(Visitor&, void const*);
        static constexpr std::array<Call, 1 + sizeof...(Rest)> calls { &call<Answer, Visitor, First>,
            &call<Answer, Visitor, Rest>... };
        return calls[m_index](visitor, m_event);
    }
    template <class Answer, class Visitor, class E> static Answer call(Visitor& visitor, void const* event)
    {
        return visitor(*static_cast<E const*>(event));
    }

    void const* m_event; // of type m_index, and owned; null in what was moved from
    std::size_t m_index;
};

std::string_view name_of(Event const&);
Depth depth_of(Event const&);

}
