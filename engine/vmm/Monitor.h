#pragma once

// Our virtual machine monitor: the process that plays the hardware of one guest machine. KVM runs the guest's
// instructions on the real CPU; whenever the guest does something that needs hardware it has not got, it leaves the CPU
// (an exit), the monitor plays the device, and the guest goes on.
//
//     run: enter the guest ─► it leaves ─► why? I/O: play the device ─► again
//                                        └► halt, reset: it has stopped
//
// One thread runs the guest; any other may stop it.

#include "engine/vmm/ExitCounts.h"
#include "engine/vmm/GuestMemory.h"
#include "engine/vmm/Kvm.h"
#include "engine/vmm/LinuxBoot.h"
#include "engine/vmm/PortBus.h"
#include "sim/time/Scheduler.h"
#include "sim/trace/EventLog.h"

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace drydock::vmm {

enum class StopReason : std::uint8_t { Halted, Reset, Stopped, TimedOut, Crashed };
std::string_view to_string(StopReason);

// What stands beside the CPU. On a bare board a halted guest leaves its CPU, which can be seen; with the interrupt
// controllers and the timer that Linux needs it sleeps until something interrupts it.
enum class Board : std::uint8_t { Bare, Pc };

struct PhaseMark {
    std::string name;
    Duration elapsed {}; // since the monitor began
};

struct MachineOptions {
    GuestMachineId id { "vm-1" };
    std::string name { "guest" };
    std::uint64_t memory { 128 << 20 };
    Board board { Board::Pc };
    // Told of every piece of console output, as it comes.
    std::function<void(std::string_view)> console {};
    // Told of every phase once it has been published; by the thread that runs the machine.
    std::function<void(PhaseMark const&)> reached {};
};

struct LinuxOptions {
    std::string kernel;    // a file: bzImage or ELF
    std::string initramfs; // a file; empty: none
    std::string command_line;
    Placing placing { Placing::Mapped };
};

// One exit, after the monitor has answered it.
struct Exit {
    ExitKind kind;
    std::string data; // what the guest wrote or was given, raw
};

class Monitor {
public:
    static Result<std::unique_ptr<Monitor>> create(Kvm const&, MachineOptions, trace::Publisher, Clock const&);
    ~Monitor();
    Monitor(Monitor const&) = delete;
    Monitor& operator=(Monitor const&) = delete;

    // Exactly one of these, before it runs.
    Result<void> load_linux(LinuxOptions const&);
    Result<void> load_tiny_guest(std::string const& message);
    // 64-bit machine code for ring 0, at an address above the page tables.
    Result<void> load_code(std::string const& code, std::uint64_t address);

    // Runs to the next exit and answers it; nothing where the guest has stopped, and why in stopped().
    Result<std::optional<Exit>> step();
    // Runs until it stops, `limit` has passed or somebody calls stop().
    Result<StopReason> run(std::optional<Duration> limit = std::nullopt);
    // From any thread, at any time; `why` is told in place of "it was stopped".
    void stop(std::string why = {});

    std::optional<StopReason> stopped() const { return m_stopped; }
    ExitCounts const& exits() const { return m_exits; }
    std::vector<PhaseMark> const& phases() const { return m_phases; }
    std::string const& console() const { return m_console; } // the last 64 KiB
    VirtualCpu& cpu() { return m_cpu; }

    static constexpr std::size_t console_kept = 64 << 10;

private:
    Monitor(VirtualMachine, VirtualCpu, GuestMemory, MachineOptions, trace::Publisher, Clock const&, Timestamp began);

    Result<std::optional<Exit>> answer(ExitKind const&);
    Result<Exit> answer_io(ExitKind const&);
    Exit answer_mmio(ExitKind const&);
    void reach(std::string phase);
    void reach(std::string phase, Timestamp at);
    void print(std::string const& output);
    void tell(bool everything);
    void halt(StopReason);
    void interrupt(StopReason);

    MachineOptions m_options;
    trace::Publisher m_publisher;
    Clock const& m_clock;
    Timestamp m_began;
    Timestamp m_told;
    GuestMemory m_memory; // outlives the machine that it is mapped into
    VirtualMachine m_machine;
    VirtualCpu m_cpu;
    PortBus m_ports;
    bool m_line { false };
    bool m_kernel_waits { false }; // it is loaded, and its first instruction has not run
    ExitCounts m_exits;
    std::vector<PhaseMark> m_phases;
    std::string m_console;
    std::string m_untold; // console output that no event has told
    std::optional<StopReason> m_stopped;

    struct Runner;
    std::unique_ptr<Runner> m_runner; // who is inside the guest, and whether it shall come out
};

}
