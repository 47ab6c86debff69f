#include "engine/vmm/LinuxBoot.h"
#include "engine/vmm/MappedFile.h"
#include "tests/engine/vmm/SmallKernels.h"
#include "tests/support/Catch.h"
#include "tests/support/TemporaryDirectory.h"

#include <cstring>
#include <fstream>

using namespace drydock;
using namespace drydock::vmm;

namespace {

constexpr std::uint64_t megabyte = 1 << 20;

template <class T> T at(GuestMemory const& memory, std::uint64_t address)
{
    T value;
    auto const bytes = REQUIRE_OK(memory.at(address, sizeof value));
    std::memcpy(&value, bytes.data(), sizeof value);
    return value;
}

using tests::put;
using tests::small_bzimage;
using tests::small_elf;

struct Loaded {
    GuestMemory memory;
    LoadedKernel kernel;
};

Result<Loaded> load(
    std::string const& kernel, std::string const& initramfs, Placing placing, std::uint64_t size = 64 * megabyte)
{
    tests::TemporaryDirectory const directory;
    auto const write = [&](char const* name, std::string const& bytes) {
        std::ofstream(directory.path() / name, std::ios::binary) << bytes;
        return (directory.path() / name).string();
    };
    auto const kernel_file = TRY(MappedFile::open(write("kernel", kernel)));
    auto const initramfs_file = TRY(MappedFile::open(write("initramfs", initramfs)));
    auto memory = TRY(GuestMemory::allocate(size));
    auto const image = TRY(parse_kernel(kernel_file.bytes()));
    auto loaded = TRY(load_linux(memory, image, { kernel_file.descriptor(), kernel_file.bytes() },
        { initramfs_file.descriptor(), initramfs_file.bytes() }, "console=ttyS0", placing));
    return Loaded { std::move(memory), std::move(loaded) };
}

}

TEST_CASE("Linux boot: the parameters lie where the boot protocol says", "[engine][vmm]")
{
    auto const loaded = REQUIRE_OK(load(small_bzimage(), "cpio", Placing::Copied));
    auto const& memory = loaded.memory;
    CHECK(loaded.kernel.entry == 0x1000200);
    auto const params = BootLayout::boot_params;
    CHECK(at<std::uint16_t>(memory, params + 0x1fe) == 0xaa55);
    CHECK(at<std::uint32_t>(memory, params + 0x202) == 0x53726448);
    CHECK(at<std::uint16_t>(memory, params + 0x206) == 0x20f);  // the kernel's own header was copied
    CHECK(at<std::uint8_t>(memory, params + 0x210) == 0xff);    // type_of_loader
    CHECK((at<std::uint8_t>(memory, params + 0x211) & 1) == 1); // loaded high
    CHECK(at<std::uint32_t>(memory, params + 0x218) == loaded.kernel.initramfs_address);
    CHECK(at<std::uint32_t>(memory, params + 0x21c) == 4);
    CHECK(at<std::uint32_t>(memory, params + 0x228) == BootLayout::command_line);
    CHECK(loaded.kernel.initramfs_address == 64 * megabyte - 4096);                  // as high as it goes
    CHECK(at<std::uint32_t>(memory, loaded.kernel.initramfs_address) == 0x6f697063); // "cpio"
    CHECK(std::string(reinterpret_cast<char const*>(REQUIRE_OK(memory.at(BootLayout::command_line, 14)).data()))
        == "console=ttyS0");
    // Two ranges of memory, and the hole that the BIOS keeps between them.
    CHECK(at<std::uint8_t>(memory, params + 0x1e8) == 2);
    CHECK(at<std::uint64_t>(memory, params + 0x2d0) == 0);
    CHECK(at<std::uint64_t>(memory, params + 0x2d8) == 0x9fc00);
    CHECK(at<std::uint32_t>(memory, params + 0x2e0) == 1);
    CHECK(at<std::uint64_t>(memory, params + 0x2e4) == 0x100000);
    CHECK(at<std::uint64_t>(memory, params + 0x2ec) == 63 * megabyte);
}

TEST_CASE("Linux boot: every address below 4 GiB is mapped to itself", "[engine][vmm]")
{
    auto const loaded = REQUIRE_OK(load(small_bzimage(), "cpio", Placing::Copied));
    auto const& memory = loaded.memory;
    auto const address = GENERATE(std::uint64_t { 0 }, 0x1000200, 0x3fffffff, 0xfee00000);
    auto const entry = [&](std::uint64_t table, unsigned shift) {
        return at<std::uint64_t>(memory, (table & ~std::uint64_t { 0xfff }) + ((address >> shift) & 511) * 8);
    };
    auto const pointers = entry(BootLayout::page_tables, 39);
    auto const directory = entry(pointers, 30);
    auto const page = entry(directory, 21);
    CHECK((pointers & 3) == 3);
    CHECK((directory & 3) == 3);
    CHECK((page & 0x83) == 0x83); // a large page
    CHECK((page & ~std::uint64_t { 0xfff }) == (address & ~std::uint64_t { 0x1fffff }));
}

TEST_CASE("Linux boot: a mapped kernel has the same bytes as a copied one", "[engine][vmm]")
{
    auto const copied = REQUIRE_OK(load(small_elf(), "cpio", Placing::Copied));
    auto const mapped = REQUIRE_OK(load(small_elf(), "cpio", Placing::Mapped));
    CHECK(copied.kernel.mapped.empty());
    REQUIRE(mapped.kernel.mapped.size() == 1);
    CHECK(mapped.kernel.mapped[0].file_size == 0x1000); // the whole page of it
    auto const bytes = [](Loaded const& loaded) {
        auto const segment = REQUIRE_OK(loaded.memory.at(0x1000000, 0x4000));
        return std::string(reinterpret_cast<char const*>(segment.data()), segment.size());
    };
    CHECK(bytes(copied) == bytes(mapped));
    CHECK(bytes(mapped) == std::string(0x1800, 'E') + std::string(0x2800, '\0')); // nothing of what follows in the file
}

TEST_CASE("Linux boot: what does not fit or is no kernel is refused", "[engine][vmm]")
{
    CHECK_FALSE(load(small_bzimage(), "cpio", Placing::Copied, 16 * megabyte)); // it lies at 16 MiB
    CHECK_FALSE(load(small_elf(), std::string(48 * megabyte, 'c'), Placing::Copied));
    CHECK_FALSE(load(small_elf(0x8000), "cpio", Placing::Copied)); // on top of the parameters
    CHECK_FALSE(load(small_elf(0xfffff000), "cpio", Placing::Copied));
    CHECK_FALSE(load("no kernel", "cpio", Placing::Copied));
    auto old = small_bzimage();
    put<std::uint16_t>(old, 0x206, 0x20b);
    CHECK_FALSE(load(old, "cpio", Placing::Copied));
}

TEST_CASE("Kernel image: one that was cut off anywhere is refused, not read beyond", "[engine][vmm]")
{
    for (auto const& whole : { small_bzimage(), small_elf() }) {
        REQUIRE_OK(parse_kernel(whole));
        for (std::size_t size = 0; size < whole.size(); size += 37) {
            // A copy of exactly that size, so that the sanitizer sees a step too far.
            std::vector<char> const exact(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size));
            auto const image = parse_kernel({ exact.data(), exact.size() });
            if (image) {
                for (auto const& segment : image->segments)
                    CHECK(segment.offset + segment.file_size <= size);
            }
        }
    }
}

TEST_CASE("Kernel image: LZ4 of the legacy kind is unpacked: literals, matches, overlaps", "[engine][vmm]")
{
    // "abcd", then 12 bytes from 4 back, then "!" as the last literals; the unpacked size behind it.
    std::string const block { "\x48"
                              "abcd"
                              "\x04\x00"
                              "\x10"
                              "!",
        9 };
    std::string packed { "\x02\x21\x4c\x18\x09\x00\x00\x00", 8 };
    packed += block;
    CHECK(REQUIRE_OK(unpack_lz4(packed, 1000)) == "abcdabcdabcdabcd!");
    CHECK(REQUIRE_OK(unpack_lz4(packed + std::string("\x11\x00\x00\x00", 4), 1000)) == "abcdabcdabcdabcd!");
    CHECK_FALSE(unpack_lz4(packed, 10)); // more than allowed
    auto far = packed;
    far[13] = '\x05'; // further back than there is
    CHECK_FALSE(unpack_lz4(far, 1000));
    CHECK_FALSE(unpack_lz4(packed.substr(0, 12), 1000));
    CHECK_FALSE(unpack_lz4("gzip", 1000));
}

TEST_CASE("CPUID: a guest has one CPU of its own, knows that it is a guest, and counts nothing", "[engine][vmm]")
{
    std::vector<kvm_cpuid_entry2> host(3);
    host[0].function = 0x1;
    host[0].ebx = 0x07080800; // APIC 7 of eight
    host[1].function = 0xa;
    host[1].eax = 0x07300805;
    host[2].function = 0xb;
    host[2].edx = 7;
    auto const guest = guest_cpuid(host);
    CHECK(guest[0].ebx == 0x00010800);
    CHECK((guest[0].ecx >> 31) == 1);
    CHECK(guest[1].eax == 0);
    CHECK(guest[2].edx == 0);
}

TEST_CASE("Guest memory: no address of a guest leads outside of it", "[engine][vmm]")
{
    auto memory = REQUIRE_OK(GuestMemory::allocate(megabyte));
    CHECK(memory.at(0, megabyte));
    CHECK(memory.at(megabyte, 0));
    CHECK_FALSE(memory.at(0, megabyte + 1));
    CHECK_FALSE(memory.at(megabyte, 1));
    CHECK_FALSE(memory.at(~std::uint64_t { 0 }, 2)); // their sum would be 1
    CHECK_FALSE(memory.at(2, ~std::uint64_t { 0 }));
    CHECK_FALSE(memory.write(megabyte - 1, "ab"));
    CHECK_FALSE(memory.map_file(1, 0, 0, 1));
    CHECK_FALSE(GuestMemory::allocate(0));
    CHECK_FALSE(GuestMemory::allocate(4097));
    CHECK_FALSE(GuestMemory::allocate(GuestMemory::most + 4096));
}
