#include "engine/vmm/PortBus.h"
#include "tests/support/Catch.h"

#include <array>

using namespace drydock::vmm;

TEST_CASE("Serial port: what is written comes out, and the line is always free", "[engine][vmm]")
{
    SerialPort port;
    for (char const c : std::string("ahoy"))
        port.write(0, static_cast<std::uint8_t>(c));
    CHECK(port.has_output());
    CHECK(port.take_output() == "ahoy");
    CHECK_FALSE(port.has_output());
    CHECK((port.read(5) & 0x60) == 0x60);
}

TEST_CASE("Serial port: the interrupt rises with room to write, and reading its cause lowers it", "[engine][vmm]")
{
    SerialPort port;
    CHECK_FALSE(port.interrupt()); // nobody asked for it
    port.write(1, 0x02);
    CHECK(port.interrupt());
    CHECK((port.read(2) & 0x0f) == 0x02);
    CHECK_FALSE(port.interrupt());
    CHECK((port.read(2) & 0x0f) == 0x01); // no cause any more
    port.write(0, 'x');
    CHECK(port.interrupt());
    port.write(1, 0);
    CHECK_FALSE(port.interrupt());
    port.write(1, 0x02); // asking again, with room, is a cause
    CHECK(port.interrupt());
}

TEST_CASE("Serial port: the divisor latch hides data and interrupt registers", "[engine][vmm]")
{
    SerialPort port;
    port.write(3, 0x83);
    port.write(0, 0x01);
    port.write(1, 0x02);
    CHECK(port.read(0) == 0x01);
    CHECK(port.read(1) == 0x02);
    CHECK_FALSE(port.has_output());
    port.write(3, 0x03);
    CHECK_FALSE(port.interrupt());
    port.write(0, 'x');
    CHECK(port.take_output() == "x");
}

TEST_CASE("Serial port: a driver finds it: scratch, FIFO and loopback answer", "[engine][vmm]")
{
    SerialPort port;
    port.write(7, 0xa5);
    CHECK(port.read(7) == 0xa5);
    port.write(2, 0x01);
    CHECK((port.read(2) & 0xc0) == 0xc0);
    port.write(4, 0x1a); // loopback, OUT2, RTS: as Linux asks (autoconfig of 8250_port.c)
    CHECK((port.read(6) & 0xf0) == 0x90);
    port.write(0, 'x');
    CHECK_FALSE(port.has_output()); // nothing leaves in loopback
}

TEST_CASE("Port bus: absent ports read as ones, the wires to reset and to tell a phase work", "[engine][vmm]")
{
    PortBus bus({});
    std::array<std::byte, 4> data {};
    bus.access({ .port = 0x60, .size = 4, .out = false, .data = data });
    CHECK(data == std::array { std::byte { 0xff }, std::byte { 0xff }, std::byte { 0xff }, std::byte { 0xff } });
    auto const out = [&](std::uint16_t port, std::uint8_t value) {
        std::array byte { std::byte { value } };
        return bus.access({ .port = port, .size = 1, .out = true, .data = byte });
    };
    CHECK(out(0x64, 0xfe).reset);
    CHECK_FALSE(out(0x64, 0x20).reset);
    CHECK(out(0xe9, 'i').phase == 'i');
    CHECK_FALSE(out(0x80, 'i').phase);
}

TEST_CASE("Port bus: a repeated access is many bytes to one port", "[engine][vmm]")
{
    PortBus bus({});
    std::array text { std::byte { 'h' }, std::byte { 'i' } };
    bus.access({ .port = SerialPort::first_port, .size = 1, .out = true, .data = text });
    CHECK(bus.serial().take_output() == "hi");
    // A wide one is one byte to each of the ports from there: the second is the interrupt enable register.
    std::array wide { std::byte { 'x' }, std::byte { 0x02 } };
    bus.access({ .port = SerialPort::first_port, .size = 2, .out = true, .data = wide });
    CHECK(bus.serial().take_output() == "x");
    CHECK(bus.serial().interrupt());
}

TEST_CASE("Real-time clock: it tells the moment of switching on, and that no update is in progress", "[engine][vmm]")
{
    PortBus bus({ 1'764'168'311LL * 1'000'000'000 }); // 2025-11-26 14:45:11 UTC, a Wednesday
    auto const read = [&](std::uint8_t index) {
        std::array byte { std::byte { index } };
        bus.access({ .port = 0x70, .size = 1, .out = true, .data = byte });
        bus.access({ .port = 0x71, .size = 1, .out = false, .data = byte });
        return std::to_integer<int>(byte[0]);
    };
    CHECK(read(0) == 0x11);
    CHECK(read(2) == 0x45);
    CHECK(read(4) == 0x14);
    CHECK(read(6) == 4);
    CHECK(read(7) == 0x26);
    CHECK(read(8) == 0x11);
    CHECK(read(9) == 0x25);
    CHECK(read(0x32) == 0x20);
    CHECK((read(0x0a) & 0x80) == 0);
    CHECK((read(0x8a) & 0x80) == 0); // the top bit of the index is the NMI mask, no register
}
