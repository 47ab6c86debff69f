// drydock-guest-init: the first process of a guest machine. What a container gets from the engine before its program
// runs, a guest has to do itself once its kernel is up: mount /proc, /sys and /dev, change into the directory, set the
// environment, execute. It tells the monitor how far it is by writing a letter to a port, waits for the program, and
// resets the machine, for nobody else is there to do it; or stays, as machines do.
//
// What to run stands in /.drydock-command: texts that end in NUL: "reset" or "stay", the directory, the number of
// arguments, these, and the environment.

#include <fcntl.h>
#include <linux/capability.h>
#include <sys/io.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/reboot.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <initializer_list>

namespace {

constexpr unsigned short phase_port = 0xe9; // PortBus::phase_port
constexpr long command_most = 128 << 10;
constexpr int words_most = 1024;

// A kernel that is a process (User-Mode Linux) has no ports; its first serial line (vmm::marks_line) stands in.
bool has_ports = false;
int marks = -1;

void open_marks()
{
    has_ports = ioperm(phase_port, 1, 1) == 0;
    if (has_ports)
        return;
    constexpr char const* device = "/.drydock-marks"; // nothing has been mounted on /dev yet
    constexpr unsigned serial_lines = 4, first_line = 64;
    if (mknod(device, S_IFCHR | 0600, makedev(serial_lines, first_line)) != 0)
        return;
    marks = open(device, O_WRONLY | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
    unlink(device);
}

void tell(unsigned char phase)
{
    if (has_ports)
        outb(phase, phase_port);
    else if (marks >= 0 && write(marks, &phase, 1) != 1)
        marks = -1; // nobody listens
}

void mount_or_not(char const* source, char const* target, char const* type)
{
    mkdir(target, 0755);
    if (mount(source, target, type, 0, nullptr) != 0)
        std::perror(target); // the image's program may do without
}

void write_setting(char const* path, char const* value)
{
    int const file = open(path, O_WRONLY | O_CLOEXEC);
    if (file >= 0 && write(file, value, std::strlen(value)) < 0)
        std::perror(path);
    close(file);
}

// A kernel that is a process is its host's user's: code in it has left the machine. So nothing that the image brings
// gets there: no module, no program that the kernel itself would start, no way to change these settings.
void close_ways_into_the_kernel()
{
    write_setting("/proc/sys/kernel/modules_disabled", "1");
    write_setting("/proc/sys/kernel/modprobe", "\n");
    write_setting("/proc/sys/kernel/core_pattern", "core\n");
    write_setting("/sys/kernel/uevent_helper", "\n");
    mount("/proc/sys", "/proc/sys", nullptr, MS_BIND, nullptr);
    bool const settings_closed = mount(nullptr, "/proc/sys", nullptr, MS_BIND | MS_REMOUNT | MS_RDONLY, nullptr) == 0;
    bool const devices_closed = mount(nullptr, "/sys", nullptr, MS_REMOUNT | MS_RDONLY, nullptr) == 0;
    if (!settings_closed || !devices_closed) {
        std::perror("drydock-guest-init: read-only /proc/sys and /sys");
        _exit(1);
    }
}

// Root, but not over the kernel.
void drop_power_over_the_kernel()
{
    for (int const capability : { CAP_SYS_MODULE, CAP_SYS_RAWIO, CAP_SYS_ADMIN, CAP_SYS_PTRACE, CAP_SYS_BOOT, CAP_MKNOD,
             CAP_SETPCAP, CAP_BPF, CAP_PERFMON, CAP_MAC_ADMIN, CAP_MAC_OVERRIDE, CAP_LINUX_IMMUTABLE }) {
        if (prctl(PR_CAPBSET_DROP, capability, 0, 0, 0) != 0) {
            std::perror("prctl(2)");
            _exit(127);
        }
    }
}

struct Command {
    bool stays;
    char* directory;
    char** arguments;
    char** environment;
};

char text[command_most + 1];
char* words[words_most + 2];

bool read_command(Command& command)
{
    int const file = open("/.drydock-command", O_RDONLY | O_CLOEXEC);
    long const size = file < 0 ? -1 : read(file, text, command_most);
    if (size <= 0)
        return false;
    char* at = text;
    char* const end = text + size;
    auto const next = [&]() -> char* {
        char* const word = at;
        while (at < end && *at != '\0')
            ++at;
        ++at;
        return word;
    };
    command.stays = std::strcmp(next(), "stay") == 0;
    command.directory = next();
    long const count = std::strtol(next(), nullptr, 10);
    if (count < 1 || count > words_most / 2)
        return false;
    int filled = 0;
    command.arguments = words;
    for (long i = 0; i < count && at < end; ++i)
        words[filled++] = next();
    words[filled++] = nullptr;
    command.environment = words + filled;
    while (at < end && filled < words_most)
        words[filled++] = next();
    words[filled] = nullptr;
    return true;
}

[[noreturn]] void become(Command const& command)
{
    setsid();
    if (chdir(command.directory) != 0)
        std::perror(command.directory);
    clearenv();
    for (char** variable = command.environment; *variable != nullptr; ++variable)
        putenv(*variable); // PATH counts for execvp
    if (!has_ports)
        drop_power_over_the_kernel();
    execvp(command.arguments[0], command.arguments);
    std::perror(command.arguments[0]);
    _exit(127);
}

}

int main()
{
    open_marks();
    tell('i');
    mount_or_not("proc", "/proc", "proc");
    mount_or_not("sysfs", "/sys", "sysfs");
    mount_or_not("devtmpfs", "/dev", "devtmpfs");
    mount_or_not("tmpfs", "/tmp", "tmpfs");
    sethostname("guest", 5);
    if (!has_ports)
        close_ways_into_the_kernel();
    Command command {};
    if (!read_command(command))
        std::fputs("drydock-guest-init: there is no command to run\n", stderr);
    else {
        tell('a');
        pid_t const child = fork();
        if (child == 0)
            become(command);
        // As the first process it inherits whatever the program leaves behind, and waits for the program alone.
        int status = 0;
        while (child > 0 && waitpid(-1, &status, 0) != child) { }
        std::printf("drydock-guest-init: exit %d\n", WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
        std::fflush(stdout);
        // The serial line drains before the machine goes.
        if (int const console = open("/dev/console", O_WRONLY | O_CLOEXEC); console >= 0)
            fsync(console);
    }
    tell('e');
    while (command.stays) {
        if (waitpid(-1, nullptr, 0) < 0) // what the program left behind
            pause();
    }
    sync();
    // A machine ends by a reset; a kernel that is a process would begin again.
    reboot(has_ports ? RB_AUTOBOOT : RB_POWER_OFF);
    _exit(1);
}
