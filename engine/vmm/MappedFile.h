#pragma once

// A file that is read where it lies, in the page cache: nothing of it is copied.

#include "engine/os/Fd.h"
#include "sim/core/Result.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include <cerrno>
#include <string>
#include <string_view>
#include <utility>

namespace drydock::vmm {

class MappedFile {
public:
    MappedFile() = default; // of no bytes
    static Result<MappedFile> open(std::string const& path)
    {
        MappedFile file;
        file.m_fd = os::Fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
        struct stat status { };
        if (!file.m_fd || ::fstat(file.m_fd.get(), &status) != 0)
            return fail(Error::from_errno("open(2)", errno).with_context(path));
        if (!S_ISREG(status.st_mode) || status.st_size == 0)
            return fail(ErrorKind::InvalidInput, path + " is no file with something in it");
        auto const size = static_cast<std::size_t>(status.st_size);
        auto* bytes = ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, file.m_fd.get(), 0);
        if (bytes == MAP_FAILED)
            return fail(Error::from_errno("mmap(2)", errno).with_context(path));
        file.m_bytes = { static_cast<char const*>(bytes), size };
        return file;
    }
    ~MappedFile()
    {
        if (!m_bytes.empty())
            ::munmap(const_cast<char*>(m_bytes.data()), m_bytes.size());
    }
    MappedFile(MappedFile&& other) noexcept
        : m_fd(std::move(other.m_fd))
        , m_bytes(std::exchange(other.m_bytes, {}))
    {
    }
    MappedFile& operator=(MappedFile&&) = delete;

    int descriptor() const { return m_fd.get(); }
    std::string_view bytes() const { return m_bytes; }

private:
    os::Fd m_fd;
    std::string_view m_bytes;
};

}
