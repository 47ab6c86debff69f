#include "engine/vmm/GuestMemory.h"

#include <fmt/format.h>
#include <sys/mman.h>

#include <cerrno>
#include <cstring>
#include <utility>

namespace drydock::vmm {

Result<GuestMemory> GuestMemory::allocate(std::uint64_t size)
{
    if (size == 0 || size % page != 0 || size > most)
        return fail(ErrorKind::InvalidInput, fmt::format("a guest cannot have {} bytes of memory", size));
    // Without MAP_NORESERVE a host that counts strictly would refuse memory that most guests never touch.
    auto* memory = ::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (memory == MAP_FAILED)
        return failed("mmap(2)", errno);
    return GuestMemory(static_cast<std::byte*>(memory), size);
}

GuestMemory::~GuestMemory()
{
    if (m_host != nullptr)
        ::munmap(m_host, m_size);
}

GuestMemory::GuestMemory(GuestMemory&& other) noexcept
    : m_host(std::exchange(other.m_host, nullptr))
    , m_size(other.m_size)
{
}

Result<std::span<std::byte>> GuestMemory::at(std::uint64_t address, std::uint64_t size) const
{
    if (address > m_size || size > m_size - address)
        return fail(ErrorKind::LimitExceeded,
            fmt::format("{} bytes at {:#x} are outside of the guest's memory of {} bytes", size, address, m_size));
    return std::span(m_host + address, size);
}

Result<void> GuestMemory::write(std::uint64_t address, std::string_view bytes)
{
    auto const target = TRY(at(address, bytes.size()));
    if (!bytes.empty())
        std::memcpy(target.data(), bytes.data(), bytes.size());
    return {};
}

Result<void> GuestMemory::map_file(std::uint64_t address, int file, std::uint64_t offset, std::uint64_t size)
{
    if (address % page != 0 || offset % page != 0)
        return fail(ErrorKind::InvalidInput,
            fmt::format("a file cannot be mapped at {:#x} from {:#x}: no page begins there", address, offset));
    auto const pages = (size + page - 1) / page * page;
    if (size == 0 || pages < size)
        return fail(ErrorKind::InvalidInput, "nothing of the file is to be mapped");
    auto const target = TRY(at(address, pages));
    if (::mmap(target.data(), pages, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_FIXED, file, static_cast<off_t>(offset))
        == MAP_FAILED)
        return failed("mmap(2)", errno);
    return {};
}

}
