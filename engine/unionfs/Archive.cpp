#include "engine/unionfs/Archive.h"

#include "engine/layer/MemberName.h"
#include "engine/layer/TarWriter.h"

#include <algorithm>
#include <array>
#include <cerrno>

namespace drydock::unionfs {

namespace {

constexpr std::size_t copy_buffer = 64 * 1024;

std::string joined(std::string const& directory, std::string const& name)
{
    if (directory.empty() || name.empty())
        return directory + name;
    return directory.ends_with('/') ? directory + name : directory + "/" + name;
}

layer::Entry entry_of(std::string path, Attributes const& attributes)
{
    layer::Entry entry;
    entry.path = std::move(path);
    entry.type = attributes.type;
    entry.mode = attributes.mode;
    entry.uid = attributes.uid;
    entry.gid = attributes.gid;
    entry.size = attributes.type == FileType::Regular ? attributes.size : 0;
    entry.mtime = attributes.mtime;
    entry.device_major = attributes.device_major;
    entry.device_minor = attributes.device_minor;
    return entry;
}

// One archive on its way out.
class ArchiveWriter {
public:
    ArchiveWriter(UnionMount const& mount, ArchiveSink const& sink)
        : m_mount(mount)
        , m_tar(sink)
    {
    }

    Result<void> add_tree(std::string const& path, std::string const& name)
    {
        auto const attributes = TRY(m_mount.stat(path));
        if (!name.empty())
            TRY(add(path, name, attributes));
        if (attributes.type != FileType::Directory)
            return {};
        for (auto const& child : TRY(m_mount.list(path))) {
            // Names come sorted, and a deep tree costs a stack frame a level: PATH_MAX keeps that finite.
            auto const added
                = add_tree(joined(path, child.name), name == "/" ? "/" + child.name : joined(name, child.name));
            if (!added && added.error().errno_code() != ENOENT) // it went while we were looking
                return added;
        }
        return {};
    }

    Result<ArchiveCount> finish()
    {
        TRY(m_tar.finish());
        m_count.bytes = m_tar.size();
        return m_count;
    }

private:
    Result<void> add(std::string const& path, std::string const& name, Attributes const& attributes)
    {
        if (attributes.type == FileType::Socket || name == "/")
            return {};
        auto entry = entry_of(name, attributes);
        entry.xattrs = TRY(m_mount.xattrs(path));
        if (entry.type == FileType::Symlink)
            entry.link = TRY(m_mount.read_link(path));
        if (entry.type != FileType::Directory && attributes.links > 1) {
            auto const [first, is_new] = m_linked.try_emplace(attributes.inode, name);
            if (!is_new) {
                entry.type = FileType::HardLink;
                entry.link = first->second;
                entry.size = 0;
            }
        }
        ++m_count.entries;
        TRY(m_tar.begin(entry));
        return entry.type == FileType::Regular ? add_content(path, entry.size) : Result<void>();
    }

    // As many bytes as the header says, whatever happens to the file meanwhile.
    Result<void> add_content(std::string const& path, std::uint64_t size)
    {
        std::string buffer(static_cast<std::size_t>(std::min<std::uint64_t>(size, copy_buffer)), '\0');
        for (std::uint64_t offset = 0; offset < size;) {
            auto const wanted = static_cast<std::size_t>(std::min<std::uint64_t>(size - offset, buffer.size()));
            auto got = TRY(m_mount.read(path, offset, std::span(buffer).first(wanted)));
            if (got == 0) {
                std::fill_n(buffer.begin(), wanted, '\0');
                got = wanted;
            }
            TRY(m_tar.write(std::string_view(buffer).substr(0, got)));
            offset += got;
        }
        return {};
    }

    UnionMount const& m_mount;
    layer::TarWriter m_tar;
    ArchiveCount m_count;
    std::map<std::uint64_t, std::string> m_linked; // inode -> the name under which it was written
};

// One archive on its way in.
class ArchiveReader {
public:
    ArchiveReader(
        UnionMount& mount, std::string const& directory, content::ReadableFile const& tar, Overwrite overwrite)
        : m_mount(mount)
        , m_directory(directory)
        , m_tar(tar)
        , m_overwrite(overwrite)
    {
    }

    Result<void> apply(layer::Entry const& entry)
    {
        if (entry.path.empty())
            return {}; // the directory itself stays as it is
        auto const path = joined(m_directory, entry.path);
        TRY(make_parents(entry.path));
        auto const there = m_mount.stat(path);
        bool const keeps = there && there->type == FileType::Directory && entry.type == FileType::Directory;
        if (there && !keeps) {
            TRY(check(path, there->type, entry.type));
            TRY(remove_all(m_mount, path));
        }
        if (!keeps)
            TRY(make(entry, path));
        return entry.type == FileType::HardLink ? Result<void>() : dress(entry, path);
    }

    // What was made in a directory has touched its time.
    Result<void> finish()
    {
        for (auto const& [path, mtime] : m_directories)
            TRY(m_mount.set_times(path, mtime, mtime));
        return {};
    }

private:
    Result<void> check(std::string const& path, FileType there, FileType coming) const
    {
        if (m_overwrite == Overwrite::Anything)
            return {};
        if (there == FileType::Directory)
            return fail(ErrorKind::InvalidInput, "cannot overwrite directory \"" + path + "\" with non-directory");
        if (coming == FileType::Directory)
            return fail(ErrorKind::InvalidInput, "cannot overwrite non-directory \"" + path + "\" with directory");
        return {};
    }

    Result<void> make_parents(std::string const& relative)
    {
        for (auto slash = relative.find('/'); slash != std::string::npos; slash = relative.find('/', slash + 1)) {
            auto const path = joined(m_directory, relative.substr(0, slash));
            auto const resolved = m_mount.resolve(path);
            if (!resolved && resolved.error().errno_code() == ENOENT)
                TRY(m_mount.make_directory(path, 0755, as_root));
            else if (!resolved)
                return fail(resolved.error());
        }
        return {};
    }

    Result<void> make(layer::Entry const& entry, std::string const& path)
    {
        Caller const owner { entry.uid, entry.gid, 0 };
        switch (entry.type) {
        case FileType::Regular: TRY(m_mount.create(path, entry.mode, owner)); return fill(entry, path);
        case FileType::Directory: return m_mount.make_directory(path, entry.mode, owner);
        case FileType::Symlink: return m_mount.make_symlink(path, entry.link, owner);
        case FileType::HardLink: return m_mount.link(joined(m_directory, entry.link), path);
        case FileType::CharDevice:
        case FileType::BlockDevice:
        case FileType::Fifo:
            return m_mount.make_node(path, entry.type, entry.mode, entry.device_major, entry.device_minor, owner);
        case FileType::Socket: break; // no tar has one
        }
        return {};
    }

    Result<void> fill(layer::Entry const& entry, std::string const& path)
    {
        std::string buffer(static_cast<std::size_t>(std::min<std::uint64_t>(entry.size, copy_buffer)), '\0');
        for (std::uint64_t offset = 0; offset < entry.size;) {
            auto const wanted = static_cast<std::size_t>(std::min<std::uint64_t>(entry.size - offset, buffer.size()));
            auto const got = TRY(m_tar.read_at(entry.offset + offset, std::span(buffer).first(wanted)));
            if (got == 0)
                return fail(ErrorKind::Corrupt, "the archive ends inside " + layer::printable(entry.path));
            TRY(m_mount.write(path, offset, std::string_view(buffer).substr(0, got)));
            offset += got;
        }
        return {};
    }

    Result<void> dress(layer::Entry const& entry, std::string const& path)
    {
        auto const now = TRY(m_mount.stat(path));
        if (now.uid != entry.uid || now.gid != entry.gid)
            TRY(m_mount.change_owner(path, entry.uid, entry.gid));
        for (auto const& [name, value] : entry.xattrs)
            TRY(m_mount.set_xattr(path, name, value));
        // chown(2) and write(2) take set-user-ID away; a symlink has no mode of its own.
        if (entry.type != FileType::Symlink && TRY(m_mount.stat(path)).mode != entry.mode)
            TRY(m_mount.change_mode(path, entry.mode));
        if (entry.type == FileType::Directory) {
            m_directories[path] = entry.mtime;
            return {};
        }
        return m_mount.set_times(path, entry.mtime, entry.mtime);
    }

    static constexpr Caller as_root { 0, 0, 0 };
    UnionMount& m_mount;
    std::string const& m_directory;
    content::ReadableFile const& m_tar;
    Overwrite m_overwrite;
    std::map<std::string, std::int64_t> m_directories;
};

}

Result<ArchiveCount> write_archive(
    UnionMount const& mount, std::string const& path, std::string const& name, ArchiveSink const& sink)
{
    ArchiveWriter writer(mount, sink);
    TRY(writer.add_tree(path, name));
    return writer.finish();
}

Result<std::uint64_t> apply_archive(UnionMount& mount, std::string const& directory,
    std::vector<layer::Entry> const& entries, content::ReadableFile const& tar, Overwrite overwrite)
{
    ArchiveReader reader(mount, directory, tar, overwrite);
    for (auto const& entry : entries)
        TRY_WITH("extracting " + layer::printable(entry.path), reader.apply(entry));
    TRY(reader.finish());
    return entries.size();
}

Result<void> remove_all(UnionMount& mount, std::string const& path)
{
    if (TRY(mount.stat(path)).type != FileType::Directory)
        return mount.unlink(path);
    for (auto const& child : TRY(mount.list(path)))
        TRY(remove_all(mount, joined(path, child.name)));
    return mount.remove_directory(path);
}

}
