#include "engine/image/ArchiveLayout.h"

#include <algorithm>

namespace drydock::image {

namespace {

class MemberFile final : public content::ReadableFile {
public:
    MemberFile(Archive const& archive, Member member)
        : m_archive(archive)
        , m_member(member)
    {
    }
    std::uint64_t size() const override { return m_member.size; }
    Result<std::size_t> read_at(std::uint64_t offset, std::span<char> buffer) const override
    {
        if (offset >= m_member.size)
            return 0U;
        auto const count = std::min<std::uint64_t>(buffer.size(), m_member.size - offset);
        std::size_t filled = 0;
        TRY(m_archive.copy({ m_member.offset + offset, count }, [&](std::string_view piece) -> Result<void> {
            filled += piece.copy(buffer.data() + filled, buffer.size() - filled);
            return {};
        }));
        return filled;
    }

private:
    Archive const& m_archive;
    Member m_member;
};

class ArchiveLayout final : public content::Storage {
public:
    explicit ArchiveLayout(Archive const& archive)
        : m_archive(archive)
    {
    }
    bool exists(std::string const& key) const override { return m_archive.has(key); }
    Result<std::uint64_t> size(std::string const& key) const override { return TRY(m_archive.find(key)).size; }
    Result<std::unique_ptr<content::ReadableFile>> open(std::string const& key) const override
    {
        auto const member = TRY(m_archive.find(key));
        return std::make_unique<MemberFile>(m_archive, member);
    }
    Result<std::string> read(std::string const& key, std::uint64_t limit) const override
    {
        return m_archive.read(key, limit);
    }
    Result<void> write_atomically(std::string const&, std::string_view) override { return read_only(); }
    Result<std::unique_ptr<content::AppendableFile>> append(std::string const&) override { return read_only(); }
    Result<void> publish(std::string const&, std::string const&) override { return read_only(); }
    Result<void> make_directory(std::string const&) override { return read_only(); }
    Result<void> remove(std::string const&) override { return read_only(); }
    Result<void> remove_tree(std::string const&) override { return read_only(); }
    std::vector<std::string> list(std::string const&) const override { return {}; }

private:
    static tl::unexpected<Error> read_only() { return fail(ErrorKind::NotSupported, "an archive is only read"); }

    Archive const& m_archive;
};

}

std::unique_ptr<content::Storage const> layout_in(Archive const& archive)
{
    return std::make_unique<ArchiveLayout>(archive);
}

}
