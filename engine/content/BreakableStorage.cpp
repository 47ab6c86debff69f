#include "engine/content/BreakableStorage.h"

#include <cerrno>

namespace drydock::content {

namespace {

Result<void> room_for(std::string const& key, std::atomic<bool> const& is_full)
{
    if (is_full)
        return fail(Error::from_errno("write(2)", ENOSPC).with_context("writing " + key));
    return {};
}

class BreakableFile final : public AppendableFile {
public:
    BreakableFile(std::unique_ptr<AppendableFile> file, std::string key, std::atomic<bool> const& is_full)
        : m_file(std::move(file))
        , m_key(std::move(key))
        , m_is_full(is_full)
    {
    }
    std::uint64_t size() const override { return m_file->size(); }
    Result<void> append(std::string_view bytes) override
    {
        TRY(room_for(m_key, m_is_full));
        return m_file->append(bytes);
    }
    Result<void> sync() override { return m_file->sync(); }

private:
    std::unique_ptr<AppendableFile> m_file;
    std::string m_key;
    std::atomic<bool> const& m_is_full;
};

class BreakableStorage final : public Storage {
public:
    BreakableStorage(Storage& storage, std::atomic<bool> const& is_full)
        : m_storage(storage)
        , m_is_full(is_full)
    {
    }

    bool exists(std::string const& key) const override { return m_storage.exists(key); }
    Result<std::uint64_t> size(std::string const& key) const override { return m_storage.size(key); }
    Result<std::unique_ptr<ReadableFile>> open(std::string const& key) const override { return m_storage.open(key); }
    Result<std::string> read(std::string const& key, std::uint64_t limit) const override
    {
        return m_storage.read(key, limit);
    }
    Result<void> write_atomically(std::string const& key, std::string_view bytes) override
    {
        TRY(room_for(key, m_is_full));
        return m_storage.write_atomically(key, bytes);
    }
    Result<std::unique_ptr<AppendableFile>> append(std::string const& key) override
    {
        return std::make_unique<BreakableFile>(TRY(m_storage.append(key)), key, m_is_full);
    }
    Result<void> publish(std::string const& from, std::string const& to) override
    {
        return m_storage.publish(from, to);
    }
    Result<void> make_directory(std::string const& key) override { return m_storage.make_directory(key); }
    Result<void> remove(std::string const& key) override { return m_storage.remove(key); }
    Result<void> remove_tree(std::string const& prefix) override { return m_storage.remove_tree(prefix); }
    std::vector<std::string> list(std::string const& prefix) const override { return m_storage.list(prefix); }
    std::optional<std::filesystem::path> directory() const override { return m_storage.directory(); }

private:
    Storage& m_storage;
    std::atomic<bool> const& m_is_full;
};

}

std::unique_ptr<Storage> breakable(Storage& storage, std::atomic<bool> const& is_full)
{
    return std::make_unique<BreakableStorage>(storage, is_full);
}

}
