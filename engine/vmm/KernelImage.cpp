#include "engine/vmm/KernelImage.h"

#include "engine/layer/Decompressor.h"

#include <elf.h>
#include <fmt/format.h>

#include <algorithm>
#include <cstring>

namespace drydock::vmm {

namespace {

constexpr std::uint64_t low_memory = 1 << 20;
constexpr std::uint64_t address_limit = std::uint64_t { 1 } << 32;
constexpr std::size_t most_segments = 64;

// Offsets in a bzImage, from Documentation/arch/x86/boot.rst.
constexpr std::size_t header_begin = 0x1f1; // setup_sects
constexpr std::size_t header_magic = 0x202; // "HdrS"
constexpr std::size_t header_end_byte = 0x201;
constexpr std::size_t at_version = 0x206;
constexpr std::size_t at_initrd_address_max = 0x22c;
constexpr std::size_t at_xloadflags = 0x236;
constexpr std::size_t at_payload_offset = 0x248;
constexpr std::size_t at_payload_length = 0x24c;
constexpr std::size_t at_pref_address = 0x258;
constexpr std::size_t at_init_size = 0x260;
constexpr std::uint16_t has_64_bit_entry = 1; // XLF_KERNEL_64
constexpr std::uint64_t entry_64 = 0x200;
constexpr std::uint64_t header_most = 0x290 - header_begin; // e820_table follows at 0x2d0

template <class T> Result<T> field(std::string_view file, std::uint64_t offset)
{
    if (offset > file.size() || sizeof(T) > file.size() - offset)
        return fail(ErrorKind::Corrupt, fmt::format("the kernel ends before byte {:#x}", offset + sizeof(T)));
    T value;
    std::memcpy(&value, file.data() + offset, sizeof(T));
    return value;
}

bool is_inside(std::string_view file, std::uint64_t offset, std::uint64_t size)
{
    return offset <= file.size() && size <= file.size() - offset;
}

Result<void> check(KernelSegment const& segment, std::string_view file)
{
    if (!is_inside(file, segment.offset, segment.file_size) || segment.file_size > segment.memory_size)
        return fail(
            ErrorKind::Corrupt, fmt::format("a segment of the kernel at {:#x} is not in the file", segment.offset));
    if (segment.address < low_memory || segment.address >= address_limit
        || segment.memory_size > address_limit - segment.address)
        return fail(ErrorKind::Corrupt, fmt::format("a segment of the kernel wants to lie at {:#x}", segment.address));
    return {};
}

Result<KernelImage> parse_elf(std::string_view file)
{
    auto const header = TRY(field<Elf64_Ehdr>(file, 0));
    if (header.e_ident[EI_CLASS] != ELFCLASS64 || header.e_machine != EM_X86_64)
        return fail(ErrorKind::NotSupported, "the kernel is not one for 64-bit x86");
    KernelImage image;
    image.format = KernelFormat::Elf;
    image.entry = header.e_entry;
    if (header.e_phentsize != sizeof(Elf64_Phdr) || header.e_phnum > most_segments || header.e_phoff > file.size())
        return fail(ErrorKind::Corrupt, "the kernel's table of segments is not one");
    for (std::uint64_t i = 0; i < header.e_phnum; ++i) {
        auto const program = TRY(field<Elf64_Phdr>(file, header.e_phoff + i * sizeof(Elf64_Phdr)));
        if (program.p_type != PT_LOAD || program.p_memsz == 0)
            continue;
        KernelSegment const segment { program.p_paddr, program.p_offset, program.p_filesz, program.p_memsz };
        TRY(check(segment, file));
        image.segments.push_back(segment);
    }
    auto const holds_entry
        = [&](KernelSegment const& s) { return image.entry >= s.address && image.entry - s.address < s.file_size; };
    if (std::none_of(image.segments.begin(), image.segments.end(), holds_entry))
        return fail(ErrorKind::Corrupt, fmt::format("the kernel begins at {:#x}, where none of it lies", image.entry));
    return image;
}

Result<KernelImage> parse_bzimage(std::string_view file)
{
    if (TRY(field<std::uint16_t>(file, at_version)) < 0x20c
        || (TRY(field<std::uint16_t>(file, at_xloadflags)) & has_64_bit_entry) == 0)
        return fail(ErrorKind::NotSupported, "the kernel is older than 3.8 or has no 64-bit entry");
    auto const sectors = TRY(field<std::uint8_t>(file, header_begin));
    auto const setup = (std::uint64_t { sectors == 0 ? std::uint8_t { 4 } : sectors } + 1) * 512;
    KernelImage image;
    image.format = KernelFormat::BzImage;
    auto const header_end = TRY(field<std::uint8_t>(file, header_end_byte)) + header_magic;
    auto const header_size = header_end - header_begin;
    if (!is_inside(file, header_begin, header_size) || !is_inside(file, setup, entry_64 + 1))
        return fail(ErrorKind::Corrupt, "the kernel ends within its header");
    image.setup_header = file.substr(header_begin, std::min(header_size, header_most));
    image.initramfs_limit = TRY(field<std::uint32_t>(file, at_initrd_address_max));
    auto const address = TRY(field<std::uint64_t>(file, at_pref_address));
    std::uint64_t const needed = TRY(field<std::uint32_t>(file, at_init_size));
    auto const size = file.size() - setup;
    KernelSegment const segment { address, setup, size, std::max<std::uint64_t>(size, needed) };
    TRY(check(segment, file));
    image.segments.push_back(segment);
    image.entry = segment.address + entry_64;
    auto const payload = TRY(field<std::uint32_t>(file, at_payload_offset));
    image.payload_offset = setup + payload;
    image.payload_size = TRY(field<std::uint32_t>(file, at_payload_length));
    if (!is_inside(file, image.payload_offset, image.payload_size))
        return fail(ErrorKind::Corrupt, "the kernel's packed part is not in the file");
    return image;
}

// Behind the packed program stands its unpacked size: four bytes that are no part of the stream.
Result<std::string> unpack_stream(std::string_view payload, std::uint64_t limit)
{
    std::string unpacked;
    auto const sink = [&](std::string_view piece) -> Result<void> {
        if (piece.size() > limit - unpacked.size())
            return fail(ErrorKind::LimitExceeded, fmt::format("the kernel unpacks to more than {} bytes", limit));
        unpacked += piece;
        return {};
    };
    auto const stream = layer::make_decompressor_for(payload.substr(0, 6));
    TRY(stream->write(payload.substr(0, payload.size() - 4), sink));
    TRY(stream->finish());
    return unpacked;
}

constexpr std::string_view lz4_magic = "\x02\x21\x4c\x18";

// A length of LZ4: 15 in its four bits goes on in bytes until one is not 255.
Result<std::uint64_t> lz4_length(std::string_view block, std::size_t& at, unsigned nibble)
{
    std::uint64_t length = nibble;
    for (std::uint8_t more = 255; nibble == 15 && more == 255; length += more)
        more = TRY(field<std::uint8_t>(block, at++));
    return length;
}

Result<void> unpack_lz4_block(std::string_view block, std::string& out, std::uint64_t limit)
{
    auto const begin = out.size();
    for (std::size_t at = 0; at < block.size();) {
        auto const token = TRY(field<std::uint8_t>(block, at++));
        auto const literals = TRY(lz4_length(block, at, token >> 4U));
        if (!is_inside(block, at, literals) || literals > limit - out.size())
            return fail(ErrorKind::Corrupt, "an LZ4 block ends within its literals");
        out.append(block, at, literals);
        at += literals;
        if (at == block.size())
            return {}; // the last sequence has no match
        auto const distance = TRY(field<std::uint16_t>(block, at));
        at += 2;
        auto const length = TRY(lz4_length(block, at, token & 15U)) + 4;
        if (distance == 0 || distance > out.size() - begin || length > limit - out.size())
            return fail(ErrorKind::Corrupt, "an LZ4 block refers to what is not there");
        // A match may overlap what it makes, so it is copied in steps no longer than its distance.
        for (std::uint64_t done = 0; done < length;) {
            auto const step = std::min<std::uint64_t>(length - done, distance);
            out.append(out.substr(out.size() - distance, step));
            done += step;
        }
    }
    return {};
}

}

std::string_view to_string(KernelFormat format)
{
    switch (format) {
    case KernelFormat::BzImage: return "bzImage";
    case KernelFormat::Elf: return "ELF";
    }
    return "";
}

Result<KernelImage> parse_kernel(std::string_view file)
{
    if (file.starts_with(std::string_view(ELFMAG, SELFMAG)))
        return parse_elf(file);
    if (file.size() > header_magic + 4 && file.substr(header_magic, 4) == "HdrS")
        return parse_bzimage(file);
    return fail(ErrorKind::InvalidInput, "this is no Linux kernel: neither ELF nor bzImage");
}

Result<std::string> unpack_lz4(std::string_view packed, std::uint64_t limit)
{
    if (!packed.starts_with(lz4_magic))
        return fail(ErrorKind::InvalidInput, "this is no LZ4 of the legacy kind");
    std::string out;
    for (std::size_t at = lz4_magic.size(); packed.size() - at >= 4;) {
        auto const size = TRY(field<std::uint32_t>(packed, at));
        // The kernel's build puts the unpacked size behind the last block.
        if (packed.size() - at == 4 && size == out.size())
            return out;
        at += 4;
        if (size == 0 || !is_inside(packed, at, size))
            return fail(ErrorKind::Corrupt, "an LZ4 block ends beyond the file");
        TRY(unpack_lz4_block(packed.substr(at, size), out, limit));
        at += size;
    }
    return out;
}

Result<std::string> unpack_kernel(std::string_view file, KernelImage const& image, std::uint64_t limit)
{
    if (image.format != KernelFormat::BzImage || image.payload_size < 16)
        return fail(ErrorKind::InvalidInput, "only a bzImage has a packed kernel");
    auto const payload = file.substr(image.payload_offset, image.payload_size);
    return payload.starts_with(lz4_magic) ? unpack_lz4(payload, limit) : unpack_stream(payload, limit);
}

}
