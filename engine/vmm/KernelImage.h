#pragma once

// A Linux kernel as a file: either the uncompressed ELF program ("vmlinux"), whose segments go to fixed addresses and
// can be shared between guests, or what distributions ship, a bzImage: a small head that unpacks the same program
// inside the guest (Documentation/arch/x86/boot.rst).

#include "sim/core/Result.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace drydock::vmm {

enum class KernelFormat : std::uint8_t { BzImage, Elf };
std::string_view to_string(KernelFormat);

// Bytes of the file that belong at an address of the guest; memory beyond the file's part is zero.
struct KernelSegment {
    std::uint64_t address { 0 };
    std::uint64_t offset { 0 };
    std::uint64_t file_size { 0 };
    std::uint64_t memory_size { 0 };
};

struct KernelImage {
    KernelFormat format { KernelFormat::Elf };
    std::uint64_t entry { 0 }; // of 64-bit mode
    std::vector<KernelSegment> segments;
    std::string setup_header;                     // of a bzImage: what goes into boot_params at 0x1f1
    std::uint64_t initramfs_limit { 0x37ffffff }; // its last byte lies no higher
    std::uint64_t payload_offset { 0 };           // of a bzImage: the packed ELF program in the file
    std::uint64_t payload_size { 0 };
};

// Trusts nothing: every offset is inside of `file`, every segment at or above 1 MiB and below 4 GiB.
Result<KernelImage> parse_kernel(std::string_view file);

// The ELF program inside of a bzImage, where its packing is one that we know (gzip, xz, zstd, bzip2, LZ4). Done once
// and kept, it saves every guest the work, and lets guests share the kernel's pages.
inline constexpr std::uint64_t unpacked_kernel_most = 512 << 20;
Result<std::string> unpack_kernel(
    std::string_view file, KernelImage const&, std::uint64_t limit = unpacked_kernel_most);

// LZ4's legacy frames, as the kernel's build makes them: magic, then blocks with their size before them.
Result<std::string> unpack_lz4(std::string_view packed, std::uint64_t limit);

}
