#include "engine/runtime/UnionFileSystem.h"

namespace drydock::runtime {

namespace {

kernel::FileType type_of(unionfs::FileType type)
{
    switch (type) {
    case unionfs::FileType::Directory: return kernel::FileType::Directory;
    case unionfs::FileType::Symlink: return kernel::FileType::Symlink;
    case unionfs::FileType::CharDevice: return kernel::FileType::CharDevice;
    case unionfs::FileType::BlockDevice: return kernel::FileType::BlockDevice;
    case unionfs::FileType::Fifo: return kernel::FileType::Fifo;
    case unionfs::FileType::Socket: return kernel::FileType::Socket;
    case unionfs::FileType::Regular:
    case unionfs::FileType::HardLink: return kernel::FileType::Regular;
    }
    return kernel::FileType::Regular;
}

kernel::Attributes attributes_of(unionfs::Attributes const& a)
{
    return { .type = type_of(a.type),
        .mode = a.mode,
        .uid = a.uid,
        .gid = a.gid,
        .size = a.size,
        .mtime = a.mtime,
        .links = a.links,
        .inode = a.inode,
        .device_major = a.device_major,
        .device_minor = a.device_minor };
}

// The kernel has applied the umask already.
unionfs::Caller caller_of(kernel::Owner owner)
{
    return { .uid = owner.uid, .gid = owner.gid, .umask = 0 };
}

class UnionFileSystem final : public kernel::FileSystem {
public:
    explicit UnionFileSystem(std::shared_ptr<unionfs::UnionMount> mount)
        : m_mount(std::move(mount))
    {
    }
    Result<kernel::Attributes> stat(std::string const& path) const override
    {
        return attributes_of(TRY(m_mount->stat(path)));
    }
    Result<std::vector<kernel::DirectoryEntry>> list(std::string const& path) const override
    {
        std::vector<kernel::DirectoryEntry> entries;
        for (auto const& entry : TRY(m_mount->list(path)))
            entries.push_back({ entry.name, attributes_of(entry.attributes) });
        return entries;
    }
    Result<std::string> read_link(std::string const& path) const override { return m_mount->read_link(path); }
    Result<std::size_t> read(std::string const& path, std::uint64_t offset, std::span<char> buffer) const override
    {
        return m_mount->read(path, offset, buffer);
    }
    Result<void> create(std::string const& path, std::uint32_t mode, kernel::Owner owner) override
    {
        return m_mount->create(path, mode, caller_of(owner));
    }
    Result<void> write(std::string const& path, std::uint64_t offset, std::string_view bytes) override
    {
        return m_mount->write(path, offset, bytes);
    }
    Result<void> truncate(std::string const& path, std::uint64_t size) override
    {
        return m_mount->truncate(path, size);
    }
    Result<void> make_directory(std::string const& path, std::uint32_t mode, kernel::Owner owner) override
    {
        return m_mount->make_directory(path, mode, caller_of(owner));
    }
    Result<void> make_symlink(std::string const& path, std::string const& target, kernel::Owner owner) override
    {
        return m_mount->make_symlink(path, target, caller_of(owner));
    }
    Result<void> link(std::string const& existing, std::string const& path) override
    {
        return m_mount->link(existing, path);
    }
    Result<void> unlink(std::string const& path) override { return m_mount->unlink(path); }
    Result<void> remove_directory(std::string const& path) override { return m_mount->remove_directory(path); }
    Result<void> rename(std::string const& from, std::string const& to) override { return m_mount->rename(from, to); }
    Result<void> change_mode(std::string const& path, std::uint32_t mode) override
    {
        return m_mount->change_mode(path, mode);
    }
    Result<void> change_owner(std::string const& path, kernel::Owner owner) override
    {
        return m_mount->change_owner(path, owner.uid, owner.gid);
    }
    Result<void> set_mtime(std::string const& path, std::int64_t mtime) override
    {
        return m_mount->set_times(path, mtime, mtime);
    }

private:
    std::shared_ptr<unionfs::UnionMount> m_mount;
};

}

std::shared_ptr<kernel::FileSystem> make_union_file_system(std::shared_ptr<unionfs::UnionMount> mount)
{
    return std::make_shared<UnionFileSystem>(std::move(mount));
}

}
