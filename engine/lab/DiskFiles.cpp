#include "engine/lab/DiskFiles.h"

#include "engine/content/Storage.h"
#include "engine/layer/TarReader.h"
#include "engine/unionfs/Archive.h"

#include <algorithm>

namespace drydock::lab {

namespace {

using client::LocalDirectory;
using client::LocalEntry;
using client::LocalFile;
using client::LocalFiles;
using Tree = std::shared_ptr<unionfs::UnionMount>;

constexpr std::size_t piece_size = 256 * 1024; // bytes
constexpr std::size_t most_copied = 64 << 20;  // bytes that `docker cp` takes from a disk at once

// Programs of the machine begin in "/", so that is where a relative path lies.
std::string on_disk(std::string const& path)
{
    return path.starts_with('/') ? path : "/" + path;
}

class DiskFile final : public LocalFile {
public:
    DiskFile(Tree tree, std::string path)
        : m_tree(std::move(tree))
        , m_path(std::move(path))
    {
    }
    Result<std::size_t> read_some(std::span<char> buffer) override
    {
        auto const count = TRY(m_tree->read(m_path, m_offset, buffer));
        m_offset += count;
        return count;
    }

private:
    Tree m_tree;
    std::string m_path;
    std::uint64_t m_offset { 0 };
};

class DiskDirectory final : public LocalDirectory {
public:
    DiskDirectory(Tree tree, std::string base)
        : m_tree(std::move(tree))
        , m_base(base == "/" ? std::string() : std::move(base))
    {
    }
    Result<std::vector<LocalEntry>> list(std::string const& path) const override
    {
        std::vector<LocalEntry> entries;
        for (auto const& found : TRY(m_tree->list(at(path)))) {
            LocalEntry entry { .name = found.name,
                .type = type_of(found.attributes.type),
                .mode = found.attributes.mode,
                .size = found.attributes.size,
                .mtime = found.attributes.mtime,
                .target = {} };
            if (entry.type == LocalEntry::Type::Symlink)
                entry.target = TRY(m_tree->read_link(at(path.empty() ? found.name : path + "/" + found.name)));
            entries.push_back(std::move(entry));
        }
        return entries;
    }
    Result<std::unique_ptr<LocalFile>> open(std::string const& path) const override
    {
        if (TRY(m_tree->stat(at(path))).type != unionfs::FileType::Regular)
            return fail(ErrorKind::InvalidInput, path + " is no regular file");
        return std::make_unique<DiskFile>(m_tree, at(path));
    }

private:
    static LocalEntry::Type type_of(unionfs::FileType type)
    {
        switch (type) {
        case unionfs::FileType::Regular:
        case unionfs::FileType::HardLink: return LocalEntry::Type::File;
        case unionfs::FileType::Directory: return LocalEntry::Type::Directory;
        case unionfs::FileType::Symlink: return LocalEntry::Type::Symlink;
        case unionfs::FileType::CharDevice:
        case unionfs::FileType::BlockDevice:
        case unionfs::FileType::Fifo:
        case unionfs::FileType::Socket: break;
        }
        return LocalEntry::Type::Other;
    }
    std::string at(std::string const& path) const
    {
        return path.empty() ? std::max(m_base, std::string("/")) : m_base + "/" + path;
    }

    Tree m_tree;
    std::string m_base; // without a slash at its end
};

// Written aside: a file that has its name is whole.
class DiskWriter final : public LocalFiles::Writer {
public:
    DiskWriter(Tree tree, std::string path)
        : m_tree(std::move(tree))
        , m_path(std::move(path))
        , m_aside(m_path + ".part")
    {
    }
    ~DiskWriter() override
    {
        if (!m_aside.empty())
            static_cast<void>(m_tree->unlink(m_aside));
    }
    Result<void> begin()
    {
        static_cast<void>(m_tree->unlink(m_aside)); // of a writer that never came to its end
        return m_tree->create(m_aside, 0600, { 0, 0, 0 });
    }
    Result<void> write(std::string_view bytes) override
    {
        TRY(m_tree->write(m_aside, m_size, bytes));
        m_size += bytes.size();
        return {};
    }
    Result<void> finish() override
    {
        TRY(m_tree->rename(m_aside, m_path));
        m_aside.clear();
        return {};
    }

private:
    Tree m_tree;
    std::string m_path;
    std::string m_aside; // empty once it has its name
    std::uint64_t m_size { 0 };
};

// A tar that comes out of a container. It is whole before anything of it is written.
class DiskTreeWriter final : public client::TreeWriter {
public:
    explicit DiskTreeWriter(std::shared_ptr<runtime::HostDisk> disk)
        : m_disk(std::move(disk))
    {
    }
    Result<void> write(std::string_view bytes) override
    {
        if (!m_tar)
            m_tar = TRY(m_storage->append(key));
        TRY(m_reader.write(bytes));
        return m_tar->append(bytes);
    }
    Result<void> finish(std::filesystem::path const& directory, std::string const& renamed) override
    {
        auto entries = TRY(m_reader.finish());
        if (!renamed.empty()) {
            for (auto& entry : entries) {
                entry.path = with_first(entry.path, renamed);
                if (entry.type == layer::FileType::HardLink)
                    entry.link = with_first(entry.link, renamed);
            }
        }
        m_tar.reset();
        auto const tar = TRY(m_storage->open(key));
        auto const tree = TRY(m_disk->tree());
        auto const place = TRY(tree->resolve(directory.string()));
        TRY(unionfs::apply_archive(*tree, place, entries, *tar, unionfs::Overwrite::SameKind));
        return {};
    }

private:
    static constexpr char const* key = "tar";
    static std::string with_first(std::string const& path, std::string const& renamed)
    {
        auto const slash = path.find('/');
        return slash == std::string::npos ? renamed : renamed + path.substr(slash);
    }

    std::shared_ptr<runtime::HostDisk> m_disk;
    std::unique_ptr<content::Storage> m_storage { content::make_memory_storage() };
    std::unique_ptr<content::AppendableFile> m_tar;
    layer::TarReader m_reader;
};

class DiskFiles final : public LocalFiles {
public:
    DiskFiles(std::shared_ptr<runtime::HostDisk> disk, std::shared_ptr<LocalFiles> behind)
        : m_disk(std::move(disk))
        , m_behind(std::move(behind))
    {
    }

    Result<Reader> open(std::string const& path) override
    {
        if (is_configuration(path))
            return m_behind->open(path);
        auto const tree = TRY(m_disk->tree());
        auto const place = tree->resolve(on_disk(path));
        if (!place) {
            auto brought = m_behind->open(path);
            if (!brought && brought.error().kind() == ErrorKind::NotFound)
                return fail(ErrorKind::NotFound, "open " + path + ": no such file or directory");
            return brought;
        }
        return [file = std::make_shared<DiskFile>(tree, *place)]() -> Result<std::string> {
            std::string piece(piece_size, '\0');
            piece.resize(TRY(file->read_some(piece)));
            return piece;
        };
    }
    Result<std::unique_ptr<Writer>> create(std::string const& path) override
    {
        if (is_configuration(path))
            return m_behind->create(path);
        auto writer = std::make_unique<DiskWriter>(TRY(m_disk->tree()), on_disk(path));
        TRY_WITH("open " + path, writer->begin());
        return writer;
    }
    Result<std::unique_ptr<LocalDirectory>> directory(std::string const& path) override
    {
        if (auto const brought = m_behind->directory(path); !path.starts_with('/') && brought)
            return m_behind->directory(path);
        auto const tree = TRY(m_disk->tree());
        auto const place = tree->resolve(on_disk(path));
        if (!place || TRY(tree->stat(*place)).type != unionfs::FileType::Directory)
            return m_behind->directory(path); // which says what is wrong with it
        return std::make_unique<DiskDirectory>(tree, *place);
    }
    Result<std::vector<std::string>> names_in(std::string const& folder) const override
    {
        return m_behind->names_in(folder);
    }
    Result<void> forget(std::string const& folder) override { return m_behind->forget(folder); }
    Result<std::filesystem::path> place(std::string const& path) const override
    {
        return std::filesystem::path(on_disk(path));
    }
    Kind kind(std::filesystem::path const& place, client::Symlinks symlinks) const override
    {
        auto const tree = m_disk->tree();
        if (!tree)
            return Kind::Absent;
        auto const attributes = found(**tree, place.string(), symlinks);
        if (!attributes)
            return Kind::Absent;
        return attributes->type == unionfs::FileType::Directory ? Kind::Directory : Kind::File;
    }
    Result<void> make_directory(std::filesystem::path const& place) override
    {
        auto const tree = TRY(m_disk->tree());
        return tree->make_directory(place.string(), 0755, { 0, 0, 0 });
    }
    Result<std::function<Result<std::string>()>> pack(
        std::filesystem::path const& place, std::string const& name, client::Symlinks symlinks) const override
    {
        auto const tree = TRY(m_disk->tree());
        auto const path = symlinks == client::Symlinks::Followed ? TRY(tree->resolve(place.string())) : place.string();
        auto tar = std::make_shared<std::string>();
        TRY(unionfs::write_archive(*tree, path, name == "." ? "" : name, [&](std::string_view bytes) -> Result<void> {
            if (tar->size() + bytes.size() > most_copied)
                return fail(ErrorKind::LimitExceeded, "more than 64 MiB at once");
            *tar += bytes;
            return {};
        }));
        return [tar, offset = std::size_t { 0 }]() mutable -> Result<std::string> {
            auto piece = tar->substr(offset, piece_size);
            offset += piece.size();
            return piece;
        };
    }
    std::unique_ptr<client::TreeWriter> unpack() override { return std::make_unique<DiskTreeWriter>(m_disk); }
    std::optional<std::string> variable(std::string const& name) const override { return m_behind->variable(name); }
    std::string config_directory() const override { return m_behind->config_directory(); }

private:
    static Result<unionfs::Attributes> found(
        unionfs::UnionMount const& tree, std::string const& path, client::Symlinks symlinks)
    {
        if (symlinks == client::Symlinks::Kept)
            return tree.stat(path);
        auto const place = TRY(tree.resolve(path));
        return tree.stat(place);
    }
    bool is_configuration(std::string const& path) const { return path.starts_with(config_directory() + "/"); }

    std::shared_ptr<runtime::HostDisk> m_disk;
    std::shared_ptr<LocalFiles> m_behind;
};

}

std::shared_ptr<client::LocalFiles> make_disk_files(
    std::shared_ptr<runtime::HostDisk> disk, std::shared_ptr<client::LocalFiles> behind)
{
    return std::make_shared<DiskFiles>(std::move(disk), std::move(behind));
}

}
