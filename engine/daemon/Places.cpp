#include "engine/daemon/Places.h"

#include "engine/os/Fd.h"
#include "engine/unionfs/DirectoryBranch.h"

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/syscall.h>

#include <cerrno>

namespace drydock::daemon {

std::string plain_path(std::string const& path)
{
    auto plain = ("/" + path);
    plain = std::filesystem::path(plain).lexically_normal().string();
    while (plain.size() > 1 && plain.ends_with('/'))
        plain.pop_back();
    return plain.starts_with("//") ? plain.substr(1) : plain;
}

bool is_engine_file(std::string const& path)
{
    return path == "/etc/hostname" || path == "/etc/hosts" || path == "/etc/resolv.conf";
}

namespace {

bool is_below(std::string const& path, std::string const& directory)
{
    return path == directory || path.starts_with(directory + "/");
}

// A directory of the host as a tree.
Result<std::shared_ptr<unionfs::UnionMount>> tree_of(std::filesystem::path const& directory)
{
    unionfs::Stack stack;
    stack.layers.push_back(TRY(unionfs::DirectoryBranch::open(directory)));
    stack.diff_ids.push_back({ oci::Digest::of("") });
    return std::make_shared<unionfs::UnionMount>(std::move(stack), ContainerId {}, trace::Publisher());
}

// The innermost mount that `path` lies in.
MountPoint const* mount_of(ContainerRecord const& record, std::string const& path)
{
    MountPoint const* found = nullptr;
    for (auto const& mount : record.mounts) {
        if (is_below(path, mount.target) && (found == nullptr || mount.target.size() > found->target.size()))
            found = &mount;
    }
    return found;
}

// /etc as the process `pid` has it; a symlink of the container's stays inside its root.
Result<std::shared_ptr<unionfs::UnionMount>> etc_of(std::int64_t pid)
{
    auto const root_path = "/proc/" + std::to_string(pid) + "/root";
    os::Fd const root(::open(root_path.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
    open_how how {};
    how.flags = O_PATH | O_DIRECTORY | O_CLOEXEC;
    how.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS;
    os::Fd const etc(static_cast<int>(::syscall(SYS_openat2, root.get(), "/etc", &how, sizeof how)));
    if (!etc)
        return fail(Error::from_errno("openat2(2)", errno).with_context("opening /etc of the container"));
    return tree_of("/proc/self/fd/" + std::to_string(etc.get()));
}

Result<FilePlace> place_in_mount(Engine& engine, MountPoint const& mount, std::string const& path, Purpose purpose)
{
    auto rest = path.substr(mount.target.size());
    FilePlace place {
        .tree = nullptr, .path = rest.empty() ? "/" : rest, .read_only = mount.read_only, .mounted = true
    };
    switch (mount.kind) {
    case MountKind::Volume: place.tree = TRY(engine.volumes.open(mount.source)); return place;
    case MountKind::Bind: {
        if (auto* const disk = engine.config.disk.get()) {
            place.tree = TRY(disk->tree());
            place.path = TRY(place.tree->resolve(mount.source)) + rest;
            return place;
        }
        if (purpose == Purpose::Writing)
            return fail(ErrorKind::NotSupported,
                mount.target + " is the host's directory " + mount.source + ": copy it there without docker");
        place.tree = TRY(tree_of(mount.source));
        return place;
    }
    case MountKind::Tmpfs:
        return fail(ErrorKind::NotSupported, mount.target + " is a tmpfs, which only the container itself can see");
    }
    return place;
}

}

Result<FilePlace> find_place(Engine& engine, Container const& container, std::string const& path, Purpose purpose)
{
    auto const record = container.record();
    auto const plain = plain_path(path);
    if (auto const* const mount = mount_of(record, plain))
        return place_in_mount(engine, *mount, plain, purpose);
    FilePlace place { .tree = nullptr, .path = plain, .read_only = record.host.read_only_root };
    bool const is_live = engine.roots.driver() != StorageDriver::Simulated && record.state.running();
    if (is_live && purpose == Purpose::Reading && is_engine_file(plain)) {
        place.tree = TRY(etc_of(record.state.pid));
        place.path = plain.substr(plain.rfind('/'));
        return place;
    }
    bool const held_by_kernel = engine.roots.driver() == StorageDriver::Overlay && record.state.running();
    if (held_by_kernel && purpose == Purpose::Writing)
        return fail(ErrorKind::Conflict,
            "container " + record.name
                + " is running on the kernel's overlayfs, whose layers must not be changed behind its back: stop it "
                  "first, or run the daemon with --storage-driver fuse");
    if (held_by_kernel || purpose == Purpose::Looking)
        place.tree = TRY(engine.roots.look_into(record));
    else
        place.tree = TRY(engine.roots.open(record));
    // A symlink of the image may lead into a mount.
    if (auto const resolved = place.tree->resolve(plain)) {
        if (auto const* const mount = mount_of(record, *resolved))
            return place_in_mount(engine, *mount, *resolved, purpose);
    }
    return place;
}

}
