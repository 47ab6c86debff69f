// Storage in a directory. Every path is opened relative to the root's descriptor, so the root may be moved or
// shadowed without harm. What is unfinished lies under .tmp/ and is swept when the storage opens: a crash leaves
// neither half a file under a name nor lost space.

#include "engine/content/Key.h"
#include "engine/content/Storage.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <csignal>
#include <thread>

namespace drydock::content {

namespace fs = std::filesystem;

namespace {

constexpr char const* lock_name = "lock";
constexpr char const* temporary = ".tmp";

// Other users get nothing: an image may hold setuid programs (CVE-2021-41091).
constexpr mode_t private_directory = 0700;
constexpr mode_t private_file = 0600;

constexpr std::chrono::seconds longest_departure { 5 };

class Descriptor {
public:
    explicit Descriptor(int fd = -1)
        : m_fd(fd)
    {
    }
    ~Descriptor()
    {
        if (m_fd >= 0)
            ::close(m_fd);
    }
    Descriptor(Descriptor&& other) noexcept
        : m_fd(std::exchange(other.m_fd, -1))
    {
    }
    Descriptor& operator=(Descriptor&& other) noexcept
    {
        std::swap(m_fd, other.m_fd);
        return *this;
    }
    int get() const { return m_fd; }

private:
    int m_fd;
};

tl::unexpected<Error> failed(std::string_view call, int code, std::string const& object)
{
    return fail(Error::from_errno(call, code).with_context(object));
}

Result<Descriptor> open_at(int directory, std::string const& path, int flags)
{
    int const fd = ::openat(directory, path.c_str(), flags | O_CLOEXEC | O_NOFOLLOW, private_file);
    if (fd < 0)
        return failed("openat(2)", errno, path);
    return Descriptor(fd);
}

Result<void> sync_file(int fd, std::string const& object)
{
    if (::fsync(fd) != 0)
        return failed("fsync(2)", errno, object);
    return {};
}

Result<void> write_at(int fd, std::uint64_t offset, std::string_view bytes, std::string const& object)
{
    while (!bytes.empty()) {
        auto const written = ::pwrite(fd, bytes.data(), bytes.size(), static_cast<off_t>(offset));
        if (written < 0 && errno == EINTR)
            continue;
        if (written < 0)
            return failed("pwrite(2)", errno, object);
        bytes.remove_prefix(static_cast<std::size_t>(written));
        offset += static_cast<std::uint64_t>(written);
    }
    return {};
}

Result<std::uint64_t> size_of(int fd, std::string const& object)
{
    struct stat status { };
    if (::fstat(fd, &status) != 0)
        return failed("fstat(2)", errno, object);
    return static_cast<std::uint64_t>(status.st_size);
}

// "blobs/sha256/ab" → "blobs/sha256"; "." for a key without a slash.
std::string parent_of(std::string const& key)
{
    auto const slash = key.rfind('/');
    return slash == std::string::npos ? "." : key.substr(0, slash);
}

class DirectoryReadableFile final : public ReadableFile {
public:
    DirectoryReadableFile(Descriptor fd, std::uint64_t size, std::string name)
        : m_fd(std::move(fd))
        , m_size(size)
        , m_name(std::move(name))
    {
    }

    std::uint64_t size() const override { return m_size; }

    Result<std::size_t> read_at(std::uint64_t offset, std::span<char> buffer) const override
    {
        std::size_t done = 0;
        while (done < buffer.size()) {
            auto const count
                = ::pread(m_fd.get(), buffer.data() + done, buffer.size() - done, static_cast<off_t>(offset + done));
            if (count < 0 && errno == EINTR)
                continue;
            if (count < 0)
                return failed("pread(2)", errno, m_name);
            if (count == 0)
                break;
            done += static_cast<std::size_t>(count);
        }
        return done;
    }

    int descriptor() const override { return m_fd.get(); }

private:
    Descriptor m_fd;
    std::uint64_t m_size;
    std::string m_name;
};

class DirectoryAppendableFile final : public AppendableFile {
public:
    DirectoryAppendableFile(Descriptor fd, std::uint64_t size, std::string name)
        : m_fd(std::move(fd))
        , m_size(size)
        , m_name(std::move(name))
    {
    }

    std::uint64_t size() const override { return m_size; }

    Result<void> append(std::string_view bytes) override
    {
        auto written = write_at(m_fd.get(), m_size, bytes, m_name);
        if (!written) {
            // A part may be on disk. Given back at once: the disk is probably full.
            if (::ftruncate(m_fd.get(), static_cast<off_t>(m_size)) != 0)
                return fail(std::move(written.error()).with_context("and ftruncate(2) failed as well"));
            return written;
        }
        m_size += bytes.size();
        return {};
    }

    Result<void> sync() override { return sync_file(m_fd.get(), m_name); }

private:
    Descriptor m_fd;
    std::uint64_t m_size;
    std::string m_name;
};

class DirectoryStorage final : public Storage {
public:
    DirectoryStorage(fs::path root, Descriptor directory, Descriptor lock)
        : m_root(std::move(root))
        , m_directory(std::move(directory))
        , m_lock(std::move(lock))
    {
    }

    // What an earlier owner left unfinished. What cannot be removed stays for the next time.
    void sweep()
    {
        for (auto const& name : list(temporary))
            (void)remove_now(name);
    }

    bool exists(std::string const& key) const override
    {
        verify_key(key);
        return ::faccessat(m_directory.get(), key.c_str(), F_OK, AT_SYMLINK_NOFOLLOW) == 0;
    }

    Result<std::uint64_t> size(std::string const& key) const override
    {
        verify_key(key);
        struct stat status { };
        if (::fstatat(m_directory.get(), key.c_str(), &status, AT_SYMLINK_NOFOLLOW) != 0)
            return failed("fstatat(2)", errno, in_root(key));
        return static_cast<std::uint64_t>(status.st_size);
    }

    Result<std::unique_ptr<ReadableFile>> open(std::string const& key) const override
    {
        verify_key(key);
        auto fd = TRY_WITH(m_root.string(), open_at(m_directory.get(), key, O_RDONLY));
        auto const bytes = TRY(size_of(fd.get(), in_root(key)));
        return std::make_unique<DirectoryReadableFile>(std::move(fd), bytes, in_root(key));
    }

    Result<std::string> read(std::string const& key, std::uint64_t limit) const override
    {
        auto const file = TRY(open(key));
        if (file->size() > limit)
            return fail(ErrorKind::LimitExceeded, in_root(key) + " has more than " + std::to_string(limit) + " bytes");
        std::string bytes(file->size(), '\0');
        bytes.resize(TRY(file->read_at(0, bytes)));
        return bytes;
    }

    Result<void> write_atomically(std::string const& key, std::string_view bytes) override
    {
        verify_key(key);
        auto const name = temporary_name();
        auto written = [&]() -> Result<void> {
            auto const fd = TRY_WITH(m_root.string(), open_at(m_directory.get(), name, O_WRONLY | O_CREAT | O_EXCL));
            TRY(write_at(fd.get(), 0, bytes, in_root(key)));
            TRY(sync_file(fd.get(), in_root(key)));
            return publish(name, key);
        }();
        if (!written)
            ::unlinkat(m_directory.get(), name.c_str(), 0);
        return written;
    }

    Result<std::unique_ptr<AppendableFile>> append(std::string const& key) override
    {
        verify_key(key);
        TRY(make_directory(parent_of(key)));
        auto fd = TRY_WITH(m_root.string(), open_at(m_directory.get(), key, O_WRONLY | O_CREAT));
        auto const bytes = TRY(size_of(fd.get(), in_root(key)));
        return std::make_unique<DirectoryAppendableFile>(std::move(fd), bytes, in_root(key));
    }

    Result<void> publish(std::string const& from, std::string const& to) override
    {
        verify_key(from);
        verify_key(to);
        TRY(make_directory(parent_of(to)));
        if (::renameat(m_directory.get(), from.c_str(), m_directory.get(), to.c_str()) != 0)
            return failed("renameat(2)", errno, in_root(to));
        return sync_directory(parent_of(to));
    }

    // Each new directory is durable before anything is put into it.
    Result<void> make_directory(std::string const& key) override
    {
        if (key == "." || ::faccessat(m_directory.get(), key.c_str(), F_OK, 0) == 0)
            return {};
        TRY(make_directory(parent_of(key)));
        if (::mkdirat(m_directory.get(), key.c_str(), private_directory) != 0 && errno != EEXIST)
            return failed("mkdirat(2)", errno, in_root(key));
        return sync_directory(parent_of(key));
    }

    Result<void> remove(std::string const& key) override
    {
        verify_key(key);
        if (::unlinkat(m_directory.get(), key.c_str(), 0) != 0)
            return failed("unlinkat(2)", errno, in_root(key));
        return sync_directory(parent_of(key));
    }

    // Out of sight in one rename, so that a crash leaves the whole tree or none of it; then removed at leisure.
    Result<void> remove_tree(std::string const& prefix) override
    {
        verify_key(prefix);
        auto const name = temporary_name();
        if (::renameat(m_directory.get(), prefix.c_str(), m_directory.get(), name.c_str()) != 0)
            return errno == ENOENT ? Result<void>() : failed("renameat(2)", errno, in_root(prefix));
        TRY(sync_directory(parent_of(prefix)));
        return remove_now(name.substr(name.rfind('/') + 1));
    }

    std::vector<std::string> list(std::string const& prefix) const override
    {
        auto names = names_in(prefix.empty() ? "." : prefix);
        if (prefix.empty())
            std::erase_if(names, [](auto const& name) { return name == lock_name || name == temporary; });
        std::sort(names.begin(), names.end());
        return names;
    }

    std::optional<fs::path> directory() const override { return m_root; }

private:
    std::string in_root(std::string const& key) const { return (m_root / key).string(); }

    std::string temporary_name() { return std::string(temporary) + "/" + std::to_string(m_next_temporary++); }

    Result<void> sync_directory(std::string const& path)
    {
        auto const fd = TRY_WITH(m_root.string(), open_at(m_directory.get(), path, O_RDONLY | O_DIRECTORY));
        return sync_file(fd.get(), in_root(path));
    }

    std::vector<std::string> names_in(std::string const& path) const
    {
        std::vector<std::string> names;
        int const fd = ::openat(m_directory.get(), path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
        if (fd < 0)
            return names;
        auto* const stream = ::fdopendir(fd);
        VERIFY(stream != nullptr);
        while (auto const* entry = ::readdir(stream)) {
            std::string name = entry->d_name;
            if (name != "." && name != "..")
                names.push_back(std::move(name));
        }
        ::closedir(stream);
        return names;
    }

    // Removes .tmp/NAME whatever it is. A directory inside is first moved up beside its parent, so that a tree of any
    // depth costs no recursion and no long path.
    Result<void> remove_now(std::string const& name)
    {
        std::vector<std::string> pending { std::string(temporary) + "/" + name };
        while (!pending.empty()) {
            auto const path = std::move(pending.back());
            pending.pop_back();
            if (::unlinkat(m_directory.get(), path.c_str(), 0) == 0)
                continue;
            if (errno != EISDIR && errno != EPERM)
                return failed("unlinkat(2)", errno, in_root(path));
            // An overlayfs work directory has mode 000. No other user can reach it here, so no race.
            (void)::fchmodat(m_directory.get(), path.c_str(), private_directory, 0);
            for (auto const& child : names_in(path))
                TRY(detach_child(path + "/" + child, pending));
            if (::unlinkat(m_directory.get(), path.c_str(), AT_REMOVEDIR) != 0)
                return failed("unlinkat(2)", errno, in_root(path));
        }
        return {};
    }

    Result<void> detach_child(std::string const& path, std::vector<std::string>& pending)
    {
        if (::unlinkat(m_directory.get(), path.c_str(), 0) == 0)
            return {};
        if (errno != EISDIR && errno != EPERM)
            return failed("unlinkat(2)", errno, in_root(path));
        if (::unlinkat(m_directory.get(), path.c_str(), AT_REMOVEDIR) == 0)
            return {};
        // Moving a directory writes its "..".
        (void)::fchmodat(m_directory.get(), path.c_str(), private_directory, 0);
        auto const name = temporary_name();
        if (::renameat(m_directory.get(), path.c_str(), m_directory.get(), name.c_str()) != 0)
            return failed("renameat(2)", errno, in_root(path));
        pending.push_back(name);
        return {};
    }

    fs::path m_root;
    Descriptor m_directory;
    Descriptor m_lock;
    std::atomic<std::uint64_t> m_next_temporary { 0 };
};

// The pid that the owner has written into its lock.
std::string holder_of(int lock)
{
    std::string holder(32, '\0');
    auto const count = ::pread(lock, holder.data(), holder.size(), 0);
    holder.resize(count > 0 ? static_cast<std::size_t>(count) : 0);
    while (!holder.empty() && holder.back() == '\n')
        holder.pop_back();
    return holder;
}

bool is_process(std::string const& pid)
{
    pid_t number = 0;
    auto const [end, error] = std::from_chars(pid.data(), pid.data() + pid.size(), number);
    return error == std::errc() && end == pid.data() + pid.size() && (::kill(number, 0) == 0 || errno != ESRCH);
}

// flock(2) belongs to the open file and is gone with the process, however it ends; a pid file would go stale. A child
// that the owner had just forked has the file open, too, until it executes its program: of an owner that was killed, it
// may be left for a moment.
Result<Descriptor> take_lock(int directory, fs::path const& root)
{
    auto lock = TRY_WITH(root.string(), open_at(directory, lock_name, O_RDWR | O_CREAT));
    auto const until = std::chrono::steady_clock::now() + longest_departure;
    while (::flock(lock.get(), LOCK_EX | LOCK_NB) != 0) {
        if (errno != EWOULDBLOCK)
            return failed("flock(2)", errno, (root / lock_name).string());
        auto const holder = holder_of(lock.get());
        if (!holder.empty() && !is_process(holder) && std::chrono::steady_clock::now() < until) {
            std::this_thread::sleep_for(std::chrono::milliseconds(10));
            continue;
        }
        return fail(
            ErrorKind::Conflict, root.string() + " is in use by process " + (holder.empty() ? "(unknown)" : holder));
    }
    if (::ftruncate(lock.get(), 0) != 0)
        return failed("ftruncate(2)", errno, (root / lock_name).string());
    TRY(write_at(lock.get(), 0, std::to_string(::getpid()) + "\n", (root / lock_name).string()));
    return lock;
}

}

Result<std::unique_ptr<Storage>> open_directory_storage(fs::path const& root)
{
    std::error_code error;
    fs::create_directories(root, error);
    if (error)
        return failed("mkdir(2)", error.value(), root.string());
    auto const absolute = fs::absolute(root);
    // The root itself may be a symlink: that is its owner's choice.
    Descriptor directory(::open(absolute.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (directory.get() < 0)
        return failed("open(2)", errno, absolute.string());
    if (::fchmod(directory.get(), private_directory) != 0)
        return failed("fchmod(2)", errno, absolute.string());
    auto lock = TRY(take_lock(directory.get(), absolute));
    if (::mkdirat(directory.get(), temporary, private_directory) != 0 && errno != EEXIST)
        return failed("mkdirat(2)", errno, absolute / temporary);
    auto storage = std::make_unique<DirectoryStorage>(absolute, std::move(directory), std::move(lock));
    storage->sweep();
    return storage;
}

}
