#pragma once

// A process and what it sees of the world: its namespaces, its open files, what it does on a signal. The kernel's
// mutex guards all of it.

#include "sim/kernel/FileSystem.h"
#include "sim/kernel/Signals.h"
#include "sim/time/Scheduler.h"

#include <array>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace drydock::kernel {

class OpenFile;
struct Process;

// namespaces(7). Time namespaces are left out, as Docker leaves them out.
enum class NamespaceKind : std::uint8_t { Mnt, Uts, Ipc, Net, Pid, User, Cgroup };
inline constexpr std::array all_namespaces { NamespaceKind::Mnt, NamespaceKind::Uts, NamespaceKind::Ipc,
    NamespaceKind::Net, NamespaceKind::Pid, NamespaceKind::User, NamespaceKind::Cgroup };
std::string_view to_string(NamespaceKind); // "mnt", as in /proc/PID/ns

struct Mount {
    std::string source;
    std::string target; // in this mount namespace
    std::string type;
    std::string flags; // "ro,nosuid"
    std::shared_ptr<FileSystem> file_system;
    bool read_only { false };
};

class ListeningSocket;

// One end of a cable to a network of the machine.
struct Interface {
    std::string name; // "eth0"
    std::uint32_t address { 0 };
    int bits { 0 };              // of the network's prefix
    std::uint32_t gateway { 0 }; // the machine itself; 0: the network leads nowhere else
    std::string network;         // its id
    std::string hardware_address;
};

struct Namespace {
    NamespaceKind kind;
    std::uint64_t inode { 0 };                                            // of /proc/PID/ns/KIND
    std::string hostname;                                                 // Uts
    std::vector<Mount> mounts;                                            // Mnt
    std::shared_ptr<Namespace> parent;                                    // Pid
    std::map<std::int64_t, Process*> members;                             // Pid: by the pid inside
    std::int64_t next_pid { 1 };                                          // Pid
    std::vector<Interface> interfaces {};                                 // Net, beside the loopback
    std::map<std::uint16_t, std::weak_ptr<ListeningSocket>> listeners {}; // Net, by port
    std::uint16_t first_free_port { 1024 };                               // Net: net.ipv4.ip_unprivileged_port_start
    std::function<std::optional<std::uint32_t>(std::string const& name)> resolver {}; // Net: behind /etc/resolv.conf
};

using Namespaces = std::map<NamespaceKind, std::shared_ptr<Namespace>>;

inline constexpr std::uint64_t machine_memory = 64ULL << 20; // bytes that processes without a limit may have

// The parts of a cgroup that hold processes back: the freezer behind `docker pause`, and the most there may be of
// processes and memory (pids.max, memory.max; cgroups(7)).
struct Cgroup {
    bool frozen { false };
    std::int64_t most_processes { 0 };             // 0: as many as the kernel has
    std::uint64_t memory_limit { machine_memory }; // bytes
    bool out_of_memory { false };                  // one of its processes was ended for want of memory
    bool all_devices { true };                     // else those that every container has
};

// The pieces of root's power that this kernel asks for, by their numbers in <linux/capability.h>; capabilities(7).
enum class Capability : std::uint8_t {
    Chown = 0,
    DacOverride = 1,
    DacReadSearch = 2,
    Fowner = 3,
    Kill = 5,
    SetGid = 6,
    SetUid = 7,
    NetBindService = 10,
    NetRaw = 13,
    SysChroot = 18,
    SysAdmin = 21,
    Mknod = 27,
};
inline constexpr std::uint64_t every_capability = ~std::uint64_t { 0 };

struct ExitStatus {
    int code { 0 }; // 128 + signal where a signal ended it, as shells and Docker count
    int signal { 0 };
};

enum class Disposition : std::uint8_t { Default, Ignored, Handled };

struct Process {
    std::int64_t host_pid { 0 };
    std::int64_t pid { 0 };      // in its own pid namespace
    Process* parent { nullptr }; // null: started from outside the kernel, or its parent is gone
    bool orphaned { false };     // its parent is gone, and the machine's own init reaps it
    std::vector<std::string> args;
    std::vector<std::string> env; // "NAME=value"
    std::string root { "/" };     // chroot(2)
    std::string working_directory { "/" };
    Owner owner;
    // A bit each. The bounding set is what root gets back by execve(2); nobody gains more.
    std::uint64_t capabilities { every_capability };
    std::uint64_t bounding { every_capability };
    bool can(Capability capability) const { return (capabilities >> static_cast<unsigned>(capability) & 1U) != 0; }
    std::uint32_t umask { 022 };
    Namespaces namespaces;
    std::shared_ptr<Cgroup> cgroup;
    std::uint64_t memory { 0 }; // bytes that its program said it holds
    std::map<int, std::shared_ptr<OpenFile>> files;
    Timestamp started;
    Duration cpu_time { 0 };

    std::array<Disposition, last_signal + 1> dispositions {};
    std::deque<int> pending; // handled signals that the program has not fetched yet
    int fatal_signal { 0 };
    bool stopped { false };
    bool sleeping { false };        // for ps: S against R
    std::optional<ExitStatus> exit; // set: a zombie until its parent waits for it

    std::unique_ptr<Condition> wakeup;
    Condition* blocked_on { nullptr };
    std::unique_ptr<Task> task;
};

}
