#include "engine/bundle/Containers.h"

#include "engine/bundle/HookRunner.h"
#include "engine/init/Capabilities.h"
#include "engine/runtime/Members.h"
#include "sim/core/Units.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <csignal>

namespace drydock::bundle {

namespace fs = std::filesystem;

namespace {

constexpr std::size_t config_file_limit = 16 << 20; // bytes
constexpr int patience = 10'000;                    // milliseconds for a killed process to be gone

std::string now()
{
    auto const since = std::chrono::system_clock::now().time_since_epoch();
    return rfc3339({ std::chrono::duration_cast<std::chrono::nanoseconds>(since).count() });
}

// A process by descriptor, once it is sure that the number is still that process's.
Result<os::Fd> hold(State const& state)
{
    os::Fd process(static_cast<int>(::syscall(SYS_pidfd_open, state.pid, 0)));
    if (!process || !is_alive(state))
        return fail(ErrorKind::Conflict, "container not running");
    return process;
}

Result<void> send_signal(os::Fd const& process, int signal)
{
    if (::syscall(SYS_pidfd_send_signal, process.get(), signal, nullptr, 0) != 0)
        return failed("pidfd_send_signal(2)", errno);
    return {};
}

void wait_until_gone(os::Fd const& process)
{
    pollfd watched { process.get(), POLLIN, 0 };
    while (::poll(&watched, 1, patience) == -1 && errno == EINTR) { }
}

Result<os::Fd> make_fifo(fs::path const& path)
{
    if (::mkfifo(path.c_str(), 0600) != 0)
        return fail(Error::from_errno("mkfifo(3)", errno).with_context("making " + path.string()));
    // Both ends: neither opening nor reading it fails for want of the other.
    os::Fd fifo(::open(path.c_str(), O_RDWR | O_CLOEXEC));
    if (!fifo)
        return fail(Error::from_errno("open(2)", errno).with_context("opening " + path.string()));
    return fifo;
}

void replace_cgroup_mounts(Config& config, Groups const& groups)
{
    std::vector<init::BundleMount> mounts;
    for (auto& mount : config.order.bundle.mounts) {
        bool const shows_groups
            = mount.deed == init::MountDeed::Mount && (mount.type == "cgroup" || mount.type == "cgroup2");
        if (!shows_groups) {
            mounts.push_back(std::move(mount));
        } else if (groups.all().empty()) {
            config.warnings.push_back(mount.target + " shows no cgroups: there are none that we may make");
        } else {
            auto shown = groups.mounts_for(mount);
            mounts.insert(mounts.end(), shown.begin(), shown.end());
        }
    }
    config.order.bundle.mounts = std::move(mounts);
}

Result<void> check_console(Config const& config, std::string const& socket)
{
    if (config.order.tty && socket.empty())
        return fail(ErrorKind::InvalidInput, "process.terminal needs --console-socket");
    if (!config.order.tty && !socket.empty())
        return fail(ErrorKind::InvalidInput, "--console-socket is for a process with a terminal");
    return {};
}

// ---- exec ----

Result<std::uint32_t> parse_number(std::string_view text, char const* what)
{
    std::uint32_t number = 0;
    auto const [at, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc {} || at != text.data() + text.size())
        return fail(ErrorKind::InvalidInput, std::string(what) + " is no number: \"" + std::string(text) + "\"");
    return number;
}

// As the container's own process, but for what the command line says.
Result<void> apply_options(ExecOptions const& options, Config& config)
{
    auto& order = config.order;
    auto& bundle = order.bundle;
    if (options.args.empty())
        return fail(ErrorKind::InvalidInput, "exec needs a program, or --process");
    order.args = options.args;
    order.tty = options.tty;
    order.open_stdin = !options.tty;
    order.env.insert(order.env.end(), options.env.begin(), options.env.end());
    if (!options.cwd.empty())
        order.working_dir = options.cwd;
    if (!options.user.empty()) {
        auto const colon = options.user.find(':');
        bundle.uid = TRY(parse_number(std::string_view(options.user).substr(0, colon), "--user"));
        if (colon != options.user.npos)
            bundle.gid = TRY(parse_number(std::string_view(options.user).substr(colon + 1), "--user"));
    }
    bundle.no_new_privileges = bundle.no_new_privileges || options.no_new_privileges;
    for (auto const& name : options.capabilities) {
        auto const capability = init::parse_capability(name);
        if (!capability)
            return fail(ErrorKind::InvalidInput, "--cap: invalid capability: \"" + name + "\"");
        for (auto* set :
            { &bundle.capabilities.bounding, &bundle.capabilities.effective, &bundle.capabilities.permitted })
            *set |= *capability;
    }
    return {};
}

Result<void> write_pid_file(fs::path const& path, int pid)
{
    if (path.empty())
        return {};
    return replace_file(path, std::to_string(pid));
}

// Its parent is gone, so it is ours to wait for (give_birth() asks for orphans).
int wait_for_status(int pid)
{
    int status = 0;
    while (::waitpid(pid, &status, 0) == -1) {
        if (errno != EINTR)
            return 1;
    }
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

// Whatever reaches us in front of a container is meant for it.
class PassSignals {
public:
    explicit PassSignals(os::Fd process)
    {
        s_process = std::move(process);
        for (int const signal : passed)
            std::signal(
                signal, [](int number) { ::syscall(SYS_pidfd_send_signal, s_process.get(), number, nullptr, 0); });
    }
    ~PassSignals()
    {
        for (int const signal : passed)
            std::signal(signal, SIG_DFL);
        s_process.reset();
    }
    PassSignals(PassSignals const&) = delete;
    PassSignals& operator=(PassSignals const&) = delete;

private:
    static constexpr std::array<int, 6> passed { SIGTERM, SIGINT, SIGHUP, SIGQUIT, SIGUSR1, SIGUSR2 };
    static inline os::Fd s_process;
};

}

void Containers::remember(Config const& config)
{
    m_warnings.insert(m_warnings.end(), config.warnings.begin(), config.warnings.end());
    m_notes.insert(m_notes.end(), config.notes.begin(), config.notes.end());
}

// ---- create ----

Result<void> Containers::make(
    StateDirectory const& directory, CreateOptions const& options, State& state, Config& config)
{
    auto const fifo = TRY(make_fifo(directory.fifo()));
    auto const groups = TRY(
        Groups::make(config.cgroups_path.empty() ? directory.name_for_cgroup() : config.cgroups_path, config.warnings));
    state.groups = groups.all();
    TRY(directory.write(state));
    groups.limit(config);
    replace_cgroup_mounts(config, groups);
    auto const hooks = [&](int pid) -> Result<void> {
        state.pid = pid;
        state.start_time = start_time_of(pid);
        TRY(directory.write(state));
        // Older than the state "creating": its callers, and the public suite, expect what 1.0.0 had.
        TRY(run_hooks(config.hooks.prestart, "prestart", state, Status::Created, Where::Outside));
        TRY(run_hooks(config.hooks.create_runtime, "createRuntime", state, Status::Creating, Where::Outside));
        return run_hooks(config.hooks.create_container, "createContainer", state, Status::Creating, Where::Inside);
    };
    BirthOptions const birth { m_init_program, &fifo, -1, options.preserved };
    auto const born = TRY(give_birth(config, groups, birth, hooks));
    if (config.order.tty)
        TRY(send_terminal(born.terminal, options.console_socket));
    return write_pid_file(options.pid_file, born.pid);
}

Result<void> Containers::create(CreateOptions const& options)
{
    std::error_code error;
    auto const bundle = fs::canonical(options.bundle, error);
    if (error)
        return fail(ErrorKind::NotFound, "no bundle at " + options.bundle.string());
    auto const text = TRY(read_file(bundle / "config.json", config_file_limit));
    auto config = TRY(read_config(text, bundle));
    if (!config.has_process)
        return fail(ErrorKind::InvalidInput, "config.json: process is missing");
    TRY(check_console(config, options.console_socket));

    auto const directory = TRY(StateDirectory::make(m_root, options.id));
    State state;
    state.id = options.id;
    state.bundle = bundle.string();
    state.root = config.order.bundle.root;
    state.created = now();
    state.annotations = config.annotations;
    auto result = directory.keep_config(text);
    if (result)
        result = make(directory, options, state, config);
    remember(config);
    if (!result)
        clear_away(directory, state, nullptr);
    return result;
}

// Its processes, its groups, what is written of it. `config`: for its poststop hooks.
void Containers::clear_away(StateDirectory const& directory, State const& state, Config const* config)
{
    Groups const groups(state.groups);
    if (auto const process = hold(state)) {
        static_cast<void>(send_signal(*process, SIGKILL));
        static_cast<void>(groups.thaw());
        wait_until_gone(*process);
    }
    // Without a pid namespace of its own the first one's end is not the end of all.
    for (auto const pid : groups.processes())
        ::kill(pid, SIGKILL);
    groups.remove();
    if (config != nullptr) {
        for (auto const& hook : config->hooks.poststop) {
            if (auto ran = run_hooks({ hook }, "poststop", state, Status::Stopped, Where::Outside); !ran)
                m_warnings.push_back(ran.error().message());
        }
    }
    directory.remove();
}

// ---- start, state ----

Result<void> Containers::start(std::string const& id)
{
    auto const directory = TRY(StateDirectory::open(m_root, id));
    auto const state = TRY(directory.read());
    auto const status = directory.status(state);
    if (status != Status::Created)
        return fail(ErrorKind::Conflict,
            status == Status::Stopped ? "cannot start a container that has stopped"
                                      : "cannot start a container that is already " + std::string(to_string(status)));
    auto const text = TRY(directory.config());
    auto const config = TRY(read_config(text, state.bundle));
    TRY(run_hooks(config.hooks.start_container, "startContainer", state, Status::Created, Where::Inside));
    os::Fd const fifo(::open(directory.fifo().c_str(), O_WRONLY | O_NONBLOCK | O_CLOEXEC));
    if (!fifo || ::write(fifo.get(), "", 1) != 1)
        return fail(Error::from_errno("write(2)", errno).with_context("telling the container to start"));
    ::unlink(directory.fifo().c_str());
    // Its end of the fifo goes with execve(2), or with it.
    pollfd watched { fifo.get(), 0, 0 };
    while (::poll(&watched, 1, -1) == -1 && errno == EINTR) { }
    for (auto const& hook : config.hooks.poststart) {
        if (auto ran = run_hooks({ hook }, "poststart", state, Status::Running, Where::Outside); !ran)
            m_warnings.push_back(ran.error().message());
    }
    return {};
}

Result<std::string> Containers::state(std::string const& id) const
{
    auto const directory = TRY(StateDirectory::look(m_root, id));
    auto const state = TRY(directory.read());
    return state_json(state, directory.status(state));
}

std::vector<Containers::Listed> Containers::list() const
{
    std::vector<Listed> listed;
    for (auto const& id : StateDirectory::ids(m_root)) {
        auto const directory = StateDirectory::look(m_root, id);
        if (!directory)
            continue;
        if (auto state = directory->read()) {
            auto const status = directory->status(*state);
            listed.push_back({ std::move(*state), status });
        }
    }
    return listed;
}

Result<std::vector<int>> Containers::processes(std::string const& id) const
{
    auto const directory = TRY(StateDirectory::look(m_root, id));
    auto const state = TRY(directory.read());
    if (!state.groups.empty())
        return Groups(state.groups).processes();
    std::vector<int> pids;
    auto const space = is_alive(state) ? runtime::pid_namespace_of(state.pid) : 0;
    if (space == 0 || space == runtime::pid_namespace_of(::getpid()))
        return is_alive(state) ? std::vector<int> { state.pid } : pids;
    for (auto const& member : runtime::members_of(space))
        pids.push_back(static_cast<int>(member.host_pid));
    return pids;
}

// ---- kill, delete ----

Result<void> Containers::kill(std::string const& id, int signal, Whom whom)
{
    auto const directory = TRY(StateDirectory::open(m_root, id));
    auto const state = TRY(directory.read());
    if (whom == Whom::All) {
        auto const groups = Groups(state.groups);
        for (auto const pid : groups.processes())
            ::kill(pid, signal);
        if (!is_alive(state))
            return {};
    }
    auto const process = TRY(hold(state));
    TRY(send_signal(process, signal));
    // A frozen process of version 1 would be dead only once somebody lets it go on.
    if (signal == SIGKILL && Groups(state.groups).frozen())
        TRY(Groups(state.groups).thaw());
    return {};
}

Result<void> Containers::remove(std::string const& id, Mode mode)
{
    auto const directory = StateDirectory::open(m_root, id);
    if (!directory && directory.error().kind() == ErrorKind::NotFound && mode == Mode::Force)
        return {};
    if (!directory)
        return fail(directory.error());
    auto const state = directory->read();
    if (!state && mode == Mode::Force) {
        directory->remove(); // the rest of a `create` that was cut short
        return {};
    }
    if (!state)
        return fail(state.error());
    auto const status = directory->status(*state);
    if (status != Status::Stopped && mode != Mode::Force)
        return fail(ErrorKind::Conflict,
            "cannot delete container " + id + " that is not stopped: " + std::string(to_string(status)));
    auto const text = directory->config();
    auto const config = text ? read_config(*text, state->bundle) : Result<Config>(Config());
    if (!config) // the root file system may be gone by now; hooks then stay out
        m_warnings.push_back("poststop hooks were not run: " + config.error().message());
    clear_away(*directory, *state, config ? &*config : nullptr);
    return {};
}

// ---- exec, run ----

Result<int> Containers::exec(ExecOptions const& options)
{
    auto const directory = TRY(StateDirectory::open(m_root, options.id));
    auto const state = TRY(directory.read());
    auto const status = directory.status(state);
    if (status != Status::Created && status != Status::Running)
        return fail(ErrorKind::Conflict, "cannot exec in a " + std::string(to_string(status)) + " container");
    auto const text = TRY(directory.config());
    auto config = TRY(read_config(text, state.bundle));
    config.oom_score_adjustment.reset();
    if (options.process.empty()) {
        TRY(apply_options(options, config));
    } else {
        auto const process = TRY(read_file(options.process, config_file_limit));
        TRY(read_process(process, config));
    }
    config.order.tty = config.order.tty || options.tty;
    config.order.open_stdin = !config.order.tty;
    TRY(check_console(config, options.console_socket));
    auto const container = TRY(hold(state));
    config.order.bundle.namespaces = foreign_namespaces(state.pid);
    BirthOptions const birth { m_init_program, nullptr, container.get(), options.preserved };
    auto born = give_birth(config, Groups(state.groups), birth, [](int) -> Result<void> { return {}; });
    remember(config);
    if (!born)
        return fail(std::move(born).error());
    if (config.order.tty)
        TRY(send_terminal(born->terminal, options.console_socket));
    TRY(write_pid_file(options.pid_file, born->pid));
    if (options.detach)
        return 0;
    PassSignals const pass(std::move(born->pidfd));
    return wait_for_status(born->pid);
}

Result<int> Containers::run(CreateOptions const& options, bool detach)
{
    TRY(create(options));
    auto const directory = TRY(StateDirectory::look(m_root, options.id));
    auto const state = TRY(directory.read());
    if (auto started = start(options.id); !started) {
        static_cast<void>(remove(options.id, Mode::Force));
        return fail(std::move(started).error());
    }
    if (detach)
        return 0;
    int exit = 1;
    {
        PassSignals const pass(os::Fd(static_cast<int>(::syscall(SYS_pidfd_open, state.pid, 0))));
        exit = wait_for_status(state.pid);
    }
    TRY(remove(options.id, Mode::Force));
    return exit;
}

// ---- pause, resume ----

Result<void> Containers::pause(std::string const& id)
{
    auto const directory = TRY(StateDirectory::open(m_root, id));
    auto const state = TRY(directory.read());
    auto const status = directory.status(state);
    if (status != Status::Running && status != Status::Created)
        return fail(ErrorKind::Conflict, "cannot pause a container that is " + std::string(to_string(status)));
    return Groups(state.groups).freeze();
}

Result<void> Containers::resume(std::string const& id)
{
    auto const directory = TRY(StateDirectory::open(m_root, id));
    auto const state = TRY(directory.read());
    if (!is_alive(state) || !Groups(state.groups).frozen())
        return fail(ErrorKind::Conflict, "cannot resume a container that is not paused");
    return Groups(state.groups).thaw();
}

}
