#pragma once

// What stands at a guest's I/O ports: a serial console, a clock, the wires to switch it off, and a port of our own
// through which the guest's init tells how far it is. Everything else is absent, and absent ports read as all ones: a
// kernel that reads 0 from a missing keyboard controller waits seconds for it.

#include "engine/vmm/SerialPort.h"
#include "sim/core/Units.h"

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>

namespace drydock::vmm {

// One exit for an I/O instruction, as KVM reports it: `data` has `size` bytes for each of several accesses in a row.
struct PortAccess {
    std::uint16_t port { 0 };
    std::uint8_t size { 1 }; // 1, 2 or 4
    bool out { false };
    std::span<std::byte> data;
};

// The clock of a PC with its battery-backed memory, an MC146818: an index port and a data port. It stands still at the
// moment at which the machine was switched on, which is when a kernel reads it. Without it the kernel would wait, for
// thousands of exits, for an update to end.
class RealTimeClock {
public:
    explicit RealTimeClock(Timestamp);
    void select(std::uint8_t index) { m_index = index & 0x7fU; } // the top bit masks the NMI
    std::uint8_t read() const { return m_registers[m_index]; }

    static constexpr std::uint16_t index_port = 0x70;
    static constexpr std::uint16_t data_port = 0x71;

private:
    std::array<std::uint8_t, 128> m_registers {};
    std::uint8_t m_index { 0 };
};

class PortBus {
public:
    explicit PortBus(Timestamp switched_on)
        : m_clock(switched_on)
    {
    }

    // The byte that the guest wrote to the phase port, the last one of the access.
    struct Effect {
        std::optional<std::uint8_t> phase;
        bool reset { false };
    };
    Effect access(PortAccess const&);

    SerialPort& serial() { return m_serial; }

    static constexpr std::uint16_t phase_port = 0xe9; // what Bochs and QEMU print debug output from
    static constexpr std::uint16_t keyboard_command = 0x64;
    static constexpr std::uint8_t reset_pulse = 0xfe; // on the wire to the processor's reset pin

private:
    void one(std::uint16_t port, std::uint8_t& byte, bool out, Effect&);

    SerialPort m_serial;
    RealTimeClock m_clock;
};

}
