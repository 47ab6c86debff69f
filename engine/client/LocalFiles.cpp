#include "engine/client/LocalFiles.h"

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

// Owns a descriptor; the client knows nothing of engine/os.
class Descriptor {
public:
    explicit Descriptor(int number)
        : m_number(number)
    {
    }
    ~Descriptor()
    {
        if (m_number >= 0)
            ::close(m_number);
    }
    Descriptor(Descriptor const&) = delete;
    Descriptor& operator=(Descriptor const&) = delete;
    int get() const { return m_number; }

private:
    int m_number;
};

class LiveWriter final : public LocalFiles::Writer {
public:
    LiveWriter(std::string path, std::string aside, int descriptor)
        : m_path(std::move(path))
        , m_aside(std::move(aside))
        , m_descriptor(descriptor)
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
    Descriptor m_descriptor;
};

class LiveFiles final : public LocalFiles {
public:
    Result<Reader> open(std::string const& path) override
    {
        auto const file = std::make_shared<Descriptor>(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
        if (file->get() < 0)
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
        if (auto const parent = fs::path(path).parent_path(); parent == config_directory())
            fs::create_directories(parent, error);
        // A device or a pipe ("/dev/null") is written to, not replaced.
        if (fs::exists(path, error) && !fs::is_regular_file(path, error)) {
            int const descriptor = ::open(path.c_str(), O_WRONLY | O_CLOEXEC);
            if (descriptor < 0)
                return fail(Error::from_errno("open " + path, errno));
            return std::make_unique<LiveWriter>(path, "", descriptor);
        }
        auto aside = path + ".XXXXXX";
        int const descriptor = ::mkostemp(aside.data(), O_CLOEXEC); // mode 0600
        if (descriptor < 0)
            return fail(Error::from_errno("open " + path, errno));
        return std::make_unique<LiveWriter>(path, aside, descriptor);
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
    Result<Reader> open(std::string const& path) override
    {
        auto const file = m_files.find(path);
        if (file == m_files.end() || !file->second)
            return fail(ErrorKind::NotFound, "open " + path + ": no such file or directory");
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
    std::string config_directory() const override { return "/home/student/.docker"; }

private:
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
};

}

std::shared_ptr<LocalFiles> live_files()
{
    return std::make_shared<LiveFiles>();
}

std::shared_ptr<LocalFiles> memory_files()
{
    return std::make_shared<MemoryFiles>();
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
