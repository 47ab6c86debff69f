// drydock mount: our union filesystem by itself, over plain directories, with overlay-style options. Also as the mount
// helper mount.fuse.drydock: `mount -t fuse.drydock none DIR -o lowerdir=…`.

#include "engine/os/Fd.h"
#include "engine/unionfs/FuseServer.h"
#include "engine/unionfs/OverlayOptions.h"
#include "visual/app/Commands.h"
#include "visual/app/Signals.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>

namespace drydock::app {

namespace {

Error with_remedy(Error error)
{
    if (error.errno_code() != EPERM && error.errno_code() != EACCES)
        return error;
    return { error.kind(),
        error.message()
            + ". Mounting is for root, or for a namespace of your own: unshare --user --map-root-user --mount" };
}

// Mounts, tells `ready`, and answers until somebody unmounts it or a signal ends it.
int serve_mount(MountOptions const& options, os::Fd ready)
{
    auto const signals = block_ending_signals();
    auto const parsed = unionfs::OverlayOptions::parse(options.options);
    if (!parsed) {
        complain(parsed.error());
        return 2;
    }
    auto stack = unionfs::open_stack(*parsed);
    if (!stack)
        return complain(stack.error());
    auto const tree = std::make_shared<unionfs::UnionMount>(std::move(*stack), ContainerId {}, trace::Publisher {});
    auto mount = unionfs::FuseMount::mount(options.directory, tree);
    if (!mount)
        return complain(with_remedy(mount.error()));
    on_ending_signal(signals, [directory = options.directory] { ::umount2(directory.c_str(), MNT_DETACH); });
    if (ready) {
        char const done = 0;
        static_cast<void>(::write(ready.get(), &done, 1));
        ready = os::Fd();
    }
    (*mount)->wait_until_unmounted();
    return 0;
}

// In a process of its own, which goes on when this one has seen the mount.
int serve_in_background(MountOptions const& options)
{
    std::array<int, 2> ends {};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0)
        return complain(Error::from_errno("pipe2(2)", errno));
    os::Fd read_end(ends[0]);
    os::Fd write_end(ends[1]);
    auto const child = ::fork();
    if (child == -1)
        return complain(Error::from_errno("fork(2)", errno));
    if (child == 0) {
        read_end = os::Fd();
        ::setsid();
        static_cast<void>(::chdir("/")); // so that it keeps no directory busy
        std::_Exit(serve_mount(options, std::move(write_end)));
    }
    write_end = os::Fd();
    char done = 0;
    if (::read(read_end.get(), &done, 1) == 1)
        return 0;
    int status = 0; // it could not mount, and has said why
    ::waitpid(child, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}

}

int mount(MountOptions options)
{
    std::error_code error;
    auto const directory = std::filesystem::canonical(options.directory, error);
    if (error || !std::filesystem::is_directory(directory, error)) {
        fmt::print(
            stderr, "drydock mount: {} is no directory. Make it, then mount on it.\n", options.directory.string());
        return 1;
    }
    options.directory = directory;
    return options.foreground ? serve_mount(options, {}) : serve_in_background(options);
}

}
