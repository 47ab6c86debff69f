#pragma once

// The simulated kernel: processes, the namespaces they live in, signals, mounts. Its system calls do to its own
// tables what Linux does to its: what a program can see, it sees here too. Every process is a task of the Scheduler.
//
// Programs use it through System (their system calls); a container runtime through what stands here.

#include "sim/kernel/OpenFile.h"
#include "sim/kernel/Process.h"
#include "sim/network/Network.h"

#include <functional>
#include <memory>
#include <mutex>

namespace drydock::kernel {

class System;

struct Spawn {
    std::vector<std::string> args;
    std::function<int(System&)> body; // its value is the exit status
};

// What lies beyond the machine: other hosts by their names, and the machine's own published ports. Empty functions: it
// has no network.
struct Outside {
    std::string self; // the machine's own name
    std::function<bool(std::string const& name)> knows;
    std::function<std::optional<Duration>(std::string const& name)> round_trip;
    std::function<Result<std::unique_ptr<network::ByteStream>>(std::string const& name, std::uint16_t port)> connect;
};

class Kernel {
public:
    static constexpr std::string_view release = "6.1.0-drydock"; // uname -r: one kernel, however many containers
    static constexpr std::string_view name = "Linux";

    Kernel(Scheduler&, std::string hostname);
    ~Kernel(); // kills all processes and waits for their ends

    Scheduler& scheduler() { return m_scheduler; }
    std::mutex& mutex() { return m_mutex; }
    Namespaces const& host_namespaces() const { return m_host; }

    // ---- What a runtime does, from outside any process ----

    // clone(2) with CLONE_NEW* for `fresh`, the others as in `base`: a process that exists, but runs nothing yet.
    Process& clone(Namespaces const& base, std::vector<NamespaceKind> const& fresh);
    void mount(Process&, Mount); // mount(2) in the mount namespace of the process; on the same target it covers
    // pivot_root(2) and umount2(2): `root` becomes "/", and every mount from outside is gone.
    void pivot_root(Process&, Mount root);
    void set_hostname(Process&, std::string hostname);
    void start(Process&, Spawn);
    // As kill(2) from the host: what is inside a pid namespace cannot shut it out.
    Result<void> signal(std::int64_t host_pid, int signal);
    void freeze(Cgroup&, bool frozen);
    void kill_all(Cgroup&); // cgroup.kill, cgroups(7); returns when they have ended
    void limit(Cgroup&, std::int64_t most_processes, std::uint64_t most_memory);
    bool has_run_out_of_memory(Cgroup const&) const;
    // So many system calls from now on; whoever makes one beyond is killed. Their clock is free to jump, so a program
    // that never ends would keep everybody waiting for ever.
    void allow_calls(std::uint64_t most);
    bool calls_are_used_up() const;
    // Blocks until the process has ended, and reaps it. For processes without a parent.
    ExitStatus wait(std::int64_t host_pid);
    bool is_running(std::int64_t host_pid) const;
    Namespaces namespaces_of(std::int64_t host_pid) const; // the host's where there is no such process
    struct Member {
        std::int64_t host_pid { 0 };
        std::int64_t pid { 0 };
        std::int64_t parent { 0 }; // pid; 0: none in this namespace
        std::vector<std::string> args;
        std::uint32_t uid { 0 };
        char state { 'R' };
        Duration cpu_time { 0 };
    };
    std::vector<Member> members(Namespace const& pid_namespace) const; // by pid
    std::vector<Member> members(Cgroup const&) const;                  // by host pid

    // A cable to a network of the machine, and who answers questions for names there.
    void plug(Namespace& net, Interface);
    void unplug(Namespace& net, std::string const& network);
    void set_resolver(Namespace& net, std::function<std::optional<std::uint32_t>(std::string const&)>);
    void set_outside(Outside outside) { m_outside = std::move(outside); } // before anything runs
    void hang_up();                                                       // ends every connection with the outside

    // ---- For Sockets; the mutex is held where it is not said otherwise ----

    Outside const& outside() const { return m_outside; } // without the mutex
    std::shared_ptr<Namespace> neighbour(std::string const& network, std::uint32_t address);
    std::uint32_t outside_number(std::string const& host); // from 1, in the order in which they were asked for
    std::string outside_name(std::uint32_t address) const; // empty: there is none
    // A task that carries bytes between a socket and the outside; ends with the stream. Without the mutex.
    void keep_pump(std::shared_ptr<network::ByteStream>, std::string task_name, std::function<void()> body);

    // ---- For System and OpenFile ----

    // Starts a child with copies of what fork(2) copies. EAGAIN where its cgroup, or the kernel, is full.
    Result<Process*> fork(Process& parent, Spawn);
    Result<void> kill(Process& sender, std::int64_t pid, int signal); // `pid` as the sender sees it
    struct Waited {
        std::int64_t pid { 0 };
        ExitStatus status;
    };
    // wait4(2): any child for pid -1. ECHILD, EINTR; pid 0 in the answer when `block` is not asked for and none ended.
    enum class Block : std::uint8_t { No, Yes };
    Result<Waited> wait_child(Process&, std::int64_t pid, Block);
    // Waits on `condition`, which somebody else notifies; false when a handled signal or the deadline came first.
    // Unwinds the program when the process is to die.
    bool block(std::unique_lock<std::mutex>&, Process*, Condition&, std::optional<Timestamp> deadline = std::nullopt);
    // The program keeps so many bytes now. Where its cgroup has too many, the kernel ends it: mm/oom_kill.c.
    void hold_memory(Process&, std::uint64_t bytes);
    // Where a system call ends: here signals take effect, and the processor time it took is counted.
    void finish_call(Process&, Duration cost);
    // What allow_calls() counts beside: a call that moves many bytes is like many calls.
    void count_bytes(std::size_t bytes);

private:
    Process& add_process(Namespaces, Process* parent);
    std::shared_ptr<Namespace> make_namespace(NamespaceKind, std::shared_ptr<Namespace> const& base);
    void run(Process&, Spawn&);
    void end(Process&, ExitStatus);
    void end_namespace(std::unique_lock<std::mutex>&, Process& init);
    static Member describe(Process const&);
    void reap(Process&); // frees the process's entry; its task ends by itself
    void deliver(Process& target, int signal, Process const* sender);
    void wake(Process&);
    void check_signals(std::unique_lock<std::mutex>&, Process&);
    void bury_ended_tasks();

    Scheduler& m_scheduler;
    mutable std::mutex m_mutex;
    std::uint64_t m_next_inode;
    std::optional<std::uint64_t> m_calls_left; // nothing: nobody counts
    Namespaces m_host;
    std::map<std::int64_t, std::unique_ptr<Process>> m_processes; // by host pid
    std::vector<std::unique_ptr<Task>> m_ended_tasks;
    Outside m_outside;
    std::vector<std::weak_ptr<Namespace>> m_network_namespaces;
    std::vector<std::string> m_outside_names;
    struct Pump {
        std::shared_ptr<network::ByteStream> stream;
        std::unique_ptr<Task> task;
    };
    std::vector<Pump> m_pumps;
    std::unique_ptr<Condition> m_process_ended;
};

}
