#pragma once

// Shows a UnionMount to the kernel: answers what arrives on an open /dev/fuse (libfuse's low-level interface), so that
// real programs live on it and each first lookup, copy-up and whiteout can be watched.
//
// The kernel keeps names, attributes and pages as long as it likes, since all changes pass through here; it also
// checks permissions itself (default_permissions). So a warm file costs what it costs on any filesystem.

#include "engine/os/Fd.h"
#include "engine/unionfs/UnionMount.h"

#include <filesystem>

namespace drydock::unionfs {

class FuseServer {
public:
    // `device` must already be mounted with mount_options(). It may have been opened and mounted in another user and
    // mount namespace, and passed here. Requests that wait in it are answered from now on.
    static Result<std::unique_ptr<FuseServer>> serve(os::Fd device, std::shared_ptr<UnionMount>);
    // Ends all threads and closes the device. A mount that is still there answers ENOTCONN from then on.
    ~FuseServer();

    // Blocks until the filesystem is unmounted.
    void wait_until_unmounted();

    // For mount(2), with type "fuse.drydock"; user_id and group_id are those of the mounting user namespace.
    static std::string mount_options(int device);

private:
    FuseServer() = default;
    struct Impl;
    std::unique_ptr<Impl> m_impl;
};

// A mount in our own mount namespace, for tests and `drydock mount`: needs the right to mount.
class FuseMount {
public:
    static Result<std::unique_ptr<FuseMount>> mount(std::filesystem::path const& target, std::shared_ptr<UnionMount>);
    ~FuseMount();                                                     // unmounts, then ends the server
    void wait_until_unmounted() { m_server->wait_until_unmounted(); } // by somebody else

private:
    FuseMount(std::filesystem::path target, std::unique_ptr<FuseServer> server);
    std::filesystem::path m_target;
    std::unique_ptr<FuseServer> m_server;
};

}
