#include "sim/kernel/Kernel.h"

#include "sim/core/Verify.h"
#include "sim/kernel/System.h"

#include <algorithm>
#include <cerrno>
#include <exception>

namespace drydock::kernel {

namespace {

// Unwinds a program whose process a signal ends. Not a std::exception: no program handles it.
struct Killed {
    int signal;
};

constexpr std::size_t most_processes = 1000;  // each is a thread of this program
constexpr std::int64_t first_host_pid = 1201; // a host has been up for a while

std::shared_ptr<Namespace>& of(Process& process, NamespaceKind kind)
{
    return process.namespaces[kind];
}

}

std::string_view to_string(NamespaceKind kind)
{
    switch (kind) {
    case NamespaceKind::Mnt: return "mnt";
    case NamespaceKind::Uts: return "uts";
    case NamespaceKind::Ipc: return "ipc";
    case NamespaceKind::Net: return "net";
    case NamespaceKind::Pid: return "pid";
    case NamespaceKind::User: return "user";
    case NamespaceKind::Cgroup: return "cgroup";
    }
    return "";
}

Kernel::Kernel(Scheduler& scheduler, std::string hostname)
    : m_scheduler(scheduler)
    , m_next_inode(4026531835) // where Linux numbers its first namespaces (include/linux/proc_ns.h)
    , m_process_ended(scheduler.make_condition())
{
    for (auto const kind : all_namespaces)
        m_host[kind] = make_namespace(kind, nullptr);
    m_host[NamespaceKind::Uts]->hostname = std::move(hostname);
    m_host[NamespaceKind::Pid]->next_pid = first_host_pid;
    m_next_inode = 4026532200;
}

Kernel::~Kernel()
{
    std::unique_lock lock(m_mutex);
    for (auto& [pid, process] : m_processes)
        deliver(*process, sigkill, nullptr);
    std::vector<std::unique_ptr<Task>> tasks;
    for (auto& [pid, process] : m_processes)
        tasks.push_back(std::move(process->task));
    lock.unlock();
    tasks.clear();
    m_ended_tasks.clear();
    hang_up();
}

std::shared_ptr<Namespace> Kernel::make_namespace(NamespaceKind kind, std::shared_ptr<Namespace> const& base)
{
    auto fresh = std::make_shared<Namespace>(Namespace { .kind = kind,
        .inode = m_next_inode++,
        .hostname = {},
        .mounts = {},
        .parent = nullptr,
        .members = {},
        .next_pid = 1 });
    if (base != nullptr) {
        // Hostname and mount table start as copies; see uts_namespaces(7), mount_namespaces(7).
        fresh->hostname = base->hostname;
        fresh->mounts = base->mounts;
        if (kind == NamespaceKind::Pid)
            fresh->parent = base;
    }
    if (kind == NamespaceKind::Net) {
        std::erase_if(m_network_namespaces, [](auto const& space) { return space.expired(); });
        m_network_namespaces.push_back(fresh);
    }
    return fresh;
}

Process& Kernel::add_process(Namespaces namespaces, Process* parent)
{
    auto& host = *m_host[NamespaceKind::Pid];
    auto owned = std::make_unique<Process>();
    auto& process = *owned;
    process.host_pid = host.next_pid++;
    process.namespaces = std::move(namespaces);
    process.parent = parent;
    process.started = m_scheduler.now();
    process.wakeup = m_scheduler.make_condition();
    process.cgroup = parent != nullptr ? parent->cgroup : std::make_shared<Cgroup>();
    host.members[process.host_pid] = &process;
    process.pid = process.host_pid;
    // Containers are one level deep here: a process has a pid on the host, and one inside.
    if (auto& inner = *of(process, NamespaceKind::Pid); &inner != &host) {
        process.pid = inner.next_pid++;
        inner.members[process.pid] = &process;
    }
    m_processes[process.host_pid] = std::move(owned);
    return process;
}

Process& Kernel::clone(Namespaces const& base, std::vector<NamespaceKind> const& fresh)
{
    std::lock_guard lock(m_mutex);
    auto namespaces = base;
    for (auto const kind : fresh)
        namespaces[kind] = make_namespace(kind, base.at(kind));
    return add_process(std::move(namespaces), nullptr);
}

void Kernel::mount(Process& process, Mount mount)
{
    std::lock_guard lock(m_mutex);
    of(process, NamespaceKind::Mnt)->mounts.push_back(std::move(mount));
}

void Kernel::pivot_root(Process& process, Mount root)
{
    std::lock_guard lock(m_mutex);
    auto& mounts = of(process, NamespaceKind::Mnt)->mounts;
    auto const below = root.target == "/" ? "/" : root.target + "/";
    std::erase_if(mounts, [&](Mount const& mount) { return !mount.target.starts_with(below); });
    for (auto& mount : mounts)
        mount.target.erase(0, below.size() - 1);
    root.target = "/";
    mounts.insert(mounts.begin(), std::move(root));
    process.working_directory = "/";
}

void Kernel::set_hostname(Process& process, std::string hostname)
{
    std::lock_guard lock(m_mutex);
    of(process, NamespaceKind::Uts)->hostname = std::move(hostname);
}

void Kernel::start(Process& process, Spawn spawn)
{
    bury_ended_tasks();
    std::string const task_name = spawn.args.empty() ? "process" : spawn.args.front();
    process.args = spawn.args;
    process.task
        = m_scheduler.spawn(task_name, [this, &process, spawn = std::move(spawn)]() mutable { run(process, spawn); });
}

Result<Process*> Kernel::fork(Process& parent, Spawn spawn)
{
    Process* child = nullptr;
    {
        std::lock_guard lock(m_mutex);
        auto const& cgroup = parent.cgroup;
        auto const members = std::count_if(
            m_processes.begin(), m_processes.end(), [&](auto const& item) { return item.second->cgroup == cgroup; });
        if (m_processes.size() >= most_processes || (cgroup->most_processes > 0 && members >= cgroup->most_processes))
            return fail(Error::from_errno("fork(2)", EAGAIN));
        child = &add_process(parent.namespaces, &parent);
        child->env = parent.env;
        child->working_directory = parent.working_directory;
        child->root = parent.root;
        child->owner = parent.owner;
        child->capabilities = parent.capabilities;
        child->bounding = parent.bounding;
        child->umask = parent.umask;
        child->files = parent.files;
        // A child's handlers would run code that it does not have; ignored signals stay ignored, as across execve(2).
        for (std::size_t signal = 0; signal < child->dispositions.size(); ++signal) {
            if (parent.dispositions[signal] == Disposition::Ignored)
                child->dispositions[signal] = Disposition::Ignored;
        }
    }
    start(*child, std::move(spawn));
    return child;
}

void Kernel::run(Process& process, Spawn& spawn)
{
    ExitStatus status;
    try {
        System system(*this, process);
        finish_call(process, Duration(0));
        status.code = spawn.body(system) & 0xff;
        system.flush();
    } catch (Killed const& killed) {
        status = { 128 + killed.signal, killed.signal };
    }
    spawn.body = nullptr;
    end(process, status);
}

void Kernel::end(Process& process, ExitStatus status)
{
    std::map<int, std::shared_ptr<OpenFile>> files;
    {
        std::lock_guard lock(m_mutex);
        files.swap(process.files);
    }
    files.clear(); // readers at the other ends of pipes see the end before anybody learns of this exit
    std::unique_lock lock(m_mutex);
    auto& space = *of(process, NamespaceKind::Pid);
    bool const is_init = process.pid == 1 && &space != m_host[NamespaceKind::Pid].get();
    if (is_init)
        end_namespace(lock, process);
    auto const init = is_init ? space.members.end() : space.members.find(1);
    std::vector<Process*> zombies;
    for (auto& [pid, other] : m_processes) {
        if (other->parent != &process)
            continue;
        // Orphans become children of their namespace's init; see pid_namespaces(7).
        other->parent = init != space.members.end() ? init->second : nullptr;
        other->orphaned = other->parent == nullptr;
        if (other->parent != nullptr)
            wake(*other->parent);
        else if (other->exit)
            zombies.push_back(other.get());
    }
    for (auto* zombie : zombies)
        reap(*zombie);
    process.exit = status;
    if (process.parent != nullptr) {
        deliver(*process.parent, sigchld, nullptr);
        wake(*process.parent);
    }
    m_process_ended->notify_all();
    if (process.orphaned)
        reap(process);
}

// When the init of a pid namespace ends, the kernel kills the rest and waits for it; see pid_namespaces(7).
void Kernel::end_namespace(std::unique_lock<std::mutex>& lock, Process& init)
{
    auto& members = of(init, NamespaceKind::Pid)->members;
    for (auto const& [pid, member] : members) {
        if (member != &init)
            deliver(*member, sigkill, nullptr);
    }
    for (;;) {
        std::vector<Process*> zombies;
        for (auto const& [pid, member] : members) {
            // One that was started from outside is reaped there.
            if (member != &init && member->exit && member->parent != nullptr)
                zombies.push_back(member);
        }
        for (auto* zombie : zombies)
            reap(*zombie);
        bool const alone = std::all_of(members.begin(), members.end(),
            [&](auto const& member) { return member.second == &init || member.second->exit; });
        if (alone)
            return;
        m_process_ended->wait(lock);
    }
}

void Kernel::reap(Process& process)
{
    of(process, NamespaceKind::Pid)->members.erase(process.pid);
    m_host[NamespaceKind::Pid]->members.erase(process.host_pid);
    for (auto& [pid, other] : m_processes) {
        if (other->parent == &process)
            other->parent = nullptr;
    }
    m_ended_tasks.push_back(std::move(process.task));
    m_processes.erase(process.host_pid);
}

// A reaped process's task is past its last system call. Its handle goes here, where waiting for it is allowed.
void Kernel::bury_ended_tasks()
{
    std::vector<std::unique_ptr<Task>> tasks;
    {
        std::lock_guard lock(m_mutex);
        tasks.swap(m_ended_tasks);
    }
}

ExitStatus Kernel::wait(std::int64_t host_pid)
{
    std::unique_lock lock(m_mutex);
    auto const found = m_processes.find(host_pid);
    VERIFY(found != m_processes.end() && found->second->parent == nullptr);
    auto& process = *found->second;
    m_process_ended->Condition::wait(lock, [&] { return process.exit.has_value(); });
    auto const status = *process.exit;
    reap(process);
    return status;
}

Namespaces Kernel::namespaces_of(std::int64_t host_pid) const
{
    std::lock_guard const lock(m_mutex);
    auto const process = m_processes.find(host_pid);
    return process == m_processes.end() ? m_host : process->second->namespaces;
}

bool Kernel::is_running(std::int64_t host_pid) const
{
    std::lock_guard lock(m_mutex);
    auto const found = m_processes.find(host_pid);
    return found != m_processes.end() && !found->second->exit;
}

std::vector<Kernel::Member> Kernel::members(Namespace const& pid_namespace) const
{
    std::lock_guard lock(m_mutex);
    std::vector<Member> members;
    for (auto const& [pid, process] : pid_namespace.members) {
        auto const* parent = process->parent;
        bool const parent_inside = parent != nullptr && pid_namespace.members.contains(parent->pid);
        auto& member = members.emplace_back(describe(*process));
        member.pid = pid;
        member.parent = parent_inside ? parent->pid : 0;
    }
    return members;
}

std::vector<Kernel::Member> Kernel::members(Cgroup const& cgroup) const
{
    std::lock_guard const lock(m_mutex);
    std::vector<Member> members;
    for (auto const& [pid, process] : m_processes) {
        if (process->cgroup.get() == &cgroup)
            members.push_back(describe(*process));
    }
    return members;
}

Kernel::Member Kernel::describe(Process const& process)
{
    char const state = process.exit ? 'Z' : process.stopped ? 'T' : process.sleeping ? 'S' : 'R';
    return { .host_pid = process.host_pid,
        .pid = process.pid,
        .parent = 0,
        .args = process.args,
        .uid = process.owner.uid,
        .state = state,
        .cpu_time = process.cpu_time };
}

void Kernel::kill_all(Cgroup& cgroup)
{
    std::unique_lock lock(m_mutex);
    auto const any_lives = [&] {
        bool lives = false;
        for (auto const& [pid, process] : m_processes) {
            if (process->cgroup.get() != &cgroup || process->exit)
                continue;
            deliver(*process, sigkill, nullptr);
            lives = true;
        }
        return lives;
    };
    while (any_lives())
        m_process_ended->wait(lock);
}

Result<Kernel::Waited> Kernel::wait_child(Process& process, std::int64_t pid, Block block_mode)
{
    std::unique_lock lock(m_mutex);
    for (;;) {
        Process* zombie = nullptr;
        bool has_child = false;
        for (auto const& [host_pid, other] : m_processes) {
            if (other->parent != &process || (pid != -1 && other->pid != pid))
                continue;
            has_child = true;
            if (other->exit && zombie == nullptr)
                zombie = other.get();
        }
        if (zombie != nullptr) {
            Waited const waited { zombie->pid, *zombie->exit };
            reap(*zombie);
            return waited;
        }
        if (!has_child)
            return fail(Error::from_errno("wait4(2)", ECHILD));
        if (block_mode == Block::No)
            return Waited {};
        if (!block(lock, &process, *process.wakeup))
            return fail(Error::from_errno("wait4(2)", EINTR));
    }
}

bool Kernel::block(
    std::unique_lock<std::mutex>& lock, Process* process, Condition& condition, std::optional<Timestamp> deadline)
{
    if (process == nullptr) {
        if (deadline)
            return condition.wait_until(lock, *deadline);
        condition.wait(lock);
        return true;
    }
    check_signals(lock, *process);
    if (!process->pending.empty())
        return false;
    process->blocked_on = &condition;
    process->sleeping = true;
    bool in_time = true;
    if (deadline)
        in_time = condition.wait_until(lock, *deadline);
    else
        condition.wait(lock);
    process->sleeping = false;
    process->blocked_on = nullptr;
    check_signals(lock, *process);
    return in_time && process->pending.empty();
}

void Kernel::check_signals(std::unique_lock<std::mutex>& lock, Process& process)
{
    while (process.fatal_signal == 0 && (process.stopped || process.cgroup->frozen))
        process.wakeup->wait(lock);
    // A program that unwinds already closes its files on the way and must not be unwound anew.
    if (process.fatal_signal != 0 && std::uncaught_exceptions() == 0)
        throw Killed { process.fatal_signal };
}

void Kernel::count_bytes(std::size_t bytes)
{
    constexpr std::size_t bytes_of_a_call = 256;
    std::lock_guard const lock(m_mutex);
    if (m_calls_left)
        *m_calls_left -= std::min<std::uint64_t>(*m_calls_left, bytes / bytes_of_a_call);
}

void Kernel::hold_memory(Process& process, std::uint64_t bytes)
{
    std::unique_lock lock(m_mutex);
    process.memory = bytes;
    std::uint64_t all = 0;
    for (auto const& [pid, other] : m_processes)
        all += other->cgroup == process.cgroup && !other->exit ? other->memory : 0;
    if (all > process.cgroup->memory_limit) {
        process.cgroup->out_of_memory = true;
        process.fatal_signal = sigkill;
    }
    check_signals(lock, process);
}

void Kernel::finish_call(Process& process, Duration cost)
{
    {
        std::unique_lock lock(m_mutex);
        if (m_calls_left && *m_calls_left == 0)
            process.fatal_signal = sigkill;
        else if (m_calls_left)
            --*m_calls_left;
        check_signals(lock, process);
        process.cpu_time += cost;
    }
    if (cost > Duration(0))
        m_scheduler.sleep_for(cost);
    std::unique_lock lock(m_mutex);
    check_signals(lock, process);
}

void Kernel::wake(Process& process)
{
    process.wakeup->notify_all();
    if (process.blocked_on != nullptr)
        process.blocked_on->notify_all();
}

// kernel/signal.c, sig_task_ignored() and send_signal(): the init of a pid namespace gets no signal from inside that
// it does not handle; from outside only KILL and STOP are forced upon it.
void Kernel::deliver(Process& target, int signal, Process const* sender)
{
    if (target.exit || signal == 0)
        return;
    auto const disposition = target.dispositions[static_cast<std::size_t>(signal)];
    bool const is_init = target.pid == 1 && of(target, NamespaceKind::Pid) != m_host[NamespaceKind::Pid];
    bool const from_inside
        = sender != nullptr && sender->namespaces.at(NamespaceKind::Pid) == of(target, NamespaceKind::Pid);
    bool const forced = (signal == sigkill || signal == sigstop);
    if (is_init && (forced ? from_inside : disposition == Disposition::Default))
        return;
    auto const action = default_action(signal);
    if (action == DefaultAction::Continue)
        target.stopped = false;
    if (!forced && disposition == Disposition::Handled) {
        if (std::find(target.pending.begin(), target.pending.end(), signal) == target.pending.end())
            target.pending.push_back(signal);
    } else if (forced || disposition == Disposition::Default) {
        if (action == DefaultAction::Terminate && target.fatal_signal == 0)
            target.fatal_signal = signal;
        target.stopped = target.stopped || action == DefaultAction::Stop;
    }
    wake(target);
}

Result<void> Kernel::signal(std::int64_t host_pid, int signal)
{
    std::lock_guard lock(m_mutex);
    auto const found = m_processes.find(host_pid);
    if (found == m_processes.end())
        return fail(Error::from_errno("kill(2)", ESRCH));
    deliver(*found->second, signal, nullptr);
    return {};
}

Result<void> Kernel::kill(Process& sender, std::int64_t pid, int signal)
{
    std::lock_guard lock(m_mutex);
    auto const& members = of(sender, NamespaceKind::Pid)->members;
    auto const may
        = [&](Process const& target) { return sender.can(Capability::Kill) || sender.owner.uid == target.owner.uid; };
    if (pid == -1) { // everybody but init and oneself; see kill(2)
        for (auto const& [other, process] : members) {
            if (other != 1 && process != &sender && may(*process))
                deliver(*process, signal, &sender);
        }
        return {};
    }
    auto const found = members.find(pid);
    if (found == members.end())
        return fail(Error::from_errno("kill(2)", ESRCH));
    if (!may(*found->second))
        return fail(Error::from_errno("kill(2)", EPERM));
    deliver(*found->second, signal, &sender);
    return {};
}

void Kernel::limit(Cgroup& cgroup, std::int64_t processes, std::uint64_t memory)
{
    std::lock_guard const lock(m_mutex);
    cgroup.most_processes = processes;
    cgroup.memory_limit = memory > 0 ? memory : machine_memory;
}

bool Kernel::has_run_out_of_memory(Cgroup const& cgroup) const
{
    std::lock_guard const lock(m_mutex);
    return cgroup.out_of_memory;
}

void Kernel::allow_calls(std::uint64_t most)
{
    std::lock_guard const lock(m_mutex);
    m_calls_left = most;
}

bool Kernel::calls_are_used_up() const
{
    std::lock_guard const lock(m_mutex);
    return m_calls_left == 0;
}

void Kernel::freeze(Cgroup& cgroup, bool frozen)
{
    std::lock_guard lock(m_mutex);
    cgroup.frozen = frozen;
    for (auto& [pid, process] : m_processes) {
        if (process->cgroup.get() == &cgroup)
            wake(*process);
    }
}

}
