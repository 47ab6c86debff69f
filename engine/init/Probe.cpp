#include "engine/init/Probe.h"

#include "engine/init/UserNamespace.h"
#include "engine/os/Fd.h"

#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>

namespace drydock::init {

namespace {

void enter_namespaces(Steps& steps)
{
    if (::geteuid() != 0)
        become_root_inside(steps);
    steps.must("making a mount namespace", "unshare(2)", "CLONE_NEWNS", ::unshare(CLONE_NEWNS));
    steps.must("making every mount private", "mount(2)", R"(NULL, "/", NULL, MS_REC|MS_PRIVATE, NULL)",
        ::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr));
}

// Nobody else sees what is mounted over /tmp here.
void make_workbench(Steps& steps)
{
    enter_namespaces(steps);
    steps.must("mounting a tmpfs", "mount(2)", R"("tmpfs", "/tmp", "tmpfs", 0, NULL)",
        ::mount("tmpfs", "/tmp", "tmpfs", 0, nullptr));
    for (char const* directory : { "/tmp/lower", "/tmp/upper", "/tmp/work", "/tmp/merged" })
        steps.must("making a directory", "mkdir(2)", quoted(directory) + ", 0755", ::mkdir(directory, 0755));
}

void try_user_namespace(Steps& steps)
{
    become_root_inside(steps);
}

void try_overlay(Steps& steps)
{
    make_workbench(steps);
    constexpr char const* options = "lowerdir=/tmp/lower,upperdir=/tmp/upper,workdir=/tmp/work,userxattr";
    steps.must("mounting an overlay", "mount(2)", R"("overlay", "/tmp/merged", "overlay", 0, )" + quoted(options),
        ::mount("overlay", "/tmp/merged", "overlay", 0, options));
}

void try_fuse(Steps& steps)
{
    make_workbench(steps);
    os::Fd const device(static_cast<int>(
        steps.must("opening /dev/fuse", "open(2)", R"("/dev/fuse", O_RDWR)", ::open("/dev/fuse", O_RDWR | O_CLOEXEC))));
    auto const options = "fd=" + std::to_string(device.get()) + ",rootmode=40000,user_id=0,group_id=0";
    steps.must("mounting through FUSE", "mount(2)", R"("probe", "/tmp/merged", "fuse", 0, )" + quoted(options),
        ::mount("probe", "/tmp/merged", "fuse", 0, options.c_str()));
}

void try_kvm(Steps& steps)
{
    os::Fd const device(static_cast<int>(
        steps.must("opening /dev/kvm", "open(2)", R"("/dev/kvm", O_RDWR)", ::open("/dev/kvm", O_RDWR | O_CLOEXEC))));
}

struct Trial {
    char const* name;
    void (*body)(Steps&);
};
constexpr std::array<Trial, 4> trials { { { "user namespaces", try_user_namespace }, { "overlay", try_overlay },
    { "fuse", try_fuse }, { "kvm", try_kvm } } };

}

int run_probe()
{
    for (auto const& trial : trials) {
        auto const child = ::fork();
        if (child == 0) {
            Steps steps(control_fd);
            steps.report(PhaseReport { trial.name });
            trial.body(steps);
            steps.flush();
            ::_exit(0);
        }
        while (child > 0 && ::waitpid(child, nullptr, 0) == -1 && errno == EINTR) { }
    }
    return 0;
}

}
