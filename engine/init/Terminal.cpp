#include "engine/init/Terminal.h"

#include <fcntl.h>
#include <linux/magic.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/vfs.h>
#include <termios.h>

#include <cerrno>

namespace drydock::init {

namespace {

os::Fd set_up(Spec const& spec, os::Fd const& master, Steps& steps)
{
    struct statfs status { };
    if (!master || ::fstatfs(master.get(), &status) != 0)
        steps.fail_errno("opening a terminal", "open(\"/dev/pts/ptmx\")", errno);
    // A container could have put something of its own there.
    if (status.f_type != DEVPTS_SUPER_MAGIC)
        steps.fail(FailureKind::InvalidInput, "/dev/pts/ptmx of the container is not a terminal multiplexer");
    int unlock = 0;
    steps.must("unlocking the terminal", "ioctl(2)", "TIOCSPTLCK, 0", ::ioctl(master.get(), TIOCSPTLCK, &unlock));
    winsize const size { spec.rows, spec.columns, 0, 0 };
    steps.must("setting the terminal's size", "ioctl(2)",
        "TIOCSWINSZ, " + std::to_string(spec.rows) + "x" + std::to_string(spec.columns),
        ::ioctl(master.get(), TIOCSWINSZ, &size));
    os::Fd slave(static_cast<int>(steps.must("opening the terminal's other side", "ioctl(2)", "TIOCGPTPEER",
        ::ioctl(master.get(), TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC))));
    steps.report(TerminalReport {}, master.get());
    steps.flush();
    return slave;
}

}

os::Fd make_terminal(Spec const& spec, Tree& tree)
{
    auto slave = set_up(spec, tree.open_strictly("/dev/pts/ptmx", O_RDWR | O_NOCTTY), tree.steps());
    tree.mount_on(tree.file("/dev/console"), "/dev/console", { fd_path(slave), "bind", MS_BIND, {}, "/dev/pts/0" });
    return slave;
}

os::Fd open_terminal(Spec const& spec, Steps& steps)
{
    return set_up(spec, os::Fd(::open("/dev/pts/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC | O_NOFOLLOW)), steps);
}

}
