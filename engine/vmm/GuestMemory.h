#pragma once

// A guest's physical memory: one range of this process's addresses, from 0 up. The guest chooses addresses, so each one
// that comes from it is checked here and nowhere else. Pages cost nothing until somebody touches them.

#include "sim/core/Result.h"

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace drydock::vmm {

class GuestMemory {
public:
    static constexpr std::uint64_t page = 4096;
    static constexpr std::uint64_t most = std::uint64_t { 3 } << 30; // above it lies the hole for devices

    // `size` is a multiple of the page size, at most `most`.
    static Result<GuestMemory> allocate(std::uint64_t size);
    ~GuestMemory();
    GuestMemory(GuestMemory&&) noexcept;
    GuestMemory& operator=(GuestMemory&&) = delete;

    std::uint64_t size() const { return m_size; }
    std::byte* host() const { return m_host; }

    // The bytes at that address of the guest; LimitExceeded where a part of them is not there.
    Result<std::span<std::byte>> at(std::uint64_t address, std::uint64_t size) const;
    Result<void> write(std::uint64_t address, std::string_view bytes);

    // The file's bytes at that address, shared with everybody who maps them until one side writes (MAP_PRIVATE).
    // Address and offset are multiples of the page size.
    Result<void> map_file(std::uint64_t address, int file, std::uint64_t offset, std::uint64_t size);

private:
    GuestMemory(std::byte* host, std::uint64_t size)
        : m_host(host)
        , m_size(size)
    {
    }

    std::byte* m_host;
    std::uint64_t m_size;
};

}
