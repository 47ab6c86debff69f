#pragma once

// The 64-bit boot protocol of Linux: what a boot loader owes the kernel (Documentation/arch/x86/boot.rst). The loader
// puts kernel, command line, root filesystem and a page of parameters into memory and jumps, with paging on and every
// address mapped to itself. No firmware and no boot loader run in the guest: that is most of what makes a microVM fast.

#include "engine/vmm/GuestMemory.h"
#include "engine/vmm/KernelImage.h"
#include "engine/vmm/Kvm.h"

namespace drydock::vmm {

// Where things lie below 1 MiB, which the kernel leaves alone until it has read them.
struct BootLayout {
    static constexpr std::uint64_t descriptors = 0x500;
    static constexpr std::uint64_t boot_params = 0x7000;
    static constexpr std::uint64_t stack = 0x8ff0;
    static constexpr std::uint64_t page_tables = 0x9000; // six pages
    static constexpr std::uint64_t command_line = 0x20000;
    static constexpr std::uint64_t command_line_most = 2048;
    static constexpr std::uint64_t usable_end = 0x9fc00; // above it the BIOS of a PC kept its data
    static constexpr std::uint64_t high_memory = 0x100000;
};

// A kernel or a root filesystem in a file that is open.
struct BootFile {
    int descriptor { -1 };
    std::string_view bytes; // the file, mapped
};

enum class Placing : std::uint8_t {
    Copied,
    Mapped, // copy-on-write where pages and file line up: guests of one kernel share what they do not write
};

struct LoadedKernel {
    std::uint64_t entry { 0 };
    std::uint64_t initramfs_address { 0 };
    std::vector<KernelSegment> mapped; // what is shared with the file
};

Result<LoadedKernel> load_linux(GuestMemory&, KernelImage const&, BootFile const& kernel, BootFile const& initramfs,
    std::string const& command_line, Placing);

// Identity pages for the first 4 GiB and flat segments: 64-bit mode as the protocol wants it.
Result<void> prepare_long_mode(GuestMemory&);
// Sets the CPU so that its next instruction is the one at `entry`.
Result<void> enter_long_mode(VirtualCpu&, std::uint64_t entry);

// What the guest is told about its CPU: one of its own, with what KVM can do, but no performance counters.
std::vector<kvm_cpuid_entry2> guest_cpuid(std::vector<kvm_cpuid_entry2> supported);

}
