#include "engine/runtime/LiveRuntime.h"

#include "engine/os/ReadText.h"
#include "engine/runtime/Devices.h"
#include "engine/runtime/Launch.h"
#include "engine/runtime/Sysctls.h"

#include <sched.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <fstream>

namespace drydock::runtime {

namespace fs = std::filesystem;

namespace {

constexpr std::uint64_t default_shm_size = 64 << 20;

// setrlimit(2), as docker's --ulimit spells them.
constexpr std::array<std::pair<std::string_view, unsigned>, 15> ulimit_names { { { "core", RLIMIT_CORE },
    { "cpu", RLIMIT_CPU }, { "data", RLIMIT_DATA }, { "fsize", RLIMIT_FSIZE }, { "locks", RLIMIT_LOCKS },
    { "memlock", RLIMIT_MEMLOCK }, { "msgqueue", RLIMIT_MSGQUEUE }, { "nice", RLIMIT_NICE },
    { "nofile", RLIMIT_NOFILE }, { "nproc", RLIMIT_NPROC }, { "rss", RLIMIT_RSS }, { "rtprio", RLIMIT_RTPRIO },
    { "rttime", RLIMIT_RTTIME }, { "sigpending", RLIMIT_SIGPENDING }, { "stack", RLIMIT_STACK } } };

std::uint64_t limit_value(std::int64_t value)
{
    return value < 0 ? RLIM_INFINITY : static_cast<std::uint64_t>(value);
}

// Those of the container replace those of the daemon.
Result<void> set_ulimits(std::vector<init::ResourceLimit>& limits, std::vector<Ulimit> const& ulimits)
{
    for (auto const& ulimit : ulimits) {
        auto const* const known = std::find_if(
            ulimit_names.begin(), ulimit_names.end(), [&](auto const& entry) { return entry.first == ulimit.name; });
        if (known == ulimit_names.end())
            return fail(ErrorKind::InvalidInput, "invalid ulimit type: " + ulimit.name);
        std::erase_if(limits, [&](auto const& limit) { return limit.resource == known->second; });
        limits.push_back({ known->second, limit_value(ulimit.soft), limit_value(ulimit.hard) });
    }
    return {};
}

std::vector<init::MountOrder> mount_orders(LaunchSpec const& spec)
{
    std::vector<init::MountOrder> orders;
    for (auto const& mount : spec.mounts)
        orders.push_back({ mount.source, mount.below, mount.target, mount.kind == Mount::Kind::Tmpfs, mount.read_only,
            mount.executable, mount.data });
    return orders;
}

std::uint64_t clone_flag(kernel::NamespaceKind kind)
{
    switch (kind) {
    case kernel::NamespaceKind::Mnt: return CLONE_NEWNS;
    case kernel::NamespaceKind::Uts: return CLONE_NEWUTS;
    case kernel::NamespaceKind::Ipc: return CLONE_NEWIPC;
    case kernel::NamespaceKind::Net: return CLONE_NEWNET;
    case kernel::NamespaceKind::Pid: return CLONE_NEWPID;
    case kernel::NamespaceKind::User: return CLONE_NEWUSER;
    case kernel::NamespaceKind::Cgroup: return CLONE_NEWCGROUP;
    }
    return 0;
}

Result<void> share_namespaces(init::Spec& order, LaunchSpec const& spec)
{
    for (auto const& [kind, whose] : spec.shared) {
        if (kind == kernel::NamespaceKind::User && order.user_namespace)
            return fail(ErrorKind::NotSupported,
                "the host's user namespace takes root: an ordinary user's containers live in one of their own");
        if (!whose.is_hosts() && order.user_namespace)
            return fail(ErrorKind::NotSupported,
                "sharing another container's " + std::string(kernel::to_string(kind))
                    + " namespace takes root: it belongs to a user namespace of its own");
        order.shared.push_back({ clone_flag(kind), whose.owner.value });
    }
    if (spec.on_host)
        order.shared.push_back({ CLONE_NEWNET, {} });
    return {};
}

// What docker puts over the image's own.
std::vector<init::File> files_for(LaunchSpec const& spec)
{
    return { { "/etc/hostname", spec.hostname + "\n" },
        { "/etc/hosts", spec.hosts.empty() ? loopback_hosts(spec.hostname) : spec.hosts },
        { "/etc/resolv.conf", spec.resolv_conf.empty() ? os::read_text("/etc/resolv.conf") : spec.resolv_conf } };
}

}

Result<std::unique_ptr<LiveRuntime>> LiveRuntime::create(LiveOptions options, Scheduler& scheduler)
{
    auto program = TRY(InitProgram::load(options.init_program));
    std::error_code error;
    fs::create_directories(options.state_directory / "mnt", error);
    if (error)
        return fail(Error::from_errno("mkdir(2)", error.value())
                        .with_context("making " + (options.state_directory / "mnt").string()));
    return std::unique_ptr<LiveRuntime>(new LiveRuntime(std::move(options), std::move(program), scheduler));
}

LiveRuntime::LiveRuntime(LiveOptions options, InitProgram program, Scheduler& scheduler)
    : m_options(std::move(options))
    , m_program(std::move(program))
    , m_scheduler(scheduler)
    , m_cgroups(m_options.cgroups ? Cgroups::discover() : Cgroups())
    , m_reserve(m_program, m_cgroups, scheduler, m_options.reserve)
{
}

LiveRuntime::~LiveRuntime() = default;

int LiveRuntime::cgroup_version() const
{
    for (auto const& tree : m_cgroups.trees()) {
        auto const& its = tree.controllers;
        if (std::find(its.begin(), its.end(), "memory") != its.end())
            return tree.version;
    }
    return 2;
}

// ---- What is asked of drydock-init ----

Result<SeccompFilter> LiveRuntime::filter_for(init::CapabilitySet capabilities)
{
    std::lock_guard const lock(m_mutex);
    auto found = m_filters.find(capabilities);
    if (found == m_filters.end())
        found = m_filters.emplace(capabilities, TRY(make_seccomp_filter(capabilities))).first;
    return found->second;
}

Result<std::vector<std::string>> LiveRuntime::refused_calls(LaunchSpec const& spec, init::Spec const& order)
{
    if (spec.unconfined)
        return std::vector<std::string> {};
    return TRY(filter_for(order.capabilities)).refused;
}

Result<init::Spec> LiveRuntime::describe(LaunchSpec const& spec)
{
    init::Spec order;
    order.user_namespace = m_options.user_namespace.value_or(::geteuid() != 0);
    order.hostname = spec.hostname;
    order.args = spec.args;
    order.env = spec.env;
    order.working_dir = spec.working_dir;
    order.user = spec.user;
    order.tty = spec.tty;
    order.open_stdin = spec.open_stdin;
    order.rows = spec.rows;
    order.columns = spec.columns;
    order.read_only_root = spec.read_only_root;
    order.mount_point = (m_options.state_directory / "mnt").string();
    order.files = files_for(spec);
    order.limits = m_options.limits;
    TRY(set_ulimits(order.limits, spec.ulimits));
    order.mounts = mount_orders(spec);
    if (spec.shm)
        order.shm_options
            = "size=" + std::to_string((spec.shm_size > 0 ? spec.shm_size : default_shm_size) / 1024) + "k";
    order.reaper = spec.reaper;
    TRY(share_namespaces(order, spec));
    order.groups = spec.groups;
    if (!order.groups.empty() && order.user_namespace)
        return fail(ErrorKind::NotSupported, "--group-add takes root: an ordinary user has its own group only");
    order.privileged = spec.privileged;
    TRY(add_sysctls(order, spec));
    TRY(add_devices(order, spec));
    order.capabilities = spec.privileged
        ? init::all_capabilities
        : TRY(init::adjusted(init::docker_default_capabilities(), spec.cap_drop, spec.cap_add));
    if (!spec.unconfined) {
        auto filter = TRY(filter_for(order.capabilities));
        order.seccomp = std::move(filter.program);
        order.seccomp_rules = filter.rules;
    }
    if (spec.overlay) {
        for (auto const& lower : spec.overlay->lower)
            order.lower.push_back(lower.string());
        order.upper = spec.overlay->upper.string();
        order.work = spec.overlay->work.string();
    }
    order.directory = spec.directory;
    order.root = spec.overlay     ? init::RootKind::Overlay
        : !spec.directory.empty() ? init::RootKind::Directory
                                  : init::RootKind::Fuse;
    return order;
}

void LiveRuntime::warn_once(trace::Publisher const& publisher, std::string what, std::string remedy)
{
    {
        std::lock_guard const lock(m_mutex);
        if (std::find(m_warned.begin(), m_warned.end(), what) != m_warned.end())
            return;
        m_warned.push_back(what);
    }
    publisher.publish(trace::WarningRaised { std::move(what), std::move(remedy) });
}

Result<void> LiveRuntime::limit(Cgroup& cgroup, LaunchSpec const& spec, trace::Publisher const& publisher)
{
    TRY(m_cgroups.assign(cgroup, spec.container, spec.limits));
    for (auto const& group : cgroup.groups())
        publisher.publish(trace::CgroupCreated { spec.container, group.path.string(), group.limits });
    return {};
}

// In a user namespace nobody makes nodes.
void LiveRuntime::confine_to_devices(
    init::Spec& order, LaunchSpec const& spec, Cgroup const* cgroup, trace::Publisher const& publisher)
{
    auto const confined = cgroup != nullptr && cgroup->directory()
        ? allow_devices(cgroup->directory().get(), device_rules(order, spec))
        : fail(ErrorKind::NotSupported, "there is no cgroup of version 2 for it");
    if (confined)
        return;
    m_withholds_devices = true;
    order.capabilities &= ~*init::parse_capability("CAP_MKNOD");
    warn_once(publisher, "containers may make no devices here (CAP_MKNOD): " + confined.error().message(),
        "run the daemon where cgroup2 is mounted and writable");
}

void LiveRuntime::warn_of_missing_limits(LaunchSpec const& spec, trace::Publisher const& publisher)
{
    auto const& limits = spec.limits;
    if (!m_cgroups.has("pids") || (limits.memory > 0 && !m_cgroups.has("memory"))
        || (limits.nano_cpus > 0 && !m_cgroups.has("cpu")))
        warn_once(publisher, "memory, processes or processors of containers cannot be limited here",
            "run the daemon as root, or below a delegated cgroup: systemd-run --user --scope -p Delegate=yes");
}

// ---- Launching ----

Result<LiveProcessParts> LiveRuntime::make_container(LaunchSpec const& spec, trace::Publisher const& publisher)
{
    if (!spec.overlay && !spec.root && spec.directory.empty())
        return fail(ErrorKind::InvalidInput, "a container needs a root filesystem");
    auto order = TRY(describe(spec));
    auto refused = TRY(refused_calls(spec, order));
    warn_of_missing_limits(spec, publisher);
    auto standby = TRY(m_reserve.take());
    if (standby.cgroup)
        TRY(limit(*standby.cgroup, spec, publisher));
    // Nothing else would tell its processes from the others there, when it is paused or ends.
    if (spec.shared.contains(kernel::NamespaceKind::Pid) && !(standby.cgroup && standby.cgroup->directory()))
        return fail(ErrorKind::NotSupported,
            "sharing a pid namespace takes a cgroup of version 2, in which the container's own processes are kept "
            "apart");
    if (!order.user_namespace && !spec.privileged)
        confine_to_devices(order, spec, standby.cgroup.get(), publisher);
    return Launch(spec, std::move(order), std::move(refused), std::move(standby.init), std::move(standby.cgroup),
        nullptr, publisher)
        .run();
}

Result<LiveProcessParts> LiveRuntime::join_container(
    LaunchSpec const& spec, LiveProcess const& host, trace::Publisher const& publisher)
{
    auto order = TRY(describe(spec));
    auto refused = TRY(refused_calls(spec, order));
    order.shared = host.shared_with_host();
    if (m_withholds_devices && !spec.privileged)
        order.capabilities &= ~*init::parse_capability("CAP_MKNOD");
    auto init = TRY(InitProcess::start(m_program));
    return Launch(spec, std::move(order), std::move(refused), std::move(init), host.cgroup(), &host, publisher).run();
}

Result<std::unique_ptr<ContainerProcess>> LiveRuntime::adopt(Result<LiveProcessParts> parts, LaunchSpec const& spec,
    OutputSink sink, trace::Publisher const& publisher, trace::Span& span)
{
    if (!parts) {
        span.failed(parts.error().message());
        return fail(std::move(parts).error());
    }
    // Its parent is drydock-init, which stays outside; so inside it has none, whether it is PID 1 or came in later.
    publisher.publish(trace::ProcessStarted { .container = spec.container,
        .pid = parts->inner_pid,
        .host_pid = parts->pid,
        .parent = 0,
        .host_parent = parts->init->pid(),
        .command = spec.args });
    return std::make_unique<LiveProcess>(std::move(*parts), std::move(sink), publisher, m_scheduler);
}

Result<std::unique_ptr<ContainerProcess>> LiveRuntime::launch(
    LaunchSpec spec, OutputSink sink, trace::Publisher publisher)
{
    auto span = publisher.span("launch", "Launch " + std::string(spec.container.short_form()), trace::Depth::Role);
    return adopt(make_container(spec, publisher), spec, std::move(sink), publisher, span);
}

Result<std::unique_ptr<ContainerProcess>> LiveRuntime::execute(
    ContainerProcess& in, LaunchSpec spec, OutputSink sink, trace::Publisher publisher)
{
    auto span = publisher.span("exec", "Execute in " + std::string(spec.container.short_form()), trace::Depth::Role);
    return adopt(
        join_container(spec, dynamic_cast<LiveProcess&>(in), publisher), spec, std::move(sink), publisher, span);
}

}
