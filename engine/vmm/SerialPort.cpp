#include "engine/vmm/SerialPort.h"

#include "sim/core/Verify.h"

#include <utility>

namespace drydock::vmm {

namespace {

// Names and bits as in the data sheet of the PC16550D.
constexpr std::uint8_t enable_transmitter_empty = 0x02;
constexpr std::uint8_t divisor_latch_access = 0x80;
constexpr std::uint8_t loopback = 0x10;
constexpr std::uint8_t transmitter_empty = 0x60; // holding register and shift register
constexpr std::uint8_t identify_none = 0x01;
constexpr std::uint8_t identify_transmitter_empty = 0x02;
constexpr std::uint8_t identify_fifo = 0xc0;
constexpr std::uint8_t modem_ready = 0xb0; // carrier, data set ready, clear to send

std::uint8_t low(unsigned value)
{
    return static_cast<std::uint8_t>(value & 0xffU);
}

}

bool SerialPort::interrupt() const
{
    return (m_interrupt_enable & enable_transmitter_empty) != 0 && m_empty_pending;
}

// Reading it acknowledges the transmitter's interrupt.
std::uint8_t SerialPort::interrupt_identification()
{
    auto const fifo = m_fifo ? identify_fifo : std::uint8_t { 0 };
    if (!interrupt())
        return low(fifo | identify_none);
    m_empty_pending = false;
    return low(fifo | identify_transmitter_empty);
}

std::uint8_t SerialPort::read(unsigned offset)
{
    VERIFY(offset < ports);
    bool const divisor = (m_line_control & divisor_latch_access) != 0;
    switch (offset) {
    case 0: return divisor ? low(m_divisor) : 0; // nothing is ever received
    case 1: return divisor ? low(m_divisor >> 8U) : m_interrupt_enable;
    case 2: return interrupt_identification();
    case 3: return m_line_control;
    case 4: return m_modem_control;
    case 5: return transmitter_empty;
    case 6:
        // In loopback the modem's answers are the port's own settings: how a driver finds out whether a port is there.
        if ((m_modem_control & loopback) != 0)
            return low(((m_modem_control & 0x02U) << 3U) | ((m_modem_control & 0x01U) << 5U)
                | ((m_modem_control & 0x0cU) << 4U));
        return modem_ready;
    default: return m_scratch;
    }
}

void SerialPort::write(unsigned offset, std::uint8_t value)
{
    VERIFY(offset < ports);
    bool const divisor = (m_line_control & divisor_latch_access) != 0;
    switch (offset) {
    case 0:
        if (divisor)
            m_divisor = static_cast<std::uint16_t>((m_divisor & 0xff00U) | value);
        else if ((m_modem_control & loopback) == 0) {
            m_output += static_cast<char>(value);
            m_empty_pending = true; // gone already, so there is room again
        }
        break;
    case 1:
        if (divisor) {
            m_divisor = static_cast<std::uint16_t>((m_divisor & 0x00ffU) | (unsigned { value } << 8U));
            break;
        }
        if ((value & enable_transmitter_empty) != 0 && (m_interrupt_enable & enable_transmitter_empty) == 0)
            m_empty_pending = true;
        m_interrupt_enable = value & 0x0fU;
        break;
    case 2: m_fifo = (value & 1U) != 0; break;
    case 3: m_line_control = value; break;
    case 4: m_modem_control = value & 0x1fU; break;
    case 7: m_scratch = value; break;
    default: break; // status registers are read-only
    }
}

std::string SerialPort::take_output()
{
    return std::exchange(m_output, {});
}

}
