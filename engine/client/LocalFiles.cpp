#include "engine/client/LocalFiles.h"

#include "engine/os/Fd.h"
#include "sim/core/Verify.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <map>

namespace fs = std::filesystem;

namespace drydock::client {

namespace {

constexpr std::size_t piece_bytes = 256 * 1024;
constexpr std::size_t small_file = 4 << 20; // bytes

class LiveWriter final : public LocalFiles::Writer {
public:
    LiveWriter(std::string path, std::string aside, os::Fd descriptor)
        : m_path(std::move(path))
        , m_aside(std::move(aside))
        , m_descriptor(std::move(descriptor))
    {
    }
    ~LiveWriter() override
    {
        if (!m_aside.empty())
            ::unlink(m_aside.c_str());
    }
    Result<void> write(std::string_view bytes) override
    {
        while (!bytes.empty()) {
            auto const count = ::write(m_descriptor.get(), bytes.data(), bytes.size());
            if (count < 0 && errno != EINTR)
                return fail(Error::from_errno("write(2)", errno).with_context("writing " + m_path));
            bytes.remove_prefix(static_cast<std::size_t>(std::max<ssize_t>(count, 0)));
        }
        return {};
    }
    Result<void> finish() override
    {
        if (m_aside.empty())
            return {};
        if (::rename(m_aside.c_str(), m_path.c_str()) != 0)
            return fail(Error::from_errno("rename(2)", errno).with_context("writing " + m_path));
        m_aside.clear();
        return {};
    }

private:
    std::string m_path;
    std::string m_aside; // the name until it is whole; empty for what is no regular file
    os::Fd m_descriptor;
};

class LiveFiles final : public LocalFiles {
public:
    Result<Reader> open(std::string const& path) override
    {
        auto const file = std::make_shared<os::Fd>(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
        if (!*file)
            return fail(Error::from_errno("open " + path, errno));
        return [file, path]() -> Result<std::string> {
            std::string piece(piece_bytes, '\0');
            auto count = ::read(file->get(), piece.data(), piece.size());
            while (count < 0 && errno == EINTR)
                count = ::read(file->get(), piece.data(), piece.size());
            if (count < 0)
                return fail(Error::from_errno("read(2)", errno).with_context("reading " + path));
            piece.resize(static_cast<std::size_t>(count));
            return piece;
        };
    }

    Result<std::unique_ptr<Writer>> create(std::string const& path) override
    {
        std::error_code error;
        auto const own = config_directory();
        if (auto const parent = fs::path(path).parent_path(); parent == own || path.starts_with(own + "/"))
            fs::create_directories(parent, error);
        // A device or a pipe ("/dev/null") is written to, not replaced.
        if (fs::exists(path, error) && !fs::is_regular_file(path, error)) {
            os::Fd file(::open(path.c_str(), O_WRONLY | O_CLOEXEC));
            if (!file)
                return fail(Error::from_errno("open " + path, errno));
            return std::make_unique<LiveWriter>(path, "", std::move(file));
        }
        auto aside = path + ".XXXXXX";
        os::Fd file(::mkostemp(aside.data(), O_CLOEXEC)); // mode 0600
        if (!file)
            return fail(Error::from_errno("open " + path, errno));
        return std::make_unique<LiveWriter>(path, aside, std::move(file));
    }

    Result<std::unique_ptr<LocalDirectory>> directory(std::string const& path) override { return open_directory(path); }

    Result<std::vector<std::string>> names_in(std::string const& folder) const override
    {
        std::vector<std::string> names;
        std::error_code error;
        for (auto const& entry : fs::directory_iterator(folder, error))
            names.push_back(entry.path().filename().string());
        if (error && error.value() != ENOENT)
            return fail(Error::from_errno("open " + folder, error.value()));
        std::sort(names.begin(), names.end());
        return names;
    }

    Result<void> forget(std::string const& folder) override
    {
        VERIFY(folder.starts_with(config_directory() + "/"));
        std::error_code error;
        fs::remove_all(folder, error);
        if (error)
            return fail(Error::from_errno("removing " + folder, error.value()));
        return {};
    }

    Result<fs::path> place(std::string const& path) const override
    {
        std::error_code error;
        auto place = fs::absolute(path, error);
        if (error)
            return fail(Error::from_errno("getcwd(2)", error.value()));
        return place;
    }

    std::optional<std::string> variable(std::string const& name) const override
    {
        auto const* const value = std::getenv(name.c_str());
        return value == nullptr ? std::nullopt : std::optional<std::string>(value);
    }

    std::string config_directory() const override
    {
        auto const* given = std::getenv("DOCKER_CONFIG");
        if (given != nullptr && *given != '\0')
            return given;
        auto const* home = std::getenv("HOME");
        return std::string(home != nullptr ? home : "") + "/.docker";
    }
};

class MemoryFiles final : public LocalFiles {
public:
    explicit MemoryFiles(fs::path folder)
        : m_folder(std::move(folder))
    {
    }
    Result<Reader> open(std::string const& path) override
    {
        auto const file = m_files.find(path);
        if (file == m_files.end() || !file->second)
            return open_in_folder(path);
        return [content = file->second, begin = std::size_t { 0 }]() mutable -> Result<std::string> {
            auto piece = content->substr(begin, piece_bytes);
            begin += piece.size();
            return piece;
        };
    }
    Result<std::unique_ptr<Writer>> create(std::string const& path) override
    {
        return std::make_unique<MemoryWriter>(m_files[path]);
    }
    Result<std::unique_ptr<LocalDirectory>> directory(std::string const& path) override
    {
        if (m_folder.empty())
            return fail(ErrorKind::NotFound, "open " + path + ": there are no directories here");
        return open_directory_below(m_folder, path);
    }
    Result<std::vector<std::string>> names_in(std::string const& folder) const override
    {
        std::vector<std::string> names;
        for (auto const& [path, content] : m_files) {
            if (!content || !path.starts_with(folder + "/"))
                continue;
            auto const rest = path.substr(folder.size() + 1);
            auto const name = rest.substr(0, rest.find('/'));
            if (names.empty() || names.back() != name)
                names.push_back(name);
        }
        return names;
    }
    Result<void> forget(std::string const& folder) override
    {
        std::erase_if(m_files, [&](auto const& file) { return file.first.starts_with(folder + "/"); });
        return {};
    }
    Result<fs::path> place(std::string const&) const override
    {
        return fail(ErrorKind::NotSupported, "there are no local files in this world: use \"-\", or docker exec");
    }
    std::optional<std::string> variable(std::string const&) const override { return std::nullopt; }
    std::string config_directory() const override { return "/home/student/.docker"; }

private:
    Result<Reader> open_in_folder(std::string const& path) const
    {
        auto const absent = [&] { return fail(ErrorKind::NotFound, "open " + path + ": no such file or directory"); };
        if (m_folder.empty() || fs::path(path).is_absolute())
            return absent();
        auto const directory = TRY(open_directory_below(m_folder, fs::path(path).parent_path().string()));
        std::shared_ptr<LocalFile> const file = TRY(directory->open(fs::path(path).filename().string()));
        return [file]() -> Result<std::string> {
            std::string piece(piece_bytes, '\0');
            piece.resize(TRY(file->read_some(piece)));
            return piece;
        };
    }

    using Content = std::shared_ptr<std::string const>;
    class MemoryWriter final : public Writer {
    public:
        explicit MemoryWriter(Content& file)
            : m_file(file)
        {
        }
        Result<void> write(std::string_view bytes) override
        {
            m_content += bytes;
            return {};
        }
        Result<void> finish() override
        {
            m_file = std::make_shared<std::string const>(std::move(m_content));
            return {};
        }

    private:
        Content& m_file;
        std::string m_content;
    };
    std::map<std::string, Content> m_files;
    fs::path m_folder;
};

}

LocalFiles::Kind LocalFiles::kind(fs::path const& place, Symlinks symlinks) const
{
    std::error_code error;
    bool const follow = symlinks == Symlinks::Followed;
    switch ((follow ? fs::status(place, error) : fs::symlink_status(place, error)).type()) {
    case fs::file_type::none:
    case fs::file_type::not_found: return Kind::Absent;
    case fs::file_type::directory: return Kind::Directory;
    case fs::file_type::regular:
    case fs::file_type::symlink:
    case fs::file_type::block:
    case fs::file_type::character:
    case fs::file_type::fifo:
    case fs::file_type::socket:
    case fs::file_type::unknown: return Kind::File;
    }
    return Kind::File;
}

Result<void> LocalFiles::make_directory(fs::path const& place)
{
    std::error_code error;
    fs::create_directory(place, error);
    if (error)
        return fail(Error::from_errno("mkdir(2)", error.value()).with_context(place.string()));
    return {};
}

Result<std::function<Result<std::string>()>> LocalFiles::pack(
    fs::path const& place, std::string const& name, Symlinks symlinks) const
{
    return client::pack(place, name, symlinks);
}

std::unique_ptr<TreeWriter> LocalFiles::unpack()
{
    return std::make_unique<Unpacker>();
}

std::shared_ptr<LocalFiles> live_files()
{
    return std::make_shared<LiveFiles>();
}

std::shared_ptr<LocalFiles> memory_files(fs::path folder)
{
    return std::make_shared<MemoryFiles>(std::move(folder));
}

Result<std::string> read_file(LocalFiles& files, std::string const& path)
{
    auto const next = TRY(files.open(path));
    std::string content;
    for (auto piece = TRY(next()); !piece.empty(); piece = TRY(next())) {
        content += piece;
        if (content.size() > small_file)
            return fail(ErrorKind::LimitExceeded, path + " is too long");
    }
    return content;
}

Result<void> write_file(LocalFiles& files, std::string const& path, std::string_view content)
{
    auto const file = TRY(files.create(path));
    TRY(file->write(content));
    return file->finish();
}

}
