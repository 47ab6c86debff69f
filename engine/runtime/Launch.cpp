#include "engine/runtime/Launch.h"

#include "engine/unionfs/FuseServer.h"

#include <fcntl.h>

#include <array>
#include <cerrno>
#include <fstream>

namespace drydock::runtime {

namespace {

struct Pipe {
    os::Fd read;
    os::Fd write;
};

Result<Pipe> make_pipe()
{
    std::array<int, 2> ends {};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0)
        return fail(Error::from_errno("pipe2(2)", errno));
    return Pipe { os::Fd(ends[0]), os::Fd(ends[1]) };
}

Error error_of(init::FailureReport const& failure)
{
    switch (failure.kind) {
    case init::FailureKind::NotFound: return { ErrorKind::NotFound, failure.message };
    case init::FailureKind::Forbidden: return { ErrorKind::Forbidden, failure.message };
    case init::FailureKind::InvalidInput: return { ErrorKind::InvalidInput, failure.message };
    case init::FailureKind::NotSupported: return { ErrorKind::NotSupported, failure.message };
    case init::FailureKind::FromErrno: break;
    }
    auto error = Error::from_errno(failure.call, failure.error).with_context(failure.message);
    // These two kinds say something about the command, and a failed mount does not.
    if (error.kind() == ErrorKind::NotFound || error.kind() == ErrorKind::Forbidden)
        return std::move(error).as(ErrorKind::Io);
    return error;
}

// As the container counts: the last number of "NSpid:" (proc_pid_status(5)).
std::int64_t inner_pid(int pid)
{
    std::ifstream file("/proc/" + std::to_string(pid) + "/status");
    for (std::string line; std::getline(file, line);) {
        if (line.starts_with("NSpid:"))
            return std::stoll(line.substr(line.find_last_of(" \t") + 1));
    }
    return 0;
}

// overlayfs leaves an empty directory of mode 0 in its work directory, at which an ordinary user's rm -r stops.
class OverlayWork {
public:
    explicit OverlayWork(std::filesystem::path const& work)
        : m_path(work / "work")
    {
    }
    ~OverlayWork() { ::rmdir(m_path.c_str()); }
    OverlayWork(OverlayWork const&) = delete;
    OverlayWork& operator=(OverlayWork const&) = delete;

private:
    std::filesystem::path m_path;
};

std::vector<trace::Digest> digests_of(std::vector<oci::DiffId> const& layers)
{
    std::vector<trace::Digest> digests;
    for (auto const& layer : layers)
        digests.push_back(layer.digest);
    return digests;
}

}

Launch::Launch(LaunchSpec const& spec, init::Spec order, std::vector<std::string> refused_calls, InitProcess init,
    std::shared_ptr<Cgroup> cgroup, LiveProcess const* host, trace::Publisher publisher)
    : m_spec(spec)
    , m_order(std::move(order))
    , m_host(host)
    , m_publisher(std::move(publisher))
    , m_narrator(m_publisher, spec.container, digests_of(spec.lower), std::move(refused_calls))
{
    m_parts.container = spec.container;
    m_parts.cgroup = std::move(cgroup);
    m_parts.init.emplace(std::move(init));
    if (spec.overlay && host == nullptr)
        m_parts.belongings.push_back(std::make_shared<OverlayWork>(spec.overlay->work));
    m_order.join = host != nullptr;
    m_parts.is_guest = host != nullptr;
    for (auto const& shared : m_order.shared) {
        if (shared.owner.empty())
            m_parts.hosts.push_back(shared);
    }
    m_order.into_cgroup = m_parts.cgroup && m_parts.cgroup->directory();
    // The first process is born in the v1 groups, where its monitor is; a guest's monitor comes from outside.
    m_order.broker = host == nullptr && spec.connect != nullptr;
    m_order.wait_for_engine = (m_order.join && m_parts.cgroup && m_parts.cgroup->has_v1()) || m_order.broker;
}

Result<LiveProcessParts> Launch::run()
{
    auto result = [&]() -> Result<void> {
        TRY(place_order());
        TRY(hear_monitor());
        if (m_order.wait_for_engine)
            prepare();
        return hear_process();
    }();
    if (!result)
        m_narrator.failed(result.error().message());
    m_narrator.finish();
    if (!result)
        return fail(std::move(result).error());
    m_parts.shares_pids = m_spec.shared.contains(kernel::NamespaceKind::Pid);
    m_parts.inner_pid = m_host != nullptr || m_parts.shares_pids ? inner_pid(m_parts.pid) : 1;
    return std::move(m_parts);
}

// ---- Before it starts ----

Result<void> Launch::open_streams()
{
    if (m_spec.open_stdin) {
        auto pipe = TRY(make_pipe());
        m_parts.standard_input = std::move(pipe.write);
        m_passed.push_back(std::move(pipe.read));
    }
    for (auto* ours : { &m_parts.standard_output, &m_parts.standard_error }) {
        auto pipe = TRY(make_pipe());
        *ours = std::move(pipe.read);
        m_passed.push_back(std::move(pipe.write));
    }
    return {};
}

Result<void> Launch::open_host()
{
    m_passed.emplace_back(::fcntl(m_host->pidfd(), F_DUPFD_CLOEXEC, 3));
    if (!m_order.user_namespace)
        return {};
    // The monitor's and not the process's: the latter may have gone one namespace deeper, to be another user.
    auto const path = "/proc/" + std::to_string(m_host->init_pid()) + "/ns/user";
    m_passed.emplace_back(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (!m_passed.back())
        return fail(Error::from_errno("open(2)", errno).with_context(path));
    return {};
}

// In the order of the order's list, and the mount namespace that goes with an ipc namespace at last.
Result<void> Launch::open_shared()
{
    auto const open = [&](std::int64_t process, std::string_view kind) -> Result<void> {
        auto const path = "/proc/" + std::to_string(process) + "/ns/" + std::string(kind);
        m_passed.emplace_back(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
        if (!m_passed.back())
            return fail(ErrorKind::Conflict,
                "the container whose " + std::string(kind) + " namespace is to be joined has ended");
        return {};
    };
    for (auto const& [kind, whose] : m_spec.shared) {
        if (!whose.is_hosts())
            TRY(open(whose.process, kernel::to_string(kind)));
    }
    auto const ipc = m_spec.shared.find(kernel::NamespaceKind::Ipc);
    if (ipc != m_spec.shared.end() && !ipc->second.is_hosts())
        TRY(open(ipc->second.process, "mnt"));
    return {};
}

Result<void> Launch::open_broker()
{
    auto sockets = TRY(make_socket_pair());
    m_broker = std::make_shared<SocketBroker>(std::move(sockets.ours));
    m_passed.push_back(std::move(sockets.theirs));
    return {};
}

Result<void> Launch::place_order()
{
    auto sockets = TRY(make_socket_pair());
    m_reports.emplace(std::move(sockets.ours));
    m_passed.push_back(std::move(sockets.theirs));
    if (!m_spec.tty)
        TRY(open_streams());
    if (m_order.into_cgroup)
        m_passed.emplace_back(::fcntl(m_parts.cgroup->directory().get(), F_DUPFD_CLOEXEC, 3));
    if (m_host != nullptr)
        TRY(open_host());
    if (m_host == nullptr)
        TRY(open_shared());
    if (m_order.broker)
        TRY(open_broker());

    std::vector<int> numbers;
    for (auto const& fd : m_passed)
        numbers.push_back(fd.get());
    TRY(m_parts.init->order(m_order, numbers));
    // Theirs alone now: the end of a stream is seen when the last process that has it is gone.
    m_passed.clear();
    return {};
}

// ---- Its reports ----

Result<void> Launch::hear_monitor()
{
    auto& control = m_parts.init->control();
    while (m_parts.pid < 0) {
        auto arrival = TRY(control.next());
        if (!arrival)
            return fail(ErrorKind::Internal, "drydock-init ended before it made the container");
        TRY(receive(std::move(*arrival)));
        if (m_failure)
            return fail(*m_failure);
    }
    return {};
}

// Meanwhile the process does all but execute; it must not do that outside its limits, or before its network is there.
void Launch::prepare()
{
    auto attached = m_host != nullptr ? m_parts.cgroup->attach_v1(m_parts.pid) : Result<void>();
    if (attached && m_broker) {
        m_broker->set_process(m_parts.pid);
        attached = m_spec.connect(m_broker);
    }
    if (attached)
        attached = m_reports->say_go_on();
    if (attached)
        return;
    // Where it has failed meanwhile, its own reason comes first.
    m_attach_failure = std::move(attached).error();
    m_reports->say_no_more();
}

Result<void> Launch::hear_process()
{
    while (auto arrival = TRY(m_reports->next()))
        TRY(receive(std::move(*arrival)));
    m_reports.reset();
    if (m_failure)
        return fail(*m_failure);
    if (m_attach_failure)
        return fail(*m_attach_failure);
    // A successful execve(2) closes the socket; so does death.
    if (!m_executing)
        return fail(explain_death());
    return {};
}

Result<void> Launch::receive(Arrival arrival)
{
    m_narrator.tell(arrival.report);
    if (auto const* failure = std::get_if<init::FailureReport>(&arrival.report)) {
        m_failure = error_of(*failure);
    } else if (auto const* cloned = std::get_if<init::ClonedReport>(&arrival.report)) {
        m_parts.pid = cloned->pid;
        m_parts.pidfd = std::move(arrival.fd);
    } else if (std::holds_alternative<init::TerminalReport>(arrival.report)) {
        m_parts.terminal = std::move(arrival.fd);
    } else if (std::holds_alternative<init::ExecutingReport>(arrival.report)) {
        m_executing = true;
    } else if (std::holds_alternative<init::UnionReport>(arrival.report) && arrival.fd) {
        return serve_root(std::move(arrival.fd));
    }
    return {};
}

Error Launch::explain_death()
{
    auto const last = m_parts.init->control().next();
    if (last && *last) {
        if (auto const* exit = std::get_if<init::ExitReport>(&(*last)->report); exit != nullptr && exit->signal != 0)
            return { ErrorKind::Io,
                "the container's first process was ended by " + signal_name(exit->signal)
                    + " while it was being set up" };
    }
    return { ErrorKind::Internal, "the container's first process ended while it was being set up" };
}

// From here on every lookup of the container's is answered by our own code.
Result<void> Launch::serve_root(os::Fd device)
{
    auto server = TRY_WITH("serving the root filesystem", unionfs::FuseServer::serve(std::move(device), m_spec.root));
    m_parts.belongings.push_back(std::move(server));
    return {};
}

}
