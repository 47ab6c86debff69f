#include "engine/vmm/TinyGuest.h"

#include "engine/vmm/Monitor.h"
#include "sim/time/LiveScheduler.h"

#include <fmt/format.h>

namespace drydock::vmm {

namespace {

char byte(unsigned value)
{
    return static_cast<char>(value & 0xffU);
}

constexpr std::uint32_t loop_count = 1'000'000; // of two instructions each
constexpr std::uint64_t loop_address = 0x40000;
constexpr std::uint64_t probe_memory = 1 << 20;

constexpr std::uint32_t exit_count = 2000;

std::string exiting_loop()
{
    std::string code;
    code += { byte(0xb9), byte(exit_count), byte(exit_count >> 8U), 0, 0 }; //     mov ecx, exit_count
    code += { byte(0xe6), byte(0x80) };                                     // 1:  out 0x80, al   an exit
    code += { byte(0xff), byte(0xc9) };                                     //     dec ecx
    code += { byte(0x75), byte(0xfa) };                                     //     jnz 1b
    code += byte(0xf4);                                                     //     hlt
    return code;
}

std::string counting_loop()
{
    std::string code;
    code += { byte(0xb9), byte(loop_count), byte(loop_count >> 8U), byte(loop_count >> 16U),
        byte(loop_count >> 24U) };      //     mov ecx, loop_count
    code += { byte(0xff), byte(0xc9) }; // 1:  dec ecx
    code += { byte(0x75), byte(0xfc) }; //     jnz 1b
    code += byte(0xf4);                 //     hlt
    return code;
}

}

std::string tiny_guest(std::string const& message)
{
    constexpr unsigned text = tiny_guest_address + 15;
    constexpr unsigned port = SerialPort::first_port;
    std::string code;
    code += { byte(0xbe), byte(text), byte(text >> 8U) }; //     mov si, text
    code += { byte(0xba), byte(port), byte(port >> 8U) }; //     mov dx, 0x3f8
    code += byte(0xac);                                   // 1:  lodsb
    code += { byte(0x84), byte(0xc0) };                   //     test al, al
    code += { byte(0x74), byte(0x03) };                   //     jz 2f
    code += byte(0xee);                                   //     out dx, al     an exit
    code += { byte(0xeb), byte(0xf8) };                   //     jmp 1b
    code += byte(0xf4);                                   // 2:  hlt            another
    code += message.substr(0, std::min(message.find('\0'), tiny_message_most));
    code += '\0';
    return code;
}

Result<void> enter_real_mode(VirtualCpu& cpu, std::uint16_t address)
{
    auto special = TRY(cpu.special_registers());
    special.cs.base = 0; // after a reset it points to the firmware, near 4 GiB
    special.cs.selector = 0;
    TRY(cpu.set_special_registers(special));
    kvm_regs registers {};
    registers.rip = address;
    registers.rsp = address;
    registers.rflags = 2;
    return cpu.set_registers(registers);
}

Result<InstructionRate> probe_instruction_rate(Kvm const& kvm, Duration limit)
{
    LiveScheduler const clock;
    auto const monitor
        = TRY(Monitor::create(kvm, { .name = "probe", .memory = probe_memory, .board = Board::Bare }, {}, clock));
    TRY(monitor->load_code(counting_loop(), loop_address));
    auto const begin = clock.now();
    auto const reason = TRY(monitor->run(limit));
    auto const seconds = std::chrono::duration<double>(clock.now() - begin).count();
    auto const left = static_cast<std::uint32_t>(TRY(monitor->cpu().registers()).rcx);
    auto const done = 2.0 * (left <= loop_count ? loop_count - left : 0);
    return InstructionRate { .per_second = seconds > 0 ? done / seconds : 0, .finished = reason == StopReason::Halted };
}

Result<Duration> time_tiny_guest(Kvm const& kvm)
{
    LiveScheduler const clock;
    auto const begin = clock.now();
    auto const monitor
        = TRY(Monitor::create(kvm, { .name = "tiny", .memory = probe_memory, .board = Board::Bare }, {}, clock));
    TRY(monitor->load_tiny_guest("ahoy\n"));
    TRY(monitor->run(std::chrono::seconds(5)));
    if (monitor->console() != "ahoy\n")
        return fail(ErrorKind::Corrupt, "the tiny guest printed something else");
    return clock.now() - begin;
}

Result<Duration> time_exit(Kvm const& kvm)
{
    LiveScheduler const clock;
    auto const monitor
        = TRY(Monitor::create(kvm, { .name = "exits", .memory = probe_memory, .board = Board::Bare }, {}, clock));
    TRY(monitor->load_code(exiting_loop(), loop_address));
    auto const begin = clock.now();
    TRY(monitor->run(std::chrono::seconds(5)));
    auto const took = clock.now() - begin;
    auto const exits = monitor->exits().of({ KVM_EXIT_IO, 0x80, true });
    if (exits < exit_count)
        return fail(ErrorKind::LimitExceeded, fmt::format("{} exits only in 5 s", exits));
    return Duration(took.count() / static_cast<std::int64_t>(exits));
}

std::string phase_name(std::uint8_t value)
{
    switch (value) {
    case 'i': return "init";
    case 'a': return "app";
    case 'e': return "app ended";
    default: return fmt::format("mark {}", value);
    }
}

}
