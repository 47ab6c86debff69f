#include "engine/runtime/SimulatedRuntime.h"

#include "engine/init/Capabilities.h"
#include "engine/runtime/SimulatedProcess.h"
#include "engine/runtime/UnionFileSystem.h"
#include "sim/core/Units.h"
#include "sim/kernel/Applet.h"
#include "sim/kernel/MemoryFileSystem.h"
#include "sim/kernel/Sockets.h"
#include "sim/kernel/System.h"

#include <fmt/format.h>

#include <cerrno>

namespace drydock::runtime {

namespace {

using kernel::NamespaceKind;

// What making a container takes on a real kernel, about: the namespaces, the mounts, the cgroup.
constexpr Duration launch_time = std::chrono::milliseconds(20);
constexpr auto default_path = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

// What Docker isolates by default; a rootless engine adds the user namespace. A program of the machine itself has its
// root for itself, and nothing else.
std::vector<NamespaceKind> namespaces_of(LaunchSpec const& spec)
{
    if (spec.on_host)
        return { NamespaceKind::Mnt };
    std::vector<NamespaceKind> kinds { NamespaceKind::Mnt, NamespaceKind::Uts, NamespaceKind::Ipc, NamespaceKind::Net,
        NamespaceKind::Pid, NamespaceKind::Cgroup };
    std::erase_if(kinds, [&](NamespaceKind kind) { return spec.shared.contains(kind); });
    return kinds;
}

std::string_view flag_name(NamespaceKind kind)
{
    switch (kind) {
    case NamespaceKind::Mnt: return "CLONE_NEWNS";
    case NamespaceKind::Uts: return "CLONE_NEWUTS";
    case NamespaceKind::Ipc: return "CLONE_NEWIPC";
    case NamespaceKind::Net: return "CLONE_NEWNET";
    case NamespaceKind::Pid: return "CLONE_NEWPID";
    case NamespaceKind::User: return "CLONE_NEWUSER";
    case NamespaceKind::Cgroup: return "CLONE_NEWCGROUP";
    }
    return "";
}

// All of root's power for --privileged, and for a program of the machine itself.
Result<init::CapabilitySet> capabilities_of(LaunchSpec const& spec)
{
    if (spec.privileged || spec.on_host)
        return init::all_capabilities;
    return init::adjusted(init::docker_default_capabilities(), spec.cap_drop, spec.cap_add);
}

// A container's network namespace in the simulated kernel.
class SimulatedNetwork final : public NetworkNamespace, public ModelledNamespace {
public:
    SimulatedNetwork(kernel::Kernel& kernel, std::shared_ptr<kernel::Namespace> space, std::int64_t process)
        : m_kernel(kernel)
        , m_space(std::move(space))
        , m_process(process)
    {
    }
    std::int64_t process() const override { return m_process; }
    Result<int> make_socket(int, int, int) override
    {
        return fail(ErrorKind::NotSupported, "the simulated world has no descriptors to hand out");
    }
    ModelledNamespace* modelled() override { return this; }
    void plug(kernel::Interface interface) override { m_kernel.plug(*m_space, std::move(interface)); }
    void unplug(std::string const& network) override { m_kernel.unplug(*m_space, network); }
    void set_resolver(std::function<std::optional<std::uint32_t>(std::string const&)> resolver) override
    {
        m_kernel.set_resolver(*m_space, std::move(resolver));
    }
    Result<std::unique_ptr<network::ByteStream>> connect(std::uint32_t address, std::uint16_t port) override
    {
        return kernel::make_stream(TRY(kernel::connect_from(m_kernel, m_space, address, port)));
    }

private:
    kernel::Kernel& m_kernel;
    std::shared_ptr<kernel::Namespace> m_space;
    std::int64_t m_process;
};

// One launch, told step by step as drydock-init tells a live one.
class Setup {
public:
    Setup(kernel::Kernel& kernel, Scheduler& scheduler, LaunchSpec const& spec, trace::Publisher const& publisher)
        : m_kernel(kernel)
        , m_scheduler(scheduler)
        , m_spec(spec)
        , m_publisher(publisher.as({ "init:" + std::string(spec.container.short_form()) }))
    {
    }

    kernel::Process& make_namespaces()
    {
        auto const span = m_publisher.span("namespaces", "Make namespaces", trace::Depth::Object);
        auto const& host = m_kernel.host_namespaces();
        auto const fresh = namespaces_of(m_spec);
        auto base = host;
        for (auto const& [kind, whose] : m_spec.shared) {
            if (!whose.is_hosts())
                base[kind] = m_kernel.namespaces_of(whose.process).at(kind);
        }
        m_process = &m_kernel.clone(base, fresh);
        std::vector<std::string_view> flags;
        for (auto const kind : fresh)
            flags.push_back(flag_name(kind));
        told("clone3(2)", fmt::format("{}", fmt::join(flags, "|")), m_process->host_pid);
        for (auto const kind : fresh)
            m_publisher.publish(trace::NamespaceCreated { m_spec.container, std::string(to_string(kind)),
                m_process->namespaces.at(kind)->inode, host.at(kind)->inode });
        for (auto const& [kind, whose] : m_spec.shared) {
            if (whose.is_hosts())
                continue;
            told("setns(2)", fmt::format("of container {}, {}", whose.owner.value, flag_name(kind)));
            m_publisher.publish(trace::NamespaceJoined {
                m_spec.container, std::string(to_string(kind)), m_process->namespaces.at(kind)->inode, whose.owner });
        }
        if (!m_spec.on_host && !m_spec.shared.contains(NamespaceKind::Net))
            open_network(*m_process->namespaces.at(NamespaceKind::Net));
        return *m_process;
    }

    void build_root()
    {
        auto const span = m_publisher.span("root", "Build the root filesystem", trace::Depth::Object);
        auto const new_root = "/run/drydock/" + std::string(m_spec.container.short_form());
        std::vector<trace::Digest> lower;
        for (auto const& layer : m_spec.lower)
            lower.push_back(layer.digest);
        m_root = { .source = "drydock",
            .target = new_root,
            .type = "drydock",
            .flags = m_spec.read_only_root ? "ro" : "rw",
            .file_system = make_union_file_system(m_spec.root),
            .read_only = m_spec.read_only_root };
        told("mount(2)", fmt::format(R"("drydock", "{}", "drydock", 0, "")", new_root));
        m_publisher.publish(trace::UnionMounted { m_spec.container, "simulated", lower, new_root });
        if (!m_spec.on_host && !m_spec.shared.contains(NamespaceKind::Uts)) {
            m_kernel.set_hostname(*m_process, m_spec.hostname);
            told("sethostname(2)", fmt::format("\"{}\"", m_spec.hostname));
            m_publisher.publish(trace::HostnameSet { m_spec.container, m_spec.hostname });
        }
        furnish(new_root);
        m_root.target = new_root;
        m_kernel.pivot_root(*m_process, m_root);
        told("pivot_root(2)", R"(".", ".")");
        m_publisher.publish(trace::RootPivoted { m_spec.container, new_root });
    }

    void drop_privileges(init::CapabilitySet kept)
    {
        auto const span = m_publisher.span("privileges", "Drop privileges", trace::Depth::Object);
        m_process->bounding = kept;
        told("capset(2)", fmt::format("{:#x}", kept));
        told("prctl(2)", "PR_SET_NO_NEW_PRIVS, 1");
        // No seccomp filter: the simulated kernel has only the calls that its applets make.
        m_publisher.publish(trace::PrivilegesDropped { m_spec.container, init::names_of(kept), true, 0, {} });
    }

private:
    void told(std::string call, std::string arguments, std::int64_t result = 0)
    {
        m_publisher.publish(trace::SyscallMade { m_spec.container, std::move(call), std::move(arguments), result, 0 });
    }

    void mount(std::string const& root, std::string const& at, std::string source, std::string type, std::string flags,
        std::shared_ptr<kernel::FileSystem> file_system)
    {
        told("mount(2)", fmt::format(R"("{}", "{}{}", "{}", "{}")", source, root, at, type, flags));
        bool const read_only = flags.starts_with("ro");
        m_publisher.publish(trace::MountMade { m_spec.container, source, at, type, flags });
        m_kernel.mount(*m_process,
            { std::move(source), root + at, std::move(type), std::move(flags), std::move(file_system), read_only });
    }

    // The order of the OCI runtime specification's default filesystems, then the files that Docker binds over.
    void furnish(std::string const& root)
    {
        using kernel::MemoryFileSystem;
        auto const memory = [&](std::uint32_t mode) { return std::make_shared<MemoryFileSystem>(m_scheduler, mode); };
        auto proc = memory(0555);
        proc->put_file("/version", fmt::format("{} version {}\n", kernel::Kernel::name, kernel::Kernel::release), 0444);
        mount(root, "/proc", "proc", "proc", "nosuid,noexec,nodev", proc);
        auto dev = memory(0755);
        for (auto const& [name, minor] : { std::pair("/null", 3U), std::pair("/zero", 5U), std::pair("/full", 7U),
                 std::pair("/random", 8U), std::pair("/urandom", 9U) }) {
            dev->put_device(name, 1, minor);
            told("mknodat(2)", fmt::format(R"("/dev{}", S_IFCHR|0666, makedev(1, {}))", name, minor));
        }
        mount(root, "/dev", "tmpfs", "tmpfs", "nosuid,strictatime,mode=755", dev);
        furnish_shm(root);
        std::string const access = m_spec.privileged ? "" : "ro,";
        mount(root, "/sys", "sysfs", "sysfs", access + "nosuid,noexec,nodev", memory(0555));
        auto const bind = [&](std::string const& path, std::string content) {
            mount(root, path, "drydock", "bind", "rw",
                std::make_shared<MemoryFileSystem>(m_scheduler, std::move(content)));
        };
        bind("/etc/hostname", m_spec.hostname + "\n");
        bind("/etc/hosts", m_spec.hosts.empty() ? loopback_hosts(m_spec.hostname) : m_spec.hosts);
        bind("/etc/resolv.conf",
            m_spec.resolv_conf.empty() ? "# the simulated world resolves names itself\n" : m_spec.resolv_conf);
        for (auto const& extra : m_spec.mounts)
            mount_extra(root, extra);
    }

    // Shared memory is found by name in /dev/shm (shm_overview(7)), so it goes with the ipc namespace.
    void furnish_shm(std::string const& root)
    {
        constexpr auto flags = "nosuid,noexec,nodev,mode=1777";
        if (!m_spec.shm)
            return;
        auto const ipc = m_spec.shared.find(NamespaceKind::Ipc);
        if (ipc == m_spec.shared.end())
            return mount(root, "/dev/shm", "shm", "tmpfs", flags,
                std::make_shared<kernel::MemoryFileSystem>(m_scheduler, 01777));
        auto const& whose = ipc->second;
        mount(root, "/dev/shm", whose.is_hosts() ? "/dev/shm" : "shm of " + whose.owner.value, "bind", "rw",
            shm_of(*m_kernel.namespaces_of(whose.process).at(NamespaceKind::Mnt)));
    }

    // The host gets one when it is first asked for.
    std::shared_ptr<kernel::FileSystem> shm_of(kernel::Namespace& mounts)
    {
        std::lock_guard const lock(m_kernel.mutex());
        for (auto const& each : mounts.mounts) {
            if (each.target == "/dev/shm")
                return each.file_system;
        }
        auto made = std::make_shared<kernel::MemoryFileSystem>(m_scheduler, 01777);
        mounts.mounts.push_back({ "tmpfs", "/dev/shm", "tmpfs", "rw,nosuid,nodev", made });
        return made;
    }

    // What docker sets in a network namespace of the container's own: net.ipv4.ip_unprivileged_port_start=0. Its
    // ping_group_range would help nobody here: see System::open_ping_socket.
    void open_network(kernel::Namespace& net)
    {
        std::lock_guard const lock(m_kernel.mutex());
        net.first_free_port = 0;
    }

    // A mount point that the image does not have is made in the container's own layer, as a runtime makes it.
    void make_mount_point(std::string const& target)
    {
        std::string path;
        for (auto const& name : kernel::path_components(target)) {
            path += "/" + name;
            if (!m_spec.root->stat(path))
                static_cast<void>(m_spec.root->make_directory(path, 0755, { 0, 0, 0 })); // the mount shows it
        }
    }

    void mount_extra(std::string const& root, Mount const& extra)
    {
        make_mount_point(extra.target);
        std::string const flags = extra.read_only ? "ro" : "rw";
        if (extra.kind == Mount::Kind::Tmpfs)
            mount(root, extra.target, "tmpfs", "tmpfs",
                flags + ",nosuid,nodev" + (extra.data.empty() ? "" : "," + extra.data),
                std::make_shared<kernel::MemoryFileSystem>(m_scheduler, 01777));
        else if (extra.kind == Mount::Kind::Bind)
            mount(root, extra.target, extra.source, "bind", flags, make_union_file_system(extra.tree, extra.source));
        else
            mount(root, extra.target, extra.name, "bind", flags, make_union_file_system(extra.tree));
    }

    kernel::Kernel& m_kernel;
    Scheduler& m_scheduler;
    LaunchSpec const& m_spec;
    trace::Publisher m_publisher;
    kernel::Process* m_process { nullptr };
    kernel::Mount m_root;
};

// ---- What the new process does itself, until it is the program ----

Result<kernel::Owner> resolve_user(kernel::System& system, std::string const& text)
{
    if (text.empty())
        return kernel::Owner {};
    auto const colon = text.find(':');
    auto const name = text.substr(0, colon);
    auto owner = kernel::find_user(system, name);
    if (!owner)
        return fail(ErrorKind::InvalidInput, "unable to find user " + name + ": no matching entries in passwd file");
    if (colon != std::string::npos) {
        auto const group = text.substr(colon + 1);
        auto const gid = kernel::find_group(system, group);
        if (!gid)
            return fail(
                ErrorKind::InvalidInput, "unable to find group " + group + ": no matching entries in group file");
        owner->gid = *gid;
    }
    return *owner;
}

Result<void> enter_working_directory(kernel::System& system, std::string const& path)
{
    if (!path.starts_with('/'))
        return fail(ErrorKind::InvalidInput, fmt::format("the working directory \"{}\" is not an absolute path", path));
    std::string made = "/";
    for (auto const& name : kernel::path_components(path)) {
        made = kernel::join_path(made, name);
        if (!system.stat(made))
            TRY(system.make_directory(made, 0755));
    }
    return system.change_directory(path);
}

Error refusal(std::string const& path, Error const& error)
{
    auto const exec = "exec " + path + ": ";
    switch (error.errno_code()) {
    case ENOENT: return { ErrorKind::NotFound, exec + "no such file or directory" };
    case ENOEXEC:
        return { ErrorKind::Forbidden,
            exec
                + "exec format error: this program is real machine code; the simulated kernel runs only its built-in "
                  "applets" };
    default: return { ErrorKind::Forbidden, exec + "permission denied" };
    }
}

Result<kernel::System::Loaded> prepare(kernel::System& system, LaunchSpec const& spec)
{
    auto& process = system.process();
    process.env = spec.env;
    auto const owner = TRY(resolve_user(system, spec.user));
    TRY(enter_working_directory(system, spec.working_dir.empty() ? "/" : spec.working_dir));
    if (spec.args.empty())
        return fail(ErrorKind::InvalidInput, "no command specified");
    if (!system.get_env("PATH"))
        process.env.push_back(fmt::format("PATH={}", default_path));
    if (!system.get_env("HOME"))
        process.env.push_back(owner.uid == 0 ? "HOME=/root" : "HOME=/");
    TRY(system.become(owner));
    process.capabilities &= process.bounding;
    auto const path = system.find_program(spec.args[0]);
    if (!path)
        return fail(ErrorKind::NotFound, fmt::format("exec: \"{}\": executable file not found in $PATH", spec.args[0]));
    auto loaded = system.load(*path, spec.args);
    if (!loaded)
        return tl::unexpected(refusal(*path, loaded.error()));
    return loaded;
}

// How the launch went, from the new process to the one who waits for it.
struct Word {
    std::mutex mutex;
    std::unique_ptr<Condition> said;
    std::optional<Result<void>> result;

    void say(Result<void> outcome)
    {
        std::lock_guard lock(mutex);
        result = std::move(outcome);
        said->notify_all();
    }
    Result<void> hear()
    {
        std::unique_lock lock(mutex);
        said->wait(lock, [this] { return result.has_value(); });
        return *result;
    }
};

// Starts the program in `process`; the streams, or why it could not be.
Result<Streams> start_program(
    kernel::Kernel& kernel, Scheduler& scheduler, kernel::Process& process, LaunchSpec const& spec)
{
    auto streams = open_streams(kernel, process, spec.open_stdin, spec.tty);
    auto word = std::make_shared<Word>();
    word->said = scheduler.make_condition();
    auto const host_pid = process.host_pid;
    kernel.start(process, { spec.args, [word, spec](kernel::System& system) {
                               auto loaded = prepare(system, spec);
                               word->say(loaded ? Result<void>() : tl::unexpected(loaded.error()));
                               return loaded ? system.run(*loaded) : 127;
                           } });
    auto started = word->hear();
    if (!started) {
        kernel.wait(host_pid);
        return tl::unexpected(started.error());
    }
    return streams;
}

// Whoever starts it is outside of the simulated kernel, so it has no parent on either side.
void publish_start(trace::Publisher const& publisher, LaunchSpec const& spec, SimulatedPids const& pids)
{
    publisher.publish(trace::ProcessStarted { .container = spec.container,
        .pid = pids.inner,
        .host_pid = pids.host,
        .parent = 0,
        .host_parent = 0,
        .command = spec.args });
}

// What would be a show here must not pass for the real thing.
Result<void> refuse_what_is_no_model(LaunchSpec const& spec)
{
    if (!spec.devices.empty())
        return fail(ErrorKind::NotSupported, "the simulated world has no devices to give (--device)");
    if (!spec.sysctls.empty())
        return fail(ErrorKind::NotSupported, "the simulated kernel has no parameters (--sysctl)");
    if (!spec.groups.empty())
        return fail(ErrorKind::NotSupported, "the simulated kernel knows no supplementary groups (--group-add)");
    return {};
}

}

SimulatedRuntime::SimulatedRuntime(kernel::Kernel& kernel, Scheduler& scheduler)
    : m_kernel(kernel)
    , m_scheduler(scheduler)
{
}

Result<std::unique_ptr<ContainerProcess>> SimulatedRuntime::launch(
    LaunchSpec spec, OutputSink sink, trace::Publisher publisher)
{
    auto span = publisher.span("launch", "Launch " + std::string(spec.container.short_form()), trace::Depth::Role);
    if (!spec.root)
        return fail(ErrorKind::InvalidInput, "a container needs a root filesystem");
    TRY(refuse_what_is_no_model(spec));
    auto const kept = TRY(capabilities_of(spec));
    Setup setup(m_kernel, m_scheduler, spec, publisher);
    auto& process = setup.make_namespaces();
    auto const host_pid = process.host_pid;
    // A program of the machine counts as the first of its own.
    SimulatedPids const pids { host_pid, spec.on_host ? 1 : process.pid };
    auto const container
        = SimulatedContainer { process.namespaces, process.cgroup, spec.shared.contains(NamespaceKind::Pid), true };
    process.cgroup->all_devices = spec.privileged || spec.on_host;
    m_kernel.limit(*process.cgroup, spec.limits.most_processes(), spec.limits.memory);
    if (spec.limits.memory > 0)
        publisher.publish(trace::CgroupCreated { spec.container, "/sys/fs/cgroup/drydock/" + spec.container.value,
            "memory " + human_size(spec.limits.memory) });
    setup.build_root();
    setup.drop_privileges(kept);
    m_scheduler.sleep_for(launch_time);
    if (spec.connect) {
        auto connected = spec.connect(
            std::make_shared<SimulatedNetwork>(m_kernel, process.namespaces.at(NamespaceKind::Net), process.host_pid));
        if (!connected) {
            static_cast<void>(m_kernel.signal(host_pid, kernel::sigkill)); // it has not begun to run
            span.failed(connected.error().message());
            return tl::unexpected(std::move(connected).error());
        }
    }
    auto streams = start_program(m_kernel, m_scheduler, process, spec);
    if (!streams) {
        span.failed(streams.error().message());
        return tl::unexpected(streams.error());
    }
    publish_start(publisher, spec, pids);
    return std::make_unique<SimulatedProcess>(m_kernel, m_scheduler, container, pids, spec.container, spec.tty,
        std::move(*streams), std::move(sink), publisher);
}

Result<std::unique_ptr<ContainerProcess>> SimulatedRuntime::execute(
    ContainerProcess& in, LaunchSpec spec, OutputSink sink, trace::Publisher publisher)
{
    auto span = publisher.span("exec", "Execute in " + std::string(spec.container.short_form()), trace::Depth::Role);
    auto container = dynamic_cast<SimulatedProcess&>(in).container();
    container.is_first = false;
    if (!in.running())
        return fail(ErrorKind::Conflict, "the container is not running");
    auto const kept = TRY(capabilities_of(spec));
    auto& process = m_kernel.clone(container.namespaces, {}); // as setns(2) into all of them
    process.cgroup = container.cgroup;
    process.bounding = kept;
    SimulatedPids const pids { process.host_pid, process.pid };
    auto streams = start_program(m_kernel, m_scheduler, process, spec);
    if (!streams) {
        span.failed(streams.error().message());
        return tl::unexpected(streams.error());
    }
    publish_start(publisher, spec, pids);
    return std::make_unique<SimulatedProcess>(m_kernel, m_scheduler, container, pids, spec.container, spec.tty,
        std::move(*streams), std::move(sink), publisher);
}

}
