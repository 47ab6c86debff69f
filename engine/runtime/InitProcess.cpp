#include "engine/runtime/InitProcess.h"

#include "engine/os/Packet.h"
#include "engine/os/Spawn.h"

#include <fcntl.h>
#include <linux/memfd.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <array>
#include <cerrno>
#include <csignal>

namespace drydock::runtime {

namespace {

constexpr std::size_t packet_limit = 64 * 1024; // init bundles up to 16 KiB, plus one long report

#ifndef MFD_EXEC
constexpr unsigned MFD_EXEC = 0x10U; // <linux/memfd.h>, since Linux 6.3
#endif

Result<os::Fd> make_memory_file(char const* name, unsigned flags)
{
    os::Fd file(::memfd_create(name, flags | MFD_CLOEXEC));
    if (!file)
        return fail(Error::from_errno("memfd_create(2)", errno));
    return file;
}

Result<void> write_all(os::Fd const& file, std::string_view bytes)
{
    while (!bytes.empty()) {
        auto const count = ::write(file.get(), bytes.data(), bytes.size());
        if (count == -1 && errno == EINTR)
            continue;
        if (count == -1)
            return fail(Error::from_errno("write(2)", errno));
        bytes.remove_prefix(static_cast<std::size_t>(count));
    }
    return {};
}

Result<void> copy_all(os::Fd const& from, os::Fd const& to)
{
    std::array<char, 65536> buffer {};
    while (true) {
        auto const count = ::read(from.get(), buffer.data(), buffer.size());
        if (count == -1 && errno == EINTR)
            continue;
        if (count == -1)
            return fail(Error::from_errno("read(2)", errno));
        if (count == 0)
            return {};
        TRY(write_all(to, { buffer.data(), static_cast<std::size_t>(count) }));
    }
}

bool brings_descriptor(init::Report const& report)
{
    auto const* mounted = std::get_if<init::UnionReport>(&report);
    return std::holds_alternative<init::ClonedReport>(report) || std::holds_alternative<init::TerminalReport>(report)
        || (mounted != nullptr && mounted->driver == "fuse");
}

}

Result<InitProgram> InitProgram::load(std::filesystem::path const& program)
{
    os::Fd const file(::open(program.c_str(), O_RDONLY | O_CLOEXEC));
    if (!file)
        return fail(Error::from_errno("open(2)", errno).with_context("loading " + program.string()));
    auto copy = make_memory_file("drydock-init", MFD_ALLOW_SEALING | MFD_EXEC);
    if (!copy && copy.error().errno_code() == EINVAL)
        copy = make_memory_file("drydock-init", MFD_ALLOW_SEALING);
    auto memory = TRY_WITH("loading " + program.string(), std::move(copy));
    TRY_WITH("loading " + program.string(), copy_all(file, memory));
    // 0 to 3 are replaced in the new process before it executes; the program's name must still be valid then.
    os::Fd high(::fcntl(memory.get(), F_DUPFD_CLOEXEC, init::control_fd + 1));
    if (!high || ::fcntl(high.get(), F_ADD_SEALS, F_SEAL_WRITE | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) != 0)
        return fail(Error::from_errno("fcntl(2)", errno).with_context("sealing " + program.string()));
    return InitProgram(std::move(high));
}

Result<SocketPair> make_socket_pair()
{
    std::array<int, 2> numbers {};
    if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, numbers.data()) != 0)
        return fail(Error::from_errno("socketpair(2)", errno));
    return SocketPair { os::Fd(numbers[0]), os::Fd(numbers[1]) };
}

Result<bool> ReportStream::receive()
{
    std::string bytes(packet_limit, '\0');
    auto packet = os::receive_packet(m_socket.get(), bytes.data(), bytes.size());
    // The other end may have died with a word of ours unread: that is told first, and its own last words come after it.
    while (packet.size == -1 && errno == ECONNRESET)
        packet = os::receive_packet(m_socket.get(), bytes.data(), bytes.size());
    auto const count = packet.size;
    if (count == 0)
        return false;
    if (count == -1)
        return fail(Error::from_errno("recvmsg(2)", errno));
    auto next = packet.fds.begin();
    init::Reader reader({ bytes.data(), static_cast<std::size_t>(count) });
    while (!reader.at_end()) {
        Arrival arrival;
        if (packet.cut || !init::read_report(reader, arrival.report))
            return fail(ErrorKind::Corrupt, "drydock-init sent what is not a report");
        if (brings_descriptor(arrival.report) && next != packet.fds.end())
            arrival.fd = std::move(*next++);
        m_waiting.push_back(std::move(arrival));
    }
    return true;
}

Result<std::optional<Arrival>> ReportStream::next()
{
    while (m_waiting.empty()) {
        if (!TRY(receive()))
            return std::nullopt;
    }
    auto arrival = std::move(m_waiting.front());
    m_waiting.pop_front();
    return std::optional(std::move(arrival));
}

Result<void> ReportStream::say_go_on()
{
    if (::send(m_socket.get(), "", 1, MSG_NOSIGNAL) != 1)
        return fail(Error::from_errno("send(2)", errno).with_context("answering drydock-init"));
    return {};
}

void ReportStream::say_no_more()
{
    ::shutdown(m_socket.get(), SHUT_WR);
}

Result<InitProcess> InitProcess::start(InitProgram const& program)
{
    return spawn(program, { "drydock-init" });
}

Result<InitProcess> InitProcess::start_probe(InitProgram const& program)
{
    return spawn(program, { "drydock-init", "--probe" });
}

Result<InitProcess> InitProcess::spawn(InitProgram const& program, std::vector<std::string> arguments)
{
    auto sockets = TRY(make_socket_pair());
    os::Spawn init(std::move(arguments));
    for (int const standard : { 0, 1, 2 })
        init.open(standard, "/dev/null", O_RDWR);
    // The program itself is named by a descriptor, so others can only be marked, which O_CLOEXEC everywhere does. It
    // must not inherit the daemon's signal mask and handlers, and Ctrl+C in the daemon's terminal is the daemon's
    // affair.
    auto const pid = TRY_WITH("starting drydock-init",
        init.program(program.path())
            .environment({})
            .give(sockets.theirs.get(), init::control_fd)
            .clear_signal_mask()
            .default_signals()
            .own_group()
            .start());
    return InitProcess(pid, std::move(sockets.ours));
}

InitProcess::~InitProcess()
{
    end();
}

void InitProcess::end()
{
    if (!m_control)
        return;
    m_control.reset();
    while (::waitpid(m_pid, nullptr, 0) == -1 && errno == EINTR) { }
}

Result<void> InitProcess::order(init::Spec spec, std::vector<int> const& fds)
{
    auto const file = TRY(make_memory_file("drydock-spec", 0));
    init::Writer writer;
    writer(spec);
    TRY_WITH("writing the launch specification", write_all(file, writer.take()));

    std::vector<int> all { file.get() };
    all.insert(all.end(), fds.begin(), fds.end());
    char const byte = 0;
    if (os::send_packet(m_control->socket(), { &byte, 1 }, all) == -1)
        return fail(Error::from_errno("sendmsg(2)", errno).with_context("sending the order to drydock-init"));
    return {};
}

}
