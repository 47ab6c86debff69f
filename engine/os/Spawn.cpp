#include "engine/os/Spawn.h"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>

namespace drydock::os {

namespace {

std::vector<char*> pointers_to(std::vector<std::string>& texts)
{
    std::vector<char*> pointers;
    pointers.reserve(texts.size() + 1);
    for (auto& text : texts)
        pointers.push_back(text.data());
    pointers.push_back(nullptr);
    return pointers;
}

}

Spawn::Spawn(std::vector<std::string> words)
    : m_words(std::move(words))
{
    ::posix_spawn_file_actions_init(&m_actions);
    ::posix_spawnattr_init(&m_attributes);
}

Spawn::~Spawn()
{
    ::posix_spawnattr_destroy(&m_attributes);
    ::posix_spawn_file_actions_destroy(&m_actions);
}

Spawn& Spawn::program(std::string path)
{
    m_program = std::move(path);
    return *this;
}

Spawn& Spawn::environment(std::vector<std::string> variables)
{
    m_environment = std::move(variables);
    return *this;
}

Spawn& Spawn::give(int ours, int its)
{
    ::posix_spawn_file_actions_adddup2(&m_actions, ours, its);
    return *this;
}

Spawn& Spawn::open(int its, std::string const& path, int flags)
{
    ::posix_spawn_file_actions_addopen(&m_actions, its, path.c_str(), flags, 0600);
    return *this;
}

Spawn& Spawn::own_group()
{
    ::posix_spawnattr_setpgroup(&m_attributes, 0);
    m_flags |= POSIX_SPAWN_SETPGROUP;
    return *this;
}

Spawn& Spawn::clear_signal_mask()
{
    sigset_t none;
    ::sigemptyset(&none);
    ::posix_spawnattr_setsigmask(&m_attributes, &none);
    m_flags |= POSIX_SPAWN_SETSIGMASK;
    return *this;
}

Spawn& Spawn::default_signals()
{
    sigset_t all;
    ::sigfillset(&all);
    ::posix_spawnattr_setsigdefault(&m_attributes, &all);
    m_flags |= POSIX_SPAWN_SETSIGDEF;
    return *this;
}

Result<pid_t> Spawn::start()
{
    ::posix_spawnattr_setflags(&m_attributes, m_flags);
    auto const words = pointers_to(m_words);
    auto const variables = m_environment ? pointers_to(*m_environment) : std::vector<char*> {};
    auto* const* const environment = m_environment ? variables.data() : environ;
    pid_t pid = -1;
    auto const error = m_program.empty()
        ? ::posix_spawnp(&pid, words[0], &m_actions, &m_attributes, words.data(), environment)
        : ::posix_spawn(&pid, m_program.c_str(), &m_actions, &m_attributes, words.data(), environment);
    if (error != 0)
        return fail(Error::from_errno("posix_spawn(3)", error));
    return pid;
}

int wait_for(pid_t pid)
{
    int status = 0;
    while (::waitpid(pid, &status, 0) < 0 && errno == EINTR) { }
    return status;
}

}
