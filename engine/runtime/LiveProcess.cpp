#include "engine/runtime/LiveProcess.h"

#include "engine/runtime/Members.h"

#include <fcntl.h>
#include <linux/magic.h>
#include <linux/openat2.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <termios.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>

namespace drydock::runtime {

namespace {

void make_nonblocking(os::Fd const& fd)
{
    if (fd)
        ::fcntl(fd.get(), F_SETFL, ::fcntl(fd.get(), F_GETFL) | O_NONBLOCK);
}

os::Fd duplicate(os::Fd const& fd)
{
    return os::Fd(::fcntl(fd.get(), F_DUPFD_CLOEXEC, 3));
}

void wait_until_readable(int fd)
{
    pollfd watched { fd, POLLIN, 0 };
    while (::poll(&watched, 1, -1) == -1 && errno == EINTR) { }
}

// Writing into a pipe that nobody reads raises SIGPIPE, which would end the daemon. It is kept from this thread
// and taken away if it came.
class WithoutSigpipe {
public:
    WithoutSigpipe()
    {
        ::sigemptyset(&m_pipe);
        ::sigaddset(&m_pipe, SIGPIPE);
        ::pthread_sigmask(SIG_BLOCK, &m_pipe, &m_before);
    }
    ~WithoutSigpipe()
    {
        if (::sigismember(&m_before, SIGPIPE) == 0) {
            timespec const at_once {};
            while (::sigtimedwait(&m_pipe, nullptr, &at_once) == -1 && errno == EINTR) { }
        }
        ::pthread_sigmask(SIG_SETMASK, &m_before, nullptr);
    }
    WithoutSigpipe(WithoutSigpipe const&) = delete;
    WithoutSigpipe& operator=(WithoutSigpipe const&) = delete;

private:
    sigset_t m_pipe {};
    sigset_t m_before {};
};

}

std::string signal_name(int number)
{
    if (char const* name = ::sigabbrev_np(number))
        return std::string("SIG") + name;
    return "SIGRTMIN+" + std::to_string(number - SIGRTMIN);
}

LiveProcess::LiveProcess(LiveProcessParts parts, OutputSink sink, trace::Publisher publisher, Scheduler& scheduler)
    : m_parts(std::move(parts))
    , m_sink(std::move(sink))
    , m_publisher(std::move(publisher))
    , m_pid_namespace(pid_namespace_of(m_parts.pid))
    , m_changed(scheduler.make_condition())
{
    make_nonblocking(m_parts.standard_output);
    make_nonblocking(m_parts.standard_error);
    make_nonblocking(m_parts.terminal);
    if (m_parts.terminal)
        m_terminal = std::make_shared<os::Fd>(duplicate(m_parts.terminal));
    m_input = m_parts.terminal ? m_terminal : std::make_shared<os::Fd>(std::move(m_parts.standard_input));
    m_pump = scheduler.spawn("container " + std::string(m_parts.container.short_form()), [this] { pump(); });
}

LiveProcess::~LiveProcess()
{
    if (running())
        static_cast<void>(send(SIGKILL));
    m_pump->join();
}

// ---- The pump ----

void LiveProcess::pump()
{
    std::optional<ExitStatus> status;
    while (!status) {
        // poll(2) passes over negative descriptors.
        std::array<pollfd, 4> watched { { { m_parts.init->control().socket(), POLLIN, 0 },
            { m_parts.standard_output.get(), POLLIN, 0 }, { m_parts.standard_error.get(), POLLIN, 0 },
            { m_parts.terminal.get(), POLLIN, 0 } } };
        if (::poll(watched.data(), watched.size(), -1) == -1)
            continue;
        if (watched[1].revents != 0)
            deliver(m_parts.standard_output, false);
        if (watched[2].revents != 0)
            deliver(m_parts.standard_error, true);
        if (watched[3].revents != 0)
            deliver(m_parts.terminal, false);
        if (watched[0].revents != 0)
            status = hear_exit();
    }
    if (m_parts.shares_pids && !m_parts.is_guest)
        kill_the_rest();
    drain();
    if (!m_parts.is_guest && m_parts.cgroup)
        status->out_of_memory = m_parts.cgroup->has_run_out_of_memory();
    m_publisher.publish(trace::ProcessExited { m_parts.container, m_parts.inner_pid, status->code, status->signal });
    clear_away();
    std::lock_guard const lock(m_mutex);
    m_status = status;
    m_changed->notify_all();
}

// No pid namespace ends with it, so what it has left behind has to be sought.
void LiveProcess::kill_the_rest()
{
    if (auto const killed = m_parts.cgroup->kill(); !killed)
        m_publisher.publish(trace::WarningRaised {
            "processes of the container may live on: " + killed.error().message(), "end them by their pids" });
}

// One read's worth. Lets go of the stream at its end; a terminal says that by EIO.
void LiveProcess::deliver(os::Fd& from, bool to_stderr)
{
    std::array<char, 65536> buffer; // NOLINT: filled by read(2)
    auto const count = ::read(from.get(), buffer.data(), buffer.size());
    if (count == -1 && (errno == EAGAIN || errno == EINTR))
        return;
    if (count <= 0)
        return from.reset();
    std::string_view const bytes(buffer.data(), static_cast<std::size_t>(count));
    m_publisher.publish(trace::OutputWritten {
        m_parts.container, to_stderr, std::string(bytes.substr(0, event_text_limit)), bytes.size() });
    if (m_sink.write)
        m_sink.write(to_stderr, bytes);
}

// The end of a pid namespace takes all its processes along before its first process counts as ended, so whatever they
// wrote is in the pipes by now. A guest's children may live on with the pipes open; their words are not waited for.
void LiveProcess::drain()
{
    for (auto* stream : { &m_parts.standard_output, &m_parts.standard_error, &m_parts.terminal }) {
        pollfd watched { stream->get(), POLLIN, 0 };
        while (*stream && ::poll(&watched, 1, 0) == 1)
            deliver(*stream, stream == &m_parts.standard_error);
        stream->reset();
    }
}

// Blocks until drydock-init says how it ended. Where that was killed itself, the process goes with it.
ExitStatus LiveProcess::hear_exit()
{
    while (true) {
        auto const arrival = m_parts.init->control().next();
        if (!arrival || !*arrival)
            break;
        if (auto const* exit = std::get_if<init::ExitReport>(&(*arrival)->report))
            return { exit->code, exit->signal };
    }
    static_cast<void>(send(SIGKILL));
    wait_until_readable(m_parts.pidfd.get());
    return { 128 + SIGKILL, SIGKILL };
}

void LiveProcess::clear_away()
{
    m_parts.init->end();
    while (!m_parts.belongings.empty())
        m_parts.belongings.pop_back();
    if (!m_parts.is_guest) // a guest's root is its host's
        m_publisher.publish(trace::UnionUnmounted { m_parts.container });
    m_parts.cgroup.reset();
    std::lock_guard const lock(m_mutex);
    m_input.reset();
    m_terminal.reset();
}

// ---- What others ask of it ----

ExitStatus LiveProcess::wait()
{
    std::unique_lock lock(m_mutex);
    m_changed->wait(lock, [this] { return m_status.has_value(); });
    return *m_status;
}

bool LiveProcess::running() const
{
    std::lock_guard const lock(m_mutex);
    return !m_status;
}

Result<void> LiveProcess::send(int number)
{
    if (::syscall(SYS_pidfd_send_signal, m_parts.pidfd.get(), number, nullptr, 0) == 0)
        return {};
    if (errno == ESRCH)
        return fail(ErrorKind::Conflict, "the process has ended");
    return fail(Error::from_errno("pidfd_send_signal(2)", errno).with_context("sending " + signal_name(number)));
}

Result<void> LiveProcess::signal(int number)
{
    TRY(send(number));
    m_publisher.publish(trace::SignalSent { m_parts.container, number, signal_name(number) });
    return {};
}

Result<void> LiveProcess::pause()
{
    if (m_parts.cgroup && m_parts.cgroup->can_freeze())
        return m_parts.cgroup->freeze();
    return stop_all(m_pid_namespace);
}

Result<void> LiveProcess::resume()
{
    if (m_parts.cgroup && m_parts.cgroup->can_freeze())
        return m_parts.cgroup->thaw();
    return continue_all(m_pid_namespace);
}

Result<void> LiveProcess::write_stdin(std::string_view bytes)
{
    std::shared_ptr<os::Fd> input;
    {
        std::lock_guard const lock(m_mutex);
        input = m_input;
    }
    if (!input || !*input)
        return fail(ErrorKind::Conflict, "the standard input is not open");
    WithoutSigpipe const guard;
    while (!bytes.empty()) {
        auto const count = ::write(input->get(), bytes.data(), bytes.size());
        if (count >= 0) {
            bytes.remove_prefix(static_cast<std::size_t>(count));
        } else if (errno == EAGAIN) {
            pollfd watched { input->get(), POLLOUT, 0 };
            ::poll(&watched, 1, -1);
        } else if (errno != EINTR) {
            return fail(Error::from_errno("write(2)", errno).with_context("writing to the standard input"));
        }
    }
    return {};
}

void LiveProcess::close_stdin()
{
    std::lock_guard const lock(m_mutex);
    m_input.reset();
}

Result<void> LiveProcess::resize(std::uint16_t rows, std::uint16_t columns)
{
    std::lock_guard const lock(m_mutex);
    winsize const size { rows, columns, 0, 0 };
    if (!m_terminal)
        return fail(ErrorKind::Conflict, "the process has no terminal");
    if (::ioctl(m_terminal->get(), TIOCSWINSZ, &size) != 0)
        return fail(Error::from_errno("ioctl(TIOCSWINSZ)", errno));
    return {};
}

Result<void> LiveProcess::set_limits(Limits const& limits)
{
    return m_parts.cgroup ? m_parts.cgroup->limit(limits) : ContainerProcess::set_limits(limits);
}

// The container may have made anything of the path, so it is resolved inside its root, and nothing is written but a
// plain file on a tmpfs of 1 MB at most, which is what the engine's files lie on (Scaffold in engine/init/Root.cpp).
Result<void> LiveProcess::rewrite_file(std::string const& path, Change const& change)
{
    auto const root_path = "/proc/" + std::to_string(m_parts.pid) + "/root";
    os::Fd const root(::open(root_path.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
    open_how how {};
    how.flags = O_RDWR | O_CLOEXEC | O_NOCTTY | O_NONBLOCK | O_NOFOLLOW;
    how.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS;
    os::Fd const file(static_cast<int>(::syscall(SYS_openat2, root.get(), path.c_str(), &how, sizeof how)));
    struct stat status { };
    struct statfs system { };
    bool const is_ours = file && ::fstat(file.get(), &status) == 0 && S_ISREG(status.st_mode)
        && ::fstatfs(file.get(), &system) == 0 && system.f_type == TMPFS_MAGIC
        && static_cast<std::uint64_t>(system.f_blocks) * static_cast<std::uint64_t>(system.f_bsize) <= 1U << 20U;
    if (!is_ours)
        return {};
    std::string before(static_cast<std::size_t>(status.st_size), '\0');
    before.resize(static_cast<std::size_t>(std::max<ssize_t>(::pread(file.get(), before.data(), before.size(), 0), 0)));
    auto const text = change(before);
    if (::ftruncate(file.get(), 0) != 0
        || ::pwrite(file.get(), text.data(), text.size(), 0) != static_cast<ssize_t>(text.size()))
        return fail(Error::from_errno("write(2)", errno).with_context("rewriting " + path + " of the container"));
    return {};
}

Usage LiveProcess::usage() const
{
    auto usage = m_parts.cgroup ? m_parts.cgroup->usage() : Usage();
    usage.interfaces = interfaces_of(m_parts.pid);
    return usage;
}

std::vector<ContainerProcess::Member> LiveProcess::members() const
{
    return m_parts.shares_pids && m_parts.cgroup ? describe_all(m_parts.cgroup->processes())
                                                 : members_of(m_pid_namespace);
}

}
