#include "engine/vmm/LinuxBoot.h"

#include <asm/bootparam.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstring>

namespace drydock::vmm {

namespace {

using L = BootLayout;

constexpr std::uint8_t loader_undefined = 0xff; // type_of_loader: none of the registered ones
constexpr std::uint32_t ram = 1;                // e820
constexpr std::uint16_t boot_flag = 0xaa55;
constexpr std::uint32_t header_magic_hdrs = 0x53726448; // "HdrS"

constexpr std::uint64_t present_writable = 0x3;
constexpr std::uint64_t large_page = 0x80;
constexpr std::uint64_t large_page_size = 2 << 20;

constexpr std::uint16_t code_selector = 0x10; // __BOOT_CS
constexpr std::uint16_t data_selector = 0x18; // __BOOT_DS
constexpr std::uint16_t task_selector = 0x20;

// Flat descriptors as the processor reads them (Intel SDM volume 3, 3.4.5): nothing, nothing, code, data, task.
constexpr std::array<std::uint64_t, 5> descriptors { 0, 0, 0x00af9b000000ffff, 0x00cf93000000ffff, 0x00008b0000000000 };

template <class T> std::string_view bytes_of(T const& value)
{
    return { reinterpret_cast<char const*>(&value), sizeof value };
}

void add_memory(boot_params& params, std::uint64_t begin, std::uint64_t end)
{
    auto& entry = params.e820_table[params.e820_entries++];
    entry.addr = begin;
    entry.size = end - begin;
    entry.type = ram;
}

// One segment, mapped as far as pages line up, the rest copied. The last page of a mapping holds bytes of the file that
// belong elsewhere; where the kernel expects zeros, they are cleared, which makes that page the guest's own.
Result<void> place(
    GuestMemory& memory, KernelSegment const& segment, BootFile const& file, Placing placing, LoadedKernel& loaded)
{
    auto const target = TRY(memory.at(segment.address, segment.memory_size));
    auto const size = segment.file_size;
    bool const lines_up = segment.address % GuestMemory::page == 0 && segment.offset % GuestMemory::page == 0;
    if (placing == Placing::Copied || !lines_up || size < GuestMemory::page)
        return memory.write(segment.address, file.bytes.substr(segment.offset, size));
    auto const whole_pages = size / GuestMemory::page * GuestMemory::page;
    TRY(memory.map_file(segment.address, file.descriptor, segment.offset, whole_pages));
    loaded.mapped.push_back({ segment.address, segment.offset, whole_pages, whole_pages });
    static_cast<void>(target);
    return memory.write(
        segment.address + whole_pages, file.bytes.substr(segment.offset + whole_pages, size - whole_pages));
}

// As high as it may lie, so that the kernel has its own place free to grow.
Result<std::uint64_t> place_initramfs(GuestMemory& memory, KernelImage const& image, BootFile const& initramfs)
{
    auto const pages = (initramfs.bytes.size() + GuestMemory::page - 1) / GuestMemory::page * GuestMemory::page;
    auto const top = std::min(memory.size(), (image.initramfs_limit + 1) / GuestMemory::page * GuestMemory::page);
    std::uint64_t kernel_end = L::high_memory;
    for (auto const& segment : image.segments)
        kernel_end = std::max(kernel_end, segment.address + segment.memory_size);
    if (pages > top || top - pages < kernel_end)
        return fail(ErrorKind::LimitExceeded,
            fmt::format(
                "kernel and root filesystem do not fit into {} bytes of memory: give the machine more", memory.size()));
    TRY(memory.map_file(top - pages, initramfs.descriptor, 0, initramfs.bytes.size()));
    return top - pages;
}

boot_params parameters_for(KernelImage const& image, GuestMemory const& memory)
{
    boot_params params {};
    std::memcpy(&params.hdr, image.setup_header.data(), std::min(image.setup_header.size(), sizeof params.hdr));
    params.hdr.type_of_loader = loader_undefined;
    params.hdr.boot_flag = boot_flag;
    params.hdr.header = header_magic_hdrs;
    params.hdr.loadflags |= LOADED_HIGH;
    params.hdr.cmd_line_ptr = static_cast<std::uint32_t>(L::command_line);
    add_memory(params, 0, L::usable_end);
    add_memory(params, L::high_memory, memory.size());
    return params;
}

}

Result<LoadedKernel> load_linux(GuestMemory& memory, KernelImage const& image, BootFile const& kernel,
    BootFile const& initramfs, std::string const& command_line, Placing placing)
{
    if (memory.size() <= L::high_memory)
        return fail(ErrorKind::InvalidInput, "Linux needs more than 1 MiB of memory");
    if (command_line.size() >= L::command_line_most)
        return fail(ErrorKind::InvalidInput,
            fmt::format("the kernel's command line has {} characters; 2047 are allowed", command_line.size()));
    LoadedKernel loaded { .entry = image.entry, .mapped = {} };
    for (auto const& segment : image.segments)
        TRY_WITH("loading the kernel", place(memory, segment, kernel, placing, loaded));
    auto params = parameters_for(image, memory);
    if (!initramfs.bytes.empty()) {
        loaded.initramfs_address = TRY(place_initramfs(memory, image, initramfs));
        params.hdr.ramdisk_image = static_cast<std::uint32_t>(loaded.initramfs_address);
        params.hdr.ramdisk_size = static_cast<std::uint32_t>(initramfs.bytes.size());
    }
    TRY(memory.write(L::boot_params, bytes_of(params)));
    TRY(memory.write(L::command_line, std::string_view(command_line.c_str(), command_line.size() + 1)));
    TRY(prepare_long_mode(memory));
    return loaded;
}

Result<void> prepare_long_mode(GuestMemory& memory)
{
    auto const directory_pointers = L::page_tables + GuestMemory::page;
    auto const directories = directory_pointers + GuestMemory::page;
    TRY(memory.write(L::descriptors, bytes_of(descriptors)));
    TRY(memory.write(L::page_tables, bytes_of(directory_pointers | present_writable)));
    for (std::uint64_t gigabyte = 0; gigabyte < 4; ++gigabyte) {
        auto const directory = directories + gigabyte * GuestMemory::page;
        TRY(memory.write(directory_pointers + gigabyte * 8, bytes_of(directory | present_writable)));
        for (std::uint64_t i = 0; i < 512; ++i) {
            auto const address = (gigabyte * 512 + i) * large_page_size;
            TRY(memory.write(directory + i * 8, bytes_of(address | present_writable | large_page)));
        }
    }
    return {};
}

Result<void> enter_long_mode(VirtualCpu& cpu, std::uint64_t entry)
{
    auto special = TRY(cpu.special_registers());
    kvm_segment flat {};
    flat.limit = 0xffffffff;
    flat.present = 1;
    flat.s = 1;
    flat.g = 1;
    auto code = flat;
    code.selector = code_selector;
    code.type = 0xb; // execute, read, accessed
    code.l = 1;
    auto data = flat;
    data.selector = data_selector;
    data.type = 0x3; // read, write, accessed
    data.db = 1;
    special.cs = code;
    special.ds = special.es = special.fs = special.gs = special.ss = data;
    special.tr = {};
    special.tr.selector = task_selector;
    special.tr.type = 0xb; // a 64-bit task that is busy; VT-x insists on one
    special.tr.present = 1;
    special.gdt.base = L::descriptors;
    special.gdt.limit = sizeof descriptors - 1;
    special.idt.limit = 0; // a fault before the kernel has its own table ends the machine
    special.cr3 = L::page_tables;
    special.cr4 |= 1U << 5U;                  // PAE
    special.cr0 |= (1U << 0U) | (1U << 31U);  // PE, PG
    special.efer |= (1U << 8U) | (1U << 10U); // LME, LMA
    TRY(cpu.set_special_registers(special));
    kvm_regs registers {};
    registers.rip = entry;
    registers.rsi = L::boot_params;
    registers.rsp = registers.rbp = L::stack;
    registers.rflags = 2; // the bit that is always set; interrupts off
    return cpu.set_registers(registers);
}

std::vector<kvm_cpuid_entry2> guest_cpuid(std::vector<kvm_cpuid_entry2> supported)
{
    for (auto& leaf : supported) {
        switch (leaf.function) {
        case 0x1:
            leaf.ebx = (leaf.ebx & 0x0000ffffU) | 0x00010000U; // APIC 0, one logical processor
            leaf.ecx |= 1U << 31U;                             // a hypervisor is there
            break;
        case 0xa: leaf.eax = leaf.ebx = leaf.ecx = leaf.edx = 0; break; // no performance counters
        case 0xb:
        case 0x1f: leaf.edx = 0; break; // its APIC
        default: break;
        }
    }
    return supported;
}

}
