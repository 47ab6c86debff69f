#include "engine/build/Copy.h"

#include "engine/layer/MemberName.h"
#include "sim/core/PathPattern.h"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <charconv>

namespace drydock::build {

using unionfs::Attributes;
using unionfs::FileType;
using unionfs::UnionMount;

namespace {

constexpr unionfs::Caller root_caller { 0, 0, 0 };

std::string below(std::string const& directory, std::string const& name)
{
    return directory == "/" ? "/" + name : directory + "/" + name;
}

// Gives a file's bytes to `take`, piece by piece.
Result<void> stream_file(
    UnionMount const& tree, std::string const& path, std::function<Result<void>(std::string_view)> const& take)
{
    std::string buffer(std::size_t { 256 } * 1024, '\0');
    for (std::uint64_t offset = 0;;) {
        auto const count = TRY(tree.read(path, offset, buffer));
        if (count == 0)
            return {};
        TRY(take(std::string_view(buffer).substr(0, count)));
        offset += count;
    }
}

Result<void> find_matches(UnionMount const& tree, std::string const& directory, PathPattern const& pattern,
    std::size_t depth, std::vector<Source>& found)
{
    auto const entries = TRY(tree.list(directory));
    for (auto const& [name, attributes] : entries) {
        auto const path = below(directory, name);
        if (pattern.matches(std::string_view(path).substr(1))) {
            auto const real = TRY_WITH("stat " + path.substr(1), tree.resolve(path));
            found.push_back({ &tree, real, name, is_directory(tree, real) });
        }
        // A wildcard spans no slash: only directories as deep as the pattern can hold a match.
        if (attributes.type == FileType::Directory && depth > 1)
            TRY(find_matches(tree, path, pattern, depth - 1, found));
    }
    return {};
}

class Checksum {
public:
    explicit Checksum(UnionMount const& tree)
        : m_tree(tree)
    {
    }

    Result<void> add(std::string const& path, std::string const& shown)
    {
        auto const a = TRY(m_tree.stat(path));
        bool const is_file = a.type == FileType::Regular;
        // Fields end in NUL, which no name holds: two trees never give the same text.
        auto text = fmt::format("{}{}{:o} {} {} {} {} {}{}", shown, '\0', a.mode, a.uid, a.gid,
            static_cast<int>(a.type), a.device_major, a.device_minor, '\0');
        if (is_file)
            text += fmt::format("{}{}", a.size, '\0');
        if (a.type == FileType::Symlink)
            text += TRY(m_tree.read_link(path)) + '\0';
        for (auto const& [name, value] : TRY(m_tree.xattrs(path)))
            text += fmt::format("{}={}:{}", name, value.size(), value);
        m_hasher.update(text);
        if (is_file)
            return stream_file(m_tree, path, [this](std::string_view bytes) -> Result<void> {
                m_hasher.update(bytes);
                return {};
            });
        if (a.type != FileType::Directory)
            return {};
        for (auto const& entry : TRY(m_tree.list(path)))
            TRY(add(below(path, entry.name), shown + "/" + entry.name));
        return {};
    }
    std::string finish() { return m_hasher.finish().hex(); }

private:
    UnionMount const& m_tree;
    oci::Hasher m_hasher;
};

class Copier {
public:
    Copier(UnionMount const& from, UnionMount& to, CopyOptions const& options)
        : m_from(from)
        , m_to(to)
        , m_options(options)
    {
    }

    Result<void> copy_content(std::string const& source, std::string const& target)
    {
        for (auto const& entry : TRY(m_from.list(source)))
            TRY(copy(below(source, entry.name), below(target, entry.name)));
        return {};
    }

    Result<void> copy(std::string const& source, std::string const& target)
    {
        auto const attributes = TRY_WITH(source, m_from.stat(source));
        auto const there = m_to.stat(target);
        if (attributes.type == FileType::Directory)
            return copy_directory(source, target, attributes, there);
        if (there && there->type == FileType::Directory)
            return fail(ErrorKind::Conflict, "cannot copy " + source + " over the directory " + target);
        if (there)
            TRY(m_to.unlink(target));
        if (attributes.links > 1) {
            auto const [first, is_first] = m_links.try_emplace(attributes.inode, target);
            if (!is_first)
                return m_to.link(first->second, target);
        }
        TRY_WITH("making " + target, make(source, target, attributes));
        return take_metadata(source, target, attributes);
    }

private:
    using There = Result<Attributes>;

    Result<void> copy_directory(
        std::string const& source, std::string const& target, Attributes const& attributes, There const& there)
    {
        if (there && there->type != FileType::Directory)
            TRY(m_to.unlink(target));
        if (!there || there->type != FileType::Directory)
            TRY_WITH("making " + target, m_to.make_directory(target, attributes.mode, root_caller));
        TRY(copy_content(source, target));
        return take_metadata(source, target, attributes);
    }

    Result<void> make(std::string const& source, std::string const& target, Attributes const& attributes)
    {
        switch (attributes.type) {
        case FileType::Regular: {
            TRY(m_to.create(target, attributes.mode, root_caller));
            std::uint64_t offset = 0;
            return stream_file(m_from, source, [&](std::string_view bytes) -> Result<void> {
                TRY(m_to.write(target, offset, bytes));
                offset += bytes.size();
                return {};
            });
        }
        case FileType::Symlink: {
            auto const link = TRY(m_from.read_link(source));
            return m_to.make_symlink(target, link, root_caller);
        }
        case FileType::Fifo:
        case FileType::CharDevice:
        case FileType::BlockDevice:
            // An archive is a tree of somebody's making; in a build context a device or a fifo is an accident.
            if (m_options.keep_owner)
                return m_to.make_node(target, attributes.type, attributes.mode, attributes.device_major,
                    attributes.device_minor, root_caller);
            return fail(ErrorKind::NotSupported,
                layer::printable(source) + " is no file, directory or symbolic link: it cannot be copied");
        case FileType::Directory:
        case FileType::HardLink:
        case FileType::Socket: break;
        }
        return fail(ErrorKind::NotSupported, layer::printable(source) + " cannot be copied");
    }

    Result<void> take_metadata(std::string const& source, std::string const& target, Attributes const& attributes)
    {
        auto const owner
            = m_options.owner.value_or(m_options.keep_owner ? Owner { attributes.uid, attributes.gid } : Owner {});
        if (owner.uid != 0 || owner.gid != 0 || attributes.type == FileType::Directory)
            TRY_WITH(target, m_to.change_owner(target, owner.uid, owner.gid));
        for (auto const& [name, value] : TRY(m_from.xattrs(source))) {
            auto const set = m_to.set_xattr(target, name, value);
            // Not every file system has them, and not every user may set them; docker goes on as well.
            if (!set && set.error().errno_code() != ENOTSUP && set.error().errno_code() != EPERM)
                return set;
        }
        if (attributes.type != FileType::Symlink)
            TRY_WITH(target, m_to.change_mode(target, m_options.mode.value_or(attributes.mode)));
        return m_to.set_times(target, attributes.mtime, attributes.mtime);
    }

    UnionMount const& m_from;
    UnionMount& m_to;
    CopyOptions const& m_options;
    std::map<std::uint64_t, std::string> m_links; // where the first name of an object went
};

// Whether a file, link or device would come out as another one; a directory is what lies in it.
bool differs(UnionMount const& from, std::string const& source, UnionMount const& to, std::string const& target)
{
    constexpr std::uint64_t read_at_most = 16 << 20;
    auto const a = from.stat(source);
    auto const b = to.stat(target);
    if (!a || !b || a->type != b->type || a->size != b->size)
        return a && (!b || a->type != b->type || a->type == FileType::Regular);
    if (a->type == FileType::Symlink)
        return from.read_link(source).value_or("") != to.read_link(target).value_or("");
    return a->type == FileType::Regular
        && from.read_all(source, read_at_most).value_or("") != to.read_all(target, read_at_most).value_or("");
}

std::optional<std::string> first_difference(
    UnionMount const& from, std::string const& source, UnionMount const& to, std::string const& target)
{
    if (differs(from, source, to, target))
        return source.substr(1);
    if (auto const attributes = from.stat(source); !attributes || attributes->type != FileType::Directory)
        return std::nullopt;
    auto const entries = from.list(source);
    if (!entries)
        return std::nullopt;
    for (auto const& entry : *entries) {
        if (auto found = first_difference(from, below(source, entry.name), to, below(target, entry.name)))
            return found;
    }
    return std::nullopt;
}

std::optional<std::uint32_t> as_id(std::string_view text)
{
    std::uint32_t id = 0;
    auto const [end, error] = std::from_chars(text.data(), text.data() + text.size(), id);
    bool const is_id = !text.empty() && error == std::errc() && end == text.data() + text.size();
    return is_id ? std::optional(id) : std::nullopt;
}

// The fields of the line "name:x:…" in a file like /etc/passwd.
std::optional<std::vector<std::string>> account_line(
    UnionMount const& tree, std::string const& file, std::string_view name, std::size_t field)
{
    auto const real = tree.resolve(file);
    auto const text = real ? tree.read_all(*real, 1 << 20) : Result<std::string>(fail(real.error()));
    if (!text)
        return std::nullopt;
    std::string_view rest = *text;
    while (!rest.empty()) {
        auto line = rest.substr(0, rest.find('\n'));
        rest.remove_prefix(std::min(line.size() + 1, rest.size()));
        std::vector<std::string> fields;
        for (std::size_t at = 0; at <= line.size();) {
            auto const end = std::min(line.find(':', at), line.size());
            fields.emplace_back(line.substr(at, end - at));
            at = end + 1;
        }
        if (fields.size() > field && fields.size() > 3 - (file == "/etc/group" ? 1 : 0) && fields[field] == name)
            return fields;
    }
    return std::nullopt;
}

}

std::string clean_absolute(std::string_view path)
{
    std::vector<std::string_view> parts;
    for (std::size_t at = 0; at <= path.size();) {
        auto const end = std::min(path.find('/', at), path.size());
        auto const part = path.substr(at, end - at);
        at = end + 1;
        if (part == "..") {
            if (!parts.empty())
                parts.pop_back();
        } else if (!part.empty() && part != ".") {
            parts.push_back(part);
        }
    }
    std::string clean;
    for (auto const part : parts)
        clean += "/" + std::string(part);
    return clean.empty() ? "/" : clean;
}

bool is_directory(UnionMount const& tree, std::string const& path)
{
    auto const real = tree.resolve(path);
    auto const attributes = real ? tree.stat(*real) : Result<Attributes>(fail(real.error()));
    return attributes && attributes->type == FileType::Directory;
}

Result<std::vector<Source>> find_sources(UnionMount const& tree, std::string const& pattern)
{
    // "../x" would be cleaned to "x" and copy something else than was asked for: docker refuses it.
    int depth = 0;
    for (std::size_t at = 0; at <= pattern.size();) {
        auto const end = std::min(pattern.find('/', at), pattern.size());
        auto const part = std::string_view(pattern).substr(at, end - at);
        at = end + 1;
        depth += part == ".." ? -1 : part.empty() || part == "." ? 0 : 1;
        if (depth < 0)
            return fail(ErrorKind::Forbidden, "forbidden path outside the build context: " + pattern + " ()");
    }
    auto const path = clean_absolute(pattern);
    auto const name = path.substr(path.rfind('/') + 1);
    // A name with a bracket in it may be meant as it stands.
    if (auto const real = tree.resolve(path); real && tree.stat(*real))
        return std::vector<Source> { { &tree, *real, name, is_directory(tree, *real) } };
    std::vector<Source> found;
    if (PathPattern::is_pattern(pattern)) {
        auto const parsed = TRY(PathPattern::parse(path.substr(1), PathPattern::Stars::WithinNames));
        auto const slashes = static_cast<std::size_t>(std::count(path.begin(), path.end(), '/'));
        TRY(find_matches(tree, "/", parsed, slashes, found));
        if (found.empty())
            return fail(ErrorKind::NotFound, "no source files were specified");
        return found;
    }
    return fail(ErrorKind::NotFound, "stat " + path.substr(1) + ": file does not exist");
}

Result<std::string> checksum(Source const& source)
{
    Checksum checksum(*source.tree);
    // A directory's own name does not come along, a file's does.
    TRY_WITH("reading " + source.path, checksum.add(source.path, source.is_directory ? "" : source.name));
    return (source.is_directory ? "dir:" : "file:") + checksum.finish();
}

Result<std::string> checksum(std::vector<Source> const& sources)
{
    if (sources.size() == 1)
        return checksum(sources.front());
    std::string all;
    for (auto const& source : sources)
        all += TRY(checksum(source)) + ",";
    return "multi:" + oci::Digest::of(all).hex();
}

std::optional<std::string> first_difference(Source const& source, UnionMount const& to, std::string const& target)
{
    auto const there = clean_absolute(target);
    if (!source.is_directory && !to.stat(there))
        return std::nullopt; // an archive that was unpacked, or a file that had another name
    return first_difference(*source.tree, source.path, to, there);
}

Result<Owner> find_owner(UnionMount const& tree, std::string const& text)
{
    auto const colon = text.find(':');
    auto const user = text.substr(0, colon);
    Owner owner;
    if (auto const id = as_id(user)) {
        owner = { *id, *id };
        if (auto const line = account_line(tree, "/etc/passwd", user, 2))
            owner.gid = as_id((*line)[3]).value_or(*id);
    } else if (auto const line = account_line(tree, "/etc/passwd", user, 0)) {
        owner = { as_id((*line)[2]).value_or(0), as_id((*line)[3]).value_or(0) };
    } else {
        return fail(ErrorKind::NotFound, "unable to find user " + user + ": no matching entries in passwd file");
    }
    if (colon == std::string::npos)
        return owner;
    auto const group = text.substr(colon + 1);
    if (auto const id = as_id(group))
        owner.gid = *id;
    else if (auto const line = account_line(tree, "/etc/group", group, 0))
        owner.gid = as_id((*line)[2]).value_or(0);
    else
        return fail(ErrorKind::NotFound, "unable to find group " + group + ": no matching entries in group file");
    return owner;
}

Result<std::string> make_directories(UnionMount& tree, std::string const& path)
{
    std::string real = "/";
    for (std::size_t at = 1; at < path.size();) {
        auto const end = std::min(path.find('/', at), path.size());
        auto const next = below(real, path.substr(at, end - at));
        at = end + 1;
        if (!tree.stat(next))
            TRY_WITH("making " + next, tree.make_directory(next, 0755, root_caller));
        real = TRY_WITH(next, tree.resolve(next));
        if (!is_directory(tree, real))
            return fail(ErrorKind::InvalidInput, next + " is not a directory");
    }
    return real;
}

Result<void> copy_into(Source const& source, UnionMount& to, std::string const& target, CopyOptions const& options)
{
    Copier copier(*source.tree, to, options);
    if (source.is_directory) {
        bool const is_new = !to.stat(target);
        auto const real = TRY(make_directories(to, clean_absolute(target)));
        TRY(copier.copy_content(source.path, real));
        if (is_new && options.owner)
            TRY(to.change_owner(real, options.owner->uid, options.owner->gid));
        return {};
    }
    auto const path = clean_absolute(target);
    auto const slash = path.rfind('/');
    auto const directory = TRY(make_directories(to, path.substr(0, slash + 1)));
    auto const place = below(directory, path.substr(slash + 1));
    // A link at the place itself is followed: what it points to is replaced.
    auto const real = to.resolve(place);
    return copier.copy(source.path, real ? *real : place);
}

}
