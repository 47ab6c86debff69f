#include "engine/client/LocalDirectory.h"

#include "engine/os/Fd.h"
#include "sim/core/Units.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <optional>
#include <utility>

namespace drydock::client {

namespace {

Result<os::Fd> open_at(int directory, std::string const& name, int flags, std::string const& shown)
{
    os::Fd handle(::openat(directory, name.c_str(), flags | O_CLOEXEC));
    if (!handle)
        return fail(Error::from_errno("openat(2)", errno).with_context(shown));
    return handle;
}

std::vector<std::string> parts_of(std::string const& path)
{
    std::vector<std::string> parts;
    for (auto const& part : std::filesystem::path(path)) {
        if (!part.empty() && part != ".")
            parts.push_back(part.string());
    }
    return parts;
}

// One component after the other, none of them a link: what is reached lies below `root`.
Result<os::Fd> open_beneath(int root, std::string const& path, int flags)
{
    auto const parts = parts_of(path);
    auto at = TRY(open_at(root, ".", O_PATH | O_DIRECTORY, path));
    for (std::size_t i = 0; i < parts.size(); ++i) {
        if (parts[i] == ".." || parts[i].front() == '/')
            return fail(ErrorKind::InvalidInput, path + " leads out of the folder");
        bool const last = i + 1 == parts.size();
        at = TRY(open_at(at.get(), parts[i], O_NOFOLLOW | (last ? flags : O_PATH | O_DIRECTORY), path));
    }
    return parts.empty() ? open_at(root, ".", flags, path) : Result<os::Fd>(std::move(at));
}

class RealFile final : public LocalFile {
public:
    RealFile(os::Fd file, std::string path)
        : m_file(std::move(file))
        , m_path(std::move(path))
    {
    }
    Result<std::size_t> read_some(std::span<char> buffer) override
    {
        auto const count = ::read(m_file.get(), buffer.data(), buffer.size());
        if (count < 0)
            return fail(Error::from_errno("read(2)", errno).with_context(m_path));
        return static_cast<std::size_t>(count);
    }

private:
    os::Fd m_file;
    std::string m_path;
};

enum class Stamps : std::uint8_t { Own, Steady };   // the times and permissions that entries are told with
constexpr std::int64_t steady_time = 1'767'603'600; // 2026-01-05 09:00:00 UTC

class RealDirectory final : public LocalDirectory {
public:
    RealDirectory(os::Fd root, Stamps stamps)
        : m_root(std::move(root))
        , m_stamps(stamps)
    {
    }

    Result<std::vector<LocalEntry>> list(std::string const& path) const override
    {
        auto const directory = TRY(open_beneath(m_root.get(), path, O_RDONLY | O_DIRECTORY));
        std::vector<LocalEntry> entries;
        std::error_code error;
        // By descriptor: whatever is put in the way of the path meanwhile makes no difference.
        std::filesystem::directory_iterator const names("/proc/self/fd/" + std::to_string(directory.get()), error);
        for (auto const& each : names) {
            auto entry = describe(directory.get(), each.path().filename().string());
            if (!entry)
                continue;
            if (m_stamps == Stamps::Steady) {
                bool const is_program = entry->type != LocalEntry::Type::File || (entry->mode & 0111) != 0;
                entry->mode = is_program ? 0755 : 0644;
                entry->mtime = steady_time * nanoseconds_per_second;
            }
            entries.push_back(std::move(*entry));
        }
        if (error)
            return fail(Error::from_errno("readdir(3)", error.value()).with_context(path));
        std::sort(entries.begin(), entries.end(), [](auto const& a, auto const& b) { return a.name < b.name; });
        return entries;
    }

    Result<std::unique_ptr<LocalFile>> open(std::string const& path) const override
    {
        // O_NONBLOCK: a fifo that took the file's place must not hold us.
        auto file = TRY(open_beneath(m_root.get(), path, O_RDONLY | O_NONBLOCK));
        return std::make_unique<RealFile>(std::move(file), path);
    }

private:
    // Nothing for what vanished meanwhile.
    static std::optional<LocalEntry> describe(int directory, std::string const& name)
    {
        struct stat status { };
        if (::fstatat(directory, name.c_str(), &status, AT_SYMLINK_NOFOLLOW) != 0)
            return std::nullopt;
        LocalEntry entry;
        entry.name = name;
        entry.mode = status.st_mode & 07777;
        entry.mtime = status.st_mtim.tv_sec * nanoseconds_per_second + status.st_mtim.tv_nsec;
        if (S_ISREG(status.st_mode)) {
            entry.size = static_cast<std::uint64_t>(status.st_size);
        } else if (S_ISDIR(status.st_mode)) {
            entry.type = LocalEntry::Type::Directory;
        } else if (S_ISLNK(status.st_mode)) {
            entry.type = LocalEntry::Type::Symlink;
            std::array<char, 4096> target;
            auto const length = ::readlinkat(directory, name.c_str(), target.data(), target.size());
            if (length < 0)
                return std::nullopt;
            entry.target.assign(target.data(), static_cast<std::size_t>(length));
        } else {
            entry.type = LocalEntry::Type::Other;
        }
        return entry;
    }

    os::Fd m_root;
    Stamps m_stamps;
};

Result<std::unique_ptr<LocalDirectory>> directory_of(Result<os::Fd> opened, Stamps stamps)
{
    auto directory = TRY(std::move(opened));
    return std::make_unique<RealDirectory>(std::move(directory), stamps);
}

}

Result<std::unique_ptr<LocalDirectory>> open_directory(std::filesystem::path const& path)
{
    return directory_of(open_at(AT_FDCWD, path.string(), O_RDONLY | O_DIRECTORY, path.string()), Stamps::Own);
}

Result<std::unique_ptr<LocalDirectory>> open_directory_below(
    std::filesystem::path const& folder, std::string const& path)
{
    auto const root = TRY(open_at(AT_FDCWD, folder.string(), O_RDONLY | O_DIRECTORY, folder.string()));
    return directory_of(open_beneath(root.get(), path, O_RDONLY | O_DIRECTORY), Stamps::Steady);
}

}
