#include "engine/content/Storage.h"
#include "sim/core/Verify.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>

namespace fs = std::filesystem;

namespace drydock::content {

namespace {

class OpenFile final : public ReadableFile {
public:
    OpenFile(int descriptor, std::uint64_t size)
        : m_descriptor(descriptor)
        , m_size(size)
    {
    }
    ~OpenFile() override { ::close(m_descriptor); }
    OpenFile(OpenFile const&) = delete;
    OpenFile& operator=(OpenFile const&) = delete;

    std::uint64_t size() const override { return m_size; }
    int descriptor() const override { return m_descriptor; }
    Result<std::size_t> read_at(std::uint64_t offset, std::span<char> buffer) const override
    {
        auto const count = ::pread(m_descriptor, buffer.data(), buffer.size(), static_cast<off_t>(offset));
        if (count < 0)
            return fail(Error::from_errno("pread(2)", errno));
        return static_cast<std::size_t>(count);
    }

private:
    int m_descriptor;
    std::uint64_t m_size;
};

class ReadOnlyDirectory final : public Storage {
public:
    explicit ReadOnlyDirectory(fs::path root)
        : m_root(std::move(root))
    {
    }

    bool exists(std::string const& key) const override { return fs::exists(m_root / key); }

    Result<std::uint64_t> size(std::string const& key) const override { return TRY(open(key))->size(); }

    Result<std::unique_ptr<ReadableFile>> open(std::string const& key) const override
    {
        auto const path = m_root / key;
        int const descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
        if (descriptor < 0)
            return fail(Error::from_errno("open(2)", errno).with_context("reading " + path.string()));
        struct stat status { };
        VERIFY(::fstat(descriptor, &status) == 0);
        return std::make_unique<OpenFile>(descriptor, static_cast<std::uint64_t>(status.st_size));
    }

    Result<std::string> read(std::string const& key, std::uint64_t limit) const override
    {
        auto const file = TRY(open(key));
        if (file->size() > limit)
            return fail(ErrorKind::LimitExceeded, key + " has more than " + std::to_string(limit) + " bytes");
        std::string bytes(file->size(), '\0');
        std::size_t done = 0;
        while (done < bytes.size()) {
            auto const count = TRY(file->read_at(done, std::span(bytes).subspan(done)));
            if (count == 0)
                return fail(ErrorKind::Io, key + " became shorter while it was read");
            done += count;
        }
        return bytes;
    }

    std::vector<std::string> list(std::string const& prefix) const override
    {
        std::vector<std::string> names;
        std::error_code ignored;
        for (auto const& entry : fs::directory_iterator(m_root / prefix, ignored))
            names.push_back(entry.path().filename().string());
        std::sort(names.begin(), names.end());
        return names;
    }

    Result<void> write_atomically(std::string const&, std::string_view) override { return refused(); }
    Result<std::unique_ptr<AppendableFile>> append(std::string const&) override { return refused(); }
    Result<void> publish(std::string const&, std::string const&) override { return refused(); }
    Result<void> make_directory(std::string const&) override { return refused(); }
    Result<void> remove(std::string const&) override { return refused(); }
    Result<void> remove_tree(std::string const&) override { return refused(); }
    std::optional<fs::path> directory() const override { return m_root; }

private:
    tl::unexpected<Error> refused() const
    {
        return fail(ErrorKind::NotSupported, m_root.string() + " is only read here");
    }

    fs::path m_root;
};

}

std::unique_ptr<Storage> open_read_only(fs::path root)
{
    return std::make_unique<ReadOnlyDirectory>(std::move(root));
}

}
