// A guest that means harm: what it does at its ports, in any order and width, and the kernel image that it is made
// from.

#include "Fuzz.h"

#include "engine/vmm/KernelImage.h"
#include "engine/vmm/PortBus.h"

#include <algorithm>
#include <array>

using namespace drydock::vmm;

namespace {

// Each access takes its port, width, direction and repetitions from the input, as KVM would take them from the guest.
void use_ports(std::string_view input)
{
    PortBus bus({});
    std::array<std::byte, 64> data {};
    while (input.size() >= 4) {
        auto const head = input.substr(0, 4);
        auto const byte = [&](std::size_t i) { return static_cast<unsigned char>(head[i]); };
        auto const width = static_cast<std::uint8_t>(1U << (byte(2) % 3U));
        auto const count = std::size_t { width } * (1U + byte(3) % 8U);
        input.remove_prefix(4);
        std::fill(data.begin(), data.end(), std::byte { 0 });
        for (std::size_t i = 0; i < std::min(count, input.size()); ++i)
            data[i] = std::byte { static_cast<unsigned char>(input[i]) };
        // Mostly where devices are.
        auto const near = static_cast<std::uint16_t>(SerialPort::first_port - 2 + byte(0) % 12U);
        auto const port = byte(1) % 4U == 0 ? static_cast<std::uint16_t>(byte(0) << 8U | byte(1)) : near;
        bool const out = (byte(2) & 4U) != 0;
        auto const before = data;
        bus.access({ .port = port, .size = width, .out = out, .data = std::span(data).first(count) });
        VERIFY(!out || data == before); // a device never changes what the guest wrote
        VERIFY(std::equal(data.begin() + static_cast<std::ptrdiff_t>(count), data.end(),
            before.begin() + static_cast<std::ptrdiff_t>(count)));
        input.remove_prefix(std::min(count, input.size()));
        VERIFY(bus.serial().take_output().size() <= count);
    }
}

void parse_as_kernel(std::string_view input)
{
    auto const image = parse_kernel(input);
    if (!image)
        return;
    for (auto const& segment : image->segments) {
        VERIFY(segment.offset <= input.size() && segment.file_size <= input.size() - segment.offset);
        VERIFY(segment.address >= 1U << 20U && segment.address + segment.memory_size <= std::uint64_t { 1 } << 32U);
    }
    VERIFY(image->payload_offset + image->payload_size <= input.size());
    static_cast<void>(unpack_kernel(input, *image, 1U << 20U));
}

}

int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size)
{
    auto const input = drydock::fuzz::text_of(data, size);
    use_ports(input);
    parse_as_kernel(input);
    static_cast<void>(unpack_lz4(input, 1U << 20U));
    return 0;
}
