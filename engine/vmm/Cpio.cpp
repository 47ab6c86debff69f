#include "engine/vmm/Cpio.h"

#include "sim/core/Verify.h"

#include <fmt/format.h>
#include <sys/stat.h>

#include <limits>

namespace drydock::vmm {

namespace {

constexpr std::string_view trailer = "TRAILER!!!";
constexpr std::uint64_t piece_size = 256 << 10;

std::uint32_t type_bits(layer::FileType type)
{
    switch (type) {
    case layer::FileType::Regular:
    case layer::FileType::HardLink: return S_IFREG;
    case layer::FileType::Directory: return S_IFDIR;
    case layer::FileType::Symlink: return S_IFLNK;
    case layer::FileType::CharDevice: return S_IFCHR;
    case layer::FileType::BlockDevice: return S_IFBLK;
    case layer::FileType::Fifo: return S_IFIFO;
    case layer::FileType::Socket: return S_IFSOCK;
    }
    return 0;
}

// Walks a mount and gives each object its number. Content of several names is written once: the kernel makes the later
// names links to the first, by inode number.
class Packer {
public:
    Packer(unionfs::UnionMount const& root, CpioWriter& archive)
        : m_root(root)
        , m_archive(archive)
    {
    }

    Result<void> directory(std::string const& path)
    {
        for (auto const& child : TRY(m_root.list(path.empty() ? "/" : path))) {
            auto const name = path + "/" + child.name;
            TRY_WITH(name, object(name, child.attributes));
        }
        return {};
    }

private:
    Result<void> object(std::string const& path, unionfs::Attributes const& attributes)
    {
        using layer::FileType;
        if (attributes.type == FileType::Socket)
            return {};
        CpioEntry entry { .path = path.substr(1),
            .type = attributes.type,
            .mode = attributes.mode,
            .uid = attributes.uid,
            .gid = attributes.gid,
            .inode = ++m_last_inode,
            .mtime = attributes.mtime / 1'000'000'000,
            .device_major = attributes.device_major,
            .device_minor = attributes.device_minor };
        switch (attributes.type) {
        case FileType::Directory: TRY(m_archive.add(entry)); return directory(path);
        case FileType::Symlink: return m_archive.add(entry, TRY(m_root.read_link(path)));
        case FileType::Regular: return file(path, std::move(entry), attributes);
        case FileType::HardLink:
        case FileType::CharDevice:
        case FileType::BlockDevice:
        case FileType::Fifo:
        case FileType::Socket: break;
        }
        return m_archive.add(entry);
    }

    Result<void> file(std::string const& path, CpioEntry entry, unionfs::Attributes const& attributes)
    {
        entry.size = attributes.size;
        if (attributes.links > 1) {
            entry.links = static_cast<std::uint32_t>(attributes.links);
            auto const [known, is_first] = m_linked.try_emplace(attributes.inode, entry.inode);
            entry.inode = known->second;
            if (!is_first) {
                entry.size = 0;
                return m_archive.add(entry);
            }
        }
        TRY(m_archive.begin(entry));
        std::string buffer(piece_size, '\0');
        for (std::uint64_t at = 0; at < entry.size;) {
            auto const wanted = std::span(buffer).first(std::min<std::uint64_t>(piece_size, entry.size - at));
            auto const count = TRY(m_root.read(path, at, wanted));
            if (count == 0)
                return fail(ErrorKind::Corrupt, "the file is shorter than it says");
            TRY(m_archive.write({ buffer.data(), count }));
            at += count;
        }
        return {};
    }

    unionfs::UnionMount const& m_root;
    CpioWriter& m_archive;
    std::uint32_t m_last_inode { 0 };
    std::map<std::uint64_t, std::uint32_t> m_linked;
};

}

Result<void> CpioWriter::put(std::string_view bytes)
{
    m_size += bytes.size();
    return m_sink(bytes);
}

Result<void> CpioWriter::pad()
{
    return put(std::string_view("\0\0\0", 3).substr(0, (4 - m_size % 4) % 4));
}

Result<void> CpioWriter::begin(CpioEntry const& entry)
{
    VERIFY(m_owed == 0);
    if (entry.size > std::numeric_limits<std::uint32_t>::max())
        return fail(ErrorKind::LimitExceeded, fmt::format("{} is too large for an initramfs", entry.path));
    auto const field = [](std::uint64_t value) { return fmt::format("{:08x}", value & 0xffffffffU); };
    auto header = std::string("070701");
    for (auto const value : { std::uint64_t { entry.inode }, std::uint64_t { type_bits(entry.type) | entry.mode },
             std::uint64_t { entry.uid }, std::uint64_t { entry.gid }, std::uint64_t { entry.links },
             static_cast<std::uint64_t>(entry.mtime), entry.size, std::uint64_t { 0 }, std::uint64_t { 0 },
             std::uint64_t { entry.device_major }, std::uint64_t { entry.device_minor },
             std::uint64_t { entry.path.size() + 1 }, std::uint64_t { 0 } })
        header += field(value);
    TRY(put(header));
    TRY(put(std::string_view(entry.path.c_str(), entry.path.size() + 1)));
    TRY(pad());
    m_owed = entry.size;
    return {};
}

Result<void> CpioWriter::write(std::string_view piece)
{
    VERIFY(piece.size() <= m_owed);
    m_owed -= piece.size();
    TRY(put(piece));
    return m_owed == 0 ? pad() : Result<void> {};
}

Result<void> CpioWriter::add(CpioEntry entry, std::string_view content)
{
    entry.size = content.size();
    TRY(begin(entry));
    return content.empty() ? Result<void> {} : write(content);
}

Result<void> CpioWriter::finish()
{
    return add({ .path = std::string(trailer), .type = layer::FileType::Regular, .mode = 0 });
}

Result<void> pack_tree(unionfs::UnionMount const& root, CpioWriter& archive)
{
    return Packer(root, archive).directory("");
}

}
