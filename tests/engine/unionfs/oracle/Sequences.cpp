#include "tests/engine/unionfs/oracle/Sequences.h"

#include <dirent.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>

namespace drydock::tests {

using unionfs::Attributes;
using unionfs::FileType;

namespace {

constexpr std::int64_t second = 1'000'000'000;
constexpr std::int64_t year_2010 = 1'262'304'000LL * second;
constexpr unionfs::Caller root { 0, 0, 0 };

char letter(FileType type)
{
    switch (type) {
    case FileType::Directory: return 'd';
    case FileType::Symlink: return 'l';
    case FileType::CharDevice: return 'c';
    case FileType::BlockDevice: return 'b';
    case FileType::Fifo: return 'p';
    case FileType::Socket: return 's';
    case FileType::Regular:
    case FileType::HardLink: return '-';
    }
    return '?';
}

// Times of the layers are old and must survive; times of the test run differ from world to world. Directories have no
// comparable size.
std::string told_of(Attributes const& a)
{
    auto const size = a.type == FileType::Directory ? 0 : a.size;
    auto const time = a.mtime < year_2010 ? std::to_string(a.mtime / second) : "now";
    return fmt::format("{}{:o} {}:{} links {} size {} {}", letter(a.type), a.mode, a.uid, a.gid, a.links, size, time);
}

Attributes attributes_of(struct stat const& s)
{
    Attributes a;
    a.type = S_ISDIR(s.st_mode) ? FileType::Directory
        : S_ISLNK(s.st_mode)    ? FileType::Symlink
        : S_ISCHR(s.st_mode)    ? FileType::CharDevice
        : S_ISFIFO(s.st_mode)   ? FileType::Fifo
                                : FileType::Regular;
    a.mode = s.st_mode & 07777;
    a.uid = s.st_uid;
    a.gid = s.st_gid;
    a.size = static_cast<std::uint64_t>(s.st_size);
    a.mtime = s.st_mtim.tv_sec * second + s.st_mtim.tv_nsec;
    a.links = s.st_nlink;
    return a;
}

Outcome outcome(Result<void> const& result)
{
    return { result ? 0 : result.error().errno_code(), {} };
}

Outcome outcome(int result)
{
    return { result < 0 ? errno : 0, {} };
}

template <class T, class Tell> Outcome outcome(Result<T> const& result, Tell const& tell)
{
    return result ? Outcome { 0, tell(*result) } : Outcome { result.error().errno_code(), {} };
}

std::string told_of(std::vector<unionfs::DirectoryEntry> const& entries)
{
    std::string text;
    for (auto const& entry : entries)
        text += fmt::format("{}{} ", letter(entry.attributes.type), entry.name);
    return text;
}

std::string told_of(std::map<std::string, std::string> const& xattrs)
{
    std::string text;
    for (auto const& [name, value] : xattrs)
        text += name + "=" + value + " ";
    return text;
}

// Opening a fifo waits for the other side, and devices are not ours to read.
bool is_special(FileType type)
{
    return type == FileType::Fifo || type == FileType::CharDevice;
}

}

std::string to_string(Operation const& o)
{
    static constexpr char const* names[] { "create", "write", "append", "truncate", "read", "mkdir", "rmdir", "unlink",
        "rename", "link", "symlink", "mkfifo", "chmod", "chown", "utimens", "setxattr", "removexattr", "listxattr",
        "stat", "readdir", "readlink" };
    return fmt::format("{} {} {} {}", names[static_cast<std::size_t>(o.call)], o.path, o.other, o.number);
}

std::string random_path(Random& random)
{
    std::string path;
    for (auto depth = random.below(3) + 1; depth > 0; --depth)
        path += std::string(path.empty() ? "" : "/") + "abcd"[random.below(4)];
    return path;
}

Operation random_operation(Random& random)
{
    Operation o { static_cast<Call>(random.below(call_count)), random_path(random), random_path(random),
        random.below(4096) };
    if (o.call == Call::Link || o.call == Call::Stat || o.call == Call::ReadLink) // more of what changes most
        o.call = random.below(2) == 0 ? Call::Rename : o.call;
    return o;
}

std::vector<LayerBuilder> random_layers(Random& random)
{
    std::vector<LayerBuilder> layers(random.below(4) + 1);
    for (auto& layer : layers) {
        std::vector<std::string> files;
        for (auto entries = random.below(12) + 1; entries > 0; --entries) {
            auto const path = random_path(random);
            std::erase_if(
                files, [&](auto& f) { return f == path || path.starts_with(f + "/") || f.starts_with(path + "/"); });
            auto const kind = random.below(20);
            if (kind < 8) {
                layer.directory(path, kind % 2 == 0 ? 0755 : 02710);
            } else if (kind < 13) {
                layer.file(
                    path, "content of " + path + std::to_string(random.below(1000)), kind % 2 == 0 ? 0644 : 04755);
                files.push_back(path);
            } else if (kind < 15) {
                layer.symlink(path, random_path(random));
            } else if (kind < 17) {
                layer.whiteout(path);
            } else if (kind < 18) {
                layer.opaque(random.below(8) == 0 ? "" : path);
            } else if (kind < 19 && !files.empty()) {
                layer.hard_link(path, files[random.below(files.size())]);
            } else {
                layer::Entry fifo { .path = path, .type = FileType::Fifo, .mode = 0640, .uid = 7, .gid = 8 };
                layer.entry(fifo);
            }
        }
    }
    return layers;
}

// ---- On a UnionMount ----

Outcome perform_on_union(unionfs::UnionMount& mount, Operation const& o)
{
    auto const path = "/" + o.path;
    auto const before = mount.stat(path);
    auto const permissions = static_cast<std::uint32_t>(o.number & 0777);
    bool const special = before && is_special(before->type);
    switch (o.call) {
    case Call::Create: return outcome(mount.create(path, permissions, root));
    case Call::Write: return special ? Outcome {} : outcome(mount.write(path, o.number, o.other));
    case Call::Append: return special ? Outcome {} : outcome(mount.write(path, before ? before->size : 0, o.other));
    case Call::Truncate: return special ? Outcome {} : outcome(mount.truncate(path, o.number % 3 == 0 ? 0 : o.number));
    case Call::Read: return special ? Outcome {} : outcome(mount.read_all(path), [](auto& content) { return content; });
    case Call::MakeDirectory: return outcome(mount.make_directory(path, permissions, root));
    case Call::RemoveDirectory: return outcome(mount.remove_directory(path));
    case Call::Unlink: return outcome(mount.unlink(path));
    case Call::Rename: return outcome(mount.rename(path, "/" + o.other));
    case Call::Link: return outcome(mount.link(path, "/" + o.other));
    case Call::Symlink: return outcome(mount.make_symlink(path, o.other, root));
    case Call::MakeFifo: return outcome(mount.make_node(path, FileType::Fifo, permissions, 0, 0, root));
    case Call::ChangeMode: return outcome(mount.change_mode(path, static_cast<std::uint32_t>(o.number)));
    case Call::ChangeOwner:
        return outcome(mount.change_owner(
            path, static_cast<std::uint32_t>(o.number % 5), static_cast<std::uint32_t>(o.number % 7)));
    case Call::SetTimes: return outcome(mount.set_times(path, second, static_cast<std::int64_t>(o.number) * second));
    case Call::SetXattr: return outcome(mount.set_xattr(path, "user.test", o.other));
    case Call::RemoveXattr: return outcome(mount.remove_xattr(path, "user.test"));
    case Call::ListXattrs: return outcome(mount.xattrs(path), [](auto& xattrs) { return told_of(xattrs); });
    case Call::Stat: return outcome(before, [](auto& a) { return told_of(a); });
    case Call::List: return outcome(mount.list(path), [](auto& entries) { return told_of(entries); });
    case Call::ReadLink: return outcome(mount.read_link(path), [](auto& target) { return target; });
    }
    return {};
}

// ---- By system calls ----

namespace {

Outcome with_open(std::string const& path, int flags, std::function<int(int)> const& use)
{
    int const fd = ::open(path.c_str(), flags | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0)
        return outcome(fd);
    auto const result = outcome(use(fd));
    ::close(fd);
    return result;
}

Outcome read_whole(std::string const& path)
{
    std::string content(65536, '\0');
    auto result = with_open(path, O_RDONLY, [&](int fd) {
        auto const got = ::read(fd, content.data(), content.size());
        content.resize(got < 0 ? 0 : static_cast<std::size_t>(got));
        return static_cast<int>(got);
    });
    result.told = result.error == 0 ? content : "";
    return result;
}

Outcome list_names(std::string const& path)
{
    auto* const stream = ::fdopendir(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
    if (stream == nullptr) {
        // The flags say "no symlink" where a union's list says "no directory".
        struct stat s { };
        return { ::lstat(path.c_str(), &s) == 0 ? ENOTDIR : errno, {} };
    }
    std::map<std::string, std::string> names;
    while (auto const* entry = ::readdir(stream)) {
        std::string const name = entry->d_name;
        struct stat s { };
        if (name != "." && name != ".." && ::lstat((path + "/" + name).c_str(), &s) == 0)
            names[name] = fmt::format("{}{} ", letter(attributes_of(s).type), name);
    }
    ::closedir(stream);
    Outcome result;
    for (auto const& [name, text] : names)
        result.told += text;
    return result;
}

Outcome list_xattrs(std::string const& path)
{
    std::string names(4096, '\0');
    auto const length = ::llistxattr(path.c_str(), names.data(), names.size());
    if (length < 0)
        return outcome(static_cast<int>(length));
    std::map<std::string, std::string> xattrs;
    for (std::size_t at = 0; at < static_cast<std::size_t>(length); at = names.find('\0', at) + 1) {
        std::string value(4096, '\0');
        auto const size = ::lgetxattr(path.c_str(), names.c_str() + at, value.data(), value.size());
        value.resize(size < 0 ? 0 : static_cast<std::size_t>(size));
        xattrs[names.c_str() + at] = value;
    }
    return { 0, told_of(xattrs) };
}

Outcome read_link_of(std::string const& path)
{
    std::string target(4096, '\0');
    auto const length = ::readlink(path.c_str(), target.data(), target.size());
    if (length < 0)
        return outcome(static_cast<int>(length));
    target.resize(static_cast<std::size_t>(length));
    return { 0, target };
}

}

Outcome perform_in_directory(std::string const& directory, Operation const& o)
{
    auto const path = directory + "/" + o.path;
    auto const other = directory + "/" + o.other;
    struct stat s { };
    bool const exists = ::lstat(path.c_str(), &s) == 0;
    auto const stat_error = exists ? 0 : errno;
    auto const attributes = attributes_of(s);
    bool const special = exists && is_special(attributes.type);
    auto const mode = static_cast<mode_t>(o.number & 0777);
    auto const write = [&](off_t at) {
        return with_open(
            path, O_WRONLY, [&](int fd) { return static_cast<int>(::pwrite(fd, o.other.data(), o.other.size(), at)); });
    };
    switch (o.call) {
    case Call::Create: {
        int const fd = ::open(path.c_str(), O_CREAT | O_EXCL | O_WRONLY | O_NOFOLLOW | O_CLOEXEC, mode);
        auto const result = outcome(fd);
        if (fd >= 0)
            ::close(fd);
        return result;
    }
    case Call::Write: return special ? Outcome {} : write(static_cast<off_t>(o.number));
    case Call::Append: return special ? Outcome {} : write(s.st_size);
    case Call::Truncate:
        return special ? Outcome {} : with_open(path, O_WRONLY, [&](int fd) {
            return ::ftruncate(fd, o.number % 3 == 0 ? 0 : static_cast<off_t>(o.number));
        });
    case Call::Read: return special ? Outcome {} : read_whole(path);
    case Call::MakeDirectory: return outcome(::mkdir(path.c_str(), mode));
    case Call::RemoveDirectory: return outcome(::rmdir(path.c_str()));
    case Call::Unlink: return outcome(::unlink(path.c_str()));
    case Call::Rename: return outcome(::rename(path.c_str(), other.c_str()));
    case Call::Link: return outcome(::link(path.c_str(), other.c_str()));
    case Call::Symlink: return outcome(::symlink(o.other.c_str(), path.c_str()));
    case Call::MakeFifo: return outcome(::mkfifo(path.c_str(), mode));
    case Call::ChangeMode:
        return outcome(::fchmodat(AT_FDCWD, path.c_str(), static_cast<mode_t>(o.number) & 07777, AT_SYMLINK_NOFOLLOW));
    case Call::ChangeOwner:
        return outcome(::lchown(path.c_str(), static_cast<uid_t>(o.number % 5), static_cast<gid_t>(o.number % 7)));
    case Call::SetTimes: {
        timespec const times[2] { { 1, 0 }, { static_cast<time_t>(o.number), 0 } };
        return outcome(::utimensat(AT_FDCWD, path.c_str(), times, AT_SYMLINK_NOFOLLOW));
    }
    case Call::SetXattr: return outcome(::lsetxattr(path.c_str(), "user.test", o.other.data(), o.other.size(), 0));
    case Call::RemoveXattr: return outcome(::lremovexattr(path.c_str(), "user.test"));
    case Call::ListXattrs: return list_xattrs(path);
    case Call::Stat: return exists ? Outcome { 0, told_of(attributes) } : Outcome { stat_error, {} };
    case Call::List: return list_names(path);
    case Call::ReadLink: return read_link_of(path);
    }
    return {};
}

// ---- Whole trees ----

namespace {

using Perform = std::function<Outcome(Operation const&)>;

void append_tree(Perform const& perform, std::string const& path, std::string& text)
{
    auto const told = [&](Call call) { return perform({ call, path, {}, 0 }).told; };
    auto const stat = told(Call::Stat);
    text += fmt::format("{}: {} xattrs {}", path, stat, told(Call::ListXattrs));
    if (stat.starts_with('-'))
        text += " content " + told(Call::Read);
    if (stat.starts_with('l'))
        text += " -> " + told(Call::ReadLink);
    text += '\n';
    if (!stat.starts_with('d'))
        return;
    auto const names = told(Call::List);
    for (std::size_t at = 0; at < names.size();) {
        auto const end = names.find(' ', at);
        auto const name = names.substr(at + 1, end - at - 1);
        append_tree(perform, path.empty() ? name : path + "/" + name, text);
        at = end + 1;
    }
}

void append_marks(unionfs::Branch const& branch, std::string const& path, std::string& text)
{
    for (auto const& [name, found] : REQUIRE_OK(branch.list(path))) {
        auto const child = path.empty() ? name : path + "/" + name;
        bool const hides = found.lookup == unionfs::Lookup::WhitedOut;
        text += child + (hides ? " whiteout" : std::string(" ") + letter(found.attributes.type));
        text += found.opaque ? " opaque\n" : "\n";
        if (!hides && found.attributes.type == FileType::Directory)
            append_marks(branch, child, text);
    }
}

}

std::string tree_of(unionfs::UnionMount const& mount)
{
    std::string text;
    // Only asks.
    auto& asked = const_cast<unionfs::UnionMount&>(mount);
    append_tree([&](auto& operation) { return perform_on_union(asked, operation); }, "", text);
    return text;
}

std::string tree_of_directory(std::string const& directory)
{
    std::string text;
    append_tree([&](auto& operation) { return perform_in_directory(directory, operation); }, "", text);
    return text;
}

std::string marks_of(unionfs::Branch const& branch)
{
    std::string text;
    append_marks(branch, "", text);
    return text;
}

}
