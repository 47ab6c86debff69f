#include "engine/bundle/Birth.h"

#include "engine/os/Packet.h"
#include "engine/runtime/Hierarchies.h"
#include "engine/runtime/InitProcess.h"

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>

namespace drydock::bundle {

namespace {

class Birth {
public:
    Birth(Config& config, Groups const& groups, BirthOptions const& options,
        std::function<Result<void>(int pid)> in_place)
        : m_config(config)
        , m_groups(groups)
        , m_options(options)
        , m_in_place(std::move(in_place))
    {
    }
    ~Birth()
    {
        if (!m_born.pidfd || m_complete)
            return;
        ::syscall(SYS_pidfd_send_signal, m_born.pidfd.get(), SIGKILL, nullptr, 0);
        // Unburied it would keep the first process of its pid namespace from ending (pid_namespaces(7)).
        while (::waitpid(m_born.pid, nullptr, 0) == -1 && errno == EINTR) { }
    }
    Birth(Birth const&) = delete;
    Birth& operator=(Birth const&) = delete;

    Result<Born> run()
    {
        // drydock-init goes as soon as the process is there; as long as we live, the orphan is ours.
        ::prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
        auto const program = TRY(runtime::InitProgram::load(m_options.init_program));
        auto monitor = TRY(runtime::InitProcess::start(program));
        TRY(place_order(monitor));
        TRY(hear_monitor(monitor));
        TRY(set_up_from_outside());
        TRY(m_reports->say_go_on());
        TRY(hear_process());
        m_complete = true;
        return std::move(m_born);
    }

private:
    Result<void> place_order(runtime::InitProcess& monitor)
    {
        auto sockets = TRY(runtime::make_socket_pair());
        m_reports.emplace(std::move(sockets.ours));
        auto& order = m_config.order;
        std::vector<int> fds { sockets.theirs.get() };
        if (!order.tty)
            fds.insert(fds.end(), { 0, 1, 2 });
        order.join = m_options.joined >= 0;
        if (order.join)
            fds.push_back(m_options.joined);
        order.bundle.waits_for_start = m_options.start_signal != nullptr;
        if (m_options.start_signal != nullptr)
            fds.push_back(m_options.start_signal->get());
        order.bundle.preserved = static_cast<std::uint32_t>(m_options.preserved);
        for (int i = 0; i < m_options.preserved; ++i)
            fds.push_back(3 + i);
        if (fds.size() + 1 > init::max_fds)
            return fail(ErrorKind::NotSupported, "--preserve-fds of more than 16");
        return monitor.order(order, fds);
    }

    Result<void> hear_monitor(runtime::InitProcess& monitor)
    {
        while (m_born.pid == 0) {
            auto arrival = TRY(monitor.control().next());
            if (!arrival)
                return fail(ErrorKind::Internal, "drydock-init ended before it made the process");
            TRY(receive(*arrival));
        }
        return {};
    }

    Result<void> write_maps()
    {
        auto const of_process = "/proc/" + std::to_string(m_born.pid) + "/";
        // Who has no power over groups may map them only after giving up setgroups(2) for good (user_namespaces(7)).
        if (::geteuid() != 0)
            TRY(runtime::write_text(of_process + "setgroups", "deny"));
        TRY_WITH("linux.gidMappings", runtime::write_text(of_process + "gid_map", m_config.gid_map));
        TRY_WITH("linux.uidMappings", runtime::write_text(of_process + "uid_map", m_config.uid_map));
        return {};
    }

    // It waits for us meanwhile.
    Result<void> set_up_from_outside()
    {
        if (!m_config.uid_map.empty() && m_options.joined < 0)
            TRY(write_maps());
        m_groups.attach(m_born.pid, m_config.warnings);
        if (m_config.oom_score_adjustment) {
            auto const written = runtime::write_text("/proc/" + std::to_string(m_born.pid) + "/oom_score_adj",
                std::to_string(*m_config.oom_score_adjustment));
            if (!written)
                m_config.warnings.push_back("process.oomScoreAdj has no effect: " + written.error().message());
        }
        return {};
    }

    Result<void> hear_process()
    {
        while (auto arrival = TRY(m_reports->next()))
            TRY(receive(*arrival));
        m_reports.reset();
        if (!m_executing)
            return fail(ErrorKind::Internal, "the process ended while it was being set up");
        return {};
    }

    Result<void> receive(runtime::Arrival& arrival)
    {
        if (auto const* failure = std::get_if<init::FailureReport>(&arrival.report))
            return fail(error_of(*failure));
        if (auto const* cloned = std::get_if<init::ClonedReport>(&arrival.report)) {
            m_born.pid = cloned->pid;
            m_born.pidfd = std::move(arrival.fd);
        } else if (std::holds_alternative<init::TerminalReport>(arrival.report)) {
            m_born.terminal = std::move(arrival.fd);
        } else if (auto const* warning = std::get_if<init::WarningReport>(&arrival.report)) {
            m_config.notes.push_back(warning->what);
        } else if (std::holds_alternative<init::ExecutingReport>(arrival.report)) {
            m_executing = true;
        } else if (auto const* phase = std::get_if<init::PhaseReport>(&arrival.report);
                   phase != nullptr && phase->name == "hooks") {
            TRY(m_in_place(m_born.pid));
            return m_reports->say_go_on();
        }
        return {};
    }

    static Error error_of(init::FailureReport const& failure)
    {
        if (failure.kind == init::FailureKind::FromErrno)
            return Error::from_errno(failure.call, failure.error).with_context(failure.message);
        return { failure.kind == init::FailureKind::NotFound ? ErrorKind::NotFound : ErrorKind::InvalidInput,
            failure.message };
    }

    Config& m_config;
    Groups const& m_groups;
    BirthOptions const& m_options;
    std::function<Result<void>(int pid)> m_in_place;
    std::optional<runtime::ReportStream> m_reports;
    Born m_born;
    bool m_executing { false };
    bool m_complete { false };
};

}

Result<Born> give_birth(
    Config& config, Groups const& groups, BirthOptions const& options, std::function<Result<void>(int pid)> in_place)
{
    return Birth(config, groups, options, std::move(in_place)).run();
}

Result<void> send_terminal(os::Fd const& terminal, std::string const& socket)
{
    sockaddr_un address { AF_UNIX, {} };
    if (socket.size() >= sizeof address.sun_path)
        return fail(ErrorKind::InvalidInput, "--console-socket is too long: " + socket);
    std::memcpy(address.sun_path, socket.data(), socket.size());
    os::Fd const to(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    if (!to || ::connect(to.get(), reinterpret_cast<sockaddr const*>(&address), sizeof address) != 0)
        return fail(Error::from_errno("connect(2)", errno).with_context("reaching --console-socket " + socket));
    if (os::send_packet(to.get(), "/dev/ptmx", { terminal.get() }) == -1)
        return fail(Error::from_errno("sendmsg(2)", errno).with_context("sending the terminal to " + socket));
    return {};
}

}
