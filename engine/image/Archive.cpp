#include "engine/image/Archive.h"

#include "engine/layer/Decompressor.h"
#include "engine/layer/Limits.h"
#include "engine/layer/TarReader.h"

#include <algorithm>

namespace drydock::image {

namespace {

constexpr std::size_t archive_piece = 256 * 1024;
constexpr int max_links = 8; // from one member to the next; docker 20.10 writes a repeated layer as a symlink

// "layers/../blobs/x" → "blobs/x"; nothing where it leads out.
std::optional<std::string> resolve_link(std::string const& from, std::string const& link)
{
    std::vector<std::string> parts;
    std::string const path = link.starts_with('/') ? link : from.substr(0, from.rfind('/') + 1) + link;
    for (std::size_t begin = 0; begin <= path.size();) {
        auto const end = std::min(path.find('/', begin), path.size());
        auto const part = path.substr(begin, end - begin);
        begin = end + 1;
        if (part == "..") {
            if (parts.empty())
                return std::nullopt;
            parts.pop_back();
        } else if (!part.empty() && part != ".") {
            parts.push_back(part);
        }
    }
    std::string joined;
    for (auto const& part : parts)
        joined += (joined.empty() ? "" : "/") + part;
    return joined;
}

}

oci::Compression compression_of(std::string_view first_bytes)
{
    if (first_bytes.starts_with("\x1f\x8b"))
        return oci::Compression::Gzip;
    if (first_bytes.starts_with("\x28\xb5\x2f\xfd"))
        return oci::Compression::Zstd;
    return oci::Compression::None;
}

Result<std::unique_ptr<Archive>> Archive::receive(content::Storage& storage, std::string key, Source const& source)
{
    std::unique_ptr<Archive> archive(new Archive(storage, std::move(key)));
    TRY(archive->take(source));
    return archive;
}

Archive::~Archive()
{
    m_file.reset();
    static_cast<void>(m_storage.remove(m_key)); // absent where it was refused at once
}

Result<void> Archive::take(Source const& source)
{
    std::string buffer(archive_piece, '\0');
    std::size_t filled = 0;
    // Enough to tell the compression by.
    while (filled < 4) {
        auto const count = TRY(source(std::span(buffer).subspan(filled)));
        if (count == 0)
            break;
        filled += count;
    }
    auto const decompressor = layer::make_decompressor(compression_of(std::string_view(buffer).substr(0, filled)));
    layer::TarReader reader;
    {
        auto const file = TRY(m_storage.append(m_key));
        std::uint64_t compressed = 0;
        auto const sink = [&](std::string_view bytes) -> Result<void> {
            if (layer::limits::is_bomb(reader.size() + bytes.size(), compressed))
                return fail(ErrorKind::LimitExceeded, "the archive unpacks to far more than it is");
            TRY(reader.write(bytes));
            return file->append(bytes);
        };
        while (filled > 0) {
            compressed += filled;
            TRY_WITH("reading the archive", decompressor->write(std::string_view(buffer).substr(0, filled), sink));
            filled = TRY(source(buffer));
        }
        TRY_WITH("reading the archive", decompressor->finish());
        TRY(file->sync());
    }
    auto entries = TRY_WITH("reading the archive", reader.finish());
    for (auto& entry : entries) {
        auto name = entry.path;
        m_members.insert_or_assign(std::move(name), std::move(entry)); // the last of a name counts
    }
    m_file = TRY(m_storage.open(m_key));
    return {};
}

Result<Member> Archive::find(std::string const& name) const
{
    auto at = name;
    for (int links = 0; links <= max_links; ++links) {
        auto const member = m_members.find(at);
        if (member == m_members.end())
            break;
        auto const& entry = member->second;
        if (entry.type == layer::FileType::Regular)
            return Member { entry.offset, entry.size };
        auto const next = entry.type == layer::FileType::Symlink ? resolve_link(at, entry.link)
            : entry.type == layer::FileType::HardLink            ? std::optional(entry.link)
                                                                 : std::nullopt;
        if (!next)
            break;
        at = *next;
    }
    return fail(ErrorKind::NotFound, "the archive has no file " + name);
}

Result<std::string> Archive::read(std::string const& name, std::uint64_t limit) const
{
    auto const member = TRY(find(name));
    if (member.size > limit)
        return fail(ErrorKind::LimitExceeded, name + " is longer than " + human_size(limit));
    std::string text;
    TRY(copy(member, [&](std::string_view piece) -> Result<void> {
        text += piece;
        return {};
    }));
    return text;
}

Result<void> Archive::copy(Member const& member, std::function<Result<void>(std::string_view)> const& sink) const
{
    std::string buffer(archive_piece, '\0');
    for (std::uint64_t done = 0; done < member.size;) {
        auto const want = std::min<std::uint64_t>(buffer.size(), member.size - done);
        auto const count = TRY(m_file->read_at(member.offset + done, std::span(buffer).first(want)));
        if (count == 0)
            return fail(ErrorKind::Corrupt, "the archive ends in the middle of a file");
        TRY(sink(std::string_view(buffer).substr(0, count)));
        done += count;
    }
    return {};
}

}
