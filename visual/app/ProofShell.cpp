#include "visual/app/ProofShell.h"

#include "engine/os/Spawn.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <vector>

extern char** environ; // NOLINT: the name is POSIX's

namespace drydock::app {

namespace {

using SteadyClock = std::chrono::steady_clock;

// What this process has in its environment, with ours in place of what it may say of the same.
std::vector<std::string> environment(ShellPlace const& place)
{
    std::vector<std::string> variables { "DOCKER_HOST=" + place.docker_host, "DATA_ROOT=" + place.data_root.string(),
        "DRYDOCK=" + place.program.string() };
    for (auto** variable = environ; *variable != nullptr; ++variable) {
        std::string const text(*variable);
        if (!text.starts_with("DOCKER_") && !text.starts_with("DATA_ROOT=") && !text.starts_with("DRYDOCK="))
            variables.push_back(text);
    }
    return variables;
}

// The shell in a process group of its own, so that all it started can be ended; both its streams go to `output`.
Result<pid_t> spawn_shell(std::string const& script, ShellPlace const& place, int output)
{
    return os::Spawn({ "sh", "-c", script })
        .program("/bin/sh")
        .environment(environment(place))
        .open(STDIN_FILENO, "/dev/null", O_RDONLY)
        .give(output, STDOUT_FILENO)
        .give(output, STDERR_FILENO)
        .own_group()
        .clear_signal_mask() // the window blocks some that a shell wants
        .start();
}

// Reads until the other end closes; false where that was not so in time.
bool read_all(
    int descriptor, ShellOutput& output, SteadyClock::time_point deadline, std::function<bool()> const& wanted)
{
    std::array<char, 4096> buffer {};
    while (SteadyClock::now() < deadline && wanted()) {
        pollfd ready { descriptor, POLLIN, 0 };
        if (::poll(&ready, 1, 50) <= 0)
            continue;
        auto const count = ::read(descriptor, buffer.data(), buffer.size());
        if (count < 0 && errno == EINTR)
            continue;
        if (count <= 0)
            return true;
        auto const room = output_kept - output.text.size();
        auto const taken = std::min(static_cast<std::size_t>(count), room);
        output.text.append(buffer.data(), taken);
        output.cut = output.cut || taken < static_cast<std::size_t>(count);
    }
    return false;
}

}

ShellOutput run_in_shell(std::string const& command, ShellPlace const& place, std::chrono::milliseconds limit,
    std::function<bool()> const& wanted)
{
    ShellOutput output;
    std::array<int, 2> ends {};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) {
        output.text = std::string("pipe2(2): ") + std::strerror(errno);
        return output;
    }
    os::Fd const reading(ends[0]);
    os::Fd writing(ends[1]);
    auto const script = "command -v docker >/dev/null 2>&1 || docker() { \"$DRYDOCK\" docker \"$@\"; }\n" + command;
    auto const process = spawn_shell(script, place, writing.get());
    writing = os::Fd(); // else the pipe never ends
    if (!process) {
        output.text = "posix_spawn(3): /bin/sh could not be started";
        return output;
    }
    bool const ended = read_all(reading.get(), output, SteadyClock::now() + limit, wanted);
    if (!ended)
        ::kill(-*process, SIGKILL);
    auto const status = os::wait_for(*process);
    if (ended)
        output.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    return output;
}

}
