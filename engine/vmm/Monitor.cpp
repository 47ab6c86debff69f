#include "engine/vmm/Monitor.h"

#include "engine/vmm/MappedFile.h"
#include "engine/vmm/TinyGuest.h"
#include "sim/core/Verify.h"

#include <pthread.h>

#include <condition_variable>
#include <csignal>
#include <cstring>
#include <mutex>
#include <thread>

namespace drydock::vmm {

namespace {

// A guest that prints without end would fill the log otherwise.
constexpr std::chrono::milliseconds telling_interval { 16 };

int kick_signal()
{
    return SIGRTMIN + 4;
}

// Its arrival alone makes KVM_RUN return; a signal without a handler would end the process instead.
void install_kick_handler()
{
    static std::once_flag once;
    std::call_once(once, [] {
        struct sigaction action { };
        action.sa_handler = [](int) {};
        sigemptyset(&action.sa_mask);
        ::sigaction(kick_signal(), &action, nullptr);
    });
}

ExitKind kind_of(kvm_run const& run)
{
    if (run.exit_reason == KVM_EXIT_IO)
        return { KVM_EXIT_IO, run.io.port, run.io.direction == KVM_EXIT_IO_OUT };
    return { .reason = run.exit_reason, .out = run.exit_reason == KVM_EXIT_MMIO && run.mmio.is_write != 0 };
}

}

// The thread that is inside KVM_RUN. A signal that comes just before it enters would be lost, so the flag
// immediate_exit, which KVM reads on entry, is set first.
struct Monitor::Runner {
    std::mutex mutex;
    std::optional<pthread_t> thread;
    std::optional<StopReason> wanted;
    std::string why;
};

std::string_view to_string(StopReason reason)
{
    switch (reason) {
    case StopReason::Halted: return "it halted";
    case StopReason::Reset: return "it reset itself";
    case StopReason::Stopped: return "it was stopped";
    case StopReason::TimedOut: return "its time was over";
    case StopReason::Crashed: return "it crashed";
    }
    return "";
}

Result<std::unique_ptr<Monitor>> Monitor::create(
    Kvm const& kvm, MachineOptions options, trace::Publisher publisher, Clock const& clock)
{
    auto const began = clock.now();
    install_kick_handler();
    auto memory = TRY(GuestMemory::allocate(options.memory));
    auto machine = TRY(kvm.create_machine());
    auto const cpuid = guest_cpuid(TRY(kvm.supported_cpuid()));
    if (options.board == Board::Pc)
        TRY(machine.add_interrupt_controllers());
    TRY(machine.map(0, 0, { memory.host(), memory.size() }));
    auto cpu = TRY(machine.create_cpu());
    TRY(cpu.set_cpuid(cpuid));
    std::unique_ptr<Monitor> monitor(new Monitor(
        std::move(machine), std::move(cpu), std::move(memory), std::move(options), std::move(publisher), clock, began));
    auto const& id = monitor->m_options.id;
    monitor->m_publisher.publish(trace::GuestMachineCreated {
        id, monitor->m_options.name, "Drydock's monitor on KVM", monitor->m_memory.size(), 1 });
    monitor->m_publisher.publish(trace::GuestMemoryMapped { id, 0, monitor->m_memory.size(), "RAM", false });
    monitor->reach("machine made");
    return monitor;
}

Monitor::Monitor(VirtualMachine machine, VirtualCpu cpu, GuestMemory memory, MachineOptions options,
    trace::Publisher publisher, Clock const& clock, Timestamp began)
    : m_options(std::move(options))
    , m_publisher(std::move(publisher))
    , m_clock(clock)
    , m_began(began)
    , m_told(began)
    , m_memory(std::move(memory))
    , m_machine(std::move(machine))
    , m_cpu(std::move(cpu))
    , m_ports(began)
    , m_runner(std::make_unique<Runner>())
{
}

Monitor::~Monitor()
{
    if (!m_stopped)
        halt(StopReason::Stopped);
}

// ---- What the guest begins with ----

Result<void> Monitor::load_linux(LinuxOptions const& options)
{
    auto const kernel = TRY(MappedFile::open(options.kernel));
    auto const initramfs = options.initramfs.empty() ? MappedFile() : TRY(MappedFile::open(options.initramfs));
    auto const image = TRY_WITH(options.kernel, parse_kernel(kernel.bytes()));
    auto const loaded = TRY(vmm::load_linux(m_memory, image, { kernel.descriptor(), kernel.bytes() },
        { initramfs.descriptor(), initramfs.bytes() }, options.command_line, options.placing));
    for (auto const& segment : loaded.mapped)
        m_publisher.publish(
            trace::GuestMemoryMapped { m_options.id, segment.address, segment.file_size, "kernel file", true });
    m_publisher.publish(trace::GuestKernelLoaded { m_options.id, options.kernel, std::string(to_string(image.format)),
        kernel.bytes().size(), loaded.entry, initramfs.bytes().size(), options.command_line });
    TRY(enter_long_mode(m_cpu, loaded.entry));
    reach("kernel loaded");
    m_kernel_waits = true;
    return {};
}

Result<void> Monitor::load_tiny_guest(std::string const& message)
{
    auto const code = tiny_guest(message);
    TRY(m_memory.write(tiny_guest_address, code));
    TRY(enter_real_mode(m_cpu, tiny_guest_address));
    m_publisher.publish(
        trace::GuestKernelLoaded { m_options.id, "built-in", "machine code", code.size(), tiny_guest_address, 0, "" });
    reach("kernel loaded");
    return {};
}

Result<void> Monitor::load_code(std::string const& code, std::uint64_t address)
{
    TRY(m_memory.write(address, code));
    TRY(prepare_long_mode(m_memory));
    return enter_long_mode(m_cpu, address);
}

// ---- Running ----

Result<std::optional<Exit>> Monitor::step()
{
    if (m_stopped)
        return std::nullopt;
    {
        std::lock_guard const lock(m_runner->mutex);
        m_runner->thread = ::pthread_self();
        if (m_runner->wanted)
            m_cpu.state().immediate_exit = 1;
    }
    auto const entered = m_clock.now();
    auto const left = m_cpu.run();
    if (left && std::exchange(m_kernel_waits, false))
        reach("kernel", entered);
    std::optional<StopReason> wanted;
    {
        std::lock_guard const lock(m_runner->mutex);
        m_runner->thread.reset();
        wanted = m_runner->wanted;
    }
    if (!left) {
        halt(StopReason::Crashed);
        return tl::unexpected(left.error());
    }
    auto const kind = *left ? kind_of(m_cpu.state()) : ExitKind { KVM_EXIT_INTR };
    m_exits.add(kind);
    auto exit = TRY(answer(kind));
    if (wanted && !m_stopped)
        halt(*wanted);
    return exit;
}

Result<StopReason> Monitor::run(std::optional<Duration> limit)
{
    std::mutex mutex;
    std::condition_variable_any done;
    std::jthread watch;
    if (limit) {
        watch = std::jthread([&](std::stop_token const& token) {
            std::unique_lock lock(mutex);
            done.wait_for(lock, token, *limit, [] { return false; });
            if (!token.stop_requested())
                interrupt(StopReason::TimedOut);
        });
    }
    while (!m_stopped) {
        TRY(step());
        tell(false);
    }
    return *m_stopped;
}

void Monitor::stop(std::string why)
{
    {
        std::lock_guard const lock(m_runner->mutex);
        if (m_runner->why.empty())
            m_runner->why = std::move(why);
    }
    interrupt(StopReason::Stopped);
}

void Monitor::interrupt(StopReason reason)
{
    std::lock_guard const lock(m_runner->mutex);
    if (!m_runner->wanted)
        m_runner->wanted = reason;
    m_cpu.state().immediate_exit = 1;
    if (m_runner->thread)
        ::pthread_kill(*m_runner->thread, kick_signal());
}

// ---- Exits ----

Result<std::optional<Exit>> Monitor::answer(ExitKind const& kind)
{
    switch (kind.reason) {
    case KVM_EXIT_INTR: return Exit { kind, {} };
    case KVM_EXIT_IO: return TRY(answer_io(kind));
    case KVM_EXIT_MMIO: return answer_mmio(kind);
    case KVM_EXIT_HLT: halt(StopReason::Halted); return std::nullopt;
    case KVM_EXIT_SHUTDOWN:
    case KVM_EXIT_SYSTEM_EVENT: halt(StopReason::Reset); return std::nullopt;
    default: break;
    }
    // Such as an instruction that this KVM does not emulate: the guest cannot go on.
    halt(StopReason::Crashed);
    return fail(ErrorKind::NotSupported,
        "the guest left its CPU for " + std::string(name_of_exit(kind.reason)) + ", which no monitor can answer");
}

Result<Exit> Monitor::answer_io(ExitKind const& kind)
{
    auto const& io = m_cpu.state().io;
    auto const data = TRY(m_cpu.io_data());
    auto const effect = m_ports.access({ .port = io.port, .size = io.size, .out = kind.out, .data = data });
    Exit exit { kind, std::string(reinterpret_cast<char const*>(data.data()), data.size()) };
    if (m_ports.serial().has_output())
        print(m_ports.serial().take_output());
    if (m_options.board == Board::Pc && m_ports.serial().interrupt() != m_line) {
        m_line = !m_line;
        TRY(m_machine.set_interrupt(SerialPort::irq, m_line ? Line::High : Line::Low));
    }
    if (effect.phase)
        reach(phase_name(*effect.phase));
    if (effect.reset)
        halt(StopReason::Reset);
    return exit;
}

// Memory where the guest has none: reads as all ones, writes are lost.
Exit Monitor::answer_mmio(ExitKind const& kind)
{
    auto& mmio = m_cpu.state().mmio;
    if (mmio.is_write == 0)
        std::memset(mmio.data, 0xff, sizeof mmio.data);
    return { kind, {} };
}

// ---- Telling ----

void Monitor::reach(std::string phase)
{
    reach(std::move(phase), m_clock.now());
}

void Monitor::reach(std::string phase, Timestamp at)
{
    auto const elapsed = at - m_began;
    m_publisher.publish(trace::GuestPhaseReached { m_options.id, phase, elapsed.count() });
    m_phases.push_back({ std::move(phase), elapsed });
    if (m_options.reached)
        m_options.reached(m_phases.back());
}

void Monitor::print(std::string const& output)
{
    if (m_console.empty())
        reach("first output");
    m_console += output;
    if (m_console.size() > 2 * console_kept)
        m_console.erase(0, m_console.size() - console_kept);
    m_untold += output;
    if (m_options.console)
        m_options.console(output);
}

void Monitor::tell(bool everything)
{
    auto const now = m_clock.now();
    if (!everything && now - m_told < telling_interval)
        return;
    m_told = now;
    m_exits.tell(m_options.id, m_publisher);
    // Whole lines only, as long as there is more to come.
    auto const end = everything ? m_untold.size() : m_untold.rfind('\n') + 1;
    if (end == 0)
        return;
    m_publisher.publish(trace::GuestConsoleWritten { m_options.id, m_untold.substr(0, end) });
    m_untold.erase(0, end);
}

void Monitor::halt(StopReason reason)
{
    m_stopped = reason;
    tell(true);
    std::string why(to_string(reason));
    if (std::lock_guard const lock(m_runner->mutex); reason == StopReason::Stopped && !m_runner->why.empty())
        why = m_runner->why;
    m_publisher.publish(trace::GuestMachineStopped { m_options.id, std::move(why), m_exits.total() });
}

}
