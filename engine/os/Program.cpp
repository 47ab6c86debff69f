#include "engine/os/Program.h"

#include "engine/os/Fd.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>

namespace drydock::os {

namespace {

constexpr std::size_t most_complaint = 4096; // bytes of standard error that are told

class SpawnActions {
public:
    explicit SpawnActions(int complaints)
    {
        ::posix_spawn_file_actions_init(&m_actions);
        ::posix_spawn_file_actions_addopen(&m_actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
        ::posix_spawn_file_actions_addopen(&m_actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
        ::posix_spawn_file_actions_adddup2(&m_actions, complaints, STDERR_FILENO);
    }
    ~SpawnActions() { ::posix_spawn_file_actions_destroy(&m_actions); }
    SpawnActions(SpawnActions const&) = delete;
    SpawnActions& operator=(SpawnActions const&) = delete;
    posix_spawn_file_actions_t const* get() const { return &m_actions; }

private:
    posix_spawn_file_actions_t m_actions {};
};

std::string read_back(Fd const& file)
{
    std::array<char, most_complaint> buffer {};
    auto const size = ::pread(file.get(), buffer.data(), buffer.size(), 0);
    std::string text(buffer.data(), static_cast<std::size_t>(std::max<ssize_t>(size, 0)));
    while (!text.empty() && text.back() == '\n')
        text.pop_back();
    return text;
}

}

Result<void> run_program(std::vector<std::string> const& words)
{
    std::vector<char*> arguments;
    arguments.reserve(words.size() + 1);
    for (auto const& word : words)
        arguments.push_back(const_cast<char*>(word.c_str())); // as execve(2) wants them; it does not write
    arguments.push_back(nullptr);
    Fd const complaints(::memfd_create("complaints", MFD_CLOEXEC));
    SpawnActions const actions(complaints.get());
    pid_t child = 0;
    if (auto const error = ::posix_spawnp(&child, arguments[0], actions.get(), nullptr, arguments.data(), environ);
        error != 0)
        return fail(Error::from_errno("posix_spawnp(3)", error).with_context("running " + words.front()));
    int status = 0;
    while (::waitpid(child, &status, 0) < 0 && errno == EINTR) { }
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
        return {};
    return fail(ErrorKind::Unavailable, words.front() + " did not succeed: " + read_back(complaints));
}

}
