#include "engine/compare/Caretaker.h"

#include "engine/os/Spawn.h"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <utility>

namespace drydock::compare {

namespace {

constexpr char const* clears_away
    = "read -r nothing; [ \"$1\" = 0 ] || kill -KILL \"-$1\"; [ -z \"$2\" ] || rm -rf -- \"$2\"";

}

Result<Caretaker> Caretaker::watch(pid_t group, std::filesystem::path const& directory)
{
    int ends[2] {};
    if (::pipe2(ends, O_CLOEXEC) != 0)
        return failed("pipe2(2)", errno);
    os::Fd const waits(ends[0]);
    os::Fd lifeline(ends[1]);
    os::Spawn shell({ "sh", "-c", clears_away, "drydock-caretaker", std::to_string(group), directory.string() });
    shell.give(waits.get(), STDIN_FILENO)
        .open(STDOUT_FILENO, "/dev/null", O_WRONLY)
        .open(STDERR_FILENO, "/dev/null", O_WRONLY)
        .own_group() // what ends ours must not end it
        .clear_signal_mask();
    auto const pid = TRY_WITH("sh", shell.start());
    return Caretaker(pid, std::move(lifeline));
}

Caretaker::Caretaker(Caretaker&& other) noexcept
    : m_pid(std::exchange(other.m_pid, -1))
    , m_lifeline(std::move(other.m_lifeline))
{
}

Caretaker::~Caretaker()
{
    if (m_pid < 0)
        return;
    ::kill(m_pid, SIGKILL); // before its pipe is closed
    os::wait_for(m_pid);
}

}
