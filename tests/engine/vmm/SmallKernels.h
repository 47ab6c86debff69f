#pragma once

// FOR TESTS ONLY: the smallest files that pass for Linux kernels.

#include <elf.h>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <string>

namespace drydock::tests {

template <class T> void put(std::string& file, std::size_t offset, T value)
{
    std::memcpy(file.data() + offset, &value, sizeof value);
}

// A bzImage of two setup sectors and a protected-mode part of 0x2000 bytes 'K' or, behind 0x300 of them, the payload.
inline std::string small_bzimage(std::string const& payload = std::string(0x1d00, 'K'))
{
    std::string file(std::size_t { 3 } * 512, '\0');
    put<std::uint8_t>(file, 0x1f1, 2);
    put<std::uint8_t>(file, 0x201, 0x66);
    std::memcpy(file.data() + 0x202, "HdrS", 4);
    put<std::uint16_t>(file, 0x206, 0x20f);
    put<std::uint32_t>(file, 0x22c, 0x7fffffff);
    put<std::uint16_t>(file, 0x236, 1);
    put<std::uint32_t>(file, 0x248, 0x300);
    put<std::uint32_t>(file, 0x24c, static_cast<std::uint32_t>(payload.size()));
    put<std::uint64_t>(file, 0x258, 0x1000000);
    put<std::uint32_t>(file, 0x260, 0x10000);
    return file + std::string(0x300, 'K') + payload;
}

// An ELF kernel of one segment whose pages line up with the file's.
inline std::string small_elf(std::uint64_t address = 0x1000000)
{
    Elf64_Ehdr header {};
    std::memcpy(header.e_ident, ELFMAG, SELFMAG);
    header.e_ident[EI_CLASS] = ELFCLASS64;
    header.e_machine = EM_X86_64;
    header.e_entry = address;
    header.e_phoff = sizeof header;
    header.e_phentsize = sizeof(Elf64_Phdr);
    header.e_phnum = 1;
    Elf64_Phdr segment {};
    segment.p_type = PT_LOAD;
    segment.p_offset = 0x1000;
    segment.p_paddr = address;
    segment.p_filesz = 0x1800;
    segment.p_memsz = 0x4000;
    std::string file(0x2800 + 0x800, 'E');
    std::fill(file.begin() + 0x2800, file.end(), 'X'); // no part of the segment
    put(file, 0, header);
    put(file, sizeof header, segment);
    return file;
}

}
