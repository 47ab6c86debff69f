#pragma once

// The smallest guests: a few bytes of machine code instead of a kernel. One prints a line, byte by byte, each byte an
// exit, and halts; it shows what a guest is on every KVM, and needs no file. The other only counts: how fast does this
// KVM run instructions of ring 0? Where KVM itself is emulated that is slower by a factor of a thousand, and no real
// kernel would ever come up.

#include "engine/vmm/Kvm.h"
#include "sim/core/Units.h"

#include <string>

namespace drydock::vmm {

inline constexpr std::uint16_t tiny_guest_address = 0x1000;
inline constexpr std::size_t tiny_message_most = 1024;

// 16-bit code with its message behind it; a message is cut at the first NUL and at the limit.
std::string tiny_guest(std::string const& message);
// As a processor wakes up, but for the address.
Result<void> enter_real_mode(VirtualCpu&, std::uint16_t address);

struct InstructionRate {
    double per_second { 0 }; // of ring 0, in 64-bit mode
    bool finished { false }; // the loop came to its end within the limit
};
// A loop of 2 million instructions; as far as it comes in `limit`.
Result<InstructionRate> probe_instruction_rate(Kvm const&, Duration limit = std::chrono::milliseconds(50));

// From nothing to the tiny guest's complete line.
Result<Duration> time_tiny_guest(Kvm const&);
// One exit to the monitor and back: a guest that writes to an absent port, over and over, in ring 0.
Result<Duration> time_exit(Kvm const&);

// Below this a Linux kernel would take minutes to boot: KVM is there, but interprets.
inline constexpr double genuine_rate = 50e6;

// What the byte means that the guest's init writes to the phase port.
std::string phase_name(std::uint8_t byte);

}
