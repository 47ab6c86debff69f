#pragma once

// The serial port of a PC, a 16550 UART, as far as a guest prints with it. Kernel messages poll the status; what user
// space writes waits for the interrupt "transmitter holding register empty", so without it the log of the kernel would
// appear and the output of init would not.

#include <cstdint>
#include <string>

namespace drydock::vmm {

class SerialPort {
public:
    // `offset` is 0 to 7, from the first port. What is written takes effect at once: this line is infinitely fast.
    std::uint8_t read(unsigned offset);
    void write(unsigned offset, std::uint8_t value);

    // Whether its interrupt line is up.
    bool interrupt() const;
    // What the guest has sent since the last call.
    std::string take_output();
    bool has_output() const { return !m_output.empty(); }

    static constexpr std::uint16_t first_port = 0x3f8; // COM1
    static constexpr unsigned ports = 8;
    static constexpr unsigned irq = 4;

private:
    std::uint8_t interrupt_identification();

    std::string m_output;
    std::uint8_t m_interrupt_enable { 0 };
    std::uint8_t m_line_control { 0 };
    std::uint8_t m_modem_control { 0 };
    std::uint8_t m_scratch { 0 };
    std::uint16_t m_divisor { 1 };
    bool m_fifo { false };
    bool m_empty_pending { true }; // "transmitter empty" has not been acknowledged
};

}
