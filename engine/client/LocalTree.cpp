#include "engine/client/LocalTree.h"

#include "engine/layer/TarReader.h"
#include "engine/layer/TarWriter.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>

namespace drydock::client {

namespace fs = std::filesystem;
using layer::Entry;
using layer::FileType;

namespace {

using File = std::shared_ptr<std::FILE>;

File temporary_file()
{
    auto* const file = std::tmpfile();
    return file == nullptr ? File() : File(file, std::fclose);
}

std::optional<FileType> type_of(mode_t mode)
{
    switch (mode & S_IFMT) {
    case S_IFREG: return FileType::Regular;
    case S_IFDIR: return FileType::Directory;
    case S_IFLNK: return FileType::Symlink;
    case S_IFCHR: return FileType::CharDevice;
    case S_IFBLK: return FileType::BlockDevice;
    case S_IFIFO: return FileType::Fifo;
    default: return std::nullopt; // a socket
    }
}

class Packer {
public:
    explicit Packer(File file)
        : m_file(std::move(file))
    {
    }

    Result<void> add_tree(fs::path const& path, std::string const& name, Symlinks symlinks)
    {
        struct stat status { };
        auto const found
            = symlinks == Symlinks::Followed ? ::stat(path.c_str(), &status) : ::lstat(path.c_str(), &status);
        if (found != 0)
            return fail(Error::from_errno("stat(2)", errno).with_context(path.string()));
        auto const type = type_of(status.st_mode);
        if (!type)
            return {};
        if (name != ".")
            TRY(add(path, name, *type, status));
        if (*type != FileType::Directory)
            return {};
        std::vector<std::string> names;
        std::error_code error;
        for (auto const& entry : fs::directory_iterator(path, error))
            names.push_back(entry.path().filename().string());
        if (error)
            return fail(Error::from_errno("getdents64(2)", error.value()).with_context(path.string()));
        std::sort(names.begin(), names.end());
        for (auto const& child : names)
            TRY(add_tree(path / child, name == "." ? child : name + "/" + child, Symlinks::Kept));
        return {};
    }

    Result<void> finish()
    {
        TRY(m_tar.finish());
        std::rewind(m_file.get());
        return {};
    }

private:
    Result<void> put(std::string_view bytes)
    {
        if (!m_file || std::fwrite(bytes.data(), 1, bytes.size(), m_file.get()) != bytes.size())
            return fail(Error::from_errno("write(2)", errno).with_context("writing a temporary file"));
        return {};
    }

    Result<void> add(fs::path const& path, std::string const& name, FileType type, struct stat const& status)
    {
        Entry entry;
        entry.path = name;
        entry.type = type;
        entry.mode = status.st_mode & 07777U;
        entry.uid = status.st_uid;
        entry.gid = status.st_gid;
        entry.size = type == FileType::Regular ? static_cast<std::uint64_t>(status.st_size) : 0;
        entry.mtime = status.st_mtim.tv_sec * 1'000'000'000LL + status.st_mtim.tv_nsec;
        entry.device_major = major(status.st_rdev);
        entry.device_minor = minor(status.st_rdev);
        std::error_code error;
        if (type == FileType::Symlink)
            entry.link = fs::read_symlink(path, error).string();
        TRY(m_tar.begin(entry));
        return type == FileType::Regular ? add_content(path, entry.size) : Result<void>();
    }

    Result<void> add_content(fs::path const& path, std::uint64_t size)
    {
        std::unique_ptr<std::FILE, int (*)(std::FILE*)> const file(std::fopen(path.c_str(), "rbe"), std::fclose);
        if (!file)
            return fail(Error::from_errno("open(2)", errno).with_context(path.string()));
        std::array<char, 65536> buffer {};
        for (std::uint64_t left = size; left > 0;) {
            auto const wanted = static_cast<std::size_t>(std::min<std::uint64_t>(left, buffer.size()));
            if (std::fread(buffer.data(), 1, wanted, file.get()) != wanted)
                return fail(ErrorKind::Io, path.string() + " became shorter while it was read");
            TRY(m_tar.write({ buffer.data(), wanted }));
            left -= wanted;
        }
        return {};
    }

    File m_file;
    layer::TarWriter m_tar { [this](std::string_view bytes) { return put(bytes); } };
};

}

Result<std::function<Result<std::string>()>> pack(fs::path const& path, std::string const& name, Symlinks symlinks)
{
    auto const file = temporary_file();
    Packer packer(file);
    TRY(packer.add_tree(path, name, symlinks));
    TRY(packer.finish());
    return [file]() -> Result<std::string> {
        std::string piece(65536, '\0');
        piece.resize(std::fread(piece.data(), 1, piece.size(), file.get()));
        return piece;
    };
}

struct Unpacker::Impl {
    File file { temporary_file() };
    layer::TarReader reader;

    // Nothing that the tar made may lead elsewhere.
    static Result<void> check_parents(fs::path const& directory, fs::path const& relative)
    {
        auto at = directory;
        for (auto const& part : relative.parent_path()) {
            at /= part;
            std::error_code error;
            auto const status = fs::symlink_status(at, error);
            if (status.type() == fs::file_type::not_found)
                fs::create_directory(at, error);
            else if (status.type() != fs::file_type::directory)
                return fail(ErrorKind::InvalidInput, at.string() + " is no directory; refusing to write through it");
        }
        return {};
    }

    Result<void> copy_content(Entry const& entry, fs::path const& to)
    {
        std::unique_ptr<std::FILE, int (*)(std::FILE*)> const out(std::fopen(to.c_str(), "wbxe"), std::fclose);
        if (!out)
            return fail(Error::from_errno("open(2)", errno).with_context(to.string()));
        std::array<char, 65536> buffer {};
        if (std::fseek(file.get(), static_cast<long>(entry.offset), SEEK_SET) != 0)
            return fail(Error::from_errno("lseek(2)", errno));
        for (std::uint64_t left = entry.size; left > 0;) {
            auto const wanted = static_cast<std::size_t>(std::min<std::uint64_t>(left, buffer.size()));
            auto const got = std::fread(buffer.data(), 1, wanted, file.get());
            if (got == 0 || std::fwrite(buffer.data(), 1, got, out.get()) != got)
                return fail(Error::from_errno("write(2)", errno).with_context(to.string()));
            left -= got;
        }
        return {};
    }

    Result<void> extract(Entry const& entry, fs::path const& directory, std::string const& name,
        std::function<std::string(std::string const&)> const& rename)
    {
        auto const to = directory / name;
        TRY(check_parents(directory, name));
        std::error_code error;
        auto const there = fs::symlink_status(to, error).type();
        if (entry.type == FileType::Directory) {
            if (there != fs::file_type::directory && there != fs::file_type::not_found)
                return fail(
                    ErrorKind::InvalidInput, "cannot overwrite non-directory \"" + to.string() + "\" with directory");
            fs::create_directory(to, error);
            ::chmod(to.c_str(), entry.mode);
            return {};
        }
        if (there == fs::file_type::directory)
            return fail(
                ErrorKind::InvalidInput, "cannot overwrite directory \"" + to.string() + "\" with non-directory");
        fs::remove(to, error);
        if (entry.type == FileType::Symlink)
            fs::create_symlink(entry.link, to, error);
        else if (entry.type == FileType::HardLink)
            fs::create_hard_link(directory / rename(entry.link), to, error);
        else if (entry.type == FileType::Regular)
            TRY(copy_content(entry, to));
        else
            return {}; // devices and fifos are the container's affair
        if (error)
            return fail(Error::from_errno("link(2)", error.value()).with_context(to.string()));
        dress(entry, to);
        return {};
    }

    static void dress(Entry const& entry, fs::path const& to)
    {
        // Only root may give files away; everybody else gets them.
        if (::geteuid() == 0)
            static_cast<void>(::lchown(to.c_str(), entry.uid, entry.gid));
        if (entry.type == FileType::Regular)
            ::chmod(to.c_str(), entry.mode);
        timespec const time { entry.mtime / 1'000'000'000, entry.mtime % 1'000'000'000 };
        timespec const times[2] { time, time };
        ::utimensat(AT_FDCWD, to.c_str(), times, AT_SYMLINK_NOFOLLOW);
    }
};

Unpacker::Unpacker()
    : m_impl(std::make_unique<Impl>())
{
}

Unpacker::~Unpacker() = default;

Result<void> Unpacker::write(std::string_view bytes)
{
    TRY(m_impl->reader.write(bytes));
    if (!m_impl->file || std::fwrite(bytes.data(), 1, bytes.size(), m_impl->file.get()) != bytes.size())
        return fail(Error::from_errno("write(2)", errno).with_context("writing a temporary file"));
    return {};
}

Result<void> Unpacker::finish(fs::path const& directory, std::string const& renamed)
{
    auto const rename = [&](std::string const& name) {
        if (renamed.empty())
            return name;
        auto const slash = name.find('/');
        return slash == std::string::npos ? renamed : renamed + name.substr(slash);
    };
    for (auto const& entry : TRY(m_impl->reader.finish())) {
        if (!entry.path.empty())
            TRY(m_impl->extract(entry, directory, rename(entry.path), rename));
    }
    return {};
}

}
