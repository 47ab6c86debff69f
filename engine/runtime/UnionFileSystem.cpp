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
    UnionFileSystem(std::shared_ptr<unionfs::UnionMount> mount, std::string below)
        : m_mount(std::move(mount))
        , m_below(std::move(below))
    {
    }
    Result<kernel::Attributes> stat(std::string const& path) const override
    {
        return attributes_of(TRY(m_mount->stat(at(path))));
    }
    Result<std::vector<kernel::DirectoryEntry>> list(std::string const& path) const override
    {
        std::vector<kernel::DirectoryEntry> entries;
        for (auto const& entry : TRY(m_mount->list(at(path))))
            entries.push_back({ entry.name, attributes_of(entry.attributes) });
        return entries;
    }
    Result<std::string> read_link(std::string const& path) const override { return m_mount->read_link(at(path)); }
    Result<std::size_t> read(std::string const& path, std::uint64_t offset, std::span<char> buffer) const override
    {
        return m_mount->read(at(path), offset, buffer);
    }
    Result<void> create(std::string const& path, std::uint32_t mode, kernel::Owner owner) override
    {
        return m_mount->create(at(path), mode, caller_of(owner));
    }
    Result<void> write(std::string const& path, std::uint64_t offset, std::string_view bytes) override
    {
        return m_mount->write(at(path), offset, bytes);
    }
    Result<void> truncate(std::string const& path, std::uint64_t size) override
    {
        return m_mount->truncate(at(path), size);
    }
    Result<void> make_directory(std::string const& path, std::uint32_t mode, kernel::Owner owner) override
    {
        return m_mount->make_directory(at(path), mode, caller_of(owner));
    }
    Result<void> make_symlink(std::string const& path, std::string const& target, kernel::Owner owner) override
    {
        return m_mount->make_symlink(at(path), target, caller_of(owner));
    }
    Result<void> make_node(std::string const& path, kernel::Attributes const& node) override
    {
        auto const type = node.type == kernel::FileType::Fifo ? unionfs::FileType::Fifo
            : node.type == kernel::FileType::BlockDevice      ? unionfs::FileType::BlockDevice
                                                              : unionfs::FileType::CharDevice;
        return m_mount->make_node(
            at(path), type, node.mode, node.device_major, node.device_minor, caller_of({ node.uid, node.gid }));
    }
    Result<void> link(std::string const& existing, std::string const& path) override
    {
        return m_mount->link(at(existing), at(path));
    }
    Result<void> unlink(std::string const& path) override { return m_mount->unlink(at(path)); }
    Result<void> remove_directory(std::string const& path) override { return m_mount->remove_directory(at(path)); }
    Result<void> rename(std::string const& from, std::string const& to) override
    {
        return m_mount->rename(at(from), at(to));
    }
    Result<void> change_mode(std::string const& path, std::uint32_t mode) override
    {
        return m_mount->change_mode(at(path), mode);
    }
    Result<void> change_owner(std::string const& path, kernel::Owner owner) override
    {
        return m_mount->change_owner(at(path), owner.uid, owner.gid);
    }
    Result<void> set_mtime(std::string const& path, std::int64_t mtime) override
    {
        return m_mount->set_times(at(path), mtime, mtime);
    }

private:
    // "/" is the object at `below` itself, be it a directory or a file.
    std::string at(std::string const& path) const
    {
        return m_below.empty() ? path : path == "/" ? m_below : m_below + path;
    }

    std::shared_ptr<unionfs::UnionMount> m_mount;
    std::string m_below; // without a slash at its end
};

}

std::shared_ptr<kernel::FileSystem> make_union_file_system(
    std::shared_ptr<unionfs::UnionMount> mount, std::string const& below)
{
    return std::make_shared<UnionFileSystem>(std::move(mount), below == "/" ? std::string() : below);
}

}
