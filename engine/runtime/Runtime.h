#pragma once

// The fourth seam between the worlds: what makes a process out of a container. LiveRuntime starts drydock-init, which
// makes the namespaces and executes; SimulatedRuntime asks the simulated kernel. Both publish the same events.

#include "engine/unionfs/UnionMount.h"
#include "sim/core/Id.h"
#include "sim/core/Result.h"
#include "sim/core/Units.h"
#include "sim/kernel/Process.h"
#include "sim/network/Network.h"
#include "sim/trace/EventLog.h"

#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace drydock::runtime {

// The container's root for the kernel's overlayfs: extracted snapshots, topmost first.
struct OverlayRoot {
    std::vector<std::filesystem::path> lower;
    std::filesystem::path upper;
    std::filesystem::path work;
};

struct Limits {
    std::uint64_t memory { 0 };     // bytes; 0: none asked for
    std::int64_t memory_swap { 0 }; // bytes of memory and swap together; 0: twice the memory, -1: all there is
    std::int64_t pids { 0 };        // 0: the engine's default of 512
    std::int64_t nano_cpus { 0 };   // 10^9 is one processor; 0: all

    static constexpr std::int64_t default_pids = 512;
    std::int64_t most_processes() const { return pids > 0 ? pids : default_pids; }
};

// Something in the container's tree that is no layer.
struct Mount {
    enum class Kind : std::uint8_t { Bind, Volume, Tmpfs };
    Kind kind { Kind::Bind };
    std::string name;   // of a volume
    std::string source; // a path of the host; empty for a tmpfs
    std::string target; // "/data"
    bool read_only { false };
    bool executable { true };
    std::string data {}; // of a tmpfs: "size=64m,mode=1777"; of a bind its propagation, "rslave", empty for "rprivate"
    std::shared_ptr<unionfs::UnionMount> tree {}; // simulated: the volume, or the disk that `source` lies on
    std::filesystem::path below {}; // live: the disk that `source` lies on, which its symlinks do not leave; empty: "/"
};

// A device of the host's that a container may use.
struct DeviceGrant {
    std::string source; // "/dev/fuse"
    std::string target; // in the container
    std::string access { "rwm" };
};

struct Ulimit {
    std::string name; // "nofile"
    std::int64_t soft { 0 };
    std::int64_t hard { 0 }; // -1: none
};

// OutputWritten holds the beginning of a write, as many bytes as this.
inline constexpr std::size_t event_text_limit = 4096;

// What the simulated kernel knows of networks that the real one keeps for itself.
class ModelledNamespace {
public:
    virtual ~ModelledNamespace() = default;
    virtual void plug(kernel::Interface) = 0;
    virtual void unplug(std::string const& network) = 0;
    virtual void set_resolver(std::function<std::optional<std::uint32_t>(std::string const& name)>) = 0;
    // To whoever listens inside; address 127.0.0.1 is the container itself.
    virtual Result<std::unique_ptr<network::ByteStream>> connect(std::uint32_t address, std::uint16_t port) = 0;
};

// A container's network namespace, for whoever connects it or reaches into it. It lives as long as the container.
class NetworkNamespace {
public:
    virtual ~NetworkNamespace() = default;
    virtual std::int64_t process() const = 0; // one that is in it, as the host counts
    // A socket(2) made there; the descriptor is the caller's. Unavailable once the container has ended.
    virtual Result<int> make_socket(int domain, int type, int protocol) = 0;
    // Null in the live world.
    virtual ModelledNamespace* modelled() { return nullptr; }
};

// Whose namespace a container has instead of one of its own: the host's, or that of another container.
struct SharedNamespace {
    std::int64_t process { 0 }; // one that is in it, as the host counts; 0: the host's
    ContainerId owner {};       // the container that it was made for
    bool is_hosts() const { return process == 0; }
};

struct LaunchSpec {
    ContainerId container;
    std::string hostname;
    std::vector<std::string> args; // entrypoint and command; args[0] is looked up in PATH
    std::vector<std::string> env;
    std::string working_dir { "/" }; // made where it is missing
    std::string user; // "", "name", "uid", "uid:gid": resolved in the container's /etc/passwd and /etc/group
    bool tty { false };
    bool open_stdin { false };
    bool read_only_root { false };
    std::vector<std::string> cap_add; // "NET_ADMIN"
    std::vector<std::string> cap_drop;
    Limits limits;
    std::vector<Mount> mounts {}; // a mount below another comes after it
    std::vector<Ulimit> ulimits {};
    bool unconfined { false };                     // no system call filter
    bool privileged { false };                     // every capability and every device, and nothing hidden of the host
    std::vector<std::string> groups {};            // supplementary ones, names or numbers (--group-add)
    std::map<std::string, std::string> sysctls {}; // kernel parameters of its own namespaces
    std::vector<DeviceGrant> devices {};
    bool reaper { false };        // PID 1 is a reaper, and the program its child (--init)
    std::uint64_t shm_size { 0 }; // bytes of /dev/shm; 0: 64 MiB
    bool shm { true };            // /dev/shm is there (not with --ipc none)
    // Namespaces that are not its own: --network, --pid, --ipc, --uts.
    std::map<kernel::NamespaceKind, SharedNamespace> shared {};
    // Called when the container's network namespace exists and before its program executes; a failure ends the launch.
    std::function<Result<void>(std::shared_ptr<NetworkNamespace> const&)> connect {};
    std::string hosts {}; // what /etc/hosts and /etc/resolv.conf hold; empty: what follows from the rest
    std::string resolv_conf {};
    // The merged root. For the fuse driver and in the simulated world it is what the processes live on; for the
    // overlay driver `overlay` says what the kernel mounts instead.
    std::shared_ptr<unionfs::UnionMount> root;
    std::vector<oci::DiffId> lower; // bottom first, for the events
    std::optional<OverlayRoot> overlay;
    // Live: this directory is the root, as it is.
    std::filesystem::path directory {};
    // No container but a program of the machine itself. Simulated: all it has of its own is its root. Live: what keeps
    // it from the machine that the lab runs on as well, which is the walls of a container but for the network's.
    bool on_host { false };
    std::uint16_t rows { 24 }; // of the terminal
    std::uint16_t columns { 80 };

    bool has_hosts(kernel::NamespaceKind kind) const
    {
        auto const found = shared.find(kind);
        return found != shared.end() && found->second.is_hosts();
    }
};

// How the process ended: code is its status, or 128 + signal.
struct ExitStatus {
    int code { 0 };
    int signal { 0 };
    bool out_of_memory { false }; // the kernel has ended one of its processes for want of memory
};

// What has passed through one interface of a container.
struct InterfaceUsage {
    std::string name;
    std::uint64_t received { 0 }; // bytes
    std::uint64_t received_packets { 0 };
    std::uint64_t received_errors { 0 };
    std::uint64_t received_dropped { 0 };
    std::uint64_t sent { 0 };
    std::uint64_t sent_packets { 0 };
    std::uint64_t sent_errors { 0 };
    std::uint64_t sent_dropped { 0 };
};

// Counted by the cgroups of a container, and by its network namespace.
struct Usage {
    std::uint64_t cpu_nanoseconds { 0 };
    std::uint64_t memory { 0 };        // bytes
    std::uint64_t inactive_file { 0 }; // of them page cache that can go at once
    std::uint64_t pids { 0 };
    std::uint64_t read_bytes { 0 };
    std::uint64_t written_bytes { 0 };
    bool version_2 { true };                   // of the cgroups that say so
    std::vector<InterfaceUsage> interfaces {}; // without lo
};

// What the process writes; called from one task at a time. With a tty everything is stdout.
struct OutputSink {
    std::function<void(bool to_stderr, std::string_view bytes)> write;
};

// /etc/hosts of a container that is on no network.
std::string loopback_hosts(std::string const& hostname);

// A container's PID 1 and everything below it.
class ContainerProcess {
public:
    virtual ~ContainerProcess() = default;     // kills what is left and cleans up
    virtual std::int64_t host_pid() const = 0; // simulated: the simulated kernel's pid
    // Blocks until PID 1 has ended and all its output was delivered. Everything that belonged to it (mounts, cgroup,
    // processes) is gone then. Safe from several tasks.
    virtual ExitStatus wait() = 0;
    virtual bool running() const = 0;
    virtual Result<void> signal(int number) = 0;
    virtual Result<void> pause() = 0;
    virtual Result<void> resume() = 0;
    virtual Result<void> write_stdin(std::string_view bytes) = 0;
    virtual void close_stdin() = 0;
    virtual Result<void> resize(std::uint16_t rows, std::uint16_t columns) = 0;
    // All its processes, PID 1 first, as both sides count and as ps shows them.
    struct Member {
        std::int64_t host_pid;
        std::string command;            // with its arguments
        std::int64_t host_parent { 0 }; // 0: whoever started it is no process of this kernel
        std::int64_t pid { 0 };         // as the container counts
        std::int64_t parent { 0 };      // as the container counts; 0: it is outside
        std::uint32_t uid { 0 };
        std::string name {};     // of the program
        std::string terminal {}; // "pts/0"; empty: none
        Timestamp started {};
        std::int64_t cpu_nanoseconds { 0 };
    };
    virtual std::vector<Member> members() const = 0;
    // Changes a file that LaunchSpec::hosts or resolv_conf gave it: `change` makes the new text of the old. Nothing
    // happens where something else is mounted over that, or the container has done away with it.
    using Change = std::function<std::string(std::string const& text)>;
    virtual Result<void> rewrite_file(std::string const& path, Change const&)
    {
        return fail(ErrorKind::NotSupported, path + " of a running container cannot be changed here");
    }
    // What it has used so far, as far as anybody counts; zeros for the rest.
    virtual Usage usage() const { return {}; }
    // New limits for a running container. NotSupported where nobody enforces any.
    virtual Result<void> set_limits(Limits const&)
    {
        return fail(ErrorKind::NotSupported, "the limits of a running container cannot be changed here");
    }
};

class Runtime {
public:
    virtual ~Runtime() = default;
    virtual std::string name() const = 0; // "live", "simulated"
    virtual int cgroup_version() const { return 2; }
    // Returns once the program executes. NotFound for a command that is not there (docker run exits 127), Forbidden for
    // one that may not run (126); the messages hold docker's words: `exec: "x": executable file not found in $PATH`.
    virtual Result<std::unique_ptr<ContainerProcess>> launch(LaunchSpec, OutputSink, trace::Publisher) = 0;
    // `docker exec`: another process in the namespaces of a running container.
    virtual Result<std::unique_ptr<ContainerProcess>> execute(
        ContainerProcess& in, LaunchSpec, OutputSink, trace::Publisher)
        = 0;
};

}
