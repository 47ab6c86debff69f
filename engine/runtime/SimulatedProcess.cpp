#include "engine/runtime/SimulatedProcess.h"

#include <array>

namespace drydock::runtime {

namespace {

// Standard input that says of itself that it is a terminal, so that a shell prompts.
class TerminalInput final : public kernel::OpenFile {
public:
    explicit TerminalInput(std::shared_ptr<kernel::OpenFile> pipe)
        : m_pipe(std::move(pipe))
    {
    }
    Result<std::size_t> read(kernel::Process* reader, std::span<char> buffer) override
    {
        return m_pipe->read(reader, buffer);
    }
    Result<void> write(kernel::Process* writer, std::string_view bytes) override
    {
        return m_pipe->write(writer, bytes);
    }
    kernel::Attributes attributes() const override
    {
        return { .type = kernel::FileType::CharDevice, .mode = 0620, .device_major = kernel::terminal_major };
    }

private:
    std::shared_ptr<kernel::OpenFile> m_pipe;
};

// What a terminal does to output: a newline also returns the carriage; see termios(3), ONLCR.
std::string with_carriage_returns(std::string_view bytes)
{
    std::string shown;
    for (char const c : bytes) {
        if (c == '\n')
            shown += '\r';
        shown += c;
    }
    return shown;
}

}

Streams open_streams(kernel::Kernel& kernel, kernel::Process& process, bool open_stdin, bool tty)
{
    auto input = kernel::make_pipe(kernel);
    auto output = kernel::make_pipe(kernel);
    auto error = tty ? kernel::Pipe { nullptr, output.writer } : kernel::make_pipe(kernel);
    Streams const ours { open_stdin ? input.writer : nullptr, output.reader, error.reader };
    std::lock_guard lock(kernel.mutex());
    process.files[0] = open_stdin && tty ? std::make_shared<TerminalInput>(std::move(input.reader))
        : open_stdin                     ? std::move(input.reader)
                                         : kernel::make_device(1, 3); // /dev/null
    process.files[1] = std::move(output.writer);
    process.files[2] = std::move(error.writer);
    return ours;
}

SimulatedProcess::SimulatedProcess(kernel::Kernel& kernel, Scheduler& scheduler, SimulatedContainer container,
    SimulatedPids pids, ContainerId id, bool tty, Streams streams, OutputSink sink, trace::Publisher publisher)
    : m_kernel(kernel)
    , m_container(std::move(container))
    , m_pids(pids)
    , m_id(std::move(id))
    , m_tty(tty)
    , m_streams(std::move(streams))
    , m_sink(std::move(sink))
    , m_publisher(std::move(publisher))
    , m_scheduler(scheduler)
    , m_ended(scheduler.make_condition())
{
    m_watch = scheduler.spawn("container " + std::string(m_id.short_form()), [this] { watch(); });
}

SimulatedProcess::~SimulatedProcess()
{
    if (running())
        static_cast<void>(m_kernel.signal(m_pids.host, kernel::sigkill));
    m_watch->join();
}

// ---- Its output and its end ----

void SimulatedProcess::watch()
{
    kernel::ExitStatus ended;
    bool const leaves_some = m_container.shares_pids && m_container.is_first;
    {
        // No pid namespace ends with it, and what it leaves behind would keep the pipes open.
        std::unique_ptr<Task> ending;
        if (leaves_some)
            ending = m_scheduler.spawn("end of " + std::string(m_id.short_form()), [this, &ended] {
                ended = m_kernel.wait(m_pids.host);
                m_kernel.kill_all(*m_container.cgroup);
            });
        std::unique_ptr<Task> errors;
        if (m_streams.error != nullptr)
            errors = m_scheduler.spawn(
                "stderr " + std::string(m_id.short_form()), [this] { pump(*m_streams.error, true); });
        pump(*m_streams.output, false);
    }
    if (!leaves_some)
        ended = m_kernel.wait(m_pids.host);
    m_publisher.publish(trace::ProcessExited { m_id, m_pids.inner, ended.code, ended.signal });
    close_stdin();
    std::lock_guard lock(m_mutex);
    m_status = ExitStatus { ended.code, ended.signal, m_kernel.has_run_out_of_memory(*m_container.cgroup) };
    m_ended->notify_all();
}

// Until every process that could write has closed the pipe.
void SimulatedProcess::pump(kernel::OpenFile& from, bool to_stderr)
{
    std::array<char, 65536> buffer {};
    for (auto count = from.read(nullptr, buffer); count && *count > 0; count = from.read(nullptr, buffer)) {
        std::string_view const bytes(buffer.data(), *count);
        deliver(to_stderr, m_tty ? with_carriage_returns(bytes) : bytes);
    }
}

void SimulatedProcess::deliver(bool to_stderr, std::string_view bytes)
{
    m_publisher.publish(
        trace::OutputWritten { m_id, to_stderr, std::string(bytes.substr(0, event_text_limit)), bytes.size() });
    if (m_sink.write)
        m_sink.write(to_stderr, bytes);
}

ExitStatus SimulatedProcess::wait()
{
    std::unique_lock lock(m_mutex);
    m_ended->wait(lock, [this] { return m_status.has_value(); });
    return *m_status;
}

bool SimulatedProcess::running() const
{
    std::lock_guard lock(m_mutex);
    return !m_status;
}

// ---- What others ask of it ----

Result<void> SimulatedProcess::signal(int number)
{
    if (!m_kernel.is_running(m_pids.host))
        return fail(ErrorKind::Conflict, "the process has ended");
    TRY(m_kernel.signal(m_pids.host, number));
    m_publisher.publish(trace::SignalSent { m_id, number, "SIG" + kernel::signal_name(number) });
    return {};
}

Result<void> SimulatedProcess::pause()
{
    m_kernel.freeze(*m_container.cgroup, true);
    return {};
}

Result<void> SimulatedProcess::resume()
{
    m_kernel.freeze(*m_container.cgroup, false);
    return {};
}

Result<void> SimulatedProcess::set_limits(Limits const& limits)
{
    m_kernel.limit(*m_container.cgroup, limits.most_processes(), limits.memory);
    return {};
}

Result<void> SimulatedProcess::write_stdin(std::string_view bytes)
{
    std::shared_ptr<kernel::OpenFile> input;
    {
        std::lock_guard lock(m_mutex);
        input = m_streams.input;
    }
    if (input == nullptr)
        return fail(ErrorKind::Conflict, "the standard input is not open");
    if (!m_tty)
        return input->write(nullptr, bytes);
    // The terminal's line discipline, as far as people type: echo, return, interrupt, end of input.
    for (char const typed : bytes) {
        if (typed == '\x03') {
            interrupt();
        } else if (typed == '\x04') {
            close_stdin();
            return {};
        } else {
            char const c = typed == '\r' ? '\n' : typed;
            deliver(false, c == '\n' ? "\r\n" : std::string_view(&c, 1));
            TRY(input->write(nullptr, { &c, 1 }));
        }
    }
    return {};
}

Result<void> SimulatedProcess::rewrite_file(std::string const& path, Change const& change)
{
    std::shared_ptr<kernel::FileSystem> file;
    {
        std::lock_guard const lock(m_kernel.mutex());
        // The last one on the path is what is seen there.
        for (auto const& mount : m_container.namespaces.at(kernel::NamespaceKind::Mnt)->mounts) {
            if (mount.target == path)
                file = mount.source == "drydock" ? mount.file_system : nullptr;
            else if (path.starts_with(mount.target + "/"))
                file = nullptr; // covers it, unless one on the path itself follows
        }
    }
    if (file == nullptr)
        return {};
    std::string before(TRY(file->stat("/")).size, '\0');
    TRY(file->read("/", 0, before));
    TRY(file->truncate("/", 0));
    return file->write("/", 0, change(before));
}

// Ctrl+C. There are no process groups here: it reaches all of the container, and its PID 1 as the kernel's rule allows.
void SimulatedProcess::interrupt()
{
    deliver(false, "^C");
    for (auto const& member : members())
        static_cast<void>(m_kernel.signal(member.host_pid, kernel::sigint));
}

void SimulatedProcess::close_stdin()
{
    std::shared_ptr<kernel::OpenFile> closed; // its end takes the kernel's mutex
    std::lock_guard lock(m_mutex);
    closed.swap(m_streams.input);
}

Result<void> SimulatedProcess::resize(std::uint16_t, std::uint16_t)
{
    if (!m_tty)
        return fail(ErrorKind::Conflict, "the process has no terminal");
    return {}; // no applet asks how large its terminal is
}

std::vector<ContainerProcess::Member> SimulatedProcess::members() const
{
    std::vector<Member> members;
    auto const& pid_namespace = *m_container.namespaces.at(kernel::NamespaceKind::Pid);
    for (auto const& member :
        m_container.shares_pids ? m_kernel.members(*m_container.cgroup) : m_kernel.members(pid_namespace)) {
        std::string command;
        for (auto const& arg : member.args)
            command += (command.empty() ? "" : " ") + arg;
        members.push_back({ member.host_pid, std::move(command) });
    }
    return members;
}

}
