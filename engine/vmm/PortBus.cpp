#include "engine/vmm/PortBus.h"

namespace drydock::vmm {

void PortBus::one(std::uint16_t port, std::uint8_t& byte, bool out, Effect& effect)
{
    auto const serial = static_cast<unsigned>(port) - SerialPort::first_port;
    if (serial < SerialPort::ports) {
        if (out)
            m_serial.write(serial, byte);
        else
            byte = m_serial.read(serial);
    } else if (!out)
        byte = 0xff;
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
