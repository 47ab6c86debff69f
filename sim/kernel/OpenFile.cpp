#include "sim/kernel/OpenFile.h"

#include "sim/kernel/Kernel.h"

#include <algorithm>
#include <cerrno>

namespace drydock::kernel {

namespace {

constexpr std::size_t channel_capacity = 65536; // pipe(7)

class PipeReader final : public OpenFile {
public:
    explicit PipeReader(std::shared_ptr<Channel> channel)
        : m_channel(std::move(channel))
    {
    }
    ~PipeReader() override { m_channel->end_reading(); }
    Result<std::size_t> read(Process* reader, std::span<char> buffer) override
    {
        return m_channel->read(reader, buffer);
    }
    Result<void> write(Process*, std::string_view) override { return fail(Error::from_errno("write(2)", EBADF)); }

private:
    std::shared_ptr<Channel> m_channel;
};

class PipeWriter final : public OpenFile {
public:
    explicit PipeWriter(std::shared_ptr<Channel> channel)
        : m_channel(std::move(channel))
    {
    }
    ~PipeWriter() override { m_channel->end_writing(); }
    Result<std::size_t> read(Process*, std::span<char>) override { return fail(Error::from_errno("read(2)", EBADF)); }
    Result<void> write(Process* writer, std::string_view bytes) override { return m_channel->write(writer, bytes); }

private:
    std::shared_ptr<Channel> m_channel;
};

// Knows its file by path: a file that is removed while it is open cannot be read any more, unlike in Linux.
class RegularFile final : public OpenFile {
public:
    RegularFile(std::shared_ptr<FileSystem> file_system, std::string path, OpenMode mode)
        : m_file_system(std::move(file_system))
        , m_path(std::move(path))
        , m_mode(mode)
    {
    }
    Result<std::size_t> read(Process*, std::span<char> buffer) override
    {
        if (!m_mode.read)
            return fail(Error::from_errno("read(2)", EBADF));
        auto const count = TRY(m_file_system->read(m_path, m_offset, buffer));
        m_offset += count;
        return count;
    }
    Result<void> write(Process*, std::string_view bytes) override
    {
        if (!m_mode.write)
            return fail(Error::from_errno("write(2)", EBADF));
        if (m_mode.append)
            m_offset = TRY(m_file_system->stat(m_path)).size;
        TRY(m_file_system->write(m_path, m_offset, bytes));
        m_offset += bytes.size();
        return {};
    }
    Attributes attributes() const override
    {
        auto const found = m_file_system->stat(m_path);
        return found ? *found : Attributes {};
    }

private:
    std::shared_ptr<FileSystem> m_file_system;
    std::string m_path;
    OpenMode m_mode;
    std::uint64_t m_offset { 0 };
};

// mem(4): null reads the end and swallows; zero reads zeros; full has never room; random is noise, which here is
// the same in every run.
class MemoryDevice final : public OpenFile {
public:
    enum class Kind : std::uint8_t { Null, Zero, Full, Random };
    explicit MemoryDevice(Kind kind)
        : m_kind(kind)
    {
    }
    Result<std::size_t> read(Process*, std::span<char> buffer) override
    {
        if (m_kind == Kind::Null)
            return 0;
        for (auto& byte : buffer)
            byte = m_kind == Kind::Random ? noise() : '\0';
        return buffer.size();
    }
    Result<void> write(Process*, std::string_view) override
    {
        if (m_kind == Kind::Full)
            return fail(Error::from_errno("write(2)", ENOSPC));
        return {};
    }
    Attributes attributes() const override { return { .type = FileType::CharDevice, .mode = 0666 }; }

private:
    char noise()
    {
        m_state = m_state * 6364136223846793005U + 1442695040888963407U; // Knuth, MMIX
        return static_cast<char>(m_state >> 56U);
    }
    Kind m_kind;
    std::uint64_t m_state { 42 };
};

}

Channel::Channel(Kernel& kernel)
    : m_kernel(kernel)
    , m_changed(kernel.scheduler().make_condition())
{
}

Result<std::size_t> Channel::read(Process* reader, std::span<char> buffer)
{
    std::unique_lock lock(m_kernel.mutex());
    while (m_bytes.empty() && m_has_writer && m_has_reader) {
        if (!m_kernel.block(lock, reader, *m_changed))
            return fail(Error::from_errno("read(2)", EINTR));
    }
    auto const count = m_bytes.copy(buffer.data(), buffer.size());
    m_bytes.erase(0, count);
    m_changed->notify_all();
    return count;
}

Result<void> Channel::write(Process* writer, std::string_view bytes)
{
    std::unique_lock lock(m_kernel.mutex());
    while (!bytes.empty()) {
        if (!m_has_reader || !m_has_writer)
            return fail(Error::from_errno("write(2)", EPIPE));
        auto const room = channel_capacity - m_bytes.size();
        if (room == 0) {
            if (!m_kernel.block(lock, writer, *m_changed))
                return fail(Error::from_errno("write(2)", EINTR));
            continue;
        }
        m_bytes.append(bytes.substr(0, room));
        bytes.remove_prefix(std::min(room, bytes.size()));
        m_changed->notify_all();
    }
    return {};
}

void Channel::end_reading()
{
    std::lock_guard const lock(m_kernel.mutex());
    m_has_reader = false;
    m_changed->notify_all();
}

void Channel::end_writing()
{
    std::lock_guard const lock(m_kernel.mutex());
    m_has_writer = false;
    m_changed->notify_all();
}

bool Channel::has_reader() const
{
    std::lock_guard const lock(m_kernel.mutex());
    return m_has_reader;
}

Pipe make_pipe(Kernel& kernel)
{
    auto buffer = std::make_shared<Channel>(kernel);
    return { std::make_shared<PipeReader>(buffer), std::make_shared<PipeWriter>(buffer) };
}

std::shared_ptr<OpenFile> make_file(std::shared_ptr<FileSystem> file_system, std::string path, OpenMode mode)
{
    return std::make_shared<RegularFile>(std::move(file_system), std::move(path), mode);
}

std::shared_ptr<OpenFile> make_device(std::uint32_t major, std::uint32_t minor)
{
    using Kind = MemoryDevice::Kind;
    if (major != 1) // Documentation/admin-guide/devices.txt
        return nullptr;
    switch (minor) {
    case 3: return std::make_shared<MemoryDevice>(Kind::Null);
    case 5: return std::make_shared<MemoryDevice>(Kind::Zero);
    case 7: return std::make_shared<MemoryDevice>(Kind::Full);
    case 8:
    case 9: return std::make_shared<MemoryDevice>(Kind::Random);
    default: return nullptr;
    }
}

}
