#include "engine/unionfs/LayerDiff.h"

#include "engine/layer/MemberName.h"
#include "engine/layer/TarWriter.h"

#include <algorithm>

namespace drydock::unionfs {

namespace {

constexpr std::int64_t second = 1'000'000'000;

class DiffWriter {
public:
    DiffWriter(Branch const& sheet, UnionMount const& below, layer::ByteSink const& sink)
        : m_sheet(sheet)
        , m_below(below)
        , m_tar(sink)
    {
    }

    Result<std::uint64_t> run()
    {
        TRY(write_children("", Below::Visible));
        TRY(m_tar.finish());
        return m_members;
    }

private:
    // Whether the layers' directory of the same name shows through.
    enum class Below : std::uint8_t { Visible, Hidden };

    Result<void> write_children(std::string const& path, Below below)
    {
        for (auto const& [name, found] : TRY(m_sheet.list(path))) {
            auto const child = path.empty() ? name : path + "/" + name;
            if (found.lookup == Lookup::WhitedOut)
                TRY(write_whiteout(path, name, below));
            else
                TRY(write_object(child, name, found, below));
        }
        return {};
    }

    Result<void> write_whiteout(std::string const& directory, std::string const& name, Below below)
    {
        auto const child = directory.empty() ? name : directory + "/" + name;
        if (below == Below::Hidden || !m_below.stat("/" + child))
            return {};
        return write_mark(directory, std::string(layer::whiteout_prefix) + name);
    }

    // A mark is an empty file. Its time says nothing, so it has none.
    Result<void> write_mark(std::string const& directory, std::string const& name)
    {
        layer::Entry mark;
        mark.path = directory.empty() ? name : directory + "/" + name;
        mark.mode = 0;
        ++m_members;
        return m_tar.add(mark);
    }

    Result<void> write_object(std::string const& path, std::string const& name, Found const& found, Below below)
    {
        if (name.starts_with(layer::whiteout_prefix))
            return fail(ErrorKind::InvalidInput,
                "/" + path + " cannot be written into a layer: names that begin with .wh. stand for deletions there");
        if (found.attributes.type == FileType::Socket)
            return {};
        auto const entry = TRY_WITH("/" + path, describe(path, found.attributes));
        ++m_members;
        if (entry.type == FileType::Directory) {
            TRY(m_tar.add(entry));
            return write_directory(path, found, below);
        }
        return entry.type == FileType::Regular ? write_file(entry) : m_tar.add(entry);
    }

    Result<void> write_directory(std::string const& path, Found const& found, Below below)
    {
        if (below == Below::Visible) {
            auto const under = m_below.stat("/" + path);
            bool const merges = under && under->type == FileType::Directory;
            if (merges && found.opaque && !TRY(m_below.list("/" + path)).empty())
                TRY(write_mark(path, std::string(layer::opaque_marker)));
            if (!merges || found.opaque)
                below = Below::Hidden;
        }
        return write_children(path, below);
    }

    Result<layer::Entry> describe(std::string const& path, Attributes const& attributes)
    {
        layer::Entry entry;
        entry.path = path;
        entry.type = attributes.type;
        entry.mode = attributes.mode;
        entry.uid = attributes.uid;
        entry.gid = attributes.gid;
        entry.mtime = std::max<std::int64_t>(attributes.mtime, 0) / second * second;
        if (attributes.type != FileType::Directory && attributes.links > 1) {
            auto const [first, is_first] = m_first_names.try_emplace(attributes.inode, path);
            if (!is_first) {
                entry.type = FileType::HardLink;
                entry.link = first->second;
                return entry;
            }
        }
        if (attributes.type == FileType::Regular)
            entry.size = attributes.size;
        if (attributes.type == FileType::Symlink)
            entry.link = TRY(m_sheet.read_link(path));
        if (attributes.type == FileType::CharDevice || attributes.type == FileType::BlockDevice) {
            entry.device_major = attributes.device_major;
            entry.device_minor = attributes.device_minor;
        }
        entry.xattrs = TRY(m_sheet.xattrs(path));
        entry.xattrs.erase("security.selinux"); // the host's label
        return entry;
    }

    Result<void> write_file(layer::Entry const& entry)
    {
        auto const file = TRY_WITH("/" + entry.path, m_sheet.open(entry.path));
        TRY(m_tar.begin(entry));
        for (std::uint64_t offset = 0; offset < entry.size;) {
            auto const wanted = std::min<std::uint64_t>(m_buffer.size(), entry.size - offset);
            auto const count = TRY_WITH("/" + entry.path, file->read_at(offset, std::span(m_buffer).first(wanted)));
            if (count == 0)
                return fail(ErrorKind::Conflict, "/" + entry.path + " became shorter while it was read");
            TRY(m_tar.write({ m_buffer.data(), count }));
            offset += count;
        }
        return {};
    }

    Branch const& m_sheet;
    UnionMount const& m_below;
    layer::TarWriter m_tar;
    std::uint64_t m_members { 0 };
    std::map<std::uint64_t, std::string> m_first_names; // of hard links, by inode
    std::string m_buffer = std::string(std::size_t { 256 } * 1024, '\0');
};

}

Result<std::uint64_t> write_layer_diff(Branch const& sheet, UnionMount const& below, layer::ByteSink const& sink)
{
    return DiffWriter(sheet, below, sink).run();
}

}
