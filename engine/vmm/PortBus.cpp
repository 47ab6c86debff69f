#include "engine/vmm/PortBus.h"

#include <ctime>

namespace drydock::vmm {

namespace {

// Two decimal digits in a byte.
std::uint8_t decimal(int value)
{
    return static_cast<std::uint8_t>(static_cast<unsigned>(value / 10 % 10) << 4U | static_cast<unsigned>(value % 10));
}

}

RealTimeClock::RealTimeClock(Timestamp now)
{
    auto const seconds = static_cast<std::time_t>(now.nanoseconds / nanoseconds_per_second);
    std::tm time {};
    ::gmtime_r(&seconds, &time);
    m_registers[0] = decimal(time.tm_sec);
    m_registers[2] = decimal(time.tm_min);
    m_registers[4] = decimal(time.tm_hour);
    m_registers[6] = decimal(time.tm_wday + 1);
    m_registers[7] = decimal(time.tm_mday);
    m_registers[8] = decimal(time.tm_mon + 1);
    m_registers[9] = decimal(time.tm_year % 100);
    m_registers[0x0a] = 0x26; // no update in progress
    m_registers[0x0b] = 0x02; // 24 hours, decimal
    m_registers[0x0d] = 0x80; // the battery is good
    m_registers[0x32] = decimal(19 + time.tm_year / 100);
}

void PortBus::one(std::uint16_t port, std::uint8_t& byte, bool out, Effect& effect)
{
    auto const serial = static_cast<unsigned>(port) - SerialPort::first_port;
    if (serial < SerialPort::ports) {
        if (out)
            m_serial.write(serial, byte);
        else
            byte = m_serial.read(serial);
    } else if (!out)
        byte = port == RealTimeClock::data_port ? m_clock.read() : 0xff;
    else if (port == RealTimeClock::index_port)
        m_clock.select(byte);
    else if (port == phase_port)
        effect.phase = byte;
    else if (port == keyboard_command && byte == reset_pulse)
        effect.reset = true;
}

PortBus::Effect PortBus::access(PortAccess const& access)
{
    Effect effect;
    // A wide access is several narrow ones to neighbouring ports; repeated ones (`rep outsb`) go to the same port.
    for (std::size_t i = 0; i < access.data.size(); ++i) {
        auto byte = std::to_integer<std::uint8_t>(access.data[i]);
        auto const port = static_cast<std::uint16_t>(access.port + i % access.size);
        one(port, byte, access.out, effect);
        if (!access.out)
            access.data[i] = std::byte { byte };
    }
    return effect;
}

}
